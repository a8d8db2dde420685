//! Laws of the forecast of aircraft over a country, against a walk second by second.

mod snapshots;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use geo::{Destination, Haversine, Point};
use overflight::aircraft::{Icao24, StateVector};
use overflight::airspace::{Forecast, Snapshot};
use overflight::earth::country::{Boundaries, Grid, Ring};
use overflight::earth::{CountryCode, EARTH_RADIUS_METRES, Position};
use snapshots::{Random, each_seed};

const CASES: u64 = 400;
const NOW: i64 = 1_000_000;
const WITHIN: u32 = 3_600;

/// Whole degrees; row 0 on the equator.
const GRID: Grid = Grid { columns: 360, south: 0.0, row_height: 1.0 };
const METRES_PER_DEGREE: f64 = EARTH_RADIUS_METRES * std::f64::consts::PI / 180.0;

fn code() -> CountryCode {
    "AA".parse().expect("the test's own code")
}

/// Returns one country with these corners, in degrees; above 180 is beyond the antimeridian.
fn drawn(corners: &[(i32, i32)]) -> Boundaries {
    let ring: Ring = corners.iter().map(|&(x, y)| ((x + 180).rem_euclid(360), y)).collect();
    Boundaries::new("a test", GRID, vec![(code(), vec![ring])]).expect("a country")
}

fn square(west: i32, south: i32, east: i32, north: i32) -> Boundaries {
    drawn(&[(west, south), (east, south), (east, north), (west, north)])
}

/// Returns an aircraft at 250 m/s, received just now.
fn aircraft((longitude, latitude): (f64, f64), true_track: f64) -> StateVector {
    StateVector {
        time_position: Some(NOW),
        position: Position::new(longitude, latitude),
        on_ground: false,
        velocity: Some(250.0),
        true_track: Some(true_track),
        current_country: None,
        ..snapshots::state(&mut Random(1), Icao24::new(1).expect("below 2^24"))
    }
}

/// Returns the predicted seconds until it enters the country; `None` if it does not.
fn told(boundaries: &Boundaries, mut state: StateVector) -> Option<u32> {
    let under = state.position.and_then(|point| boundaries.country_at(point));
    state.current_country = state.current_country.or(under);
    let snapshot = Snapshot::new(NOW, vec![state]);
    let forecast = Forecast::new(boundaries, code());
    forecast.arrivals(&snapshot, WITHIN).next().map(|(_, seconds)| seconds)
}

/// Whether it is over the country at that second, by an independent geodesy.
fn is_over(boundaries: &Boundaries, state: &StateVector, second: u32) -> bool {
    let from = state.position.expect("the test's own position");
    let (velocity, track) = (state.velocity.expect("known"), state.true_track.expect("known"));
    let age = NOW - state.time_position.expect("known");
    let metres = velocity * (age + i64::from(second)) as f64;
    let to = Haversine.destination(Point::new(from.longitude, from.latitude), track, metres);
    let longitude = (to.x() + 540.0).rem_euclid(360.0) - 180.0;
    boundaries.country_at(Position::new(longitude, to.y()).expect("on earth")) == Some(code())
}

fn seconds(degrees: f64) -> u32 {
    (degrees * METRES_PER_DEGREE / 250.0).ceil() as u32
}

#[test]
fn the_entry_equals_the_one_found_by_a_second_by_second_walk() {
    let entries = AtomicUsize::new(0);
    each_seed(CASES, |random| {
        let west = random.below(360) as i32 - 180;
        let south = random.below(170) as i32 - 86;
        let (width, height) = (1 + random.below(30) as i32, 1 + random.below(15) as i32);
        let boundaries = square(west, south, west + width, (south + height).min(89));
        for _ in 0..5 {
            let near = |edge: i32, size: i32, random: &mut Random| {
                f64::from(edge) + random.between(-3.0, f64::from(size) + 3.0)
            };
            let longitude = (near(west, width, random) + 540.0).rem_euclid(360.0) - 180.0;
            let latitude = near(south, height, random).clamp(-90.0, 90.0);
            let mut state = aircraft((longitude, latitude), random.between(0.0, 360.0));
            state.velocity = Some(random.between(2.0, 900.0));
            state.time_position = Some(NOW - random.below(300) as i64);
            let under = boundaries.country_at(state.position.expect("a position"));
            if under.is_some() {
                assert_eq!(told(&boundaries, state), None, "it is there already");
                continue;
            }
            let over = |second: &u32| is_over(&boundaries, &state, *second);
            let walked = (0..=WITHIN).find(over);
            let found = told(&boundaries, state.clone());
            entries.fetch_add(usize::from(found.is_some()), Relaxed);
            if walked.zip(found).is_some_and(|(walked, found)| walked.abs_diff(found) <= 1) {
                continue;
            }
            // Only a corner crossed in less time than two samples may be missed.
            let looks = (1_000.0 / state.velocity.expect("known")).ceil() as u32 + 1;
            let stay = walked.map_or(0, |at| (at..=WITHIN).take_while(over).count() as u32);
            assert!(stay <= looks, "{walked:?} for {stay} s, predicted {found:?}: {state:?}");
        }
    });
    let entries = entries.into_inner();
    assert!(entries > CASES as usize / 2, "{entries} entries: too few to prove anything");
}

#[test]
fn aircraft_cross_the_antimeridian_and_the_poles() {
    let pacific = square(179, -5, 182, 5);
    assert_eq!(told(&pacific, aircraft((178.5, 0.0), 90.0)), Some(seconds(0.5)));
    assert_eq!(told(&pacific, aircraft((-177.25, 0.0), 270.0)), Some(seconds(0.75)));
    assert_eq!(told(&pacific, aircraft((-177.25, 0.0), 90.0)), None);
    let beyond_the_pole = square(170, 85, 190, 89);
    assert_eq!(told(&beyond_the_pole, aircraft((0.0, 88.5), 0.0)), Some(seconds(2.5)));
    let round_the_south_pole = drawn(&[(-180, -80), (-90, -80), (0, -80), (90, -80)]);
    assert_eq!(told(&round_the_south_pole, aircraft((33.0, -79.5), 180.0)), Some(seconds(0.5)));
    assert_eq!(told(&round_the_south_pole, aircraft((33.0, -90.0), 0.0)), None, "is there");
}

#[test]
fn straight_on_is_a_great_circle_and_not_a_rhumb_line() {
    // Eastward at 61° north a great circle soon comes to 60°; the parallel never does.
    let southern = square(0, 50, 40, 60);
    let entry = told(&southern, aircraft((1.0, 60.2), 90.0)).expect("the great circle sinks");
    assert!((1_000..WITHIN).contains(&entry), "{entry}");
}

#[test]
fn the_path_starts_where_and_when_the_aircraft_was_received() {
    let east = square(10, -5, 20, 5);
    for age in [0, 7, 100] {
        let mut state = aircraft((9.5, 0.0), 90.0);
        state.time_position = Some(NOW - age);
        assert_eq!(told(&east, state), Some(seconds(0.5) - age as u32));
    }
    let mut state = aircraft((9.5, 0.0), 90.0);
    state.time_position = Some(NOW - 250);
    assert_eq!(told(&east, state), Some(0), "it must have come by now");
    let mut state = aircraft((9.5, 0.0), 90.0);
    (state.time_position, state.last_contact) = (None, NOW - 10);
    assert_eq!(told(&east, state), Some(seconds(0.5) - 10));
}

#[test]
fn an_aircraft_that_enters_and_leaves_again_is_reported_and_one_that_stays_out_is_not() {
    let narrow = square(10, -5, 11, 5);
    assert_eq!(told(&narrow, aircraft((9.5, 0.0), 90.0)), Some(seconds(0.5)));
    assert_eq!(told(&narrow, aircraft((9.5, 0.0), 270.0)), None);
    // In 280 s it has reached 11.8° east.
    let mut gone = aircraft((9.5, 0.0), 90.0);
    (gone.velocity, gone.time_position) = (Some(900.0), Some(NOW - 280));
    assert_eq!(told(&narrow, gone), None, "it came and left before now");
    let snapshot = Snapshot::new(NOW, vec![aircraft((9.5, 0.0), 90.0)]);
    let forecast = Forecast::new(&narrow, code());
    let exactly = seconds(0.5);
    assert_eq!(forecast.arrivals(&snapshot, exactly).count(), 1);
    assert_eq!(forecast.arrivals(&snapshot, exactly - 1).count(), 0);
    assert_eq!(forecast.arrivals(&snapshot, 0).count(), 0);
}

#[test]
fn aircraft_that_stand_or_are_unknown_or_inside_already_are_not_reported() {
    let east = square(10, -5, 20, 5);
    let check = |change: &dyn Fn(&mut StateVector), why: &str| {
        let mut state = aircraft((9.9, 0.0), 90.0);
        assert!(told(&east, state.clone()).is_some());
        change(&mut state);
        assert_eq!(told(&east, state), None, "{why}");
    };
    check(&|state| state.velocity = Some(0.0), "stands");
    check(&|state| state.velocity = None, "unknown velocity");
    check(&|state| state.velocity = Some(1_684.25), "bad decode");
    check(&|state| state.velocity = Some(f64::NAN), "not a number");
    check(&|state| state.true_track = None, "unknown track");
    check(&|state| state.position = None, "unknown position");
    check(&|state| state.on_ground = true, "on the ground");
    check(&|state| state.time_position = Some(NOW - 301), "received long ago");
    check(&|state| state.current_country = Some(code()), "there already");
    let nobody = Forecast::new(&east, "ZZ".parse().expect("the test's own code"));
    let snapshot = Snapshot::new(NOW, vec![aircraft((9.9, 0.0), 90.0)]);
    assert_eq!(nobody.arrivals(&snapshot, WITHIN).count(), 0, "a country without an outline");
}
