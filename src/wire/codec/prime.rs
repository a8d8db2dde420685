//! Makes the primed tables, which every frame starts from, from recorded traffic.
//!
//! Used by `examples/prime.rs`, not by the service.

use super::models::{PLACE, SHARED, primed_byte};
use super::range::Coder;
use super::{Memory, write_change, write_rows};
use crate::airspace::{LiveState, Resolution};

/// Counts the bits that frames of one resolution would code, by model.
pub struct BitCounts {
    resolution: Resolution,
    counts: Vec<[u32; 2]>,
}

impl Coder for BitCounts {
    fn bit(&mut self, model: usize, bit: bool) -> bool {
        if let Some(counts) = self.counts.get_mut(model) {
            counts[usize::from(bit)] += 1;
        }
        bit
    }

    fn uniform(&mut self, _total: u32, value: u32) -> u32 {
        value
    }

    fn is_exhausted(&self) -> bool {
        false
    }
}

impl BitCounts {
    /// A tally without any bits.
    pub fn new(resolution: Resolution) -> Self {
        Self { resolution, counts: vec![[0, 0]; PLACE] }
    }

    /// Counts the bits of a keyframe.
    pub fn whole(&mut self, live: &LiveState) {
        let mut memory = Memory::new(self.resolution);
        write_rows(self, &live.aircraft, &mut memory);
    }

    /// Counts the bits of a delta.
    pub fn change(&mut self, old: &LiveState, new: &LiveState) {
        let (seconds, by) = (new.time - old.time, self.resolution);
        write_change(self, &old.aircraft, &new.aircraft, seconds, by);
    }

    /// The primed models of this resolution, and those that both share; each is a file beside this
    /// one.
    pub fn tables(&self) -> (Vec<u8>, Vec<u8>) {
        let mut own: Vec<u8> = self.counts.iter().map(|&counts| primed_byte(counts)).collect();
        let shared = own.split_off(SHARED);
        (own, shared)
    }
}
