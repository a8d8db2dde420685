//! What the ingest object answers when it is asked about its records.

use std::fmt::Display;

use serde::Serialize;
use worker::{Result, SqlStorage, console_log};

use super::tally::TallyRow;
use super::{jobs, store, tally};
use crate::archive::{Date, Day};
use crate::ask::{MinuteRow, Receipt};
use crate::earth::{CountryCode, REGIONS};
use crate::ledger::{Feed, FeedState, Ledger, Step};
use crate::platform::archive::MSGPACK;
use crate::platform::clock;
use crate::problem::Problem;
use crate::wire::DroppedObject;

/// What `/api/status` answers.
pub(super) fn status(
    sql: &SqlStorage,
    ledger: &Ledger,
    boundaries: Option<&'static str>,
    now: i64,
) -> Result<Status> {
    let newest = store::newest(sql)?;
    let health = ledger.health();
    let simulated = ledger.is_simulated();
    let date = |time: i64| Date(time).to_string();
    let detail = match ledger.simulation_is_over() {
        true => Some("the simulator is off: real minutes are stored, and the two never mix".into()),
        false => health.detail.clone(),
    };
    // A push may well be OpenSky's; what a readsb says is not.
    let elsewhere = matches!(ledger.feed(), Feed::Readsb { .. });
    let rate_limited = health.state == FeedState::RateLimited;
    let regions = REGIONS.iter().map(|region| RegionStatus {
        name: region.name,
        delivered: ledger.delivered_at(region).map(date),
    });
    Ok(Status {
        version: env!("CARGO_PKG_VERSION"),
        time: now,
        feed: ledger.feed().name(),
        simulated,
        state: ledger.state().name(),
        detail,
        credits: health.budget.credits(now),
        next_pull_at: ledger.next_pull(),
        retry_at: rate_limited.then_some(health.next_pull_at),
        last_success: health.last_success.map(date),
        age: newest.as_ref().map(|minute| now - minute.time),
        latest: newest.as_ref().map(|minute| date(minute.time)),
        aircraft: newest.as_ref().map_or(0, |minute| minute.aircraft),
        minutes: ledger.minutes(),
        dropped: health.dropped.iter().cloned().map(DroppedObject::from).collect(),
        regions: regions.collect(),
        jobs: jobs::status(sql)?,
        boundaries,
        attribution: (newest.is_some() && !simulated && !elsewhere).then_some(ATTRIBUTION),
    })
}

/// Logs what became of a sky: one line of JSON, which the platform's logs can be searched by.
/// `credits` are those that the source still gives us; `began` is in milliseconds.
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

/// What OpenSky asks of those who show its data.
const ATTRIBUTION: &str = "The OpenSky Network, https://opensky-network.org";

/// `/api/status`.
#[derive(Serialize)]
pub(super) struct Status {
    version: &'static str,
    /// The server's clock, Unix seconds.
    time: i64,
    feed: &'static str,
    simulated: bool,
    state: &'static str,
    detail: Option<String>,
    /// What the source still gives us today; null where it does not count, or has not said.
    credits: Option<i64>,
    /// When the source is asked next, Unix seconds; null where it is not.
    next_pull_at: Option<i64>,
    /// When it may be asked again, Unix seconds; null unless it is rate-limited.
    retry_at: Option<i64>,
    last_success: Option<String>,
    /// Seconds since the feed time of the newest minute.
    age: Option<i64>,
    latest: Option<String>,
    aircraft: u32,
    minutes: u64,
    /// The unusable values of the last sky that was taken in.
    dropped: Vec<DroppedObject>,
    regions: Vec<RegionStatus>,
    jobs: jobs::JobsStatus,
    boundaries: Option<&'static str>,
    attribution: Option<&'static str>,
}

#[derive(Serialize)]
struct RegionStatus {
    name: &'static str,
    delivered: Option<String>,
}

/// A day of `/api/archive`.
#[derive(Serialize)]
pub(super) struct ArchiveDay {
    day: String,
    minutes: u32,
    simulated: bool,
    aircraft_max: u32,
    bytes: u64,
}

/// A file of `/api/archive/:day`.
#[derive(Serialize)]
pub(super) struct ArchiveFile {
    name: String,
    simulated: bool,
    bytes: u64,
    etag: String,
    content_type: &'static str,
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

/// A day's files, oldest first.
pub(super) fn files(sql: &SqlStorage, day: Day) -> Result<Vec<ArchiveFile>> {
    let file = |row: MinuteRow| ArchiveFile {
        name: Date(row.time).file_name(),
        simulated: row.is_simulated(),
        bytes: row.bytes,
        etag: row.etag,
        content_type: MSGPACK,
    };
    Ok(store::day(sql, day)?.into_iter().map(file).collect())
}

/// That there is no such minute, with its neighbours.
pub(super) fn no_such_minute(sql: &SqlStorage, time: Option<i64>) -> Result<Problem> {
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

/// A point of `/api/countries/:iso/history`.
#[derive(Serialize)]
pub(super) struct HistoryPoint {
    /// When the step begins.
    time: String,
    min: u32,
    mean: f64,
    max: u32,
}

/// A country's counts over time, oldest first; steps without any sky are left out.
pub(super) fn history(
    sql: &SqlStorage,
    country: CountryCode,
    step: Step,
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
