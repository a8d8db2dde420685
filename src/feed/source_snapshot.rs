//! One response of a source, parsed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::io::{self, BufReader, Read};

use super::column::{Reader, TIMES};
use super::json_value::JsonValue;
use super::{Dropped, Reason, RowError};
use crate::aircraft::{Icao24, StateVector};
use crate::text;

/// The aircraft of one response, and the rows that were rejected.
#[derive(Debug, Default, PartialEq)]
pub struct SourceSnapshot {
    /// The source's own time, Unix seconds.
    pub time: i64,
    /// The aircraft that have a callsign or a position, one row each, in the source's order.
    pub aircraft: Vec<StateVector>,
    /// The other rows. `aircraft` and `rejected` together are as many as the source sent.
    pub rejected: Vec<RowError>,
    /// The fields that have unusable values in some rows, in the order of their first such row.
    pub dropped: Vec<Dropped>,
}

/// The most rows that a response may have: eight times today's traffic. An isolate has
/// 128 MB, and some of it is V8's. Where one holds the Worker, the ingest object and all regions,
/// this limit keeps all memory in use below 100 MB: tests/edge/attacks/volume.test.mjs.
pub const ROWS_MAX: usize = 100_000;

/// The largest body, decoded. 100,000 aircraft are 13 MB of OpenSky's JSON, at 134 bytes each.
/// Objects take twice to three times as much, so fewer of them fit.
pub const BODY_BYTES_MAX: usize = 16 << 20;

/// Why a response is not a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedError {
    /// The bytes are not the JSON that was expected.
    NotJson(String),
    /// They are JSON, but of no form that holds a snapshot; what was found.
    Unknown(String),
    /// The snapshot's time is not plausible.
    Time {
        /// The field.
        name: &'static str,
        /// The value as JSON, shortened.
        value: String,
    },
    /// It has more than [`ROWS_MAX`] rows; how many.
    TooMany(usize),
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(reason) => write!(f, "not a snapshot: {reason}"),
            Self::Unknown(found) => write!(
                f,
                "not a snapshot: {found}, expected an object with states (OpenSky), aircraft \
                 (readsb) or ac (ADSBx v2), or an array of state objects"
            ),
            Self::TooMany(rows) => {
                write!(f, "the response has {rows} rows, at most {ROWS_MAX} are accepted")
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

/// Returns the time if it is plausible for a snapshot.
pub(super) fn plausible_time(seconds: i64) -> Option<i64> {
    TIMES.contains(&seconds).then_some(seconds)
}

/// Returns the error for a value that cannot be the snapshot's time.
pub(super) fn no_time(name: &'static str, value: &JsonValue) -> FeedError {
    FeedError::Time { name, value: value.to_string() }
}

/// Checks that a body begins an object: serde would also read a struct from an array.
pub(super) fn expect_object(body: impl Read, fields: &str) -> Result<(), FeedError> {
    let is_space = |byte: &io::Result<u8>| byte.as_ref().is_ok_and(u8::is_ascii_whitespace);
    match BufReader::new(body).bytes().find(|byte| !is_space(byte)).transpose()? {
        Some(b'{') => Ok(()),
        _ => Err(FeedError::NotJson(format!("expected an object with {fields}"))),
    }
}

/// Checks that the response has at most [`ROWS_MAX`] rows.
pub(super) fn expect_rows(count: usize) -> Result<(), FeedError> {
    if count > ROWS_MAX { Err(FeedError::TooMany(count)) } else { Ok(()) }
}

impl std::error::Error for FeedError {}

/// The rows that a usual snapshot has at most. Beyond that, capacity grows to [`ROWS_MAX`] at once:
/// doubling it repeatedly would take up to three times the memory.
const ROWS_USUAL: usize = 16_384;

/// Builds a snapshot. Of several rows with one address the newest stays.
///
/// Newest is by last contact, then by the position's time, then by place in the response. A row
/// without a time counts as the oldest.
#[derive(Default)]
pub(super) struct Builder {
    snapshot: SourceSnapshot,
    /// The number of rows that were added.
    rows: usize,
    /// By aircraft: its index in the snapshot, and the row that is kept.
    places: HashMap<Icao24, (u32, u32)>,
}

/// Stands for the last contact of a row without a time, which gets the snapshot's own once that is
/// known. No source sends this value.
pub(super) const UNDATED: i64 = i64::MIN;

impl Builder {
    /// Returns how many rows were added.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row.
    pub(super) fn add(&mut self, state: Result<StateVector, Reason>) {
        let row = self.rows;
        self.rows += 1;
        match state {
            Ok(state) => self.insert(row, state),
            Err(reason) => self.snapshot.rejected.push(RowError { row, reason }),
        }
    }

    fn insert(&mut self, row: usize, state: StateVector) {
        let (icao24, count) = (state.icao24, self.snapshot.aircraft.len());
        if count == self.snapshot.aircraft.capacity() {
            let room = if count < ROWS_USUAL { ROWS_USUAL } else { ROWS_MAX };
            self.snapshot.aircraft.reserve_exact(room.saturating_sub(count).max(1));
            self.places.reserve(room.saturating_sub(count));
        }
        let (place, earlier_row) = match self.places.entry(icao24) {
            Entry::Vacant(entry) => {
                entry.insert((count as u32, row as u32));
                self.snapshot.aircraft.push(state);
                return;
            }
            Entry::Occupied(entry) => *entry.get(),
        };
        let earlier_row = earlier_row as usize;
        let earlier = &mut self.snapshot.aircraft[place as usize];
        let age = |state: &StateVector, row| (state.last_contact, state.time_position, row);
        let (kept, lost) = if age(&state, row) >= age(earlier, earlier_row) {
            *earlier = state;
            (row, earlier_row)
        } else {
            (earlier_row, row)
        };
        self.places.insert(icao24, (place, kept as u32));
        let reason = Reason::Duplicate { icao24, kept };
        self.snapshot.rejected.push(RowError { row: lost, reason });
    }

    /// Returns the snapshot of that time, without spare capacity. `read` has read its rows.
    pub(super) fn build(self, time: i64, read: Reader) -> SourceSnapshot {
        let mut snapshot = SourceSnapshot { time, dropped: read.dropped, ..self.snapshot };
        for state in snapshot.aircraft.iter_mut().filter(|state| state.last_contact == UNDATED) {
            state.last_contact = time;
        }
        snapshot.aircraft.shrink_to_fit();
        snapshot.rejected.sort_by_key(|error| error.row);
        snapshot
    }
}
