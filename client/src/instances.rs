//! All aircraft as the graphics card reads them: one buffer, written from the rows.
//!
//! In scope: the buffer, and each aircraft's earlier self in the buffer before. Out of scope: the
//! numbers of one aircraft (instance.rs) and drawing.
//!
//! JavaScript looks at the buffer where it lies in wasm's memory, so nothing is copied before it is
//! uploaded.

use wasm_bindgen::prelude::*;

use crate::Decoder;
use crate::instance::{Blend, Instance};
use crate::rows::Rows;

/// What is drawn: the picture shown last.
#[wasm_bindgen]
#[derive(Default)]
pub struct Instances {
    now: Buffer,
    /// The picture shown before, whose memory the next one takes.
    before: Buffer,
}

#[derive(Default)]
struct Buffer {
    /// Unix seconds of the picture.
    base: f64,
    instances: Vec<Instance>,
    /// The address of each.
    icao24: Vec<u32>,
}

#[wasm_bindgen]
impl Instances {
    /// Before the first picture.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows a snapshot from `now`, Unix seconds, on: the aircraft that have a position.
    ///
    /// With `left`, what is left of the last blend, aircraft slide from where they are drawn now,
    /// and newcomers fade in. Without it all of them are there at once.
    pub fn show(&mut self, snapshot: &Decoder, now: f64, left: Option<f64>) {
        self.show_rows(&snapshot.rows, left.map(|left| Blend { now, left }));
    }

    /// Unix seconds that the times in the buffer count from: small numbers stay exact.
    #[wasm_bindgen(getter)]
    pub fn base(&self) -> f64 {
        self.now.base
    }

    /// How many aircraft there are.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.now.instances.len()
    }

    /// Where their floats begin in wasm's memory, 16 for each (`AT` in client/app/map/motion.ts).
    #[wasm_bindgen(getter)]
    pub fn floats_at(&self) -> usize {
        self.now.instances.as_ptr().addr()
    }

    /// Where their addresses begin in wasm's memory, an unsigned number of 32 bits each, ascending.
    #[wasm_bindgen(getter)]
    pub fn icao24_at(&self) -> usize {
        self.now.icao24.as_ptr().addr()
    }
}

impl Instances {
    fn show_rows(&mut self, rows: &Rows, blend: Option<Blend>) {
        std::mem::swap(&mut self.now, &mut self.before);
        let Self { now, before } = self;
        now.clear(rows.time() as f64);
        let blend = blend.filter(|_| !before.icao24.is_empty());
        let mut old = 0;
        for row in rows.iter() {
            let state = row.state();
            let Some(position) = state.position else { continue };
            let address = state.icao24.get();
            let instance = Instance::of(&state, position, now.base);
            // Both are sorted by address, so one walk finds each aircraft's earlier self.
            while before.icao24.get(old).is_some_and(|&earlier| earlier < address) {
                old += 1;
            }
            let known = before.icao24.get(old) == Some(&address);
            let instance = match blend {
                None => instance,
                Some(_) if !known => instance.born(),
                Some(blend) => {
                    instance.blended(now.base, &before.instances[old], before.base, blend)
                }
            };
            now.instances.push(instance);
            now.icao24.push(address);
        }
    }
}

impl Buffer {
    fn clear(&mut self, base: f64) {
        self.base = base;
        self.instances.clear();
        self.icao24.clear();
    }
}
