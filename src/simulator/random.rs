//! Randomness without state: every number is a hash of its purpose.

/// A seed and the purposes that were added to it. The same purposes always give the same numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// Returns the number for one of many: a slot, a cycle, a second.
    #[inline]
    pub(super) fn at(self, index: i64) -> Self {
        Self(mix(self.0 ^ (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Returns the number for a purpose.
    #[inline(always)]
    pub(super) fn of(self, purpose: &str) -> Self {
        // FNV-1a, which the compiler evaluates for a constant purpose.
        let mut name = 0xcbf2_9ce4_8422_2325_u64;
        for &byte in purpose.as_bytes() {
            name = (name ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(mix(self.0 ^ name))
    }

    /// Returns a number from 0 up to but not including 1.
    pub(super) fn unit(self) -> f64 {
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn between(self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Returns true with this probability.
    pub(super) fn chance(self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(super) fn below(self, count: u64) -> u64 {
        self.0 % count
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
#[inline]
fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
