//! The Worker's side as wasm, for tests and the bench.
//!
//! In scope: frames made of snapshots and of frames; countries under points, and the forecast for
//! one; a snapshot taken in. Out of scope: clocks, what the frames should be.

mod ingest;

use overflight::airspace::{Forecast, LiveState};
use overflight::archive;
use overflight::earth::Position;
use overflight::earth::country::Boundaries;
use overflight::wire::{Frame, RegionSnapshot, encode_delta, encode_keyframe};
use wasm_bindgen::prelude::*;

/// Two snapshots, one a minute after the other.
#[wasm_bindgen]
pub struct Minute {
    before: LiveState,
    after: LiveState,
}

#[wasm_bindgen]
impl Minute {
    /// The snapshots in the bytes of two region snapshots.
    #[wasm_bindgen(constructor)]
    pub fn new(before: &[u8], after: &[u8]) -> Result<Self, JsError> {
        let live = |bytes: &[u8]| {
            RegionSnapshot::decode(bytes.to_vec()).map(|s| LiveState::of(&s.snapshot, s.resolution))
        };
        Ok(Self { before: live(before)?, after: live(after)? })
    }

    /// The keyframe of the later snapshot.
    pub fn keyframe(&self) -> Vec<u8> {
        encode_keyframe(1, 2, &self.after)
    }

    /// The frame from the earlier snapshot to the later one.
    pub fn delta(&self) -> Vec<u8> {
        encode_delta(1, (1, &self.before), 2, &self.after)
    }
}

/// Reads frames, and writes for each the one that leads the same way.
#[wasm_bindgen]
#[derive(Default)]
pub struct Echo {
    snapshot: LiveState,
}

#[wasm_bindgen]
impl Echo {
    /// At an empty snapshot.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The frame that leads from the snapshot before to the one that this frame leads to.
    pub fn rewrite(&mut self, frame: &[u8]) -> Result<Vec<u8>, JsError> {
        let read = Frame::decode(frame)?;
        let next = read.apply(&self.snapshot)?;
        let written = match read.base {
            None => encode_keyframe(read.epoch, read.sequence, &next),
            Some(base) => encode_delta(read.epoch, (base, &self.snapshot), read.sequence, &next),
        };
        self.snapshot = next;
        Ok(written)
    }
}

/// The boundaries, and points to ask them about.
#[wasm_bindgen]
pub struct Countries {
    boundaries: Boundaries,
    points: Vec<Position>,
}

#[wasm_bindgen]
impl Countries {
    /// The boundaries in the bytes; longitudes and latitudes by turns.
    #[wasm_bindgen(constructor)]
    pub fn new(boundaries: &[u8], points: &[f64]) -> Result<Self, JsError> {
        let (points, _) = points.as_chunks();
        let points =
            points.iter().filter_map(|&[longitude, latitude]| Position::new(longitude, latitude));
        Ok(Self { boundaries: Boundaries::decode(boundaries)?, points: points.collect() })
    }

    /// Looks every point up, and says how many are over a country.
    pub fn look_up(&self) -> usize {
        self.points.iter().filter(|point| self.boundaries.country_at(**point).is_some()).count()
    }
}

/// A snapshot, and the countries below it.
#[wasm_bindgen]
pub struct Predicted {
    boundaries: Boundaries,
    minute: archive::Minute,
}

#[wasm_bindgen]
impl Predicted {
    /// The countries in the bytes of boundaries, the snapshot in those of an archived minute.
    #[wasm_bindgen(constructor)]
    pub fn new(boundaries: &[u8], minute: &[u8]) -> Result<Self, JsError> {
        let minute = archive::Minute::decode(minute)?;
        Ok(Self { boundaries: Boundaries::decode(boundaries)?, minute })
    }

    /// How many will be over the country within so many seconds; none where there is no such one.
    pub fn arrivals(&self, iso_a2: &str, within_seconds: u32) -> usize {
        let Ok(country) = iso_a2.parse() else { return 0 };
        let forecast = Forecast::new(&self.boundaries, country);
        forecast.arrivals(&self.minute.snapshot, within_seconds).count()
    }
}

/// Ingest and all regions.
#[wasm_bindgen]
pub struct Ingest(ingest::Ingest);

#[wasm_bindgen]
impl Ingest {
    /// Before the first snapshot; the countries are in the bytes. Only `world` is looked at, or
    /// `all` regions are.
    #[wasm_bindgen(constructor)]
    pub fn new(boundaries: &[u8], all: bool) -> Result<Self, JsError> {
        Ok(Self(ingest::Ingest::new(Boundaries::decode(boundaries)?, all)))
    }

    /// Takes a response of the source in: the archive's object of it.
    pub fn archive(&mut self, response: &[u8]) -> Result<Vec<u8>, JsError> {
        Ok(self.0.archive(response)?)
    }

    /// What the region with that index is handed of the snapshot.
    pub fn region_snapshot(&self, region: usize) -> Vec<u8> {
        self.0.region_snapshot(region)
    }

    /// The frame that the region makes of its region snapshot.
    pub fn deliver(&mut self, region: usize, region_snapshot: Vec<u8>) -> Result<Vec<u8>, JsError> {
        Ok(self.0.deliver(region, region_snapshot)?)
    }
}
