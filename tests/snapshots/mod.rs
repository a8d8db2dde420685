//! Seeded snapshots: random with every field and extreme, or traffic that flies on.
//!
//! In scope: numbers from a seed, snapshots from numbers. Out of scope: the laws that they test.

#![allow(dead_code, reason = "each test uses a part of this module")]

use overflight::aircraft::{Callsign, Icao24, Squawk, StateVector};
use overflight::airspace::{LiveAircraft, LiveState, Snapshot};
use overflight::earth::Position;

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    pub fn maybe(&mut self, value: impl FnOnce(&mut Self) -> f64) -> Option<f64> {
        (!self.one_in(5)).then(|| value(self))
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Runs a law for many seeds, and prints the seed at which it breaks.
pub fn each_seed(cases: u64, law: impl Fn(&mut Random)) {
    for seed in 0..cases {
        let run = std::panic::AssertUnwindSafe(|| law(&mut Random(seed)));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("the law breaks at seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

const CALLSIGNS: [&str; 9] =
    ["", "DLH9LF", "UAL1234", "N123AB", "R  Q  N", "BAW4", "ABC1234 ", "x~!", "AFR12ZZ"];
const COUNTRIES: [&str; 6] = ["Chad", "Peru", "Germany", "United States", "Côte d'Ivoire", "?"];

/// Returns a state with random fields, nulls and the extremes of the accepted ranges among them.
pub fn state(random: &mut Random, icao24: Icao24) -> StateVector {
    let longitude = [-180.0, 0.0, 180.0, random.between(-180.0, 180.0)];
    let latitude = [-90.0, 0.0, 90.0, random.between(-90.0, 90.0)];
    let position = Position::new(random.pick(&longitude), random.pick(&latitude));
    let extreme = random.one_in(20);
    let (fast, steep, high) = if extreme { (8e3, 1e3, 1e5) } else { (300.0, 20.0, 12e3) };
    let long = "é".repeat(200);
    StateVector {
        icao24,
        callsign: Callsign::parse(random.pick(&CALLSIGNS)).expect("the test's own callsign"),
        origin_country: match random.below(40) {
            0..10 => None,
            10 => Some(long.into()),
            _ => Some(random.pick(&COUNTRIES).into()),
        },
        time_position: (!random.one_in(4)).then(|| random.below(200) as i64),
        last_contact: random.below(2_000_000_000) as i64,
        position: position.filter(|_| !random.one_in(6)),
        baro_altitude: random.maybe(|random| random.between(-2e3, high)),
        on_ground: random.one_in(10),
        velocity: random.maybe(|random| random.between(0.0, fast)),
        true_track: random.maybe(|random| random.between(0.0, 360.0)),
        vertical_rate: random.maybe(|random| random.between(-steep, steep)),
        geo_altitude: random.maybe(|random| random.between(-2e3, high)),
        squawk: (!random.one_in(3)).then(|| Squawk::new(random.below(4096) as u16)).flatten(),
        spi: random.one_in(50),
        position_source: (!random.one_in(9)).then(|| random.below(256) as u8),
        category: (!random.one_in(3)).then(|| random.below(256) as u8),
        current_country: random.one_in(2).then(|| "PE".parse().expect("the test's own code")),
    }
}

/// Returns up to `size` aircraft; many addresses recur in other snapshots of the same size.
pub fn snapshot(random: &mut Random, time: i64, size: u64) -> Snapshot {
    let count = random.below(size + 1);
    let spread = if random.one_in(2) { 1 } else { (1 << 24) / (2 * size + 1) };
    let addresses = (0..count).map(|_| Icao24::new((random.below(2 * size) * spread) as u32));
    let addresses: Vec<_> = addresses.map(|address| address.expect("below 2^24")).collect();
    let rows = addresses.into_iter().map(|address| state(random, address)).collect();
    Snapshot::new(time, rows).marked(random.one_in(2))
}

/// Returns a later snapshot: some rows are gone, some changed a little or completely, some new.
pub fn later(random: &mut Random, before: &Snapshot, size: u64) -> Snapshot {
    let seconds = if random.one_in(50) { random.below(1 << 40) } else { random.below(90) };
    let time = before.time + 1 + seconds as i64;
    let mut rows = snapshot(random, 0, size / 2).into_aircraft();
    for row in before.aircraft().iter().filter(|row| row.icao24.get() % 4 != 1) {
        let mut row = row.clone();
        if random.one_in(2) {
            fly(random, &mut row, (time - before.time).min(90), time);
        }
        rows.push(row);
    }
    rows.reverse();
    Snapshot::new(time, rows).marked(before.simulated)
}

/// Traffic that flies on like aircraft: most straight, some turning, received or not.
pub struct Traffic {
    random: Random,
    now: Snapshot,
    size: usize,
}

impl Traffic {
    pub fn new(seed: u64, size: usize, time: i64) -> Self {
        let now = Snapshot::new(time, Vec::new());
        let mut traffic = Self { random: Random(seed), now, size };
        traffic.fly(0);
        traffic
    }

    pub fn snapshot(&self) -> &Snapshot {
        &self.now
    }

    /// Flies on for some seconds; a few aircraft leave and others come.
    pub fn fly(&mut self, seconds: i64) -> Snapshot {
        let random = &mut self.random;
        let time = self.now.time + seconds;
        let mut rows = self.now.aircraft().to_vec();
        rows.retain(|_| seconds == 0 || !random.one_in(60));
        for row in &mut rows {
            fly(random, row, seconds, time);
        }
        while rows.len() < self.size {
            let address = random.pick(&[0x3c_0000, 0xa0_0000, 0x40_0000, 0x78_0000]);
            let address = address + random.below(1 << 16) as u32;
            rows.push(newcomer(random, Icao24::new(address).expect("below 2^24"), time));
        }
        self.now = Snapshot::new(time, rows);
        self.now.clone()
    }

    /// Moves the same aircraft to another time, for another history.
    pub fn set_time(&mut self, time: i64) {
        let shift = time - self.now.time;
        let mut rows = self.now.clone().into_aircraft();
        for row in &mut rows {
            row.time_position = row.time_position.map(|at| at + shift);
            row.last_contact += shift;
        }
        self.now = Snapshot::new(time, rows);
    }
}

fn newcomer(random: &mut Random, icao24: Icao24, time: i64) -> StateVector {
    let mut row = state(random, icao24);
    let place = Position::new(random.between(-12.0, 30.0), random.between(35.0, 60.0));
    row.position = place.filter(|_| !random.one_in(30));
    row.time_position = row.position.map(|_| time);
    row.last_contact = time;
    row.velocity = row.velocity.map(|velocity| velocity.min(290.0));
    row
}

fn fly(random: &mut Random, row: &mut StateVector, seconds: i64, time: i64) {
    // An aircraft that is not received keeps its last values.
    if random.one_in(4) {
        return;
    }
    let since = row.time_position.map_or(seconds, |at| (time - at).clamp(0, 300));
    let way = row.velocity.unwrap_or(0.0) * since as f64 / 111_120.0;
    let track = row.true_track.unwrap_or(0.0).to_radians();
    row.position = row.position.map(|Position { longitude, latitude }| {
        let north = (latitude + way * track.cos()).clamp(-90.0, 90.0);
        let east = longitude + way * track.sin() / latitude.to_radians().cos().max(0.01);
        let east = (east + 180.0).rem_euclid(360.0) - 180.0;
        Position::new(east, north).expect("on the globe")
    });
    row.time_position = row.position.map(|_| time - random.below(15) as i64);
    row.last_contact = time;
    if random.one_in(5) {
        let turn = random.between(-90.0, 90.0);
        row.true_track = row.true_track.map(|track| (track + turn).rem_euclid(360.0));
    }
    if random.one_in(5) {
        let faster = random.between(-20.0, 20.0);
        row.velocity = row.velocity.map(|velocity| (velocity + faster).max(0.0));
        row.vertical_rate = row.vertical_rate.map(|_| random.between(-10.0, 10.0));
    }
    let climb = row.vertical_rate.unwrap_or(0.0) * seconds as f64;
    row.baro_altitude = row.baro_altitude.map(|height| (height + climb).clamp(0.0, 12_500.0));
    if random.one_in(25) {
        row.squawk = Squawk::new(random.below(4096) as u16);
        row.spi = random.one_in(3);
        row.callsign = Callsign::parse(random.pick(&CALLSIGNS)).expect("the test's own");
    }
    if random.one_in(80) {
        row.position = Position::new(random.between(-180.0, 180.0), random.between(-90.0, 90.0));
        row.on_ground = !row.on_ground;
    }
}

/// Returns the later state with the chosen aircraft as predicted from the earlier one.
pub fn leaving(
    old: &LiveState,
    mut new: LiveState,
    is_left: impl Fn(&LiveAircraft) -> bool,
) -> LiveState {
    let seconds = new.time - old.time;
    for row in &mut new.aircraft {
        if let Some(was) = old.get(row.icao24).filter(|_| is_left(row)) {
            *row = was.after(seconds, old.resolution);
        }
    }
    new
}
