//! A whole row: an aircraft that the client does not have yet.

use super::identity;
use super::memory::Memory;
use super::models::*;
use super::range::Code;
use crate::aircraft::{Icao24, Knots};
use crate::airspace::{
    Cell, Course, EIGHTHS, Identity, LiveAircraft, Motion, Resolution, TURN, length,
};

/// Codes the next row, in the order of addresses. `None` if what was read is invalid.
pub(super) fn row<C: Code>(
    coder: &mut C,
    given: Option<&LiveAircraft>,
    memory: &mut Memory,
) -> Option<LiveAircraft> {
    let gap = given.map_or(0, |given| given.icao24.get() - memory.address);
    let gap = coder.number(GAP + memory.gap_digits * NUMBER, gap);
    memory.gap_digits = match 32 - gap.leading_zeros() {
        0..=6 => 1,
        7..=9 => 2,
        10..=12 => 3,
        13..=15 => 4,
        _ => 5,
    };
    memory.address = memory.address.checked_add(gap)?;
    let icao24 = Icao24::new(memory.address)?;
    let given = given.map(|given| (&given.motion, &given.identity));
    let (motion, identity) = body(coder, icao24, given, memory)?;
    Some(LiveAircraft { icao24, identity, motion })
}

/// Codes all of a row except its address.
pub(super) fn body<C: Code>(
    coder: &mut C,
    icao24: Icao24,
    given: Option<(&Motion, &Identity)>,
    memory: &mut Memory,
) -> Option<(Motion, Identity)> {
    let motion = motion(coder, given.map(|given| *given.0).unwrap_or_default(), memory)?;
    let identity = identity::identity(coder, icao24, given.map(|given| given.1), &motion, memory)?;
    Some((motion, identity))
}

fn motion<C: Code>(coder: &mut C, given: Motion, memory: &Memory) -> Option<Motion> {
    let by = memory.resolution;
    let on_ground = coder.bit(GROUND, given.on_ground);
    let side = usize::from(on_ground);
    let mut known = |field: usize, given: bool| coder.bit(KNOWN + field * 2 + side, given);
    let has_cell = known(0, given.cell.is_some());
    let has_altitude = known(1, given.altitude.is_some());
    let [velocity, track] = given.course.known();
    let has_course = [known(2, velocity), known(3, track)];
    let has_rate = known(4, given.vertical_rate.is_some());
    let age = coder.tree(AGE + side * 3, 2, u32::from(given.age)) as u8;
    let vertical_rate =
        has_rate.then(|| coder.signed(RATE + side * SIGNED, given.vertical_rate.unwrap_or(0)));
    let climbing = 1 + vertical_rate.unwrap_or(0).signum();
    let altitude =
        has_altitude.then(|| altitude(coder, given.altitude.unwrap_or(0), climbing as usize, by));
    let level = level(altitude, on_ground, by);
    let course = course(coder, (on_ground, has_course), given.course, level)?;
    let cell = match has_cell {
        true => Some(place(coder, given.cell.unwrap_or_default(), by)?),
        false => None,
    };
    let motion = Motion { cell, altitude, course, vertical_rate, on_ground, age };
    motion.is_possible(by).then_some(motion)
}

/// The altitude in nine levels of 5,000 feet; 9 on the ground.
pub(super) fn level(altitude: Option<i32>, on_ground: bool, by: Resolution) -> usize {
    match altitude {
        _ if on_ground => 9,
        None => 0,
        Some(steps) => (i64::from(steps) * by.altitude_feet() / 5_000).clamp(0, 8) as usize,
    }
}

/// Codes thousands of feet, then the rest: cruising levels are whole thousands.
fn altitude<C: Code>(coder: &mut C, given: i32, climbing: usize, by: Resolution) -> i32 {
    let steps = (1_000 / by.altitude_feet()) as i32;
    let (thousands, rest) = (given.div_euclid(steps), given.rem_euclid(steps));
    let ordinary = (0..63).contains(&thousands);
    let symbol = if ordinary { thousands as u32 } else { 63 };
    match coder.tree(ALTITUDE_THOUSANDS + climbing * 64, 6, symbol) {
        63 => coder.signed(ALTITUDE_OTHER, given),
        thousands => {
            let table = ALTITUDE_REST + (climbing * 2 + usize::from(thousands >= 18)) * 64;
            thousands as i32 * steps + coder.tree(table, 6, rest as u32) as i32
        }
    }
}

/// Codes velocity and track, of which these are known.
pub(super) fn course<C: Code>(
    coder: &mut C,
    (on_ground, known): (bool, [bool; 2]),
    given: Course,
    level: usize,
) -> Option<Course> {
    if !on_ground && known == [true; 2] {
        return vector(coder, given.vector(), level).map(Course::Vector);
    }
    let (velocity, track) = match given {
        Course::Polar { velocity, track } => (velocity.unwrap_or(0), track.unwrap_or(0)),
        Course::Vector(_) => (0, 0),
    };
    let velocity = match known[0] {
        false => None,
        true => {
            let (eighths, given) = (EIGHTHS as u32, u32::from(velocity));
            let knots = coder.number(POLAR_VELOCITY, given / eighths) as i32;
            let rest = eighth(coder, knots, given % eighths);
            Some(u16::try_from(knots * EIGHTHS + rest).ok()?)
        }
    };
    let track = known[1].then(|| coder.tree(POLAR_TRACK, TURN.ilog2(), u32::from(track)) as u8);
    Some(Course::Polar { velocity, track })
}

/// Codes the eighths of a knot above these whole knots: transponders send fewer the faster it is.
pub(super) fn eighth<C: Code>(coder: &mut C, knots: i32, given: u32) -> i32 {
    let coarseness = match knots {
        ..1 => 0,
        1 => 1,
        2..15 => 2,
        _ => 3,
    };
    coder.tree(POLAR_EIGHTH + coarseness * 8, 3, given) as i32
}

/// The parts of an octant, and so of the shorter component's range.
const SECTORS: i64 = 8;

/// Codes a vector: its length rounded down, the octant of its direction, its shorter component, and
/// which of the one or two possible longer ones it has.
fn vector<C: Code>(coder: &mut C, given: Knots, level: usize) -> Option<Knots> {
    let long = i64::from(knots(coder, length(given), level)?);
    let [east, north] = [given.east, given.north].map(i64::from);
    let (is_northward, given) = match north.abs() > east.abs() {
        true => (true, (north.abs(), east.abs())),
        false => (false, (east.abs(), north.abs())),
    };
    let signs = u32::from(east < 0) << 1 | u32::from(north < 0);
    let octant = coder.tree(OCTANT, 3, u32::from(is_northward) << 2 | signs);
    // Of x² + y² < (length + 1)² the shorter component has at most half.
    let most = (long + 1).pow(2) - 1;
    let total = (most / 2).isqrt() + 1;
    let part = coder.tree(SECTOR + octant as usize * 8, 3, (given.1 * SECTORS / total) as u32);
    let shorter = within(coder, part.into(), SECTORS, total, given.1);
    let root = (long.pow(2) - shorter.pow(2)).max(0).isqrt();
    let least = root + i64::from(root.pow(2) < long.pow(2) - shorter.pow(2));
    let (least, last) = (least.max(shorter), (most - shorter.pow(2)).max(0).isqrt());
    let count = u32::try_from(last - least + 1).ok().filter(|&count| count > 0)?;
    let longer = least + i64::from(coder.uniform(count, (given.0 - least).max(0) as u32));
    let (east, north) = if octant & 4 == 4 { (shorter, longer) } else { (longer, shorter) };
    let signed =
        |value: i64, bit: u32| i16::try_from(if octant & bit == 0 { value } else { -value });
    Some(Knots { east: signed(east, 2).ok()?, north: signed(north, 1).ok()? })
}

/// The longest vector's length, knots.
const KNOTS_MAX: u32 = 46_340;

/// Codes a length in whole knots.
fn knots<C: Code>(coder: &mut C, given: u32, level: usize) -> Option<u32> {
    let knots = match coder.tree(VELOCITY_HIGH + level * 64, 6, (given >> 4).min(63)) {
        63 => coder.number(VELOCITY_OTHER, given),
        high => high << 4 | coder.tree(VELOCITY_LOW, 4, given & 15),
    };
    (knots <= KNOTS_MAX).then_some(knots)
}

/// The depth of the quadtree of places: its leaves are 1.4° wide and 0.7° high.
const PLACE_DEPTH: u32 = 8;

/// Codes a cell: a path down a quadtree of the globe, under models, then uniformly in the leaf.
fn place<C: Code>(coder: &mut C, given: Cell, by: Resolution) -> Option<Cell> {
    let rows_max = Cell::rows_max(by);
    let rows = 2 * rows_max + 1;
    let parts = 1_i64 << PLACE_DEPTH;
    let row = i64::from(given.row) + rows_max;
    let (y, x) =
        (row * parts / rows, { i64::from(given.column) * parts / Cell::columns(given.row, by) });
    let (mut node, mut seen_y, mut seen_x) = (0_usize, 0, 0);
    for shift in (0..PLACE_DEPTH).rev() {
        let table = PLACE + node * 3;
        let north = coder.bit(table, y >> shift & 1 == 1);
        let east = coder.bit(table + 1 + usize::from(north), x >> shift & 1 == 1);
        seen_y = seen_y << 1 | i64::from(north);
        seen_x = seen_x << 1 | i64::from(east);
        node = node * 4 + 1 + usize::from(north) * 2 + usize::from(east);
    }
    let row = within(coder, seen_y, parts, rows, row) - rows_max;
    let columns = Cell::columns(row as i32, by);
    let column = within(coder, seen_x, parts, columns, i64::from(given.column));
    Some(Cell { row: row as i32, column: column as i32 })
}

/// Codes a value below `total`, given which of the equal parts it lies in.
fn within<C: Code>(coder: &mut C, part: i64, parts: i64, total: i64, given: i64) -> i64 {
    let start = (part * total + parts - 1) / parts;
    let end = ((part + 1) * total + parts - 1) / parts;
    if end <= start + 1 {
        return start.min(total - 1);
    }
    start + i64::from(coder.uniform((end - start) as u32, (given - start).max(0) as u32))
}
