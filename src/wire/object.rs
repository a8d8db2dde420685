//! The fields of one aircraft under the API's names: one description for JSON, MessagePack, CSV and
//! GeoJSON.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::aircraft::StateVector;
use crate::earth::country;

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// Unknown.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A measurement.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
}

type Read = for<'a> fn(&'a StateVector) -> FieldValue<'a>;

/// The fields of every aircraft, in the order of the API.
const FIELDS: [(&str, Read); 18] = [
    ("icao24", |state| text(state.icao24.to_string())),
    ("callsign", |state| or_null(state.callsign.as_ref().map(|callsign| callsign.as_str()), text)),
    ("origin_country", |state| or_null(state.origin_country.as_deref(), text)),
    ("time_position", |state| or_null(state.time_position, FieldValue::Integer)),
    ("last_contact", |state| FieldValue::Integer(state.last_contact)),
    ("longitude", |state| number(state.position.map(|position| position.longitude))),
    ("latitude", |state| number(state.position.map(|position| position.latitude))),
    ("baro_altitude", |state| number(state.baro_altitude)),
    ("on_ground", |state| FieldValue::Flag(state.on_ground)),
    ("velocity", |state| number(state.velocity)),
    ("true_track", |state| number(state.true_track)),
    ("vertical_rate", |state| number(state.vertical_rate)),
    ("geo_altitude", |state| number(state.geo_altitude)),
    ("squawk", |state| or_null(state.squawk.map(|squawk| squawk.to_string()), text)),
    ("spi", |state| FieldValue::Flag(state.spi)),
    ("position_source", |state| small(state.position_source)),
    ("category", |state| small(state.category)),
    // The country's name, as `/api/countries` spells it.
    ("current_country", |state| {
        or_null(state.current_country.and_then(country::country).map(|known| known.name), text)
    }),
];

/// The name of the field with the time of the minute.
const LOAD_DATE: &str = "load_date";

fn or_null<'a, T>(value: Option<T>, of: impl Fn(T) -> FieldValue<'a>) -> FieldValue<'a> {
    value.map_or(FieldValue::Null, of)
}

fn text<'a>(text: impl Into<Cow<'a, str>>) -> FieldValue<'a> {
    FieldValue::Text(text.into())
}

fn number<'a>(value: Option<f64>) -> FieldValue<'a> {
    or_null(value, FieldValue::Number)
}

fn small<'a>(value: Option<u8>) -> FieldValue<'a> {
    or_null(value, |value| FieldValue::Integer(value.into()))
}

/// One aircraft, with the API's field names. Null means unknown.
#[derive(Clone, Copy, Debug)]
pub struct StateObject<'a> {
    state: &'a StateVector,
    load_date: Option<&'a str>,
    enters_in: Option<u32>,
}

impl<'a> StateObject<'a> {
    /// The object of a state; `load_date` is the time of its minute in the archive, if any.
    pub fn new(state: &'a StateVector, load_date: Option<&'a str>) -> Self {
        Self { state, load_date, enters_in: None }
    }

    /// The same, of an aircraft that is over a country in this many seconds; 0 if it already is.
    pub fn entering(self, enters_in: u32) -> Self {
        Self { enters_in: Some(enters_in), ..self }
    }

    /// The aircraft.
    pub fn state(self) -> &'a StateVector {
        self.state
    }

    /// The names of the fields of an aircraft in the archive, in order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FIELDS.iter().map(|(name, _)| *name).chain([LOAD_DATE])
    }

    /// The fields in order, each with its name.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, FieldValue<'a>)> {
        let Self { state, load_date, enters_in } = self;
        let date = load_date.map(|date| (LOAD_DATE, text(date)));
        let enters_in = enters_in.map(|enters| ("enters_in", FieldValue::Integer(enters.into())));
        let own = FIELDS.iter().map(|(name, read)| (*name, read(state)));
        own.chain(date).chain(enters_in)
    }
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Flag(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
        }
    }
}

impl Serialize for StateObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let more = usize::from(self.load_date.is_some()) + usize::from(self.enters_in.is_some());
        let mut map = serializer.serialize_map(Some(FIELDS.len() + more))?;
        for (name, value) in self.fields() {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}
