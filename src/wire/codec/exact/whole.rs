//! A whole row: an aircraft that the minutes before do not have.

use super::super::range::Code;
use super::identity;
use super::memory::Memory;
use super::models::*;
use super::numbers::{NUMBER, Numbers, SIGNED};
use super::row::{self, Identity, Motion, Row};
use super::units::*;
use crate::aircraft::Icao24;

/// Codes all of a row except its address. `None` if what was read is invalid.
pub(super) fn row<C: Code>(
    coder: &mut C,
    icao24: Icao24,
    given: Option<&Row>,
    time: i64,
    units: &Units,
    memory: &mut Memory,
) -> Option<Row> {
    memory.leaf = None;
    let motion = given.map(|given| given.motion).unwrap_or_default();
    let motion = whole(coder, &motion, time, units, memory)?;
    let none = Identity::default();
    let identity = given.map_or(&none, |given| &given.identity);
    let identity = identity::whole(coder, icao24, identity, motion.on_ground, memory)?;
    Some(Row { icao24, motion, identity, history: Default::default() })
}

/// Codes the gap to the address before.
pub(super) fn address<C: Code>(
    coder: &mut C,
    given: Option<Icao24>,
    memory: &mut Memory,
) -> Option<Icao24> {
    let gap = given.map_or(0, |given| given.get().wrapping_sub(memory.address));
    let gap = coder.count(GAP + memory.gap_class * NUMBER, gap);
    memory.gap_class = match 32 - gap.leading_zeros() {
        0..=6 => 1,
        7..=9 => 2,
        10..=12 => 3,
        13..=15 => 4,
        _ => 5,
    };
    memory.address = memory.address.checked_add(gap)?;
    Icao24::new(memory.address)
}

fn whole<C: Code>(
    coder: &mut C,
    given: &Motion,
    time: i64,
    units: &Units,
    memory: &mut Memory,
) -> Option<Motion> {
    let mut read = Motion { on_ground: coder.bit(GROUND, given.on_ground), ..Motion::default() };
    forms(coder, given, &mut read)?;
    read.last_contact =
        time.wrapping_sub(coder.difference(CONTACT, time.wrapping_sub(given.last_contact)));
    if coder.bit(LAG_KNOWN, given.time_position.is_some()) {
        let lag = given.time_position.map_or(0, |at| given.last_contact.wrapping_sub(at));
        let lag = coder.difference(LAG + SIGNED * usize::from(read.on_ground), lag);
        read.time_position = Some(read.last_contact.wrapping_sub(lag));
    }
    for column in [RATE, BARO, GEO, VELOCITY, TRACK, LATITUDE] {
        number(coder, column, given, &mut read, units, memory)?;
    }
    Some(read)
}

/// Codes the form of each number. `None` if they are impossible.
pub(super) fn forms<C: Code>(coder: &mut C, given: &Motion, read: &mut Motion) -> Option<()> {
    for column in 0..COLUMNS {
        let table = FORM + (column * 2 + usize::from(read.on_ground)) * 7;
        // Most longitudes have the form of the latitude, and most tracks that of the velocity; the
        // models know.
        read.forms[column] = coder.tree(table, 3, given.forms[column].into()) as u8;
    }
    let is_known = |column: usize| read.forms[column] != NIL;
    let is_vector = |column: usize| row::is_vector(read.forms[column]);
    let is_possible = ![LONGITUDE, LATITUDE, BARO, GEO, RATE].into_iter().any(is_vector)
        && (read.forms[VELOCITY] == read.forms[TRACK] || !is_vector(VELOCITY) && !is_vector(TRACK))
        && is_known(LONGITUDE) == is_known(LATITUDE);
    is_possible.then_some(())
}

/// Codes the number of a column without its old value, in the form that is read already. The
/// velocity of a vector brings the track, and the latitude the longitude.
pub(super) fn number<C: Code>(
    coder: &mut C,
    column: usize,
    given: &Motion,
    read: &mut Motion,
    units: &Units,
    memory: &mut Memory,
) -> Option<()> {
    let (form, steps) = (read.forms[column], given_steps(given, read, column));
    let side = usize::from(read.on_ground);
    match (column, form) {
        (LATITUDE, UNIT..) if read.forms[LONGITUDE] >= UNIT => {
            return place(coder, given, read, units, memory);
        }
        (LATITUDE, NIL) => return Some(()),
        (LATITUDE, _) => {
            // Rare: not decimals.
            for column in [LATITUDE, LONGITUDE] {
                read.steps[column] = coder.bits(given_steps(given, read, column));
            }
            return Some(());
        }
        _ => {}
    }
    read.steps[column] = match (column, form) {
        (_, NIL) => 0,
        (_, BITS) => coder.bits(steps),
        (VELOCITY, VECTOR | READSB_VECTOR) => return vector(coder, given, read, units),
        (TRACK, VECTOR | READSB_VECTOR) => return Some(()),
        (RATE, _) => coder.difference(RATE_WHOLE + SIGNED * side, steps),
        (BARO, _) => {
            let climb = 1 + read.micro(RATE, units).signum();
            altitude(coder, steps, climb as usize)
        }
        (GEO, form) if form == read.forms[BARO] => {
            let baro = read.steps[BARO];
            baro.wrapping_add(coder.difference(GEO_OVER_BARO, steps.wrapping_sub(baro)))
        }
        (GEO, _) => coder.difference(ALTITUDE_OTHER, steps),
        (VELOCITY, _) => coder.difference(VELOCITY_WHOLE + SIGNED * side, steps),
        (TRACK, _) => coder.difference(TRACK_WHOLE + SIGNED * side, steps),
        _ => return None,
    };
    Some(())
}

/// The steps to write; 0 when reading, where `given` is another row.
fn given_steps(given: &Motion, read: &Motion, column: usize) -> i64 {
    if given.forms[column] == read.forms[column] { given.steps[column] } else { 0 }
}

/// Codes thousands of feet, then the rest in steps of 25 feet: cruising levels are whole thousands.
fn altitude<C: Code>(coder: &mut C, given: i64, climb: usize) -> i64 {
    const STEPS: i64 = 40;
    let (thousands, rest) = (given.div_euclid(STEPS), given.rem_euclid(STEPS));
    let symbol = if (0..63).contains(&thousands) { thousands as u32 } else { 63 };
    match coder.tree(ALTITUDE_THOUSANDS + climb * 64, 6, symbol) {
        63 => coder.difference(ALTITUDE_OTHER, given),
        thousands => {
            let table = ALTITUDE_REST + (climb * 2 + usize::from(thousands >= 18)) * 64;
            i64::from(thousands) * STEPS + i64::from(coder.tree(table, 6, rest as u32))
        }
    }
}

/// Codes a vector in knots: a ring 8 knots wide, then a uniform place in it.
fn vector<C: Code>(coder: &mut C, given: &Motion, read: &mut Motion, units: &Units) -> Option<()> {
    const WIDTH: u32 = 8;
    let level = match read.on_ground {
        true => 9,
        // By 5,000 feet.
        false => (read.micro(BARO, units) / 1_524_000_000).clamp(0, 8) as usize,
    };
    let [east, north] = [VELOCITY, TRACK].map(|column| given_steps(given, read, column));
    let length = ((east * east + north * north) as u64).isqrt() as u32;
    let ring = coder.tree(SPEED_CLASS + level * 64, 6, (length / WIDTH).min(63));
    let (east, north) = if ring == 63 {
        (coder.difference(SPEED_OTHER, east), coder.difference(SPEED_OTHER + SIGNED, north))
    } else {
        let (inner, outer) = (ring * WIDTH, (ring + 1) * WIDTH);
        let east = east + i64::from(outer) - 1;
        let east = i64::from(coder.uniform(2 * outer - 1, east as u32)) - i64::from(outer) + 1;
        let square = (east * east) as u32;
        let most = (outer * outer - 1 - square).isqrt();
        let inside = (inner * inner).saturating_sub(square);
        let least = if inside == 0 { 0 } else { (inside - 1).isqrt() + 1 };
        let is_south = coder.bit(SOUTHWARD, north < 0);
        let length = north.unsigned_abs() as u32;
        let length = least + coder.uniform(most + 1 - least, length.wrapping_sub(least));
        (east, if is_south { -i64::from(length) } else { length.into() })
    };
    (read.steps[VELOCITY], read.steps[TRACK]) = (east, north);
    let is_short = |steps: i64| i16::try_from(steps).is_ok();
    (is_short(east) && is_short(north)).then_some(())
}

/// The depth of the quadtree of places: its leaves are 1.4° wide and 0.7° high.
const PLACE_DEPTH: u32 = 8;
const PARTS: i64 = 1 << PLACE_DEPTH;

/// Codes a position: a path down a quadtree of the globe, under models, then uniformly in the leaf.
fn place<C: Code>(
    coder: &mut C,
    given: &Motion,
    read: &mut Motion,
    units: &Units,
    memory: &mut Memory,
) -> Option<()> {
    let axis = |column: usize, reach: i64| {
        let unit = units.unit(column, read.forms[column])?;
        Some(Axis { reach: unit.nearest(reach), steps: given_steps(given, read, column) })
    };
    let (x, y) = (axis(LONGITUDE, 180_000_000)?, axis(LATITUDE, 90_000_000)?);
    let (part_x, part_y) = (x.part(), y.part());
    let (mut node, mut seen_y, mut seen_x) = (0_usize, 0, 0);
    for shift in (0..PLACE_DEPTH).rev() {
        let table = PLACE + node * 3;
        let north = coder.bit(table, part_y >> shift & 1 == 1);
        let east = coder.bit(table + 1 + usize::from(north), part_x >> shift & 1 == 1);
        seen_y = seen_y << 1 | i64::from(north);
        seen_x = seen_x << 1 | i64::from(east);
        node = node * 4 + 1 + usize::from(north) * 2 + usize::from(east);
    }
    memory.leaf = Some((seen_y << PLACE_DEPTH | seen_x) as u16);
    read.steps[LATITUDE] = y.within(coder, seen_y);
    read.steps[LONGITUDE] = x.within(coder, seen_x);
    Some(())
}

/// The steps along a coordinate, from −reach to reach.
struct Axis {
    reach: i64,
    steps: i64,
}

impl Axis {
    fn total(&self) -> i64 {
        2 * self.reach + 1
    }

    /// Which of the equal parts the steps lie in.
    fn part(&self) -> i64 {
        self.steps.saturating_add(self.reach).clamp(0, 2 * self.reach) * PARTS / self.total()
    }

    /// Codes the steps, given their part.
    fn within<C: Code>(&self, coder: &mut C, part: i64) -> i64 {
        let start = (part * self.total() + PARTS - 1) / PARTS;
        let end = ((part + 1) * self.total() + PARTS - 1) / PARTS;
        let given =
            self.steps.saturating_add(self.reach - start).clamp(0, (end - start - 1).max(0));
        start - self.reach + i64::from(coder.even((end - start).max(1) as u32, given as u32))
    }
}
