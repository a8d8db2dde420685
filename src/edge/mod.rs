//! Floor 4: the Worker.
//!
//! In scope: HTTP in and out, the bindings, authentication, what the platform calls.
//! Out of scope: every decision that can be made without the platform; those are made below.

mod admin;
mod archive;
mod boundaries;
pub(crate) mod clock;
mod config;
mod country;
mod fetch;
mod flights;
mod guard;
mod in_time;
mod ingest_stub;
mod listed;
mod listen;
mod live;
mod made;
mod problem;
pub(crate) mod pull;
mod push;
pub(crate) mod queue;
pub(crate) mod region_stub;
mod reply;

use worker::{Bucket, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent};
use worker::{console_error, event};

pub(crate) use archive::{MSGPACK, metadata, read_minute};
pub(crate) use boundaries::{boundaries, source as boundaries_source};
pub(crate) use config::Config;
pub(crate) use in_time::in_time;
pub(crate) use ingest_stub::forget_latest;
pub(crate) use problem::Problem;
pub(crate) use push::Receipt;
pub(crate) use reply::marked;

/// The bindings' names, as wrangler.toml has them.
mod binding {
    pub(super) const REGION: &str = "REGION";
    pub(super) const INGEST: &str = "INGEST";
    pub(super) const ARCHIVE: &str = "ARCHIVE";
    pub(super) const BOUNDARIES: &str = "BOUNDARIES";
    pub(super) const JOBS: &str = "JOBS";
    pub(super) const ASSETS: &str = "ASSETS";
    pub(super) const LIVE_LIMIT: &str = "LIVE_LIMIT";
    pub(super) const READ_LIMIT: &str = "READ_LIMIT";
    pub(super) const WRITE_LIMIT: &str = "WRITE_LIMIT";
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    fetch::answer(request, &env, &context).await
}

/// The watchdog: the ingest object has a clock of its own, and this winds it should it stand still.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if let Err(error) = ingest_stub::tick(&env).await {
        console_error!("cron: {error}");
    }
}

pub(crate) fn archive_bucket(env: &Env) -> Result<Bucket> {
    env.bucket(binding::ARCHIVE)
}
