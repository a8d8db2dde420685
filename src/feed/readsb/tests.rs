//! Rows by hand.

use super::*;
use crate::aircraft::StateVector;
use crate::earth::Position;
use crate::feed::{Dropped, Example};

const NOW: i64 = 1_751_840_380;

const AIRCRAFT: &str = r#""hex":"3c6444","type":"adsb_icao","flight":"DLH9LF  ","alt_baro":32000,
    "alt_geom":33000,"gs":450.0,"tas":512,"track":274.01,"true_heading":280.1,"baro_rate":-1920,
    "geom_rate":-1900,"squawk":"6642","emergency":"none","category":"A3","lat":-50.25,"lon":8.5,
    "nic":8,"seen_pos":2.4,"mlat":[],"tisb":[],"messages":77,"seen":0.6,"rssi":-20.1,"spi":0,
    "dbFlags":1,"lastPosition":{"lat":1,"lon":2}"#;

fn snapshot(rows: &str) -> SourceSnapshot {
    parse(format!(r#"{{"now":{NOW}.9,"messages":1,"aircraft":[{rows}]}}"#).as_bytes()).expect(rows)
}

/// Returns the state of the aircraft above with these fields, which override its own.
fn with(fields: &str) -> StateVector {
    let snapshot = snapshot(&format!("{{{AIRCRAFT},{fields}}}"));
    assert_eq!((&snapshot.rejected[..], &snapshot.dropped[..]), (&[][..], &[][..]), "{fields}");
    snapshot.aircraft[0].clone()
}

#[test]
fn every_field_becomes_openskys_in_si_units() {
    let state = with(r#""more":[{"a":null}]"#);
    assert_eq!(state.icao24.to_string(), "3c6444");
    assert_eq!(state.callsign.map(|callsign| callsign.to_string()).as_deref(), Some("DLH9LF"));
    assert_eq!(state.origin_country.as_deref(), Some("Germany"));
    assert_eq!((state.last_contact, state.time_position), (NOW, Some(NOW - 2)));
    assert_eq!(state.position, Position::new(8.5, -50.25));
    assert_eq!((state.baro_altitude, state.geo_altitude), (Some(9753.6), Some(10_058.4)));
    assert_eq!((state.velocity, state.true_track), (Some(231.5), Some(274.01)));
    assert_eq!((state.vertical_rate, state.on_ground, state.spi), (Some(-9.75), false, false));
    assert_eq!(state.squawk.map(|squawk| squawk.to_string()).as_deref(), Some("6642"));
    assert_eq!((state.position_source, state.category), (Some(0), Some(4)));
}

#[test]
fn adsbx_v2_is_the_same_in_milliseconds_and_in_another_order() {
    let text = format!(r#"{{"ac":[{{{AIRCRAFT}}}],"msg":"No error","now":{NOW}900,"total":1}}"#);
    assert_eq!(parse(text.as_bytes()).expect("a snapshot"), snapshot(&format!("{{{AIRCRAFT}}}")));
}

#[test]
fn on_the_ground_there_is_no_altitude_and_the_heading_is_the_track() {
    let state = with(r#""alt_baro":"ground","track":null"#);
    assert_eq!((state.on_ground, state.baro_altitude), (true, None));
    assert_eq!(state.true_track, Some(280.1));
    assert_eq!(with(r#""track":null"#).true_track, None, "in the air there is wind");
    assert_eq!(with(r#""gs":null"#).velocity, None, "nor is air speed ground speed");
}

#[test]
fn missing_fields_are_unknown() {
    let snapshot = snapshot(r#"{"hex":"3C6444","flight":"A","seen":60}"#);
    let state = &snapshot.aircraft[0];
    assert_eq!((state.last_contact, state.time_position, state.position), (NOW - 60, None, None));
    assert_eq!((state.category, state.position_source, state.on_ground), (None, None, false));
    assert_eq!(with(r#""baro_rate":null"#).vertical_rate, Some(-9.65));
    assert_eq!(with(r#""lat":null"#).time_position, None, "there is no position to be of a time");
    assert_eq!(with(r#""flight":"        ""#).callsign, None);
    assert!(with(r#""spi":1"#).spi && with(r#""spi":true"#).spi);
}

#[test]
fn categories_and_sources_have_openskys_numbers() {
    for (category, number) in [
        ("A0", Some(1)),
        ("A1", Some(2)),
        ("A7", Some(8)),
        ("B0", Some(1)),
        ("B1", Some(9)),
        ("B7", Some(15)),
        ("C1", Some(16)),
        ("C5", Some(20)),
        ("C6", None),
        ("D1", None),
    ] {
        let state = with(&format!(r#""category":"{category}""#));
        assert_eq!(state.category, number, "{category}");
    }
    for (fields, source) in [
        (r#""type":"mlat""#, Some(2)),
        (r#""type":"adsb_icao_nt""#, Some(0)),
        (r#""type":"adsr_icao""#, Some(0)),
        (r#""type":"tisb_icao""#, None),
        (r#""type":"mode_s""#, None),
        (r#""type":null"#, None),
        (r#""type":null,"mlat":["lat","lon"]"#, Some(2)),
    ] {
        assert_eq!(with(fields).position_source, source, "{fields}");
    }
}

#[test]
fn an_invalid_row_is_reported_and_the_snapshot_stays() {
    let check = |bad: &str, reason: &str| {
        let snapshot = snapshot(&format!(r#"{bad},{{{AIRCRAFT},"hex":"abcdef"}}"#));
        assert_eq!(snapshot.aircraft.len(), 1, "{bad}");
        assert_eq!(snapshot.rejected.len(), 1, "{bad}");
        assert_eq!(snapshot.rejected[0].to_string(), format!("row 0: {reason}"));
    };
    check("null", "row is null, expected an object");
    check(r#"["3c6444"]"#, "row is an array, expected an object");
    check("{}", "hex is null, expected six hexadecimal digits");
    check(r#"{"hex":"3c6444","seen":1}"#, "neither a callsign nor a position is known");
    let field = |field: &str, reason: &str| check(&format!("{{{AIRCRAFT},{field}}}"), reason);
    field(r#""hex":"~2b1a3c""#, r#"hex is "~2b1a3c", expected an ICAO address, without ~"#);
    field(r#""hex":"3c644""#, r#"hex is "3c644", expected six hexadecimal digits"#);
}

#[test]
fn an_invalid_value_costs_its_field_and_is_counted() {
    let good = || with(r#""more":0"#);
    let check = |field: &str, value: &str, expected: &str, state: StateVector| {
        let snapshot = snapshot(&format!(r#"{{{AIRCRAFT},"{field}":{value}}}"#));
        assert_eq!(
            (&snapshot.aircraft[..], snapshot.rejected.len()),
            (&[state][..], 0),
            "{field} {value}"
        );
        let shown = Example { row: 0, value: value.to_owned(), expected: expected.to_owned() };
        let field = field.to_owned();
        assert_eq!(snapshot.dropped, [Dropped { field, count: 1, example: shown }]);
    };
    let printable = "up to 8 printable ASCII characters";
    check("flight", "7", printable, StateVector { callsign: None, ..good() });
    let a_minute = "feet a minute from -196850 to 196850";
    let feet = r#"feet from -6561 to 328083, or "ground""#;
    check("alt_baro", r#""grnd""#, feet, StateVector { baro_altitude: None, ..good() });
    check("alt_baro", "400000", feet, StateVector { baro_altitude: None, ..good() });
    check(
        "alt_geom",
        r#""ground""#,
        "feet from -6561 to 328083",
        StateVector { geo_altitude: None, ..good() },
    );
    check("gs", "-1", "knots from 0 to 15550", StateVector { velocity: None, ..good() });
    check("track", "721", "degrees from -360 to 720", StateVector { true_track: None, ..good() });
    check("geom_rate", "1000000000.0", a_minute, good());
    let rate = StateVector { vertical_rate: Some(-9.65), ..good() };
    check("baro_rate", "true", a_minute, rate);
    let nowhere = || StateVector { position: None, time_position: None, ..good() };
    check("lat", "91", "degrees from -90 to 90", nowhere());
    check("lon", r#""8""#, "degrees from -180 to 180", nowhere());
    check("squawk", r#""7800""#, "four octal digits", StateVector { squawk: None, ..good() });
    let emitter = "an emitter category from A0 to D7";
    check("category", r#""E1""#, emitter, StateVector { category: None, ..good() });
    check("seen", "-1", "seconds ago, from 0", StateVector { last_contact: NOW - 2, ..good() });
    check(
        "seen_pos",
        r#""0""#,
        "seconds ago, from 0",
        StateVector { time_position: None, ..good() },
    );
    check("spi", "2", "0 or 1", good());
    check("type", "7", "text", StateVector { position_source: None, ..good() });
}

#[test]
fn a_missing_age_falls_back_to_the_position_then_to_the_response() {
    assert_eq!(with(r#""seen":null"#).last_contact, NOW - 2);
    assert_eq!(with(r#""seen":null,"seen_pos":null"#).last_contact, NOW);
    assert_eq!(with(r#""track":-118.81"#).true_track, Some(241.19));
}

#[test]
fn a_body_that_is_not_a_snapshot_is_refused_with_the_reason() {
    let check = |bytes: &str, fault: &str| {
        let error = parse(bytes.as_bytes()).expect_err(fault).to_string();
        assert!(error.contains(fault), "{bytes:.80}: {error}");
    };
    check("", "expected an object with now and aircraft, or ac");
    check("[1751840380,[]]", "expected an object with now and aircraft, or ac");
    check(r#"{"now":1751840380}"#, "missing field `aircraft`");
    check(r#"{"now":1751840380,"aircraft":7}"#, "expected an array of states, or null");
    check(r#"{"now":"noon","aircraft":[]}"#, r#"now is "noon", expected Unix seconds"#);
    check(r#"{"now":17.5,"aircraft":[]}"#, "now is 17.5, expected Unix seconds");
    check(r#"{"now":1e300,"aircraft":[]}"#, "now is 1e300, expected Unix seconds");
    check(r#"{"now":1751840380,"aircraft":[{"hex":"#, "EOF");
}
