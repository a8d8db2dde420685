//! The phase of a flight, by its altitude and its vertical rate.
//!
//! The dead-band and the wire's codec both depend on it. The bounds are part of PROTOCOL.md.

use super::{Motion, Resolution};

/// Below this many feet an aircraft takes off or approaches.
const LOW_FEET: i64 = 10_000;

/// From this many feet on it cruises, if it is level.
const CRUISING_FEET: i64 = 24_000;

/// An aircraft is level if it climbs or descends by at most this many feet a minute.
const LEVEL_FPM: i64 = 320;

/// The phase of a flight. An unknown altitude counts as low, and an unknown vertical rate as level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Below 10,000 ft.
    Low,
    /// From 10,000 ft on, and not cruising.
    Between,
    /// Level at 24,000 ft or above.
    Cruising,
}

impl Motion {
    /// The phase of the flight, whether or not it reports itself on the ground.
    pub fn phase(&self, by: Resolution) -> Phase {
        let feet = self.altitude.map_or(0, |steps| i64::from(steps) * by.altitude_feet());
        let fpm = self.vertical_rate.map_or(0, |steps| i64::from(steps) * by.vertical_rate_fpm());
        match feet {
            ..LOW_FEET => Phase::Low,
            CRUISING_FEET.. if fpm.abs() <= LEVEL_FPM => Phase::Cruising,
            _ => Phase::Between,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_of_the_phases_are_those_of_the_protocol() {
        let by = Resolution::Fine;
        let phase = |feet: Option<i32>, fpm: Option<i32>| {
            let (altitude, vertical_rate) = (feet.map(|it| it / 25), fpm.map(|it| it / 64));
            Motion { altitude, vertical_rate, ..Motion::default() }.phase(by)
        };
        for (feet, fpm, expected) in [
            (None, None, Phase::Low),
            (Some(9_975), Some(0), Phase::Low),
            (Some(10_000), Some(0), Phase::Between),
            (Some(23_975), None, Phase::Between),
            (Some(24_000), None, Phase::Cruising),
            (Some(24_000), Some(320), Phase::Cruising),
            (Some(24_000), Some(-320), Phase::Cruising),
            (Some(40_000), Some(384), Phase::Between),
            (Some(40_000), Some(-384), Phase::Between),
        ] {
            assert_eq!(phase(feet, fpm), expected, "{feet:?} ft, {fpm:?} ft/min");
        }
    }
}
