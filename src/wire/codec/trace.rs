//! The decoder's steps through a payload, as text.
//!
//! For the example in PROTOCOL.md, and for whoever looks for the step at which another decoder
//! goes astray; the service does not use it. Out of scope: what the steps amount to.

use super::models::TABLES;
use super::range::{Coder, Decoder};
use super::{read_change, read_whole};
use crate::airspace::{LiveAircraft, Resolution};

/// A line for each bit and each uniform value that is read from a payload: under which model, where
/// the range and the code within it stand, and what is read.
///
/// `old` is what a delta changes and after how many seconds; `None` is for a keyframe.
pub(in crate::wire) fn trace(
    payload: &[u8],
    old: Option<(&[LiveAircraft], i64)>,
    resolution: Resolution,
) -> Vec<String> {
    let mut traced = Traced { decoder: Decoder::new(payload, resolution), steps: Vec::new() };
    // A payload that breaks off has its steps up to there.
    let _snapshot = match old {
        None => read_whole(&mut traced, payload.len(), resolution),
        Some((old, seconds)) => read_change(&mut traced, payload.len(), old, seconds, resolution),
    };
    traced.steps
}

struct Traced<'a> {
    decoder: Decoder<'a>,
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
        let (zero, bound) = self.decoder.belief(model);
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
        // One of one changes nothing: `raw` of no bits.
        if total > 1 {
            self.step(&format!("uniform, 1 of {total}"), interval, "", read);
        }
        read
    }

    fn is_exhausted(&self) -> bool {
        self.decoder.is_exhausted()
    }
}
