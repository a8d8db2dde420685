//! The minute that was archived last, or read back, as the regions are handed it.
//!
//! Its bytes lie in JavaScript's memory, which is given back, and WebAssembly's is not. A region's
//! are let go of when it has them.

use worker::js_sys::Uint8Array;

use crate::archive::Minute;
use crate::earth::Region;
use crate::ledger::{Part, parts};

/// The parts of a minute that regions may still be handed.
pub(super) struct Newest {
    /// The feed's time, Unix seconds.
    time: i64,
    parts: Vec<Part<Uint8Array>>,
}

impl Newest {
    /// The parts of a minute, of which the archive has this object.
    pub(super) fn of(minute: &Minute, object: &[u8]) -> Self {
        let parts = parts(minute, object, |bytes| Uint8Array::from(bytes));
        Self { time: minute.snapshot.time, parts }
    }

    /// A region's part of the minute of that time; `None` where another one is at hand, or the
    /// region had its part already.
    pub(super) fn part(&self, region: &Region, time: i64) -> Option<Part<Uint8Array>> {
        let parts = if self.time == time { &*self.parts } else { &[] };
        parts.iter().find(|part| part.region == region).cloned()
    }

    /// Lets go of the part of a region that has it.
    pub(super) fn delivered(&mut self, region: &Region, time: i64) {
        self.parts.retain(|part| self.time != time || part.region != region);
    }
}

/// The bytes of a part's region snapshot in a history.
pub(super) fn region_snapshot(part: &Part<Uint8Array>, epoch: u64) -> Uint8Array {
    let header = part.header(epoch).encode();
    let bytes = Uint8Array::new_with_length(header.len() as u32 + part.rows.length());
    bytes.set(&Uint8Array::from(header.as_slice()), 0);
    bytes.set(&part.rows, header.len() as u32);
    bytes
}
