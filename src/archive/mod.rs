//! Floor 2: what R2 keeps.
//!
//! In scope: the dates and keys of stored minutes, the bytes of one minute, exact.
//! Out of scope: R2 itself, which minutes there are.

mod date;
mod listing;
mod minute;

pub use date::{Date, Day};
pub use listing::Listing;
pub use minute::Minute;
