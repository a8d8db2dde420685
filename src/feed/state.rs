//! The cells of OpenSky's columns become a state vector, or the reason why they can't be believed.

use super::Reason;
use super::cell::Cell;
use super::column::{self, CLIMB, METRES, METRES_PER_SECOND, TRACK};
use super::origins::Origins;
use super::raw::CELLS;
use crate::aircraft::StateVector;

/// The columns in OpenSky's order; `extended=1` adds the eighteenth.
pub(super) const COLUMNS: [&str; 18] = [
    "icao24",
    "callsign",
    "origin_country",
    "time_position",
    "last_contact",
    "longitude",
    "latitude",
    "baro_altitude",
    "on_ground",
    "velocity",
    "true_track",
    "vertical_rate",
    "sensors",
    "geo_altitude",
    "squawk",
    "spi",
    "position_source",
    "category",
];

/// The state vector in a row of these columns.
pub(super) fn believe(cells: &[Cell; CELLS], origins: &mut Origins) -> Result<StateVector, Reason> {
    let [
        icao24,
        callsign,
        origin_country,
        time_position,
        last_contact,
        longitude,
        latitude,
        baro_altitude,
        on_ground,
        velocity,
        true_track,
        vertical_rate,
        _sensors,
        geo_altitude,
        squawk,
        spi,
        position_source,
        category,
        ..,
    ] = cells;
    let address = "six hexadecimal digits";
    let icao24 = column::parsed("icao24", icao24, address)?;
    let last_contact = column::seconds("last_contact", last_contact)?;
    let state = StateVector {
        icao24: column::required(icao24, "icao24", address)?,
        callsign: column::callsign("callsign", callsign)?,
        origin_country: column::text("origin_country", origin_country, "text")?
            .filter(|name| !name.is_empty())
            .map(|name| origins.name(name)),
        time_position: column::seconds("time_position", time_position)?,
        last_contact: column::required(last_contact, "last_contact", "Unix seconds")?,
        position: column::position(("longitude", longitude), ("latitude", latitude))?,
        baro_altitude: column::number("baro_altitude", baro_altitude, &METRES)?,
        on_ground: column::flag("on_ground", on_ground)?,
        velocity: column::number("velocity", velocity, &METRES_PER_SECOND)?,
        true_track: column::number("true_track", true_track, &TRACK)?,
        vertical_rate: column::number("vertical_rate", vertical_rate, &CLIMB)?,
        geo_altitude: column::number("geo_altitude", geo_altitude, &METRES)?,
        squawk: column::parsed("squawk", squawk, "four octal digits")?,
        spi: column::flag("spi", spi)?,
        position_source: column::small("position_source", position_source)?,
        category: column::small("category", category)?,
        current_country: None,
    };
    named(state)
}

/// The state, if anything is known of it but its address.
pub(super) fn named(state: StateVector) -> Result<StateVector, Reason> {
    match state.callsign.is_none() && state.position.is_none() {
        true => Err(Reason::Nameless),
        false => Ok(state),
    }
}
