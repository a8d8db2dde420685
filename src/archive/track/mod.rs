//! One aircraft over several minutes, in the formats of the tools that show tracks.
//!
//! In scope: its states as rows, its positions as lines. Out of scope: where the minutes are read
//! from; any source of rows in the order of time will do.

mod geojson;
mod gpx;
mod kml;
mod line;
mod trace;

use super::format::{self, Format, Heading};
use super::{Date, csv};
use crate::aircraft::{Icao24, StateVector};
use crate::wire::StateObject;
use line::TrackPoint;

/// A format of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TrackFormat {
    /// An array of state objects, one for each minute.
    #[default]
    Json,
    /// The same as CSV.
    Csv,
    /// A Feature with a LineString or a MultiLineString, and `coordTimes` (RFC 7946).
    GeoJson,
    /// readsb's `trace_full`, in feet and knots.
    Trace,
    /// GPX 1.1.
    Gpx,
    /// KML 2.2 with a `gx:MultiTrack`.
    Kml,
}

impl TrackFormat {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Json, Self::Csv, Self::GeoJson, Self::Trace, Self::Gpx, Self::Kml];

    /// Its name in URLs: a suffix without the dot.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Trace => "trace",
            Self::Gpx => "gpx",
            Self::Kml => "kml",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json | Self::Trace => Format::Json.media_type(),
            Self::Csv => csv::MEDIA_TYPE,
            Self::GeoJson => Format::GeoJson.media_type(),
            Self::Gpx => "application/gpx+xml",
            Self::Kml => "application/vnd.google-earth.kml+xml",
        }
    }
}

impl std::str::FromStr for TrackFormat {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(())
    }
}

/// The states of one aircraft.
#[derive(Debug)]
pub struct Track {
    icao24: Icao24,
    simulated: bool,
    /// Each with the time of its minute, Unix seconds; oldest first.
    rows: Vec<(i64, StateVector)>,
}

impl Track {
    /// A track without states.
    pub fn new(icao24: Icao24, simulated: bool) -> Self {
        Self { icao24, simulated, rows: Vec::new() }
    }

    /// Adds the aircraft's state in a minute of this time, which is newer than all before.
    pub fn push(&mut self, time: i64, state: StateVector) {
        self.rows.push((time, state));
    }

    /// The track in a format.
    pub fn write(&self, format: TrackFormat) -> Vec<u8> {
        match format {
            TrackFormat::Json => self.list(Format::Json),
            TrackFormat::Csv => self.list(Format::Csv),
            TrackFormat::GeoJson => geojson::write(self),
            TrackFormat::Trace => trace::write(self),
            TrackFormat::Gpx => gpx::write(self).into_bytes(),
            TrackFormat::Kml => kml::write(self).into_bytes(),
        }
    }

    fn list(&self, format: Format) -> Vec<u8> {
        let heading = Heading { time: None, simulated: self.simulated, rows: self.rows.len() };
        let mut bytes = Vec::new();
        format::begin(format, &heading, &mut bytes);
        for (place, (time, state)) in self.rows.iter().enumerate() {
            let date = Date(*time).to_string();
            let object = StateObject::new(state, Some(&date));
            format::row(format, place == 0, object, &mut bytes);
        }
        format::end(format, &mut bytes);
        bytes
    }

    /// The newest known callsign, or the address.
    fn name(&self) -> String {
        let known = self.rows.iter().rev().find_map(|(_, state)| state.callsign);
        known.map_or_else(|| self.icao24.to_string(), |callsign| callsign.to_string())
    }

    /// The received positions, each once; oldest first.
    fn points(&self) -> Vec<TrackPoint<'_>> {
        let mut points: Vec<TrackPoint> = Vec::new();
        for (time, state) in &self.rows {
            let Some(position) = state.position else { continue };
            let time = state.time_position.unwrap_or(*time);
            if points.last().is_none_or(|last| last.time < time) {
                points.push(TrackPoint { time, position, altitude: state.geo_altitude, state });
            }
        }
        points
    }
}

/// The text in the content of an XML element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
