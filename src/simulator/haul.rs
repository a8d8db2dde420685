//! The length of an aircraft's flights, and what follows from it: speeds, altitudes, times.

use std::ops::Range;

use super::random::Random;
use super::route::Handling;

/// The length of an aircraft's flights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Haul {
    Short,
    Medium,
    Long,
    /// Light aircraft near their home.
    Light,
}

/// An aircraft's performance on one flight; metres and seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Performance {
    pub(super) lift_speed: f64,
    pub(super) cruise_speed: f64,
    pub(super) approach_speed: f64,
    /// On the runway, speeding up and slowing down.
    pub(super) acceleration: f64,
    /// Mean over the whole climb and the whole descent.
    pub(super) climb_rate: f64,
    pub(super) descent_rate: f64,
    /// Cruising altitude, where the flight is long enough to reach it.
    pub(super) altitude: f64,
    pub(super) handling: &'static Handling,
}

/// Banked by 25°, an aircraft turns 2° a second at 140 knots and 1° a second at 300.
static JET: Handling = Handling {
    straight_out: [3_000.0, 8_000.0],
    straight_in: [12_000.0, 20_000.0],
    radii: [2_000.0, 6_000.0],
    bends: [40_000.0, 7_000.0],
    bends_share: 0.25,
    bend_half: 1_500.0,
};

static LIGHT: Handling = Handling {
    straight_out: [800.0, 2_000.0],
    straight_in: [1_500.0, 4_000.0],
    radii: [600.0, 1_000.0],
    bends: [5_000.0, 2_500.0],
    bends_share: 0.3,
    bend_half: 500.0,
};

impl Haul {
    /// Returns the range of distances between origin and destination, metres.
    pub(super) fn range(self) -> Range<f64> {
        match self {
            Self::Short => 150e3..1_100e3,
            Self::Medium => 700e3..3_900e3,
            Self::Long => 4_000e3..13_000e3,
            Self::Light => 25e3..220e3,
        }
    }

    /// Returns the seconds from one round trip to the next: enough for the longest of the range.
    pub(super) fn period(self) -> i64 {
        match self {
            Self::Short => 21_600,
            Self::Medium => 46_800,
            Self::Long => 129_600,
            Self::Light => 18_000,
        }
    }

    /// Returns the fraction of time in which such an aircraft is visible, as measured here.
    pub(super) fn share_flying(self) -> f64 {
        match self {
            Self::Short => 0.353,
            Self::Medium => 0.356,
            Self::Long => 0.514,
            Self::Light => 0.201,
        }
    }

    /// Returns OpenSky's emitter category; 0 if the transponder does not send one.
    pub(super) fn category(self, draw: Random) -> u8 {
        let share = draw.of("category").unit();
        match self {
            _ if share < 0.12 => 0,
            // Light; rotorcraft.
            Self::Light => {
                if share < 0.85 {
                    2
                } else {
                    8
                }
            }
            // Small; large.
            Self::Short => {
                if share < 0.40 {
                    3
                } else {
                    4
                }
            }
            // Large; high vortex.
            Self::Medium => {
                if share < 0.95 {
                    4
                } else {
                    5
                }
            }
            // Heavy.
            Self::Long => 6,
        }
    }

    pub(super) fn performance(self, draw: Random) -> Performance {
        let of = |what, low, high| draw.of(what).between(low, high);
        let jet = |cruise_speed, altitude: f64| Performance {
            lift_speed: of("lift", 68.0, 80.0),
            cruise_speed,
            approach_speed: of("approach", 64.0, 72.0),
            acceleration: 2.0,
            climb_rate: of("climb", 4.6, 8.5),
            descent_rate: of("descent", 4.2, 7.5),
            // A flight level: whole thousands of feet.
            altitude: (altitude / 304.8).round() * 304.8,
            handling: &JET,
        };
        match self {
            Self::Short => jet(of("cruise", 150.0, 225.0), of("altitude", 6_700.0, 11_300.0)),
            Self::Medium => jet(of("cruise", 215.0, 240.0), of("altitude", 10_000.0, 12_500.0)),
            Self::Long => jet(of("cruise", 232.0, 252.0), of("altitude", 10_300.0, 12_800.0)),
            Self::Light => Performance {
                lift_speed: 32.0,
                cruise_speed: of("cruise", 45.0, 85.0),
                approach_speed: 33.0,
                acceleration: 1.2,
                climb_rate: of("climb", 2.5, 4.5),
                descent_rate: 2.5,
                altitude: (of("altitude", 600.0, 2_900.0) / 152.4).round() * 152.4,
                handling: &LIGHT,
            },
        }
    }
}
