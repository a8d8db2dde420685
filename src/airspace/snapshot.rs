//! What is known of a piece of sky at one moment.

use crate::aircraft::{Icao24, StateVector};

/// The aircraft of a region at one feed time, one row each, in the order of their addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The feed's own time, Unix seconds; 0 before the first feed.
    pub time: i64,
    /// Whether the traffic is invented. Every share, frame, file and answer made of it says so.
    pub simulated: bool,
    aircraft: Vec<StateVector>,
}

impl Snapshot {
    /// The snapshot of these aircraft, which are real; of several rows with one address the last
    /// stays.
    pub fn new(time: i64, mut aircraft: Vec<StateVector>) -> Self {
        // A share of a snapshot is in order already.
        if !aircraft.is_sorted_by(|a, b| a.icao24 < b.icao24) {
            // The sort is stable and `dedup_by` keeps a run's first, so turn the rows round before.
            aircraft.reverse();
            // By keys of their own, for a row is large to be moved at each step.
            aircraft.sort_by_cached_key(|state| state.icao24);
            aircraft.dedup_by_key(|state| state.icao24);
        }
        Self { time, simulated: false, aircraft }
    }

    /// The same snapshot, as simulated traffic or as real.
    pub fn marked(self, simulated: bool) -> Self {
        Self { simulated, ..self }
    }

    /// The rows, in the order of their addresses.
    pub fn aircraft(&self) -> &[StateVector] {
        &self.aircraft
    }

    /// The rows, to own.
    pub fn into_aircraft(self) -> Vec<StateVector> {
        self.aircraft
    }

    /// The aircraft with that address, if it is here.
    pub fn get(&self, icao24: Icao24) -> Option<&StateVector> {
        let index = self.aircraft.binary_search_by_key(&icao24, |state| state.icao24).ok()?;
        Some(&self.aircraft[index])
    }
}
