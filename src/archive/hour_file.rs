//! What is recorded of an hour's files.

use serde::{Deserialize, Serialize};

/// The stored files of an hour, both compared with its minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourFiles {
    /// The Parquet file.
    pub parquet: HourFile,
    /// The pack.
    pub pack: HourFile,
    /// The R2 key of the pack, which depends on its content.
    pub pack_key: String,
}

/// A stored file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourFile {
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// Its SHA-256, as hexadecimal digits.
    pub sha256: String,
    /// R2's etag, without quotes.
    pub etag: String,
}
