//! What ingest hands to a region: its share of a sky, exact.

use serde::{Deserialize, Serialize};

use super::{WireError, columns::Columns};
use crate::airspace::Snapshot;

/// A region's share of one sky.
///
/// Also what the region keeps of it in storage.
#[derive(Debug, PartialEq)]
pub struct Share {
    /// Which history the sky belongs to; a new one makes the region start afresh.
    pub epoch: u64,
    /// The region's aircraft.
    pub snapshot: Snapshot,
}

/// `[epoch, time, columns]`.
#[derive(Serialize, Deserialize)]
struct Row(u64, i64, Columns);

impl Share {
    /// The share's bytes.
    pub fn encode(epoch: u64, snapshot: &Snapshot) -> Vec<u8> {
        let row = Row(epoch, snapshot.time, Columns::from_rows(snapshot.aircraft()));
        rmp_serde::to_vec(&row).expect("columns and numbers always serialise")
    }

    /// The share in the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let Row(epoch, time, columns) = rmp_serde::from_slice(bytes)
            .map_err(|error| WireError::NotAFrame(error.to_string()))?;
        Ok(Self { epoch, snapshot: Snapshot::new(time, columns.into_rows()?) })
    }
}
