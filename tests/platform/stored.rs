//! What survives a crash, and its transactions: each takes effect completely or not at all.

use std::collections::{BTreeMap, BTreeSet};

use overflight::archive::Date;
use overflight::earth::CountryCode;
use overflight::ledger::{Archived, Health, HistoryStep, Intake, Latest, Records, Retries, Tally};

use super::Content;

/// A recorded minute, or an object of the archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Minute {
    pub content: Content,
    pub simulated: bool,
}

/// What survives a crash.
#[derive(Debug, Default)]
pub struct Stored {
    pub epoch: u64,
    /// The number of histories, for the test, not for the ledger.
    pub histories: u64,
    pub minutes: BTreeMap<i64, Minute>,
    pub tallies: BTreeMap<(i64, i64), Tally>,
    pub garbage: BTreeSet<String>,
    pub delivered: BTreeMap<String, i64>,
    pub(super) retries: Option<String>,
    pub(super) health: Option<String>,
    pub(super) alarm: Option<i64>,
}

impl Stored {
    /// Returns the records that a ledger is restored from.
    pub(super) fn records(&self) -> Records {
        let latest = self.minutes.last_key_value();
        let latest = latest.map(|(&time, minute)| Latest { time, simulated: minute.simulated });
        let retries = self.retries.as_deref().map(Retries::from_note);
        let health = self.health.as_deref().map(Health::from_note);
        Records {
            epoch: self.epoch,
            latest,
            minutes: self.minutes.len() as u64,
            delivered: self.delivered.clone(),
            retries: retries.transpose().expect("its own note").unwrap_or_default(),
            health: health.transpose().expect("its own note").unwrap_or_default(),
        }
    }

    /// Notes the key as garbage; on a restart, all keys.
    pub(super) fn intend(&mut self, intake: &Intake) {
        if intake.restart {
            let minutes = std::mem::take(&mut self.minutes);
            self.garbage.extend(minutes.keys().map(|&time| Date(time).key()));
            self.tallies.clear();
        }
        self.garbage.insert(intake.key());
    }

    /// Records the minute, counts it, and removes its key from the garbage.
    pub(super) fn record(
        &mut self,
        intake: &Intake,
        content: Content,
        epoch: u64,
        archived: &Archived,
    ) {
        if epoch != self.epoch {
            assert!(epoch > self.epoch, "histories follow one another");
            self.delivered.clear();
            self.epoch = epoch;
            self.histories += 1;
        }
        self.garbage.remove(&intake.key());
        let Intake { time, simulated, .. } = *intake;
        let newest = self.minutes.last_key_value();
        assert!(newest.is_none_or(|(&newest, _)| newest < time), "time never runs back");
        self.minutes.insert(time, Minute { content, simulated });
        for step in HistoryStep::TALLIED {
            let tally = self.tallies.entry((step.seconds(), step.start(time)));
            tally.or_default().add(&archived.counts);
        }
    }
}

/// Returns the counts per country of a content.
pub(super) fn counts(content: Content) -> BTreeMap<CountryCode, u32> {
    let codes = ["FR", "DE", "PE"].map(|code| code.parse().expect("a code"));
    let counts = codes.into_iter().zip([content % 2, content % 5, content % 97]);
    counts.filter(|(_, count)| *count > 0).collect()
}
