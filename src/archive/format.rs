//! The formats of a minute's aircraft: their names, their media types, and how rows are written.
//!
//! Out of scope: which rows, in which order.

use rmp::encode;
use serde::Serialize;

use super::csv;
use super::json::write_json;
use crate::wire::StateObject;

/// A format of a minute's aircraft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// An array of state objects.
    #[default]
    Json,
    /// A line for each aircraft (RFC 4180), and one with the fields' names.
    Csv,
    /// A FeatureCollection (RFC 7946).
    GeoJson,
    /// The value of [`Format::Json`] in MessagePack: an array of maps.
    Msgpack,
    /// A keyframe as on the socket of `world` (PROTOCOL.md), rounded.
    Frame,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Json, Self::Csv, Self::GeoJson, Self::Msgpack, Self::Frame];

    /// The suffix of its URLs, without the dot.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Msgpack => "msgpack",
            Self::Frame => "frame",
        }
    }

    /// The format with this suffix.
    pub fn named(suffix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.suffix() == suffix)
    }

    /// Its media type, with the character set of a text.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Csv => csv::MEDIA_TYPE,
            Self::GeoJson => "application/geo+json",
            Self::Msgpack => "application/vnd.msgpack",
            // Without the version, which is the frame's first element.
            Self::Frame => "application/vnd.overflight.frame",
        }
    }
}

/// What the rows have in common.
#[derive(Debug)]
pub struct Heading<'a> {
    /// The time of the minute, if the rows have one.
    pub time: Option<&'a str>,
    /// Whether the traffic is simulated.
    pub simulated: bool,
    /// The number of rows; MessagePack needs it in advance.
    pub rows: usize,
}

/// Writes what stands before the rows. [`Format::Frame`] has no rows.
pub(super) fn begin(format: Format, heading: &Heading, bytes: &mut Vec<u8>) {
    match format {
        Format::Json => bytes.push(b'['),
        Format::Csv => csv::names(bytes),
        Format::GeoJson => {
            bytes.extend_from_slice(br#"{"type":"FeatureCollection","#);
            if let Some(time) = heading.time {
                bytes.extend_from_slice(format!(r#""time":"{time}","#).as_bytes());
            }
            let simulated = format!(r#""simulated":{},"features":["#, heading.simulated);
            bytes.extend_from_slice(simulated.as_bytes());
        }
        Format::Msgpack => {
            let rows = u32::try_from(heading.rows).expect("addresses have 24 bits");
            encode::write_array_len(bytes, rows).expect("memory takes all bytes");
        }
        Format::Frame => {}
    }
}

/// Writes a row; `first` is the first one.
pub(super) fn row(format: Format, first: bool, object: StateObject, bytes: &mut Vec<u8>) {
    if !first && matches!(format, Format::Json | Format::GeoJson) {
        bytes.push(b',');
    }
    match format {
        Format::Json => write_json(&object, bytes),
        Format::Csv => csv::row(object, bytes),
        Format::GeoJson => write_json(&Feature::of(object), bytes),
        Format::Msgpack => {
            rmp_serde::encode::write(bytes, &object).expect("texts and numbers always serialise");
        }
        Format::Frame => {}
    }
}

/// Writes what stands behind the rows.
pub(super) fn end(format: Format, bytes: &mut Vec<u8>) {
    match format {
        Format::Json => bytes.push(b']'),
        Format::GeoJson => bytes.extend_from_slice(b"]}"),
        Format::Csv | Format::Msgpack | Format::Frame => {}
    }
}

#[derive(Serialize)]
struct Feature<'a> {
    r#type: &'static str,
    id: String,
    geometry: Option<Point>,
    properties: StateObject<'a>,
}

#[derive(Serialize)]
struct Point {
    r#type: &'static str,
    coordinates: Coordinates,
}

/// Longitude, latitude and, if known, the altitude above the ellipsoid in metres.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Coordinates {
    Flat(f64, f64),
    High(f64, f64, f64),
}

impl Coordinates {
    pub(super) fn new(longitude: f64, latitude: f64, altitude: Option<f64>) -> Self {
        match altitude {
            None => Self::Flat(longitude, latitude),
            Some(altitude) => Self::High(longitude, latitude, altitude),
        }
    }
}

impl<'a> Feature<'a> {
    fn of(properties: StateObject<'a>) -> Self {
        let state = properties.state();
        let geometry = state.position.map(|at| Point {
            r#type: "Point",
            coordinates: Coordinates::new(at.longitude, at.latitude, state.geo_altitude),
        });
        Self { r#type: "Feature", id: state.icao24.to_string(), geometry, properties }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_found_by_its_suffix() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.suffix()), Some(format));
        }
        assert_eq!(
            (Format::named(""), Format::named("JSON"), Format::named("xml")),
            Default::default()
        );
    }
}
