//! All aircraft as the graphics card reads them: one buffer, written from the rows.
//!
//! In scope: the buffer, and each aircraft's instance in the previous buffer. Out of scope: the
//! numbers of one aircraft (instance.rs) and drawing.
//!
//! JavaScript reads the buffer in wasm's memory, so nothing is copied before the upload.

use wasm_bindgen::prelude::*;

use crate::Decoder;
use crate::instance::{Blend, Instance};
use crate::rows::Rows;

/// The instances of the shown picture.
#[wasm_bindgen]
#[derive(Default)]
pub struct Instances {
    now: Buffer,
    /// The previous picture, whose memory the next one reuses.
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
    /// Starts without a picture.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows the decoder's aircraft that have a position, from `now`, Unix seconds, on.
    ///
    /// With `left`, the remainder of the last blend, aircraft slide from where they are drawn now,
    /// and new ones fade in. Without it there is no blend.
    pub fn show(&mut self, decoder: &Decoder, now: f64, left: Option<f64>) {
        self.show_rows(&decoder.rows, left.map(|left| Blend { now, left }));
    }

    /// Unix seconds from which the buffer's times count: small numbers stay exact in floats.
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

    /// Where their icao24 begin in wasm's memory: unsigned 32-bit numbers, ascending.
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
            // Both are sorted by address, so one pass finds each aircraft's previous instance.
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
