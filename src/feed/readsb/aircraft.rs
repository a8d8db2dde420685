//! One object of readsb's list becomes a state vector: feet, knots and ages become SI and times.

use crate::aircraft::{Icao24, StateVector, origin_of};
use crate::feed::Reason;
use crate::feed::column::{self, FEET, FEET_PER_MINUTE, KNOTS, Reader, SECONDS_AGO, refuse};
use crate::feed::json_rows::CELLS;
use crate::feed::json_value::JsonValue;
use crate::feed::opensky_columns::named;

/// The fields that are looked at, in the order of the cells; the usual ones first.
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

/// An aircraft before it is known when "now" was.
pub(super) struct Heard {
    state: StateVector,
    /// Seconds before "now", as is `seen_pos`.
    seen: Option<f64>,
    seen_pos: Option<f64>,
}

impl Heard {
    /// The state in a response of that time, Unix seconds. When nothing tells the last contact, the
    /// position's time takes its place, or the response's own.
    pub(super) fn at(self, now: f64) -> StateVector {
        let at = |age: f64| (now - age).floor() as i64;
        StateVector {
            last_contact: at(self.seen.or(self.seen_pos).unwrap_or(0.0)),
            time_position: self.state.position.and(self.seen_pos).map(at),
            ..self.state
        }
    }
}

/// What is heard of an aircraft.
///
/// `tas`, and in the air `true_heading`, are no stand-ins for `gs` and `track`: the wind, up to
/// 100 m/s, lies between them, and the aircraft would be predicted where it does not go.
pub(super) fn validate(cells: &[JsonValue; CELLS], read: &mut Reader) -> Result<Heard, Reason> {
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
    Ok(Heard { state: named(state)?, seen, seen_pos })
}

const FEET_OR_GROUND: column::Quantity = FEET.expecting("feet from -6561 to 328083, or \"ground\"");

/// The aircraft's own address. With a `~` before it the number is not one that ICAO gave, and may
/// well be another aircraft's: who takes part in TIS-B or hides his identity has such a one.
fn address(hex: &JsonValue) -> Result<Icao24, Reason> {
    if matches!(hex, JsonValue::Text(text) if text.starts_with('~')) {
        return Err(refuse("hex", hex, "an address that ICAO gave, without ~"));
    }
    column::address("hex", hex)
}

/// OpenSky's number for where the position comes from; it has none for TIS-B, ADS-C and the rest.
/// Before readsb there was only the list of the fields that MLAT computed.
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

/// OpenSky's number of an emitter category, `A0` to `D7` (DO-260B, 2.2.3.2.5.2): sets A, B and C
/// are counted on from 2, without their first, which says nothing. What is reserved has none.
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
