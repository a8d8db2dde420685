//! Rows without any loss: the archive's codec.
//!
//! In scope: the bytes of a minute by itself (`Minutes::write_first`), of a minute after another
//! one (`Minutes::write_next`), and of the rows of some aircraft (`write_block`). Out of scope:
//! where the bytes stand in a pack, checksums.
//!
//! A number is a whole number of steps of a unit, checked by bits, or its 64 bits; see ARCHIVE.md.
//! One description (`range::Code`) both writes and reads a row, so the two cannot differ.

mod change;
mod identity;
mod memory;
mod minutes;
mod models;
mod numbers;
#[cfg(feature = "tools")]
pub mod prime;
mod row;
mod tracks;
mod units;
mod whole;

pub use minutes::Minutes;
pub use tracks::{BLOCK_AIRCRAFT, read_track, read_tracks, write_tracks};
pub use units::{UNITS_MAX, Unit, Units};

use std::sync::OnceLock;

use super::identity::AIRLINES;
use crate::aircraft::blocks;

/// A hash that changes with all that the bytes of a row depend on and that is not code: the primed
/// models, the airlines and the blocks of addresses.
///
/// Stored packs are read with the models of their fingerprint. Who changes one of the three keeps
/// the old ones beside it.
pub fn fingerprint() -> u64 {
    static FINGERPRINT: OnceLock<u64> = OnceLock::new();
    *FINGERPRINT.get_or_init(|| {
        let mut all = models::PRIMED.to_vec();
        all.extend(AIRLINES.as_bytes());
        for block in blocks() {
            all.extend(
                format!("{:06x}\t{:06x}\t{}\n", block.first, block.last, block.state).bytes(),
            );
        }
        crate::fingerprint::fingerprint(&all)
    })
}

/// The most whole rows that a byte may claim, so that the bytes bound the memory of a decoder.
const ROWS_PER_BYTE_MAX: usize = 8;

/// The most rows of a minute.
const ROWS_MAX: u32 = 1 << 20;
