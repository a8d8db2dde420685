//! Golden frames: committed bytes, and what they say. The browser's decoder reads the same.
//!
//! `BLESS=1 cargo test --test golden` writes them anew: only for a change that is meant to be one.

mod skies;

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use overflight::airspace::{LiveAircraft, LiveSky, Resolution};
use overflight::wire::{self, Picture, StateObject};
use serde_json::{Value, json};
use skies::Traffic;

const EPOCH: u64 = 0x0123_4567_89ab_cdef;

/// A keyframe and the deltas after it: bytes, and the sky as a client has it after each.
fn frames(seed: u64, by: Resolution, seconds: i64) -> Vec<(Vec<u8>, LiveSky)> {
    let mut traffic = Traffic::new(seed, 8, 1_767_225_600);
    let mut live = LiveSky::of(traffic.snapshot(), by);
    let mut frames = vec![(wire::encode_keyframe(EPOCH, 1, &live), live.clone())];
    for sequence in 2..6 {
        let next = LiveSky::of(&traffic.fly(seconds), by);
        let is_foreseen = |foreseen: &LiveAircraft, is: &LiveAircraft| {
            foreseen == is || foreseen.icao24.get().is_multiple_of(4)
        };
        let old = (sequence - 1, &live);
        let (bytes, kept) = wire::encode_delta(EPOCH, old, sequence, &next, is_foreseen);
        frames.push((bytes, kept.clone()));
        live = kept;
    }
    frames
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("text grows");
        hex
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().map(|digit| digit.to_digit(16).expect("hex")).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn dump(sequence: u64, sky: &LiveSky) -> Value {
    let snapshot = sky.snapshot();
    let states = snapshot.aircraft().iter().map(|state| StateObject::new(state, None));
    let states: Vec<_> = states.map(|state| serde_json::to_value(state).expect("JSON")).collect();
    json!({
        "epoch": format!("{EPOCH:016x}"), "sequence": sequence, "time": sky.time, "states": states,
    })
}

fn check(name: &str, frames: &[(Vec<u8>, LiveSky)]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.json"));
    let made = frames.iter().zip(1..).map(
        |((bytes, sky), sequence)| json!({ "frame": hex(bytes), "leads_to": dump(sequence, sky) }),
    );
    let made = Value::Array(made.collect());
    if env::var_os("BLESS").is_some() {
        let text = serde_json::to_string_pretty(&made).expect("JSON") + "\n";
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let golden: Value = serde_json::from_str(&text).expect("JSON");
    let mut picture = Picture::default();
    for frame in golden.as_array().expect("frames") {
        let hex = frame["frame"].as_str().expect("hex");
        picture.apply(&bytes(hex)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = dump(picture.sequence(), picture.sky());
        assert_eq!(read, frame["leads_to"], "{name}: reading has changed");
    }
    for (golden, made) in
        golden.as_array().expect("frames").iter().zip(made.as_array().expect("it is"))
    {
        assert_eq!(made["frame"], golden["frame"], "{name}: writing has changed");
    }
}

#[test]
fn fine_frames_are_written_and_read_as_ever() {
    check("fine", &frames(1, Resolution::Fine, 60));
}

#[test]
fn display_frames_are_written_and_read_as_ever() {
    check("display", &frames(2, Resolution::Display, 60));
}

#[test]
fn frames_in_quick_succession_are_written_and_read_as_ever() {
    check("quick", &frames(3, Resolution::Fine, 5));
}
