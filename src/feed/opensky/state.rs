//! A row of cells becomes a state vector, or the reason why it can't be believed.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::cell::Cell;
use crate::aircraft::{Callsign, StateVector};
use crate::earth::Position;
use crate::feed::Reason;

type Cells<'a> = [Cell<'a>; 18];

// What an aircraft can do, generously: recorded skies hold velocities of 1,684 m/s (a bad decode,
// but a source's word) and altitudes of 36,126 m. Beyond these a value is no measurement.
const ALTITUDE_METRES: RangeInclusive<f64> = -2_000.0..=100_000.0;
const VELOCITY_METRES_PER_SECOND: RangeInclusive<f64> = 0.0..=8_000.0;
const VERTICAL_RATE_METRES_PER_SECOND: RangeInclusive<f64> = -1_000.0..=1_000.0;
const TRACK_DEGREES: RangeInclusive<f64> = 0.0..=360.0;

/// The names of origin countries, each allocated once for all the rows that hold it.
#[derive(Default)]
pub(super) struct Origins(HashSet<Arc<str>>);

impl Origins {
    fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let name: Arc<str> = text.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}

/// The state vector in a row.
pub(super) fn believe(cells: &Cells, origins: &mut Origins) -> Result<StateVector, Reason> {
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
    ] = cells;
    let state = StateVector {
        icao24: parsed("icao24", icao24, "six hexadecimal digits")?
            .ok_or_else(|| refuse("icao24", icao24, "six hexadecimal digits"))?,
        callsign: read_callsign(callsign)?,
        origin_country: text("origin_country", origin_country)?
            .filter(|name| !name.is_empty())
            .map(|name| origins.name(name)),
        time_position: seconds("time_position", time_position)?,
        last_contact: seconds("last_contact", last_contact)?
            .ok_or_else(|| refuse("last_contact", last_contact, "Unix seconds"))?,
        position: position(longitude, latitude)?,
        baro_altitude: number("baro_altitude", baro_altitude, &ALTITUDE_METRES, "metres")?,
        on_ground: flag("on_ground", on_ground)?,
        velocity: number("velocity", velocity, &VELOCITY_METRES_PER_SECOND, "m/s from 0")?,
        true_track: number("true_track", true_track, &TRACK_DEGREES, "degrees from 0 to 360")?,
        vertical_rate: number(
            "vertical_rate",
            vertical_rate,
            &VERTICAL_RATE_METRES_PER_SECOND,
            "m/s",
        )?,
        geo_altitude: number("geo_altitude", geo_altitude, &ALTITUDE_METRES, "metres")?,
        squawk: parsed("squawk", squawk, "four octal digits")?,
        spi: flag("spi", spi)?,
        position_source: small("position_source", position_source)?,
        category: small("category", category)?,
        current_country: None,
    };
    if state.callsign.is_none() && state.position.is_none() {
        return Err(Reason::Nameless);
    }
    Ok(state)
}

fn refuse(column: &'static str, cell: &Cell, expected: &'static str) -> Reason {
    Reason::Value { column, value: cell.to_string(), expected }
}

fn text<'a>(column: &'static str, cell: &'a Cell) -> Result<Option<&'a str>, Reason> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Text(text) => Ok(Some(text)),
        other => Err(refuse(column, other, "text")),
    }
}

fn parsed<T: std::str::FromStr>(
    column: &'static str,
    cell: &Cell,
    expected: &'static str,
) -> Result<Option<T>, Reason> {
    match text(column, cell)? {
        None => Ok(None),
        Some(text) => text.parse().map(Some).or(Err(refuse(column, cell, expected))),
    }
}

fn read_callsign(cell: &Cell) -> Result<Option<Callsign>, Reason> {
    let Some(text) = text("callsign", cell)? else { return Ok(None) };
    Callsign::parse(text).or(Err(refuse("callsign", cell, "up to 8 printable ASCII characters")))
}

fn seconds(column: &'static str, cell: &Cell) -> Result<Option<i64>, Reason> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Integer(seconds) if *seconds >= 0 => Ok(Some(*seconds)),
        other => Err(refuse(column, other, "Unix seconds")),
    }
}

fn number(
    column: &'static str,
    cell: &Cell,
    range: &RangeInclusive<f64>,
    expected: &'static str,
) -> Result<Option<f64>, Reason> {
    let value = match cell {
        Cell::Null => return Ok(None),
        Cell::Integer(value) => *value as f64,
        Cell::Float(value) => *value,
        other => return Err(refuse(column, other, expected)),
    };
    if range.contains(&value) { Ok(Some(value)) } else { Err(refuse(column, cell, expected)) }
}

/// A position needs both of its coordinates; one alone says nothing.
fn position(longitude: &Cell, latitude: &Cell) -> Result<Option<Position>, Reason> {
    let longitude = number("longitude", longitude, &(-180.0..=180.0), "degrees from -180 to 180")?;
    let latitude = number("latitude", latitude, &(-90.0..=90.0), "degrees from -90 to 90")?;
    Ok(longitude.zip(latitude).and_then(|(longitude, latitude)| Position::new(longitude, latitude)))
}

fn flag(column: &'static str, cell: &Cell) -> Result<bool, Reason> {
    match cell {
        Cell::Null => Ok(false),
        Cell::Bool(flag) => Ok(*flag),
        other => Err(refuse(column, other, "true or false")),
    }
}

fn small(column: &'static str, cell: &Cell) -> Result<Option<u8>, Reason> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Integer(value) => {
            u8::try_from(*value).map(Some).or(Err(refuse(column, cell, "0 to 255")))
        }
        other => Err(refuse(column, other, "0 to 255")),
    }
}
