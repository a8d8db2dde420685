//! The coder's models, one probability for each kind of bit: their tables, and how they adapt.

use std::sync::OnceLock;

use crate::airspace::Resolution;
use crate::wire::VERSION;

/// How many models `range::Code::number` and `range::Code::signed` use.
pub(super) const NUMBER: usize = 24 + 23 * 7;
pub(super) const SIGNED: usize = 2 + 24 + 6 * 7;

/// How many contexts each residual has between frames that are not quick. Quick frames have 8 more.
pub(super) const ALONG_UPDATES: usize = 3 * 3 * 5 * 3;
pub(super) const LEFT_UPDATES: usize = 3 * 3 * 3 * 3;
pub(super) const RATE_UPDATES: usize = 3 * 3 * 2;
pub(super) const ALTITUDE_UPDATES: usize = 4 * 4 * 5;
pub(super) const PLACE_UPDATES: usize = 10 * 4 * 5;
const QUICK: usize = 8;

/// The adaptive probability of one kind of bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Model {
    /// The probability of a zero, in units of 2⁻¹⁶.
    zero: u16,
    /// The number of bits seen, up to a bound: the more bits, the slower it adapts.
    seen: u8,
}

/// After this many bits the weight of a new one stays the same, 1/128.
const SEEN_MAX: u8 = 126;

/// 2¹⁵ / (n + 1.5), for each value n of `seen`.
const WEIGHT: [u32; SEEN_MAX as usize + 1] = {
    let mut table = [0; SEEN_MAX as usize + 1];
    let mut seen = 0;
    while seen < table.len() {
        table[seen] = (2 << 15) / (2 * seen as u32 + 3);
        seen += 1;
    }
    table
};

impl Model {
    pub(super) const NEW: Self = Self { zero: 1 << 15, seen: 0 };

    /// The probability of a zero, in units of 2⁻¹⁶.
    #[cfg(feature = "tools")]
    pub(super) fn zero(self) -> u32 {
        self.zero.into()
    }

    /// The part of a range that a zero takes: neither none nor all, since `learn` stops before.
    pub(super) fn zero_of(self, range: u32) -> u32 {
        ((u64::from(range) * u64::from(self.zero)) >> 16) as u32
    }

    pub(super) fn learn(&mut self, bit: bool) {
        let weight = WEIGHT[usize::from(self.seen)];
        let zero = u32::from(self.zero);
        // Towards 0 after a one, towards 0xffff after a zero; without a branch, which the processor
        // could not predict.
        let flip = u32::from(!bit).wrapping_neg() & 0xffff;
        let distance = zero ^ flip;
        self.zero = ((distance - ((distance * weight) >> 15)) ^ flip) as u16;
        self.seen = (self.seen + 1).min(SEEN_MAX);
    }
}

/// Lays out tables one after the other: a constant for each, the index of its first model.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $size:expr,)*) => {
        tables!(@next 0; $($(#[$doc])* $name: $size,)*);
        /// The tables by name, each with its first model, in their order.
        #[cfg(feature = "tools")]
        pub(super) const TABLES: &[(&str, usize)] = &[$((stringify!($name), $name),)*];
    };
    (@next $start:expr; $(#[$doc:meta])* $name:ident: $size:expr, $($rest:tt)*) => {
        $(#[$doc])* pub(super) const $name: usize = $start;
        tables!(@next $name + $size; $($rest)*);
    };
    (@next $start:expr;) => {
        /// The number of all models.
        pub(super) const MODELS: usize = $start;
    };
}

tables! {
    /// Delta: whether a row is updated, by whether the frames are quick.
    UPDATE: 2 * 64,
    /// Delta: residuals, by the kind of flight, the position's ages and what is known already.
    RATE_UPDATE: (RATE_UPDATES + QUICK) * SIGNED,
    ALTITUDE_UPDATE: (ALTITUDE_UPDATES + QUICK) * SIGNED,
    ALONG_UPDATE: (PLACE_UPDATES + QUICK) * SIGNED,
    CROSS_UPDATE: (PLACE_UPDATES + QUICK) * SIGNED,
    /// Whole rows: vertical rate and altitude.
    RATE: 2 * SIGNED,
    ALTITUDE_THOUSANDS: 3 * 64,
    ALTITUDE_REST: 6 * 64,
    ALTITUDE_OTHER: SIGNED,
    /// Delta: whether a row is removed. From here on both resolutions have the same primed models.
    GONE: 8,
    /// Delta: whether a row's rarer fields changed, then which.
    CHANGED: 8,
    CHANGE: 12,
    /// Delta: the age's bucket, by the kind of flight and the old bucket.
    AGE_UPDATE: 2 * 48,
    /// Delta: residuals of velocity and track, which are the same at both resolutions.
    VECTOR_ALONG: (ALONG_UPDATES + QUICK) * SIGNED,
    VECTOR_LEFT: (LEFT_UPDATES + QUICK) * SIGNED,
    POLAR_VELOCITY_UPDATE: QUICK * SIGNED,
    POLAR_TRACK_UPDATE: QUICK * SIGNED,
    /// Numbers of rows.
    COUNT: NUMBER,
    /// Whole rows: the gap between addresses, by the size of the one before.
    GAP: 6 * NUMBER,
    /// Whole rows: which fields are known, by whether it is on the ground.
    KNOWN: 16,
    GROUND: 2,
    AGE: 8,
    SPI: 1,
    SOURCE: 4,
    CATEGORY: 33,
    /// Whole rows: velocity and track.
    VELOCITY_HIGH: 10 * 64,
    VELOCITY_LOW: 32,
    VELOCITY_OTHER: NUMBER,
    OCTANT: 8,
    SECTOR: 8 * 8,
    POLAR_VELOCITY: NUMBER,
    POLAR_EIGHTH: 4 * 8,
    POLAR_TRACK: 128,
    /// Whole rows: identity.
    REGISTRATION: 2,
    AIRLINE_KNOWN: 16,
    AIRLINE: 16 * 255,
    SUFFIX_LENGTH: 2 * 8,
    SUFFIX_KIND: 8 * 16,
    SUFFIX_DIGIT: 40 * 16,
    SUFFIX_LETTER: 32,
    TEXT_LENGTH: 16,
    TEXT: 40 * 64,
    SQUAWK_KNOWN: 4,
    SQUAWK_VFR: 4,
    SQUAWK_HIGH: 64,
    SQUAWK_LOW: 64,
    ORIGIN_PREDICTED: 2,
    COUNTRY_SAME: 4,
    COUNTRY_KNOWN: 2,
    COUNTRY: 32 + 32 * 32,
    /// Whole rows: place, by a quadtree eight deep. These models are new in each frame.
    PLACE: 3 * 21845,
}

/// The first models that both resolutions share, and that have a file of their own.
pub(super) const SHARED: usize = GONE;

/// The primed models, a byte each: those of fine, those of display, and the shared ones.
const PRIMED: [&[u8]; 3] =
    [include_bytes!("fine.bin"), include_bytes!("display.bin"), include_bytes!("shared.bin")];

/// A hash that changes with the version of frames and with the primed models.
///
/// Frames that were stored under another fingerprint can no longer be read.
pub fn fingerprint() -> u64 {
    static FINGERPRINT: OnceLock<u64> = OnceLock::new();
    *FINGERPRINT.get_or_init(|| {
        crate::fingerprint::fingerprint(&[&[VERSION][..], &PRIMED.concat()].concat())
    })
}

/// The models of one frame.
///
/// Those of places are three fifths of all, and most frames use few of them: each part is made when
/// the first whole row lies there.
#[derive(Clone, Default)]
pub(super) struct Models {
    primed: Vec<Model>,
    places: Vec<Option<Box<Part>>>,
}

/// The models of 64 nodes of the quadtree, most of them adjacent: 768 bytes.
type Part = [Model; PART];
const PART: usize = 3 * 64;
const PARTS: usize = (MODELS - PLACE).div_ceil(PART);

impl Models {
    /// The models that every frame of a resolution starts from, trained on recorded traffic.
    ///
    /// Those of places start untrained, since each region has places of its own.
    pub(super) fn primed(resolution: Resolution) -> Self {
        static FINE: OnceLock<Vec<Model>> = OnceLock::new();
        static DISPLAY: OnceLock<Vec<Model>> = OnceLock::new();
        // A file of another layout is cut or filled, so that `examples/prime.rs` can replace it.
        let models = |bytes: &[u8], count: usize| {
            let bytes = bytes.iter().copied().chain(std::iter::repeat(0)).take(count);
            bytes.map(Model::primed).collect::<Vec<_>>()
        };
        let (table, own) = match resolution {
            Resolution::Fine => (&FINE, PRIMED[0]),
            Resolution::Display => (&DISPLAY, PRIMED[1]),
        };
        let primed =
            table.get_or_init(|| [models(own, SHARED), models(PRIMED[2], PLACE - SHARED)].concat());
        Self { primed: primed.clone(), places: Vec::new() }
    }

    #[inline(always)]
    pub(super) fn at(&mut self, model: usize) -> &mut Model {
        if model >= self.primed.len() {
            return self.place(model - PLACE);
        }
        &mut self.primed[model]
    }

    #[cold]
    #[inline(never)]
    fn place(&mut self, model: usize) -> &mut Model {
        if self.places.is_empty() {
            self.places.resize_with(PARTS, || None);
        }
        let part = self.places[model / PART].get_or_insert_with(|| Box::new([Model::NEW; PART]));
        &mut part[model % PART]
    }

    /// These models, and no others.
    pub(super) fn of(models: &[Model]) -> Self {
        Self { primed: models.to_vec(), places: Vec::new() }
    }
}

/// The weights of a primed model, as numbers of bits seen.
const TRUST: [u8; 4] = [0, 4, 12, 30];

/// How near a primed probability may be to 0 or 1, in units of 2⁻¹⁶.
const ZERO_MIN: u32 = 48;

/// The probabilities of a zero that a primed model can have, in units of 2⁻¹⁶: finer at the ends.
fn probability(step: u8) -> u32 {
    // Steps 0 to 63 of x² (3 − 2x): flat at both ends, where a small difference is a large one.
    let x = u32::from(step) * 2 + 1;
    (x * x * (3 * 128 - 2 * x) / 32).clamp(ZERO_MIN, 0xffff - ZERO_MIN)
}

impl Model {
    /// The model in a byte of a primed table: the probability's step, and above it the weight.
    pub(super) fn primed(byte: u8) -> Self {
        match byte >> 6 {
            0 => Self::NEW,
            trust => {
                let zero = probability(byte & 63) as u16;
                Self { zero, seen: TRUST[usize::from(trust)] }
            }
        }
    }
}

/// The byte of a primed table for a model that saw these numbers of zeros and ones.
#[cfg(feature = "tools")]
pub(super) fn primed_byte([zeros, ones]: [u32; 2]) -> u8 {
    let seen = zeros + ones;
    let trust = match seen {
        // So few that the table would rather grow than help. Recorded traffic counts three times.
        0..=31 => return 0,
        32..=95 => 1,
        96..=767 => 2,
        _ => 3,
    };
    let wanted = (f64::from(zeros) + 0.4) / (f64::from(seen) + 0.8);
    // The step that codes these bits in the fewest bits.
    let cost = |step: u8| {
        let zero = f64::from(probability(step)) / 65_536.0;
        -wanted * zero.ln() - (1.0 - wanted) * (1.0 - zero).ln()
    };
    let best = (0..64).min_by(|&a, &b| cost(a).total_cmp(&cost(b))).expect("there are 64 steps");
    trust << 6 | best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primed_files_have_a_byte_for_each_model_except_those_of_places() {
        assert_eq!(PRIMED.map(<[u8]>::len), [SHARED, SHARED, PLACE - SHARED]);
    }
}
