//! How the service is doing: what `/api/status` answers and `/metrics` tells as numbers.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::MinuteRow;
use crate::archive::Date;
use crate::earth::REGIONS;
use crate::ledger::{Feed, FeedState, Ledger};
use crate::wire::DroppedObject;

/// What OpenSky asks of those that show its data.
const ATTRIBUTION: &str = "The OpenSky Network, https://opensky-network.org";

/// `/api/status`. Times that are text are like `2026-11-20T12:34:00Z`.
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
    pub state: FeedState,
    /// Why, where there is a reason, in a sentence.
    pub detail: Option<String>,
    /// What the source still gives us today, in its own credits; null where it does not count, or
    /// has not said.
    pub credits: Option<i64>,
    /// When the source is asked next, Unix seconds; null where it is not.
    pub next_pull_at: Option<i64>,
    /// When it may be asked again, Unix seconds; null unless it is rate-limited.
    pub retry_at: Option<i64>,
    /// When the last snapshot came, pulled or pushed; null before the first.
    pub last_success: Option<String>,
    /// Seconds since the feed time of the newest minute; null where none is stored.
    pub age: Option<i64>,
    /// The time of the newest minute; null where none is stored.
    pub latest: Option<String>,
    /// How many aircraft the newest minute has; 0 where none is stored.
    pub aircraft: u32,
    /// How many minutes are stored.
    pub minutes: u64,
    /// The unusable values of the last snapshot that was taken in.
    pub dropped: Vec<DroppedObject>,
    /// What each region has.
    pub regions: Vec<RegionStatus>,
    /// The jobs that follow minutes.
    pub jobs: JobsStatus,
    /// Where the boundaries came from: `kv` or `asset`; null while they are not loaded.
    pub boundaries: Option<Cow<'static, str>>,
    /// Whom the data belongs to; null where no minute is stored, and where it is not OpenSky's.
    pub attribution: Option<Cow<'static, str>>,
}

impl Status {
    /// The status of a ledger whose newest recorded minute is given; `now` in Unix seconds.
    pub fn new(
        ledger: &Ledger,
        newest: Option<&MinuteRow>,
        jobs: JobsStatus,
        boundaries: Option<&'static str>,
        now: i64,
    ) -> Self {
        let (health, simulated) = (ledger.health(), ledger.is_simulated());
        let date = |time: i64| Date(time).to_string();
        let detail = match ledger.simulation_is_over() {
            true => {
                Some("the simulator is off: real minutes are stored, and the two never mix".into())
            }
            false => health.detail.clone(),
        };
        // A push may well be OpenSky's; what a readsb says is not.
        let is_opensky = newest.is_some() && !simulated;
        let is_opensky = is_opensky && !matches!(ledger.feed(), Feed::Readsb { .. });
        let rate_limited = health.state == FeedState::RateLimited;
        let regions = REGIONS.iter().map(|region| RegionStatus {
            name: region.name.into(),
            delivered: ledger.delivered_at(region).map(date),
        });
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            time: now,
            feed: ledger.feed().name().into(),
            simulated,
            state: ledger.state(),
            detail,
            credits: health.budget.credits(now),
            next_pull_at: ledger.next_pull(),
            retry_at: rate_limited.then_some(health.next_pull_at),
            last_success: health.last_success.map(date),
            age: newest.map(|minute| now - minute.time),
            latest: newest.map(|minute| date(minute.time)),
            aircraft: newest.map_or(0, |minute| minute.aircraft),
            minutes: ledger.minutes(),
            dropped: health.dropped.iter().cloned().map(DroppedObject::from).collect(),
            regions: regions.collect(),
            jobs,
            boundaries: boundaries.map(Into::into),
            attribution: is_opensky.then_some(ATTRIBUTION.into()),
        }
    }
}

/// What a region has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionStatus {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The time of the newest minute that it was delivered; null before the first.
    pub delivered: Option<String>,
}

/// The jobs of `/api/status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Why the last attempt failed; null where it is not known.
    pub error: Option<String>,
    /// The time of its first attempt.
    pub since: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Latest, Records};

    const NOW: i64 = 1_700_000_090;

    fn status(feed: Feed, latest: Option<(i64, bool)>) -> Status {
        let latest = latest.map(|(time, simulated)| Latest { time, simulated });
        let ledger = Ledger::restore(feed, Records { latest, ..Records::default() });
        let newest = latest.map(|Latest { time, simulated }| MinuteRow {
            time,
            simulated: simulated.into(),
            aircraft: 7,
            bytes: 0,
            etag: String::new(),
            counts: String::new(),
        });
        Status::new(&ledger, newest.as_ref(), JobsStatus::default(), None, NOW)
    }

    #[test]
    fn before_the_first_minute_nothing_is_said_of_one() {
        let status = status(Feed::Push, None);
        assert_eq!((status.age, status.latest, status.aircraft), (None, None, 0));
        assert_eq!((status.attribution, status.next_pull_at), (None, None));
        assert_eq!(status.state, FeedState::Waiting);
        assert!(status.regions.iter().all(|region| region.delivered.is_none()));
    }

    #[test]
    fn what_may_be_openskys_names_it_and_nothing_else_does() {
        let names_it = |feed, simulated| {
            let status = status(feed, Some((NOW - 30, simulated)));
            assert_eq!((status.age, status.aircraft), (Some(30), 7));
            status.attribution.is_some()
        };
        let interval_seconds = 60;
        assert!(names_it(Feed::OpenSky { interval_seconds }, false));
        assert!(names_it(Feed::Push, false));
        assert!(!names_it(Feed::Readsb { interval_seconds }, false));
        assert!(!names_it(Feed::Simulated { seed: 1, interval_seconds }, true));
    }

    #[test]
    fn a_simulator_beside_real_minutes_says_why_it_is_off() {
        let simulator = Feed::Simulated { seed: 1, interval_seconds: 60 };
        let status = status(simulator, Some((NOW - 30, false)));
        assert!(status.detail.is_some_and(|detail| detail.contains("the simulator is off")));
        assert_eq!((status.next_pull_at, status.simulated), (None, false));
    }

    #[test]
    fn the_word_for_a_state_is_its_name() {
        for state in FeedState::ALL {
            assert_eq!(serde_json::json!(state), state.name());
        }
    }
}
