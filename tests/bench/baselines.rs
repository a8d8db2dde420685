//! The same rows in other formats: OpenSky's JSON with gzip, readsb's records with zstd. Only rows
//! with a position count: readsb's tiles have no others.

use std::error::Error;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use overflight::aircraft::StateVector;
use serde_json::{Value, json};

use super::Figures;
use super::snapshots::Snapshots;

/// The size of readsb's `struct binCraft`, and of the head before the records.
const RECORD: usize = 112;

pub fn measure(snapshots: &Snapshots) -> Result<Figures, Box<dyn Error>> {
    let (mut gzip, mut zstd, mut rows) = (0, 0, 0);
    for minute in &snapshots.minutes[1..] {
        let mut response: Value = serde_json::from_slice(&minute.json)?;
        let states = response["states"].as_array_mut().ok_or("a snapshot without states")?;
        states.retain(|row| row[5].is_number() && row[6].is_number());
        let text = json!({ "time": response["time"], "states": response["states"] });
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(&serde_json::to_vec(&text)?)?;
        gzip += encoder.finish()?.len();
        let time = minute.snapshot.time;
        let positioned = minute.snapshot.aircraft().iter().filter(|row| row.position.is_some());
        let mut records = vec![0; RECORD];
        for state in positioned {
            records.extend(record(state, time));
            rows += 1;
        }
        zstd += zstd::bulk::compress(&records, 2)?.len();
    }
    let each = |bytes: usize| bytes as f64 / rows as f64;
    Ok(vec![("wire.opensky_json_gzip", each(gzip)), ("wire.bincraft_zstd2", each(zstd))])
}

/// readsb's record with OpenSky's fields, zero elsewhere: a real one compresses worse.
///
/// Fields by offset, from readsb's aircraft.h and tar1090's reader of it, version 20240218.
fn record(state: &StateVector, time: i64) -> [u8; RECORD] {
    const FOOT: f64 = 0.3048;
    const KNOT: f64 = 1852.0 / 3600.0;
    let mut record = [0; RECORD];
    let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
    let short = |value: f64| (value.round() as i16).to_le_bytes();
    let tenths = |then: i64| (((time - then) * 10) as i32).to_le_bytes();
    put(0, &state.icao24.get().to_le_bytes());
    put(4, &tenths(state.last_contact));
    put(108, &tenths(state.time_position.unwrap_or(state.last_contact)));
    let mut valid = [0_u8; 5];
    if let Some(position) = state.position {
        put(8, &((position.longitude * 1e6).round() as i32).to_le_bytes());
        put(12, &((position.latitude * 1e6).round() as i32).to_le_bytes());
        valid[0] |= 64;
    }
    if let Some(rate) = state.vertical_rate {
        put(16, &short(rate * 60.0 / FOOT / 8.0));
        valid[2] |= 1;
    }
    if let Some(altitude) = state.baro_altitude {
        put(20, &short(altitude / FOOT / 25.0));
        valid[0] |= 16;
    }
    if let Some(altitude) = state.geo_altitude {
        put(22, &short(altitude / FOOT / 25.0));
        valid[0] |= 32;
    }
    if let Some(squawk) = state.squawk {
        // Four digits of four bits each.
        let digits = u16::from_str_radix(&squawk.to_string(), 16).unwrap_or(0);
        put(32, &digits.to_le_bytes());
        valid[3] |= 4;
    }
    if let Some(velocity) = state.velocity {
        put(34, &short(velocity / KNOT * 10.0));
        valid[0] |= 128;
    }
    if let Some(track) = state.true_track {
        put(40, &short(track * 90.0));
        valid[1] |= 8;
    }
    put(64, &[state.category.unwrap_or(0)]);
    put(68, &[if state.on_ground { 1 } else { 2 }]);
    if let Some(callsign) = &state.callsign {
        put(78, format!("{callsign:8}").as_bytes());
        valid[0] |= 8;
    }
    put(73, &valid);
    record
}
