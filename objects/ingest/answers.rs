//! The ingest object's answers about its records.

use std::fmt::Display;

use worker::{Result, SqlStorage, console_log};

use super::tally::TallyRow;
use super::{hours, jobs, store, tally};
use crate::archive::{Date, Day, DayFile, HourFile, HourFiles};
use crate::ask::{ArchiveDay, ArchiveFile, HistoryPoint, IngestAnswer, MinuteRow, Receipt, Status};
use crate::earth::CountryCode;
use crate::ledger::{HistoryStep, Ledger};
use crate::platform::archive::MSGPACK;
use crate::platform::clock;
use crate::problem::Problem;

/// The answer of `/api/status`.
pub(super) fn status(
    sql: &SqlStorage,
    ledger: &Ledger,
    boundaries: Option<&'static str>,
    now: i64,
) -> Result<Status> {
    let newest = store::newest(sql)?;
    Ok(Status::new(ledger, newest.as_ref(), jobs::status(sql)?, boundaries, now))
}

/// Logs the outcome of a snapshot as one line of JSON, so that the platform's logs can be searched.
/// `credits` are those left with the source; `began` is in Unix milliseconds.
pub(super) fn log<E: Display>(
    source: &str,
    taken: std::result::Result<&Receipt, E>,
    credits: Option<i64>,
    began: u64,
) {
    let receipt = taken.as_ref().ok();
    let line = serde_json::json!({
        "event": "sky",
        "source": source,
        "rows": receipt.map(|receipt| receipt.accepted + receipt.rejected_count),
        "rejected": receipt.map(|receipt| receipt.rejected_count),
        "dropped": receipt.map(|receipt| receipt.dropped_count()),
        "credits": credits,
        "ms": clock::milliseconds() - began,
        "error": taken.err().map(|error| error.to_string()),
    });
    console_log!("{line}");
}

/// The days that have minutes, newest first.
pub(super) fn days(sql: &SqlStorage) -> Result<Vec<ArchiveDay>> {
    let day = |row: store::DayRow| ArchiveDay {
        day: Date(row.start).day().to_string(),
        minutes: row.minutes,
        simulated: row.simulated == 1,
        aircraft_max: row.aircraft_max,
        bytes: row.bytes,
    };
    Ok(store::days(sql)?.into_iter().map(day).collect())
}

/// A day's minutes, oldest first, then the packs and Parquet files of its hours.
pub(super) fn files(sql: &SqlStorage, day: Day) -> Result<IngestAnswer> {
    let file = |row: MinuteRow| ArchiveFile {
        name: Date(row.time).file_name(),
        simulated: row.is_simulated(),
        bytes: row.bytes,
        etag: row.etag,
        content_type: MSGPACK.into(),
    };
    let rows = store::day(sql, day)?;
    let is_simulated = |hour: i64| rows.iter().any(|row| row.time >= hour && row.is_simulated());
    let start = day.start();
    let hours = hours::files(sql, start, start + 86_400)?.into_iter();
    let hours: Vec<_> =
        hours.flat_map(|(hour, files)| hour_files(hour, files, is_simulated(hour))).collect();
    let mut files: Vec<_> = rows.into_iter().map(file).collect();
    files.extend(hours);
    if files.is_empty() {
        let detail = format!("no minute of {day} is stored; /api/archive lists the days");
        return Ok(IngestAnswer::Problem(Problem::not_found(detail)));
    }
    Ok(IngestAnswer::Files(files))
}

fn hour_files(hour: i64, files: HourFiles, simulated: bool) -> [ArchiveFile; 2] {
    let day = Date(hour).day();
    let HourFiles { parquet, pack, pack_key } = files;
    let name = pack_key.rsplit('/').next().unwrap_or_default().to_owned();
    let of_day = ((hour - day.start()) / 3_600) as u8;
    let pack_file = DayFile::Pack { day, name: name.clone() };
    let parquet_name = format!("{of_day:02}.parquet");
    [
        (name, pack, pack_file.media_type()),
        (parquet_name, parquet, DayFile::Parquet(day, of_day).media_type()),
    ]
    .map(|(name, HourFile { bytes, etag, .. }, media_type)| ArchiveFile {
        name,
        simulated,
        bytes,
        etag,
        content_type: media_type.into(),
    })
}

/// The stored times, newest first.
pub(super) fn dates(
    sql: &SqlStorage,
    from: Option<i64>,
    to: Option<i64>,
    limit: usize,
) -> Result<Vec<String>> {
    let (from, to) = (from.unwrap_or(0), to.unwrap_or(i64::from(u32::MAX)));
    let dates = store::dates(sql, from, to, limit as i64)?;
    Ok(dates.into_iter().map(|time| Date(time).to_string()).collect())
}

/// The minute of this time, or the newest.
pub(super) fn minute(sql: &SqlStorage, time: Option<i64>) -> Result<IngestAnswer> {
    let found = match time {
        Some(time) => store::minute(sql, time)?,
        None => store::newest(sql)?,
    };
    Ok(match found {
        Some(minute) => IngestAnswer::Minute(minute),
        None => IngestAnswer::Problem(no_such_minute(sql, time)?),
    })
}

/// The problem of a missing minute; names its neighbours.
fn no_such_minute(sql: &SqlStorage, time: Option<i64>) -> Result<Problem> {
    let Some(time) = time else {
        return Ok(Problem::not_found("no minute is stored yet".to_owned()));
    };
    let nearest: Vec<_> =
        store::nearest(sql, time)?.into_iter().map(|time| Date(time).to_string()).collect();
    let detail = match nearest.is_empty() {
        true => "no minute is stored yet".to_owned(),
        false => format!("no minute of {} is stored; nearest: {}", Date(time), nearest.join(", ")),
    };
    Ok(Problem { nearest, ..Problem::not_found(detail) })
}

/// A country's counts over time, oldest first; steps without a snapshot are left out.
pub(super) fn history(
    sql: &SqlStorage,
    country: CountryCode,
    step: HistoryStep,
    (from, to): (Option<i64>, Option<i64>),
) -> Result<Vec<HistoryPoint>> {
    let Some(newest) = store::newest(sql)? else { return Ok(Vec::new()) };
    let (first, last) = step.window(from, to, newest.time);
    let point = |row: TallyRow| HistoryPoint {
        time: Date(row.time).to_string(),
        min: row.min,
        mean: row.sum as f64 / f64::from(row.skies),
        max: row.max,
    };
    Ok(tally::of_country(sql, country, step, first, last)?.into_iter().map(point).collect())
}
