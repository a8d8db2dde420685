//! The index of a pack, at its end: where each minute and each block stands.

use std::ops::Range;

use super::bytes::{Reader, write_number};
use super::error::PackError;
use super::head::{HOUR_SECONDS, MAGIC, PackHead};
use super::plan;
use crate::aircraft::Icao24;
use crate::archive::Date;
use crate::fingerprint::fingerprint;

/// How many of a pack's last bytes hold the index of most hours: 60 minutes take some 900 bytes
/// and the blocks of 25,000 aircraft 4,000.
pub const TAIL_BYTES: usize = 16 << 10;

/// After the index: its length, its checksum and the magic.
pub(super) const TRAILER_BYTES: usize = 4 + 8 + 8;

/// What a pack holds, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct PackIndex {
    /// The head of the pack.
    pub head: PackHead,
    /// The minutes, ascending by time.
    pub minutes: Vec<PackedMinute>,
    /// The blocks of aircraft, ascending by address.
    pub blocks: Vec<PackedBlock>,
    /// The hash of the index, hence of all that the pack holds.
    pub fingerprint: u64,
}

/// A minute of a pack.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedMinute {
    /// Unix seconds.
    pub time: i64,
    /// How many aircraft it has.
    pub rows: u64,
    /// Its [`minute_digest`](super::minute_digest).
    pub digest: u64,
    /// Its own bytes; to decode it takes [`PackIndex::minute`].
    pub(super) range: Range<u64>,
}

/// A block of a pack: all rows of at most 64 aircraft.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedBlock {
    /// The first address.
    pub first: Icao24,
    /// Its bytes.
    pub range: Range<u64>,
    /// The hash of its bytes, folded to 32 bits.
    pub(super) checksum: u32,
}

impl PackIndex {
    /// Reads the index in the last bytes of a pack, at least [`TAIL_BYTES`] if it has as many.
    ///
    /// [`PackError::Tail`] says how many are needed if these are too few.
    pub fn read(tail: &[u8]) -> Result<Self, PackError> {
        let start = tail.len().checked_sub(TRAILER_BYTES).ok_or(PackError::Tail(TRAILER_BYTES))?;
        let short = PackError::NotAPack("its trailer is too short");
        let mut trailer = Reader(&tail[start..]);
        let length = u32::from_le_bytes(trailer.array().ok_or(short.clone())?) as usize;
        let checksum = u64::from_le_bytes(trailer.array().ok_or(short)?);
        if trailer.0 != MAGIC {
            return Err(PackError::NotAPack("its last bytes differ"));
        }
        let needed = length.saturating_add(TRAILER_BYTES);
        let from = start.checked_sub(length).ok_or(PackError::Tail(needed))?;
        let index = &tail[from..start];
        if fingerprint(index) != checksum {
            return Err(PackError::NotAPack("its index is damaged"));
        }
        let mut reader = Reader(index);
        let head = PackHead::read(&mut reader)?;
        let mut offset = (index.len() - reader.0.len()) as u64;
        let broken = || PackError::NotAPack("its index is invalid");
        let minutes = minutes(&mut reader, &head, &mut offset).ok_or_else(broken)?;
        let blocks = blocks(&mut reader, &mut offset).ok_or_else(broken)?;
        match reader.0 {
            [] => Ok(Self { head, minutes, blocks, fingerprint: checksum }),
            _ => Err(broken()),
        }
    }

    /// The end of a pack: the index and the trailer.
    pub(super) fn write(
        head: &PackHead,
        minutes: &[PackedMinute],
        blocks: &[PackedBlock],
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let out = &mut bytes;
        head.write(out);
        let length = |range: &Range<u64>| range.end - range.start;
        write_number(out, minutes.len() as u64);
        let mut before = head.hour;
        for minute in minutes {
            write_number(out, (minute.time - before) as u64);
            write_number(out, length(&minute.range));
            write_number(out, minute.rows);
            out.extend(minute.digest.to_le_bytes());
            before = minute.time;
        }
        write_number(out, blocks.len() as u64);
        let mut before = 0;
        for block in blocks {
            write_number(out, (block.first.get() - before).into());
            write_number(out, length(&block.range));
            out.extend(block.checksum.to_le_bytes());
            before = block.first.get();
        }
        let (length, checksum) = (bytes.len() as u32, fingerprint(&bytes));
        bytes.extend(length.to_le_bytes());
        bytes.extend(checksum.to_le_bytes());
        bytes.extend(MAGIC);
        bytes
    }

    /// The key of the pack in R2: `hours/2026-11-20/12-0123456789abcdef.pack`.
    pub fn key(&self) -> String {
        let hour = Date(self.head.hour);
        let of_day = (self.head.hour - hour.day().start()) / HOUR_SECONDS;
        format!("hours/{}/{of_day:02}-{:016x}.pack", hour.day(), self.fingerprint)
    }

    /// The bytes to fetch for [`Self::decode_minute`]; `None` if the pack has no such minute.
    pub fn minute(&self, time: i64) -> Option<Range<u64>> {
        let index = self.place(time)?;
        let key = plan::key(&self.group(index));
        let (first, last) = (&self.minutes[index.min(key)], &self.minutes[index.max(key)]);
        Some(first.range.start..last.range.end)
    }

    /// The bytes to fetch for [`Self::decode_group`]: all minutes of the ten minutes, as the clock
    /// has them, that a minute is in.
    pub fn group_range(&self, time: i64) -> Option<Range<u64>> {
        let group = self.group(self.place(time)?);
        Some(self.minutes[group.start].range.start..self.minutes[group.end - 1].range.end)
    }

    /// The block that holds the aircraft, if any does; its `range` are the bytes to fetch.
    pub fn block(&self, icao24: Icao24) -> Option<&PackedBlock> {
        let after = self.blocks.partition_point(|block| block.first <= icao24);
        self.blocks[..after].last()
    }

    pub(super) fn place(&self, time: i64) -> Option<usize> {
        self.minutes.binary_search_by_key(&time, |minute| minute.time).ok()
    }

    /// The indices of the minutes of a group, by one of them.
    pub(super) fn group(&self, index: usize) -> Range<usize> {
        plan::group(&self.minutes, |minute| minute.time, self.head.hour, index)
    }
}

/// The hash of a block's bytes, folded to 32 bits.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let hash = fingerprint(bytes);
    (hash ^ hash >> 32) as u32
}

fn range(bytes: &mut Reader, offset: &mut u64) -> Option<Range<u64>> {
    let start = *offset;
    *offset = start.checked_add(bytes.number()?)?;
    Some(start..*offset)
}

fn minutes(bytes: &mut Reader, head: &PackHead, offset: &mut u64) -> Option<Vec<PackedMinute>> {
    let count = bytes.number()?;
    let (mut minutes, mut time) = (Vec::new(), head.hour);
    for index in 0..count {
        let gap = i64::try_from(bytes.number()?).ok()?;
        if index > 0 && gap == 0 || gap >= HOUR_SECONDS {
            return None;
        }
        time += gap;
        if time >= head.hour + HOUR_SECONDS {
            return None;
        }
        let range = range(bytes, offset)?;
        let (rows, digest) = (bytes.number()?, u64::from_le_bytes(bytes.array()?));
        minutes.push(PackedMinute { time, rows, digest, range });
    }
    Some(minutes)
}

fn blocks(bytes: &mut Reader, offset: &mut u64) -> Option<Vec<PackedBlock>> {
    let count = bytes.number()?;
    let (mut blocks, mut first) = (Vec::<PackedBlock>::new(), 0_u32);
    for index in 0..count {
        let gap = u32::try_from(bytes.number()?).ok()?;
        if index > 0 && gap == 0 {
            return None;
        }
        first = first.checked_add(gap)?;
        let range = range(bytes, offset)?;
        let checksum = u32::from_le_bytes(bytes.array()?);
        blocks.push(PackedBlock { first: Icao24::new(first)?, range, checksum });
    }
    Some(blocks)
}
