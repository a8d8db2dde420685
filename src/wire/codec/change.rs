//! The outcome of a row that the client has: removed, as predicted, or updated.

use super::identity;
use super::memory::Memory;
use super::models::*;
use super::range::Code;
use super::row::body;
use crate::airspace::{
    Cell, Identity, LiveAircraft, Motion, Outcome, Phase, Point, Prediction, Resolution, turn,
    turn_back,
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
    let standing = usize::from(held.motion.velocity.unwrap_or(0) == 0);
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
        [
            motion.cell.is_some(),
            motion.altitude.is_some(),
            motion.velocity.is_some(),
            motion.track.is_some(),
            motion.vertical_rate.is_some(),
        ]
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
    let (Some(predicted), Some(cell)) = (prediction.point(new.velocity, new.track), new.cell)
    else {
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
    // An old or late position makes the prediction worse.
    let stale = usize::from(old.age > 0 || age > 0);
    let difference = |new: Option<i32>, old: i32| new.unwrap_or(0).wrapping_sub(old);
    let vertical_rate = old.vertical_rate.map(|rate| {
        let steepness = [0, 1, 2][(rate != 0) as usize + (rate.unsigned_abs() > 8) as usize];
        let table = RATE_UPDATE + (cadence * 9 + class.max(1) * 3 - 3 + steepness) * SIGNED;
        rate.wrapping_add(coder.signed(table, difference(new.vertical_rate, rate)))
    });
    let level = usize::from(old.vertical_rate.unwrap_or(0) != 0 || vertical_rate.unwrap_or(0) != 0);
    let kind = match class {
        0 => 0,
        3 => 1 + level,
        1 => 3 + level,
        _ => 5,
    };
    let track = old.track.map(|track| {
        let turn = (360 / by.track_degrees()) as i32;
        let turned = difference(new.track, track);
        let turned = (turned + turn / 2).rem_euclid(turn) - turn / 2;
        (track + coder.signed(TRACK_UPDATE + (cadence * 6 + kind) * SIGNED, turned) % turn)
            .rem_euclid(turn)
    });
    let velocity = old.velocity.map(|velocity| {
        let table = VELOCITY_UPDATE + (cadence * 12 + kind * 2 + stale) * SIGNED;
        velocity.wrapping_add(coder.signed(table, difference(new.velocity, velocity)))
    });
    let altitude = prediction.altitude(vertical_rate, age).map(|altitude| {
        let table = ALTITUDE_UPDATE + (cadence * 12 + kind * 2 + stale) * SIGNED;
        altitude.wrapping_add(coder.signed(table, difference(new.altitude, altitude)))
    });
    let mut read = Motion { cell: None, altitude, velocity, track, vertical_rate, on_ground, age };
    if old.cell.is_some() {
        let (mean_track, turned) = old.arc(track.unwrap_or(0), by);
        let (along, cross) = given.map_or((0, 0), |(_, residual)| turn(residual, mean_track));
        let sharpness = usize::from(turned != 0) + usize::from(turned.abs() > 5);
        let table = (cadence * 24 + class * 6 + sharpness * 2 + stale) * SIGNED;
        let along = coder.signed(ALONG_UPDATE + table, along as i32);
        // Positive is outward of the turn, where aircraft are more often than inward.
        let outward = if turned < 0 { -1 } else { 1 };
        let cross = outward * coder.signed(CROSS_UPDATE + table, outward * cross as i32);
        read.cell = match given {
            // The writing side knows the cell already.
            Some((new, _)) => new.cell,
            None => {
                let residual = turn_back((along.into(), cross.into()), mean_track);
                Some(place(prediction.point(velocity, track)?, residual, by)?)
            }
        };
    }
    // Only what is read must be checked.
    (given.is_some() || read.is_possible(by)).then_some(read)
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
