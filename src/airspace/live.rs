//! What a live client holds: aircraft rounded to a resolution, all as of one time.

use std::sync::Arc;

use super::{Motion, Resolution};
use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::CountryCode;

/// One aircraft as it is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAircraft {
    /// The transponder's address.
    pub icao24: Icao24,
    /// Who it is and what it says of itself.
    pub identity: Identity,
    /// How it moves.
    pub motion: Motion,
}

/// What seldom changes of an aircraft; the fields are those of a state vector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in StateVector")]
pub struct Identity {
    pub callsign: Option<Callsign>,
    pub origin_country: Option<Arc<str>>,
    pub squawk: Option<Squawk>,
    pub spi: bool,
    pub position_source: Option<u8>,
    pub category: Option<u8>,
    pub current_country: Option<CountryCode>,
}

impl LiveAircraft {
    /// The state as it is live at a time, Unix seconds.
    pub fn of(state: &StateVector, time: i64, resolution: Resolution) -> Self {
        Self {
            icao24: state.icao24,
            identity: Identity {
                callsign: state.callsign,
                origin_country: state.origin_country.clone(),
                squawk: state.squawk,
                spi: state.spi,
                position_source: state.position_source,
                category: state.category,
                current_country: state.current_country,
            },
            motion: Motion::of(state, time, resolution),
        }
    }
}
