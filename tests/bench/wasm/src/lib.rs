//! The Worker's side of the wire as wasm, to be timed by `report.mjs`.
//!
//! In scope: two skies, and the frames that lead to the second. Out of scope: clocks.

use overflight::airspace::LiveSky;
use overflight::wire::{Share, encode_delta, encode_keyframe};
use wasm_bindgen::prelude::*;

/// Two skies, one a minute after the other.
#[wasm_bindgen]
pub struct Minute {
    before: LiveSky,
    after: LiveSky,
}

#[wasm_bindgen]
impl Minute {
    /// The skies in the bytes of two shares.
    #[wasm_bindgen(constructor)]
    pub fn new(before: &[u8], after: &[u8]) -> Result<Self, JsError> {
        let live = |bytes| Share::decode(bytes).map(|s| LiveSky::of(&s.snapshot, s.resolution));
        Ok(Self { before: live(before)?, after: live(after)? })
    }

    /// The keyframe of the later sky.
    pub fn keyframe(&self) -> Vec<u8> {
        encode_keyframe(1, 2, &self.after)
    }

    /// The frame from the earlier sky to the later one.
    pub fn delta(&self) -> Vec<u8> {
        encode_delta(1, (1, &self.before), 2, &self.after, |foreseen, is| foreseen == is).0
    }
}
