//! The Worker's work on a snapshot, from the source's bytes to the frames of all regions.
//!
//! In scope: all that the objects compute, in their order. Out of scope: storage, sockets, and how
//! the platform transfers bytes.

use std::rc::Rc;

use overflight::archive::Minute;
use overflight::earth::REGIONS;
use overflight::earth::country::Boundaries;
use overflight::feed::{self, FeedError};
use overflight::hub::{FrameFormat, Hub, Input, Output, RegionEngine, SessionId};
use overflight::ledger::{Part, parts};
use overflight::wire::{SnapshotHeader, WireError};

const EPOCH: u64 = 1;

/// The ingest object and all regions.
pub struct Ingest {
    boundaries: Boundaries,
    parts: Vec<Part<Vec<u8>>>,
    regions: Vec<RegionEngine>,
}

impl Ingest {
    /// Starts before the first snapshot. Only `world` has a viewer, or `all` regions have one.
    pub fn new(boundaries: Boundaries, all: bool) -> Self {
        let region = |index| if all || index == 0 { watched() } else { RegionEngine::default() };
        Self { boundaries, parts: Vec::new(), regions: (0..REGIONS.len()).map(region).collect() }
    }

    /// Ingests a response of the source and returns the archive's object.
    pub fn archive(&mut self, response: &[u8]) -> Result<Vec<u8>, FeedError> {
        let minute = Minute::of(feed::parse(response, 0)?, false, &self.boundaries);
        let object = minute.encode();
        std::hint::black_box(minute.count_by_country());
        self.parts = parts(&minute, object.clone(), <[u8]>::to_vec);
        Ok(object)
    }

    /// Returns the region snapshot of the region with that index.
    pub fn region_snapshot(&self, region: usize) -> Vec<u8> {
        let part = &self.parts[region];
        [part.header(EPOCH).encode(), part.rows.clone()].concat()
    }

    /// Delivers a region snapshot and returns the frame; empty where the region codes nothing.
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

/// Returns a region with a silent client: while its socket is open, the region codes frames.
fn watched() -> RegionEngine {
    let (session, format) = (SessionId::default(), FrameFormat::Binary);
    let mut region = RegionEngine::awake(Hub::default(), 0);
    region.handle(0, Input::Open { session, format, caller: None, resume: None });
    region
}
