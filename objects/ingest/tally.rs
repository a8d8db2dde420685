//! The tallies in the ingest object's SQLite storage: counts per country, by the hour and the day.

use std::collections::BTreeMap;

use serde::Deserialize;
use worker::{Result, SqlStorage};

use crate::earth::CountryCode;
use crate::ledger::{HistoryStep, Tally};

/// The most tallies of a step that are deleted with one minute. A minute adds at most one, so the
/// deletion keeps up.
const PRUNED_MAX: i64 = 24;

#[derive(Deserialize)]
struct Stored {
    skies: u32,
    countries: String,
}

/// A country's counts in one step.
#[derive(Deserialize)]
pub(super) struct TallyRow {
    pub time: i64,
    pub skies: u32,
    pub min: u32,
    pub sum: u64,
    pub max: u32,
}

/// Adds a minute to its hour and its day, within the transaction that records it.
pub(super) fn add(sql: &SqlStorage, time: i64, counts: &BTreeMap<CountryCode, u32>) -> Result<()> {
    for step in HistoryStep::TALLIED {
        let (seconds, start) = (step.seconds(), step.start(time));
        let query = "SELECT skies, countries FROM tally WHERE step = ? AND time = ?";
        let rows: Vec<Stored> = sql.exec(query, vec![seconds.into(), start.into()])?.to_array()?;
        let mut tally = match rows.first() {
            None => Tally::default(),
            Some(row) => Tally::from_json(row.skies, &row.countries)
                .ok_or_else(|| format!("the tally of {seconds} s from {start} cannot be read"))?,
        };
        tally.add(counts);
        let row: [worker::SqlStorageValue; 4] = [
            seconds.into(),
            start.into(),
            i64::from(tally.snapshots).into(),
            tally.countries_as_json().into(),
        ];
        sql.exec("INSERT OR REPLACE INTO tally VALUES (?, ?, ?, ?)", row.to_vec())?;
        sql.exec(
            "DELETE FROM tally WHERE step = ? AND time IN \
             (SELECT time FROM tally WHERE step = ? AND time < ? ORDER BY time LIMIT ?)",
            vec![seconds.into(), seconds.into(), step.kept_from(time).into(), PRUNED_MAX.into()],
        )?;
    }
    Ok(())
}

/// A country's counts in the steps that begin from `first` to `last`, oldest first.
pub(super) fn of_country(
    sql: &SqlStorage,
    country: CountryCode,
    step: HistoryStep,
    first: i64,
    last: i64,
) -> Result<Vec<TallyRow>> {
    // Read only this country from SQLite, not every country of every step.
    let (query, end) = match step {
        HistoryStep::Minute => (
            "SELECT time / 60 * 60 AS time, count(*) AS skies, min(aircraft) AS min, \
             sum(aircraft) AS sum, max(aircraft) AS max FROM \
             (SELECT time, coalesce(counts ->> ?, 0) AS aircraft FROM minute \
             WHERE time BETWEEN ? AND ?) GROUP BY 1 ORDER BY 1",
            last + step.seconds() - 1,
        ),
        HistoryStep::Hour | HistoryStep::Day => (
            "SELECT time, skies, coalesce(own ->> 0, 0) AS min, coalesce(own ->> 1, 0) AS sum, \
             coalesce(own ->> 2, 0) AS max FROM (SELECT time, skies, countries -> ? AS own \
             FROM tally WHERE time BETWEEN ? AND ? AND step = ?) ORDER BY time",
            last,
        ),
    };
    let mut bindings = vec![country.as_str().into(), first.into(), end.into()];
    if step != HistoryStep::Minute {
        bindings.push(step.seconds().into());
    }
    sql.exec(query, bindings)?.to_array()
}
