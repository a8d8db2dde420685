//! Long golden sequences: thousands of rows, most of them on the edges of cells.
//!
//! A file holds a keyframe and deltas, each after its length in four bytes, big-endian. Each frame
//! has the digest of the state that it leads to, so a decoder needs nothing else to be checked.

use std::path::PathBuf;
use std::{env, fs};

use overflight::aircraft::{Callsign, Icao24, Knots, n_number};
use overflight::airspace::{Cell, Course, LiveAircraft, LiveState, Motion, Point, Resolution};
use overflight::wire::{self, ClientState};

use super::snapshots::Random;
use super::{EPOCH, TIME, flown, newcomer};

const AIRCRAFT: u64 = 2_000;

/// Returns a frame for each time, and the live state that each leads to.
fn frames(seed: u64, by: Resolution, seconds: i64, count: u64) -> Vec<(Vec<u8>, LiveState)> {
    let random = &mut Random(seed);
    let aircraft = (0..AIRCRAFT).map(|index| placed(random, index * 8_000, by)).collect();
    let mut live = LiveState { time: TIME, resolution: by, simulated: true, aircraft };
    let mut frames = vec![(wire::encode_keyframe(EPOCH, 1, &live), live.clone())];
    for sequence in 2..=count {
        let next = later(random, &live, seconds);
        let bytes = wire::encode_delta(EPOCH, (sequence - 1, &live), sequence, &next);
        frames.push((bytes, next.clone()));
        live = next;
    }
    frames
}

fn later(random: &mut Random, live: &LiveState, seconds: i64) -> LiveState {
    let mut aircraft = Vec::new();
    for row in &live.aircraft {
        if !random.one_in(50) {
            aircraft.push(flown(random, row, seconds, live.resolution));
        }
        if random.one_in(50) {
            let address = u64::from(row.icao24.get()) + 1 + random.below(100);
            aircraft.push(placed(random, address, live.resolution));
        }
    }
    aircraft.sort_by_key(|row| row.icao24);
    aircraft.dedup_by_key(|row| row.icao24);
    LiveState { time: live.time + seconds, aircraft, ..*live }
}

/// Returns an aircraft with this address or one a little above it, on an edge of a cell.
fn placed(random: &mut Random, address: u64, by: Resolution) -> LiveAircraft {
    let mut row = newcomer(random, 0, by);
    row.icao24 = Icao24::new((address + random.below(2)) as u32).expect("below 2^24");
    if n_number(row.icao24).is_some() && random.one_in(2) {
        row.identity.callsign = n_number(row.icao24);
    }
    if random.one_in(3) {
        let number = format!("{}{}", random.pick(&["DLH", "UAL", "N"]), random.below(10_000));
        row.identity.callsign = Callsign::parse(&number).expect("the test's own");
    }
    let Motion { cell, course, .. } = &mut row.motion;
    *cell = cell.map(|_| Cell::of(edge(random, by), by));
    if let Course::Vector(Knots { east, north }) = course {
        // Eight in nine are as fast as airliners. Some are too fast for any.
        let far = random.one_in(99);
        *east = if far { i16::MAX } else { *east };
        *north = if far { -i16::MAX } else { *north };
        if random.one_in(9) {
            (*east, *north) = (*east / 40, *north / 40);
        }
    }
    row
}

/// Returns a point on the edge of a cell or beside it: anywhere, at a pole, or at the antimeridian.
fn edge(random: &mut Random, by: Resolution) -> Point {
    let step = by.position_microdegrees();
    let near = random.below(3) as i64 - 1;
    let latitude = match random.below(6) {
        0 => random.pick(&[-90_000_000, 90_000_000, 89_999_999, -89_500_000, 89_500_001]),
        1 => random.pick(&[-1, 0, 1]) * step / 2,
        _ => (random.below(180_000_000) as i64 - 90_000_000) / step * step + step / 2 + near,
    };
    let longitude = match random.below(6) {
        0 => random.pick(&[-180_000_000, -179_999_999, 179_999_999, 179_999_000]),
        _ => random.below(360_000_000) as i64 - 180_000_000,
    };
    Point { longitude, latitude: latitude.clamp(-90_000_000, 90_000_000) }
}

fn check(name: &str, frames: &[(Vec<u8>, LiveState)]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.bin"));
    let length = |bytes: &[u8]| (bytes.len() as u32).to_be_bytes();
    let made: Vec<u8> =
        frames.iter().flat_map(|(bytes, _)| [&length(bytes)[..], bytes].concat()).collect();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &made).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let golden = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (mut client, mut rest) = (ClientState::default(), &golden[..]);
    for (_, live) in frames {
        let (length, bytes) = rest.split_first_chunk().expect("a length");
        let (frame, after) = bytes.split_at(u32::from_be_bytes(*length) as usize);
        client.apply(frame).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(client.live() == live, "{name}: reading has changed");
        rest = after;
    }
    assert!(made == golden, "{name}: writing has changed");
}

#[test]
fn long_fine_frames_are_encoded_and_decoded_as_before() {
    check("long-fine", &frames(4, Resolution::Fine, 60, 5));
}

#[test]
fn long_display_frames_are_encoded_and_decoded_as_before() {
    check("long-display", &frames(5, Resolution::Display, 87, 4));
}

#[test]
fn long_frames_in_quick_succession_are_encoded_and_decoded_as_before() {
    check("long-quick", &frames(6, Resolution::Fine, 10, 4));
}
