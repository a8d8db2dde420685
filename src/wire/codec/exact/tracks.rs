//! The walk by aircraft: all rows of one aircraft in the order of time, then those of the next.

use super::super::range::{Code, Coder, RangeDecoder, RangeEncoder};
use super::change::{Step, change, staleness};
use super::memory::Memory;
use super::models::{COUNT, FIRST, PRESENT, primed};
use super::numbers::Numbers;
use super::row::Row;
use super::units::Units;
use super::whole;
use crate::aircraft::{Icao24, StateVector};

/// The most aircraft of a block. So a block has at most 64 times as many rows as there are minutes,
/// whatever its bytes claim. More would be cheaper to store, and dearer to read for one of them.
pub const BLOCK_AIRCRAFT: usize = 64;

/// Writes the rows of at most [`BLOCK_AIRCRAFT`] aircraft. `rows` ascend by address and time; a
/// row's time is the index of one of the `times`, which ascend.
pub fn write_tracks(rows: &[(u16, StateVector)], times: &[i64], units: &Units) -> Vec<u8> {
    let mut coder = RangeEncoder::over(primed());
    write(&mut coder, rows, times, units);
    coder.finish_models(0).0
}

pub(super) fn write<C: Code>(
    coder: &mut C,
    rows: &[(u16, StateVector)],
    times: &[i64],
    units: &Units,
) {
    let mut memory = Memory::default();
    let tracks = rows.chunk_by(|a, b| a.1.icao24 == b.1.icao24);
    coder.count(COUNT, tracks.clone().count() as u32);
    for track in tracks {
        let written = track_of(coder, Some(track), times, units, &mut memory, &mut |_, _| Some(()));
        written.expect("what we hold can be written");
    }
}

/// Reads the rows of all aircraft of a block; `None` if the bytes are invalid.
pub fn read_tracks(bytes: &[u8], times: &[i64], units: &Units) -> Option<Vec<(u16, StateVector)>> {
    read(bytes, times, units, None)
}

/// Reads the rows of one aircraft of a block, none if it has none.
pub fn read_track(
    bytes: &[u8],
    times: &[i64],
    units: &Units,
    icao24: Icao24,
) -> Option<Vec<(u16, StateVector)>> {
    read(bytes, times, units, Some(icao24))
}

fn read(
    bytes: &[u8],
    times: &[i64],
    units: &Units,
    only: Option<Icao24>,
) -> Option<Vec<(u16, StateVector)>> {
    let mut coder = RangeDecoder::over(bytes, primed());
    let mut memory = Memory::default();
    let mut rows = Vec::new();
    let count = coder.count(COUNT, 0);
    if count as usize > BLOCK_AIRCRAFT {
        return None;
    }
    let mut last: Option<Icao24> = None;
    for _ in 0..count {
        let mut keep = |index: u16, row: &Row| {
            if only.is_none_or(|only| only == row.icao24) {
                rows.push((index, row.state(units)?));
            }
            Some(())
        };
        let icao24 = track_of(&mut coder, None, times, units, &mut memory, &mut keep)?;
        if coder.is_exhausted() || last.is_some_and(|last| last >= icao24) {
            return None;
        }
        last = Some(icao24);
        if only.is_some_and(|only| only <= icao24) {
            break;
        }
    }
    Some(rows)
}

/// Codes the rows of one aircraft and returns its address.
fn track_of<C: Code>(
    coder: &mut C,
    given: Option<&[(u16, StateVector)]>,
    times: &[i64],
    units: &Units,
    memory: &mut Memory,
    keep: &mut impl FnMut(u16, &Row) -> Option<()>,
) -> Option<Icao24> {
    let mut next = given.unwrap_or_default().iter().peekable();
    let first = next.next();
    let icao24 = whole::address(coder, first.map(|(_, state)| state.icao24), memory)?;
    let index = coder.count(FIRST, first.map_or(0, |&(index, _)| index.into())) as usize;
    let mut at = *times.get(index)?;
    let row = first.map(|(_, state)| Row::of(state, units, None));
    let mut row = whole::row(coder, icao24, row.as_ref(), at, units, memory)?;
    keep(index as u16, &row)?;
    let mut missed = 0_usize;
    for (index, &time) in times.iter().enumerate().skip(index + 1) {
        let state = next.next_if(|(place, _)| usize::from(*place) == index);
        let table = PRESENT
            + missed.min(3) * 8
            + staleness(&row, at) * 2
            + usize::from(row.motion.on_ground);
        if !coder.bit(table, state.is_some()) {
            missed += 1;
            continue;
        }
        let given = state.map(|(_, state)| Row::of(state, units, Some(&row)));
        change(coder, &mut row, given.as_ref(), Step { from: at, to: time }, units, memory)?;
        (at, missed) = (time, 0);
        keep(index as u16, &row)?;
        if coder.is_exhausted() {
            return None;
        }
    }
    Some(icao24)
}
