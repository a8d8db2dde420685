//! A whole row: an aircraft that the client does not have yet.

use super::identity;
use super::memory::Memory;
use super::models::*;
use super::range::Code;
use crate::aircraft::Icao24;
use crate::airspace::{Cell, Identity, LiveAircraft, Motion, Resolution};

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
    let has_velocity = known(2, given.velocity.is_some());
    let has_track = known(3, given.track.is_some());
    let has_rate = known(4, given.vertical_rate.is_some());
    let age = coder.tree(AGE + side * 3, 2, u32::from(given.age)) as u8;
    let vertical_rate =
        has_rate.then(|| coder.signed(RATE + side * SIGNED, given.vertical_rate.unwrap_or(0)));
    let climbing = 1 + vertical_rate.unwrap_or(0).signum();
    let altitude =
        has_altitude.then(|| altitude(coder, given.altitude.unwrap_or(0), climbing as usize, by));
    let level = level(altitude, on_ground, by);
    let velocity = has_velocity.then(|| velocity(coder, given.velocity.unwrap_or(0), level, by));
    let track = has_track.then(|| track(coder, given.track.unwrap_or(0), side));
    let cell = match has_cell {
        true => Some(place(coder, given.cell.unwrap_or_default(), by)?),
        false => None,
    };
    let motion = Motion { cell, altitude, velocity, track, vertical_rate, on_ground, age };
    motion.is_possible(by).then_some(motion)
}

/// The altitude in nine levels of 5,000 feet; 9 on the ground.
fn level(altitude: Option<i32>, on_ground: bool, by: Resolution) -> usize {
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

fn velocity<C: Code>(coder: &mut C, given: i32, level: usize, by: Resolution) -> i32 {
    let bits = if by.velocity_knots() == 1 { 4 } else { 3 };
    let symbol = (given >> bits).clamp(0, 63);
    match coder.tree(VELOCITY_HIGH + level * 64, 6, symbol as u32) {
        63 => coder.number(VELOCITY_OTHER, given.max(0).unsigned_abs()) as i32,
        high => {
            (high << bits | coder.tree(VELOCITY_LOW, bits, given as u32 & ((1 << bits) - 1))) as i32
        }
    }
}

fn track<C: Code>(coder: &mut C, given: i32, side: usize) -> i32 {
    let high = coder.tree(TRACK_HIGH + side * 64, 6, (given as u32 >> 3) & 63);
    (high << 3 | coder.tree(TRACK_LOW, 3, given as u32 & 7)) as i32
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
