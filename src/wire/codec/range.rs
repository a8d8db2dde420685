//! The entropy coder: an adaptive binary range coder (as in LZMA). One trait has both sides, so
//! that one description of a row serves both.

use super::models::Models;
use crate::airspace::Resolution;

/// A range below this is extended by a byte.
const TOP: u32 = 1 << 24;

/// How many zero bytes the encoder omits at the end. A decoder that needs more rejects the frame.
const ZEROS_MAX: usize = 8;

/// One side of the coder.
///
/// The encoder writes the given bit and returns it; the decoder ignores the argument and returns
/// the bit that it reads. So one description of a row serves both.
pub(super) trait Coder {
    /// Codes a bit under an adaptive model.
    fn bit(&mut self, model: usize, bit: bool) -> bool;
    /// Codes one of `total` equally likely values, at most 2¹⁶.
    fn uniform(&mut self, total: u32, value: u32) -> u32;
    /// Whether a decoder has read past the end of the bytes; false for an encoder.
    fn is_exhausted(&self) -> bool;
}

/// Writes bits to bytes.
pub(super) struct RangeEncoder {
    models: Models,
    low: u64,
    range: u32,
    /// The byte that a carry may still raise, and how many 0xff follow it.
    pending: Option<u8>,
    full: usize,
    bytes: Vec<u8>,
}

impl RangeEncoder {
    pub(super) fn new(resolution: Resolution) -> Self {
        Self::over(Models::primed(resolution))
    }

    /// An encoder that starts from these models.
    pub(super) fn over(models: Models) -> Self {
        Self { models, low: 0, range: u32::MAX, pending: None, full: 0, bytes: Vec::new() }
    }

    #[inline]
    fn refill(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        let carry = self.low >> 32 != 0;
        let top = (self.low >> 24) as u8;
        if carry || top != 0xff {
            if let Some(byte) = self.pending {
                self.bytes.push(byte.wrapping_add(u8::from(carry)));
            }
            let fill = if carry { 0 } else { 0xff };
            if self.full > 0 {
                self.bytes.extend(std::iter::repeat_n(fill, self.full));
                self.full = 0;
            }
            self.pending = Some(top);
        } else {
            self.full += 1;
        }
        self.low = (self.low & 0x00ff_ffff) << 8;
    }

    /// Returns the bytes without trailing zeros, which the decoder assumes; at least `bytes_min`,
    /// the fewest that the decoder accepts.
    pub(super) fn finish(self, bytes_min: usize) -> Vec<u8> {
        self.finish_models(bytes_min).0
    }

    /// Also returns the models, from which the next bytes may start.
    pub(super) fn finish_models(mut self, bytes_min: usize) -> (Vec<u8>, Models) {
        // Of the values in the range, the one with the most zeros at its end.
        let high = self.low + u64::from(self.range) - 1;
        for zeros in (0..=32).rev() {
            let value = high >> zeros << zeros;
            if value >= self.low {
                self.low = value;
                break;
            }
        }
        for _ in 0..5 {
            self.shift();
        }
        // A long run of well-predicted bits ends in more zeros than the decoder assumes.
        let least = self.bytes.len().saturating_sub(ZEROS_MAX);
        while self.bytes.len() > least && self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes.resize(self.bytes.len().max(bytes_min), 0);
        (self.bytes, self.models)
    }
}

impl Coder for RangeEncoder {
    // A frame has some half a million bits: a call for each would take much of the time.
    #[inline(always)]
    fn bit(&mut self, model: usize, bit: bool) -> bool {
        let model = self.models.at(model);
        let bound = model.zero_of(self.range);
        // Without a branch: the processor could not predict it.
        let ones = u32::from(bit).wrapping_neg();
        self.low += u64::from(bound & ones);
        self.range = bound.wrapping_add(self.range.wrapping_sub(bound).wrapping_sub(bound) & ones);
        model.learn(bit);
        self.refill();
        bit
    }

    fn uniform(&mut self, total: u32, value: u32) -> u32 {
        self.range /= total;
        self.low += u64::from(self.range) * u64::from(value);
        self.refill();
        value
    }

    fn is_exhausted(&self) -> bool {
        false
    }
}

/// Reads bits from bytes; past their end it reads zeros.
pub(super) struct RangeDecoder<'a> {
    models: Models,
    code: u32,
    range: u32,
    bytes: &'a [u8],
    place: usize,
}

impl<'a> RangeDecoder<'a> {
    pub(super) fn new(bytes: &'a [u8], resolution: Resolution) -> Self {
        Self::over(bytes, Models::primed(resolution))
    }

    /// A decoder that starts from these models.
    pub(super) fn over(bytes: &'a [u8], models: Models) -> Self {
        let mut decoder = Self { models, code: 0, range: u32::MAX, bytes, place: 0 };
        for _ in 0..4 {
            decoder.code = decoder.code << 8 | decoder.next();
        }
        decoder
    }

    /// The models after what was read.
    pub(super) fn into_models(self) -> Models {
        self.models
    }

    fn next(&mut self) -> u32 {
        let byte = self.bytes.get(self.place).copied().unwrap_or(0);
        self.place += 1;
        u32::from(byte)
    }

    /// The range and the code before the next bit or value.
    #[cfg(feature = "tools")]
    pub(super) fn interval(&self) -> (u32, u32) {
        (self.range, self.code)
    }

    /// The probability of a zero under a model, and the part of the range that it takes.
    #[cfg(feature = "tools")]
    pub(super) fn probability(&mut self, model: usize) -> (u32, u32) {
        let model = self.models.at(model);
        (model.zero(), model.zero_of(self.range))
    }

    fn refill(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.code = self.code << 8 | self.next();
        }
    }
}

impl Coder for RangeDecoder<'_> {
    #[inline(always)]
    fn bit(&mut self, model: usize, _bit: bool) -> bool {
        let model = self.models.at(model);
        let bound = model.zero_of(self.range);
        let bit = self.code >= bound;
        if bit {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        model.learn(bit);
        self.refill();
        bit
    }

    fn uniform(&mut self, total: u32, _value: u32) -> u32 {
        self.range /= total;
        let value = (self.code / self.range).min(total - 1);
        self.code -= value * self.range;
        self.refill();
        value
    }

    fn is_exhausted(&self) -> bool {
        self.place > self.bytes.len() + ZEROS_MAX
    }
}

/// Codes of values, made of bits.
pub(super) trait Code: Coder {
    /// Codes a value below 2^bits, as a path through a binary tree of 2^bits − 1 models.
    fn tree(&mut self, table: usize, bits: u32, value: u32) -> u32 {
        let mut node = 1;
        for shift in (0..bits).rev() {
            let bit = self.bit(table + node as usize - 1, value >> shift & 1 == 1);
            node = node << 1 | u32::from(bit);
        }
        node - (1 << bits)
    }

    /// Codes at most 24 bits without a model.
    fn raw(&mut self, bits: u32, value: u32) -> u32 {
        let low = bits.min(12);
        // Skip what has no bits: coding it would cost two divisions, and most numbers are small.
        let high = if bits > low { self.uniform(1 << (bits - low), value >> low) } else { 0 };
        if low == 0 {
            return 0;
        }
        high << low | self.uniform(1 << low, value & ((1 << low) - 1))
    }

    /// Codes a whole number below 2²⁴; small ones are cheapest. First its length in bits, in unary;
    /// then its bits, of which the first three after the leading one have models. `NUMBER` models.
    fn number(&mut self, table: usize, value: u32) -> u32 {
        self.digits(table, 24, value)
    }

    /// Codes a number of which only values below 2^`most` have models for the digits.
    fn digits(&mut self, table: usize, most: u32, value: u32) -> u32 {
        let digits = 32 - value.leading_zeros();
        let mut length = 0;
        while length < 24 && self.bit(table + length as usize, length < digits) {
            length += 1;
        }
        if length < 2 {
            return length;
        }
        let rest = length - 1;
        let learnt = if length <= most { rest.min(3) } else { 0 };
        let low = rest - learnt;
        let branch = table + 24 + (length as usize - 2) * 7;
        let high = self.tree(branch, learnt, value >> low & ((1 << learnt) - 1));
        let low_bits = self.raw(low, value & ((1 << low) - 1));
        1 << rest | high << low | low_bits
    }

    /// Codes a whole number of either sign; small ones are cheapest. `SIGNED` models.
    fn signed(&mut self, table: usize, value: i32) -> i32 {
        if !self.bit(table, value != 0) {
            return 0;
        }
        let negative = self.bit(table + 1, value < 0);
        let above = value.unsigned_abs().saturating_sub(1).min((1 << 24) - 1);
        let magnitude = self.digits(table + 2, 7, above) as i32 + 1;
        if negative { -magnitude } else { magnitude }
    }
}

impl<T: Coder> Code for T {}
