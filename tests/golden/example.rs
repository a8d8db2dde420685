//! The worked example at the end of PROTOCOL.md: two aircraft, and what one of them does next.
//!
//! `BLESS=1` rewrites it together with the frames.

use std::path::PathBuf;
use std::{env, fs};

use overflight::aircraft::{Callsign, Icao24, Knots, Squawk};
use overflight::airspace::{
    Cell, Course, Identity, LiveAircraft, LiveState, Motion, Point, Resolution,
};
use overflight::wire::{Frame, encode_delta, encode_keyframe};

use super::{EPOCH, TIME, hex};

const HEADING: &str = "## An example\n";
/// The most bytes on a line of the document.
const BYTES_A_LINE: usize = 32;
/// The most steps shown of each frame.
const STEPS: usize = 40;

/// Returns a keyframe with two aircraft, and a delta ten seconds later: one turned, one flew
/// straight on.
pub fn frames() -> Vec<(Vec<u8>, LiveState)> {
    let by = Resolution::Fine;
    let row = |address, callsign, (longitude, latitude), east| {
        let motion = Motion {
            cell: Some(Cell::of(Point { longitude, latitude }, by)),
            altitude: Some(1_480),
            course: Course::Vector(Knots { east, north: 0 }),
            vertical_rate: Some(0),
            on_ground: false,
            age: 0,
        };
        let identity = Identity {
            callsign: Callsign::parse(callsign).expect("the test's own"),
            origin_country: Some("Germany".into()),
            squawk: Squawk::new(0o1000),
            position_source: Some(0),
            current_country: Some("DE".parse().expect("a country's code")),
            ..Identity::default()
        };
        LiveAircraft { icao24: Icao24::new(address).expect("below 2^24"), identity, motion }
    };
    let aircraft = vec![
        row(0x3c_6444, "DLH9LF", (8_570_556, 50_033_333), 450),
        row(0x3c_6dd2, "DLH400", (9_000_000, 50_500_000), -450),
    ];
    let first = LiveState { time: TIME, resolution: by, simulated: true, aircraft };
    let mut second = LiveState { time: TIME + 10, ..first.clone() };
    for row in &mut second.aircraft {
        row.motion = row.motion.after(10, by);
    }
    second.aircraft[0].motion.course = Course::Vector(Knots { east: 448, north: -47 });
    let delta = encode_delta(EPOCH, (1, &first), 2, &second);
    vec![(encode_keyframe(EPOCH, 1, &first), first), (delta, second)]
}

/// Compares the last section of PROTOCOL.md with the one made from the frames.
pub fn check(frames: &[(Vec<u8>, LiveState)]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("PROTOCOL.md");
    let text = fs::read_to_string(&path).expect("PROTOCOL.md");
    let (before, written) = text.split_once(HEADING).expect("PROTOCOL.md has an example");
    let made = section(frames);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{HEADING}{made}")).expect("PROTOCOL.md is writable");
    } else {
        assert_eq!(written, made, "PROTOCOL.md's example; BLESS=1 rewrites it");
    }
}

const INTRODUCTION: &str = "
Two aircraft, and the same two ten seconds later: the first has turned, the second is where it \
was predicted.
A test writes this section from `tests/golden/example.json`. The files beside it hold more frames \
to test a decoder with,
and the states that they yield.
";

fn section(frames: &[(Vec<u8>, LiveState)]) -> String {
    let mut text = String::from(INTRODUCTION);
    let mut old = LiveState::default();
    for ((bytes, snapshot), title) in frames.iter().zip(["The keyframe", "The delta"]) {
        let steps = Frame::decode(bytes).expect("a frame of ours").trace(&old);
        let shown = &steps[..steps.len().min(STEPS)];
        let head = ["model", "range", "code", "p", "bound", "read"];
        let [model, range, code, p, bound, read] = head;
        let head = format!("{model:<24} {range:<8} {code:<8}  {p:>5} {bound:<8} {read:>4}");
        let parts = [
            format!("\n{title}, {} bytes:\n", bytes.len()),
            block(&envelope(bytes)),
            "It yields these rows, in steps of the resolution:\n".to_owned(),
            block(&rows(snapshot)),
            format!("The first {} of its payload's {} steps, ", shown.len(), steps.len()),
            "*range* and *code* as they are before each:\n".to_owned(),
            block(&format!("{head}\n{}\n", shown.join("\n"))),
        ];
        text += parts.concat().trim_end();
        text.push('\n');
        old = snapshot.clone();
    }
    text
}

fn block(text: &str) -> String {
    format!("\n```text\n{text}```\n\n")
}

/// The bytes of an envelope, one element per line.
fn envelope(bytes: &[u8]) -> String {
    let names = [
        "version",
        "epoch",
        "base",
        "sequence",
        "time",
        "resolution",
        "simulated",
        "payload",
        "digest",
    ];
    let mut text = line(&bytes[..1], "an array of nine");
    let mut place = 1;
    for name in names {
        let value = |from: usize, to: usize| {
            bytes[place + from..place + to]
                .iter()
                .fold(0_usize, |n, &byte| n << 8 | usize::from(byte))
        };
        // MessagePack: a small number is its own marker; other markers give the length.
        let (marker, length) = match bytes[place] {
            0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 => (1, 0),
            0xc4 => (2, value(1, 2)),
            0xc5 => (3, value(1, 3)),
            0xcc..=0xcf => (1, 1 << (bytes[place] - 0xcc)),
            other => panic!("an envelope has no {other:02x}"),
        };
        let (head, end) = (place + marker, place + marker + length);
        if name == "payload" {
            text += &line(&bytes[place..head], &format!("payload, {length} bytes:"));
            for part in bytes[head..end].chunks(BYTES_A_LINE) {
                text += &line(part, "");
            }
        } else {
            let meaning = match (name, bytes[place]) {
                ("base", 0xc0) => "base: nil, a keyframe".to_owned(),
                ("simulated", marker) => format!("simulated: {}", marker == 0xc3),
                ("version" | "base" | "sequence" | "resolution", number) => {
                    format!("{name} {number}")
                }
                ("time", _) => format!("time {}", value(marker, marker + length)),
                _ => name.to_owned(),
            };
            text += &line(&bytes[place..end], &meaning);
        }
        place = end;
    }
    assert_eq!(place, bytes.len(), "an envelope has nine elements");
    text
}

fn line(bytes: &[u8], meaning: &str) -> String {
    format!("{:<20} {meaning}", hex(bytes)).trim_end().to_owned() + "\n"
}

fn rows(snapshot: &LiveState) -> String {
    snapshot.aircraft.iter().fold(String::new(), |text, row| {
        let Motion { cell, altitude, course, vertical_rate, on_ground, age } = row.motion;
        let [altitude, vertical_rate] =
            [altitude, vertical_rate].map(|steps| steps.expect("it is known"));
        let Knots { east, north: northward } = course.vector();
        let Cell { row: north, column } = cell.expect("it is placed");
        let Identity { callsign, squawk, current_country, .. } = &row.identity;
        let named = callsign.as_ref().map_or("", |callsign| callsign.as_str());
        let icao24 = row.icao24;
        let squawk = squawk.expect("it is known");
        let country = current_country.as_ref().map_or("", |code| code.as_str());
        let origin = row.identity.origin_country.as_deref().unwrap_or_default();
        let lines = [
            format!("{icao24} row {north} column {column} altitude {altitude}"),
            format!(" vector ({east}, {northward}) vertical_rate {vertical_rate}\n"),
            format!("       on_ground {on_ground} age {age} callsign {named} squawk {squawk}"),
            format!(" current_country {country} origin_country {origin}\n"),
            "       position_source 0 category nil spi false\n".to_owned(),
        ];
        text + &lines.concat()
    })
}
