//! A track as readsb's `trace_full`, which tar1090 and other tools read.
//!
//! The form is that of "trace jsons" in readsb's README-json.md: feet, knots, feet per minute.

use serde_json::{Value, json};

use super::Track;
use super::line::{TrackPoint, is_gap};
use crate::aircraft::StateVector;

const METRES_PER_FOOT: f64 = 0.3048;
const METRES_PER_SECOND_PER_KNOT: f64 = 1_852.0 / 3_600.0;

/// Bits of a point's flags: nothing was received before it; its altitude is not barometric.
const STALE: u8 = 1;
const ALTITUDE_IS_GEOMETRIC: u8 = 8;

/// Writes the track as one JSON object. Times count from that of the first point.
pub(super) fn write(track: &Track) -> Vec<u8> {
    let points = track.points();
    let start = points.first().map_or(0, |point| point.time);
    let mut known = Value::Null;
    let mut before: Option<&TrackPoint> = None;
    let mut trace = Vec::new();
    for point in &points {
        let stale = before.is_none_or(|before| is_gap(before, point));
        let details = details(point.state);
        // As readsb does, only where they have changed.
        let new = if details == known { Value::Null } else { details.clone() };
        trace.push(entry(point, point.time - start, stale, new));
        (known, before) = (details, Some(point));
    }
    let document = json!({
        "icao": track.icao24.to_string(),
        "timestamp": start,
        "simulated": track.simulated,
        "trace": trace,
    });
    document.to_string().into_bytes()
}

/// The last three values are the geometric rate, the indicated airspeed and the roll, which no
/// state vector has.
fn entry(point: &TrackPoint, seconds: i64, stale: bool, details: Value) -> Value {
    let state = point.state;
    let geometric = feet(point.altitude);
    let barometric = feet(state.baro_altitude);
    let altitude = match state.on_ground {
        true => json!("ground"),
        false => json!(barometric.or(geometric)),
    };
    let is_geometric = !state.on_ground && barometric.is_none() && geometric.is_some();
    let flags =
        if stale { STALE } else { 0 } | if is_geometric { ALTITUDE_IS_GEOMETRIC } else { 0 };
    let knots = state.velocity.map(|speed| tenth(speed / METRES_PER_SECOND_PER_KNOT));
    let rate = feet(state.vertical_rate.map(|metres| metres * 60.0));
    let at = point.position;
    json!([
        seconds,
        at.latitude,
        at.longitude,
        altitude,
        knots,
        state.true_track,
        flags,
        rate,
        details,
        source(state),
        geometric,
        null,
        null,
        null
    ])
}

fn details(state: &StateVector) -> Value {
    let mut details = json!({ "type": source(state) });
    if let Some(callsign) = state.callsign {
        details["flight"] = format!("{:8}", callsign.as_str()).into();
    }
    if let Some(squawk) = state.squawk {
        details["squawk"] = squawk.to_string().into();
    }
    details
}

/// readsb's name of the source of a position.
fn source(state: &StateVector) -> &'static str {
    match state.position_source {
        Some(0) => "adsb_icao",
        Some(2) => "mlat",
        _ => "other",
    }
}

fn feet(metres: Option<f64>) -> Option<i64> {
    metres.map(|metres| (metres / METRES_PER_FOOT).round() as i64)
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
