//! The sightings in the ingest object's SQLite storage.

use serde::Deserialize;
use worker::{Result, SqlStorage, SqlStorageValue};

use crate::aircraft::Icao24;
use crate::archive::Date;
use crate::ask::SearchResult;
use crate::ledger::{Pair, Present, SearchTerm, SightingChanges};

/// The most results of a search.
const RESULTS_MAX: usize = 50;

/// The most sightings that are deleted with one minute. A minute adds fewer, but for the first of a
/// day, so the deletion keeps up.
const PRUNED_MAX: i64 = 1_000;

#[derive(Deserialize)]
struct Row {
    callsign: String,
    icao24: u32,
    first: i64,
    last: Option<i64>,
}

/// Writes what a minute changes, within the transaction that records it; `before` is the time of
/// the minute before.
pub(super) fn add(
    sql: &SqlStorage,
    time: i64,
    before: Option<i64>,
    present: &Present,
) -> Result<()> {
    let day = Date(time).day().start();
    let stored = stored(sql)?;
    let is_same_day = before.is_some_and(|before| Date(before).day().start() == day);
    let SightingChanges { arrived, left } = present.changes(&stored, is_same_day);
    for Pair { icao24, callsign } in arrived {
        // One that comes back is seen again, from its first minute on.
        sql.exec(
            "INSERT INTO sighting VALUES (?, ?, ?, ?, NULL) \
             ON CONFLICT (day, callsign, icao24) DO UPDATE SET last = NULL",
            vec![day.into(), callsign.into(), i64::from(icao24.get()).into(), time.into()],
        )?;
    }
    for Pair { icao24, callsign } in left {
        sql.exec(
            "UPDATE sighting SET last = ? WHERE day = ? AND callsign = ? AND icao24 = ?",
            vec![
                before.unwrap_or(time).into(),
                day.into(),
                callsign.into(),
                i64::from(icao24.get()).into(),
            ],
        )?;
    }
    let bytes = present.bytes().to_vec();
    sql.exec("INSERT OR REPLACE INTO present VALUES (0, ?)", vec![bytes.into()])?;
    prune(sql)
}

/// Deletes sightings of days before the oldest minute.
fn prune(sql: &SqlStorage) -> Result<()> {
    sql.exec(
        "DELETE FROM sighting WHERE (day, callsign, icao24) IN (SELECT day, callsign, icao24 \
         FROM sighting WHERE day < (SELECT min(time) / 86400 * 86400 FROM minute) LIMIT ?)",
        vec![PRUNED_MAX.into()],
    )?;
    Ok(())
}

/// Deletes all sightings, with the history that they belong to.
pub(super) fn clear(sql: &SqlStorage) -> Result<()> {
    sql.exec("DELETE FROM sighting", None)?;
    sql.exec("DELETE FROM present", None)?;
    Ok(())
}

fn stored(sql: &SqlStorage) -> Result<Present> {
    for row in sql.exec("SELECT pairs FROM present", None)?.raw() {
        if let Some(SqlStorageValue::Blob(bytes)) = row?.into_iter().next() {
            return Ok(Present::from_bytes(bytes));
        }
    }
    Ok(Present::default())
}

/// The sightings that a search finds: those of the newest day first, each day's by callsign and
/// address.
///
/// A day costs two probes of an index, so a year without a result costs some milliseconds.
pub(super) fn search(sql: &SqlStorage, term: &SearchTerm) -> Result<Vec<SearchResult>> {
    let (mut found, mut end) = (Vec::new(), i64::MAX);
    while found.len() < RESULTS_MAX
        && let Some(day) = newest_day_before(sql, end)?
    {
        let mut rows = of_day(sql, day, term)?;
        rows.truncate(RESULTS_MAX - found.len());
        let last = last_minute(sql, day)?;
        found.extend(rows.into_iter().filter_map(|row| result(row, last)));
        end = day;
    }
    Ok(found)
}

fn of_day(sql: &SqlStorage, day: i64, term: &SearchTerm) -> Result<Vec<Row>> {
    let (from, to) = term.callsigns();
    let limit = RESULTS_MAX as i64;
    let query = "SELECT callsign, icao24, first, last FROM sighting \
         WHERE day = ? AND callsign >= ? AND callsign < ? ORDER BY callsign, icao24 LIMIT ?";
    let bindings = vec![day.into(), from.into(), to.as_str().into(), limit.into()];
    let mut rows: Vec<Row> = sql.exec(query, bindings)?.to_array()?;
    if let Some((first, last)) = term.addresses() {
        let query = "SELECT callsign, icao24, first, last FROM sighting \
             WHERE day = ? AND icao24 BETWEEN ? AND ? ORDER BY icao24, callsign LIMIT ?";
        let bindings =
            vec![day.into(), i64::from(first).into(), i64::from(last).into(), limit.into()];
        let others: Vec<Row> = sql.exec(query, bindings)?.to_array()?;
        let is_new = |row: &Row| !(from..to.as_str()).contains(&row.callsign.as_str());
        rows.extend(others.into_iter().filter(is_new));
    }
    Ok(rows)
}

fn result(row: Row, last_minute: i64) -> Option<SearchResult> {
    Some(SearchResult {
        icao24: Icao24::new(row.icao24)?.to_string(),
        callsign: Some(row.callsign).filter(|text| !text.is_empty()),
        first: Date(row.first).to_string(),
        last: Date(row.last.unwrap_or(last_minute)).to_string(),
    })
}

#[derive(Deserialize)]
struct Time {
    time: Option<i64>,
}

fn newest_day_before(sql: &SqlStorage, end: i64) -> Result<Option<i64>> {
    let query = "SELECT max(day) AS time FROM sighting WHERE day < ?";
    let rows: Vec<Time> =
        sql.exec(query, vec![SqlStorageValue::Integer(end.min(1 << 50))])?.to_array()?;
    Ok(rows.first().and_then(|row| row.time))
}

/// The last minute of a day.
fn last_minute(sql: &SqlStorage, day: i64) -> Result<i64> {
    let query = "SELECT max(time) AS time FROM minute WHERE time >= ? AND time < ?";
    let rows: Vec<Time> = sql.exec(query, vec![day.into(), (day + 86_400).into()])?.to_array()?;
    Ok(rows.first().and_then(|row| row.time).unwrap_or(day))
}
