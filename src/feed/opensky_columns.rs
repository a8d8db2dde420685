//! Turns the cells of OpenSky's columns into a state vector, or a reason to reject the row.

use super::Reason;
use super::column::{self, CLIMB, METRES, METRES_PER_SECOND, Reader};
use super::json_rows::CELLS;
use super::json_value::JsonValue;
use super::source_snapshot::UNDATED;
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

/// Returns the state vector in a row of these columns.
///
/// A missing last contact is replaced by the position's time: something was received then. Without
/// either the row is undated and gets the time of its response.
pub(super) fn validate(
    cells: &[JsonValue; CELLS],
    read: &mut Reader,
) -> Result<StateVector, Reason> {
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
    let icao24 = column::address("icao24", icao24)?;
    let time_position = read.time("time_position", time_position);
    let last_contact = read.time("last_contact", last_contact).or(time_position);
    let state = StateVector {
        icao24,
        callsign: read.callsign("callsign", callsign),
        origin_country: read.name("origin_country", origin_country),
        time_position,
        last_contact: last_contact.unwrap_or(UNDATED),
        position: read.position(("longitude", longitude), ("latitude", latitude)),
        baro_altitude: read.number("baro_altitude", baro_altitude, &METRES),
        on_ground: read.flag("on_ground", on_ground),
        velocity: read.number("velocity", velocity, &METRES_PER_SECOND),
        true_track: read.track("true_track", true_track),
        vertical_rate: read.number("vertical_rate", vertical_rate, &CLIMB),
        geo_altitude: read.number("geo_altitude", geo_altitude, &METRES),
        squawk: read.squawk(squawk),
        spi: read.flag("spi", spi),
        position_source: read.small("position_source", position_source),
        category: read.small("category", category),
        current_country: None,
    };
    named(state)
}

/// Returns the state if more than its address is known.
pub(super) fn named(state: StateVector) -> Result<StateVector, Reason> {
    match state.callsign.is_none() && state.position.is_none() {
        true => Err(Reason::Nameless),
        false => Ok(state),
    }
}
