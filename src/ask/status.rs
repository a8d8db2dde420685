//! `/api/status`, as the ingest object answers it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::wire::DroppedObject;

/// `/api/status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The crate's version.
    pub version: Cow<'static, str>,
    /// The server's clock, Unix seconds.
    pub time: i64,
    /// The name of the feed.
    pub feed: Cow<'static, str>,
    /// Whether the newest minute is invented.
    pub simulated: bool,
    /// How the source is doing, in one word.
    pub state: Cow<'static, str>,
    /// Why, where there is a reason.
    pub detail: Option<String>,
    /// What the source still gives us today; null where it does not count, or has not said.
    pub credits: Option<i64>,
    /// When the source is asked next, Unix seconds; null where it is not.
    pub next_pull_at: Option<i64>,
    /// When it may be asked again, Unix seconds; null unless it is rate-limited.
    pub retry_at: Option<i64>,
    /// The time of the last answer or push.
    pub last_success: Option<String>,
    /// Seconds since the feed time of the newest minute.
    pub age: Option<i64>,
    /// The time of the newest minute.
    pub latest: Option<String>,
    /// How many aircraft the newest minute has.
    pub aircraft: u32,
    /// How many minutes are stored.
    pub minutes: u64,
    /// The unusable values of the last sky that was taken in.
    pub dropped: Vec<DroppedObject>,
    /// What each region has.
    pub regions: Vec<RegionStatus>,
    /// The jobs that follow minutes.
    pub jobs: JobsStatus,
    /// Where the boundaries came from: `kv` or `asset`.
    pub boundaries: Option<Cow<'static, str>>,
    /// Whom the data belongs to.
    pub attribution: Option<Cow<'static, str>>,
}

/// What a region has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionStatus {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The newest minute that it has.
    pub delivered: Option<String>,
}

/// The jobs of `/api/status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobsStatus {
    /// How many wait.
    pub waiting: i64,
    /// How many were given up.
    pub dead: i64,
    /// Some of those, the latest first.
    pub last_dead: Vec<DeadJob>,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadJob {
    /// Its name.
    pub job: String,
    /// Why.
    pub error: Option<String>,
    /// When it began.
    pub since: String,
}
