//! The change of a row from one minute to another, later or earlier.

use super::super::range::Code;
use super::memory::Memory;
use super::models::*;
use super::numbers::{Numbers, SIGNED};
use super::row::{History, Motion, ONE, Row};
use super::units::*;
use super::{identity, whole};
use crate::airspace::cosine_of_latitude;

/// Two minutes of which the second is coded after the first, Unix seconds.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// How long ago the last contact was, in four classes.
pub(super) fn staleness(row: &Row, time: i64) -> usize {
    match time.wrapping_sub(row.motion.last_contact) {
        ..=2 => 0,
        3..=15 => 1,
        16..=70 => 2,
        _ => 3,
    }
}

/// Makes the row that of the other minute; `given` is the row to write. `None` if what was read is
/// invalid.
pub(super) fn change<C: Code>(
    coder: &mut C,
    row: &mut Row,
    given: Option<&Row>,
    step: Step,
    units: &Units,
    memory: &mut Memory,
) -> Option<()> {
    let stale = staleness(row, step.from);
    let old = row.motion;
    let given_motion = given.map_or(&old, |given| &given.motion);
    let is_same = given.is_some_and(|given| given.motion == old && given.identity == row.identity);
    if coder.bit(SAME + stale * 2 + usize::from(old.on_ground), is_same) {
        return Some(());
    }
    row.motion = Change { old: &old, step, stale, units }.motion(
        coder,
        given_motion,
        &mut row.history,
        memory,
    )?;
    if coder.bit(IDENTITY_CHANGE, given.is_some_and(|given| given.identity != row.identity)) {
        let given = given.map_or(&row.identity, |given| &given.identity);
        row.identity = identity::change(coder, row, given, memory)?;
    }
    Some(())
}

/// The change of a motion.
struct Change<'a> {
    old: &'a Motion,
    step: Step,
    stale: usize,
    units: &'a Units,
}

impl Change<'_> {
    fn motion<C: Code>(
        &self,
        coder: &mut C,
        given: &Motion,
        history: &mut History,
        memory: &mut Memory,
    ) -> Option<Motion> {
        let old = self.old;
        let mut read = *old;
        self.times(coder, given, &mut read);
        let class = self.class();
        let has_forms = given.on_ground == old.on_ground && given.forms == old.forms;
        if !coder.bit(FORMS_SAME + class, has_forms) {
            read.on_ground = coder.bit(GROUND, given.on_ground);
            whole::forms(coder, given, &mut read)?;
            for column in 0..COLUMNS {
                if read.forms[column] != old.forms[column] {
                    read.steps[column] = 0;
                }
            }
        }
        for column in [RATE, VELOCITY, TRACK, BARO, GEO, LATITUDE] {
            let is_same = |column: usize| read.forms[column] == old.forms[column];
            if !is_same(column) || column == LATITUDE && !is_same(LONGITUDE) {
                whole::number(coder, column, given, &mut read, self.units, memory)?;
            } else {
                self.column(coder, column, given, &mut read, class, history)?;
            }
        }
        Some(read)
    }

    /// Codes the number of a column whose form is the old one; that of the latitude with the
    /// longitude, and that of the velocity with the track if they are of a vector.
    fn column<C: Code>(
        &self,
        coder: &mut C,
        column: usize,
        given: &Motion,
        read: &mut Motion,
        class: usize,
        history: &mut History,
    ) -> Option<()> {
        let old = self.old;
        let steep = steepness(old.micro(RATE, self.units));
        match (column, read.forms[column]) {
            (_, NIL) | (TRACK, VECTOR | READSB_VECTOR) => {}
            (VELOCITY, VECTOR | READSB_VECTOR) => {
                self.vector(coder, given, read, class, history)?
            }
            (LATITUDE, UNIT..) if read.forms[LONGITUDE] >= UNIT => {
                self.position(coder, given, read, class, history);
            }
            (LATITUDE, _) => {
                self.bits(coder, LATITUDE, given, read);
                self.bits(coder, LONGITUDE, given, read);
            }
            (_, BITS) => self.bits(coder, column, given, read),
            (RATE, _) => {
                let table = RATE_CHANGE + (class * 4 + steep) * SIGNED;
                let change = self.number(coder, table, RATE, given, read, 0);
                history.climbed = magnitude(change);
            }
            (VELOCITY | TRACK, _) => {
                let table = if column == TRACK { TRACK_CHANGE } else { VELOCITY_CHANGE };
                let table = table + SIGNED * usize::from(read.on_ground);
                self.number(coder, table, column, given, read, 0);
            }
            (BARO, _) => {
                let is_steeper = usize::from(history.climbed > 0);
                let kind = class * 4 + steep.min(1) * 2 + is_steeper;
                let climb = self.climb(read);
                self.number(coder, BARO_CHANGE + kind * SIGNED, BARO, given, read, climb);
            }
            _ => {
                // Both altitudes mostly change by the same.
                let beside = old.forms[BARO] >= UNIT && read.forms[BARO] == old.forms[BARO];
                let climb = match beside {
                    true => {
                        let [from, to] = [old, read].map(|of| of.micro(BARO, self.units));
                        to.saturating_sub(from)
                    }
                    false => self.climb(read),
                };
                let kind = usize::from(climb != 0)
                    + 2 * usize::from(!beside)
                    + 4 * usize::from(class == 3);
                self.number(coder, GEO_CHANGE + kind * SIGNED, GEO, given, read, climb);
            }
        }
        Some(())
    }

    /// Codes a number that no unit has.
    fn bits<C: Code>(&self, coder: &mut C, column: usize, given: &Motion, read: &mut Motion) {
        let new = given.steps[column];
        if !coder.bit(BITS_SAME + column, new == self.old.steps[column]) {
            read.steps[column] = coder.bits(new);
        }
    }

    fn times<C: Code>(&self, coder: &mut C, given: &Motion, read: &mut Motion) {
        let old = self.old;
        let is_same = coder.bit(CONTACT_SAME + self.stale, given.last_contact == old.last_contact);
        if !is_same {
            let age = self.step.to.wrapping_sub(given.last_contact);
            let age = coder.difference(CONTACT_CHANGE + SIGNED * self.stale, age);
            read.last_contact = self.step.to.wrapping_sub(age);
        }
        let lag = |motion: &Motion| {
            motion.time_position.map_or(0, |at| motion.last_contact.wrapping_sub(at))
        };
        let before = match lag(old) {
            _ if old.time_position.is_none() => 3,
            0 => 0,
            1..=2 => 1,
            _ => 2,
        };
        let table = POSITION_TIME_SAME + 2 * before + usize::from(is_same);
        if coder.bit(table, given.time_position == old.time_position) {
            return;
        }
        read.time_position = coder.bit(LAG_KNOWN + 1, given.time_position.is_some()).then(|| {
            let lag = coder.difference(LAG_CHANGE + SIGNED * before, lag(given));
            read.last_contact.wrapping_sub(lag)
        });
    }

    /// The kind of flight: 0 on the ground, 1 low, 2 between, 3 cruising.
    fn class(&self) -> usize {
        let old = self.old;
        let column = if old.forms[BARO] == NIL { GEO } else { BARO };
        let metres = old.micro(column, self.units) / 1_000_000;
        match metres {
            _ if old.on_ground => 0,
            ..3_048 => 1,
            7_315.. if old.micro(RATE, self.units).abs() < 1_800_000 => 3,
            _ => 2,
        }
    }

    /// Codes a number as its difference from the old one and what it is expected to change by, in
    /// millionths; returns the difference.
    fn number<C: Code>(
        &self,
        coder: &mut C,
        table: usize,
        column: usize,
        given: &Motion,
        read: &mut Motion,
        micro: i64,
    ) -> i64 {
        let old = self.old.steps[column];
        let predicted = match (micro, self.units.unit(column, read.forms[column])) {
            (0, _) | (_, None) => old,
            (_, Some(unit)) => unit.nearest(unit.micro(old).saturating_add(micro)),
        };
        let change = coder.difference(table, given.steps[column].wrapping_sub(predicted));
        read.steps[column] = predicted.wrapping_add(change);
        change
    }

    /// What an altitude is expected to change by, in millionths of metres: the mean of both rates.
    fn climb(&self, read: &Motion) -> i64 {
        const RATE_MAX: i64 = 1_000_000_000;
        let rate = |motion: &Motion| motion.micro(RATE, self.units).clamp(-RATE_MAX, RATE_MAX);
        (rate(self.old) + rate(read)) * self.step.seconds() / 2
    }

    /// Codes the vector's change across the old direction, then along it.
    ///
    /// Across is the change of the component that is smaller in the old vector. A turn changes the
    /// larger one, too, and by how much follows from it: only the rest is coded, as along.
    fn vector<C: Code>(
        &self,
        coder: &mut C,
        given: &Motion,
        read: &mut Motion,
        class: usize,
        history: &mut History,
    ) -> Option<()> {
        let old = [self.old.steps[VELOCITY], self.old.steps[TRACK]];
        let given = [given.steps[VELOCITY], given.steps[TRACK]];
        let large = usize::from(old[1].abs() > old[0].abs());
        let small = 1 - large;
        let (sign_large, sign_small) = (sign(old[large]), sign(old[small]));
        let context = class * 4 + usize::from(history.turned);
        // Signs are those of the old vector, so that the mirrored quadrants share models.
        let across = sign_small * (given[small] - old[small]);
        let across = coder.difference(TURN + context * SIGNED, across).wrapping_mul(sign_small);
        read.steps[[VELOCITY, TRACK][small]] = knots(old[small].wrapping_add(across))?;
        let predicted = old[large] - rounded(across * old[small], old[large]);
        let size = magnitude(across);
        let context = class * 4 + usize::from(size);
        let along = sign_large * (given[large] - predicted);
        let along = coder.difference(SPEED_UP + context * SIGNED, along).wrapping_mul(sign_large);
        read.steps[[VELOCITY, TRACK][large]] = knots(predicted.wrapping_add(along))?;
        history.turned = size.max(magnitude(along));
        Some(())
    }

    /// Codes the position's difference from where both velocities lead.
    ///
    /// Mostly the difference lies along the direction of flight, because times are whole seconds.
    /// So the coordinate that changes most is coded first, and the other one is predicted from it.
    fn position<C: Code>(
        &self,
        coder: &mut C,
        given: &Motion,
        read: &mut Motion,
        class: usize,
        history: &mut History,
    ) {
        let old = self.old;
        let axes = [LONGITUDE, LATITUDE];
        let seconds = match (old.time_position, read.time_position) {
            (Some(from), Some(to)) => to.wrapping_sub(from).clamp(-3_600, 3_600),
            _ => self.step.seconds(),
        };
        let moved = if seconds == 0 { [0, 0] } else { self.moved(read, seconds) };
        let predicted = [0, 1].map(|axis| {
            let column = axes[axis];
            match self.units.unit(column, old.forms[column]) {
                Some(unit) if moved[axis] != 0 => {
                    unit.nearest(unit.micro(old.steps[column]).saturating_add(moved[axis]))
                }
                _ => old.steps[column],
            }
        });
        let large = usize::from(moved[1].abs() > moved[0].abs());
        let small = 1 - large;
        let sign_large = sign(moved[large]);
        let context = if seconds == 0 {
            32
        } else {
            class * 8 + usize::from(history.turned > 1) * 4 + usize::from(history.strayed)
        };
        let residual = given.steps[axes[large]].wrapping_sub(predicted[large]);
        let along = coder.difference(ALONG + context * SIGNED, sign_large.wrapping_mul(residual));
        let along = along.wrapping_mul(sign_large);
        read.steps[axes[large]] = predicted[large].wrapping_add(along);
        let beside = match moved[large] {
            0 => 0,
            base => rounded(along.clamp(-1 << 24, 1 << 24) * moved[small], base),
        };
        let predicted = predicted[small].wrapping_add(beside);
        let residual = given.steps[axes[small]].wrapping_sub(predicted);
        let across = coder.difference(ACROSS + context * SIGNED, residual);
        read.steps[axes[small]] = predicted.wrapping_add(across);
        if seconds != 0 {
            history.strayed = magnitude(along / 2);
        }
    }

    /// Millionths of degrees east and north that both velocities lead to in these seconds.
    fn moved(&self, read: &Motion, seconds: i64) -> [i64; 2] {
        let (from, to) = (self.old.sixteenths(self.units), read.sixteenths(self.units));
        // A knot is 125 / 27 millionths of a degree a second.
        let micro = |sixteenths: i64| sixteenths * seconds * 125 / (2 * 16 * 27);
        let (east, north) = (micro(from.0 + to.0), micro(from.1 + to.1));
        let latitude = self.old.micro(LATITUDE, self.units).clamp(-90_000_000, 90_000_000);
        let middle = (latitude + north / 2).clamp(-89_500_000, 89_500_000);
        [east * ONE / cosine_of_latitude(middle), north]
    }
}

impl Step {
    /// Bounded, so that no product overflows.
    fn seconds(self) -> i64 {
        self.to.saturating_sub(self.from).clamp(-3_600, 3_600)
    }
}

fn sign(value: i64) -> i64 {
    if value < 0 { -1 } else { 1 }
}

/// The quotient, rounded to nearest; 0 for a divisor of 0.
fn rounded(value: i64, by: i64) -> i64 {
    if by == 0 || value == 0 {
        return 0;
    }
    (2 * value * by.signum() + by.abs()).div_euclid(2 * by.abs())
}

/// A component of a vector; `None` if it is too large for one.
fn knots(component: i64) -> Option<i64> {
    i16::try_from(component).is_ok().then_some(component)
}

/// The size of a difference in four classes.
fn magnitude(value: i64) -> u8 {
    match value.unsigned_abs() {
        0..=1 => 0,
        2..=4 => 1,
        5..=16 => 2,
        _ => 3,
    }
}

/// The size of a vertical rate in four classes: level, 64 feet a minute, up to 8 of them, more.
fn steepness(micro: i64) -> usize {
    match micro.unsigned_abs() {
        0 => 0,
        1..500_000 => 1,
        500_000..2_700_000 => 2,
        _ => 3,
    }
}
