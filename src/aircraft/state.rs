//! The latest known state of one aircraft.

use std::sync::Arc;

use super::{Callsign, Icao24, Squawk};
use crate::earth::{CountryCode, Position};

/// One aircraft's state, in the names of OpenSky's `/states/all` and in SI units.
///
/// `None` means that the source does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct StateVector {
    /// The transponder's address: an aircraft's identity everywhere in this crate.
    pub icao24: Icao24,
    /// The name of the flight on the radio.
    pub callsign: Option<Callsign>,
    /// The country of the address block, as the source spells it.
    pub origin_country: Option<Arc<str>>,
    /// When the position was received, Unix seconds.
    pub time_position: Option<i64>,
    /// When any message was last received, Unix seconds.
    pub last_contact: i64,
    /// Where it was at `time_position`.
    pub position: Option<Position>,
    /// Altitude by pressure, metres.
    pub baro_altitude: Option<f64>,
    /// Whether the aircraft reports itself on the ground.
    pub on_ground: bool,
    /// Speed over ground, m/s.
    pub velocity: Option<f64>,
    /// Direction over ground, degrees clockwise from north, 0 to 360.
    pub true_track: Option<f64>,
    /// Metres per second, climb positive.
    pub vertical_rate: Option<f64>,
    /// Altitude above the WGS 84 ellipsoid, metres.
    pub geo_altitude: Option<f64>,
    /// The code assigned by air traffic control.
    pub squawk: Option<Squawk>,
    /// Special position identification: the pilot pressed "ident".
    pub spi: bool,
    /// 0 ADS-B, 1 ASTERIX, 2 MLAT, 3 FLARM.
    pub position_source: Option<u8>,
    /// OpenSky's emitter category, 0 to 20; known only if we requested it.
    pub category: Option<u8>,
    /// The country under `position`, which we look up. `None` over the high seas.
    pub current_country: Option<CountryCode>,
}
