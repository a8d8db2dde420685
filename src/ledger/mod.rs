//! Floor 3: the ingest engine, without input and output of its own.
//!
//! In scope: when a pull is due, how long credits last, whether a snapshot is new, the steps that
//! take it in, which regions still lack it and when they are retried, the source's health, and the
//! counts of an hour and a day.
//! Out of scope: fetching, parsing, storage, clocks.
//!
//! [`Ledger::handle`] takes an [`Input`] and returns [`Output`]s to perform; `engine.rs` defines
//! their order.

mod budget;
mod command;
mod delivery;
mod engine;
mod health;
mod part;
mod plausibility;
mod sightings;
mod source;
mod tally;
mod task;

use std::collections::BTreeMap;

use crate::earth::Region;
pub use budget::Budget;
pub use command::{Command, CommandError};
use delivery::Deliveries;
pub use delivery::{ANSWER_SECONDS_MAX, DELIVERIES_AT_ONCE, Delivery, DeliveryError, Retries};
pub use health::{FeedState, Health};
pub use part::{Part, cut, parts};
pub use sightings::{Pair, Present, SearchTerm, SightingChanges};
pub use source::{Feed, PullError, retry_after};
pub use tally::{Counts, HistoryStep, STEPS_MAX, Tally};
pub use task::{
    Archived, Failed, Input, Intake, IntakeOrigin, NotTaken, Output, Taken, Task, Ticket,
};

/// The ledger's view of a recorded minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The feed's time, Unix seconds.
    pub time: i64,
    /// Whether its traffic is simulated.
    pub simulated: bool,
}

/// Whether a snapshot is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is newer than the stored one.
    Fresh,
    /// It is the first real one after simulated ones: these are deleted, and a new history begins.
    Restart,
    /// It has the stored one's time.
    Duplicate,
    /// It is older than the stored one, whose time this is.
    Older(i64),
    /// It is simulated, and real minutes are stored: the two are never mixed.
    Unwanted,
}

/// The ledger's stored state.
#[derive(Debug, Default)]
pub struct Records {
    /// The history that the minutes belong to; 0 before the first.
    pub epoch: u64,
    /// The newest minute.
    pub latest: Option<Latest>,
    /// The number of minutes.
    pub minutes: u64,
    /// The time of the newest minute that each region has.
    pub delivered: BTreeMap<String, i64>,
    /// When failed regions are retried.
    pub retries: Retries,
    /// The source's health.
    pub health: Health,
}

/// The state of ingest.
#[derive(Debug)]
pub struct Ledger {
    feed: Feed,
    epoch: u64,
    latest: Option<Latest>,
    minutes: u64,
    deliveries: Deliveries,
    lane: engine::Lane,
    health: Health,
}

impl Ledger {
    /// The ledger as it was recorded.
    pub fn restore(feed: Feed, records: Records) -> Self {
        let Records { epoch, latest, minutes, delivered, retries, health } = records;
        let deliveries = Deliveries::restore(&delivered, &retries);
        Self { feed, epoch, latest, minutes, deliveries, lane: engine::Lane::default(), health }
    }

    /// The newest recorded minute.
    pub fn latest(&self) -> Option<Latest> {
        self.latest
    }

    /// The number of recorded minutes.
    pub fn minutes(&self) -> u64 {
        self.minutes
    }

    /// Takes over the number of recorded minutes, after some were deleted.
    pub fn recount(&mut self, minutes: u64) {
        self.minutes = minutes;
    }

    /// The source's health.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Judges whether a snapshot of this time is new. Time never runs back.
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

    /// The time of the newest minute that the region has.
    pub fn delivered_at(&self, region: &Region) -> Option<i64> {
        self.deliveries.delivered_at(region)
    }

    /// Whether a pull is due now.
    pub fn pull_due(&self, now: i64) -> bool {
        self.next_pull().is_some_and(|at| at <= now)
    }

    /// Notes that a pull begins; must be stored before it does.
    fn asking(&mut self, now: i64) {
        self.health.asking(now, self.feed.interval_seconds());
    }

    /// Notes the outcome of a pull; `Ok` holds the credits left, if the source reports them.
    fn answered(&mut self, now: i64, answer: Result<Option<i64>, PullError>) {
        self.health.answered(now, self.feed.interval_seconds(), answer);
    }

    /// Notes that a snapshot was pushed.
    fn pushed(&mut self, now: i64) {
        self.health.pushed(now);
    }

    /// When to wake up next, Unix seconds; `None` if nothing is scheduled.
    pub fn next_wake(&self, now: i64) -> Option<i64> {
        let delivery = self.latest.and_then(|latest| self.deliveries.next_wake(now, latest.time));
        // A pull under way is not repeated, however long it takes.
        let pull = self.next_pull().map(|at| if self.is_pulling() { at.max(now + 1) } else { at });
        [pull, delivery].into_iter().flatten().min()
    }

    /// When the next pull is due, Unix seconds; `None` if there are no pulls.
    pub fn next_pull(&self) -> Option<i64> {
        let unwanted = self.health.paused || self.simulation_is_over();
        (self.feed.is_pulled() && !unwanted).then_some(self.health.next_pull_at)
    }

    /// Whether the recorded minutes are simulated; false if there are none. Simulated and real
    /// minutes are never mixed.
    pub fn is_simulated(&self) -> bool {
        self.latest.is_some_and(|latest| latest.simulated)
    }

    /// Whether the feed is the simulator but real minutes have replaced its own.
    pub fn simulation_is_over(&self) -> bool {
        self.feed.is_simulated() && self.latest.is_some_and(|latest| !latest.simulated)
    }

    /// The configured feed.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::SourceSnapshot;

    fn ledger(feed: Feed, latest: Option<Latest>) -> Ledger {
        Ledger::restore(feed, Records { epoch: 7, latest, minutes: 1, ..Records::default() })
    }

    fn simulated() -> Feed {
        Feed::Simulated { seed: 1, interval_seconds: 60 }
    }

    #[test]
    fn only_a_newer_snapshot_of_the_same_kind_is_fresh() {
        let real = ledger(Feed::Push, Some(Latest { time: 100, simulated: false }));
        assert_eq!(real.judge(101, false), Verdict::Fresh);
        assert_eq!(real.judge(100, false), Verdict::Duplicate);
        assert_eq!(real.judge(99, false), Verdict::Older(100));
        assert_eq!(real.judge(101, true), Verdict::Unwanted);
        assert_eq!(ledger(Feed::Push, None).judge(1, false), Verdict::Fresh);
    }

    #[test]
    fn a_push_far_ahead_of_our_clock_is_refused() {
        let mut ledger = ledger(Feed::Push, None);
        let snapshot = |time| SourceSnapshot { time, ..SourceSnapshot::default() };
        let outputs = ledger.handle(1_000, 0, Input::Push(1, snapshot(1_601)));
        let [
            Output::Settle(IntakeOrigin::Push(1), Err(NotTaken::Ahead { time: 1_601, ahead: 601 })),
        ] = outputs.as_slice()
        else {
            panic!("{outputs:?}");
        };
        let outputs = ledger.handle(1_000, 0, Input::Push(2, snapshot(1_600)));
        assert!(matches!(outputs[..], [Output::Start(Task::Intend(..))]), "{outputs:?}");
    }

    #[test]
    fn the_first_real_snapshot_ends_the_simulation_however_old_it_is() {
        let ended = ledger(simulated(), Some(Latest { time: 100, simulated: true }));
        assert_eq!(ended.judge(50, false), Verdict::Restart);
        assert!(ended.pull_due(0));
        let real = ledger(simulated(), Some(Latest { time: 50, simulated: false }));
        assert!(real.simulation_is_over() && !real.pull_due(i64::MAX));
    }

    #[test]
    fn a_refusal_is_waited_out_and_an_answer_sets_the_cadence() {
        let mut ledger = ledger(Feed::OpenSky { interval_seconds: 60 }, None);
        assert!(ledger.pull_due(0));
        ledger.answered(1_000, Err(PullError::RateLimited { retry_after_seconds: Some(60_394) }));
        assert_eq!(ledger.next_wake(1_000), Some(61_394));
        assert_eq!(ledger.health().state, FeedState::RateLimited);
        ledger.answered(61_394, Ok(None));
        assert_eq!(ledger.next_wake(61_394), Some(61_454));
        assert_eq!(ledger.health().state, FeedState::Ok);
    }

    /// The epoch under which a ledger's first snapshot is recorded.
    fn first_epoch(records: Records, now: i64, chance: u64) -> u64 {
        let mut ledger = Ledger::restore(Feed::Push, records);
        assert!(ledger.is_at_rest(), "no snapshot, and none to deliver");
        let mut outputs = ledger.handle(
            now,
            0,
            Input::Push(1, SourceSnapshot { time: now, ..SourceSnapshot::default() }),
        );
        loop {
            assert!(!ledger.is_at_rest(), "a snapshot is being taken in");
            let input = match outputs.remove(0) {
                Output::Start(Task::Intend(intake, snapshot)) => {
                    Input::Intended(intake, snapshot, Ok(()))
                }
                Output::Start(Task::Archive(intake, _)) => {
                    Input::Archived(intake, Ok(Archived::default()))
                }
                Output::Start(Task::Record { epoch, .. }) => return epoch,
                other => panic!("{other:?}"),
            };
            outputs = ledger.handle(now, chance, input);
        }
    }

    #[test]
    fn an_epoch_begins_with_its_time_ends_by_chance_and_is_larger_than_the_last() {
        for (chance, drawn) in [(0, 0), (1, 1), ((1 << 20) + 5, 5), (u64::MAX, (1 << 20) - 1)] {
            let epoch = first_epoch(Records::default(), 1_000, chance);
            assert_eq!(epoch, (1_000_000 << 20) + drawn, "{chance}");
        }
        let records = Records { epoch: 1 << 60, ..Records::default() };
        assert_eq!(first_epoch(records, 1_000, 7), (1 << 60) + 1);
        let behind = ledger(Feed::Push, Some(Latest { time: 100, simulated: false }));
        assert!(!behind.is_at_rest(), "no region has the newest minute");
    }

    #[test]
    fn a_push_does_not_change_the_schedule_of_pulls() {
        let mut ledger = ledger(Feed::OpenSky { interval_seconds: 60 }, None);
        ledger.answered(1_000, Err(PullError::RateLimited { retry_after_seconds: Some(5_000) }));
        ledger.pushed(2_000);
        assert_eq!(ledger.next_pull(), Some(6_000));
        assert_eq!(ledger.health().last_success, Some(2_000));
    }

    #[test]
    fn a_crash_during_a_pull_does_not_repeat_it_at_once() {
        let mut ledger = ledger(Feed::Readsb { interval_seconds: 60 }, None);
        ledger.asking(1_000);
        assert_eq!(ledger.next_pull(), Some(1_060));
    }
}
