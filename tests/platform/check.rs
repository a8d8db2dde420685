//! The platform's invariants: at any time, when a task starts, and at rest.

use std::collections::{BTreeMap, BTreeSet};

use overflight::archive::Date;
use overflight::earth::REGIONS;
use overflight::ledger::{DELIVERIES_AT_ONCE, HistoryStep, Tally, Task};

use super::stored::{Stored, counts};
use super::{Fate, Platform};

/// Longer than the longest pause of a region plus a cron's interval.
const REST_SECONDS: i64 = 420;

impl Platform {
    /// Asserts what holds at any moment at which the platform may crash.
    pub(super) fn assert_always(&self) {
        let Stored { minutes, garbage, tallies, .. } = &self.stored;
        for (&time, minute) in minutes {
            let key = Date(time).key();
            assert_eq!(self.archive.get(&key), Some(minute), "{key} is complete and exact");
            assert!(!garbage.contains(&key), "{key} is recorded and not garbage");
        }
        let named: BTreeSet<_> = minutes.keys().map(|&time| Date(time).key()).collect();
        for key in self.archive.keys() {
            let is_known = named.contains(key) || garbage.contains(key);
            assert!(is_known, "{key} is neither recorded nor noted as garbage");
        }
        for (time, content) in &self.acknowledged {
            let minute = minutes.get(time).map(|minute| (minute.content, minute.simulated));
            assert_eq!(minute, Some((*content, false)), "{time} was acknowledged");
        }
        let kinds: BTreeSet<_> = minutes.values().map(|minute| minute.simulated).collect();
        assert!(kinds.len() < 2, "simulated and real minutes are mixed");
        let mut recounted: BTreeMap<_, Tally> = BTreeMap::new();
        for (&time, minute) in minutes {
            for step in HistoryStep::TALLIED {
                let tally = recounted.entry((step.seconds(), step.start(time)));
                tally.or_default().add(&counts(minute.content));
            }
        }
        assert_eq!(*tallies, recounted, "each minute is counted once");
    }

    /// Asserts that the tasks under way allow this one to start.
    pub(super) fn assert_may_start(&self, task: &Task) {
        let under_way =
            |kind: fn(&Task) -> bool| self.tasks.iter().filter(|task| kind(task)).count();
        match task {
            Task::Ask(_) => {
                assert_eq!(under_way(|task| matches!(task, Task::Ask(_))), 0, "one pull at a time");
            }
            Task::Deliver(delivery) => {
                let deliveries = self.tasks.iter().filter_map(|task| match task {
                    Task::Deliver(delivery) => Some(delivery.region.name),
                    _ => None,
                });
                let names: Vec<_> = deliveries.collect();
                assert!(names.len() < DELIVERIES_AT_ONCE, "{names:?}");
                assert!(!names.contains(&delivery.region.name), "{names:?}: one at a time");
            }
            _ => {
                let other = |task: &Task| !matches!(task, Task::Ask(_) | Task::Deliver(_));
                assert_eq!(under_way(other), 0, "one snapshot at a time");
            }
        }
    }

    /// Lets all tasks succeed and time pass until alarm and cron leave nothing to do. The source
    /// does not answer meanwhile.
    pub fn rest(&mut self) {
        self.deaths.clear();
        let end = self.now + REST_SECONDS;
        while self.now < end || !self.tasks.is_empty() || !self.strays.is_empty() {
            while !self.strays.is_empty() {
                self.arrive(0);
            }
            let done = if let Some(task) = self.tasks.first() {
                let is_question = matches!(task, Task::Ask(_));
                self.end(0, if is_question { Fate::Failed } else { Fate::Done })
            } else {
                assert!(self.pending.is_empty(), "every push is answered");
                let cron = self.now - self.now.rem_euclid(60) + 60;
                let alarm = self.alarm().filter(|&at| at <= cron);
                self.now = alarm.unwrap_or(cron).max(self.now);
                if alarm.is_some() { self.ring() } else { self.tick() }
            };
            assert!(done.is_ok(), "nothing crashes any more");
        }
    }

    /// Asserts what holds when no task runs and every retry had its time.
    pub fn assert_at_rest(&mut self) {
        self.assert_always();
        assert_eq!(self.stored.garbage, BTreeSet::new(), "no garbage is left");
        let Some((&time, minute)) = self.stored.minutes.last_key_value() else { return };
        let last = (self.stored.epoch, time, minute.content);
        for region in &REGIONS {
            let name = region.name;
            assert_eq!(self.regions.get(name), Some(&last), "{name} has the last minute");
            assert_eq!(self.stored.delivered.get(name), Some(&time), "{name}, as recorded");
        }
        let minutes = self.stored.minutes.len() as u64;
        assert_eq!(self.ledger().minutes(), minutes, "the minutes, as counted in memory");
    }

    /// Asserts that the source is pulled no more often than configured, except on command.
    pub fn assert_asked_seldom(&self) {
        for pair in self.asked.windows(2) {
            let ((before, _), (after, commanded)) = (pair[0], pair[1]);
            let interval = self.feed.interval_seconds();
            assert!(commanded || after - before >= interval, "pulled at {before} and at {after}");
        }
    }
}
