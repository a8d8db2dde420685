//! The payload of a frame: predicted fields, and coded differences from the predictions.
//!
//! In scope: the bytes of a whole live state (`whole`) and of the change from another (`change`).
//! Out of scope: the envelope, sequences, which client gets which frame.
//!
//! One description (`range::Code`) both writes and reads a row, so the two cannot differ.

mod change;
pub mod exact;
mod identity;
mod memory;
mod models;
#[cfg(feature = "tools")]
pub mod prime;
mod range;
mod row;
#[cfg(feature = "tools")]
mod trace;

pub use change::QUICK_SECONDS;
use memory::Memory;
pub use models::fingerprint;
use range::{Code, RangeDecoder, RangeEncoder};
#[cfg(feature = "tools")]
pub(super) use trace::trace;

use crate::airspace::{Identity, LiveAircraft, Outcome, Prediction, Resolution};

/// The most rows of a frame. 24-bit addresses allow more, but such frames would be far too large.
const ROWS_MAX: u32 = 1 << 20;

/// Encodes a whole live state.
pub fn encode_whole(rows: &[LiveAircraft], resolution: Resolution) -> Vec<u8> {
    let mut coder = RangeEncoder::new(resolution);
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

/// Decodes a whole live state; `None` if the bytes are invalid.
pub fn decode_whole(bytes: &[u8], resolution: Resolution) -> Option<Vec<LiveAircraft>> {
    read_whole(&mut RangeDecoder::new(bytes, resolution), bytes.len(), resolution)
}

fn read_whole<C: Code>(
    coder: &mut C,
    bytes: usize,
    resolution: Resolution,
) -> Option<Vec<LiveAircraft>> {
    read_rows(coder, &mut Memory::new(resolution), bytes)
}

/// The most whole rows that a byte of payload may claim.
const ROWS_PER_BYTE_MAX: usize = 8;

/// Reads rows that a client does not have yet; `None` if they are invalid.
///
/// The payload bounds the memory: a row takes some 150 bytes, so a byte of payload takes at most
/// 1,200 and a frame 160 MB.
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

/// A change while it is written: the outcome of each row that clients hold, in order, then the new
/// rows.
pub struct Changes {
    coder: RangeEncoder,
    memory: Memory,
}

impl Changes {
    /// A change without rows.
    pub fn new(resolution: Resolution) -> Self {
        Self { coder: RangeEncoder::new(resolution), memory: Memory::new(resolution) }
    }

    /// Writes the outcome of the next row that clients hold.
    pub fn row(
        &mut self,
        held: &LiveAircraft,
        prediction: &mut Prediction,
        outcome: &Outcome<&Identity>,
    ) {
        change::change(&mut self.coder, held, prediction, Some(outcome), &mut self.memory)
            .expect("what we hold can be written");
    }

    /// Appends the new rows and returns the bytes.
    pub fn finish(mut self, added: &[LiveAircraft]) -> Vec<u8> {
        write_rows(&mut self.coder, added, &mut self.memory);
        self.coder.finish(added.len() / ROWS_PER_BYTE_MAX)
    }
}

/// Encodes the change from one live state to another, `seconds` later.
pub fn encode_change(
    old: &[LiveAircraft],
    new: &[LiveAircraft],
    seconds: i64,
    resolution: Resolution,
) -> Vec<u8> {
    let mut coder = RangeEncoder::new(resolution);
    let added = write_change(&mut coder, old, new, seconds, resolution);
    coder.finish(added / ROWS_PER_BYTE_MAX)
}

/// Writes a change and returns the number of its whole rows.
fn write_change<C: Code>(
    coder: &mut C,
    old: &[LiveAircraft],
    new: &[LiveAircraft],
    seconds: i64,
    resolution: Resolution,
) -> usize {
    let mut memory = Memory::new(resolution);
    let mut added = Vec::new();
    let mut next = new.iter().peekable();
    for held in old {
        while let Some(newcomer) = next.next_if(|newcomer| newcomer.icao24 < held.icao24) {
            added.push(newcomer);
        }
        let prediction = &mut Prediction::new(&held.motion, seconds, resolution);
        let outcome = match next.next_if(|same| same.icao24 == held.icao24) {
            None => Outcome::Removed,
            Some(new) => {
                let identity = (new.identity != held.identity).then_some(&new.identity);
                prediction.outcome(new.motion, identity)
            }
        };
        change::change(coder, held, prediction, Some(&outcome), &mut memory)
            .expect("what we hold can be written");
    }
    added.extend(next);
    write_rows(coder, added.iter().copied(), &mut memory);
    added.len()
}

/// Applies a coded change to the rows of a live state; `None` if the bytes are invalid.
pub fn decode_change(
    bytes: &[u8],
    old: &[LiveAircraft],
    seconds: i64,
    resolution: Resolution,
) -> Option<Vec<LiveAircraft>> {
    read_change(&mut RangeDecoder::new(bytes, resolution), bytes.len(), old, seconds, resolution)
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
    for held in old {
        let prediction = &mut Prediction::new(&held.motion, seconds, resolution);
        let (motion, identity) = match change::change(coder, held, prediction, None, &mut memory)? {
            Outcome::Removed => continue,
            Outcome::AsPredicted => (prediction.motion(), None),
            Outcome::Updated { motion, identity } => (motion, identity),
        };
        let identity = identity.unwrap_or_else(|| held.identity.clone());
        kept.push(LiveAircraft { icao24: held.icao24, identity, motion });
    }
    let added = read_rows(coder, &mut memory, bytes)?;
    if coder.is_exhausted() {
        return None;
    }
    // The standard sort detects the two sorted runs and merges them.
    let mut rows = kept;
    rows.extend(added);
    rows.sort_by_key(|row| row.icao24);
    let is_ascending = rows.windows(2).all(|pair| pair[0].icao24 < pair[1].icao24);
    is_ascending.then_some(rows)
}
