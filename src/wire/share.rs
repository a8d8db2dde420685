//! What ingest hands to a region: its share of a sky, exact.

use std::borrow::Borrow;
use std::fmt;

use serde::de::{Deserializer as _, Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

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

/// What a share says of itself before its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareHeader {
    /// Which history the snapshot belongs to.
    pub epoch: u64,
    /// The code of its resolution.
    pub resolution: u8,
    /// The feed's time, Unix seconds; 0 before the first.
    pub time: i64,
    /// Whether the traffic is invented.
    pub simulated: bool,
    /// How many aircraft it has.
    pub aircraft: u32,
}

impl ShareHeader {
    /// The header of the share in the bytes. Its rows are passed over.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        rmp_serde::Deserializer::from_read_ref(bytes)
            .deserialize_any(HeaderVisitor)
            .map_err(|error| WireError::NotAFrame(error.to_string()))
    }

    /// Whether a snapshot is news to a region that has `latest`: it belongs to a later history, or
    /// is newer in the same one.
    pub fn follows(&self, latest: &Self) -> bool {
        self.epoch >= latest.epoch && (self.restarts(latest) || self.time > latest.time)
    }

    /// Whether it belongs to another history than `latest`.
    pub fn restarts(&self, latest: &Self) -> bool {
        self.epoch != latest.epoch || self.resolution != latest.resolution
    }
}

/// `[epoch, resolution, time, simulated, aircraft, columns]`.
type Row<T> = (u64, u8, i64, bool, u32, T);

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
        let count = count(aircraft.len());
        let row: Row<_> = (epoch, resolution.code(), of.time, of.simulated, count, columns);
        let mut bytes = Vec::with_capacity(bytes_of(aircraft.len()));
        rmp_serde::encode::write(&mut bytes, &row).expect("columns and numbers always serialise");
        bytes
    }

    /// What it says of itself before its rows.
    pub fn header(&self) -> ShareHeader {
        ShareHeader {
            epoch: self.epoch,
            resolution: self.resolution.code(),
            time: self.snapshot.time,
            simulated: self.snapshot.simulated,
            aircraft: count(self.snapshot.aircraft().len()),
        }
    }

    /// The share in the bytes.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, WireError> {
        let (epoch, code, time, simulated, _count, rows): Row<RowsOf> =
            rmp_serde::from_slice(&bytes)
                .map_err(|error| WireError::NotAFrame(error.to_string()))?;
        let resolution = Resolution::coded(code).ok_or(WireError::Resolution(code))?;
        let snapshot = Snapshot::new(time, rows.0).marked(simulated);
        Ok(Self { epoch, resolution, snapshot, bytes })
    }
}

fn count(aircraft: usize) -> u32 {
    u32::try_from(aircraft).expect("addresses have 24 bits")
}

/// Reads the first elements of a share, and passes over its rows.
struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = ShareHeader;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a share")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ShareHeader, A::Error> {
        let short = || A::Error::custom("a share has six elements");
        let header = ShareHeader {
            epoch: seq.next_element()?.ok_or_else(short)?,
            resolution: seq.next_element()?.ok_or_else(short)?,
            time: seq.next_element()?.ok_or_else(short)?,
            simulated: seq.next_element()?.ok_or_else(short)?,
            aircraft: seq.next_element()?.ok_or_else(short)?,
        };
        seq.next_element::<IgnoredAny>()?.ok_or_else(short)?;
        Ok(header)
    }
}
