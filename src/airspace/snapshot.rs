//! All known aircraft at one feed time.

use crate::aircraft::{Icao24, StateVector};

/// The aircraft at one feed time, everywhere or in a region: one row each, ascending by address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The feed's own time, Unix seconds; 0 before the first feed.
    pub time: i64,
    /// Whether the traffic is simulated. Every region snapshot, frame, file and answer says so.
    pub simulated: bool,
    aircraft: Vec<StateVector>,
}

impl Snapshot {
    /// The snapshot of these real aircraft; of several rows with one address it keeps the last.
    pub fn new(time: i64, mut aircraft: Vec<StateVector>) -> Self {
        // A part of a snapshot is sorted already.
        if !aircraft.is_sorted_by(|a, b| a.icao24 < b.icao24) {
            // The sort is stable and `dedup_by` keeps a run's first row, so reverse the rows first.
            aircraft.reverse();
            // Sort by cached keys: rows are too large to move at each step.
            aircraft.sort_by_cached_key(|state| state.icao24);
            aircraft.dedup_by_key(|state| state.icao24);
        }
        Self { time, simulated: false, aircraft }
    }

    /// The same snapshot, marked as simulated or as real.
    pub fn marked(self, simulated: bool) -> Self {
        Self { simulated, ..self }
    }

    /// The rows, ascending by address.
    pub fn aircraft(&self) -> &[StateVector] {
        &self.aircraft
    }

    /// The rows, by value.
    pub fn into_aircraft(self) -> Vec<StateVector> {
        self.aircraft
    }

    /// The aircraft with this address; `None` if the snapshot has none.
    pub fn get(&self, icao24: Icao24) -> Option<&StateVector> {
        let index = self.aircraft.binary_search_by_key(&icao24, |state| state.icao24).ok()?;
        Some(&self.aircraft[index])
    }
}
