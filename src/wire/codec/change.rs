//! The outcome of a row that the client has: removed, as predicted, or updated.

use super::identity;
use super::memory::Memory;
use super::models::*;
use super::range::Code;
use super::row::{body, course as whole_course, eighth, level};
use crate::aircraft::Knots;
use crate::airspace::{
    Cell, Course, EIGHTHS, Identity, LiveAircraft, Motion, Outcome, Phase, Point, Prediction,
    Resolution, Rotation, TURN, length,
};

/// The kind of flight, on which residuals depend most.
fn class(motion: &Motion, by: Resolution) -> usize {
    match motion.phase(by) {
        _ if motion.on_ground => 0,
        Phase::Low => 1,
        Phase::Between => 2,
        Phase::Cruising => 3,
    }
}

/// Frames less than this many seconds apart are quick: only values outside the dead-band are sent.
/// Residuals then are distributed differently, so they have models of their own.
pub const QUICK_SECONDS: i64 = 15;

fn cadence(seconds: i64) -> usize {
    usize::from(seconds < QUICK_SECONDS)
}

/// Codes the outcome of the `held` row, whose prediction is `prediction`. `given` is the outcome
/// to write; `None` when reading. Returns `None` if what was read is invalid.
pub(super) fn change<C: Code>(
    coder: &mut C,
    held: &LiveAircraft,
    prediction: &mut Prediction,
    given: Option<&Outcome<&Identity>>,
    memory: &mut Memory,
) -> Option<Outcome> {
    let class = class(&held.motion, memory.resolution);
    let age = usize::from(held.motion.age & 3);
    if coder.bit(GONE + age, matches!(given, Some(Outcome::Removed))) {
        return Some(Outcome::Removed);
    }
    let standing = usize::from(held.motion.course.stands());
    let new = match given {
        Some(Outcome::Updated { motion, identity }) => Some((motion, *identity)),
        _ => None,
    };
    let table = UPDATE + cadence(prediction.seconds()) * 64 + class * 8 + age * 2 + standing;
    if !coder.bit(table, new.is_some()) {
        return Some(Outcome::AsPredicted);
    }
    let residual = new.and_then(|new| residual(held, new, prediction));
    if coder.bit(CHANGED + class, new.is_some() && residual.is_none()) {
        let new = new.map(|(motion, identity)| (motion, identity.unwrap_or(&held.identity)));
        let (motion, identity) = body(coder, held.icao24, new, memory)?;
        return Some(Outcome::Updated { motion, identity: Some(identity) });
    }
    let given_motion = new.map(|(motion, _)| motion).zip(residual);
    let motion = motion(coder, prediction, given_motion, class)?;
    let given = new.and_then(|(_, identity)| identity);
    let identity = match coder.bit(CHANGE, given.is_some()) {
        true => Some(identity_change(coder, held, given, &motion, memory)?),
        false => None,
    };
    Some(Outcome::Updated { motion, identity })
}

/// Codes the fields of the identity that changed; `given` is the new identity.
fn identity_change<C: Code>(
    coder: &mut C,
    old: &LiveAircraft,
    given: Option<&Identity>,
    motion: &Motion,
    memory: &mut Memory,
) -> Option<Identity> {
    let mut identity = old.identity.clone();
    let new = given.unwrap_or(&old.identity);
    if coder.bit(CHANGE + 1, new.current_country != identity.current_country) {
        identity.current_country = identity::country(coder, new.current_country, motion, memory)?;
    }
    if coder.bit(CHANGE + 2, new.squawk != identity.squawk) {
        identity.squawk = identity::squawk(coder, new.squawk, motion)?;
    }
    if coder.bit(CHANGE + 3, new.callsign != identity.callsign) {
        identity.callsign = identity::callsign(coder, old.icao24, new.callsign)?;
    }
    if coder.bit(CHANGE + 4, new.spi != identity.spi) {
        identity.spi = !identity.spi;
    }
    Some(identity)
}

/// The largest residual of a place, cells; a row that jumps further is sent whole. A residual could
/// hold more, but a whole row is then cheaper. Every parallel has more than twice as many cells.
const RESIDUAL_CELLS_MAX: i64 = 1_500;

/// The place's residual: cells east and north of the predicted point. `None` if the new row has
/// other known fields, another rare field or too large a jump, and must be sent whole.
fn residual(
    held: &LiveAircraft,
    (new, identity): (&Motion, Option<&Identity>),
    prediction: &mut Prediction,
) -> Option<(i64, i64)> {
    let known = |motion: &Motion| {
        let Motion { cell, altitude, vertical_rate, course, .. } = motion;
        (cell.is_some(), altitude.is_some(), vertical_rate.is_some(), course.known())
    };
    let has_same_rare_fields = |new: &Identity| {
        let Identity { ref origin_country, position_source, category, .. } = held.identity;
        *origin_country == new.origin_country
            && position_source == new.position_source
            && category == new.category
    };
    if known(&held.motion) != known(new) || !identity.is_none_or(has_same_rare_fields) {
        return None;
    }
    let by = prediction.resolution();
    let (Some(predicted), Some(cell)) = (prediction.point(new.course), new.cell) else {
        return Some((0, 0));
    };
    let north = i64::from(cell.row - Cell::row_of(predicted, by));
    // Predict the column in the actual row, since each row has columns of its own.
    let predicted_column = Cell::column_in(predicted, cell.row, by);
    let mut east = i64::from(cell.column) - predicted_column;
    if east.abs() > RESIDUAL_CELLS_MAX {
        // Perhaps the shorter way crosses the antimeridian.
        let columns = Cell::columns(cell.row, by);
        east = (east + columns / 2).rem_euclid(columns) - columns / 2;
    }
    let near = east.abs() <= RESIDUAL_CELLS_MAX && north.abs() <= RESIDUAL_CELLS_MAX;
    near.then_some((east, north))
}

/// What the residuals of a row depend on.
struct Context {
    is_quick: bool,
    class: usize,
    /// The position's age: 0 is and was new, 1 was old, 2 gets old, 3 stays old, 4 over a minute.
    ages: usize,
}

impl Context {
    fn of(cadence: usize, class: usize, old_age: u8, age: u8) -> Self {
        let ages = match (old_age, age) {
            (0, 0) => 0,
            (_, 0) => 1,
            (0, 1) => 2,
            (_, 1) => 3,
            _ => 4,
        };
        Self { is_quick: cadence == 1, class, ages }
    }

    /// The models of a residual: those with this index of `count`, or those of quick frames.
    fn models(&self, table: usize, count: usize, index: usize) -> usize {
        let index = if self.is_quick { count + self.coarse() } else { index };
        table + index * SIGNED
    }

    /// The index of a residual that is too rare for more: one of eight.
    fn coarse(&self) -> usize {
        self.class * 2 + usize::from(self.ages > 0)
    }
}

/// Codes the new motion. `given` is the motion and its place's residual; `None` when reading.
fn motion<C: Code>(
    coder: &mut C,
    prediction: &mut Prediction,
    given: Option<(&Motion, (i64, i64))>,
    class: usize,
) -> Option<Motion> {
    let (old, by) = (*prediction.held(), prediction.resolution());
    let new = given.map_or(&old, |(new, _)| new);
    let on_ground = old.on_ground ^ coder.bit(CHANGE + 5 + class, new.on_ground != old.on_ground);
    let cadence = cadence(prediction.seconds());
    let ages = AGE_UPDATE + cadence * 48 + (class * 4 + usize::from(old.age & 3)) * 3;
    let age = coder.tree(ages, 2, new.age.into()) as u8;
    let context = Context::of(cadence, class, old.age, age);
    let course = course(coder, &old, (on_ground, new.course), &context, by)?;
    let difference = |new: Option<i32>, old: i32| new.unwrap_or(0).wrapping_sub(old);
    let vertical_rate = old.vertical_rate.map(|rate| {
        let is_kept = usize::from(course == old.course);
        let index = (class.max(1) - 1) * 6 + steepness(rate) * 2 + is_kept;
        let table = context.models(RATE_UPDATE, RATE_UPDATES, index);
        // Positive is further up or down, which is less frequent than levelling off.
        let onward = if rate < 0 { -1 } else { 1 };
        let steeper = onward * difference(new.vertical_rate, rate);
        rate.wrapping_add(onward * coder.signed(table, steeper))
    });
    let altitude = prediction.altitude(vertical_rate, age).map(|altitude| {
        let index = (class * 4 + levelling(old.vertical_rate, vertical_rate)) * 5 + context.ages;
        let table = context.models(ALTITUDE_UPDATE, ALTITUDE_UPDATES, index);
        altitude.wrapping_add(coder.signed(table, difference(new.altitude, altitude)))
    });
    let cell = match old.cell {
        None => None,
        Some(_) => Some(cell(coder, prediction, course, given, &context)?),
    };
    let motion = Motion { cell, altitude, course, vertical_rate, on_ground, age };
    // Only what is read must be checked.
    (given.is_some() || motion.is_possible(by)).then_some(motion)
}

/// How steep a climb or descent is: 0 for none, 1 up to 8 steps of vertical rate, else 2.
fn steepness(rate: i32) -> usize {
    usize::from(rate != 0) + usize::from(rate.unsigned_abs() > 8)
}

/// How the climb changes: 0 for level flight, else 1 more than the steepness of the change.
fn levelling(old: Option<i32>, new: Option<i32>) -> usize {
    match (old.unwrap_or(0), new.unwrap_or(0)) {
        (0, 0) => 0,
        (old, new) => 1 + steepness(new.wrapping_sub(old)),
    }
}

/// How fast a vector is: 0 below 120 kt, 1 below 250 kt, else 2.
fn speed(knots: Knots) -> usize {
    let knots = length(knots);
    usize::from(knots >= 120) + usize::from(knots >= 250)
}

/// Codes the new cell by its residual along the mean vector and to the left of it.
fn cell<C: Code>(
    coder: &mut C,
    prediction: &mut Prediction,
    course: Course,
    given: Option<(&Motion, (i64, i64))>,
    context: &Context,
) -> Option<Cell> {
    let [old, new] = [prediction.held().course, course].map(Course::vector);
    let mean = |old: i16, new: i16| ((i32::from(old) + i32::from(new)) / 2) as i16;
    let rotation =
        Rotation::onto(Knots { east: mean(old.east, new.east), north: mean(old.north, new.north) });
    // Positive to the left.
    let turn =
        i64::from(old.east) * i64::from(new.north) - i64::from(old.north) * i64::from(new.east);
    let whole = i64::from(length(old)) * i64::from(length(new));
    let sharpness = match turn.abs() {
        _ if old == new => 0,
        sine if sine * 32 <= whole => 1,
        sine if sine * 8 <= whole => 2,
        _ => 3,
    };
    let kind = if context.class == 0 { 0 } else { context.class * 3 - 2 + speed(old) };
    let index = (kind * 4 + sharpness) * 5 + context.ages;
    let (along, left) = given.map_or((0, 0), |(_, residual)| rotation.turn(residual));
    let table = context.models(ALONG_UPDATE, PLACE_UPDATES, index);
    let along = coder.signed(table, along as i32);
    // Positive is outward of the turn, where aircraft are more often than inward.
    let outward = if turn > 0 { -1 } else { 1 };
    let table = context.models(CROSS_UPDATE, PLACE_UPDATES, index);
    let left = outward * coder.signed(table, outward * left as i32);
    match given {
        // The writing side knows the cell already.
        Some((motion, _)) => motion.cell,
        None => {
            let residual = rotation.turn_back((along.into(), left.into()));
            place(prediction.point(course)?, residual, prediction.resolution())
        }
    }
}

/// Codes the new course of a row with the same known fields.
fn course<C: Code>(
    coder: &mut C,
    old: &Motion,
    (on_ground, new): (bool, Course),
    context: &Context,
    by: Resolution,
) -> Option<Course> {
    match (old.course, new) {
        (course, new) if on_ground != old.on_ground => {
            let level = level(old.altitude, on_ground, by);
            whole_course(coder, (on_ground, course.known()), new, level)
        }
        (Course::Vector(knots), new) => {
            vector(coder, (knots, old.vertical_rate), new.vector(), context).map(Course::Vector)
        }
        (Course::Polar { velocity, track }, new) => {
            let (new_velocity, new_track) = match new {
                Course::Polar { velocity, track } => (velocity, track),
                Course::Vector(_) => (None, None),
            };
            let velocity = match velocity {
                None => None,
                Some(old) => Some(eighths(coder, old, new_velocity.unwrap_or(old), context)?),
            };
            let track = track.map(|old| {
                let half = i32::from(TURN / 2);
                let turned = i32::from(new_track.unwrap_or(old)) - i32::from(old);
                let turned = (turned + half).rem_euclid(2 * half) - half;
                let turned =
                    coder.signed(context.models(POLAR_TRACK_UPDATE, 0, context.coarse()), turned);
                (i32::from(old) + turned).rem_euclid(2 * half) as u8
            });
            Some(Course::Polar { velocity, track })
        }
    }
}

/// Codes a new vector by its residual along the old one and to its left.
fn vector<C: Code>(
    coder: &mut C,
    (old, rate): (Knots, Option<i32>),
    new: Knots,
    context: &Context,
) -> Option<Knots> {
    let rate = rate.unwrap_or(0);
    let climb = steepness(rate) + if rate < 0 { 2 } else { 0 };
    let kind = context.class * 3 - 3 + speed(old);
    let age = context.ages.min(2);
    let minus = |new: i16, old: i16| i64::from(new) - i64::from(old);
    let rotation = Rotation::onto(old);
    let (along, left) = rotation.turn((minus(new.east, old.east), minus(new.north, old.north)));
    let table = context.models(VECTOR_ALONG, ALONG_UPDATES, (kind * 5 + climb) * 3 + age);
    let along = coder.signed(table, along as i32);
    let faster = usize::from(along != 0) + usize::from(along.unsigned_abs() > 2);
    let table = context.models(VECTOR_LEFT, LEFT_UPDATES, (kind * 3 + faster) * 3 + age);
    let left = coder.signed(table, left as i32);
    let (east, north) = rotation.turn_back((along.into(), left.into()));
    let plus = |old: i16, by: i64| i16::try_from(i64::from(old) + by).ok();
    Some(Knots { east: plus(old.east, east)?, north: plus(old.north, north)? })
}

/// Codes a velocity in eighths of a knot: the whole knots less the old ones, then the rest.
fn eighths<C: Code>(coder: &mut C, old: u16, new: u16, context: &Context) -> Option<u16> {
    let knots = |eighths: u16| i32::from(eighths) / EIGHTHS;
    let table = context.models(POLAR_VELOCITY_UPDATE, 0, context.coarse());
    let knots = knots(old) + coder.signed(table, knots(new) - knots(old));
    let rest = eighth(coder, knots, u32::from(new) % EIGHTHS as u32);
    u16::try_from(knots.checked_mul(EIGHTHS)? + rest).ok()
}

/// The cell this many cells east and north of the predicted point; `None` if it is off the globe.
fn place(predicted: Point, (east, north): (i64, i64), by: Resolution) -> Option<Cell> {
    let row = i64::from(Cell::row_of(predicted, by)) + north;
    let row = i32::try_from(row)
        .ok()
        .filter(|row| i64::from(row.unsigned_abs()) <= Cell::rows_max(by))?;
    let column = (Cell::column_in(predicted, row, by) + east).rem_euclid(Cell::columns(row, by));
    Some(Cell { row, column: column as i32 })
}
