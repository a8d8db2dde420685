//! A track as GeoJSON (RFC 7946).

use serde::Serialize;

use super::Track;
use super::line::{TrackPoint, cut_at_antimeridian, pieces};
use crate::archive::Date;
use crate::archive::format::Coordinates;
use crate::archive::json::write_json;

#[derive(Serialize)]
struct Feature<'a> {
    r#type: &'static str,
    id: String,
    geometry: Option<Geometry>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    LineString(Vec<Coordinates>),
    MultiLineString(Vec<Vec<Coordinates>>),
}

#[derive(Serialize)]
struct Properties<'a> {
    icao24: String,
    callsign: Option<&'a str>,
    simulated: bool,
    /// The times of the coordinates, in arrays of the same shape.
    #[serde(rename = "coordTimes")]
    times: Times,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Times {
    One(Vec<String>),
    Many(Vec<Vec<String>>),
}

/// Writes the track as a Feature; its geometry is null without a position.
pub(super) fn write(track: &Track) -> Vec<u8> {
    let points = track.points();
    let lines = pieces(&points).flat_map(cut_at_antimeridian).map(drawable);
    let mut lines: Vec<_> = lines.collect();
    let (geometry, times) = match lines.len() {
        0 => (None, Times::One(Vec::new())),
        1 => {
            let line = lines.remove(0);
            (Some(Geometry::LineString(coordinates(&line))), Times::One(times(&line)))
        }
        _ => {
            let all = lines.iter().map(|line| coordinates(line)).collect();
            let times = lines.iter().map(|line| times(line)).collect();
            (Some(Geometry::MultiLineString(all)), Times::Many(times))
        }
    };
    let callsigns = track.rows.iter().rev();
    let callsign = callsigns.into_iter().find_map(|(_, state)| state.callsign.as_ref());
    let icao24 = track.icao24.to_string();
    let properties = Properties {
        icao24: icao24.clone(),
        callsign: callsign.map(|callsign| callsign.as_str()),
        simulated: track.simulated,
        times,
    };
    let mut bytes = Vec::new();
    write_json(&Feature { r#type: "Feature", id: icao24, geometry, properties }, &mut bytes);
    bytes
}

/// The line with two positions at least, as RFC 7946 demands: a lone one stands there twice.
fn drawable(mut line: Vec<TrackPoint>) -> Vec<TrackPoint> {
    if let [only] = line[..] {
        line.push(only);
    }
    line
}

fn coordinates(line: &[TrackPoint]) -> Vec<Coordinates> {
    let of = |point: &TrackPoint| {
        Coordinates::new(point.position.longitude, point.position.latitude, point.altitude)
    };
    line.iter().map(of).collect()
}

fn times(line: &[TrackPoint]) -> Vec<String> {
    line.iter().map(|point| Date(point.time).to_string()).collect()
}
