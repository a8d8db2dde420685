//! Floor 2: the content of the archive.
//!
//! In scope: the dates and keys of stored minutes, the bytes of a minute and of a whole hour, lists
//! of a minute's aircraft in several formats, hours as Parquet files.
//! Out of scope: R2 itself, which minutes are stored.

mod csv;
mod date;
#[cfg(feature = "parquet")]
mod export;
mod file;
mod format;
mod hour_file;
mod json;
mod listing;
mod location;
mod minute;
pub mod pack;
#[cfg(feature = "parquet")]
mod parquet;
mod track;

pub use date::{Date, Day};
#[cfg(feature = "parquet")]
pub use export::{ExportError, HourExport, MadePack, PackExport, Step};
pub use file::DayFile;
pub use format::{Format, Heading};
pub use hour_file::{HourFile, HourFiles};
pub use listing::Listing;
pub use location::Location;
pub use minute::Minute;
#[cfg(feature = "parquet")]
pub use parquet::{
    GROUP_ROWS, ParquetError, ParquetFile, ParquetWriter, Provenance, Row, TAIL_BYTES,
};
pub use track::{Track, TrackFormat};
