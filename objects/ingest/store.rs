//! The ledger in the ingest object's SQLite storage, as single statements.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use worker::{Result, SqlStorage, SqlStorageValue};

use crate::archive::Day;
use crate::ask::MinuteRow;
use crate::earth::CountryCode;
use crate::ledger::{Feed, Health, Latest, Ledger, Records, Retries};

/// A day of the archive.
#[derive(Serialize, Deserialize)]
pub(super) struct DayRow {
    pub start: i64,
    pub minutes: u32,
    pub simulated: u8,
    pub aircraft_max: u32,
    pub bytes: u64,
}

#[derive(Deserialize)]
struct Text {
    value: String,
}

#[derive(Deserialize)]
struct Time {
    time: i64,
}

#[derive(Deserialize)]
struct Delivery {
    region: String,
    time: i64,
}

/// Restores the ledger.
pub(super) fn load(sql: &SqlStorage, feed: Feed) -> Result<Ledger> {
    let epoch = note(sql, "epoch")?.and_then(|text| u64::from_str_radix(&text, 16).ok());
    let latest = newest(sql)?.map(|row| Latest { time: row.time, simulated: row.is_simulated() });
    let delivered: Vec<Delivery> =
        sql.exec("SELECT region, time FROM delivery", None)?.to_array()?;
    let delivered: BTreeMap<_, _> =
        delivered.into_iter().map(|row| (row.region, row.time)).collect();
    let health = match note(sql, "health")? {
        Some(text) => Health::from_note(&text)?,
        None => Health::default(),
    };
    let retries = match note(sql, "retries")? {
        Some(text) => Retries::from_note(&text)?,
        None => Retries::default(),
    };
    let minutes = minutes(sql)?;
    let epoch = epoch.unwrap_or(0);
    Ok(Ledger::restore(feed, Records { epoch, latest, minutes, delivered, retries, health }))
}

/// The number of recorded minutes.
pub(super) fn minutes(sql: &SqlStorage) -> Result<u64> {
    let counts = times(sql, "SELECT count(*) AS time FROM minute", Vec::new())?;
    Ok(counts.first().map_or(0, |count| count.cast_unsigned()))
}

/// Reads a note by its name.
pub(super) fn note(sql: &SqlStorage, name: &str) -> Result<Option<String>> {
    let query = "SELECT value FROM note WHERE name = ?";
    let rows: Vec<Text> = sql.exec(query, vec![name.into()])?.to_array()?;
    Ok(rows.into_iter().next().map(|row| row.value))
}

/// Writes a note, replacing the one of that name.
pub(super) fn put_note(sql: &SqlStorage, name: &str, value: String) -> Result<()> {
    sql.exec("INSERT OR REPLACE INTO note VALUES (?, ?)", vec![name.into(), value.into()])?;
    Ok(())
}

/// Stores the source's health.
pub(super) fn put_health(sql: &SqlStorage, health: &Health) -> Result<()> {
    put_note(sql, "health", health.to_note())
}

/// Stores when failed regions are retried.
pub(super) fn put_retries(sql: &SqlStorage, retries: &Retries) -> Result<()> {
    put_note(sql, "retries", retries.to_note())
}

/// Notes an object's key as garbage.
pub(super) fn put_garbage(sql: &SqlStorage, key: String) -> Result<()> {
    sql.exec("INSERT OR IGNORE INTO garbage VALUES (?)", vec![key.into()])?;
    Ok(())
}

/// Adds a minute; fails if one of its time exists.
pub(super) fn put_minute(sql: &SqlStorage, minute: MinuteRow) -> Result<()> {
    let row: [SqlStorageValue; 6] = [
        minute.time.into(),
        i64::from(minute.simulated).into(),
        i64::from(minute.aircraft).into(),
        SqlStorageValue::Integer(minute.bytes.cast_signed()),
        minute.etag.into(),
        minute.counts.into(),
    ];
    sql.exec("INSERT INTO minute VALUES (?, ?, ?, ?, ?, ?)", row.to_vec()).map(drop)
}

/// A minute's counts as its row stores them.
pub(super) fn counts_as_json(counts: &BTreeMap<CountryCode, u32>) -> String {
    let pairs = counts.iter().map(|(code, &count)| (code.to_string(), count.into()));
    serde_json::Value::Object(pairs.collect()).to_string()
}

/// Stores that a region has the minute of this time.
pub(super) fn delivered(sql: &SqlStorage, region: &str, time: i64) -> Result<()> {
    let row = vec![region.into(), time.into()];
    sql.exec("INSERT OR REPLACE INTO delivery VALUES (?, ?)", row)?;
    Ok(())
}

/// The newest minute.
pub(super) fn newest(sql: &SqlStorage) -> Result<Option<MinuteRow>> {
    let rows = sql.exec("SELECT * FROM minute ORDER BY time DESC LIMIT 1", None)?;
    Ok(rows.to_array()?.into_iter().next())
}

/// The minute of exactly this time.
pub(super) fn minute(sql: &SqlStorage, time: i64) -> Result<Option<MinuteRow>> {
    let rows = sql.exec("SELECT * FROM minute WHERE time = ?", vec![time.into()])?;
    Ok(rows.to_array()?.into_iter().next())
}

/// The stored times just before and after this one.
pub(super) fn nearest(sql: &SqlStorage, time: i64) -> Result<Vec<i64>> {
    let before = "SELECT max(time) AS time FROM minute WHERE time < ? HAVING count(*) > 0";
    let after = "SELECT min(time) AS time FROM minute WHERE time > ? HAVING count(*) > 0";
    let mut found = times(sql, before, vec![time.into()])?;
    found.extend(times(sql, after, vec![time.into()])?);
    Ok(found)
}

/// The stored times from one to another, newest first.
pub(super) fn dates(sql: &SqlStorage, from: i64, to: i64, limit: i64) -> Result<Vec<i64>> {
    let query = "SELECT time FROM minute WHERE time BETWEEN ? AND ? ORDER BY time DESC LIMIT ?";
    times(sql, query, vec![from.into(), to.into(), limit.into()])
}

/// The first minute of every `step` seconds of Unix time from one time to another, oldest first,
/// without their counts.
pub(super) fn spread(
    sql: &SqlStorage,
    (from, to): (i64, i64),
    step: i64,
    limit: usize,
) -> Result<Vec<MinuteRow>> {
    // One probe of the primary key each: the minutes between two steps are not read.
    let query = "SELECT time, simulated, aircraft, bytes, etag, '' AS counts FROM minute \
         WHERE time BETWEEN ? AND ? ORDER BY time LIMIT 1";
    let (mut rows, mut from): (Vec<MinuteRow>, i64) = (Vec::new(), from);
    while rows.len() < limit {
        let found = sql.exec(query, vec![from.into(), to.into()])?.to_array()?;
        let Some(row): Option<MinuteRow> = found.into_iter().next() else { break };
        from = (row.time / step + 1) * step;
        rows.push(row);
    }
    Ok(rows)
}

/// The column `time` of a query's rows.
pub(super) fn times(
    sql: &SqlStorage,
    query: &str,
    bindings: Vec<SqlStorageValue>,
) -> Result<Vec<i64>> {
    let rows: Vec<Time> = sql.exec(query, bindings)?.to_array()?;
    Ok(rows.into_iter().map(|row| row.time).collect())
}

/// The days that have minutes, newest first.
pub(super) fn days(sql: &SqlStorage) -> Result<Vec<DayRow>> {
    sql.exec(
        "SELECT time / 86400 * 86400 AS start, count(*) AS minutes, \
         max(simulated) AS simulated, max(aircraft) AS aircraft_max, sum(bytes) AS bytes \
         FROM minute GROUP BY start ORDER BY start DESC",
        None,
    )?
    .to_array()
}

/// A day's minutes, oldest first.
pub(super) fn day(sql: &SqlStorage, day: Day) -> Result<Vec<MinuteRow>> {
    from_until(sql, day.start(), day.start() + 86_400)
}

/// The minutes from `start` to before `end`, oldest first.
pub(super) fn from_until(sql: &SqlStorage, start: i64, end: i64) -> Result<Vec<MinuteRow>> {
    let query = "SELECT * FROM minute WHERE time >= ? AND time < ? ORDER BY time";
    sql.exec(query, vec![start.into(), end.into()])?.to_array()
}

/// The keys noted as garbage, at most as many as R2 deletes in one call.
pub(super) fn garbage(sql: &SqlStorage) -> Result<Vec<String>> {
    let query = "SELECT key AS value FROM garbage LIMIT 1000";
    let rows: Vec<Text> = sql.exec(query, None)?.to_array()?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

/// Removes the notes of garbage.
pub(super) fn forget_garbage(sql: &SqlStorage, keys: &[String]) -> Result<()> {
    for key in keys {
        sql.exec("DELETE FROM garbage WHERE key = ?", vec![key.as_str().into()])?;
    }
    Ok(())
}
