//! An aircraft's motion, rounded as it is sent, and its dead reckoning.
//!
//! Server and client hold the same rounded motion and predict the same; only differences are sent.
//! So everything here is in integers, and rounds the same everywhere.

use super::lattice::{Cell, Point, Resolution};
use super::trig::{ONE, chord, cosine, nearest, sine, tangent_of_half};
use crate::aircraft::StateVector;
use crate::earth::Position;

/// One aircraft's motion at a frame's time, in steps of the resolution. `None` means unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Motion {
    /// Where it is; dead-reckoned if its position is older than the frame.
    pub cell: Option<Cell>,
    /// Altitude by pressure.
    pub altitude: Option<i32>,
    /// Speed over ground.
    pub velocity: Option<i32>,
    /// Direction over ground, clockwise from north, less than a full turn.
    pub track: Option<i32>,
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

/// The most steps of a velocity and of any other value, so that products fit 64 bits.
const VELOCITY_MAX: i32 = 1 << 16;
const STEPS_MAX: i32 = 1 << 20;

/// Half the globe's circumference: dead reckoning goes no further, whatever the velocity.
const METRES_MAX: f64 = 20_000_000.0;

const METRES_PER_FOOT: f64 = 0.3048;
const METRES_PER_SECOND_PER_KNOT: f64 = 1852.0 / 3600.0;

/// A circle in the units of `sine`.
const HALF_DEGREES: i64 = 720;

impl Motion {
    /// Rounds a state's motion at a time, Unix seconds.
    pub fn of(state: &StateVector, time: i64, resolution: Resolution) -> Self {
        let most = i64::from(STEPS_MAX);
        let steps = |value: f64, step: i64| nearest(value / step as f64).clamp(-most, most) as i32;
        let feet = |metres: f64| steps(metres / METRES_PER_FOOT, resolution.altitude_feet());
        let fpm = |rate: f64| steps(rate * 60.0 / METRES_PER_FOOT, resolution.vertical_rate_fpm());
        let knots = |velocity: f64| {
            let knots = velocity / METRES_PER_SECOND_PER_KNOT;
            steps(knots, resolution.velocity_knots()).clamp(0, VELOCITY_MAX)
        };
        let turn = (360 / resolution.track_degrees()) as i32;
        let track = |track: f64| steps(track, resolution.track_degrees()).rem_euclid(turn);
        let age = time.saturating_sub(state.time_position.unwrap_or(state.last_contact)).max(0);
        Self {
            cell: place(state, age).map(|point| Cell::of(point, resolution)),
            altitude: state.baro_altitude.map(feet),
            velocity: state.velocity.map(knots),
            track: state.true_track.map(track),
            vertical_rate: state.vertical_rate.map(fpm),
            on_ground: state.on_ground,
            age: AGE_SECONDS.iter().filter(|&&bound| age > bound).count() as u8,
        }
    }

    /// Whether every value is in its range; `of` and `after` return no other.
    pub fn is_possible(&self, by: Resolution) -> bool {
        let small = |steps: Option<i32>| steps.is_none_or(|steps| steps.abs() <= STEPS_MAX);
        let turn = (360 / by.track_degrees()) as i32;
        let on_globe = |cell: Cell| {
            i64::from(cell.row).abs() <= Cell::rows_max(by)
                && (0..Cell::columns(cell.row, by)).contains(&i64::from(cell.column))
        };
        small(self.altitude)
            && small(self.vertical_rate)
            && self.velocity.is_none_or(|velocity| (0..=VELOCITY_MAX).contains(&velocity))
            && self.track.is_none_or(|track| (0..turn).contains(&track))
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

    /// Where it is after some seconds on the arc from its own velocity and track to the given ones.
    ///
    /// It goes along the mean track with the mean velocity, times the ratio of the turn's chord to
    /// its arc. That is far nearer than straight on with the old ones. A position of the last age
    /// stays where it is.
    pub fn point_after(
        &self,
        velocity: Option<i32>,
        track: Option<i32>,
        seconds: i64,
        by: Resolution,
    ) -> Option<Point> {
        let seconds = if self.age == AGE_STILL { 0 } else { seconds };
        self.point_along(velocity, track, seconds, by)
    }

    /// The same at any age.
    fn point_along(
        &self,
        velocity: Option<i32>,
        track: Option<i32>,
        seconds: i64,
        by: Resolution,
    ) -> Option<Point> {
        let from = self.cell?.centre(by);
        let (Some(old_velocity), Some(old_track)) = (self.velocity, self.track) else {
            return Some(from);
        };
        let velocity = i64::from(velocity.unwrap_or(old_velocity));
        let mean_twice = (i64::from(old_velocity) + velocity) * by.velocity_knots();
        // Faster than any aircraft, and far below the limit of the products below.
        let mean_twice = mean_twice.clamp(-20_000, 20_000);
        let (mean_track, turn) = self.arc(track.unwrap_or(old_track), by);
        // A knot is a minute of arc an hour: 125/27 microdegrees a second.
        let way = mean_twice * seconds.min(PREDICTED_SECONDS_MAX) * 125;
        let way = rounded(way * (chord(turn) >> 10), (2 * 27) << 20);
        let north = rounded(way * (cosine(mean_track) >> 10), 1 << 20);
        let east = rounded(way * (sine(mean_track) >> 10), 1 << 20);
        Some(from.moved(north, east))
    }

    /// The mean track of a turn in half degrees, and the turn in degrees, the shorter way round.
    pub fn arc(&self, track: i32, by: Resolution) -> (i64, i64) {
        let old = i64::from(self.track.unwrap_or(track)) * by.track_degrees();
        let new = i64::from(track) * by.track_degrees();
        let turn = (new - old + 180).rem_euclid(360) - 180;
        ((2 * old + turn).rem_euclid(HALF_DEGREES), turn)
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
        let knot = resolution.velocity_knots();
        let back = -age.min(RECKONED_SECONDS_MAX);
        let then = self.point_along(self.velocity, self.track, back, resolution);
        InSi {
            time_position: time - age,
            position: then.and_then(|point| {
                Position::new(point.longitude as f64 / 1e6, point.latitude as f64 / 1e6)
            }),
            baro_altitude: self.altitude.map(|steps| value(steps, foot) * METRES_PER_FOOT),
            velocity: self.velocity.map(|steps| value(steps, knot) * METRES_PER_SECOND_PER_KNOT),
            true_track: self.track.map(|steps| value(steps, resolution.track_degrees())),
            vertical_rate: self
                .vertical_rate
                .map(|steps| value(steps, fpm) * METRES_PER_FOOT / 60.0),
        }
    }
}

/// Where the aircraft is `age` seconds after its position was received, if it kept its course.
fn place(state: &StateVector, age: i64) -> Option<Point> {
    let position = state.position?;
    let from = Point::from_degrees(position.longitude, position.latitude);
    let (Some(velocity), Some(track)) = (state.velocity, state.true_track) else {
        return Some(from);
    };
    let metres = velocity * age.min(RECKONED_SECONDS_MAX) as f64;
    let metres = metres.clamp(-METRES_MAX, METRES_MAX);
    if metres == 0.0 {
        return Some(from);
    }
    // A minute of arc is a nautical mile.
    let way = metres / 1852.0 / 60.0 * 1e6;
    let (sine, cosine) = track.to_radians().sin_cos();
    Some(from.moved(nearest(way * cosine), nearest(way * sine)))
}

/// The quotient, rounded to the nearest; halves away from zero.
#[inline(always)]
fn rounded(value: i64, divisor: i64) -> i64 {
    (value + value.signum() * divisor / 2) / divisor
}

/// Rotates `(east, north)` so that the first axis is along the track.
///
/// Three integer shears (a lifting scheme) map the lattice one to one onto itself, without loss.
pub fn turn(pair: (i64, i64), track_half_degrees: i64) -> (i64, i64) {
    let (quarters, rest) = quarter_turns(track_half_degrees);
    let (mut x, mut y) = quarter(pair, quarters);
    let (tangent, sine) = shears(rest);
    x -= rounded(y * tangent, ONE);
    y += rounded(x * sine, ONE);
    x -= rounded(y * tangent, ONE);
    (x, y)
}

/// The inverse of `turn`.
pub fn turn_back(pair: (i64, i64), track_half_degrees: i64) -> (i64, i64) {
    let (quarters, rest) = quarter_turns(track_half_degrees);
    let (tangent, sine) = shears(rest);
    let (mut x, mut y) = pair;
    x += rounded(y * tangent, ONE);
    y -= rounded(x * sine, ONE);
    x += rounded(y * tangent, ONE);
    quarter((x, y), 4 - quarters)
}

/// Rotates the pair counter-clockwise by this many quarters, 0 to 4.
fn quarter((x, y): (i64, i64), quarters: i64) -> (i64, i64) {
    // Two selections instead of a loop: a track is unpredictable for the processor.
    let (x, y) = if quarters & 1 == 1 { (-y, x) } else { (x, y) };
    if quarters & 2 == 2 { (-x, -y) } else { (x, y) }
}

/// The angle that turns a track onto the east axis, as quarter turns and a rest within ±45°.
fn quarter_turns(track_half_degrees: i64) -> (i64, i64) {
    // A track of t° clockwise from north is 90° − t counter-clockwise from east.
    let angle = (track_half_degrees - 180).rem_euclid(HALF_DEGREES);
    let quarters = ((angle + 90) / 180) % 4;
    (quarters, (angle + 90).rem_euclid(180) - 90)
}

/// tan(a/2) and sin(a), for the shears of a turn by a.
fn shears(half_degrees: i64) -> (i64, i64) {
    (tangent_of_half(half_degrees), sine(half_degrees))
}

#[cfg(test)]
mod tests;
