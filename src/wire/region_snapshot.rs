//! The part of a snapshot that ingest delivers to a region, exact.
//!
//! Two MessagePack values, one after the other: the header, which depends on the region's history,
//! and the rows as the archive stores them. The rows of `world` are the bytes of the archive's
//! object.

use serde::{Deserialize, Serialize};

use super::{WireError, decode_minute, encode_minute};
use crate::airspace::{Resolution, Snapshot};

/// A region's part of one snapshot, as delivered and as the region stores it.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionSnapshot {
    /// Which history the snapshot belongs to; a new one makes the region start afresh.
    pub epoch: u64,
    /// The resolution of the region's frames; another one makes the region start afresh, too.
    pub resolution: Resolution,
    /// The region's aircraft.
    pub snapshot: Snapshot,
    /// The encoded region snapshot, which the region stores as it came.
    pub(crate) bytes: Vec<u8>,
}

/// The header of a region snapshot: `[epoch, resolution, time, simulated, aircraft]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotHeader {
    /// Which history the snapshot belongs to.
    pub epoch: u64,
    /// The code of its resolution.
    pub resolution: u8,
    /// The feed's time, Unix seconds; 0 before the first.
    pub time: i64,
    /// Whether the traffic is simulated.
    pub simulated: bool,
    /// The number of aircraft.
    pub aircraft: u32,
}

impl SnapshotHeader {
    /// The most bytes of an encoded header: 1 for the array, 9 for the epoch and for the time, 2
    /// for the resolution, 1 for the flag, 5 for the number of aircraft.
    pub const BYTES_MAX: usize = 1 + 9 + 2 + 9 + 1 + 5;

    /// The header for this many aircraft of a snapshot.
    pub fn new(epoch: u64, resolution: Resolution, of: &Snapshot, aircraft: usize) -> Self {
        Self {
            epoch,
            resolution: resolution.code(),
            time: of.time,
            simulated: of.simulated,
            aircraft: u32::try_from(aircraft).expect("addresses have 24 bits"),
        }
    }

    /// Encodes the header; the rows' bytes follow it.
    pub fn encode(&self) -> Vec<u8> {
        rmp_serde::to_vec(self).expect("numbers always serialise")
    }

    /// Decodes the header of a region snapshot; returns it and the bytes of the rows.
    pub fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), WireError> {
        let mut rest = bytes;
        let header = Self::deserialize(&mut rmp_serde::Deserializer::new(&mut rest))
            .map_err(|error| WireError::NotAFrame(error.to_string()))?;
        Ok((header, rest))
    }

    /// Whether a snapshot is new to a region that has `latest`: it is of a later history, or newer
    /// in the same one.
    pub fn follows(&self, latest: &Self) -> bool {
        self.epoch >= latest.epoch && (self.restarts(latest) || self.time > latest.time)
    }

    /// Whether it has another history or resolution than `latest`.
    pub fn restarts(&self, latest: &Self) -> bool {
        self.epoch != latest.epoch || self.resolution != latest.resolution
    }
}

impl RegionSnapshot {
    /// The region snapshot with these aircraft.
    pub fn new(epoch: u64, resolution: Resolution, snapshot: Snapshot) -> Self {
        let bytes = Self::encode(epoch, resolution, &snapshot);
        Self { epoch, resolution, snapshot, bytes }
    }

    /// Encodes a region snapshot.
    pub fn encode(epoch: u64, resolution: Resolution, snapshot: &Snapshot) -> Vec<u8> {
        let aircraft = snapshot.aircraft();
        let header = SnapshotHeader::new(epoch, resolution, snapshot, aircraft.len());
        [header.encode(), encode_minute(snapshot, aircraft)].concat()
    }

    /// The header.
    pub fn header(&self) -> SnapshotHeader {
        let Self { epoch, resolution, snapshot, .. } = self;
        SnapshotHeader::new(*epoch, *resolution, snapshot, snapshot.aircraft().len())
    }

    /// Decodes a region snapshot; its header must match its rows.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, WireError> {
        let (header, rows) = SnapshotHeader::decode(&bytes)?;
        let code = header.resolution;
        let resolution = Resolution::coded(code).ok_or(WireError::Resolution(code))?;
        let snapshot =
            decode_minute(rows).map_err(|error| WireError::NotAFrame(error.to_string()))?;
        let region_snapshot = Self { epoch: header.epoch, resolution, snapshot, bytes };
        // A dormant region reads only the header, and one that is awake uses the rows.
        match region_snapshot.header() {
            read if read == header => Ok(region_snapshot),
            read => Err(WireError::NotAFrame(format!("its header is {header:?}, not {read:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed;

    fn snapshot() -> Snapshot {
        let text = r#"[{"icao24":"3c6444","longitude":8.5,"latitude":50}]"#;
        let snapshot = feed::parse(text.as_bytes(), 1_751_840_400).expect("a snapshot");
        Snapshot::new(snapshot.time, snapshot.aircraft)
    }

    #[test]
    fn a_region_snapshot_is_a_header_and_the_bytes_of_the_archived_minute() {
        let snapshot = snapshot().marked(true);
        let bytes = RegionSnapshot::encode(7, Resolution::Fine, &snapshot);
        let (header, rows) = SnapshotHeader::decode(&bytes).expect("a header");
        let SnapshotHeader { epoch, resolution, time, simulated, aircraft } = header;
        assert_eq!((epoch, resolution, time, simulated, aircraft), (7, 1, snapshot.time, true, 1));
        assert_eq!(rows, encode_minute(&snapshot, snapshot.aircraft()));
        assert_eq!(bytes, [&header.encode(), rows].concat());
        let (epoch, time, aircraft) = (u64::MAX, i64::MIN, u32::MAX);
        let longest =
            SnapshotHeader { epoch, resolution: u8::MAX, time, simulated: true, aircraft };
        assert_eq!(longest.encode().len(), SnapshotHeader::BYTES_MAX);
        assert_eq!(
            RegionSnapshot::decode(bytes).map(|region_snapshot| region_snapshot.header()),
            Ok(header)
        );
    }

    #[test]
    fn a_header_that_does_not_match_its_rows_is_refused() {
        let snapshot = snapshot();
        let header = SnapshotHeader::new(7, Resolution::Fine, &snapshot, 2);
        let rows = encode_minute(&snapshot, snapshot.aircraft());
        let error =
            RegionSnapshot::decode([header.encode(), rows].concat()).expect_err("another count");
        assert!(error.to_string().contains("aircraft: 2"), "{error}");
    }

    #[test]
    fn the_format_of_earlier_builds_is_refused_and_never_read_as_a_header() {
        let earlier = (7_u64, 1_u8, 1_751_840_400_i64, false, 0_u32, vec![(); 19]);
        let bytes = rmp_serde::to_vec(&earlier).expect("MessagePack");
        assert!(SnapshotHeader::decode(&bytes).is_err());
        assert!(RegionSnapshot::decode(bytes).is_err());
    }
}
