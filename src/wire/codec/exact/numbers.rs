//! Codes of whole numbers, made of bits. The archive has its own, so that the live codec may
//! change.

use super::super::range::Code;

/// Only numbers of at most this many binary digits have models for their digits.
const MODELLED_DIGITS: usize = 8;

/// How many models `count` and `difference` use.
pub(super) const NUMBER: usize = 24 + (MODELLED_DIGITS - 1) * 7;
pub(super) const SIGNED: usize = 2 + NUMBER;

/// What `difference` codes instead of the magnitude of a number that is too large: 24 ones.
const ESCAPE: u32 = (1 << 24) - 1;

/// Codes of numbers.
pub(super) trait Numbers: Code {
    /// Codes 64 bits without a model.
    fn bits(&mut self, value: i64) -> i64 {
        let mut read = 0;
        for shift in (0..64).step_by(16).rev() {
            read = read << 16 | i64::from(self.uniform(1 << 16, (value >> shift) as u32 & 0xffff));
        }
        read
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

    /// Codes a number below 2²⁴; small ones are cheapest. First its length in bits, in unary; then
    /// its bits below the leading one. If it is not long, the first three have models.
    fn count(&mut self, table: usize, value: u32) -> u32 {
        let digits = 32 - value.leading_zeros();
        let mut length = 0;
        while length < 24 && self.bit(table + length as usize, length < digits) {
            length += 1;
        }
        if length < 2 {
            return length;
        }
        let rest = length - 1;
        let value = value & ((1 << rest) - 1);
        if length as usize > MODELLED_DIGITS {
            return 1 << rest | self.raw(rest, value);
        }
        let low = rest - rest.min(3);
        let branch = table + 24 + (length as usize - 2) * 7;
        let high = self.tree(branch, rest - low, value >> low);
        let low_bits = if low > 0 { self.uniform(1 << low, value & ((1 << low) - 1)) } else { 0 };
        1 << rest | high << low | low_bits
    }

    /// Codes a whole number of either sign; small ones are cheapest, and large ones cost 64 bits.
    #[inline]
    fn difference(&mut self, table: usize, value: i64) -> i64 {
        if !self.bit(table, value != 0) {
            return 0;
        }
        let is_negative = self.bit(table + 1, value < 0);
        let above = value.unsigned_abs().wrapping_sub(1).min(ESCAPE.into()) as u32;
        match self.count(table + 2, above) {
            ESCAPE => self.bits(value),
            above if is_negative => -i64::from(above) - 1,
            above => i64::from(above) + 1,
        }
    }
}

impl<T: Code> Numbers for T {}
