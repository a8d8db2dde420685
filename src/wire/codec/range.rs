//! The entropy coder: an adaptive binary range coder (as in LZMA), and its two sides behind one
//! trait, so that what is coded is written down once for both.

use super::models::Models;
use crate::airspace::Resolution;

/// Below this the range is refilled with a byte.
const TOP: u32 = 1 << 24;

/// How many zeros the encoder leaves out at the end; more of them are no frame of ours.
const ZEROS_MAX: usize = 8;

/// One side of the coder.
///
/// The encoder writes the bit that it is given and returns it; the decoder returns the bit that it
/// reads and looks at no argument. So one description of a row serves both.
pub(super) trait Coder {
    /// A bit under an adaptive model.
    fn bit(&mut self, model: usize, bit: bool) -> bool;
    /// One of `total` values, 2¹⁶ at the most, each as likely as the others.
    fn uniform(&mut self, total: u32, value: u32) -> u32;
    /// Whether this is the decoding side, and the bytes are at their end.
    fn is_exhausted(&self) -> bool;
}

/// Writes bits to bytes.
pub(super) struct Encoder {
    models: Models,
    low: u64,
    range: u32,
    /// The byte that a carry may still raise, and how many 0xff follow it.
    pending: Option<u8>,
    full: usize,
    bytes: Vec<u8>,
}

impl Encoder {
    pub(super) fn new(resolution: Resolution) -> Self {
        let models = Models::primed(resolution);
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

    /// The bytes, but for zeros at their end: the decoder reads zeros there.
    ///
    /// At least so many, lest the decoder takes them for too few.
    pub(super) fn finish(mut self, bytes_min: usize) -> Vec<u8> {
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
        // A long run of bits that were all predicted ends in more zeros than the decoder believes.
        let least = self.bytes.len().saturating_sub(ZEROS_MAX);
        while self.bytes.len() > least && self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes.resize(self.bytes.len().max(bytes_min), 0);
        self.bytes
    }
}

impl Coder for Encoder {
    // Some half a million bits a frame: a call for each would be a good part of the time.
    #[inline(always)]
    fn bit(&mut self, model: usize, bit: bool) -> bool {
        let model = self.models.at(model);
        let bound = model.zero_of(self.range);
        // Without a branch: what is coded well can't be guessed by the processor either.
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

/// Reads bits from bytes. Past their end it reads zeros, and says so.
pub(super) struct Decoder<'a> {
    models: Models,
    code: u32,
    range: u32,
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8], resolution: Resolution) -> Self {
        let (models, range) = (Models::primed(resolution), u32::MAX);
        let mut decoder = Self { models, code: 0, range, bytes, place: 0 };
        for _ in 0..4 {
            decoder.code = decoder.code << 8 | decoder.next();
        }
        decoder
    }

    fn next(&mut self) -> u32 {
        let byte = self.bytes.get(self.place).copied().unwrap_or(0);
        self.place += 1;
        u32::from(byte)
    }

    /// The range, and the code within it, before the next bit or value.
    #[cfg(feature = "tools")]
    pub(super) fn interval(&self) -> (u32, u32) {
        (self.range, self.code)
    }

    /// The probability of a zero under a model, and the part of the range that it takes.
    #[cfg(feature = "tools")]
    pub(super) fn belief(&mut self, model: usize) -> (u32, u32) {
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

impl Coder for Decoder<'_> {
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
    /// A value below 2^bits, as a path through a binary tree of 2^bits − 1 models.
    fn tree(&mut self, table: usize, bits: u32, value: u32) -> u32 {
        let mut node = 1;
        for shift in (0..bits).rev() {
            let bit = self.bit(table + node as usize - 1, value >> shift & 1 == 1);
            node = node << 1 | u32::from(bit);
        }
        node - (1 << bits)
    }

    /// Some bits, 24 at the most, each as likely as not.
    fn raw(&mut self, bits: u32, value: u32) -> u32 {
        let low = bits.min(12);
        // Of nothing there is one value, and it costs two divisions to code it: most numbers are
        // small and end before.
        let high = if bits > low { self.uniform(1 << (bits - low), value >> low) } else { 0 };
        if low == 0 {
            return 0;
        }
        high << low | self.uniform(1 << low, value & ((1 << low) - 1))
    }

    /// A whole number below 2²⁴, small ones cheapest: the number of its digits one by one, then its
    /// digits, of which the first three after the leading one are learnt. 24 + 25 × 7 models.
    fn number(&mut self, table: usize, value: u32) -> u32 {
        let digits = 32 - value.leading_zeros();
        let mut length = 0;
        while length < 24 && self.bit(table + length as usize, length < digits) {
            length += 1;
        }
        if length < 2 {
            return length;
        }
        let rest = length - 1;
        let learnt = rest.min(3);
        let low = rest - learnt;
        let branch = table + 24 + length as usize * 7;
        let high = self.tree(branch, learnt, value >> low & ((1 << learnt) - 1));
        let low_bits = self.raw(low, value & ((1 << low) - 1));
        1 << rest | high << low | low_bits
    }

    /// A whole number of either sign, small ones cheapest. 2 + `NUMBER` models.
    fn signed(&mut self, table: usize, value: i32) -> i32 {
        if !self.bit(table, value != 0) {
            return 0;
        }
        let negative = self.bit(table + 1, value < 0);
        let above = value.unsigned_abs().saturating_sub(1).min((1 << 24) - 1);
        let magnitude = self.number(table + 2, above) as i32 + 1;
        if negative { -magnitude } else { magnitude }
    }
}

impl<T: Coder> Code for T {}
