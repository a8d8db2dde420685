//! The browser's end of the wire.
//!
//! In scope: the crate's own `wire::Picture` and `archive::Minute` for JavaScript: frames or a
//! stored minute in; rows for the GPU, details, search results and counts by country out.
//! Out of scope: sockets, drawing, anything that decides what the picture means.

use std::collections::HashMap;

use overflight::aircraft::{Icao24, StateVector};
use overflight::airspace::Snapshot;
use overflight::archive::Minute;
use overflight::earth::{CountryCode, country};
use overflight::wire::{BYTES_PROTOCOL, Picture, StateObject, WireError};
use serde_json::json;
use wasm_bindgen::prelude::*;

/// Values per aircraft in `Sky::rows`; `client/app/data/rows.ts` names them.
const STRIDE: usize = 10;

/// A sky and what the map asks of it: the live one, made of frames, or a stored minute.
#[wasm_bindgen]
#[derive(Default)]
pub struct Sky {
    picture: Picture,
    snapshot: Snapshot,
    wants_keyframe: bool,
}

#[wasm_bindgen]
impl Sky {
    /// An empty sky, at no epoch.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The sky of a stored minute, exact, of the bytes of `/api/archive/:day/:file`.
    ///
    /// It takes no frames. Throws an `Error` that says why the bytes are no minute.
    pub fn of_minute(bytes: &[u8]) -> Result<Self, JsError> {
        let Minute { snapshot } = Minute::decode(bytes)?;
        Ok(Self { snapshot, ..Self::default() })
    }

    /// Takes in one frame.
    ///
    /// Throws an `Error` that says what is wrong; the sky is then as before, and
    /// `wants_keyframe` tells whether a keyframe mends it.
    pub fn apply(&mut self, frame: &[u8]) -> Result<(), JsError> {
        let applied = self.picture.apply(frame);
        self.wants_keyframe = applied.as_ref().is_err_and(WireError::wants_keyframe);
        applied?;
        self.snapshot = self.picture.sky().snapshot();
        Ok(())
    }

    /// The WebSocket subprotocol whose frames these are.
    pub fn protocol() -> String {
        BYTES_PROTOCOL.to_owned()
    }

    /// Whether the last frame was refused for want of a keyframe.
    #[wasm_bindgen(getter)]
    pub fn wants_keyframe(&self) -> bool {
        self.wants_keyframe
    }

    /// Which history the sequence counts in: 16 hexadecimal digits, since a number would lose bits.
    #[wasm_bindgen(getter)]
    pub fn epoch(&self) -> String {
        format!("{:016x}", self.picture.epoch())
    }

    /// The sequence of the last frame; 0 before the first.
    #[wasm_bindgen(getter)]
    pub fn sequence(&self) -> f64 {
        self.picture.sequence() as f64
    }

    /// The digest of the last frame, with which it is acknowledged.
    #[wasm_bindgen(getter)]
    pub fn digest(&self) -> u32 {
        self.picture.digest()
    }

    /// Unix seconds of the minute, or of the last frame; 0 before the first.
    #[wasm_bindgen(getter)]
    pub fn time(&self) -> f64 {
        self.snapshot.time as f64
    }

    /// Whether the traffic is invented; false before the first frame.
    #[wasm_bindgen(getter)]
    pub fn simulated(&self) -> bool {
        self.snapshot.simulated
    }

    /// How many aircraft are known, with or without a position.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.aircraft().len()
    }

    /// The aircraft that have a position, by icao24, `STRIDE` numbers each; NaN means unknown.
    pub fn rows(&self) -> Vec<f64> {
        let mut rows = Vec::with_capacity(self.aircraft().len() * STRIDE);
        for state in self.aircraft() {
            if let Some(row) = row(state) {
                rows.extend(row);
            }
        }
        rows
    }

    /// The state object of one aircraft as JSON.
    pub fn details(&self, icao24: &str) -> Option<String> {
        let icao24: Icao24 = icao24.parse().ok()?;
        let state = self.snapshot.get(icao24)?;
        serde_json::to_string(&StateObject::new(state, None)).ok()
    }

    /// Every country with how many aircraft are over it, as a JSON array in the order of names: the
    /// shape of `/api/countries/:date`, but of this very sky.
    pub fn countries(&self) -> Option<String> {
        let mut counts = HashMap::<CountryCode, usize>::new();
        for code in self.aircraft().iter().filter_map(|state| state.current_country) {
            *counts.entry(code).or_default() += 1;
        }
        let rows: Vec<_> = country::countries()
            .iter()
            .map(|country| {
                let count = counts.get(&country.code).copied().unwrap_or(0);
                json!({ "name": country.name, "iso_a2": country.code.as_str(), "count": count })
            })
            .collect();
        serde_json::to_string(&rows).ok()
    }

    /// The state objects of the aircraft over the country of these two letters, as a JSON array;
    /// nothing where the code is none.
    pub fn over(&self, iso_a2: &str) -> Option<String> {
        let code: CountryCode = iso_a2.parse().ok()?;
        let over = self.aircraft().iter().filter(|state| state.current_country == Some(code));
        let objects: Vec<_> = over.map(|state| StateObject::new(state, None)).collect();
        serde_json::to_string(&objects).ok()
    }

    /// The state objects, as a JSON array, whose callsign or icao24 starts with the query.
    ///
    /// Whole matches come first, then callsigns, then addresses, each in alphabetical order
    /// and, where names are equal, in that of addresses.
    pub fn search(&self, query: &str, limit: usize) -> Option<String> {
        let query = query.trim().to_ascii_uppercase();
        let mut found: Vec<_> = self
            .aircraft()
            .iter()
            .filter_map(|state| rank(state, &query).map(|rank| (rank, name(state), state)))
            .collect();
        // Aircraft of one name are in the order of their addresses, as `aircraft` is.
        found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let objects: Vec<_> =
            found.iter().take(limit).map(|(_, _, state)| StateObject::new(state, None)).collect();
        serde_json::to_string(&objects).ok()
    }
}

impl Sky {
    fn aircraft(&self) -> &[StateVector] {
        self.snapshot.aircraft()
    }
}

fn row(state: &StateVector) -> Option<[f64; STRIDE]> {
    let position = state.position?;
    let known = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Some([
        f64::from(state.icao24.get()),
        position.longitude,
        position.latitude,
        state.time_position.unwrap_or(state.last_contact) as f64,
        known(state.velocity),
        known(state.true_track),
        known(state.baro_altitude.or(state.geo_altitude)),
        f64::from(u8::from(state.on_ground)),
        known(state.squawk.map(|squawk| f64::from(squawk.get()))),
        known(state.category.map(f64::from)),
    ])
}

fn name(state: &StateVector) -> String {
    state.callsign.map_or_else(|| state.icao24.to_string(), |callsign| callsign.to_string())
}

/// How well an aircraft answers a query in upper case; `None` where it does not.
fn rank(state: &StateVector, query: &str) -> Option<u8> {
    if query.is_empty() {
        return None;
    }
    let callsign = state.callsign.as_ref().map_or("", |callsign| callsign.as_str());
    let icao24 = state.icao24.to_string().to_ascii_uppercase();
    if callsign == query || icao24 == query {
        Some(0)
    } else if callsign.starts_with(query) {
        Some(1)
    } else {
        icao24.starts_with(query).then_some(2)
    }
}
