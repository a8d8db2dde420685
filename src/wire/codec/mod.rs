//! The payload of a live frame: columns foreseen, what was not foreseen coded.
//!
//! In scope: the bytes of a whole sky (`whole`) and of what changed since another (`change`).
//! Out of scope: the envelope, sequences, who gets which frame.
//!
//! Writing and reading are one description (`range::Code`): what is coded can't differ between
//! them.

mod change;
mod identity;
mod memory;
mod models;
#[cfg(feature = "tools")]
pub mod prime;
mod range;
mod row;
#[cfg(feature = "tools")]
mod trace;

use std::borrow::Cow;

use change::Fate;
pub use change::QUICK_SECONDS;
use memory::Memory;
pub use models::fingerprint;
use range::{Code, Decoder, Encoder};
#[cfg(feature = "tools")]
pub(super) use trace::trace;

use crate::airspace::{LiveAircraft, Resolution};

/// No sky has as many: a transponder's address has 24 bits, but frames would be too large by far.
const ROWS_MAX: u32 = 1 << 20;

/// The bytes of a whole sky.
pub fn encode_whole(rows: &[LiveAircraft], resolution: Resolution) -> Vec<u8> {
    let mut coder = Encoder::new(resolution);
    let mut memory = Memory::new(resolution);
    write_rows(&mut coder, rows, &mut memory);
    coder.finish(rows.len() / ROWS_PER_BYTE_MAX)
}

fn write_rows<'a, C: Code>(
    coder: &mut C,
    rows: impl IntoIterator<Item = &'a LiveAircraft, IntoIter: ExactSizeIterator>,
    memory: &mut Memory,
) {
    let rows = rows.into_iter();
    coder.number(models::COUNT, rows.len() as u32);
    for row in rows {
        row::row(coder, Some(row), memory).expect("what we hold can be written");
    }
}

/// The sky in the bytes; `None` where they are none.
pub fn decode_whole(bytes: &[u8], resolution: Resolution) -> Option<Vec<LiveAircraft>> {
    read_whole(&mut Decoder::new(bytes, resolution), bytes.len(), resolution)
}

fn read_whole<C: Code>(
    coder: &mut C,
    bytes: usize,
    resolution: Resolution,
) -> Option<Vec<LiveAircraft>> {
    read_rows(coder, &mut Memory::new(resolution), bytes)
}

/// A row takes some 100 bytes of memory, and few bytes claim many rows only with a reason.
const ROWS_PER_BYTE_MAX: usize = 8;

/// Rows that a client does not have yet.
///
/// Memory is bounded by the payload: some 150 bytes for each of the rows that it may claim, 1,200
/// bytes a byte and 160 MB at the very most.
fn read_rows<C: Code>(
    coder: &mut C,
    memory: &mut Memory,
    bytes: usize,
) -> Option<Vec<LiveAircraft>> {
    let count = coder.number(models::COUNT, 0);
    if count > ROWS_MAX || count as usize > (bytes + 1) * ROWS_PER_BYTE_MAX {
        return None;
    }
    let mut rows: Vec<LiveAircraft> = Vec::new();
    for _ in 0..count {
        let row = row::row(coder, None, memory)?;
        if coder.is_exhausted() || rows.last().is_some_and(|last| last.icao24 >= row.icao24) {
            return None;
        }
        rows.push(row);
    }
    Some(rows)
}

/// The bytes of what changed after some seconds: what of the new rows the old ones do not foresee.
pub fn encode_change(
    old: &[LiveAircraft],
    new: &[LiveAircraft],
    seconds: i64,
    resolution: Resolution,
) -> Vec<u8> {
    let mut coder = Encoder::new(resolution);
    let added = write_change(&mut coder, old, new, seconds, resolution);
    coder.finish(added / ROWS_PER_BYTE_MAX)
}

/// Writes a change; how many whole rows it has.
fn write_change<C: Code>(
    coder: &mut C,
    old: &[LiveAircraft],
    new: &[LiveAircraft],
    seconds: i64,
    resolution: Resolution,
) -> usize {
    let mut memory = Memory::new(resolution);
    let mut added = Vec::new();
    let mut coming = new.iter().peekable();
    for row in old {
        while let Some(newcomer) = coming.next_if(|newcomer| newcomer.icao24 < row.icao24) {
            added.push(newcomer);
        }
        let fate = match coming.next_if(|same| same.icao24 == row.icao24) {
            None => Fate::Gone,
            Some(new) if row.is_after(seconds, resolution, new) => Fate::Foreseen,
            Some(new) => Fate::Now(Cow::Borrowed(new)),
        };
        change::change(coder, row, seconds, Some(fate), &mut memory)
            .expect("what we hold can be written");
    }
    added.extend(coming);
    write_rows(coder, added.iter().copied(), &mut memory);
    added.len()
}

/// The sky after the change in the bytes; `None` where they hold none.
pub fn decode_change(
    bytes: &[u8],
    old: &[LiveAircraft],
    seconds: i64,
    resolution: Resolution,
) -> Option<Vec<LiveAircraft>> {
    read_change(&mut Decoder::new(bytes, resolution), bytes.len(), old, seconds, resolution)
}

fn read_change<C: Code>(
    coder: &mut C,
    bytes: usize,
    old: &[LiveAircraft],
    seconds: i64,
    resolution: Resolution,
) -> Option<Vec<LiveAircraft>> {
    let mut memory = Memory::new(resolution);
    let mut kept = Vec::with_capacity(old.len());
    for row in old {
        match change::change(coder, row, seconds, None, &mut memory)? {
            Fate::Gone => {}
            Fate::Foreseen => kept.push(row.after(seconds, resolution)),
            Fate::Now(new) => kept.push(new.into_owned()),
        }
    }
    let added = read_rows(coder, &mut memory, bytes)?;
    if coder.is_exhausted() {
        return None;
    }
    // Two sorted runs: the standard sort finds them and merges.
    let mut rows = kept;
    rows.extend(added);
    rows.sort_by_key(|row| row.icao24);
    let is_ascending = rows.windows(2).all(|pair| pair[0].icao24 < pair[1].icao24);
    is_ascending.then_some(rows)
}
