//! An hour of state vectors as an Apache Parquet file, exact.
//!
//! In scope: the schema, writing in pieces, reading back. Out of scope: where the rows come from,
//! and where the file is stored. docs/parquet.md describes the files for those who read them.
//!
//! One row is one aircraft in one minute. The rows ascend by address, then by time, so the hour of
//! an aircraft is one run of rows. A row group has up to 115,000 of them: its columns compress
//! well, a reader of one aircraft fetches one group of some 2 MB, and its maker holds one in
//! memory.

mod columns;
mod reader;
mod writer;

use std::fmt;

use crate::aircraft::{Icao24, StateVector};

pub use reader::{ParquetFile, TAIL_BYTES};
pub use writer::ParquetWriter;

/// The rows of a group. A row takes 176 bytes in memory, so a group takes 20 MB.
pub const GROUP_ROWS: usize = 115_000;

/// A row: the time of its minute, Unix seconds, and one aircraft's state.
pub type Row = (i64, StateVector);

/// What a file says about its rows, in its key-value metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Whether the traffic is simulated.
    pub simulated: bool,
    /// The source that gave us the traffic, as in the setting `FEED`; `None` if it is unknown.
    pub source: Option<String>,
    /// The terms under which the source gives it; `None` if they are unknown.
    pub license: Option<String>,
}

/// Why rows are not written, or bytes are not a file of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParquetError {
    /// A row does not come after the one before it.
    Order {
        /// The row before it.
        before: (Icao24, i64),
        /// The row.
        row: (Icao24, i64),
    },
    /// A row group has too many rows.
    Rows(usize),
    /// Microseconds cannot express this time, Unix seconds.
    Time(i64),
    /// The bytes do not have the shape of a file of ours; the reason.
    NotAFile(String),
}

impl fmt::Display for ParquetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order { before, row } => {
                let ((a, at), (b, then)) = (before, row);
                write!(f, "row {b} at {then} follows {a} at {at}, expected ascending rows")
            }
            Self::Rows(rows) => {
                write!(f, "the row group has {rows} rows, expected at most {GROUP_ROWS}")
            }
            Self::Time(time) => write!(f, "time is {time}, expected Unix seconds"),
            Self::NotAFile(reason) => write!(f, "not a Parquet file of state vectors: {reason}"),
        }
    }
}

impl std::error::Error for ParquetError {}

impl From<parquet::errors::ParquetError> for ParquetError {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::NotAFile(error.to_string())
    }
}

impl Provenance {
    const SIMULATED: &str = "simulated";
    const SOURCE: &str = "source";
    const LICENSE: &str = "license";

    /// Its pairs of key and value. What is unknown is left out.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let simulated = (Self::SIMULATED, Some(self.simulated.to_string()));
        let all =
            [simulated, (Self::SOURCE, self.source.clone()), (Self::LICENSE, self.license.clone())];
        all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The provenance with these pairs.
    fn of_pairs(value: impl Fn(&str) -> Option<String>) -> Result<Self, ParquetError> {
        let simulated = value(Self::SIMULATED).and_then(|text| text.parse().ok());
        let missing = || ParquetError::NotAFile("its metadata lacks \"simulated\"".to_owned());
        Ok(Self {
            simulated: simulated.ok_or_else(missing)?,
            source: value(Self::SOURCE),
            license: value(Self::LICENSE),
        })
    }
}
