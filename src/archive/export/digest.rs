//! A digest of each minute's rows, by which copies of an hour are compared.
//!
//! In scope: noticing any difference, to the last bit of a number. Out of scope: digests that are
//! stored. The hash is the standard library's and may differ between builds.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::aircraft::StateVector;

/// The digests of some minutes, of which each got its rows in ascending order of addresses.
#[derive(Debug, Default)]
pub struct MinuteDigests(BTreeMap<i64, (u64, DefaultHasher)>);

impl MinuteDigests {
    /// Adds a minute, Unix seconds, that may have no rows.
    pub fn add_minute(&mut self, time: i64) {
        self.0.entry(time).or_default();
    }

    /// Adds a row to its minute.
    pub fn add(&mut self, time: i64, state: &StateVector) {
        let (rows, hasher) = self.0.entry(time).or_default();
        *rows += 1;
        hash(state, hasher);
    }

    /// How many rows all minutes have.
    pub fn rows(&self) -> u64 {
        self.0.values().map(|(rows, _)| rows).sum()
    }

    /// The first minute whose rows differ from those of the other; `None` if none does. A minute
    /// without rows is as good as none.
    pub fn differs_at(&self, other: &Self) -> Option<i64> {
        let digest = |digests: &Self, time: &i64| {
            let found = digests.0.get(time).filter(|(rows, _)| *rows > 0);
            found.map(|(rows, hasher)| (*rows, hasher.finish()))
        };
        let times = self.0.keys().chain(other.0.keys());
        times.copied().filter(|time| digest(self, time) != digest(other, time)).min()
    }
}

fn hash(state: &StateVector, hasher: &mut DefaultHasher) {
    let bits = |number: Option<f64>| number.map(f64::to_bits);
    let position = state.position;
    (state.icao24, state.callsign, &state.origin_country, state.time_position).hash(hasher);
    (state.last_contact, state.on_ground, state.squawk, state.spi).hash(hasher);
    (state.position_source, state.category, state.current_country).hash(hasher);
    bits(position.map(|position| position.longitude)).hash(hasher);
    bits(position.map(|position| position.latitude)).hash(hasher);
    let measured = [state.baro_altitude, state.velocity, state.true_track];
    measured.map(bits).hash(hasher);
    [state.vertical_rate, state.geo_altitude].map(bits).hash(hasher);
}
