//! Floor 2: the content of the archive.
//!
//! In scope: the dates and keys of stored minutes, the bytes of a minute, lists of its aircraft,
//! hours as Parquet files.
//! Out of scope: R2 itself, which minutes are stored.

mod date;
mod listing;
mod minute;
#[cfg(feature = "parquet")]
mod parquet;

pub use date::{Date, Day};
pub use listing::Listing;
pub use minute::Minute;
#[cfg(feature = "parquet")]
pub use parquet::{
    GROUP_ROWS, ParquetError, ParquetFile, ParquetWriter, Provenance, Row, TAIL_BYTES,
};
