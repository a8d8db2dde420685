//! Cuts a minute into the regions' parts.

use std::iter;

use crate::aircraft::StateVector;
use crate::airspace::Snapshot;
use crate::archive::Minute;
use crate::earth::{REGIONS, Region};
use crate::hub::resolution;
use crate::wire::{SnapshotHeader, encode_minute};

/// A region's part of a minute. The region snapshot is the bytes of the header, then of the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<B> {
    /// The region.
    pub region: &'static Region,
    header: SnapshotHeader,
    /// The region's rows, encoded as in the archive.
    pub rows: B,
}

impl<B> Part<B> {
    fn new(region: &'static Region, of: &Snapshot, aircraft: usize, rows: B) -> Self {
        // The epoch is unknown until the minute is recorded.
        Self { region, header: SnapshotHeader::new(0, resolution(region), of, aircraft), rows }
    }

    /// The header of the region snapshot in this epoch.
    pub fn header(&self, epoch: u64) -> SnapshotHeader {
        SnapshotHeader { epoch, ..self.header }
    }
}

/// Each region's part of a minute, in the order of [`REGIONS`]. `world` gets `object`, the same
/// bytes as the archive. `keep` stores the bytes of one other region at a time.
pub fn parts<B>(minute: &Minute, object: B, keep: impl Fn(&[u8]) -> B) -> Vec<Part<B>> {
    let source = &minute.snapshot;
    let world = Part::new(&REGIONS[0], source, source.aircraft().len(), object);
    let boxes = REGIONS[1..].iter().zip(cut(source)).map(|(region, aircraft)| {
        Part::new(region, source, aircraft.len(), keep(&encode_minute(source, &aircraft)))
    });
    iter::once(world).chain(boxes).collect()
}

/// The aircraft of each region except `world`, in the order of [`REGIONS`], ascending by address.
pub fn cut(source: &Snapshot) -> Vec<Vec<&StateVector>> {
    let boxes = &REGIONS[1..];
    let mut parts = vec![Vec::new(); boxes.len()];
    for state in source.aircraft().iter().filter(|state| state.position.is_some()) {
        let own = boxes.iter().position(|region| region.holds(state.position));
        parts[own.expect("the boxes cut the globe")].push(state);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed;
    use crate::wire::RegionSnapshot;

    #[test]
    fn a_region_gets_its_rows_as_the_archive_has_them() {
        let text = r#"[{"icao24":"3c6444","longitude":8.5,"latitude":50},
            {"icao24":"00834c","longitude":-100,"latitude":20,"callsign":"LNK638C"},
            {"icao24":"4b1803","callsign":"SWR1"}]"#;
        let source = feed::parse(text.as_bytes(), 1_751_840_400).expect("a source");
        let snapshot = Snapshot::new(source.time, source.aircraft).marked(true);
        let minute = Minute { snapshot };
        let object = minute.encode();
        let parts = parts(&minute, object.clone(), <[u8]>::to_vec);
        assert_eq!(parts[0].rows, object, "the same bytes");
        assert!(parts.iter().map(|part| part.region).eq(&REGIONS));
        for part in parts {
            let header = part.header(9);
            let region_snapshot = RegionSnapshot::decode([header.encode(), part.rows].concat())
                .expect("a region snapshot");
            assert_eq!(
                (region_snapshot.epoch, region_snapshot.resolution),
                (9, resolution(part.region))
            );
            let own = |state: &&StateVector| part.region.holds(state.position);
            assert!(
                region_snapshot.snapshot.aircraft().iter().eq(minute
                    .snapshot
                    .aircraft()
                    .iter()
                    .filter(own))
            );
            assert_eq!(
                (region_snapshot.snapshot.time, region_snapshot.snapshot.simulated),
                (source.time, true)
            );
        }
    }
}
