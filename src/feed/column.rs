//! A cell becomes a value, or null: an unusable value costs its field, never its row.
//!
//! The address is the exception: a row without one belongs to no aircraft and is left out.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use super::Reason;
use super::country_names::CountryNames;
use super::dropped::{self, Dropped};
use super::json_value::JsonValue;
use crate::aircraft::{Callsign, Icao24, Squawk};
use crate::earth::Position;
use crate::text;

/// Unix times from 2000 to 2100: a clock outside of them is wrong or counts milliseconds.
pub(super) const TIMES: std::ops::Range<i64> = 946_684_800..4_102_444_800;

/// What a number measures.
pub(super) struct Quantity {
    /// The source's unit, in ours.
    unit: f64,
    /// The plausible values, in our unit.
    range: RangeInclusive<f64>,
    /// The accepted values, in words.
    expected: &'static str,
}

// What an aircraft can do, generously: recorded snapshots hold velocities of 1,684 m/s (a bad
// decode, but reported) and altitudes of 36,126 m. A value beyond these is not a measurement.
const ALTITUDE: RangeInclusive<f64> = -2_000.0..=100_000.0;
const VELOCITY: RangeInclusive<f64> = 0.0..=8_000.0;
const VERTICAL_RATE: RangeInclusive<f64> = -1_000.0..=1_000.0;

const fn quantity(unit: f64, range: RangeInclusive<f64>, expected: &'static str) -> Quantity {
    Quantity { unit, range, expected }
}

impl Quantity {
    /// Returns the quantity with another description of its accepted values.
    pub(super) const fn expecting(self, expected: &'static str) -> Self {
        Self { expected, ..self }
    }
}

pub(super) const METRES: Quantity = quantity(1.0, ALTITUDE, "metres from -2000 to 100000");
pub(super) const FEET: Quantity = quantity(0.3048, ALTITUDE, "feet from -6561 to 328083");
pub(super) const METRES_PER_SECOND: Quantity = quantity(1.0, VELOCITY, "m/s from 0 to 8000");
pub(super) const KNOTS: Quantity = quantity(1_852.0 / 3_600.0, VELOCITY, "knots from 0 to 15550");
pub(super) const CLIMB: Quantity = quantity(1.0, VERTICAL_RATE, "m/s from -1000 to 1000");
pub(super) const FEET_PER_MINUTE: Quantity =
    quantity(0.3048 / 60.0, VERTICAL_RATE, "feet a minute from -196850 to 196850");
/// OpenSky's responses contain -118.81: some decoders do not reduce modulo 360.
const TRACK: Quantity = quantity(1.0, -360.0..=720.0, "degrees from -360 to 720");
/// An age, at most some 28 years.
pub(super) const SECONDS_AGO: Quantity = quantity(1.0, 0.0..=900_000_000.0, "seconds ago, from 0");
const LONGITUDE: Quantity = quantity(1.0, -180.0..=180.0, "degrees from -180 to 180");
const LATITUDE: Quantity = quantity(1.0, -90.0..=90.0, "degrees from -90 to 90");

/// Returns the aircraft's address, or the reason why the row has none.
pub(super) fn address(field: &'static str, cell: &JsonValue) -> Result<Icao24, Reason> {
    let address = match cell {
        JsonValue::Text(text) => text.parse().ok(),
        _ => None,
    };
    address.ok_or_else(|| refuse(field, cell, "six hexadecimal digits"))
}

pub(super) fn refuse(column: &'static str, cell: &JsonValue, expected: &'static str) -> Reason {
    Reason::Value { column, value: cell.to_string(), expected }
}

/// Reads the cells of one row after another and counts the unusable values.
#[derive(Default)]
pub(super) struct Reader {
    /// Which row of the response is being read.
    pub(super) row: usize,
    /// The fields that held unusable values so far.
    pub(super) dropped: Vec<Dropped>,
    pub(super) origins: CountryNames,
}

impl Reader {
    /// Counts an unusable value and returns null in its place.
    pub(super) fn drop<T>(&mut self, field: &str, cell: &JsonValue, expected: &str) -> Option<T> {
        dropped::count(&mut self.dropped, self.row, field, cell, expected);
        None
    }

    pub(super) fn text<'a>(
        &mut self,
        field: &str,
        cell: &'a JsonValue,
        expected: &str,
    ) -> Option<&'a str> {
        match cell {
            JsonValue::Null => None,
            JsonValue::Text(text) => Some(text),
            _ => self.drop(field, cell, expected),
        }
    }

    /// Returns the first 64 printable characters of a name. What is removed counts as dropped,
    /// though the rest is kept.
    pub(super) fn name(&mut self, field: &str, cell: &JsonValue) -> Option<Arc<str>> {
        let expected = "at most 64 printable characters";
        let text = self.text(field, cell, expected)?;
        if let Some(known) = self.origins.known(text) {
            return Some(known);
        }
        let name = text::clean(text);
        if name != text {
            self.drop::<()>(field, cell, expected);
        }
        (!name.is_empty()).then(|| self.origins.name(&name))
    }

    pub(super) fn callsign(&mut self, field: &str, cell: &JsonValue) -> Option<Callsign> {
        let expected = "up to 8 printable ASCII characters";
        let text = self.text(field, cell, expected)?;
        match Callsign::parse(text) {
            Ok(callsign) => callsign,
            // It may be valid without its unprintable characters.
            Err(_) => {
                self.drop::<()>(field, cell, expected);
                Callsign::parse(&text::clean(text)).ok().flatten()
            }
        }
    }

    pub(super) fn squawk(&mut self, cell: &JsonValue) -> Option<Squawk> {
        let expected = "four octal digits";
        let text = self.text("squawk", cell, expected)?;
        Squawk::from_str(text).ok().or_else(|| self.drop("squawk", cell, expected))
    }

    /// Returns Unix seconds, from 1970 to 2100.
    pub(super) fn time(&mut self, field: &str, cell: &JsonValue) -> Option<i64> {
        if let JsonValue::Null = cell {
            return None;
        }
        let seconds = whole(cell).filter(|seconds| (0..TIMES.end).contains(seconds));
        seconds.or_else(|| self.drop(field, cell, "Unix seconds from 1970 to 2100"))
    }

    /// Returns a measurement in SI units. A converted one is rounded to hundredths, as OpenSky's.
    pub(super) fn number(
        &mut self,
        field: &str,
        cell: &JsonValue,
        Quantity { unit, range, expected }: &Quantity,
    ) -> Option<f64> {
        let value = match cell {
            JsonValue::Null => return None,
            JsonValue::Integer(value) => *value as f64,
            JsonValue::Float(value) => *value,
            _ => return self.drop(field, cell, expected),
        };
        let value = match unit {
            1.0 => value,
            // Without the sum a small descent would become -0.0, which OpenSky does not send.
            unit => (value * unit * 100.0).round() / 100.0 + 0.0,
        };
        if range.contains(&value) { Some(value) } else { self.drop(field, cell, expected) }
    }

    /// Returns a direction, degrees clockwise from north, from 0 to below 360.
    pub(super) fn track(&mut self, field: &str, cell: &JsonValue) -> Option<f64> {
        let degrees = self.number(field, cell, &TRACK)?;
        match degrees.rem_euclid(360.0) {
            // A value just below 0 is rounded up to a full turn.
            360.0 => Some(0.0),
            // The sum turns -0.0 into 0.0.
            degrees => Some(degrees + 0.0),
        }
    }

    /// Returns the position if both coordinates are known. Each comes with its field's name.
    pub(super) fn position(
        &mut self,
        longitude: (&str, &JsonValue),
        latitude: (&str, &JsonValue),
    ) -> Option<Position> {
        let longitude = self.number(longitude.0, longitude.1, &LONGITUDE);
        let latitude = self.number(latitude.0, latitude.1, &LATITUDE);
        let (longitude, latitude) = longitude.zip(latitude)?;
        Position::new(longitude, latitude)
    }

    pub(super) fn flag(&mut self, field: &str, cell: &JsonValue) -> bool {
        match cell {
            JsonValue::Null => false,
            JsonValue::Bool(flag) => *flag,
            _ => self.drop(field, cell, "true or false").unwrap_or(false),
        }
    }

    pub(super) fn small(&mut self, field: &str, cell: &JsonValue) -> Option<u8> {
        if let JsonValue::Null = cell {
            return None;
        }
        let value = whole(cell).and_then(|value| u8::try_from(value).ok());
        value.or_else(|| self.drop(field, cell, "0 to 255"))
    }
}

/// Returns the whole number in a cell: in JSON 17.0 equals 17.
pub(super) fn whole(cell: &JsonValue) -> Option<i64> {
    match cell {
        JsonValue::Integer(value) => Some(*value),
        JsonValue::Float(value) if value.fract() == 0.0 => Some(*value as i64),
        _ => None,
    }
}
