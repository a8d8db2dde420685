//! Floor 5: the Worker.
//!
//! In scope: HTTP in and out, authentication, the platform's entry points.
//! Out of scope: every decision that can be made without the platform; lower floors make those.

mod admin;
mod archive;
mod country;
mod download;
mod export;
mod fetch;
mod flights;
mod guard;
mod hour_job;
mod ingest;
mod listed;
mod live;
mod made;
mod playback;
mod push;
mod queue;
mod regions;
mod reply;
mod track;

use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent};
use worker::{console_error, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    fetch::answer(request, &env, &context).await
}

/// The watchdog: the ingest object has an alarm of its own, and this arms it if it is not set.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if let Err(error) = ingest::tick(&env).await {
        console_error!("cron: {error}");
    }
}
