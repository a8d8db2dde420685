//! Simulated snapshots compared with the figures of recorded ones.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::*;

/// 2025-07-06T22:20:00Z.
const TIME: i64 = 1_751_840_400;
const SEED: u64 = 20_250_706;

type Rows = HashMap<String, Value>;

/// Returns the rows of a snapshot by icao24.
fn snapshot(world: World, time: i64) -> Rows {
    let mut response: Value = serde_json::from_slice(&world.response(time)).expect("JSON");
    assert_eq!(response["time"], time);
    let Value::Array(states) = response["states"].take() else { panic!("{response}") };
    let count = states.len();
    let snapshot: Rows = states
        .into_iter()
        .map(|state| (state[0].as_str().expect("icao24 is text").to_owned(), state))
        .collect();
    assert_eq!(snapshot.len(), count, "no address has two rows");
    snapshot
}

fn number(state: &Value, column: usize) -> Option<f64> {
    state[column].as_f64()
}

/// Returns a row's position and its time.
fn place(state: &Value) -> Option<(airports::Vector, f64)> {
    let place = airports::vector(number(state, 5)?, number(state, 6)?);
    Some((place, number(state, 3)?))
}

fn metres(a: airports::Vector, b: airports::Vector) -> f64 {
    let normal = airports::cross(a, b);
    airports::dot(normal, normal).sqrt().atan2(airports::dot(a, b)) * airports::EARTH_RADIUS
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share) as usize]
}

/// Prints a simulated figure beside the recorded one, and asserts that it is within bounds.
fn compare(name: &str, simulated: f64, recorded: f64, bounds: std::ops::RangeInclusive<f64>) {
    println!("{name:34} {simulated:10.4} {recorded:10.4}   {bounds:?}");
    assert!(bounds.contains(&simulated), "{name}: {simulated}, seed {SEED}");
}

#[test]
fn a_snapshot_depends_only_on_seed_and_time() {
    let world = World { seed: SEED, aircraft: 500 };
    let first = world.response(TIME);
    assert_ne!(world.response(TIME + 60), first);
    assert_ne!(World { seed: SEED + 1, ..world }.response(TIME), first);
    assert_eq!(world.response(TIME), first);
    assert_eq!(response(SEED, TIME), World::new(SEED).response(TIME));
    // Any time will do, even before 1970.
    for time in [0, -1, -1_000_000_007, 4_000_000_000] {
        assert!(snapshot(world, time).len() > 300, "{time}");
    }
}

#[test]
fn a_world_shows_about_as_many_aircraft_as_requested() {
    assert_eq!(
        World { seed: SEED, aircraft: 0 }.response(TIME),
        br#"{"time":1751840400,"states":[]}"#
    );
    for aircraft in [100, 11_500, 100_000] {
        let counts: Vec<_> = (0..4)
            .map(|quarter| snapshot(World { seed: SEED, aircraft }, TIME + quarter * 21_600).len())
            .collect();
        println!("{aircraft}: {counts:?}");
        let slack = if aircraft < 1_000 { 0.5 } else { 0.12 };
        for count in counts {
            let off = (count as f64 / aircraft as f64 - 1.0).abs();
            assert!(off < slack, "{count} of {aircraft}");
        }
    }
    // One aircraft lands and rests like any other.
    let hours =
        (0..48).map(|hour| snapshot(World { seed: SEED, aircraft: 1 }, TIME + hour * 3_600).len());
    let most = hours.max().expect("48 hours");
    assert!((1..=4).contains(&most), "{most}");
}

#[test]
fn a_row_is_what_the_source_could_send() {
    for state in snapshot(World::new(SEED), TIME).values() {
        assert_eq!(state.as_array().map(Vec::len), Some(18), "{state}");
        let [contact, position] = [number(state, 4), number(state, 3)];
        let contact = contact.expect("last_contact is always known");
        assert!((TIME - 315..=TIME).contains(&(contact as i64)), "{state}");
        assert!(position.is_none_or(|position| position <= contact), "{state}");
        assert_eq!(position.is_none(), state[5].is_null(), "{state}");
        if state[8] == true {
            assert!(state[7].is_null() && state[11].is_null() && state[13].is_null(), "{state}");
        }
        assert!(number(state, 9).is_some_and(|velocity| (0.0..=1_684.0).contains(&velocity)));
        assert!(number(state, 10).is_some_and(|track| (0.0..360.01).contains(&track)), "{state}");
        let callsign = state[1].as_str().unwrap_or("        ");
        assert!(callsign.is_empty() || callsign.len() == 8, "{state}");
    }
}

#[test]
fn identity_is_stable_and_time_never_runs_back() {
    let world = World { seed: SEED, aircraft: 2_000 };
    let mut before = snapshot(world, TIME);
    for step in 1..=30 {
        let now = snapshot(world, TIME + 10 * step);
        for (icao24, state) in &now {
            let Some(earlier) = before.get(icao24) else { continue };
            // Callsign, origin_country, squawk, position_source and category.
            for column in [1, 2, 14, 16, 17] {
                assert_eq!(state[column], earlier[column], "{earlier} {state}");
            }
            for column in [3, 4] {
                assert!(number(state, column) >= number(earlier, column), "{earlier} {state}");
            }
        }
        before = now;
    }
}

/// Returns how far an aircraft is from two predictions a minute later, metres: straight on, and on
/// the arc between its motion before and after.
fn missed(before: &Value, after: &Value) -> Option<[f64; 2]> {
    let ((from, then), (to, at)) = (place(before)?, place(after)?);
    if !(55.0..=65.0).contains(&(at - then)) {
        return None;
    }
    let [old, new] = [before, after].map(|state| Some((number(state, 9)?, number(state, 10)?)));
    let ((velocity, track), (new_velocity, new_track)) = (old?, new?);
    let turned = (new_track - track + 180.0).rem_euclid(360.0) - 180.0;
    let half = (turned / 2.0).to_radians();
    let chord = if half == 0.0 { 1.0 } else { half.sin() / half };
    let arc = (velocity + new_velocity) / 2.0 * chord;
    let ends = [(track, velocity), (track + turned / 2.0, arc)];
    Some(ends.map(|(track, speed)| metres(path::offset(from, track, speed * (at - then)), to)))
}

/// Recorded figures: flights over Paris in 2021 (climbing, descending and low) and over Switzerland
/// in 2018 (cruise), from OpenSky. Traffic near one great airport turns more than elsewhere, so
/// the simulation may miss by less.
#[test]
fn predictors_miss_by_as_much_as_on_recorded_flights() {
    let [now, later] = [0, 60].map(|seconds| snapshot(World::new(SEED), TIME + seconds));
    let mut errors: [[Vec<f64>; 2]; 3] = Default::default();
    for (icao24, state) in &now {
        let class = match kind(state) {
            Kind::Cruise => 0,
            Kind::Climb | Kind::Descent | Kind::Level => 1,
            Kind::Low => 2,
            Kind::Ground | Kind::Unknown => continue,
        };
        if let Some(missed) = later.get(icao24).and_then(|next| missed(state, next)) {
            errors[class][0].push(missed[0]);
            errors[class][1].push(missed[1]);
        }
    }
    let [cruise, mid, low] = &mut errors;
    println!("{:34} {:>10} {:>10}", "metres missed after 60 s", "simulated", "recorded");
    compare("cruise, straight on, median", quantile(&mut cruise[0], 0.5), 108.0, 90.0..=180.0);
    compare("cruise, straight on, 90 %", quantile(&mut cruise[0], 0.9), 929.0, 450.0..=1_300.0);
    compare("cruise, arc, median", quantile(&mut cruise[1], 0.5), 92.0, 70.0..=140.0);
    compare("cruise, arc, 90 %", quantile(&mut cruise[1], 0.9), 534.0, 260.0..=700.0);
    compare("mid, straight on, median", quantile(&mut mid[0], 0.5), 260.0, 130.0..=340.0);
    compare("mid, straight on, 90 %", quantile(&mut mid[0], 0.9), 1_860.0, 400.0..=2_200.0);
    compare("mid, arc, median", quantile(&mut mid[1], 0.5), 101.0, 60.0..=150.0);
    compare("low, straight on, median", quantile(&mut low[0], 0.5), 536.0, 100.0..=600.0);
    compare("low, straight on, 90 %", quantile(&mut low[0], 0.9), 3_649.0, 1_000.0..=4_000.0);
    compare("low, arc, 90 %", quantile(&mut low[1], 0.9), 1_872.0, 250.0..=2_000.0);
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Ground,
    /// Below 10,000 feet.
    Low,
    Climb,
    Descent,
    /// Not above 24,000 feet, where level flight is cruise.
    Level,
    Cruise,
    Unknown,
}

/// Returns a row's phase of flight; a climb is more than 320 feet a minute.
fn kind(state: &Value) -> Kind {
    let (altitude, rate) = (number(state, 7), number(state, 11));
    match altitude.zip(rate) {
        _ if state[8] == true => Kind::Ground,
        None => Kind::Unknown,
        Some((..3_048.0, _)) => Kind::Low,
        Some((_, 1.65..)) => Kind::Climb,
        Some((_, ..-1.65)) => Kind::Descent,
        Some((7_315.0.., _)) => Kind::Cruise,
        Some(_) => Kind::Level,
    }
}

/// Recorded figures: eleven minutes of OpenSky in July 2025, of which the first and the last
/// snapshot and the distribution of vertical rates were recorded.
#[test]
fn climbs_descents_and_cruises_vary_as_much_as_recorded_ones() {
    let world = World::new(SEED);
    let [now, later] = [0, 600].map(|seconds| snapshot(world, TIME + seconds));
    let of = |wanted: Kind| now.values().filter(move |state| kind(state) == wanted);
    let all = |wanted: Kind, column: usize| -> Vec<f64> {
        of(wanted).filter_map(|state| number(state, column)).collect()
    };
    let share = |values: &[f64], test: fn(f64) -> bool| {
        values.iter().filter(|&&value| test(value)).count() as f64 / values.len() as f64
    };
    let count = now.len() as f64;
    println!("{:34} {:>10} {:>10}", "motion", "simulated", "recorded");
    for (name, wanted, recorded) in [
        ("in cruise", Kind::Cruise, 0.36),
        ("climbing", Kind::Climb, 0.10),
        ("descending", Kind::Descent, 0.125),
        ("low", Kind::Low, 0.28),
    ] {
        let bounds = recorded * 0.75..=recorded * 1.25;
        compare(name, of(wanted).count() as f64 / count, recorded, bounds);
    }
    let cruise = all(Kind::Cruise, 11);
    compare("vertical rate 0 in cruise", share(&cruise, |rate| rate == 0.0), 0.857, 0.82..=0.90);
    let stepped = |rate: f64| (0.5..1.1).contains(&rate.abs());
    compare("2 or 3 steps off 0 in cruise", share(&cruise, stepped), 0.089, 0.06..=0.12);
    let rising = share(&cruise, |rate| rate > 0.0) / share(&cruise, |rate| rate != 0.0);
    compare("up, of what is not 0 in cruise", rising, 0.6, 0.5..=0.7);
    let low = all(Kind::Low, 11);
    compare("vertical rate 0 below 10,000 ft", share(&low, |rate| rate == 0.0), 0.52, 0.3..=0.6);
    let level = share(&all(Kind::Cruise, 7), |metres| {
        let off = (metres / 304.8).fract();
        off.min(1.0 - off) < 0.01
    });
    compare("on a flight level in cruise", level, 0.68, 0.62..=0.82);
    for (name, kind, column, recorded) in [
        ("climb rate", Kind::Climb, 11, [2.60, 5.53, 9.75]),
        ("descent rate", Kind::Descent, 11, [-9.10, -5.53, -2.60]),
        ("velocity in climb", Kind::Climb, 9, [149.8, 211.4, 243.6]),
        ("velocity in descent", Kind::Descent, 9, [151.5, 203.6, 240.4]),
        ("velocity when low", Kind::Low, 9, [41.2, 67.7, 130.2]),
    ] {
        let mut values = all(kind, column);
        for (at, recorded) in [0.1, 0.5, 0.9].into_iter().zip(recorded) {
            let [near, far] = [0.6 * recorded, 1.6 * recorded];
            let name = format!("{name}, {at}");
            compare(&name, quantile(&mut values, at), recorded, near.min(far)..=near.max(far));
        }
    }
    let mut changes: Vec<_> = now
        .iter()
        .filter(|(_, state)| kind(state) == Kind::Cruise)
        .filter_map(|(icao24, state)| Some((number(later.get(icao24)?, 9)?, number(state, 9)?)))
        .map(|(after, before)| (after - before).abs())
        .collect();
    for (at, recorded) in [(0.25, 1.23), (0.5, 2.90), (0.75, 5.41), (0.9, 9.27)] {
        let name = format!("m/s faster or slower in 10 min, {at}");
        compare(&name, quantile(&mut changes, at), recorded, 0.75 * recorded..=1.25 * recorded);
    }
}

/// Recorded figures: OpenSky from 2021 to 2025, five responses and eleven minutes.
#[test]
fn one_minute_looks_like_a_recorded_one() {
    let snapshot = snapshot(World::new(SEED), TIME);
    let count = snapshot.len() as f64;
    let share = |test: &dyn Fn(&Value) -> bool| {
        snapshot.values().filter(|state| test(state)).count() as f64 / count
    };
    let nameless = |state: &Value| state[1].as_str().is_none_or(|name| name.trim().is_empty());
    let aged = |column| {
        let ages = snapshot.values().filter_map(|state| Some(TIME as f64 - number(state, column)?));
        ages.collect::<Vec<_>>()
    };
    let mut ages = aged(3);
    let origins: HashSet<_> = snapshot.values().map(|state| state[2].as_str()).collect();
    println!("{:34} {:>10} {:>10}", "seen", "simulated", "recorded");
    compare("on the ground", share(&|state| state[8] == true), 0.08, 0.06..=0.10);
    compare("without callsign", share(&nameless), 0.018, 0.012..=0.024);
    for name in [Value::Null, Value::from(""), Value::from("        ")] {
        assert!(snapshot.values().any(|state| state[1] == name), "no callsign is {name}");
    }
    compare("without position", share(&|state| state[5].is_null()), 0.008, 0.003..=0.018);
    compare("without geo altitude", share(&|state| state[13].is_null()), 0.088, 0.077..=0.11);
    compare("with squawk", share(&|state| !state[14].is_null()), 0.60, 0.53..=0.70);
    compare("position source ADS-B", share(&|state| state[16] == 0), 0.995, 0.99..=1.0);
    compare("position age, median", quantile(&mut ages, 0.5), 0.0, 0.0..=1.0);
    compare("position age, 90 %", quantile(&mut ages, 0.9), 75.0, 55.0..=95.0);
    compare("position age, 99 %", quantile(&mut ages, 0.99), 300.0, 260.0..=316.0);
    compare("position age, oldest", quantile(&mut ages, 1.0), 10_093.0, 1_000.0..=60_000.0);
    compare("contact age, oldest", quantile(&mut aged(4), 1.0), 315.0, 300.0..=315.0);
    compare("countries of origin", origins.len() as f64, 100.0, 80.0..=120.0);
    let bytes = response(SEED, TIME).len() as f64;
    compare("bytes an aircraft", bytes / count, 134.0, 125.0..=140.0);
}

#[test]
fn traffic_changes_as_fast_as_recorded_traffic() {
    let world = World::new(SEED);
    let now = snapshot(world, TIME);
    let later = |minutes: i64| snapshot(world, TIME + 60 * minutes);
    let next = later(1);
    let left = |later: &Rows| {
        now.keys().filter(|icao24| later.contains_key(*icao24)).count() as f64 / now.len() as f64
    };
    let new = next.keys().filter(|icao24| !now.contains_key(*icao24)).count();
    let jumps = now.iter().filter(|(icao24, state)| {
        let ends = next.get(*icao24).and_then(place).zip(place(state));
        // Over the time between the two snapshots, or between the positions if that is longer.
        ends.is_some_and(|((to, at), (from, then))| {
            metres(from, to) > 350.0 * (at - then).max(60.0)
        })
    });
    println!("{:34} {:>10} {:>10}", "changes", "simulated", "recorded");
    compare("gone after a minute", 1.0 - left(&next), 0.015, 0.011..=0.020);
    compare("new after a minute", new as f64 / now.len() as f64, 0.015, 0.011..=0.020);
    compare("left after 10 minutes", left(&later(10)), 0.848, 0.82..=0.88);
    compare("left after 20 minutes", left(&later(20)), 0.725, 0.68..=0.77);
    compare("left after an hour", left(&later(60)), 0.43, 0.36..=0.50);
    compare("impossible jumps a minute", jumps.count() as f64, 40.0, 20.0..=60.0);
}

#[test]
fn traffic_is_distributed_over_the_world_as_in_reality() {
    let (mut count, mut within) = (0.0, [0.0; 3]);
    let mut levels = Vec::new();
    for hour in (0..24).step_by(3) {
        let snapshot = snapshot(World::new(SEED), TIME + hour * 3_600);
        levels.push(snapshot.len() as f64);
        for state in snapshot.values() {
            let (Some(longitude), Some(latitude)) = (number(state, 5), number(state, 6)) else {
                continue;
            };
            count += 1.0;
            let boxes = [
                [-125.0, 25.0, -66.0, 49.0],
                [-25.0, 34.0, 45.0, 72.0],
                [60.0, -12.0, 180.0, 55.0],
            ];
            for (count, [west, south, east, north]) in within.iter_mut().zip(boxes) {
                let inside =
                    (west..east).contains(&longitude) && (south..north).contains(&latitude);
                *count += f64::from(u8::from(inside));
            }
        }
    }
    let [america, europe, asia] = within.map(|inside| inside / count);
    println!("{:34} {:>10} {:>10}", "over a day", "simulated", "wanted");
    compare("over the United States and around", america, 0.45, 0.40..=0.50);
    compare("over Europe and around", europe, 0.27, 0.22..=0.30);
    compare("over Asia", asia, 0.12, 0.08..=0.16);
    compare("fewest aircraft", quantile(&mut levels, 0.0), 10_500.0, 10_300.0..=11_500.0);
    compare("most aircraft", quantile(&mut levels, 1.0), 12_500.0, 11_500.0..=12_800.0);
}
