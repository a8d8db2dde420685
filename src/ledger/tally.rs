//! Counts per country over an hour or a day, accumulated as minutes are recorded.
//!
//! In scope: what a step is, how a minute adds to it, how long it is kept, which steps are queried.
//! Out of scope: storage. The transaction that records a minute, and [`super::Ledger::judge`],
//! ensure that each is added once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::earth::CountryCode;

const DAY_SECONDS: i64 = 86_400;

/// The most steps of history in one answer, the latest ones: as many as a day has minutes.
pub const STEPS_MAX: i64 = 1_440;

/// The length of one step of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryStep {
    /// A minute. Its counts are those of the snapshots recorded in it, and are stored with them.
    Minute,
    /// An hour.
    Hour,
    /// A day of UTC.
    Day,
}

impl HistoryStep {
    /// The steps that are stored as a [`Tally`].
    pub const TALLIED: [Self; 2] = [Self::Hour, Self::Day];

    /// The length in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => DAY_SECONDS,
        }
    }

    /// The start of the step that contains a time, Unix seconds.
    pub fn start(self, time: i64) -> i64 {
        time - time.rem_euclid(self.seconds())
    }

    /// Tallies that began before this time are deleted when a minute of `time` is recorded.
    ///
    /// With 150 countries a tally has some 3 KB: 400 days of hours are 29 MB, and ten years of days
    /// 11 MB. A minute's counts are deleted with the minute.
    pub fn kept_from(self, time: i64) -> i64 {
        match self {
            Self::Minute => i64::MIN,
            Self::Hour => time.saturating_sub(400 * DAY_SECONDS),
            Self::Day => time.saturating_sub(3_660 * DAY_SECONDS),
        }
    }

    /// The starts of an answer's first and last step; `newest` is the newest minute's time. The
    /// first is after the last if there are no steps.
    pub fn window(self, from: Option<i64>, to: Option<i64>, newest: i64) -> (i64, i64) {
        let last = self.start(to.unwrap_or(newest).min(newest));
        let earliest = last.saturating_sub((STEPS_MAX - 1) * self.seconds());
        (from.map_or(earliest, |from| self.start(from).max(earliest)), last)
    }
}

impl fmt::Display for HistoryStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Minute => "1m",
            Self::Hour => "1h",
            Self::Day => "1d",
        })
    }
}

impl FromStr for HistoryStep {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Minute, Self::Hour, Self::Day];
        all.into_iter().find(|step| step.to_string() == text).ok_or(())
    }
}

/// One country's counts of aircraft over the snapshots of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The least in any snapshot.
    pub min: u32,
    /// The sum over all snapshots.
    pub sum: u64,
    /// The most in any snapshot.
    pub max: u32,
}

/// Every country's counts over the snapshots of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of snapshots.
    pub snapshots: u32,
    /// Countries that never had any aircraft are left out.
    countries: BTreeMap<CountryCode, Counts>,
}

impl Tally {
    /// Adds a snapshot; countries that are not in `counts` had no aircraft.
    pub fn add(&mut self, counts: &BTreeMap<CountryCode, u32>) {
        for (code, known) in &mut self.countries {
            if !counts.contains_key(code) {
                known.min = 0;
            }
        }
        let is_first = self.snapshots == 0;
        for (&code, &count) in counts {
            // A country that is new here had none in the snapshots before.
            let min = if is_first { count } else { 0 };
            let known = self.countries.entry(code).or_insert(Counts { min, sum: 0, max: 0 });
            known.min = known.min.min(count);
            known.sum += u64::from(count);
            known.max = known.max.max(count);
        }
        self.snapshots += 1;
    }

    /// A country's counts.
    pub fn of(&self, code: CountryCode) -> Counts {
        self.countries.get(&code).copied().unwrap_or_default()
    }

    /// The countries as JSON, code to `[min, sum, max]`, as stored beside the number of snapshots.
    pub fn countries_as_json(&self) -> String {
        let rows = self.countries.iter();
        let rows: BTreeMap<_, _> =
            rows.map(|(code, is)| (code.as_str(), (is.min, is.sum, is.max))).collect();
        serde_json::to_string(&rows).expect("text and numbers always serialise")
    }

    /// Restores a tally from its number of snapshots and its countries; `None` for other text.
    pub fn from_json(snapshots: u32, countries: &str) -> Option<Self> {
        let rows: BTreeMap<String, (u32, u64, u32)> = serde_json::from_str(countries).ok()?;
        let countries = rows.into_iter().map(|(code, (min, sum, max))| {
            code.parse().ok().map(|code: CountryCode| (code, Counts { min, sum, max }))
        });
        Some(Self { snapshots, countries: countries.collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_begins_at_a_whole_minute_hour_or_day() {
        let time = 1_751_840_376; // 2025-07-06T22:19:36Z
        assert_eq!(HistoryStep::Minute.start(time), time - 36);
        assert_eq!(HistoryStep::Hour.start(time), time - 36 - 19 * 60);
        assert_eq!(HistoryStep::Day.start(time), time - 36 - 19 * 60 - 22 * 3_600);
        assert_eq!(HistoryStep::Day.start(0), 0);
    }

    #[test]
    fn a_window_ends_with_the_newest_snapshot_and_is_bounded() {
        let newest = 1_000_000;
        let check = |from, to, expected| {
            assert_eq!(HistoryStep::Minute.window(from, to, newest), expected, "{from:?} {to:?}");
        };
        let last = 999_960;
        check(None, None, (last - 1_439 * 60, last));
        check(Some(0), None, (last - 1_439 * 60, last));
        check(Some(999_899), Some(i64::MAX), (999_840, last));
        check(None, Some(100_019), (99_960 - 1_439 * 60, 99_960));
        check(Some(99_961), Some(100_019), (99_960, 99_960));
        check(Some(2_000_000), None, (1_999_980, last));
    }
}
