//! Floor 2: the content of the archive.
//!
//! In scope: the dates and keys of stored minutes, the bytes of a minute, lists of its aircraft.
//! Out of scope: R2 itself, which minutes are stored.

mod date;
mod listing;
mod minute;

pub use date::{Date, Day};
pub use listing::Listing;
pub use minute::Minute;
