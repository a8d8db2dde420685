//! The phase of a flight, by its height and its climb.
//!
//! The dead-band and the codec of the wire both tell phases apart, and the bounds stand here alone.
//! They are part of PROTOCOL.md.

use super::{Motion, Resolution};

/// Below so many feet an aircraft takes off or approaches.
const LOW_FEET: i64 = 10_000;

/// From so many feet on it cruises, if it is level.
const CRUISING_FEET: i64 = 24_000;

/// It is level while it climbs or descends by so many feet a minute at the most.
const LEVEL_FPM: i64 = 320;

/// The phase of a flight. An unknown altitude counts as low, and an unknown climb as level.
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
    fn each_bound_of_a_phase_is_where_the_protocol_says() {
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
