//! The decoder's steps through a payload, as text.
//!
//! For the example in PROTOCOL.md, and to find the step at which another decoder goes wrong; the
//! service does not use it. Out of scope: what the steps mean.

use super::models::TABLES;
use super::range::{Coder, RangeDecoder};
use super::{read_change, read_whole};
use crate::airspace::{LiveAircraft, Resolution};

/// Returns a line for each bit and each uniform value of a payload: the model, the range and code
/// before it, and the value.
///
/// `old` holds a delta's base and the seconds since then; `None` for a keyframe.
pub(in crate::wire) fn trace(
    payload: &[u8],
    old: Option<(&[LiveAircraft], i64)>,
    resolution: Resolution,
) -> Vec<String> {
    let mut traced = Traced { decoder: RangeDecoder::new(payload, resolution), steps: Vec::new() };
    // An invalid payload has steps up to its error.
    let _snapshot = match old {
        None => read_whole(&mut traced, payload.len(), resolution),
        Some((old, seconds)) => read_change(&mut traced, payload.len(), old, seconds, resolution),
    };
    traced.steps
}

struct Traced<'a> {
    decoder: RangeDecoder<'a>,
    steps: Vec<String>,
}

impl Traced<'_> {
    fn step(&mut self, what: &str, (range, code): (u32, u32), how: &str, read: u32) {
        self.steps.push(format!("{what:<24} {range:08x} {code:08x}  {how:<14} {read:>4}"));
    }
}

impl Coder for Traced<'_> {
    fn bit(&mut self, model: usize, bit: bool) -> bool {
        let interval = self.decoder.interval();
        let (zero, bound) = self.decoder.probability(model);
        let read = self.decoder.bit(model, bit);
        let table = TABLES.partition_point(|&(_, first)| first <= model);
        let (name, first) = TABLES[table - 1];
        let what = format!("{name} + {}", model - first);
        self.step(&what, interval, &format!("{zero:>5} {bound:08x}"), u32::from(read));
        read
    }

    fn uniform(&mut self, total: u32, value: u32) -> u32 {
        let interval = self.decoder.interval();
        let read = self.decoder.uniform(total, value);
        // One of one, from `raw` with no bits, reads nothing.
        if total > 1 {
            self.step(&format!("uniform, 1 of {total}"), interval, "", read);
        }
        read
    }

    fn is_exhausted(&self) -> bool {
        self.decoder.is_exhausted()
    }
}
