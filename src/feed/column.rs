//! A cell becomes a value, or the reason why it cannot be believed.

use std::ops::RangeInclusive;

use super::Reason;
use super::cell::Cell;
use crate::aircraft::Callsign;
use crate::earth::Position;

/// What a number measures.
pub(super) struct Quantity {
    /// How much one of the source's units is of ours.
    unit: f64,
    /// What can be, in our unit.
    range: RangeInclusive<f64>,
    /// What could stand there, for people.
    expected: &'static str,
}

// What an aircraft can do, generously: recorded skies hold velocities of 1,684 m/s (a bad decode,
// but a source's word) and altitudes of 36,126 m. Beyond these a value is no measurement.
const ALTITUDE: RangeInclusive<f64> = -2_000.0..=100_000.0;
const VELOCITY: RangeInclusive<f64> = 0.0..=8_000.0;
const VERTICAL_RATE: RangeInclusive<f64> = -1_000.0..=1_000.0;

const fn quantity(unit: f64, range: RangeInclusive<f64>, expected: &'static str) -> Quantity {
    Quantity { unit, range, expected }
}

impl Quantity {
    /// The same, in other words.
    pub(super) const fn expecting(self, expected: &'static str) -> Self {
        Self { expected, ..self }
    }
}

pub(super) const METRES: Quantity = quantity(1.0, ALTITUDE, "metres");
pub(super) const FEET: Quantity = quantity(0.3048, ALTITUDE, "feet");
pub(super) const METRES_PER_SECOND: Quantity = quantity(1.0, VELOCITY, "m/s from 0");
pub(super) const KNOTS: Quantity = quantity(1_852.0 / 3_600.0, VELOCITY, "knots from 0");
pub(super) const CLIMB: Quantity = quantity(1.0, VERTICAL_RATE, "m/s");
pub(super) const FEET_PER_MINUTE: Quantity =
    quantity(0.3048 / 60.0, VERTICAL_RATE, "feet a minute");
pub(super) const TRACK: Quantity = quantity(1.0, 0.0..=360.0, "degrees from 0 to 360");
/// An age; no clock has run for longer than the years that a sky's time may be of.
pub(super) const SECONDS_AGO: Quantity = quantity(1.0, 0.0..=900_000_000.0, "seconds ago");
const LONGITUDE: Quantity = quantity(1.0, -180.0..=180.0, "degrees from -180 to 180");
const LATITUDE: Quantity = quantity(1.0, -90.0..=90.0, "degrees from -90 to 90");

pub(super) fn refuse(column: &'static str, cell: &Cell, expected: &'static str) -> Reason {
    Reason::Value { column, value: cell.to_string(), expected }
}

pub(super) fn text<'a>(
    column: &'static str,
    cell: &'a Cell,
    expected: &'static str,
) -> Result<Option<&'a str>, Reason> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Text(text) => Ok(Some(text)),
        other => Err(refuse(column, other, expected)),
    }
}

pub(super) fn parsed<T: std::str::FromStr>(
    column: &'static str,
    cell: &Cell,
    expected: &'static str,
) -> Result<Option<T>, Reason> {
    match text(column, cell, expected)? {
        None => Ok(None),
        // Lazily, as below: the reason is text, and most rows have none.
        Some(text) => text.parse().ok().map(Some).ok_or_else(|| refuse(column, cell, expected)),
    }
}

/// What must be there.
pub(super) fn required<T>(
    value: Option<T>,
    column: &'static str,
    expected: &'static str,
) -> Result<T, Reason> {
    value.ok_or_else(|| refuse(column, &Cell::Null, expected))
}

pub(super) fn callsign(column: &'static str, cell: &Cell) -> Result<Option<Callsign>, Reason> {
    let expected = "up to 8 printable ASCII characters";
    let Some(text) = text(column, cell, expected)? else { return Ok(None) };
    Callsign::parse(text).ok().ok_or_else(|| refuse(column, cell, expected))
}

pub(super) fn seconds(column: &'static str, cell: &Cell) -> Result<Option<i64>, Reason> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Integer(seconds) if *seconds >= 0 => Ok(Some(*seconds)),
        other => Err(refuse(column, other, "Unix seconds")),
    }
}

/// The measurement in SI units: to hundredths, as OpenSky sends them, where it is converted.
pub(super) fn number(
    column: &'static str,
    cell: &Cell,
    quantity: &Quantity,
) -> Result<Option<f64>, Reason> {
    let value = match cell {
        Cell::Null => return Ok(None),
        Cell::Integer(value) => *value as f64,
        Cell::Float(value) => *value,
        other => return Err(refuse(column, other, quantity.expected)),
    };
    let value = match quantity.unit {
        1.0 => value,
        // Without the sum a small descent would become -0.0, which OpenSky does not send.
        unit => (value * unit * 100.0).round() / 100.0 + 0.0,
    };
    if quantity.range.contains(&value) {
        Ok(Some(value))
    } else {
        Err(refuse(column, cell, quantity.expected))
    }
}

/// A position needs both of its coordinates, each with its column's name; one alone says nothing.
pub(super) fn position(
    longitude: (&'static str, &Cell),
    latitude: (&'static str, &Cell),
) -> Result<Option<Position>, Reason> {
    let longitude = number(longitude.0, longitude.1, &LONGITUDE)?;
    let latitude = number(latitude.0, latitude.1, &LATITUDE)?;
    Ok(longitude.zip(latitude).and_then(|(longitude, latitude)| Position::new(longitude, latitude)))
}

pub(super) fn flag(column: &'static str, cell: &Cell) -> Result<bool, Reason> {
    match cell {
        Cell::Null => Ok(false),
        Cell::Bool(flag) => Ok(*flag),
        other => Err(refuse(column, other, "true or false")),
    }
}

pub(super) fn small(column: &'static str, cell: &Cell) -> Result<Option<u8>, Reason> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Integer(value) => {
            u8::try_from(*value).ok().map(Some).ok_or_else(|| refuse(column, cell, "0 to 255"))
        }
        other => Err(refuse(column, other, "0 to 255")),
    }
}
