//! Floor 3: the ingest engine, without input and output of its own.
//!
//! In scope: when a pull is due, how long credits last, whether a sky is news, which regions still
//! lack it, how the source is doing, what an hour and a day count.
//! Out of scope: fetching, parsing, storage, clocks.
//!
//! The order that makes a crash harmless, at any point: the minute's object is written to R2, then
//! the minute is recorded (with it, that no region has it yet), then it is acknowledged and
//! delivered, then each delivery is recorded. What was not recorded is repeated; a region takes a
//! repeated share for what it is.

mod budget;
mod command;
mod health;
mod source;
mod tally;

use std::collections::BTreeMap;

use crate::airspace::Snapshot;
use crate::earth::{CountryCode, REGIONS, Region};
pub use budget::Budget;
pub use command::{Command, CommandError};
pub use health::{FeedState, Health};
pub use source::{Feed, PullError};
pub use tally::{Counts, STEPS_MAX, Step, Tally};

/// How long to wait before a failed delivery is tried again, seconds.
const DELIVERY_RETRY_SECONDS: i64 = 5;

/// A recorded minute, as far as the ledger must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The feed's time, Unix seconds.
    pub time: i64,
    /// Whether its traffic is invented.
    pub simulated: bool,
}

/// Whether a sky is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is newer than what is stored.
    Fresh,
    /// It is the first real sky after simulated ones: they go, and history starts afresh.
    Restart,
    /// It is the stored one, again.
    Duplicate,
    /// It is older than the stored one, whose time this is.
    Older(i64),
    /// It is simulated, and real minutes are stored: the two never stand side by side.
    Unwanted,
}

/// The state of ingest.
#[derive(Debug)]
pub struct Ledger {
    feed: Feed,
    epoch: u64,
    latest: Option<Latest>,
    minutes: u64,
    delivered: BTreeMap<String, i64>,
    retry_delivery_at: Option<i64>,
    health: Health,
}

impl Ledger {
    /// The ledger as it was recorded: `minutes` of them, under `epoch`, the newest being `latest`.
    /// `delivered` is each region's latest delivered time.
    pub fn restore(
        feed: Feed,
        epoch: u64,
        (latest, minutes): (Option<Latest>, u64),
        delivered: BTreeMap<String, i64>,
        health: Health,
    ) -> Self {
        Self { feed, epoch, latest, minutes, delivered, retry_delivery_at: None, health }
    }

    /// The history that the stored minutes belong to.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The newest recorded minute.
    pub fn latest(&self) -> Option<Latest> {
        self.latest
    }

    /// How many minutes are recorded.
    pub fn minutes(&self) -> u64 {
        self.minutes
    }

    /// How the source is doing.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Whether a sky of that time is news. Time never runs back.
    pub fn judge(&self, time: i64, simulated: bool) -> Verdict {
        match self.latest {
            None => Verdict::Fresh,
            Some(latest) if latest.simulated && !simulated => Verdict::Restart,
            Some(latest) if !latest.simulated && simulated => Verdict::Unwanted,
            Some(latest) if time == latest.time => Verdict::Duplicate,
            Some(latest) if time < latest.time => Verdict::Older(latest.time),
            Some(_) => Verdict::Fresh,
        }
    }

    /// Takes note that a minute was recorded, under that epoch.
    pub fn recorded(&mut self, epoch: u64, latest: Latest) {
        if epoch != self.epoch {
            self.delivered.clear();
            self.minutes = 0;
        }
        self.epoch = epoch;
        self.minutes += 1;
        self.latest = Some(latest);
    }

    /// The regions that lack the newest minute.
    pub fn undelivered(&self) -> impl Iterator<Item = &'static Region> {
        let time = self.latest.map_or(i64::MIN, |latest| latest.time);
        REGIONS.iter().filter(move |region| {
            self.delivered.get(region.name).copied().unwrap_or(i64::MIN) < time
        })
    }

    /// Takes note that a region has the minute of that time.
    pub fn delivered(&mut self, region: &'static Region, time: i64) {
        self.delivered.insert(region.name.to_owned(), time);
    }

    /// The time that the region was last delivered.
    pub fn delivered_at(&self, region: &Region) -> Option<i64> {
        self.delivered.get(region.name).copied()
    }

    /// Takes note that deliveries are being tried; whatever is then still missing is tried again.
    pub fn delivering(&mut self, now: i64) {
        self.retry_delivery_at = Some(now + DELIVERY_RETRY_SECONDS);
    }

    /// Whether the source is to be asked now.
    pub fn pull_due(&self, now: i64) -> bool {
        self.next_pull().is_some_and(|at| at <= now)
    }

    /// Takes note that the source is being asked; to be recorded before it is.
    pub fn asking(&mut self, now: i64) {
        self.health.asking(now, self.feed.interval_seconds());
    }

    /// Takes note of how a pull ended: with the credits that are left, where the source told them.
    pub fn answered(&mut self, now: i64, answer: Result<Option<i64>, PullError>) {
        self.health.answered(now, self.feed.interval_seconds(), answer);
    }

    /// Takes note that a sky was pushed.
    pub fn pushed(&mut self, now: i64) {
        self.health.pushed(now);
    }

    /// When to wake up next, Unix seconds; `None` where nothing is awaited.
    pub fn next_wake(&self) -> Option<i64> {
        let retry =
            self.undelivered().next().is_some().then(|| self.retry_delivery_at.unwrap_or(0));
        [self.next_pull(), retry].into_iter().flatten().min()
    }

    /// When the source is to be asked next, Unix seconds; `None` where it is not.
    pub fn next_pull(&self) -> Option<i64> {
        let unwanted = self.health.paused || self.simulation_is_over();
        (self.feed.is_pulled() && !unwanted).then_some(self.health.next_pull_at)
    }

    /// Whether the feed would be the simulator, and real minutes have taken its place.
    pub fn simulation_is_over(&self) -> bool {
        self.feed.is_simulated() && self.latest.is_some_and(|latest| !latest.simulated)
    }

    /// What is configured to feed the ledger.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }
}

/// A region's share of a sky.
pub fn share(region: &Region, sky: &Snapshot) -> Snapshot {
    let held = sky.aircraft().iter().filter(|state| region.holds(state.position));
    Snapshot::new(sky.time, held.cloned().collect())
}

/// How many aircraft are over each country; countries without any are left out.
pub fn count_by_country(sky: &Snapshot) -> BTreeMap<CountryCode, u32> {
    let mut counts = BTreeMap::new();
    for code in sky.aircraft().iter().filter_map(|state| state.current_country) {
        *counts.entry(code).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(feed: Feed, latest: Option<Latest>) -> Ledger {
        Ledger::restore(feed, 7, (latest, 1), BTreeMap::new(), Health::default())
    }

    fn simulated() -> Feed {
        Feed::Simulated { seed: 1, interval_seconds: 60 }
    }

    #[test]
    fn only_a_newer_sky_of_the_same_kind_is_news() {
        let real = ledger(Feed::Push, Some(Latest { time: 100, simulated: false }));
        assert_eq!(real.judge(101, false), Verdict::Fresh);
        assert_eq!(real.judge(100, false), Verdict::Duplicate);
        assert_eq!(real.judge(99, false), Verdict::Older(100));
        assert_eq!(real.judge(101, true), Verdict::Unwanted);
        assert_eq!(ledger(Feed::Push, None).judge(1, false), Verdict::Fresh);
    }

    #[test]
    fn the_first_real_sky_ends_the_simulation_however_old_it_is() {
        let mut ledger = ledger(simulated(), Some(Latest { time: 100, simulated: true }));
        assert_eq!(ledger.judge(50, false), Verdict::Restart);
        assert!(ledger.pull_due(0));
        ledger.recorded(8, Latest { time: 50, simulated: false });
        assert_eq!(ledger.minutes(), 1);
        assert!(ledger.simulation_is_over() && !ledger.pull_due(i64::MAX));
    }

    #[test]
    fn a_region_lacks_a_minute_until_it_is_delivered() {
        let mut ledger = ledger(Feed::Push, None);
        assert_eq!(ledger.next_wake(), None);
        ledger.recorded(7, Latest { time: 100, simulated: false });
        assert_eq!(ledger.undelivered().count(), REGIONS.len());
        assert_eq!(ledger.next_wake(), Some(0));
        for region in &REGIONS[1..] {
            ledger.delivered(region, 100);
        }
        ledger.delivering(1_000);
        assert_eq!(ledger.next_wake(), Some(1_000 + DELIVERY_RETRY_SECONDS));
        ledger.delivered(&REGIONS[0], 100);
        assert_eq!(ledger.next_wake(), None);
        ledger.recorded(8, Latest { time: 50, simulated: false });
        assert_eq!(
            ledger.undelivered().count(),
            REGIONS.len(),
            "a new history begins with nothing"
        );
    }

    #[test]
    fn a_refusal_is_waited_out_and_an_answer_sets_the_cadence() {
        let mut ledger = ledger(Feed::OpenSky { interval_seconds: 60 }, None);
        assert!(ledger.pull_due(0));
        ledger.answered(1_000, Err(PullError::RateLimited { retry_after_seconds: Some(60_394) }));
        assert_eq!(ledger.next_wake(), Some(61_394));
        assert_eq!(ledger.health().state, FeedState::RateLimited);
        ledger.answered(61_394, Ok(None));
        assert_eq!(ledger.next_wake(), Some(61_454));
        assert_eq!(ledger.health().state, FeedState::Ok);
    }

    #[test]
    fn a_push_is_no_answer_of_the_source() {
        let mut ledger = ledger(Feed::OpenSky { interval_seconds: 60 }, None);
        ledger.answered(1_000, Err(PullError::RateLimited { retry_after_seconds: Some(5_000) }));
        ledger.pushed(2_000);
        assert_eq!(ledger.next_pull(), Some(6_000));
        assert_eq!(ledger.health().last_success, Some(2_000));
    }

    #[test]
    fn who_ends_while_asking_does_not_ask_again_at_once() {
        let mut ledger = ledger(Feed::Readsb { interval_seconds: 60 }, None);
        ledger.asking(1_000);
        assert_eq!(ledger.next_pull(), Some(1_060));
    }
}
