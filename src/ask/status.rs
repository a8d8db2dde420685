//! The status of the service: the answer of `/api/status`, and the source of `/metrics`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::MinuteRow;
use crate::archive::Date;
use crate::earth::REGIONS;
use crate::ledger::{Feed, FeedState, Ledger};
use crate::wire::DroppedObject;

/// The attribution that OpenSky requires.
const ATTRIBUTION: &str = "The OpenSky Network, https://opensky-network.org";

/// `/api/status`. Times in text are like `2026-11-20T12:34:00Z`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The crate's version.
    pub version: Cow<'static, str>,
    /// The server's clock, Unix seconds.
    pub time: i64,
    /// The name of the feed.
    pub feed: Cow<'static, str>,
    /// Whether the newest minute is simulated.
    pub simulated: bool,
    /// The feed's state, in one word.
    pub state: FeedState,
    /// The reason as a sentence, if there is one.
    pub detail: Option<String>,
    /// The credits left with the source today; null if it does not report any.
    pub credits: Option<i64>,
    /// When the next pull is due, Unix seconds; null if there are no pulls.
    pub next_pull_at: Option<i64>,
    /// When the source may be asked again, Unix seconds; null unless it is rate-limited.
    pub retry_at: Option<i64>,
    /// When the last snapshot came, pulled or pushed; null before the first.
    pub last_success: Option<String>,
    /// Seconds since the feed time of the newest minute; null if none is stored.
    pub age: Option<i64>,
    /// The time of the newest minute; null if none is stored.
    pub latest: Option<String>,
    /// The number of aircraft in the newest minute; 0 if none is stored.
    pub aircraft: u32,
    /// The number of stored minutes.
    pub minutes: u64,
    /// The unusable values of the last snapshot that was taken in.
    pub dropped: Vec<DroppedObject>,
    /// The newest minute of each region.
    pub regions: Vec<RegionStatus>,
    /// The jobs that follow minutes.
    pub jobs: JobsStatus,
    /// Where the boundaries came from: `kv` or `asset`; null while they are not loaded.
    pub boundaries: Option<Cow<'static, str>>,
    /// The owner of the data; null if no minute is stored, or the data is not OpenSky's.
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
        // Pushed data may be OpenSky's; a readsb's is not.
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

/// A region's newest minute.
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
    /// The number of jobs still to do.
    pub waiting: i64,
    /// The number of dead jobs.
    pub dead: i64,
    /// The last dead jobs, the latest first.
    pub last_dead: Vec<DeadJob>,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadJob {
    /// Its name.
    pub job: String,
    /// Why the last attempt failed; null if that is unknown.
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
    fn before_the_first_minute_its_fields_are_empty() {
        let status = status(Feed::Push, None);
        assert_eq!((status.age, status.latest, status.aircraft), (None, None, 0));
        assert_eq!((status.attribution, status.next_pull_at), (None, None));
        assert_eq!(status.state, FeedState::Waiting);
        assert!(status.regions.iter().all(|region| region.delivered.is_none()));
    }

    #[test]
    fn only_data_that_may_be_openskys_has_its_attribution() {
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
    fn a_state_serialises_as_its_name() {
        for state in FeedState::ALL {
            assert_eq!(serde_json::json!(state), state.name());
        }
    }
}
