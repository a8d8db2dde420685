//! Codes of numbers that may be as large as 64 bits.

use super::super::range::Code;

/// What `wide` codes instead of a number that is too large for `signed`.
const ESCAPE: i32 = 1 << 24;

/// Codes of numbers, made of those of the live codec.
pub(super) trait Numbers: Code {
    /// Codes 64 bits without a model.
    fn bits(&mut self, value: i64) -> i64 {
        let mut read = 0;
        for shift in (0..64).step_by(16).rev() {
            read = read << 16 | i64::from(self.uniform(1 << 16, (value >> shift) as u32 & 0xffff));
        }
        read
    }

    /// Codes a whole number; small ones are cheapest, and large ones cost 64 bits and an escape.
    #[inline]
    fn wide(&mut self, table: usize, value: i64) -> i64 {
        let small = i32::try_from(value).ok().filter(|small| small.unsigned_abs() < 1 << 24);
        match self.signed(table, small.unwrap_or(ESCAPE)) {
            ESCAPE => self.bits(value),
            small => small.into(),
        }
    }

    /// Codes one of `total` equally likely values.
    fn even(&mut self, total: u32, value: u32) -> u32 {
        const LOW: u32 = 1 << 12;
        if total <= 1 << 16 {
            return if total > 1 { self.uniform(total, value) } else { 0 };
        }
        let high = self.even(total.div_ceil(LOW), value / LOW);
        high.wrapping_mul(LOW).wrapping_add(self.uniform(LOW, value % LOW))
    }
}

impl<T: Code> Numbers for T {}
