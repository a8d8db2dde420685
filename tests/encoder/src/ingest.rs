//! What the Worker does about a sky, from the source's bytes to the frames of all regions.
//!
//! In scope: all that the objects compute, in their order. Out of scope: storage, sockets, and how
//! the platform hands bytes on.

use overflight::airspace::Snapshot;
use overflight::archive::Minute;
use overflight::earth::REGIONS;
use overflight::earth::country::Boundaries;
use overflight::feed::{self, FeedError};
use overflight::hub::{Hub, Input, Output, resolution};
use overflight::ledger::{count_by_country, share};
use overflight::wire::{Share, WireError};

const EPOCH: u64 = 1;

/// The ingest object and all regions.
pub struct Ingest {
    boundaries: Boundaries,
    minute: Minute,
    hubs: Vec<Hub>,
}

impl Ingest {
    /// Before the first sky.
    pub fn new(boundaries: Boundaries) -> Self {
        let hubs = REGIONS.iter().map(|_| Hub::default()).collect();
        let minute = Minute { snapshot: Snapshot::default() };
        Self { boundaries, minute, hubs }
    }

    /// Takes a response of the source in: the archive's object of it.
    pub fn archive(&mut self, response: &[u8]) -> Result<Vec<u8>, FeedError> {
        let sky = feed::parse(response, 0)?;
        let mut aircraft = sky.aircraft;
        for state in &mut aircraft {
            let point = state.position;
            state.current_country = point.and_then(|point| self.boundaries.country_at(point));
        }
        self.minute = Minute { snapshot: Snapshot::new(sky.time, aircraft) };
        let bytes = self.minute.encode();
        std::hint::black_box(count_by_country(&self.minute.snapshot));
        Ok(bytes)
    }

    /// What a region, by its place among all, is handed of the sky.
    pub fn share(&self, region: usize) -> Vec<u8> {
        let (region, sky) = (&REGIONS[region], &self.minute.snapshot);
        Share::encode_rows(EPOCH, resolution(region), sky, &share(region, sky))
    }

    /// The frame that the region makes of its share; none where it had it already.
    pub fn deliver(&mut self, region: usize, share: Vec<u8>) -> Result<Vec<u8>, WireError> {
        let share = Share::decode(share)?;
        let now = share.snapshot.time;
        let outputs = self.hubs[region].handle(now, Input::Share(share));
        let frames = outputs.into_iter().find_map(|output| match output {
            Output::Commit(commit) => commit.frame,
            _ => None,
        });
        Ok(frames.unwrap_or_default())
    }
}
