//! The Worker's side as wasm, for tests and the bench.
//!
//! In scope: frames from snapshots and from frames; countries under points, and the forecast for
//! one; ingest of a snapshot. Out of scope: clocks, what the frames should be.

mod ingest;

use overflight::airspace::{Forecast, LiveState};
use overflight::archive;
use overflight::earth::Position;
use overflight::earth::country::Boundaries;
use overflight::wire::{Frame, RegionSnapshot, encode_delta, encode_keyframe};
use wasm_bindgen::prelude::*;

/// Two live states, one a minute after the other.
#[wasm_bindgen]
pub struct Minute {
    before: LiveState,
    after: LiveState,
}

#[wasm_bindgen]
impl Minute {
    /// Reads the bytes of two region snapshots.
    #[wasm_bindgen(constructor)]
    pub fn new(before: &[u8], after: &[u8]) -> Result<Self, JsError> {
        let live = |bytes: &[u8]| {
            RegionSnapshot::decode(bytes.to_vec()).map(|s| LiveState::of(&s.snapshot, s.resolution))
        };
        Ok(Self { before: live(before)?, after: live(after)? })
    }

    /// Returns the keyframe of the later live state.
    pub fn keyframe(&self) -> Vec<u8> {
        encode_keyframe(1, 2, &self.after)
    }

    /// Returns the delta from the earlier live state to the later one.
    pub fn delta(&self) -> Vec<u8> {
        encode_delta(1, (1, &self.before), 2, &self.after)
    }
}

/// Reads frames and encodes each anew.
#[wasm_bindgen]
#[derive(Default)]
pub struct Echo {
    live: LiveState,
}

#[wasm_bindgen]
impl Echo {
    /// Starts with an empty live state.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies a frame and returns our own frame for the same change.
    pub fn rewrite(&mut self, frame: &[u8]) -> Result<Vec<u8>, JsError> {
        let read = Frame::decode(frame)?;
        let next = read.apply(&self.live)?;
        let written = match read.base {
            None => encode_keyframe(read.epoch, read.sequence, &next),
            Some(base) => encode_delta(read.epoch, (base, &self.live), read.sequence, &next),
        };
        self.live = next;
        Ok(written)
    }
}

/// The boundaries, and points to look up in them.
#[wasm_bindgen]
pub struct Countries {
    boundaries: Boundaries,
    points: Vec<Position>,
}

#[wasm_bindgen]
impl Countries {
    /// Reads the boundaries from bytes; `points` alternates longitudes and latitudes.
    #[wasm_bindgen(constructor)]
    pub fn new(boundaries: &[u8], points: &[f64]) -> Result<Self, JsError> {
        let (points, _) = points.as_chunks();
        let points =
            points.iter().filter_map(|&[longitude, latitude]| Position::new(longitude, latitude));
        Ok(Self { boundaries: Boundaries::decode(boundaries)?, points: points.collect() })
    }

    /// Looks every point up and returns how many are over a country.
    pub fn look_up(&self) -> usize {
        self.points.iter().filter(|point| self.boundaries.country_at(**point).is_some()).count()
    }
}

/// A snapshot and the boundaries, for the forecast.
#[wasm_bindgen]
pub struct Predicted {
    boundaries: Boundaries,
    minute: archive::Minute,
}

#[wasm_bindgen]
impl Predicted {
    /// Reads the boundaries, and the snapshot of an archived minute, from their bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(boundaries: &[u8], minute: &[u8]) -> Result<Self, JsError> {
        let minute = archive::Minute::decode(minute)?;
        Ok(Self { boundaries: Boundaries::decode(boundaries)?, minute })
    }

    /// Returns how many aircraft will enter the country within that time; 0 for an unknown country.
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
    /// Starts before the first snapshot, with the boundaries in these bytes. Only `world` has a
    /// viewer, or `all` regions have one.
    #[wasm_bindgen(constructor)]
    pub fn new(boundaries: &[u8], all: bool) -> Result<Self, JsError> {
        Ok(Self(ingest::Ingest::new(Boundaries::decode(boundaries)?, all)))
    }

    /// Ingests a response of the source and returns the archive's object.
    pub fn archive(&mut self, response: &[u8]) -> Result<Vec<u8>, JsError> {
        Ok(self.0.archive(response)?)
    }

    /// Returns the region snapshot of the region with that index.
    pub fn region_snapshot(&self, region: usize) -> Vec<u8> {
        self.0.region_snapshot(region)
    }

    /// Delivers a region snapshot and returns the frame.
    pub fn deliver(&mut self, region: usize, region_snapshot: Vec<u8>) -> Result<Vec<u8>, JsError> {
        Ok(self.0.deliver(region, region_snapshot)?)
    }
}
