//! An aircraft's motion, rounded as it is sent, and its dead reckoning.
//!
//! Server and client hold the same rounded motion and predict the same; only differences are sent.
//! So everything here is in integers, and rounds the same everywhere.

use super::course::Course;
use super::lattice::{Cell, Point, Resolution};
use super::trig::nearest;
use crate::aircraft::{Knots, StateVector};
use crate::earth::Position;

/// One aircraft's motion at a frame's time, in steps of the resolution. `None` means unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Motion {
    /// Where it is; dead-reckoned if its position is older than the frame.
    pub cell: Option<Cell>,
    /// Altitude by pressure.
    pub altitude: Option<i32>,
    /// Velocity and track over ground, the same at both resolutions.
    pub course: Course,
    /// Vertical rate, climb positive.
    pub vertical_rate: Option<i32>,
    /// Whether it reports itself on the ground.
    pub on_ground: bool,
    /// The age of its position: 0 up to 20 s, 1 up to 60 s, 2 up to 300 s, 3 beyond. If the time of
    /// the position is unknown, the age of the last contact.
    pub age: u8,
}

/// The bounds of the ages, seconds; the last is open.
///
/// Beyond the last one a position is not dead-reckoned. OpenSky drops aircraft after 300 s without
/// contact, so an aircraft with an older position has lost its position and may be anywhere.
pub const AGE_SECONDS: [i64; 3] = [20, 60, 300];

const RECKONED_SECONDS_MAX: i64 = AGE_SECONDS[2];

/// The age of positions that are not dead-reckoned.
const AGE_STILL: u8 = 3;

/// Up to this age a row's altitude is predicted. It is mostly as old as the position, and an old
/// one stays as it was received.
const AGE_CLIMBING_MAX: u8 = 1;

/// Predictions go at most this many seconds ahead, so that no gap between frames overflows.
const PREDICTED_SECONDS_MAX: i64 = 3_600;

/// The most steps of an altitude or a vertical rate, so that products fit 64 bits.
const STEPS_MAX: i32 = 1 << 20;

const METRES_PER_FOOT: f64 = 0.3048;

impl Motion {
    /// Rounds a state's motion at a time, Unix seconds.
    pub fn of(state: &StateVector, time: i64, resolution: Resolution) -> Self {
        let most = i64::from(STEPS_MAX);
        let steps = |value: f64, step: i64| nearest(value / step as f64).clamp(-most, most) as i32;
        let feet = |metres: f64| steps(metres / METRES_PER_FOOT, resolution.altitude_feet());
        let fpm = |rate: f64| steps(rate * 60.0 / METRES_PER_FOOT, resolution.vertical_rate_fpm());
        let age = time.saturating_sub(state.time_position.unwrap_or(state.last_contact)).max(0);
        let course = Course::of(state);
        Self {
            cell: place(state, course, age).map(|point| Cell::of(point, resolution)),
            altitude: state.baro_altitude.map(feet),
            course,
            vertical_rate: state.vertical_rate.map(fpm),
            on_ground: state.on_ground,
            age: AGE_SECONDS.iter().filter(|&&bound| age > bound).count() as u8,
        }
    }

    /// Whether every value is in its range; `of` and `after` return no other.
    pub fn is_possible(&self, by: Resolution) -> bool {
        let small = |steps: Option<i32>| steps.is_none_or(|steps| steps.abs() <= STEPS_MAX);
        let on_globe = |cell: Cell| {
            i64::from(cell.row).abs() <= Cell::rows_max(by)
                && (0..Cell::columns(cell.row, by)).contains(&i64::from(cell.column))
        };
        small(self.altitude)
            && small(self.vertical_rate)
            && self.course.is_possible(self.on_ground)
            && self.cell.is_none_or(on_globe)
            && usize::from(self.age) <= AGE_SECONDS.len()
    }

    /// The altitude after some seconds, by the mean of its own vertical rate and the new one; the
    /// same altitude if the row's new age is more than a minute.
    pub fn altitude_after(
        &self,
        rate: Option<i32>,
        age: u8,
        seconds: i64,
        by: Resolution,
    ) -> Option<i32> {
        if age > AGE_CLIMBING_MAX {
            return self.altitude;
        }
        let altitude = i64::from(self.altitude?);
        let sum = i64::from(self.vertical_rate.unwrap_or(0)) + i64::from(rate.unwrap_or(0));
        let climb = sum * by.vertical_rate_fpm() * seconds.min(PREDICTED_SECONDS_MAX);
        // Division by a constant costs a tenth of other divisions.
        let climbed = match by {
            Resolution::Fine => rounded(climb, 2 * 60 * Resolution::Fine.altitude_feet()),
            Resolution::Display => rounded(climb, 2 * 60 * Resolution::Display.altitude_feet()),
        };
        let most = i64::from(STEPS_MAX);
        Some((altitude + climbed).clamp(-most, most) as i32)
    }

    /// Where it is after some seconds, by the mean of its own vector and that of the given course:
    /// the chord of the arc between them. A position of the last age stays where it is.
    pub fn point_after(&self, course: Course, seconds: i64, by: Resolution) -> Option<Point> {
        let seconds = if self.age == AGE_STILL { 0 } else { seconds };
        self.point_along(course, seconds, by)
    }

    /// The same at any age.
    fn point_along(&self, course: Course, seconds: i64, by: Resolution) -> Option<Point> {
        let from = self.cell?.centre(by);
        let [old, new] = [self.course, course].map(Course::vector);
        Some(flown(from, [old, new], seconds.min(PREDICTED_SECONDS_MAX)))
    }
}

/// A motion in SI units, at the time when the position was received.
pub(super) struct InSi {
    pub(super) time_position: i64,
    pub(super) position: Option<Position>,
    pub(super) baro_altitude: Option<f64>,
    pub(super) velocity: Option<f64>,
    pub(super) true_track: Option<f64>,
    pub(super) vertical_rate: Option<f64>,
}

/// The typical age of each age bucket, seconds. A map that dead-reckons as long as we do leaves an
/// aircraft of the last one where it is.
const AGE_TYPICAL_SECONDS: [i64; 4] = [0, 40, 120, RECKONED_SECONDS_MAX + 1];

impl Motion {
    /// Converts the motion at a time to SI units, with the position set back to when it was
    /// received.
    pub(super) fn in_si(&self, time: i64, resolution: Resolution) -> InSi {
        let value = |steps: i32, step: i64| f64::from(steps) * step as f64;
        let age = AGE_TYPICAL_SECONDS[usize::from(self.age & 3)];
        let foot = resolution.altitude_feet();
        let fpm = resolution.vertical_rate_fpm();
        let (velocity, true_track) = self.course.in_si();
        let back = -age.min(RECKONED_SECONDS_MAX);
        let then = self.point_along(self.course, back, resolution);
        InSi {
            time_position: time - age,
            position: then.and_then(|point| {
                Position::new(point.longitude as f64 / 1e6, point.latitude as f64 / 1e6)
            }),
            baro_altitude: self.altitude.map(|steps| value(steps, foot) * METRES_PER_FOOT),
            velocity,
            true_track,
            vertical_rate: self
                .vertical_rate
                .map(|steps| value(steps, fpm) * METRES_PER_FOOT / 60.0),
        }
    }
}

/// Where the aircraft is `age` seconds after its position was received, if it kept its course.
fn place(state: &StateVector, course: Course, age: i64) -> Option<Point> {
    let position = state.position?;
    let from = Point::from_degrees(position.longitude, position.latitude);
    Some(flown(from, [course.vector(); 2], age.min(RECKONED_SECONDS_MAX)))
}

/// The point after some seconds, at most an hour, with the mean of two velocities.
fn flown(from: Point, [old, new]: [Knots; 2], seconds: i64) -> Point {
    // A knot is a minute of arc an hour: 125/27 microdegrees a second. Two components are less than
    // 2^17, so the way is less than 2^30 microdegrees.
    let way = |old: i16, new: i16| rounded((i64::from(old) + i64::from(new)) * seconds * 125, 54);
    from.moved(way(old.north, new.north), way(old.east, new.east))
}

/// The quotient, rounded to the nearest; halves away from zero.
#[inline(always)]
fn rounded(value: i64, divisor: i64) -> i64 {
    (value + value.signum() * divisor / 2) / divisor
}

#[cfg(test)]
mod tests;
