//! What the ingest object answers about the recorded minutes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A day of `/api/archive`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchiveDay {
    /// Like `2026-11-20`.
    pub day: String,
    /// How many minutes it has.
    pub minutes: u32,
    /// Whether its traffic is invented.
    pub simulated: bool,
    /// The most aircraft of a minute.
    pub aircraft_max: u32,
    /// The size in R2.
    pub bytes: u64,
}

/// A file of `/api/archive/:day`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchiveFile {
    /// Like `123400.msgpack`.
    pub name: String,
    /// Whether its traffic is invented.
    pub simulated: bool,
    /// The size in R2.
    pub bytes: u64,
    /// R2's, without quotes.
    pub etag: String,
    /// Its media type.
    pub content_type: Cow<'static, str>,
}

/// A point of `/api/countries/:iso/history`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// When the step begins.
    pub time: String,
    /// The fewest aircraft at a time.
    pub min: u32,
    /// How many there were on average.
    pub mean: f64,
    /// The most aircraft at a time.
    pub max: u32,
}
