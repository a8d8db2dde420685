//! Makes the primed table, which every group and block starts from, from recorded traffic.
//!
//! Used by `examples/prime_exact.rs`, not by the service.

use super::super::models::primed_byte;
use super::super::range::Coder;
use super::minutes::Minutes;
use super::models::PLACE;
use super::tracks;
use super::units::Units;
use crate::aircraft::StateVector;

/// Counts the bits that would be coded, by model.
pub struct ExactCounts(Vec<[u32; 2]>);

impl Coder for ExactCounts {
    fn bit(&mut self, model: usize, bit: bool) -> bool {
        if let Some(counts) = self.0.get_mut(model) {
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

impl Default for ExactCounts {
    fn default() -> Self {
        Self(vec![[0, 0]; PLACE])
    }
}

impl ExactCounts {
    /// Counts the bits of the next minute.
    pub fn minute(&mut self, minutes: &mut Minutes, time: i64, states: &[StateVector]) {
        minutes.code(self, Some(states), time, usize::MAX).expect("what we hold can be written");
    }

    /// Counts the bits of a block.
    pub fn tracks(&mut self, rows: &[(u16, StateVector)], times: &[i64], units: &Units) {
        tracks::write(self, rows, times, units);
    }

    /// The primed table, to be stored beside this file.
    pub fn table(&self) -> Vec<u8> {
        self.0.iter().map(|&counts| primed_byte(counts)).collect()
    }
}
