//! Floor 4: what the Worker and the Durable Objects share of the platform.
//!
//! In scope: the clock, timeouts, settings and bindings; one stub for each class of objects, the
//! queue, the archive's bucket, KV, and requests to other services.
//! Out of scope: HTTP routes and answers (`edge`); the state of the objects; every decision that
//! can be made without the platform.

pub(crate) mod archive;
pub(crate) mod body;
pub(crate) mod boundaries;
pub(crate) mod clock;
mod config;
pub(crate) mod ingest_stub;
pub(crate) mod queue;
pub(crate) mod region_stub;
mod timeout;
pub(crate) mod transfer;

pub(crate) use config::{Config, Credentials};
pub(crate) use timeout::timeout;
use worker::console_error;

use crate::problem::Problem;

/// The bindings' names, as wrangler.toml has them.
pub(crate) mod binding {
    pub(crate) const REGION: &str = "REGION";
    pub(crate) const INGEST: &str = "INGEST";
    pub(crate) const ARCHIVE: &str = "ARCHIVE";
    pub(crate) const BOUNDARIES: &str = "BOUNDARIES";
    pub(crate) const JOBS: &str = "JOBS";
    pub(crate) const ASSETS: &str = "ASSETS";
    pub(crate) const LIVE_LIMIT: &str = "LIVE_LIMIT";
    pub(crate) const READ_LIMIT: &str = "READ_LIMIT";
    pub(crate) const WRITE_LIMIT: &str = "WRITE_LIMIT";
}

/// Nothing internal reaches a client: what the platform reports is logged, and answered with 500.
impl From<worker::Error> for Problem {
    fn from(error: worker::Error) -> Self {
        console_error!("internal error: {error}");
        Self::internal()
    }
}

impl From<Problem> for worker::Error {
    fn from(problem: Problem) -> Self {
        Self::RustError(problem.detail)
    }
}
