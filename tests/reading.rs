//! The same minute in every format has the same rows; past minutes as frames lead to the same
//! live states as the minutes themselves.

mod snapshots;

use std::collections::BTreeMap;

use overflight::airspace::{LiveState, Motion, Resolution, Snapshot};
use overflight::archive::{Format, Listing};
use overflight::earth::REGIONS;
use overflight::hub::{Playback, resolution};
use overflight::wire::{ClientState, StateObject};
use serde_json::{Map, Value};
use snapshots::{Random, Traffic, each_seed, later, snapshot};

fn written(of: &Snapshot, format: Format) -> Vec<u8> {
    Listing::of(of.clone(), format, |_| true).flatten().collect()
}

/// Returns the cells of each line of CSV (RFC 4180), by a naive reader.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => line.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted => assert_eq!(letters.peek(), Some(&'\n')),
            '\n' if !is_quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            other => cell.push(other),
        }
    }
    assert!(line.is_empty() && cell.is_empty() && !is_quoted, "it ends with a line's end");
    lines
}

/// Returns the cell that a value of JSON must have in CSV.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\'']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn every_format_has_the_same_rows() {
    each_seed(60, |random| {
        let mut of = snapshot(random, 1_751_840_376, 200);
        if random.one_in(2) {
            let mut rows = of.clone().into_aircraft();
            for row in &mut rows {
                let name = random.pick(&["=1+1", "Korea, \"Republic\" of", "@x", "'", "-"]);
                row.origin_country = Some(name.into());
            }
            of = Snapshot::new(of.time, rows).marked(of.simulated);
        }
        let json: Vec<Map<String, Value>> =
            serde_json::from_slice(&written(&of, Format::Json)).expect("an array of objects");
        assert_eq!(json.len(), of.aircraft().len());
        let msgpack: Vec<Map<String, Value>> =
            rmp_serde::from_slice(&written(&of, Format::Msgpack)).expect("an array of maps");
        assert_eq!(msgpack, json);

        let text = String::from_utf8(written(&of, Format::Csv)).expect("text");
        let lines = cells(&text);
        let names: Vec<_> = StateObject::names().collect();
        assert_eq!(lines[0], names);
        for (line, object) in lines[1..].iter().zip(&json) {
            let expected: Vec<_> = names.iter().map(|name| cell(&object[*name])).collect();
            assert_eq!(*line, expected);
        }
        assert_eq!(lines.len(), json.len() + 1);

        let geojson: Value =
            serde_json::from_slice(&written(&of, Format::GeoJson)).expect("an object");
        assert_eq!(
            (&geojson["type"], &geojson["simulated"]),
            (&"FeatureCollection".into(), &of.simulated.into())
        );
        let features = geojson["features"].as_array().expect("features");
        assert_eq!(features.len(), json.len());
        for (feature, object) in features.iter().zip(&json) {
            assert_eq!(feature["properties"], Value::Object(object.clone()));
            assert_eq!(feature["id"], object["icao24"]);
            let place = [&object["longitude"], &object["latitude"]];
            match &feature["geometry"] {
                Value::Null => assert_eq!(place, [&Value::Null; 2]),
                point => {
                    let known = place
                        .into_iter()
                        .chain(Some(&object["geo_altitude"]).filter(|it| !it.is_null()));
                    let coordinates = point["coordinates"].as_array().expect("coordinates");
                    assert!(point["type"] == "Point" && coordinates.iter().eq(known), "{feature}");
                }
            }
        }

        let mut client = ClientState::default();
        client.apply(&written(&of, Format::Frame)).expect("a keyframe");
        assert_eq!(*client.live(), LiveState::of(&of, Resolution::Display));
    });
}

#[test]
fn a_filtered_list_has_only_the_wanted_rows_in_every_format() {
    let of = snapshot(&mut Random(5), 1_751_840_376, 300);
    let wanted = |format| -> Vec<u8> {
        Listing::of(of.clone(), format, |state| state.on_ground).flatten().collect()
    };
    let count = of.aircraft().iter().filter(|state| state.on_ground).count();
    assert!(count > 0 && count < of.aircraft().len());
    let msgpack: Vec<BTreeMap<String, Value>> =
        rmp_serde::from_slice(&wanted(Format::Msgpack)).expect("an array of maps");
    assert!(msgpack.len() == count && msgpack.iter().all(|row| row["on_ground"] == true));
    let mut client = ClientState::default();
    client.apply(&wanted(Format::Frame)).expect("a keyframe");
    assert_eq!(client.live().aircraft.len(), count);
}

#[test]
fn a_playback_leads_to_the_live_state_of_each_minute() {
    each_seed(20, |random| {
        let region = &REGIONS[random.below(3) as usize * 8];
        let mut minute = snapshot(random, 1_751_840_376, 120);
        let (mut playback, mut client) = (Playback::new(region), ClientState::default());
        for sequence in 1..8 {
            let frame = playback.frame(minute.clone());
            client.apply(&frame).expect("a frame that applies to the one before");
            assert_eq!((client.epoch(), client.sequence()), (1_751_840_376, sequence));
            let part: Vec<_> =
                minute.aircraft().iter().filter(|state| region.holds(state.position)).collect();
            let live = client.live();
            assert!(
                live.aircraft
                    .iter()
                    .map(|row| row.icao24)
                    .eq(part.iter().map(|state| state.icao24))
            );
            assert_eq!((live.time, live.simulated), (minute.time, minute.simulated));
            assert_eq!(live.resolution, resolution(region));
            minute = later(random, &minute, 120);
        }
    });
}

#[test]
fn a_playback_a_minute_apart_is_small_and_has_what_was_received() {
    let mut traffic = Traffic::new(7, 500, 1_751_840_400);
    let (mut playback, mut client) = (Playback::new(&REGIONS[0]), ClientState::default());
    let keyframe = playback.frame(traffic.snapshot().clone());
    client.apply(&keyframe).expect("a keyframe");
    for _ in 0..5 {
        let minute = traffic.fly(60);
        let delta = playback.frame(minute.clone());
        client.apply(&delta).expect("a delta");
        let live = LiveState::of(&minute, Resolution::Display);
        // A dead-reckoned position may be off by a cell; all the rest is what was received.
        let same = client.live().aircraft.iter().zip(&live.aircraft).all(|(held, is)| {
            let motion = Motion { cell: is.motion.cell, ..held.motion };
            (held.icao24, motion, &held.identity) == (is.icao24, is.motion, &is.identity)
        });
        assert!(same && live.aircraft.len() == client.live().aircraft.len());
        assert!(delta.len() * 3 < keyframe.len() * 2, "{} of {}", delta.len(), keyframe.len());
    }
}

#[test]
fn an_answer_has_a_bounded_number_of_minutes_and_aircraft() {
    let length = |counts: &[u32]| Playback::length(counts.iter().copied());
    assert_eq!(length(&[]), 0);
    assert_eq!(length(&[11_500; 61]), 60);
    assert_eq!(length(&[100_000; 60]), 10);
    assert_eq!(length(&[1_000_001, 1]), 1);
    assert_eq!(length(&[2_000_000]), 1);
}
