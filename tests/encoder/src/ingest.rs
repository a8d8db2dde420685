//! What the Worker does about a snapshot, from the source's bytes to the frames of all regions.
//!
//! In scope: all that the objects compute, in their order. Out of scope: storage, sockets, and how
//! the platform hands bytes on.

use std::rc::Rc;

use overflight::archive::Minute;
use overflight::earth::REGIONS;
use overflight::earth::country::Boundaries;
use overflight::feed::{self, FeedError};
use overflight::hub::{Format, Hub, Input, Output, Region, SessionId};
use overflight::ledger::{Part, parts};
use overflight::wire::{SnapshotHeader, WireError};

const EPOCH: u64 = 1;

/// The ingest object and all regions.
pub struct Ingest {
    boundaries: Boundaries,
    parts: Vec<Part<Vec<u8>>>,
    regions: Vec<Region>,
}

impl Ingest {
    /// Before the first snapshot. Of the regions only `world` is looked at, or all are.
    pub fn new(boundaries: Boundaries, all: bool) -> Self {
        let region = |index| if all || index == 0 { watched() } else { Region::default() };
        Self { boundaries, parts: Vec::new(), regions: (0..REGIONS.len()).map(region).collect() }
    }

    /// Takes a response of the source in: the archive's object of it.
    pub fn archive(&mut self, response: &[u8]) -> Result<Vec<u8>, FeedError> {
        let minute = Minute::of(feed::parse(response, 0)?, false, &self.boundaries);
        let object = minute.encode();
        std::hint::black_box(minute.count_by_country());
        self.parts = parts(&minute, &object, <[u8]>::to_vec);
        Ok(object)
    }

    /// What a region, by its place among all, is handed of the snapshot.
    pub fn region_snapshot(&self, region: usize) -> Vec<u8> {
        let part = &self.parts[region];
        [part.header(EPOCH).encode(), part.rows.clone()].concat()
    }

    /// The frame that the region makes of its region snapshot; none where it codes nothing.
    pub fn deliver(
        &mut self,
        region: usize,
        region_snapshot: Vec<u8>,
    ) -> Result<Vec<u8>, WireError> {
        let (SnapshotHeader { time, .. }, _rows) = SnapshotHeader::decode(&region_snapshot)?;
        let outputs = self.regions[region].deliver(time, region_snapshot)?;
        let frames = outputs.into_iter().find_map(|output| match output {
            Output::Commit(commit) => commit.frame,
            _ => None,
        });
        Ok(frames.map(Rc::unwrap_or_clone).unwrap_or_default())
    }
}

/// A region with a client, which never says anything: while its socket is there, it is coded for.
fn watched() -> Region {
    let (session, format) = (SessionId::default(), Format::Binary);
    let mut region = Region::awake(Hub::default(), 0);
    region.handle(0, Input::Open { session, format, caller: None, resume: None });
    region
}
