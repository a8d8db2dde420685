//! What is recorded of an hour's Parquet file.

use serde::{Deserialize, Serialize};

/// A stored Parquet file that was compared with its minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourFile {
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// Its SHA-256, as hexadecimal digits.
    pub sha256: String,
}
