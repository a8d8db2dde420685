//! The union against snapshots that are cut by hand.

use std::sync::Arc;

use overflight::aircraft::StateVector;
use overflight::airspace::{Resolution, Snapshot};
use overflight::earth::{Position, REGIONS, Region};
use overflight::wire::encode_keyframe;

use super::*;

const TIME: i64 = 1_800_000_000;
const EPOCH: u64 = 7;
const WEST: &str = "eu-west";
const CENTRAL: &str = "eu-central";
/// The meridian between the two.
const BORDER: f64 = 8.0;

fn aircraft(icao24: &str, longitude: f64, time: i64) -> StateVector {
    StateVector {
        icao24: icao24.parse().expect("an address"),
        callsign: None,
        origin_country: Some(Arc::from("Germany")),
        time_position: Some(time),
        last_contact: time,
        position: Position::new(longitude, 50.0),
        baro_altitude: Some(10_000.0),
        on_ground: false,
        velocity: Some(230.0),
        true_track: Some(90.0),
        vertical_rate: None,
        geo_altitude: None,
        squawk: None,
        spi: false,
        position_source: Some(0),
        category: None,
        current_country: None,
    }
}

/// Returns the keyframe of a region's part of these aircraft.
fn frame(region: &str, epoch: u64, time: i64, aircraft: &[(&str, f64)]) -> Vec<u8> {
    let region = Region::named(region).expect("a region");
    let states =
        aircraft.iter().map(|&(icao24, longitude)| self::aircraft(icao24, longitude, time));
    let own = states.filter(|state| region.holds(state.position)).collect();
    let resolution = if region.is_world() { Resolution::Display } else { Resolution::Fine };
    let live = LiveState::of(&Snapshot::new(time, own), resolution);
    encode_keyframe(epoch, time as u64, &live)
}

/// Delivers a snapshot to these regions of the union.
fn deliver(union: &mut Union, regions: &[&str], time: i64, aircraft: &[(&str, f64)]) {
    for region in regions {
        union.apply(region, &frame(region, EPOCH, time, aircraft)).expect("a keyframe");
    }
}

/// Returns each aircraft with the region whose row of it counts.
fn sources(union: &Union) -> Vec<(String, &str)> {
    (0..union.count())
        .map(|index| union.row(index).0.icao24)
        .map(|icao24| (icao24.to_string(), union.source(icao24).expect("its source")))
        .collect()
}

#[track_caller]
fn check(union: &Union, expected: &[(&str, &str)]) {
    let sources = sources(union);
    let actual: Vec<_> =
        sources.iter().map(|(icao24, source)| (icao24.as_str(), *source)).collect();
    assert_eq!(actual, expected);
}

const FAR: (&str, f64) = ("111111", 100.0);
const IN_WEST: (&str, f64) = ("222222", 2.0);
const IN_CENTRAL: (&str, f64) = ("333333", 10.0);

#[test]
fn a_regions_rows_replace_those_of_world_until_it_closes() {
    let mut union = Union::default();
    let snapshot = [FAR, IN_WEST, IN_CENTRAL];
    deliver(&mut union, &[WORLD], TIME, &snapshot);
    check(&union, &[("111111", WORLD), ("222222", WORLD), ("333333", WORLD)]);
    deliver(&mut union, &[CENTRAL, WEST], TIME, &snapshot);
    check(&union, &[("111111", WORLD), ("222222", WEST), ("333333", CENTRAL)]);
    assert_eq!(union.row(1).1.resolution, Resolution::Fine);
    union.close(CENTRAL);
    check(&union, &[("111111", WORLD), ("222222", WEST), ("333333", WORLD)]);
    assert!(union.picture(CENTRAL).is_none());
}

#[test]
fn a_region_that_lags_adds_nothing_and_one_that_is_ahead_counts_before_world() {
    let mut union = Union::default();
    deliver(&mut union, &[WORLD, WEST], TIME, &[IN_WEST]);
    assert!(union.settled());
    // The aircraft has landed: world knows first.
    deliver(&mut union, &[WORLD], TIME + 60, &[]);
    check(&union, &[]);
    assert!(!union.settled());
    deliver(&mut union, &[WEST], TIME + 60, &[]);
    // Another one takes off: the region knows first.
    deliver(&mut union, &[WEST], TIME + 120, &[IN_WEST]);
    check(&union, &[("222222", WEST)]);
    assert!(!union.settled());
    deliver(&mut union, &[WORLD], TIME + 120, &[IN_WEST]);
    check(&union, &[("222222", WEST)]);
    assert!(union.settled());
}

#[test]
fn an_aircraft_that_crosses_a_border_is_one_aircraft_whatever_comes_first() {
    let before = [("444444", BORDER - 0.01)];
    let after = [("444444", BORDER + 0.01)];
    let regions = [WORLD, WEST, CENTRAL];
    for first in regions {
        for second in regions.into_iter().filter(|&second| second != first) {
            let mut union = Union::default();
            deliver(&mut union, &regions, TIME, &before);
            check(&union, &[("444444", WEST)]);
            deliver(&mut union, &[first], TIME + 60, &after);
            assert_eq!(union.count(), 1, "after {first}");
            deliver(&mut union, &[second], TIME + 60, &after);
            assert_eq!(union.count(), 1, "after {first} and {second}");
            deliver(&mut union, &regions, TIME + 60, &after);
            check(&union, &[("444444", CENTRAL)]);
        }
    }
}

#[test]
fn of_two_regions_rows_of_one_aircraft_the_newest_counts() {
    let mut union = Union::default();
    deliver(&mut union, &[WORLD, CENTRAL, WEST], TIME, &[("444444", BORDER - 0.01)]);
    deliver(&mut union, &[CENTRAL], TIME + 60, &[("444444", BORDER + 0.01)]);
    check(&union, &[("444444", CENTRAL)]);
    assert_eq!(union.row(0).1.time, TIME + 60);
}

#[test]
fn a_region_of_another_epoch_adds_nothing() {
    let mut union = Union::default();
    deliver(&mut union, &[WORLD, WEST], TIME, &[IN_WEST]);
    let real = frame(WORLD, EPOCH + 1, TIME - 3_600, &[FAR]);
    union.apply(WORLD, &real).expect("a keyframe");
    check(&union, &[("111111", WORLD)]);
    assert!(!union.settled());
}

#[test]
fn a_refused_frame_changes_nothing_and_opens_nothing() {
    let mut union = Union::default();
    deliver(&mut union, &[WORLD], TIME, &[IN_WEST]);
    assert!(union.apply(WEST, b"not a frame").is_err());
    assert!(union.picture(WEST).is_none());
    check(&union, &[("222222", WORLD)]);
}

/// As many aircraft as a snapshot has, all round the globe.
#[test]
fn the_union_of_all_regions_has_every_aircraft_once() {
    let snapshot: Vec<(String, f64)> =
        (0..3_600).map(|i| (format!("{:06x}", i * 997), f64::from(i) / 10.0 - 180.0)).collect();
    let snapshot: Vec<_> =
        snapshot.iter().map(|(icao24, longitude)| (icao24.as_str(), *longitude)).collect();
    let mut union = Union::default();
    let names: Vec<_> = REGIONS.iter().map(|region| region.name).collect();
    deliver(&mut union, &names, TIME, &snapshot);
    assert_eq!(union.count(), snapshot.len());
    for (icao24, source) in sources(&union) {
        assert_ne!(source, WORLD, "{icao24}");
    }
}
