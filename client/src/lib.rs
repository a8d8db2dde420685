//! The browser's end of the wire.
//!
//! In scope: the crate's `wire::ClientState` and `archive::Minute` for JavaScript. Input: frames of
//! `world` and of regions, or a stored minute. Output: instances for the GPU, details, search
//! results and counts by country. Out of scope: sockets, drawing, which regions are open.

mod answers;
mod instance;
mod instances;
mod rows;
mod union;

use overflight::archive::Minute;
use overflight::earth::{Bbox, REGIONS};
use overflight::wire::{BYTES_PROTOCOL, ClientState, WireError};
use serde_json::json;
use wasm_bindgen::prelude::*;

pub use instances::Instances;
use rows::Rows;
use union::Union;

/// The live state, made of frames, or a stored minute, and the map's questions about it.
#[wasm_bindgen]
#[derive(Default)]
pub struct Decoder {
    rows: Rows,
    wants_keyframe: bool,
}

#[wasm_bindgen]
impl Decoder {
    /// Starts with an empty live state, without an epoch.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a stored minute, exact, from the bytes of `/api/archive/:day/:file`.
    ///
    /// It accepts no frames. Throws an `Error` that says why the bytes are not a minute.
    pub fn of_minute(bytes: &[u8]) -> Result<Self, JsError> {
        let Minute { snapshot } = Minute::decode(bytes)?;
        Ok(Self { rows: Rows::Past(snapshot), wants_keyframe: false })
    }

    /// The regions besides `world`, as a JSON array of `{name, bbox}`: west, south, east, north.
    pub fn regions() -> Option<String> {
        let regions = REGIONS.iter().filter(|region| !region.is_world());
        let regions: Vec<_> = regions
            .map(|region| {
                let Bbox { west, south, east, north } = region.bbox;
                json!({ "name": region.name, "bbox": [west, south, east, north] })
            })
            .collect();
        serde_json::to_string(&regions).ok()
    }

    /// The WebSocket subprotocol whose frames these are.
    pub fn protocol() -> String {
        BYTES_PROTOCOL.to_owned()
    }

    /// Applies one frame of a region, which is open from then on; `world` always is.
    ///
    /// Throws an `Error` that says what is wrong. The live state is then unchanged, and
    /// `wants_keyframe` says whether a keyframe helps.
    pub fn apply(&mut self, region: &str, frame: &[u8]) -> Result<(), JsError> {
        let Rows::Live(union) = &mut self.rows else {
            return Err(JsError::new("a stored minute accepts no frames"));
        };
        let applied = union.apply(region, frame);
        self.wants_keyframe = applied.as_ref().is_err_and(WireError::wants_keyframe);
        Ok(applied?)
    }

    /// Drops a region's live state.
    pub fn close(&mut self, region: &str) {
        if let Rows::Live(union) = &mut self.rows {
            union.close(region);
        }
    }

    /// Whether the last frame was refused because a keyframe is needed.
    #[wasm_bindgen(getter)]
    pub fn wants_keyframe(&self) -> bool {
        self.wants_keyframe
    }

    /// Whether all open regions are at `world`'s time.
    #[wasm_bindgen(getter)]
    pub fn settled(&self) -> bool {
        self.union().is_none_or(Union::settled)
    }

    /// The epoch of a region: 16 hexadecimal digits, since a number would lose bits.
    pub fn epoch(&self, region: &str) -> String {
        format!("{:016x}", self.picture(region).map_or(0, ClientState::epoch))
    }

    /// The sequence of a region's last frame; 0 before the first.
    pub fn sequence(&self, region: &str) -> f64 {
        self.picture(region).map_or(0, ClientState::sequence) as f64
    }

    /// The digest of a region's last frame, with which it is acknowledged; 0 before the first.
    pub fn digest(&self, region: &str) -> u32 {
        self.picture(region).map_or(0, ClientState::digest)
    }

    /// Unix seconds of the minute, or of `world`'s last frame; 0 before the first.
    #[wasm_bindgen(getter)]
    pub fn time(&self) -> f64 {
        self.rows.time() as f64
    }

    /// Whether the traffic is invented; false before the first frame.
    #[wasm_bindgen(getter)]
    pub fn simulated(&self) -> bool {
        self.rows.simulated()
    }

    /// How many aircraft are known, with or without a position.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.rows.count()
    }

    /// The region whose row of an aircraft is shown; `None` in a stored minute, or if the aircraft
    /// is unknown.
    pub fn source(&self, icao24: &str) -> Option<String> {
        self.union()?.source(icao24.parse().ok()?).map(str::to_owned)
    }

    /// The state object of one aircraft as JSON.
    pub fn details(&self, icao24: &str) -> Option<String> {
        answers::details(&self.rows, icao24)
    }

    /// Every country with the number of aircraft over it, as a JSON array sorted by name: the shape
    /// of `/api/countries/:date`, but for the shown aircraft.
    pub fn countries(&self) -> Option<String> {
        answers::countries(&self.rows)
    }

    /// The state objects of the aircraft over the country of these two letters, as a JSON array;
    /// `None` if the code is invalid.
    pub fn over(&self, iso_a2: &str) -> Option<String> {
        answers::over(&self.rows, iso_a2)
    }

    /// The state objects, as a JSON array, whose callsign or icao24 starts with the query: whole
    /// matches, then callsigns, then addresses.
    pub fn search(&self, query: &str, limit: usize) -> Option<String> {
        answers::search(&self.rows, query, limit)
    }
}

impl Decoder {
    fn union(&self) -> Option<&Union> {
        match &self.rows {
            Rows::Live(union) => Some(union),
            Rows::Past(_) => None,
        }
    }

    fn picture(&self, region: &str) -> Option<&ClientState> {
        self.union()?.picture(region)
    }
}
