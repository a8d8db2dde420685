//! Compares the live state with its snapshot, row by row, for half an hour.
//!
//! In scope: a received value always wins over a prediction, and nothing is predicted for longer
//! than PROTOCOL.md says. The oracle is independent floating-point arithmetic.
//! Out of scope: bytes and clients; `tests/laws.rs` and `tests/hub.rs` have those.

mod snapshots;

use std::collections::BTreeMap;
use std::f64::consts::FRAC_PI_4;

use overflight::aircraft::{Icao24, Knots, StateVector};
use overflight::airspace::{Course, LiveAircraft, Resolution, Snapshot};
use overflight::earth::Position;
use overflight::feed::opensky;
use overflight::hub::{Hub, Input, Output};
use overflight::simulator;
use overflight::wire::RegionSnapshot;
use snapshots::Random;

const RESOLUTIONS: [Resolution; 2] = [Resolution::Fine, Resolution::Display];
const HALF_AN_HOUR: i64 = 1_800;
const START: i64 = 1_751_840_376;

/// From PROTOCOL.md: the longest dead reckoning of a position, and the gap between frames below
/// which the dead-band applies.
const RECKONED_SECONDS: i64 = 300;
const QUICK_SECONDS: i64 = 15;

const METRES_PER_MICRODEGREE: f64 = 0.1112;
const FEET: f64 = 1.0 / 0.3048;
const KNOTS: f64 = 1.0 / 0.514444;

/// Feeds a hub with one snapshot after another, and checks the live state after each.
struct Checked {
    hub: Hub,
    resolution: Resolution,
    /// Seconds since the previous frame.
    seconds: i64,
    has_been_quick: bool,
    /// Each aircraft's position, its time, and the number of frames since it was received.
    frames: BTreeMap<Icao24, (Option<Position>, Option<i64>, u32)>,
}

impl Checked {
    fn new(resolution: Resolution, seconds: i64) -> Self {
        let (hub, frames) = (Hub::default(), BTreeMap::new());
        Self { hub, resolution, seconds, has_been_quick: false, frames }
    }

    /// Passes a snapshot to the hub and returns the length of its frame in bytes.
    fn deliver(&mut self, snapshot: &Snapshot) -> usize {
        let region_snapshot = RegionSnapshot::new(1, self.resolution, snapshot.clone());
        self.has_been_quick |= self.seconds < QUICK_SECONDS;
        let outputs = self.hub.handle(snapshot.time, Input::Snapshot(region_snapshot));
        assert_eq!(self.hub.live().aircraft.len(), snapshot.aircraft().len());
        for (row, state) in self.hub.live().aircraft.iter().zip(snapshot.aircraft()) {
            let entry = self.frames.entry(state.icao24).or_insert((None, None, 0));
            let is_old = (entry.0, entry.1) == (state.position, state.time_position);
            *entry = (state.position, state.time_position, if is_old { entry.2 + 1 } else { 0 });
            let Self { seconds, has_been_quick, .. } = *self;
            let law = Law { by: self.resolution, seconds, has_been_quick, frames: entry.2 };
            law.check(row, state, snapshot.time);
        }
        let frame = outputs.iter().find_map(|output| match output {
            Output::Commit(commit) => commit.frame.as_ref(),
            _ => None,
        });
        frame.map_or(0, |frame| frame.len())
    }
}

/// How far a live row may be from its state.
struct Law {
    by: Resolution,
    /// Seconds between frames.
    seconds: i64,
    /// Whether the dead-band ever applied.
    has_been_quick: bool,
    /// The number of frames since this position was received.
    frames: u32,
}

impl Law {
    fn check(&self, row: &LiveAircraft, state: &StateVector, time: i64) {
        let name = format!("{row:?} {state:?} at {time}, every {} s", self.seconds);
        let (by, motion) = (self.by, &row.motion);
        let quick = self.seconds < QUICK_SECONDS;
        let near = |what: &str, steps: Option<i32>, step: i64, exact: Option<f64>, most: f64| {
            assert_eq!(steps.is_some(), exact.is_some(), "{what}: {name}");
            let (Some(steps), Some(exact)) = (steps, exact) else { return };
            let apart = (f64::from(steps) * step as f64 - exact).abs();
            let most = step as f64 / 2.0 + if quick { most } else { 0.0 };
            assert!(apart <= most + 1e-6, "{what} is {apart} off, {most} allowed: {name}");
        };
        let feet = state.baro_altitude.map(|metres| metres * FEET);
        let fpm = state.vertical_rate.map(|rate| rate * FEET * 60.0);
        near("altitude", motion.altitude, by.altitude_feet(), feet, 200.0);
        course(motion.course, state, quick, &name);
        near("vertical rate", motion.vertical_rate, by.vertical_rate_fpm(), fpm, 1_024.0);
        assert_eq!(motion.on_ground, state.on_ground, "{name}");
        assert_eq!(row.identity.squawk, state.squawk, "{name}");
        let age = (time - state.time_position.unwrap_or(state.last_contact)).max(0);
        let class = match age {
            ..=20 => 0,
            21..=60 => 1,
            61..=300 => 2,
            _ => 3,
        };
        assert_eq!(motion.age, class, "{name}");
        assert_eq!(motion.cell.is_some(), state.position.is_some(), "{name}");
        let (Some(cell), Some(from)) = (motion.cell, state.position) else { return };
        let centre = cell.centre(by);
        let (longitude, latitude) = (centre.longitude as f64 / 1e6, centre.latitude as f64 / 1e6);
        let live = Position::new(longitude, latitude).expect("a cell is on the globe");
        let apart = metres_apart(live, reckoned(from, state, age));
        let most = self.metres(state, age);
        assert!(apart <= most, "the position is {apart} m off, {most} m allowed: {name}");
    }

    /// Returns how far off a position may be, in metres.
    fn metres(&self, state: &StateVector, age: i64) -> f64 {
        let cell = self.by.position_microdegrees() as f64 * METRES_PER_MICRODEGREE;
        let age = age.min(RECKONED_SECONDS) as f64;
        let way = if flies(state) { state.velocity.unwrap_or(0.0) * age } else { 0.0 };
        // The oracle's arithmetic on a sphere differs from ours by this.
        let slack = 2.0 + way * 0.002;
        // The hub compares rounded altitudes and rates: half a step is allowed.
        let rate = state.vertical_rate.unwrap_or(0.0).abs() * FEET * 60.0;
        let dead_band = match state.baro_altitude.unwrap_or(0.0) * FEET {
            ..9_950.0 => 100.0,
            23_950.0.. if rate <= 448.0 => 500.0,
            _ => 250.0,
        };
        if self.seconds < QUICK_SECONDS {
            return dead_band + 1.5 * cell + slack;
        }
        if self.frames == 0 {
            return 0.75 * cell + age * 0.71 / KNOTS + slack;
        }
        // A cell's corner, the same again for each frame that dead-reckoned from a cell, the error
        // of a vector that is none of whole knots, and the rest of a quick frame's dead-band.
        let corners = f64::from(1 + self.frames.min(20)) * 0.75 * cell;
        let vector = age * 0.71 / KNOTS;
        // It may have flown higher then, where the dead-band is wider.
        let left = if self.has_been_quick { 500.0 + 1.5 * cell } else { 0.0 };
        corners + vector + left + slack
    }
}

/// Whether the aircraft is dead-reckoned.
fn flies(state: &StateVector) -> bool {
    !state.on_ground && state.velocity.is_some() && state.true_track.is_some()
}

/// Checks velocity and track: exact if they are a vector of whole knots, or what is sent on the
/// ground; otherwise at most half a step off. Between quick frames the dead-band is added.
fn course(course: Course, state: &StateVector, quick: bool, name: &str) {
    let (velocity, track) = course.in_si();
    let known = [state.velocity.is_some(), state.true_track.is_some()];
    assert_eq!([velocity.is_some(), track.is_some()], known, "{name}");
    let is_vector = || Knots::of(state.velocity?, state.true_track?);
    if !quick && flies(state) && is_vector().is_some() {
        assert_eq!((velocity, track), (state.velocity, state.true_track), "{name}");
        return;
    }
    let (knots, degrees) = if quick { (10.0, 10.0) } else { (0.0, 0.0) };
    let fast = state.velocity.unwrap_or(0.0) * KNOTS;
    let (step, part) = match flies(state) {
        true => (0.708, (0.708 / fast.max(0.708)).asin().to_degrees()),
        false => (0.0625, 180.0 / 128.0),
    };
    let apart = (velocity.unwrap_or(0.0) - state.velocity.unwrap_or(0.0)).abs() * KNOTS;
    assert!(apart <= step + knots + 0.02, "velocity is {apart} kt off: {name}");
    if let (Some(is), Some(exact)) = (track, state.true_track) {
        let apart = (is - exact).abs();
        let apart = apart.min(360.0 - apart);
        // At a standstill a vector has no track.
        let is_slow = fast < 2.0 || velocity == Some(0.0);
        assert!(is_slow || apart <= part + degrees + 0.02, "track is {apart}° off: {name}");
    }
}

/// Returns where the aircraft is now along its track, a rhumb line on the sphere.
fn reckoned(from: Position, state: &StateVector, age: i64) -> Position {
    let (Some(velocity), Some(track), true) = (state.velocity, state.true_track, flies(state))
    else {
        return from;
    };
    let way = velocity * age.min(RECKONED_SECONDS) as f64;
    let arc = way / (METRES_PER_MICRODEGREE * 1e6);
    let (sine, cosine) = track.to_radians().sin_cos();
    let latitude = from.latitude + arc * cosine;
    let mercator = |latitude: f64| (latitude.to_radians() / 2.0 + FRAC_PI_4).tan().ln();
    let longitude = if cosine.abs() < 1e-3 {
        from.longitude + arc * sine / from.latitude.to_radians().cos()
    } else {
        let north = mercator(latitude) - mercator(from.latitude);
        from.longitude + (north * sine / cosine).to_degrees()
    };
    let longitude = (longitude + 180.0).rem_euclid(360.0) - 180.0;
    Position::new(longitude, latitude).expect("nothing here flies over a pole")
}

fn metres_apart(a: Position, b: Position) -> f64 {
    let parallel = ((a.latitude + b.latitude) / 2.0).to_radians().cos();
    let east = (a.longitude - b.longitude).abs();
    let east = east.min(360.0 - east) * parallel;
    (a.latitude - b.latitude).hypot(east) * METRES_PER_MICRODEGREE * 1e6
}

/// How the reception of a simulated aircraft is disturbed.
#[derive(Clone, Copy)]
enum Reception {
    /// As simulated.
    Simulated,
    /// Mode S only, without any position.
    ModeS,
    /// From the first time to the second the position is old, and the rest is new.
    OldPosition(i64, i64),
    /// Nothing is received from the first time to the second.
    Silent(i64, i64),
}

impl Reception {
    fn of(icao24: Icao24) -> Self {
        match Random(icao24.get().into()).below(12) {
            0 => Self::ModeS,
            1 => Self::OldPosition(120, HALF_AN_HOUR),
            2 => Self::OldPosition(300, 1_200),
            3 => Self::Silent(60, 500),
            4 => Self::Silent(240, HALF_AN_HOUR),
            _ => Self::Simulated,
        }
    }

    /// Returns the state as received `after` seconds from the start, given the previous one.
    fn receive(self, mut state: StateVector, old: Option<&StateVector>, after: i64) -> StateVector {
        match (self, old) {
            (Self::ModeS, _) => (state.position, state.time_position) = (None, None),
            (Self::OldPosition(from, to), Some(old)) if (from..to).contains(&after) => {
                (state.position, state.time_position) = (old.position, old.time_position);
            }
            (Self::Silent(from, to), Some(old)) if (from..to).contains(&after) => {
                return old.clone();
            }
            _ => {}
        }
        state
    }
}

fn simulated_traffic(resolution: Resolution, seconds: i64) {
    let world = simulator::World { seed: 11, aircraft: 500 };
    let mut checked = Checked::new(resolution, seconds);
    let mut before = Snapshot::default();
    for after in (0..=HALF_AN_HOUR).step_by(seconds as usize) {
        let snapshot =
            opensky::parse(&world.response(START + after)).expect("a simulated response");
        let receive = |state: StateVector| {
            let old = before.get(state.icao24);
            Reception::of(state.icao24).receive(state, old, after)
        };
        let snapshot =
            Snapshot::new(snapshot.time, snapshot.aircraft.into_iter().map(receive).collect());
        checked.deliver(&snapshot);
        before = snapshot;
    }
    assert!(before.aircraft().len() > 300, "{} aircraft prove little", before.aircraft().len());
}

#[test]
fn simulated_traffic_matches_the_snapshot_once_a_minute() {
    RESOLUTIONS.into_iter().for_each(|by| simulated_traffic(by, 60));
}

#[test]
fn simulated_traffic_matches_the_snapshot_every_fifteen_seconds() {
    RESOLUTIONS.into_iter().for_each(|by| simulated_traffic(by, 15));
}

#[test]
fn simulated_traffic_stays_within_the_dead_band_every_ten_seconds() {
    RESOLUTIONS.into_iter().for_each(|by| simulated_traffic(by, 10));
}

/// Returns an airliner that climbs eastward over Europe, received at this second.
fn climbing(number: u32, after: i64) -> StateVector {
    let mut state = snapshots::state(&mut Random(7), Icao24::new(number).expect("below 2^24"));
    let track: f64 = 77.3;
    let way = 231.7 * after as f64 / (METRES_PER_MICRODEGREE * 1e6);
    let north = way * track.to_radians().cos();
    let east = way * track.to_radians().sin() / 50_f64.to_radians().cos();
    state.position = Position::new(3.0 + east, 50.0 + north);
    state.time_position = Some(START + after);
    state.last_contact = START + after;
    state.velocity = Some(231.7);
    state.true_track = Some(track);
    state.vertical_rate = Some(6.4);
    state.baro_altitude = Some(500.0 + 6.4 * after as f64);
    state.on_ground = false;
    state
}

/// Returns the airliner `after` seconds from the start, as the numbered kind of source reports it.
fn made(number: u32, after: i64) -> StateVector {
    let now = climbing(number, after);
    let at_first = climbing(number, 0);
    let positioned_at = |at: i64| StateVector {
        position: climbing(number, at).position,
        time_position: Some(START + at),
        ..now.clone()
    };
    match number {
        // Mode S only: never a position.
        0 => StateVector { position: None, time_position: None, ..now },
        // Mode S only, and stale.
        1 => StateVector { position: None, time_position: None, ..at_first },
        // An old position; altitude and vertical rate are new.
        2 => positioned_at(0),
        // An old position; the altitude is level while the rate says that it climbs.
        3 => StateVector { baro_altitude: at_first.baro_altitude, ..positioned_at(0) },
        // Everything is stale.
        4 => at_first,
        // Silent for ten minutes, then normal.
        5 if after < 600 => at_first,
        5 => now,
        // Received every seven minutes.
        6 => climbing(number, after - after % 420),
        // On the ground, rolling, then silent.
        7 => StateVector { on_ground: true, ..climbing(number, after.min(120)) },
        // The receiver's clock is an hour ahead, and it receives nothing more.
        8 => StateVector {
            time_position: Some(START + 3_600),
            last_contact: START + 3_600,
            ..at_first
        },
        // The position is old, and speed and track change by more than the dead-band.
        9 => StateVector {
            velocity: Some(150.0 + (after % 180) as f64 / 3.0),
            true_track: Some((after / 5 % 360) as f64),
            ..positioned_at(0)
        },
        // The source corrects a position without changing its time.
        10 => StateVector {
            position: Position::new(if after < 100 { 3.0 } else { 4.0 }, 50.0),
            ..at_first
        },
        // Only the altitude changes, without a new time.
        11 => StateVector { baro_altitude: Some(900.0 + after as f64), ..at_first },
        // The time of the position is unknown.
        12 => StateVector { time_position: None, ..positioned_at(0) },
        13 => StateVector { time_position: None, ..at_first },
        _ => now,
    }
}

#[test]
fn a_row_never_drifts_from_its_source() {
    for by in RESOLUTIONS {
        for seconds in [1, 10, 14, 15, 16, 20, 60, 90, 301, 900] {
            let mut checked = Checked::new(by, seconds);
            for after in (0..=2 * HALF_AN_HOUR).step_by(seconds as usize) {
                let rows = (0..15).map(|number| made(number, after)).collect();
                checked.deliver(&Snapshot::new(START + after, rows));
            }
        }
    }
}

#[test]
fn a_row_is_exact_again_after_quick_frames() {
    for by in RESOLUTIONS {
        let (mut checked, mut after) = (Checked::new(by, 60), 0);
        for index in 0..200 {
            checked.seconds = if index / 4 % 2 == 0 { 10 } else { 60 };
            after += checked.seconds;
            let rows = (0..15).map(|number| made(number, after)).collect();
            checked.deliver(&Snapshot::new(START + after, rows));
        }
    }
}

#[test]
fn unchanged_rows_cost_no_bytes_at_any_age() {
    let mut checked = Checked::new(Resolution::Fine, 60);
    for after in (0..=HALF_AN_HOUR).step_by(60) {
        let rows = (0..1_000).map(|number| StateVector {
            // All of them are received, but none has a new position.
            last_contact: START + after,
            ..climbing(number, 0)
        });
        let bytes = checked.deliver(&Snapshot::new(START + after, rows.collect()));
        // Their age changes after 60 s and after 300 s. Measured: 26 bytes otherwise, of which 25
        // are the envelope.
        if ![0, 60, 120, 360].contains(&after) {
            assert!(bytes < 52, "{bytes} bytes at {after} s");
        }
    }
}
