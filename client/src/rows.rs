//! The aircraft on show, live or of a stored minute, behind one face.
//!
//! In scope: a row's address, and its state vector where that is asked for. Out of scope: what is
//! made of the rows.

use std::borrow::Cow;

use overflight::aircraft::{Callsign, Icao24, StateVector};
use overflight::airspace::{LiveAircraft, LiveState, Snapshot};
use overflight::earth::CountryCode;

use crate::union::Union;

/// A list of aircraft in the order of their addresses.
pub enum Rows {
    /// The frames of `world` and of the open regions.
    Live(Union),
    /// A stored minute, exact.
    Past(Snapshot),
}

/// One aircraft.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// As it is live, in the sky that tells its time and resolution.
    Live(&'a LiveAircraft, &'a LiveState),
    /// As the source gave it.
    Past(&'a StateVector),
}

impl Default for Rows {
    /// A live snapshot before its first frame.
    fn default() -> Self {
        Self::Live(Union::default())
    }
}

impl Rows {
    /// Unix seconds of the minute, or of `world`'s last frame; 0 before the first.
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

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.count()).map(|index| self.row(index))
    }

    /// The aircraft with that address.
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
                let (row, snapshot) = union.row(index);
                Row::Live(row, snapshot)
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

    /// The whole state, which is made where the row is live.
    pub fn state(self) -> Cow<'a, StateVector> {
        match self {
            Self::Live(row, snapshot) => Cow::Owned(row.state(snapshot.time, snapshot.resolution)),
            Self::Past(state) => Cow::Borrowed(state),
        }
    }
}
