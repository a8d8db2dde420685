//! One response of a source, understood.

use std::collections::HashMap;
use std::fmt;

use super::{Reason, RowError};
use crate::aircraft::{Icao24, StateVector};

/// The aircraft of one response, and the rows that could not be believed.
#[derive(Debug, Default, PartialEq)]
pub struct Sky {
    /// The source's own time, Unix seconds.
    pub time: i64,
    /// The aircraft that have a callsign or a position, one row each, in the source's order.
    pub aircraft: Vec<StateVector>,
    /// The other rows. `aircraft` and `rejected` together are as many as the source sent.
    pub rejected: Vec<RowError>,
}

/// Why a response is no sky at all.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedError {
    /// The bytes are not the JSON that was expected.
    NotJson(String),
    /// `time` cannot be a Unix time.
    Time(String),
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(reason) => write!(f, "not an OpenSky response: {reason}"),
            Self::Time(time) => {
                write!(f, "time is {time}, expected Unix seconds from 2000 to 2100")
            }
        }
    }
}

impl std::error::Error for FeedError {}

impl Sky {
    /// The sky in these rows: of several rows with one address the newest stays.
    ///
    /// Newest is by last contact, then by the position's time, then by place in the response.
    pub(super) fn new(
        time: i64,
        rows: impl IntoIterator<Item = (usize, Result<StateVector, Reason>)>,
    ) -> Self {
        let mut sky = Self { time, ..Self::default() };
        let mut places: HashMap<Icao24, (usize, usize)> = HashMap::new();
        for (row, state) in rows {
            let state = match state {
                Ok(state) => state,
                Err(reason) => {
                    sky.rejected.push(RowError { row, reason });
                    continue;
                }
            };
            let Some(&(place, earlier_row)) = places.get(&state.icao24) else {
                places.insert(state.icao24, (sky.aircraft.len(), row));
                sky.aircraft.push(state);
                continue;
            };
            let icao24 = state.icao24;
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
