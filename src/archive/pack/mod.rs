//! An hour of the archive as one object: every minute, and the rows of every aircraft.
//!
//! In scope: the bytes of a pack (ARCHIVE.md), what to fetch of it for a minute or an aircraft, and
//! the digests that prove that both are what was archived. Out of scope: R2, and when an hour is
//! packed. The rows themselves are coded by `wire::exact`.

mod bytes;
mod digest;
mod error;
mod head;
mod index;
mod plan;
mod reader;
mod writer;

pub use digest::{MinuteDigest, minute_digest};
pub use error::PackError;
pub use head::{HOUR_SECONDS, PackHead};
pub use index::{PackIndex, PackedBlock, PackedMinute, TAIL_BYTES};
pub use writer::PackWriter;
