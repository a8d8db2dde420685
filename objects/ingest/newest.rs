//! The minute that was last archived or read back, cut into the regions' parts.
//!
//! The bytes are in JavaScript's memory, which can shrink; WebAssembly's cannot. A region's bytes
//! are dropped when it has them.

use worker::js_sys::Uint8Array;

use crate::archive::Minute;
use crate::earth::Region;
use crate::ledger::{Part, parts};
use crate::wire::SnapshotHeader;

/// The parts of a minute that regions may still need.
pub(super) struct Newest {
    /// The feed's time, Unix seconds.
    time: i64,
    parts: Vec<Part<Uint8Array>>,
}

impl Newest {
    /// The parts of a new minute.
    pub(super) fn of(minute: &Minute) -> Self {
        // Encoded twice: pieces that wait for the length would be in memory beside the object.
        let mut length = HEADER_ROOM;
        minute.encode_in_pieces(|piece| length += piece.len() as u32);
        let object = Uint8Array::new_with_length(length);
        let mut at = HEADER_ROOM;
        minute.encode_in_pieces(|piece| {
            let end = at + piece.len() as u32;
            object.subarray(at, end).copy_from(piece);
            at = end;
        });
        Self::cut(minute, object)
    }

    /// The parts of a minute; `object` is its object in the archive.
    pub(super) fn read(minute: &Minute, object: &[u8]) -> Self {
        Self::cut(minute, with_room(object))
    }

    fn cut(minute: &Minute, object: Uint8Array) -> Self {
        Self { time: minute.snapshot.time, parts: parts(minute, object, with_room) }
    }

    /// The size of the minute's object in the archive, bytes.
    pub(super) fn object_bytes(&self) -> u64 {
        u64::from(self.parts[0].rows.length() - HEADER_ROOM)
    }

    /// The minute's object in the archive, before any region has its part.
    pub(super) fn object(&self) -> Uint8Array {
        let bytes = &self.parts[0].rows;
        bytes.subarray(HEADER_ROOM, bytes.length())
    }

    /// A region's part of the minute of this time; `None` if this is another minute, or the region
    /// already has its part.
    ///
    /// The part of `world`, half of all bytes, is taken out. If it cannot be delivered, it is read
    /// back from the archive.
    pub(super) fn part(&mut self, region: &Region, time: i64) -> Option<Part<Uint8Array>> {
        let parts = if self.time == time { &mut self.parts } else { &mut Vec::new() };
        let index = parts.iter().position(|part| part.region == region)?;
        Some(if region.is_world() { parts.remove(index) } else { parts[index].clone() })
    }

    /// Drops the part of a region that has it.
    pub(super) fn delivered(&mut self, region: &Region, time: i64) {
        self.parts.retain(|part| self.time != time || part.region != region);
    }
}

/// The bytes that are free before a part's rows: its header is written there once the epoch is
/// known, so that the rows need not be copied again.
const HEADER_ROOM: u32 = SnapshotHeader::BYTES_MAX as u32;

/// Copies a part's rows to JavaScript's memory.
fn with_room(rows: &[u8]) -> Uint8Array {
    let length = HEADER_ROOM + rows.len() as u32;
    let bytes = Uint8Array::new_with_length(length);
    bytes.subarray(HEADER_ROOM, length).copy_from(rows);
    bytes
}

/// The region snapshot of this epoch; it shares the part's memory.
pub(super) fn region_snapshot(part: &Part<Uint8Array>, epoch: u64) -> Uint8Array {
    let header = part.header(epoch).encode();
    let start = HEADER_ROOM - header.len() as u32;
    part.rows.subarray(start, HEADER_ROOM).copy_from(&header);
    part.rows.subarray(start, part.rows.length())
}
