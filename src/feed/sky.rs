//! One response of a source, understood.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use super::cell::Cell;
use super::column::Reader;
use super::{Dropped, Reason, RowError};
use crate::aircraft::{Icao24, StateVector};
use crate::text;

/// The aircraft of one response, and the rows that could not be believed.
#[derive(Debug, Default, PartialEq)]
pub struct Sky {
    /// The source's own time, Unix seconds.
    pub time: i64,
    /// The aircraft that have a callsign or a position, one row each, in the source's order.
    pub aircraft: Vec<StateVector>,
    /// The other rows. `aircraft` and `rejected` together are as many as the source sent.
    pub rejected: Vec<RowError>,
    /// The fields that hold unusable values in some rows, in the order of their first such row.
    pub dropped: Vec<Dropped>,
}

/// Unix time of 2000-01-01 and 2100-01-01: a clock outside of them is broken, or in milliseconds.
pub(super) const TIMES: std::ops::Range<i64> = 946_684_800..4_102_444_800;

/// The most rows that a response may have: eight times the traffic that there is. An isolate has
/// 128 MB for everything; tests/edge/attacks/volume.test.mjs measures what so many rows take of it.
pub const ROWS_MAX: usize = 100_000;

/// Why a response is no sky at all.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedError {
    /// The bytes are not the JSON that was expected.
    NotJson(String),
    /// They are JSON, but of no form that holds a sky; what was found.
    Unknown(String),
    /// The sky's time cannot be one.
    Time {
        /// The field.
        name: &'static str,
        /// What stands there, as JSON, shortened.
        value: String,
    },
    /// It has more rows than are taken; how many.
    TooMany(usize),
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(reason) => write!(f, "not a sky: {reason}"),
            Self::Unknown(found) => write!(
                f,
                "not a sky: {found}, expected an object with states (OpenSky), aircraft (readsb) \
                 or ac (ADSBx v2), or an array of state objects"
            ),
            Self::TooMany(rows) => {
                write!(f, "the response has {rows} rows, at most {ROWS_MAX} are taken")
            }
            Self::Time { name, value } => {
                write!(f, "{name} is {value}, expected Unix seconds from 2000 to 2100")
            }
        }
    }
}

impl From<serde_json::Error> for FeedError {
    fn from(error: serde_json::Error) -> Self {
        Self::NotJson(text::message(&error.to_string()))
    }
}

/// The time, if it can be a sky's.
pub(super) fn believable(seconds: i64) -> Option<i64> {
    TIMES.contains(&seconds).then_some(seconds)
}

/// That the value cannot be the sky's time.
pub(super) fn no_time(name: &'static str, value: &Cell) -> FeedError {
    FeedError::Time { name, value: value.to_string() }
}

/// That the bytes begin an object: serde would also take a struct from an array of its fields.
pub(super) fn expect_object(bytes: &[u8], fields: &str) -> Result<(), FeedError> {
    match bytes.trim_ascii_start().first() {
        Some(b'{') => Ok(()),
        _ => Err(FeedError::NotJson(format!("expected an object with {fields}"))),
    }
}

/// That the response has no more rows than are taken.
pub(super) fn expect_rows(count: usize) -> Result<(), FeedError> {
    if count > ROWS_MAX { Err(FeedError::TooMany(count)) } else { Ok(()) }
}

impl std::error::Error for FeedError {}

impl Sky {
    /// The sky in the rows that were read: of several rows with one address the newest stays.
    ///
    /// Newest is by last contact, then by the position's time, then by place in the response.
    pub(super) fn new(time: i64, mut rows: Vec<Result<StateVector, Reason>>, read: Reader) -> Self {
        for row in read.undated {
            if let Ok(state) = &mut rows[row] {
                state.last_contact = time;
            }
        }
        let mut sky = Self { time, dropped: read.dropped, ..Self::default() };
        let mut places: HashMap<Icao24, (usize, usize)> = HashMap::with_capacity(rows.len());
        for (row, state) in rows.into_iter().enumerate() {
            let state = match state {
                Ok(state) => state,
                Err(reason) => {
                    sky.rejected.push(RowError { row, reason });
                    continue;
                }
            };
            let icao24 = state.icao24;
            let (place, earlier_row) = match places.entry(icao24) {
                Entry::Vacant(entry) => {
                    entry.insert((sky.aircraft.len(), row));
                    sky.aircraft.push(state);
                    continue;
                }
                Entry::Occupied(entry) => *entry.get(),
            };
            let age = |state: &StateVector| (state.last_contact, state.time_position);
            let (kept, lost) = if age(&state) >= age(&sky.aircraft[place]) {
                sky.aircraft[place] = state;
                places.insert(icao24, (place, row));
                (row, earlier_row)
            } else {
                (earlier_row, row)
            };
            sky.rejected.push(RowError { row: lost, reason: Reason::Duplicate { icao24, kept } });
        }
        sky.rejected.sort_by_key(|error| error.row);
        sky
    }
}
