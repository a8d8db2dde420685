//! Floor 1: traffic that is invented, for trying things out and for tests.
//!
//! In scope: a plausible_time world of flights between real airports, in the bytes and with the
//! faults of OpenSky's `/states/all`; the same as readsb would write it. Out of scope: reading
//! those bytes, which is `feed`'s; any single real flight, weather, clocks.
//!
//! A snapshot is a pure function of a seed and a time. Nothing is stored and nothing runs on: what
//! is random is a hash of what it is for, so the same aircraft flies the same flights after a
//! restart, and any minute of any year can be asked for, in any order.

mod airports;
mod fleet;
mod haul;
mod leg;
mod path;
mod random;
mod readsb;
mod reception;
mod report;
mod route;
mod row;
mod schedule;
mod stages;
#[cfg(test)]
mod tests;

use serde::Serialize;

use haul::Haul;
use row::Row;

/// A world of simulated flights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct World {
    /// Worlds with different seeds have nothing in common.
    pub seed: u64,
    /// About how many aircraft its snapshot shows; a little more by day than by night. A bigger
    /// world has all the aircraft of a smaller one with the same seed.
    pub aircraft: usize,
}

#[derive(Serialize)]
struct Response {
    time: i64,
    states: Vec<Row>,
}

#[derive(Serialize)]
struct ReadsbResponse {
    now: f64,
    messages: usize,
    aircraft: Vec<readsb::Aircraft>,
}

impl World {
    /// The world with as many aircraft as OpenSky showed on a summer's day in 2025.
    pub fn new(seed: u64) -> Self {
        Self { seed, aircraft: 11_500 }
    }

    /// The bytes of OpenSky's response to `/states/all?extended=1` at this time, Unix seconds.
    pub fn response(&self, time: i64) -> Vec<u8> {
        let response = Response { time, states: self.rows(time).collect() };
        serde_json::to_vec(&response).expect("rows of numbers and text are JSON")
    }

    /// The bytes of readsb's `aircraft.json` at this time, Unix seconds.
    pub fn readsb(&self, time: i64) -> Vec<u8> {
        let aircraft = self.rows(time).map(|row| readsb::Aircraft { row, now: time });
        let aircraft: Vec<_> = aircraft.collect();
        let response = ReadsbResponse { now: time as f64, messages: aircraft.len(), aircraft };
        serde_json::to_vec(&response).expect("rows of numbers and text are JSON")
    }

    fn rows(&self, time: i64) -> impl Iterator<Item = Row> {
        fleet::fleet(self.seed, fleet::owned(self.aircraft))
            .filter_map(move |aircraft| reception::row(&aircraft, time))
    }
}

/// The bytes of the response at this time in the world with this seed.
pub fn response(seed: u64, time: i64) -> Vec<u8> {
    World::new(seed).response(time)
}
