//! Which aircraft will be over a country soon, if all keep going straight on.
//!
//! In scope: dead reckoning along the great circle from the last received position, and when it
//! first enters the country. Out of scope: turns, landings and departures.
//!
//! Most places are far from the country's outline, so a course is tested in long strides, and in
//! short steps only near the outline. These are at most [`LOOK_METRES`] long, so a corner that is
//! cut by less may be missed.

use super::{AGE_SECONDS, Snapshot};
use crate::aircraft::StateVector;
use crate::earth::country::Boundaries;
use crate::earth::{CountryCode, Frontier, GreatCircle, Position};

/// The longest step between two exact tests. An airliner covers it in four seconds.
const LOOK_METRES: f64 = 1_000.0;

/// The oldest position that is extrapolated, seconds. Beyond it the aircraft may be anywhere.
const AGE_SECONDS_MAX: i64 = AGE_SECONDS[2];

/// Velocities outside this range have no forecast, m/s. A slower aircraft stays, and its strides
/// would take too long; a faster one is a decoding error, like the 1,684 m/s in recorded data.
const VELOCITY_MIN: f64 = 1.0;
const VELOCITY_MAX: f64 = 1_000.0;

/// Predicts the arrivals over one country.
#[derive(Clone, Debug)]
pub struct Forecast<'a> {
    country: CountryCode,
    boundaries: &'a Boundaries,
    frontier: Frontier,
}

impl<'a> Forecast<'a> {
    /// The forecast for a country.
    pub fn new(boundaries: &'a Boundaries, country: CountryCode) -> Self {
        Self { country, boundaries, frontier: Frontier::new(boundaries, country) }
    }

    /// The aircraft that are not over the country by their report and will be within this many
    /// seconds of the snapshot, with the seconds until then; 0 if one must have arrived already.
    pub fn arrivals<'s>(
        &self,
        snapshot: &'s Snapshot,
        within_seconds: u32,
    ) -> impl Iterator<Item = (&'s StateVector, u32)> {
        let arrival =
            move |state| Some((state, self.arrival(state, snapshot.time, within_seconds)?));
        snapshot.aircraft().iter().filter_map(arrival)
    }

    /// The seconds until this aircraft is over the country, as in [`Forecast::arrivals`]; `None` if
    /// it is there by its report, or will not be within this many seconds of `time`.
    pub fn arrival(&self, state: &StateVector, time: i64, within_seconds: u32) -> Option<u32> {
        let elsewhere = state.current_country != Some(self.country);
        let course = elsewhere.then(|| Course::of(state, time))??;
        self.enters_in(&course, within_seconds.into())
    }

    /// The first second, from now on, at which a course that began outside is over the country.
    fn enters_in(&self, course: &Course, within: i64) -> Option<u32> {
        let entry = match self.entry(course, 0, -course.age, within)? {
            past if past < 0 && self.is_over(course, 0) => 0,
            // It has left again before now.
            past if past < 0 => self.entry(course, 0, 0, within)?,
            entry => entry,
        };
        u32::try_from(entry).ok()
    }

    /// The first second after `now`, when it is outside, at which the course is over the country.
    /// Goes in strides of this level; near the frontier in those of the next level.
    fn entry(&self, course: &Course, level: usize, mut now: i64, end: i64) -> Option<i64> {
        let Some(margin) = Frontier::margin_metres(level) else {
            return self.entry_by_looks(course, now, end);
        };
        let stride = course.seconds_for(2.0 * margin);
        while now < end {
            let next = end.min(now + stride);
            if self.frontier.is_near(level, course.at((now + next) as f64 / 2.0)) {
                let entry = self.entry(course, level + 1, now, next);
                if entry.is_some() {
                    return entry;
                }
            }
            now = next;
        }
        None
    }

    fn entry_by_looks(&self, course: &Course, mut now: i64, end: i64) -> Option<i64> {
        let look = course.seconds_for(LOOK_METRES);
        while now < end {
            let next = end.min(now + look);
            if self.is_over(course, next) {
                return Some(self.halved(course, now, next));
            }
            now = next;
        }
        None
    }

    /// Bisects between a second outside and one inside until they are adjacent; returns the latter.
    fn halved(&self, course: &Course, mut outside: i64, mut inside: i64) -> i64 {
        while inside - outside > 1 {
            let middle = outside.midpoint(inside);
            match self.is_over(course, middle) {
                true => inside = middle,
                false => outside = middle,
            }
        }
        inside
    }

    fn is_over(&self, course: &Course, second: i64) -> bool {
        self.boundaries.country_at(course.at(second as f64)) == Some(self.country)
    }
}

/// An aircraft's course straight on.
struct Course {
    circle: GreatCircle,
    velocity: f64,
    /// The age of the position at which the circle begins, seconds before the snapshot.
    age: i64,
}

impl Course {
    /// `None` if it is unknown or too old, or the aircraft is on the ground or standing still.
    fn of(state: &StateVector, time: i64) -> Option<Self> {
        let velocity = state.velocity.filter(|is| (VELOCITY_MIN..=VELOCITY_MAX).contains(is))?;
        let age = time.saturating_sub(state.time_position.unwrap_or(state.last_contact)).max(0);
        if state.on_ground || age > AGE_SECONDS_MAX {
            return None;
        }
        let circle = GreatCircle::new(state.position?, state.true_track?);
        Some(Self { circle, velocity, age })
    }

    /// The position this many seconds after the snapshot.
    fn at(&self, seconds: f64) -> Position {
        self.circle.after(self.velocity * (self.age as f64 + seconds))
    }

    /// The whole seconds in which it covers at most this distance, but at least one.
    fn seconds_for(&self, metres: f64) -> i64 {
        ((metres / self.velocity) as i64).max(1)
    }
}
