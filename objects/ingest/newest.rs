//! The minute that was last archived or read back, cut into the regions' parts.
//!
//! The bytes are in JavaScript's memory, which can shrink; WebAssembly's cannot. A region's bytes
//! are dropped when it has them.

use worker::js_sys::Uint8Array;

use crate::archive::Minute;
use crate::earth::Region;
use crate::ledger::{Part, parts};

/// The parts of a minute that regions may still need.
pub(super) struct Newest {
    /// The feed's time, Unix seconds.
    time: i64,
    parts: Vec<Part<Uint8Array>>,
}

impl Newest {
    /// The parts of a minute; `object` is its object in the archive.
    pub(super) fn of(minute: &Minute, object: &[u8]) -> Self {
        let parts = parts(minute, object, |bytes| Uint8Array::from(bytes));
        Self { time: minute.snapshot.time, parts }
    }

    /// A region's part of the minute of this time; `None` if this is another minute, or the region
    /// already has its part.
    pub(super) fn part(&self, region: &Region, time: i64) -> Option<Part<Uint8Array>> {
        let parts = if self.time == time { &*self.parts } else { &[] };
        parts.iter().find(|part| part.region == region).cloned()
    }

    /// Drops the part of a region that has it.
    pub(super) fn delivered(&mut self, region: &Region, time: i64) {
        self.parts.retain(|part| self.time != time || part.region != region);
    }
}

/// Encodes a part as the region snapshot of this epoch.
pub(super) fn region_snapshot(part: &Part<Uint8Array>, epoch: u64) -> Uint8Array {
    let header = part.header(epoch).encode();
    let bytes = Uint8Array::new_with_length(header.len() as u32 + part.rows.length());
    bytes.set(&Uint8Array::from(header.as_slice()), 0);
    bytes.set(&part.rows, header.len() as u32);
    bytes
}
