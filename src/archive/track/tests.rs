//! Tracks with gaps, across the antimeridian, and without anything known.

use serde_json::{Value, json};

use super::*;
use crate::earth::Position;
use crate::feed;

const START: i64 = 1_751_840_400;

/// A state `seconds` after the start, at a place.
fn state(seconds: i64, place: Option<(f64, f64)>) -> (i64, StateVector) {
    let text = r#"[{"icao24":"3c6444","callsign":"D<&>1","origin_country":"Germany",
        "baro_altitude":10972.8,"velocity":231.5,"true_track":90.25,"vertical_rate":-6.5,
        "geo_altitude":11000,"squawk":"1000","position_source":2}]"#;
    let parsed = feed::parse(text.as_bytes(), START).expect("a snapshot");
    let position = place.map(|(east, north)| Position::new(east, north).expect("on the globe"));
    let time_position = position.map(|_| START + seconds);
    (START + seconds, StateVector { position, time_position, ..parsed.aircraft[0].clone() })
}

fn track(rows: Vec<(i64, StateVector)>) -> Track {
    let mut track = Track::new("3c6444".parse().expect("an address"), true);
    rows.into_iter().for_each(|(time, state)| track.push(time, state));
    track
}

fn json(track: &Track, format: TrackFormat) -> Value {
    serde_json::from_slice(&track.write(format)).expect("it is JSON")
}

/// East along a parallel, a point a minute.
fn along(degrees: &[f64]) -> Vec<(i64, StateVector)> {
    (0..).zip(degrees).map(|(minute, east)| state(60 * minute, Some((*east, 50.0)))).collect()
}

#[test]
fn a_row_is_a_state_of_a_minute_and_a_point_is_a_received_position() {
    let mut rows = along(&[8.0, 8.1]);
    // Not received any more: the same position in the next minute, then none.
    let (_, old) = rows[1].clone();
    rows.push((START + 120, old));
    rows.push(state(180, None));
    let track = track(rows);
    let listed = json(&track, TrackFormat::Json);
    let dates: Vec<_> =
        listed.as_array().expect("rows").iter().map(|row| &row["load_date"]).collect();
    assert_eq!(dates.len(), 4);
    assert_eq!(*dates[2], "2025-07-06T22:22:00Z");
    let csv = String::from_utf8(track.write(TrackFormat::Csv)).expect("text");
    assert_eq!(csv.lines().count(), 5, "{csv}");
    let line = json(&track, TrackFormat::GeoJson);
    let coordinates = [[8.0, 50.0, 11000.0], [8.1, 50.0, 11000.0]];
    let expected = json!({ "type": "LineString", "coordinates": coordinates });
    assert_eq!(line["geometry"], expected);
    let times = ["2025-07-06T22:20:00Z", "2025-07-06T22:21:00Z"];
    assert_eq!(line["properties"]["coordTimes"], json!(times));
    assert_eq!(line["properties"]["simulated"], true);
}

#[test]
fn a_line_is_broken_at_a_gap_of_more_than_ten_minutes() {
    for (gap, pieces) in [(600, 1), (601, 2)] {
        let rows = vec![
            state(0, Some((8.0, 50.0))),
            state(60, Some((8.1, 50.0))),
            state(60 + gap, Some((9.0, 50.0))),
            state(120 + gap, Some((9.1, 50.0))),
        ];
        let track = track(rows);
        let geometry = &json(&track, TrackFormat::GeoJson)["geometry"];
        let kind = if pieces == 1 { "LineString" } else { "MultiLineString" };
        assert_eq!(geometry["type"], kind, "{gap}");
        for (format, tag) in [(TrackFormat::Gpx, "<trkseg>"), (TrackFormat::Kml, "<gx:Track>")] {
            let text = String::from_utf8(track.write(format)).expect("text");
            assert_eq!(text.matches(tag).count(), pieces, "{text}");
        }
        let trace = json(&track, TrackFormat::Trace);
        let flags: Vec<_> = (0..4).map(|place| trace["trace"][place][6].clone()).collect();
        assert_eq!(flags, [1, 0, u8::from(pieces == 2), 0].map(Value::from));
    }
}

#[test]
fn a_line_is_cut_where_it_crosses_the_antimeridian() {
    let check = |degrees: &[f64], expected: Value| {
        let line = json(&track(along(degrees)), TrackFormat::GeoJson);
        let east = |part: &Value| -> Vec<Value> {
            part.as_array().expect("a line").iter().map(|point| point[0].clone()).collect()
        };
        let lines = line["geometry"]["coordinates"].as_array().expect("lines");
        let found: Vec<_> = match line["geometry"]["type"].as_str() {
            Some("LineString") => vec![east(&line["geometry"]["coordinates"])],
            _ => lines.iter().map(east).collect(),
        };
        assert_eq!(json!(found), expected, "{degrees:?}");
        let times = line["properties"]["coordTimes"].to_string().matches("2025-").count();
        assert_eq!(times, found.iter().map(Vec::len).sum::<usize>(), "a time for each");
    };
    check(&[179.0, -179.0], json!([[179.0, 180.0], [-180.0, -179.0]]));
    check(&[-179.5, 179.0], json!([[-179.5, -180.0], [180.0, 179.0]]));
    check(
        &[179.0, -179.0, 179.0],
        json!([[179.0, 180.0], [-180.0, -179.0, -180.0], [180.0, 179.0]]),
    );
    check(&[179.0, 180.0, -179.0], json!([[179.0, 180.0], [-180.0, -179.0]]));
    check(&[0.0, 180.0], json!([[0.0, 180.0]]));
    // A lone position is a line of length 0.
    check(&[8.0], json!([[8.0, 8.0]]));
}

#[test]
fn the_middle_of_a_crossing_is_where_the_line_is_cut() {
    let rows = vec![state(0, Some((179.0, 10.0))), state(60, Some((-178.0, 13.0)))];
    let line = json(&track(rows), TrackFormat::GeoJson);
    let lines = &line["geometry"]["coordinates"];
    assert_eq!(lines[0][1], json!([180.0, 11.0, 11000.0]));
    assert_eq!(lines[1][0], json!([-180.0, 11.0, 11000.0]));
    assert_eq!(line["properties"]["coordTimes"][0][1], "2025-07-06T22:20:20Z");
}

#[test]
fn a_track_without_positions_is_valid_everywhere() {
    for rows in [Vec::new(), vec![state(0, None)]] {
        let track = track(rows);
        let line = json(&track, TrackFormat::GeoJson);
        assert_eq!(
            (&line["geometry"], &line["properties"]["coordTimes"]),
            (&Value::Null, &json!([]))
        );
        assert_eq!(json(&track, TrackFormat::Trace)["trace"], json!([]));
        for format in [TrackFormat::Gpx, TrackFormat::Kml] {
            let text = String::from_utf8(track.write(format)).expect("text");
            assert!(text.starts_with("<?xml"), "{text}");
        }
    }
}

#[test]
fn a_trace_is_in_the_units_of_readsb() {
    let mut rows = along(&[8.0, 8.1, 8.2, 8.3]);
    rows[2].1.on_ground = true;
    rows[3].1.baro_altitude = None;
    let trace = json(&track(rows), TrackFormat::Trace);
    assert_eq!((&trace["icao"], &trace["timestamp"]), (&json!("3c6444"), &json!(START)));
    let details = json!({ "type": "mlat", "flight": "D<&>1   ", "squawk": "1000" });
    let first = json!([
        0, 50.0, 8.0, 36000, 450.0, 90.25, 1, -1280, details, "mlat", 36089, null, null, null
    ]);
    assert_eq!(trace["trace"][0], first);
    assert_eq!((&trace["trace"][1][0], &trace["trace"][1][8]), (&json!(60), &Value::Null));
    assert_eq!(trace["trace"][2][3], "ground");
    assert_eq!((&trace["trace"][3][3], &trace["trace"][3][6]), (&json!(36089), &json!(8)));
}

#[test]
fn texts_are_escaped_in_xml() {
    for format in [TrackFormat::Gpx, TrackFormat::Kml] {
        let text = String::from_utf8(track(along(&[180.0])).write(format)).expect("text");
        assert!(
            text.contains("<name>D&lt;&amp;&gt;1</name>") && text.contains("imulated"),
            "{text}"
        );
        assert_eq!(text.contains("lon=\"-180\""), format == TrackFormat::Gpx, "{text}");
    }
}
