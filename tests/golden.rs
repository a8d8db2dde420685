//! Golden frames: committed bytes, and the states that they yield. `tests/golden/hosts.test.mjs`
//! reads and writes the same frames as wasm, under Node, workerd and Chromium.
//!
//! `BLESS=1 cargo test --test golden` rewrites them: only for an intended change of the protocol.
//! The snapshots are generated in integers, so that they are the same on every machine.

#[path = "golden/example.rs"]
mod example;
#[path = "golden/long.rs"]
mod long;
mod snapshots;

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use overflight::aircraft::{Callsign, Icao24, Knots, Squawk};
use overflight::airspace::{
    Cell, Course, Identity, LiveAircraft, LiveState, Motion, Point, Resolution,
};
use overflight::wire::{self, ClientState, StateObject};
use serde_json::{Value, json};
use snapshots::{Random, leaving};

const EPOCH: u64 = 0x0123_4567_89ab_cdef;
const TIME: i64 = 1_767_225_600;

/// Returns a keyframe and the deltas after it: the bytes, and a client's live state after each.
fn frames(seed: u64, by: Resolution, seconds: i64) -> Vec<(Vec<u8>, LiveState)> {
    let random = &mut Random(seed);
    let aircraft = (0..8).map(|place| newcomer(random, place, by)).collect();
    let simulated = by == Resolution::Display;
    let mut live = LiveState { time: TIME, resolution: by, simulated, aircraft };
    let mut frames = vec![(wire::encode_keyframe(EPOCH, 1, &live), live.clone())];
    for sequence in 2..6 {
        let next = later(random, &live, seconds);
        let next = leaving(&live, next, |row| row.icao24.get().is_multiple_of(4));
        let bytes = wire::encode_delta(EPOCH, (sequence - 1, &live), sequence, &next);
        frames.push((bytes, next.clone()));
        live = next;
    }
    frames
}

/// Returns the state some seconds later: one in ten has left, most others turn or climb a little.
fn later(random: &mut Random, live: &LiveState, seconds: i64) -> LiveState {
    let by = live.resolution;
    let mut aircraft = Vec::new();
    for place in 0..16 {
        let old = live.aircraft.iter().find(|row| place_of(row.icao24) == place);
        match old {
            Some(_) if random.one_in(10) => {}
            Some(old) => aircraft.push(flown(random, old, seconds, by)),
            None if random.one_in(8) => aircraft.push(newcomer(random, place, by)),
            None => {}
        }
    }
    LiveState { time: live.time + seconds, aircraft, ..*live }
}

/// Returns an address's slot, its first digit: each of the sixteen has one aircraft at most.
fn place_of(icao24: Icao24) -> u64 {
    u64::from(icao24.get() >> 20)
}

fn newcomer(random: &mut Random, place: u64, by: Resolution) -> LiveAircraft {
    // Two of three are from blocks whose callsigns and countries can be predicted.
    let address = place << 20 | if random.one_in(3) { random.below(1 << 20) } else { 0xc1 };
    let longitude = random.below(360_000_000) as i64 - 180_000_000;
    let latitude = random.below(180_000_001) as i64 - 90_000_000;
    let steps = |feet: i64| (feet / by.altitude_feet()) as i32;
    let mut maybe = |end: u64| (!random.one_in(6)).then(|| random.below(end) as i32);
    let altitude = maybe(400).map(|level| level * steps(100));
    let [east, north] = [maybe(1_001), maybe(1_001)].map(|it| it.map(|it| (it - 500) as i16));
    let [eighths, part] = [maybe(1_600), maybe(128)];
    let rate = maybe(60).map(|rate| rate - 30);
    let is_placed = maybe(1).is_some();
    let (source, category) = (maybe(5), maybe(40));
    let on_ground = random.one_in(6);
    let course = match (east, north) {
        (Some(east), Some(north)) if !on_ground => Course::Vector(Knots { east, north }),
        // In the air one of the two is unknown.
        _ => Course::Polar {
            velocity: eighths.map(|it| it as u16),
            track: part.filter(|_| on_ground || eighths.is_none()).map(|it| it as u8),
        },
    };
    let motion = Motion {
        cell: is_placed.then(|| Cell::of(Point { longitude, latitude }, by)),
        altitude,
        course,
        vertical_rate: rate,
        on_ground,
        age: random.below(4) as u8,
    };
    let identity = Identity {
        callsign: callsign(random),
        origin_country: random
            .pick(&[None, Some("Germany"), Some("Côte d'Ivoire")])
            .map(Into::into),
        squawk: squawk(random),
        spi: random.one_in(9),
        position_source: source.map(|source| source as u8),
        category: category.map(|category| category as u8),
        current_country: country(random),
    };
    LiveAircraft { icao24: Icao24::new(address as u32).expect("below 2^24"), identity, motion }
}

fn flown(random: &mut Random, old: &LiveAircraft, seconds: i64, by: Resolution) -> LiveAircraft {
    let mut new = old.clone();
    new.motion = old.motion.after(seconds, by);
    let motion = &mut new.motion;
    if random.one_in(3) {
        return new;
    }
    let mut by_some = |most: u64| random.below(2 * most + 1) as i32 - most as i32;
    let [faster, turned] = [by_some(20), by_some(9)];
    let most = i32::from(i16::MAX);
    let plus = |knots: i16, by: i32| (i32::from(knots) + by).clamp(-most, most) as i16;
    motion.course = match motion.course {
        Course::Vector(Knots { east, north }) => {
            Course::Vector(Knots { east: plus(east, faster), north: plus(north, turned) })
        }
        Course::Polar { velocity, track } => Course::Polar {
            velocity: velocity.map(|velocity| velocity.saturating_add_signed(faster as i16)),
            track: track.map(|track| (i32::from(track) + turned).rem_euclid(128) as u8),
        },
    };
    let (higher, steeper) = (by_some(6), by_some(3));
    motion.altitude = motion.altitude.map(|altitude| altitude + higher);
    motion.vertical_rate = motion.vertical_rate.map(|rate| rate + steeper);
    let (north, east) = (i64::from(by_some(4_000)), i64::from(by_some(4_000)));
    motion.cell = motion.cell.map(|cell| {
        let Point { longitude, latitude } = cell.centre(by);
        let latitude = (latitude + north).clamp(-90_000_000, 90_000_000);
        let longitude = (longitude + east + 540_000_000) % 360_000_000 - 180_000_000;
        Cell::of(Point { longitude, latitude }, by)
    });
    if random.one_in(12) {
        // It takes off or lands.
        motion.on_ground = !motion.on_ground;
        motion.course = match motion.course {
            Course::Vector(_) => Course::Polar { velocity: Some(1_121), track: Some(77) },
            Course::Polar { velocity: Some(_), track: Some(_) } => {
                Course::Vector(Knots { east: -140, north: 3 })
            }
            half => half,
        };
    }
    motion.age = random.below(4) as u8;
    if random.one_in(4) {
        new.identity.squawk = squawk(random);
        new.identity.callsign = callsign(random);
    }
    if random.one_in(4) {
        new.identity.current_country = country(random);
        new.identity.spi = !new.identity.spi;
    }
    // Sent as a whole row: no residual can express it.
    if random.one_in(9) {
        new.identity.category = Some(1);
        new.motion.course = Course::Polar { velocity: None, track: Some(12) };
    }
    new
}

fn callsign(random: &mut Random) -> Option<Callsign> {
    let text = random.pick(&["", "DLH9LF", "UAL1234", "N123AB", "R  Q  N", "BAW4", "x~!"]);
    Callsign::parse(text).expect("the test's own")
}

fn squawk(random: &mut Random) -> Option<Squawk> {
    let any = random.below(4_096) as u16;
    let code = random.pick(&[None, Some(0o1200), Some(0o7700), Some(any)]);
    code.and_then(Squawk::new)
}

fn country(random: &mut Random) -> Option<overflight::earth::CountryCode> {
    random.pick(&[None, Some("PE"), Some("FR")]).map(|code| code.parse().expect("the test's own"))
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

fn dump(sequence: u64, live: &LiveState) -> Value {
    let snapshot = live.snapshot();
    let states = snapshot.aircraft().iter().map(|state| StateObject::new(state, None));
    let states: Vec<_> = states.map(|state| serde_json::to_value(state).expect("JSON")).collect();
    json!({
        "epoch": format!("{EPOCH:016x}"), "sequence": sequence, "time": snapshot.time,
        "simulated": snapshot.simulated, "states": states,
    })
}

fn check(name: &str, frames: &[(Vec<u8>, LiveState)]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.json"));
    let made = frames.iter().zip(1..).map(|((bytes, live), sequence)| {
        json!({ "frame": hex(bytes), "leads_to": dump(sequence, live) })
    });
    let made = Value::Array(made.collect());
    if env::var_os("BLESS").is_some() {
        let text = serde_json::to_string_pretty(&made).expect("JSON") + "\n";
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let golden: Value = serde_json::from_str(&text).expect("JSON");
    let mut client = ClientState::default();
    for frame in golden.as_array().expect("frames") {
        let hex = frame["frame"].as_str().expect("hex");
        client.apply(&bytes(hex)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = dump(client.sequence(), client.live());
        assert_eq!(read, frame["leads_to"], "{name}: reading has changed");
    }
    for (golden, made) in
        golden.as_array().expect("frames").iter().zip(made.as_array().expect("it is"))
    {
        assert_eq!(made["frame"], golden["frame"], "{name}: writing has changed");
    }
}

#[test]
fn fine_frames_are_encoded_and_decoded_as_before() {
    check("fine", &frames(1, Resolution::Fine, 60));
}

#[test]
fn display_frames_are_encoded_and_decoded_as_before() {
    check("display", &frames(2, Resolution::Display, 60));
}

#[test]
fn frames_in_quick_succession_are_encoded_and_decoded_as_before() {
    check("quick", &frames(3, Resolution::Fine, 5));
}

#[test]
fn the_example_in_the_protocol_matches_the_golden_keyframe_and_delta_step_by_step() {
    let frames = example::frames();
    check("example", &frames);
    example::check(&frames);
}
