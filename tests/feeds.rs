//! A body with the most rows is parsed in bounded memory, whatever its format.

#[path = "parquet/memory.rs"]
mod memory;

use std::io::Cursor;

use overflight::feed::{ROWS_MAX, parse_body};

/// The most bytes that parsing takes beside the body. 100,000 state vectors have 16.8 MB, and their
/// places by address 1.7 MB; while the rows grow, 2.8 MB are there twice. Measured were 22.1 MB.
const BYTES_MAX: usize = 24 << 20;

const NOW: i64 = 1_751_840_400;

/// A body of the most rows, each from its number.
fn body(head: &str, tail: &str, row: impl Fn(usize) -> String) -> String {
    let rows: Vec<_> = (0..ROWS_MAX).map(row).collect();
    format!("{head}{}{tail}", rows.join(","))
}

fn check(name: &str, text: &str) {
    let mut aircraft = 0;
    let peak = memory::peak(|| {
        let snapshot = parse_body(Cursor::new(text), NOW).expect(name);
        aircraft = snapshot.aircraft.len();
    });
    assert_eq!(aircraft, ROWS_MAX, "{name}");
    assert!(peak < BYTES_MAX, "{name}: {peak} bytes beside a body of {}", text.len());
}

#[test]
fn a_body_with_the_most_rows_takes_bounded_memory() {
    let opensky = |row| {
        let rest = r#"8.5,50,9,false,1,2,3,null,4,"6642",false,0]"#;
        format!(r#"["{row:06x}","T{row}","Germany",1751840370,1751840377,{rest}"#)
    };
    let undated = |row| {
        let rest = r#"8.5,50,9,false,1,2,3,null,4,"6642",false,0]"#;
        format!(r#"["{row:06x}","T{row}",null,null,null,{rest}"#)
    };
    let readsb =
        |row| format!(r#"{{"hex":"{row:06x}","flight":"T{row}","lat":50,"lon":8.5,"seen":1.5}}"#);
    let object = |row| {
        let rest = r#""latitude":50,"longitude":8.5,"last_contact":1751840377}"#;
        format!(r#"{{"icao24":"{row:06x}",{rest}"#)
    };
    let short = |row| format!(r#"{{"icao24":"{row:06x}","latitude":50,"longitude":8.5}}"#);
    let states = r#"{"time":1751840380,"states":["#;
    check("OpenSky", &body(states, "]}", opensky));
    check("OpenSky with spaces", &body(&states.replace(':', ": "), "] }", opensky));
    check("OpenSky without times", &body(states, "]}", undated));
    check("readsb", &body(r#"{"now":1751840380.1,"aircraft":["#, "]}", readsb));
    check("ADSBx v2", &body(r#"{"ac":["#, r#"],"now":1751840380100}"#, readsb));
    check("objects", &body("[", "]", object));
    check("objects without times", &body("[", "]", short));
}
