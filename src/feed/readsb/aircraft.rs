//! Turns one object of readsb's list into a state vector: feet, knots and ages into SI and times.

use crate::aircraft::{Icao24, StateVector, origin_of};
use crate::feed::Reason;
use crate::feed::column::{self, FEET, FEET_PER_MINUTE, KNOTS, Reader, SECONDS_AGO, refuse};
use crate::feed::json_rows::CELLS;
use crate::feed::json_value::JsonValue;
use crate::feed::opensky_columns::named;

/// The fields that are read, in the order of the cells; the usual ones first.
pub(super) const NAMES: [&str; 18] = [
    "hex",
    "type",
    "flight",
    "alt_baro",
    "alt_geom",
    "gs",
    "track",
    "baro_rate",
    "squawk",
    "category",
    "lat",
    "lon",
    "seen_pos",
    "mlat",
    "seen",
    "spi",
    "geom_rate",
    "true_heading",
];

/// A validated aircraft whose times are ages before the response's `now`.
pub(super) struct AgedState {
    state: StateVector,
    /// Seconds before `now`, as is `seen_pos`.
    seen: Option<f64>,
    seen_pos: Option<f64>,
}

impl AgedState {
    /// Returns the state in a response of that time, Unix seconds. A missing last contact is
    /// replaced by the position's time, or else by the response's own.
    pub(super) fn at(self, now: f64) -> StateVector {
        let at = |age: f64| (now - age).floor() as i64;
        StateVector {
            last_contact: at(self.seen.or(self.seen_pos).unwrap_or(0.0)),
            time_position: self.state.position.and(self.seen_pos).map(at),
            ..self.state
        }
    }
}

/// Returns the aircraft in a row of these fields.
///
/// `tas`, and in the air `true_heading`, cannot replace `gs` and `track`: they differ by the wind,
/// up to 100 m/s, so the prediction would be wrong.
pub(super) fn validate(cells: &[JsonValue; CELLS], read: &mut Reader) -> Result<AgedState, Reason> {
    let [
        hex,
        kind,
        flight,
        alt_baro,
        alt_geom,
        gs,
        track,
        baro_rate,
        squawk,
        category,
        lat,
        lon,
        seen_pos,
        mlat,
        seen,
        spi,
        geom_rate,
        true_heading,
        ..,
    ] = cells;
    let icao24 = address(hex)?;
    let on_ground = matches!(alt_baro, JsonValue::Text(text) if text == "ground");
    let baro_altitude = match on_ground {
        true => None,
        false => read.number("alt_baro", alt_baro, &FEET_OR_GROUND),
    };
    let heading = read.track("true_heading", true_heading).filter(|_| on_ground);
    let climb = read.number("geom_rate", geom_rate, &FEET_PER_MINUTE);
    let state = StateVector {
        icao24,
        callsign: read.callsign("flight", flight),
        origin_country: origin_of(icao24).map(|name| read.origins.name(name)),
        time_position: None,
        last_contact: 0,
        position: read.position(("lon", lon), ("lat", lat)),
        baro_altitude,
        on_ground,
        velocity: read.number("gs", gs, &KNOTS),
        true_track: read.track("track", track).or(heading),
        vertical_rate: read.number("baro_rate", baro_rate, &FEET_PER_MINUTE).or(climb),
        geo_altitude: read.number("alt_geom", alt_geom, &FEET),
        squawk: read.squawk(squawk),
        spi: bit("spi", spi, read),
        position_source: position_source(kind, mlat, read),
        category: emitter(category, read),
        current_country: None,
    };
    let seen = read.number("seen", seen, &SECONDS_AGO);
    let seen_pos = read.number("seen_pos", seen_pos, &SECONDS_AGO);
    Ok(AgedState { state: named(state)?, seen, seen_pos })
}

const FEET_OR_GROUND: column::Quantity = FEET.expecting("feet from -6561 to 328083, or \"ground\"");

/// Returns the aircraft's ICAO address. An address with a `~` is not from ICAO (TIS-B, anonymous
/// transponders) and may equal another aircraft's.
fn address(hex: &JsonValue) -> Result<Icao24, Reason> {
    if matches!(hex, JsonValue::Text(text) if text.starts_with('~')) {
        return Err(refuse("hex", hex, "an ICAO address, without ~"));
    }
    column::address("hex", hex)
}

/// Returns OpenSky's number of the position's source; `None` for TIS-B, ADS-C and the rest. Older
/// decoders send no `type`, only the list of the fields that MLAT computed.
fn position_source(kind: &JsonValue, mlat: &JsonValue, read: &mut Reader) -> Option<u8> {
    const ADS_B: u8 = 0;
    const MLAT: u8 = 2;
    let is_mlat = matches!(mlat, JsonValue::Array(1..));
    match read.text("type", kind, "text") {
        Some("mlat") => Some(MLAT),
        Some(kind) if kind.starts_with("adsb_") || kind.starts_with("adsr_") => Some(ADS_B),
        Some(_) => None,
        None => is_mlat.then_some(MLAT),
    }
}

/// Returns OpenSky's number of an emitter category, `A0` to `D7` (DO-260B, 2.2.3.2.5.2): sets A, B
/// and C count on from 2, without their first, which means no information. Reserved ones have none.
fn emitter(category: &JsonValue, read: &mut Reader) -> Option<u8> {
    let expected = "an emitter category from A0 to D7";
    let text = read.text("category", category, expected)?;
    let &[set @ b'A'..=b'D', digit @ b'0'..=b'7'] = text.as_bytes() else {
        return read.drop("category", category, expected);
    };
    match (set, digit - b'0') {
        (_, 0) => Some(1),
        (b'A', kind) => Some(1 + kind),
        (b'B', kind) => Some(8 + kind),
        (b'C', kind @ 1..=5) => Some(15 + kind),
        _ => None,
    }
}

fn bit(field: &str, cell: &JsonValue, read: &mut Reader) -> bool {
    match cell {
        JsonValue::Null | JsonValue::Integer(0) => false,
        JsonValue::Integer(1) => true,
        JsonValue::Bool(bit) => *bit,
        _ => read.drop(field, cell, "0 or 1").unwrap_or(false),
    }
}
