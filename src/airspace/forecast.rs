//! Who will be over a country soon, if everyone keeps going straight on.
//!
//! In scope: dead reckoning along the great circle from where and when an aircraft was last heard,
//! and when that first leads over the country. Out of scope: turns, landings, and who takes off.
//!
//! Most of the sky is far from the country's outline, so the way is gone in long strides, and looked
//! at closely only near the outline. Between two close looks lies less than [`LOOK_METRES`]; a
//! corner that is cut by less than that may go unseen.

use super::Snapshot;
use crate::aircraft::StateVector;
use crate::earth::country::Boundaries;
use crate::earth::{CountryCode, Frontier, GreatCircle, Position};

/// How far from each other two close looks are. An airliner covers it in four seconds.
const LOOK_METRES: f64 = 1_000.0;

/// Older positions are not reckoned on, seconds: nobody knows where such an aircraft is now.
const AGE_SECONDS_MAX: i64 = 300;

/// Who is slower stays, and a stride stays countable; who is faster is a bad decode, like the
/// 1,684 m/s in recorded skies. m/s.
const VELOCITY_MIN: f64 = 1.0;
const VELOCITY_MAX: f64 = 1_000.0;

/// What it takes to tell who will be over one country.
#[derive(Clone, Debug)]
pub struct Forecast<'a> {
    country: CountryCode,
    boundaries: &'a Boundaries,
    frontier: Frontier,
}

impl<'a> Forecast<'a> {
    /// For that country.
    pub fn new(boundaries: &'a Boundaries, country: CountryCode) -> Self {
        Self { country, boundaries, frontier: Frontier::new(boundaries, country) }
    }

    /// Who is not over the country by its report, and will be within so many seconds of the
    /// snapshot; with the seconds until then, 0 for who must have come by now.
    pub fn arrivals<'s>(
        &self,
        sky: &'s Snapshot,
        within_seconds: u32,
    ) -> impl Iterator<Item = (&'s StateVector, u32)> {
        let elsewhere = |state: &&StateVector| state.current_country != Some(self.country);
        sky.aircraft().iter().filter(elsewhere).filter_map(move |state| {
            Some((state, self.enters_in(&Course::of(state, sky.time)?, within_seconds)?))
        })
    }

    /// The first second at which the course is over the country.
    fn enters_in(&self, course: &Course, within: u32) -> Option<u32> {
        if self.is_over(course, 0) {
            return Some(0);
        }
        let look = course.seconds_for(LOOK_METRES);
        let stride = course.seconds_for(2.0 * Frontier::MARGIN_METRES);
        let mut now = 0;
        while now < within {
            let end = within.min(now + stride);
            if self.frontier.is_near(course.at(f64::from(now + end) / 2.0)) {
                while now < end {
                    let next = end.min(now + look);
                    if self.is_over(course, next) {
                        return Some(self.entry(course, now, next));
                    }
                    now = next;
                }
            }
            now = end;
        }
        None
    }

    /// Halves the time between one outside and one inside until they are a second apart.
    fn entry(&self, course: &Course, mut outside: u32, mut inside: u32) -> u32 {
        while inside - outside > 1 {
            let middle = outside.midpoint(inside);
            match self.is_over(course, middle) {
                true => inside = middle,
                false => outside = middle,
            }
        }
        inside
    }

    fn is_over(&self, course: &Course, second: u32) -> bool {
        let point = course.at(f64::from(second));
        self.boundaries.country_at(point) == Some(self.country)
    }
}

/// An aircraft's way straight on.
struct Course {
    circle: GreatCircle,
    velocity: f64,
    /// How long before the snapshot it was where the circle begins, seconds.
    age: f64,
}

impl Course {
    /// `None` where it is unknown, on the ground, or standing still.
    fn of(state: &StateVector, time: i64) -> Option<Self> {
        let velocity = state.velocity.filter(|is| (VELOCITY_MIN..=VELOCITY_MAX).contains(is))?;
        let age = time.saturating_sub(state.time_position.unwrap_or(state.last_contact)).max(0);
        if state.on_ground || age > AGE_SECONDS_MAX {
            return None;
        }
        let circle = GreatCircle::new(state.position?, state.true_track?);
        Some(Self { circle, velocity, age: age as f64 })
    }

    /// Where it is so many seconds after the snapshot.
    fn at(&self, seconds: f64) -> Position {
        self.circle.after(self.velocity * (self.age + seconds))
    }

    /// The whole seconds in which it covers no more than that way, but one at least.
    fn seconds_for(&self, metres: f64) -> u32 {
        ((metres / self.velocity) as u32).max(1)
    }
}
