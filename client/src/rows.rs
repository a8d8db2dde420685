//! The shown aircraft, live or of a stored minute, behind one interface.
//!
//! In scope: a row's address, and its state vector on request. Out of scope: what the rows are
//! used for.

use std::borrow::Cow;

use overflight::aircraft::{Callsign, Icao24, StateVector};
use overflight::airspace::{LiveAircraft, LiveState, Snapshot};
use overflight::earth::CountryCode;

use crate::union::Union;

/// A list of aircraft, sorted by address.
pub enum Rows {
    /// The frames of `world` and of the open regions.
    Live(Union),
    /// A stored minute, exact.
    Past(Snapshot),
}

/// One aircraft.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// A live one, with the live state that has its time and resolution.
    Live(&'a LiveAircraft, &'a LiveState),
    /// As the source gave it.
    Past(&'a StateVector),
}

impl Default for Rows {
    /// Returns a live state before its first frame.
    fn default() -> Self {
        Self::Live(Union::default())
    }
}

impl Rows {
    /// Returns Unix seconds of the minute, or of `world`'s last frame; 0 before the first.
    pub fn time(&self) -> i64 {
        match self {
            Self::Live(union) => union.world().time,
            Self::Past(snapshot) => snapshot.time,
        }
    }

    /// Whether the traffic is invented.
    pub fn simulated(&self) -> bool {
        match self {
            Self::Live(union) => union.world().simulated,
            Self::Past(snapshot) => snapshot.simulated,
        }
    }

    /// How many aircraft there are, with or without a position.
    pub fn count(&self) -> usize {
        match self {
            Self::Live(union) => union.count(),
            Self::Past(snapshot) => snapshot.aircraft().len(),
        }
    }

    /// Iterates over all aircraft.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.count()).map(|index| self.row(index))
    }

    /// Returns the aircraft with that address.
    pub fn get(&self, icao24: Icao24) -> Option<Row<'_>> {
        let (mut from, mut to) = (0, self.count());
        while from < to {
            let middle = from.midpoint(to);
            let row = self.row(middle);
            match row.icao24().cmp(&icao24) {
                std::cmp::Ordering::Equal => return Some(row),
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    fn row(&self, index: usize) -> Row<'_> {
        match self {
            Self::Live(union) => {
                let (row, live) = union.row(index);
                Row::Live(row, live)
            }
            Self::Past(snapshot) => Row::Past(&snapshot.aircraft()[index]),
        }
    }
}

impl<'a> Row<'a> {
    /// The transponder's address.
    pub fn icao24(self) -> Icao24 {
        match self {
            Self::Live(row, _) => row.icao24,
            Self::Past(state) => state.icao24,
        }
    }

    /// What the flight is called on the radio.
    pub fn callsign(self) -> Option<Callsign> {
        match self {
            Self::Live(row, _) => row.identity.callsign,
            Self::Past(state) => state.callsign,
        }
    }

    /// The country underneath.
    pub fn current_country(self) -> Option<CountryCode> {
        match self {
            Self::Live(row, _) => row.identity.current_country,
            Self::Past(state) => state.current_country,
        }
    }

    /// Returns the whole state vector; a live row's is made for the call.
    pub fn state(self) -> Cow<'a, StateVector> {
        match self {
            Self::Live(row, live) => Cow::Owned(row.state(live.time, live.resolution)),
            Self::Past(state) => Cow::Borrowed(state),
        }
    }
}
