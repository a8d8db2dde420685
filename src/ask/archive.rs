//! The ingest object's answers about recorded minutes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A day of `/api/archive`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchiveDay {
    /// Like `2026-11-20`.
    pub day: String,
    /// The number of minutes.
    pub minutes: u32,
    /// Whether its traffic is simulated.
    pub simulated: bool,
    /// The most aircraft in a minute.
    pub aircraft_max: u32,
    /// The size in R2.
    pub bytes: u64,
}

/// A file of `/api/archive/:day`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchiveFile {
    /// Like `123400.msgpack`, `12-0123456789abcdef.pack` or `12.parquet`.
    pub name: String,
    /// Whether its traffic is simulated.
    pub simulated: bool,
    /// The size in R2.
    pub bytes: u64,
    /// R2's etag, without quotes.
    pub etag: String,
    /// Its media type.
    pub content_type: Cow<'static, str>,
}

/// A result of `/api/search`: a callsign and an address on one day of UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchResult {
    /// The address.
    pub icao24: String,
    /// The callsign; `None` if the aircraft sent none.
    pub callsign: Option<String>,
    /// The first minute of the day with both.
    pub first: String,
    /// The last one.
    pub last: String,
}

/// A point of `/api/countries/:iso/history`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// When the step begins.
    pub time: String,
    /// The fewest aircraft in a snapshot.
    pub min: u32,
    /// The mean over all snapshots.
    pub mean: f64,
    /// The most aircraft in a snapshot.
    pub max: u32,
}
