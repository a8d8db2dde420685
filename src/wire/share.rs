//! What ingest hands to a region: its share of a sky, exact.

use serde::{Deserialize, Serialize};

use super::{WireError, columns::Columns};
use crate::airspace::{Resolution, Snapshot};

/// A region's share of one sky.
///
/// Also what the region keeps of it in storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Which history the sky belongs to; a new one makes the region start afresh.
    pub epoch: u64,
    /// How finely the region's clients are told; another one makes the region start afresh, too.
    pub resolution: Resolution,
    /// The region's aircraft.
    pub snapshot: Snapshot,
}

/// `[epoch, resolution, time, columns]`.
#[derive(Serialize, Deserialize)]
struct Row(u64, u8, i64, Columns);

impl Share {
    /// The share's bytes.
    pub fn encode(epoch: u64, resolution: Resolution, snapshot: &Snapshot) -> Vec<u8> {
        let columns = Columns::from_rows(snapshot.aircraft());
        let row = Row(epoch, resolution.code(), snapshot.time, columns);
        rmp_serde::to_vec(&row).expect("columns and numbers always serialise")
    }

    /// The share in the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let Row(epoch, code, time, columns) = rmp_serde::from_slice(bytes)
            .map_err(|error| WireError::NotAFrame(error.to_string()))?;
        let resolution = Resolution::coded(code).ok_or(WireError::Resolution(code))?;
        Ok(Self { epoch, resolution, snapshot: Snapshot::new(time, columns.into_rows()?) })
    }
}
