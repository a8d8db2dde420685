//! Floor 1: simulated traffic, for demonstrations and tests.
//!
//! In scope: a plausible world of flights between real airports, in OpenSky's `/states/all` format
//! with its faults, and in readsb's. Out of scope: reading these bytes, which is `feed`'s; any real
//! flight, weather, clocks.
//!
//! A snapshot is a pure function of a seed and a time, with no stored state. Each random number is
//! a hash of its purpose, so an aircraft flies the same flights after a restart, and any minute of
//! any year can be generated, in any order.

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
    /// About how many aircraft a snapshot has, a few more by day than by night. A larger world
    /// has all the aircraft of a smaller one with the same seed.
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
    /// Returns a world with as many aircraft as OpenSky showed on a summer day in 2025.
    pub fn new(seed: u64) -> Self {
        Self { seed, aircraft: 11_500 }
    }

    /// Returns OpenSky's response to `/states/all?extended=1` at this time, Unix seconds.
    pub fn response(&self, time: i64) -> Vec<u8> {
        let response = Response { time, states: self.rows(time).collect() };
        serde_json::to_vec(&response).expect("rows of numbers and text are JSON")
    }

    /// Returns the bytes of readsb's `aircraft.json` at this time, Unix seconds.
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

/// Returns the response of [`World::response`] for a world of this seed.
pub fn response(seed: u64, time: i64) -> Vec<u8> {
    World::new(seed).response(time)
}
