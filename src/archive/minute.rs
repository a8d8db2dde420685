//! One archived minute: a whole sky, with the countries below it.

use std::collections::BTreeMap;

use crate::airspace::Snapshot;
use crate::earth::CountryCode;
use crate::earth::country::Boundaries;
use crate::feed::Sky;
use crate::wire::{self, MinuteError};

/// One archived feed time: the whole sky.
#[derive(Debug, PartialEq)]
pub struct Minute {
    /// All of the aircraft, and whether they are invented.
    pub snapshot: Snapshot,
}

impl Minute {
    /// The minute of a sky that a source gave: names the country under each aircraft.
    pub fn of(sky: Sky, simulated: bool, boundaries: &Boundaries) -> Self {
        let Sky { time, mut aircraft, .. } = sky;
        for state in &mut aircraft {
            state.current_country = state.position.and_then(|point| boundaries.country_at(point));
        }
        Self { snapshot: Snapshot::new(time, aircraft).marked(simulated) }
    }

    /// How many aircraft are over each country; countries without any are left out.
    pub fn count_by_country(&self) -> BTreeMap<CountryCode, u32> {
        let mut counts = BTreeMap::new();
        for code in self.snapshot.aircraft().iter().filter_map(|state| state.current_country) {
            *counts.entry(code).or_insert(0) += 1;
        }
        counts
    }

    /// The minute's bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode_minute(&self.snapshot, self.snapshot.aircraft())
    }

    /// The minute in the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, MinuteError> {
        wire::decode_minute(bytes).map(|snapshot| Self { snapshot })
    }
}
