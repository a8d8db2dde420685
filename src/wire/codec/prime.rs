//! Makes the tables that every frame starts from, out of much traffic.
//!
//! Used by `examples/prime.rs`, not by the service.

use super::models::{PLACE, primed_byte};
use super::range::Coder;
use super::{Memory, write_change, write_rows};
use crate::airspace::{LiveState, Resolution};

/// Counts the bits that frames of one resolution would hold.
pub struct Tally {
    resolution: Resolution,
    counts: Vec<[u32; 2]>,
}

impl Coder for Tally {
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

impl Tally {
    /// Nothing seen yet.
    pub fn new(resolution: Resolution) -> Self {
        Self { resolution, counts: vec![[0, 0]; PLACE] }
    }

    /// Sees a keyframe.
    pub fn whole(&mut self, snapshot: &LiveState) {
        let mut memory = Memory::new(self.resolution);
        write_rows(self, &snapshot.aircraft, &mut memory);
    }

    /// Sees a delta.
    pub fn change(&mut self, old: &LiveState, new: &LiveState) {
        let (seconds, by) = (new.time - old.time, self.resolution);
        write_change(self, &old.aircraft, &new.aircraft, seconds, by);
    }

    /// The table, to be kept beside this file.
    pub fn table(&self) -> Vec<u8> {
        self.counts.iter().map(|&counts| primed_byte(counts)).collect()
    }
}
