//! An aircraft's velocity and track, as they are sent.
//!
//! Transponders in the air send the velocity as whole knots east and north, and OpenSky computes
//! velocity and track from these. So the vector is both in fewer bits, and exact. On the ground
//! they send the length in steps of an eighth of a knot or more, and the direction in 128 parts.

use super::trig::nearest;
use crate::aircraft::{Knots, StateVector};

/// Velocity and track, as they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Both, of an aircraft in the air. Each component is within ±32,767.
    Vector(Knots),
    /// Both on the ground, or at most one of them anywhere.
    Polar {
        /// Eighths of a knot; `None` if unknown.
        velocity: Option<u16>,
        /// 128ths of a turn, clockwise from north, below 128; `None` if unknown.
        track: Option<u8>,
    },
}

/// The parts of a turn in which a track on the ground is sent, each 2.8125°.
pub const TURN: u8 = 128;

/// The steps of a velocity on the ground in a knot.
pub const EIGHTHS: i32 = 8;

/// m/s in a knot, as in [`Knots::velocity`].
const METRES_PER_SECOND: f64 = 0.514444;

impl Default for Course {
    fn default() -> Self {
        Self::Polar { velocity: None, track: None }
    }
}

impl Course {
    /// The course of a state, rounded.
    pub fn of(state: &StateVector) -> Self {
        match (state.velocity, state.true_track) {
            (Some(velocity), Some(track)) if !state.on_ground => {
                let Knots { east, north } = Knots::nearest(velocity, track);
                // One more than the negative of the greatest would have no opposite.
                Self::Vector(Knots { east: east.max(-i16::MAX), north: north.max(-i16::MAX) })
            }
            (velocity, track) => {
                let eighths = |velocity: f64| velocity / METRES_PER_SECOND * f64::from(EIGHTHS);
                let part = |track: f64| nearest(track / 360.0 * f64::from(TURN));
                Self::Polar {
                    velocity: velocity
                        .map(|is| nearest(eighths(is)).clamp(0, u16::MAX.into()) as u16),
                    track: track.map(|is| part(is).rem_euclid(TURN.into()) as u8),
                }
            }
        }
    }

    /// Whether velocity and track are known.
    pub fn known(self) -> [bool; 2] {
        match self {
            Self::Vector(_) => [true; 2],
            Self::Polar { velocity, track } => [velocity.is_some(), track.is_some()],
        }
    }

    /// Whether an aircraft on the ground, or not, can have it; `of` returns no other.
    pub fn is_possible(self, on_ground: bool) -> bool {
        match self {
            Self::Vector(Knots { east, north }) => {
                !on_ground && east != i16::MIN && north != i16::MIN
            }
            Self::Polar { velocity, track } => {
                track.is_none_or(|track| track < TURN)
                    && (on_ground || velocity.is_none() || track.is_none())
            }
        }
    }

    /// The vector by which the aircraft is dead-reckoned. One on the ground stays where it is,
    /// since it turns at the next taxiway; so does one with an unknown velocity or track.
    pub fn vector(self) -> Knots {
        match self {
            Self::Vector(knots) => knots,
            Self::Polar { .. } => Knots::default(),
        }
    }

    /// Whether it stands still, or its velocity is unknown.
    pub fn stands(self) -> bool {
        match self {
            Self::Vector(knots) => knots == Knots::default(),
            Self::Polar { velocity, .. } => velocity.unwrap_or(0) == 0,
        }
    }

    /// The velocity in whole knots, rounded down; 0 if it is unknown.
    pub fn knots(self) -> i64 {
        match self {
            Self::Vector(knots) => i64::from(length(knots)),
            Self::Polar { velocity, .. } => i64::from(velocity.unwrap_or(0)) / i64::from(EIGHTHS),
        }
    }

    /// The velocity in m/s and the track in degrees, both rounded to hundredths as OpenSky rounds
    /// them; `None` if unknown.
    pub fn in_si(self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Vector(knots) => (Some(knots.velocity()), Some(knots.track())),
            Self::Polar { velocity, track } => {
                // No eighth of a knot lies in the middle of two hundredths of m/s.
                let metres = |eighths: u16| (u64::from(eighths) * 514_444 + 40_000) / 80_000;
                let velocity = velocity.map(|eighths| metres(eighths) as f64 / 100.0);
                (velocity, track.map(|part| f64::from(hundredths(part)) / 100.0))
            }
        }
    }
}

/// A 128th part of a turn in hundredths of a degree, 281.25, rounded; halves to even.
fn hundredths(part: u8) -> u32 {
    let quarters = u32::from(part) * 1_125;
    let down = quarters / 4;
    match quarters % 4 {
        3 => down + 1,
        2 => down + down % 2,
        _ => down,
    }
}

/// The length of a vector in knots, rounded down.
pub fn length(Knots { east, north }: Knots) -> u32 {
    let squared = |component: i16| u32::from(component.unsigned_abs()).pow(2);
    (squared(east) + squared(north)).isqrt()
}

#[cfg(test)]
mod tests;
