//! The walk by minute: a whole minute, then one minute after another from the one before.

use super::super::models::Models;
use super::super::range::{Code, Coder, RangeDecoder, RangeEncoder};
use super::change::{Step, change, staleness};
use super::memory::Memory;
use super::models::{COUNT, PRESENT, primed};
use super::numbers::Numbers;
use super::row::Row;
use super::units::Units;
use super::{ROWS_MAX, ROWS_PER_BYTE_MAX, whole};
use crate::aircraft::{Icao24, StateVector};

/// Consecutive minutes, as far as they are written or read. Times may ascend or descend.
///
/// It keeps a row of some 230 bytes for each aircraft that any of the minutes had.
#[derive(Clone)]
pub struct Minutes {
    units: Units,
    models: Models,
    memory: Memory,
    time: i64,
    rows: Vec<Known>,
    /// The indices of `rows`, ascending by address.
    order: Vec<u32>,
}

/// An aircraft of one of the minutes.
#[derive(Clone)]
struct Known {
    row: Row,
    /// The minute of the row.
    time: i64,
    /// How many minutes it missed since then.
    missed: u8,
}

impl Minutes {
    /// Minutes of which none is written or read yet.
    pub fn new(units: Units) -> Self {
        let (models, memory) = (primed(), Memory::default());
        Self { units, models, memory, time: 0, rows: Vec::new(), order: Vec::new() }
    }

    /// Writes the next minute; its states ascend by address.
    pub fn write(&mut self, time: i64, states: &[StateVector]) -> Vec<u8> {
        let mut coder = RangeEncoder::over(std::mem::take(&mut self.models));
        let count = self.code(&mut coder, Some(states), time, usize::MAX);
        let count = count.expect("what we hold can be written");
        let (bytes, models) = coder.finish_models(count / ROWS_PER_BYTE_MAX);
        self.models = models;
        bytes
    }

    /// Reads the next minute; `None` if the bytes are invalid, and then no other can be read.
    pub fn read(&mut self, time: i64, bytes: &[u8]) -> Option<()> {
        let mut coder = RangeDecoder::over(bytes, std::mem::take(&mut self.models));
        self.code(&mut coder, None, time, bytes.len())?;
        let is_exhausted = coder.is_exhausted();
        self.models = coder.into_models();
        (!is_exhausted).then_some(())
    }

    /// The states of the last minute; `None` if a number is not of its column.
    pub fn states(&self) -> Option<Vec<StateVector>> {
        let rows = self.order.iter().map(|&index| &self.rows[index as usize]);
        rows.filter(|known| known.missed == 0).map(|known| known.row.state(&self.units)).collect()
    }

    /// Codes a minute, and returns how many of its rows are new.
    pub(super) fn code<C: Code>(
        &mut self,
        coder: &mut C,
        given: Option<&[StateVector]>,
        time: i64,
        bytes: usize,
    ) -> Option<usize> {
        let mut next = given.unwrap_or_default().iter().peekable();
        let mut new: Vec<&StateVector> = Vec::new();
        for &index in &self.order {
            let known = &mut self.rows[index as usize];
            let address = known.row.icao24;
            while let Some(state) = next.next_if(|state| state.icao24 < address) {
                new.push(state);
            }
            let state = next.next_if(|state| state.icao24 == address);
            let table = PRESENT
                + usize::from(known.missed.min(3)) * 8
                + staleness(&known.row, known.time) * 2
                + usize::from(known.row.motion.on_ground);
            if !coder.bit(table, state.is_some()) {
                known.missed = known.missed.saturating_add(1);
                continue;
            }
            let row = state.map(|state| Row::of(state, &self.units, Some(&known.row)));
            let step = Step { from: known.time, to: time };
            change(coder, &mut known.row, row.as_ref(), step, &self.units, &mut self.memory)?;
            (known.time, known.missed) = (time, 0);
            if coder.is_exhausted() {
                return None;
            }
        }
        new.extend(next);
        self.time = time;
        self.add(coder, given.map(|_| &new[..]), bytes)
    }

    /// Codes the rows of new aircraft, ascending by address.
    fn add<C: Code>(
        &mut self,
        coder: &mut C,
        given: Option<&[&StateVector]>,
        bytes: usize,
    ) -> Option<usize> {
        let count = coder.count(COUNT, given.map_or(0, |given| given.len() as u32));
        if count > ROWS_MAX || count as usize / ROWS_PER_BYTE_MAX > bytes {
            return None;
        }
        (self.memory.address, self.memory.gap_class) = (0, 0);
        let mut last: Option<Icao24> = None;
        let old = self.rows.len();
        // Half a byte a row is less than any minute takes, so that few bytes reserve little.
        self.rows.reserve((count as usize).min(bytes.saturating_mul(2)));
        for index in 0..count as usize {
            let state = given.map(|given| given[index]);
            let row = state.map(|state| Row::of(state, &self.units, None));
            let icao24 = whole::address(coder, state.map(|state| state.icao24), &mut self.memory)?;
            let (units, memory) = (&self.units, &mut self.memory);
            let row = whole::row(coder, icao24, row.as_ref(), self.time, units, memory)?;
            if coder.is_exhausted() || last.is_some_and(|last| last >= icao24) {
                return None;
            }
            last = Some(icao24);
            self.order.push(self.rows.len() as u32);
            self.rows.push(Known { row, time: self.time, missed: 0 });
        }
        // The standard sort detects the two sorted runs and merges them.
        let address = |index: &u32| self.rows[*index as usize].row.icao24;
        if old > 0 {
            self.order.sort_by_key(address);
        }
        let is_ascending = self.order.is_sorted_by(|a, b| address(a) < address(b));
        is_ascending.then_some(count as usize)
    }
}
