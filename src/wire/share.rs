//! What ingest hands to a region: its share of a sky, exact.

use std::borrow::Borrow;

use super::{ColumnsOf, RowsOf, WireError, bytes_of};
use crate::aircraft::StateVector;
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
    /// All of it, as it came: the region keeps it so, and need not write it again.
    pub(crate) bytes: Vec<u8>,
}

/// `[epoch, resolution, time, simulated, columns]`.
type Row<T> = (u64, u8, i64, bool, T);

impl Share {
    /// The share of this snapshot.
    pub fn new(epoch: u64, resolution: Resolution, snapshot: Snapshot) -> Self {
        let bytes = Self::encode(epoch, resolution, &snapshot);
        Self { epoch, resolution, snapshot, bytes }
    }

    /// The bytes of a snapshot's share.
    pub fn encode(epoch: u64, resolution: Resolution, snapshot: &Snapshot) -> Vec<u8> {
        Self::encode_rows(epoch, resolution, snapshot, snapshot.aircraft())
    }

    /// The bytes of the share that these aircraft of a snapshot are; they are in the order of their
    /// addresses.
    pub fn encode_rows<R: Borrow<StateVector>>(
        epoch: u64,
        resolution: Resolution,
        of: &Snapshot,
        aircraft: &[R],
    ) -> Vec<u8> {
        let columns = ColumnsOf(aircraft);
        let row: Row<_> = (epoch, resolution.code(), of.time, of.simulated, columns);
        let mut bytes = Vec::with_capacity(bytes_of(aircraft.len()));
        rmp_serde::encode::write(&mut bytes, &row).expect("columns and numbers always serialise");
        bytes
    }

    /// The share in the bytes.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, WireError> {
        let (epoch, code, time, simulated, rows): Row<RowsOf> = rmp_serde::from_slice(&bytes)
            .map_err(|error| WireError::NotAFrame(error.to_string()))?;
        let resolution = Resolution::coded(code).ok_or(WireError::Resolution(code))?;
        let snapshot = Snapshot::new(time, rows.0).marked(simulated);
        Ok(Self { epoch, resolution, snapshot, bytes })
    }
}
