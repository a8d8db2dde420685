//! What the coder believes of each kind of bit: the tables of models, by name, and how they learn.

use super::range::{NUMBER, ONE, SIGNED};

/// What is believed of one kind of bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Model {
    /// The probability of a zero, in units of 2⁻¹⁶.
    zero: u16,
    /// How often it has learnt, up to a bound: the more often, the slower it changes its mind.
    seen: u8,
}

/// After how many bits a model stops to become slower: the weight of the newest is then 1/128.
const SEEN_MAX: u8 = 126;

/// 2¹⁶ / (n + 1.5), for each n that `seen` can be.
const WEIGHT: [u32; SEEN_MAX as usize + 1] = {
    let mut table = [0; SEEN_MAX as usize + 1];
    let mut seen = 0;
    while seen < table.len() {
        table[seen] = (2 << 16) / (2 * seen as u32 + 3);
        seen += 1;
    }
    table
};

impl Model {
    pub(super) const NEW: Self = Self { zero: 1 << 15, seen: 0 };

    /// The probability of a zero in the coder's units, never none nor all.
    pub(super) fn zero(self) -> u32 {
        (u32::from(self.zero) >> 1).clamp(24, ONE - 24)
    }

    pub(super) fn learn(&mut self, bit: bool) {
        let weight = WEIGHT[usize::from(self.seen)];
        let zero = u32::from(self.zero);
        let step = |distance: u32| ((distance * (weight >> 1)) >> 15) as u16;
        if bit {
            self.zero -= step(zero);
        } else {
            self.zero += step(0xffff - zero);
        }
        self.seen = (self.seen + 1).min(SEEN_MAX);
    }
}

/// Lays tables out one behind the other: a constant for each, its first model.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $size:expr,)*) => {
        tables!(@next 0; $($(#[$doc])* $name: $size,)*);
        /// Names, first models and sizes of all tables.
        pub(super) const TABLES: &[(&str, usize, usize)] = &[$((stringify!($name), $name, $size),)*];
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
    /// Delta: what became of a row, by what is known of it.
    GONE: 8,
    NEWS: 64,
    /// Delta: whether a row's rarer fields changed, then which.
    CHANGED: 8,
    CHANGE: 12,
    /// Delta: the age's bucket, by the old one.
    AGE_NEWS: 16,
    /// Delta: residuals, by the kind of flight.
    RATE_NEWS: 9 * SIGNED,
    TRACK_NEWS: 6 * SIGNED,
    VELOCITY_NEWS: 6 * SIGNED,
    ALTITUDE_NEWS: 6 * SIGNED,
    ALONG_NEWS: 12 * SIGNED,
    CROSS_NEWS: 12 * SIGNED,
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
    /// Whole rows: motion.
    RATE: 2 * SIGNED,
    ALTITUDE_THOUSANDS: 3 * 64,
    ALTITUDE_REST: 6 * 64,
    ALTITUDE_OTHER: SIGNED,
    VELOCITY_HIGH: 10 * 64,
    VELOCITY_LOW: 32,
    VELOCITY_OTHER: NUMBER,
    TRACK_HIGH: 2 * 64,
    TRACK_LOW: 16,
    /// Whole rows: who it is.
    REGISTRATION: 2,
    AIRLINE_KNOWN: 16,
    AIRLINE: 16 * 255,
    SUFFIX_LENGTH: 2 * 8,
    SUFFIX_KIND: 8 * 16,
    SUFFIX_DIGIT: 40 * 16,
    SUFFIX_LETTER: 32,
    TEXT_LENGTH: 8,
    TEXT: 40 * 64,
    SQUAWK_KNOWN: 4,
    SQUAWK_VFR: 4,
    SQUAWK_HIGH: 64,
    SQUAWK_LOW: 64,
    ORIGIN_FORESEEN: 2,
    COUNTRY_SAME: 4,
    COUNTRY_KNOWN: 2,
    COUNTRY: 32 + 32 * 32,
    /// Whole rows: place, by a tree of quarters eight deep. Learnt in each frame anew.
    PLACE: 3 * 21845,
}

/// The models of one frame.
#[derive(Clone)]
pub(super) struct Models(Vec<Model>);

impl Models {
    /// What every frame starts from: what was learnt from much traffic before.
    pub(super) fn primed() -> Self {
        Self(vec![Model::NEW; MODELS])
    }

    pub(super) fn at(&mut self, model: usize) -> &mut Model {
        &mut self.0[model]
    }
}
