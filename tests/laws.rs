//! Laws of the live state and the wire, on seeded random snapshots against naive oracles.

mod snapshots;

use std::collections::BTreeMap;

use overflight::aircraft::Icao24;
use overflight::airspace::{Cell, LiveAircraft, LiveState, Point, Resolution, Snapshot};
use overflight::archive::Minute;
use overflight::earth::{Position, REGIONS};
use overflight::hub::{Merged, Report, merge};
use overflight::ledger::cut;
use overflight::wire::{self, ClientState, Frame, RegionSnapshot, WireError};
use snapshots::{Random, Traffic, each_seed, later, leaving, snapshot, state};

const CASES: u64 = 10_000;
const RESOLUTIONS: [Resolution; 2] = [Resolution::Fine, Resolution::Display];

#[test]
fn a_snapshot_holds_the_last_row_of_each_address_in_order() {
    each_seed(CASES, |random| {
        let rows: Vec<_> = (0..random.below(20))
            .map(|_| {
                let address = Icao24::new(random.below(10) as u32).expect("below 2^24");
                state(random, address)
            })
            .collect();
        let naive: BTreeMap<_, _> = rows.iter().map(|row| (row.icao24, row.clone())).collect();
        let snapshot = Snapshot::new(1, rows);
        assert_eq!(snapshot.aircraft(), naive.values().cloned().collect::<Vec<_>>());
        for (icao24, row) in &naive {
            assert_eq!(snapshot.get(*icao24), Some(row));
        }
        assert_eq!(snapshot.get(Icao24::new(999).expect("below 2^24")), None);
    });
}

#[test]
fn a_keyframe_yields_exactly_the_rounded_snapshot() {
    each_seed(CASES, |random| {
        let by = random.pick(&RESOLUTIONS);
        let live = LiveState::of(&snapshot(random, 100, 30), by);
        let bytes = wire::encode_keyframe(u64::MAX, 8, &live);
        let frame = Frame::decode(&bytes).expect("our own frame");
        assert_eq!((frame.epoch, frame.base, frame.sequence), (u64::MAX, None, 8));
        let other = LiveState::of(&snapshot(random, 7, 10), random.pick(&RESOLUTIONS));
        assert_eq!(frame.simulated, live.simulated);
        assert_eq!(frame.apply(&other), Ok(live), "whatever the state before");
    });
}

#[test]
fn a_delta_yields_the_state_that_its_encoder_computed() {
    each_seed(CASES, |random| {
        let by = random.pick(&RESOLUTIONS);
        let before = snapshot(random, 100, 30);
        let after = later(random, &before, 30);
        let (old, new) = (LiveState::of(&before, by), LiveState::of(&after, by));
        let bytes = wire::encode_delta(9, (7, &old), 8, &new);
        let frame = Frame::decode(&bytes).expect("our own frame");
        assert_eq!((frame.epoch, frame.base, frame.sequence), (9, Some(7), 8));
        assert_eq!(frame.apply(&old), Ok(new.clone()));

        let keep = random.below(4);
        let partly = leaving(&old, new, |row| u64::from(row.icao24.get()) % 4 <= keep);
        let bytes = wire::encode_delta(9, (7, &old), 8, &partly);
        let read = Frame::decode(&bytes).expect("our own frame").apply(&old);
        assert_eq!(read.as_ref(), Ok(&partly));
        // A decoded state can be encoded again: no value is out of range.
        let whole = wire::encode_keyframe(9, 8, &partly);
        assert_eq!(Frame::decode(&whole).expect("our own").apply(&old), Ok(partly));
    });
}

#[test]
fn a_frame_of_many_unchanged_rows_is_decoded() {
    for count in [0, 1, 10, 1_000, 30_000, 100_000] {
        let standing = (0..count).map(|address| {
            let mut row = state(&mut Random(1), Icao24::new(address).expect("below 2^24"));
            (row.velocity, row.vertical_rate, row.position) = (None, None, None);
            (row.origin_country, row.time_position, row.last_contact) = (None, None, 0);
            row
        });
        let snapshot = Snapshot::new(1_000, standing.collect());
        let old = LiveState::of(&snapshot, Resolution::Fine);
        let new = LiveState { time: 1_060, ..old.clone() };
        let keyframe = wire::encode_keyframe(1, 1, &old);
        let read = Frame::decode(&keyframe).expect("our own").apply(&LiveState::default());
        assert_eq!(read.as_ref(), Ok(&old), "{count} alike");
        let delta = wire::encode_delta(1, (1, &old), 2, &new);
        assert_eq!(Frame::decode(&delta).expect("our own").apply(&old), Ok(new), "{count} still");
    }
}

#[test]
fn five_hundred_frames_in_a_closed_loop_do_not_drift() {
    // As many frames as other laws have cases.
    each_seed(CASES / 500, |random| {
        let by = random.pick(&RESOLUTIONS);
        let seconds = random.pick(&[1, 10, 60]);
        let mut traffic = Traffic::new(random.next(), 40, 1_000);
        let mut live = LiveState::of(traffic.snapshot(), by);
        let mut client = ClientState::default();
        client.apply(&wire::encode_keyframe(1, 0, &live)).expect("a keyframe");
        for sequence in 1..=500 {
            let exact = traffic.fly(seconds);
            let rounded = LiveState::of(&exact, by);
            // A third stays predicted whatever it does: errors could add up.
            let is_left = |row: &LiveAircraft| (u64::from(row.icao24.get()) + sequence) % 3 == 0;
            let next = leaving(&live, rounded.clone(), is_left);
            let bytes = wire::encode_delta(1, (sequence - 1, &live), sequence, &next);
            client.apply(&bytes).expect("the digest agrees");
            assert_eq!(client.live(), &next, "sequence {sequence}");
            for (row, is) in next.aircraft.iter().zip(&rounded.aircraft) {
                let sent = (u64::from(row.icao24.get()) + sequence) % 3 != 0;
                assert!(!sent || row == is, "{:?} is sent, but differs", row.icao24);
            }
            live = next;
        }
    });
}

#[test]
fn a_rounded_position_is_within_the_resolution_of_the_exact_one() {
    each_seed(CASES, |random| {
        let by = random.pick(&RESOLUTIONS);
        let (longitude, latitude) = (random.between(-180.0, 180.0), random.between(-90.0, 90.0));
        let point = Point::from_degrees(longitude, latitude);
        let centre = Cell::of(point, by).centre(by);
        let metres = |microdegrees: i64| microdegrees as f64 * 0.1112;
        let north = metres(centre.latitude - point.latitude);
        let parallel = latitude.to_radians().cos();
        let east = (centre.longitude - point.longitude).abs();
        let east = metres(east.min(360_000_000 - east)) * parallel;
        let most = metres(by.position_microdegrees()) * 0.52;
        assert!(north.abs() <= most && east.abs() <= most, "{point:?}: {north} m, {east} m");
    });
}

#[test]
fn a_region_snapshot_and_a_minute_decode_back_from_their_bytes() {
    each_seed(CASES, |random| {
        let snapshot = snapshot(random, 100, 20);
        let by = random.pick(&RESOLUTIONS);
        let read = RegionSnapshot::decode(RegionSnapshot::encode(9, by, &snapshot))
            .expect("our own region snapshot");
        assert_eq!(read, RegionSnapshot::new(9, by, snapshot.clone()));
        let minute = Minute { snapshot };
        assert_eq!(Minute::decode(&minute.encode()).as_ref(), Ok(&minute));
    });
}

/// Checks the state that hostile bytes yield: it is bounded, and can be encoded again.
fn check_hostile(bytes: &[u8], old: &LiveState) {
    let Ok(frame) = Frame::decode(bytes) else { return };
    let Ok(live) = frame.apply(old) else { return };
    assert!(live.aircraft.len() <= old.aircraft.len() + 8 * (bytes.len() + 1));
    assert!(live.aircraft.is_sorted_by(|a, b| a.icao24 < b.icao24));
    let _states = live.snapshot();
    let keyframe = wire::encode_keyframe(1, 1, &live);
    assert_eq!(Frame::decode(&keyframe).expect("our own").apply(old).as_ref(), Ok(&live));
}

#[test]
fn hostile_bytes_are_an_error_or_another_frame_and_never_a_panic() {
    each_seed(CASES, |random| {
        let by = random.pick(&RESOLUTIONS);
        let before = snapshot(random, 100, 12);
        let after = later(random, &before, 12);
        let (old, new) = (LiveState::of(&before, by), LiveState::of(&after, by));
        let mut bytes = match random.below(3) {
            0 => wire::encode_keyframe(1, 1, &new),
            1 => wire::encode_delta(1, (0, &old), 1, &new),
            _ => RegionSnapshot::encode(1, by, &after),
        };
        for _ in 0..=random.below(4) {
            let place = random.below(bytes.len() as u64) as usize;
            bytes[place] = random.next() as u8;
        }
        if random.one_in(3) {
            bytes.truncate(random.below(bytes.len() as u64) as usize);
        }
        check_hostile(&bytes, &old);
        let _error_or_state = ClientState::default().apply(&bytes);
        let _error_or_region_snapshot = RegionSnapshot::decode(bytes.clone());
        let _error_or_minute = Minute::decode(&bytes);
    });
}

#[test]
fn random_payloads_in_a_valid_envelope_never_panic() {
    each_seed(CASES, |random| {
        let by = random.pick(&RESOLUTIONS);
        let old = LiveState::of(&snapshot(random, 100, 12), by);
        let base = random.one_in(2).then_some(0_u64);
        let time = random.pick(&[i64::MIN, -1, 0, 100, 160, 1 << 40, i64::MAX]);
        let fill = random.pick(&[0x00, 0xff, 0xaa]);
        let length = random.below(200);
        let random_bytes = random.one_in(2);
        let draw = |_| if random_bytes { random.next() as u8 } else { fill };
        let payload = serde_bytes::ByteBuf::from((0..length).map(draw).collect::<Vec<u8>>());
        let envelope = |digest: u32| {
            let parts =
                (wire::VERSION, 1_u64, base, 1_u64, time, by.code(), false, &payload, digest);
            rmp_serde::to_vec(&parts).expect("numbers and bytes always serialise")
        };
        assert!(Frame::decode(&envelope(0)).is_ok(), "only the payload is hostile");
        check_hostile(&envelope(0), &old);
        let garbage: Vec<u8> = payload.iter().copied().collect();
        check_hostile(&garbage, &old);
    });
}

#[test]
fn all_region_snapshots_together_are_the_positioned_aircraft_of_the_world() {
    each_seed(CASES, |random| {
        let snapshot = snapshot(random, 100, 60);
        let parts = cut(&snapshot);
        for (region, part) in REGIONS[1..].iter().zip(&parts) {
            assert!(part.iter().all(|state| region.holds(state.position)), "{}", region.name);
            assert!(part.is_sorted_by_key(|state| state.icao24), "{}", region.name);
        }
        let positioned = snapshot.aircraft().iter().filter(|state| state.position.is_some());
        let together = Snapshot::new(100, parts.into_iter().flatten().cloned().collect());
        assert_eq!(together.aircraft(), positioned.cloned().collect::<Vec<_>>());
    });
}

#[test]
fn every_point_is_in_one_region_besides_world_even_at_edges_and_poles() {
    each_seed(CASES, |random| {
        let edge = REGIONS[random.below(REGIONS.len() as u64) as usize].bbox;
        let nudge = random.pick(&[-1e-9, 0.0, 1e-9]);
        let any = random.between(-180.0, 180.0);
        let longitude = random.pick(&[edge.west + nudge, edge.east + nudge, 180.0, -180.0, any]);
        let any = random.between(-90.0, 90.0);
        let latitude = random.pick(&[edge.south + nudge, edge.north + nudge, 90.0, -90.0, any]);
        let point = Position::new(longitude.clamp(-180.0, 180.0), latitude.clamp(-90.0, 90.0));
        assert!(point.is_some());
        assert_eq!(REGIONS.iter().filter(|region| region.holds(point)).count(), 2, "{point:?}");
    });
}

#[test]
fn a_frame_for_another_state_needs_a_keyframe_and_changes_nothing() {
    let mut random = Random(1);
    let by = Resolution::Fine;
    let first = snapshot(&mut random, 100, 20);
    let second = later(&mut random, &first, 20);
    let third = later(&mut random, &second, 20);
    let [first, second, third] =
        [first, second, third].map(|snapshot| LiveState::of(&snapshot, by));
    let delta =
        |epoch, old, next: &LiveState, sequence| wire::encode_delta(epoch, old, sequence, next);
    let mut client = ClientState::default();
    client.apply(&wire::encode_keyframe(1, 1, &first)).expect("a keyframe");
    let error = client.apply(&delta(1, (2, &second), &third, 3)).expect_err("2 is missing");
    assert_eq!(error, WireError::WrongBase { frame: (1, 2), client: (1, 1) });
    assert!(error.wants_keyframe());
    let other_history = client.apply(&delta(2, (1, &first), &second, 2));
    assert!(other_history.expect_err("another epoch").wants_keyframe());
    assert_eq!(client.live(), &first);
    // The server's base differs from the client's: the columns do not fit, or the digest does not.
    let misfit = client.apply(&delta(1, (1, &second), &third, 2));
    assert!(misfit.is_err_and(|error| error.wants_keyframe()));
    assert_eq!(client.live(), &first);
    let mut drifted = second.clone();
    drifted.aircraft.clone_from(&first.aircraft);
    drifted.aircraft[0].motion.altitude = Some(77);
    let drifted =
        client.apply(&delta(1, (1, &drifted), &LiveState { time: 200, ..drifted.clone() }, 2));
    assert_eq!(drifted, Err(WireError::Drifted { sequence: 2 }));
    assert!(drifted.is_err_and(|error| error.wants_keyframe()));
    assert_eq!(client.live(), &first);
}

#[test]
fn a_merge_writes_the_delta_between_its_two_live_states() {
    each_seed(CASES / 50, |random| {
        let by = random.pick(&RESOLUTIONS);
        let mut traffic = Traffic::new(random.next(), 40, 1_000);
        let mut before = traffic.snapshot().clone();
        let mut live = LiveState::of(&before, by);
        for sequence in 1..=10 {
            // Mostly the same aircraft later; sometimes nearly all addresses have other rows.
            let after = match random.one_in(8) {
                true => later(random, &before, 60),
                false => traffic.fly(random.pick(&[1, 10, 14, 15, 60])),
            };
            if after.time <= before.time {
                continue;
            }
            let old = live.clone();
            let Merged { delta, amended } = merge(&mut live, Report::all(&before), &after);
            let digest = delta.digest;
            let bytes = delta.into_frame(1, sequence - 1, sequence, &live);
            // An independent walk over both states decides the same outcome for each row.
            assert_eq!(bytes, wire::encode_delta(1, (sequence - 1, &old), sequence, &live));
            let read = Frame::decode(&bytes).expect("our own frame").apply(&old);
            assert_eq!(read.as_ref(), Ok(&live));
            assert_eq!(digest, wire::digest(&live.aircraft));
            let rounded = LiveState::of(&after, by);
            let rows = live.aircraft.iter().zip(&rounded.aircraft);
            let amends = (0..).zip(rows).filter_map(|(place, (row, is))| {
                assert_eq!((row.icao24, &row.identity), (is.icao24, &is.identity));
                (row.motion != is.motion).then_some(place)
            });
            assert_eq!(amended, amends.collect::<Vec<u32>>());
            assert_eq!(live.aircraft.len(), rounded.aircraft.len());
            before = after;
        }
    });
}
