//! The models of the exact codec: their tables, and what they start from.

use std::sync::OnceLock;

use super::super::models::{self as live, Model, Models};
use super::numbers::{NUMBER, SIGNED};

/// The primed models, a byte each.
pub(super) const PRIMED: &[u8] = include_bytes!("primed.bin");

/// Lays out tables one after the other: a constant for each, the index of its first model.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $size:expr,)*) => {
        tables!(@next 0; $($(#[$doc])* $name: $size,)*);
    };
    (@next $start:expr; $(#[$doc:meta])* $name:ident: $size:expr, $($rest:tt)*) => {
        $(#[$doc])* pub(super) const $name: usize = $start;
        tables!(@next $name + $size; $($rest)*);
    };
    (@next $start:expr;) => {
        /// The models of places, which are not primed, follow the others.
        pub(super) const PLACE: usize = $start;
    };
}

tables! {
    /// Which rows a minute has: by the minutes missed, the age of the last contact, and the ground.
    PRESENT: 4 * 8,
    /// Changes: whether there is none, by the age of the old row and the ground.
    SAME: 8,
    CONTACT_SAME: 4,
    CONTACT_CHANGE: 4 * SIGNED,
    POSITION_TIME_SAME: 8,
    LAG_KNOWN: 2,
    LAG_CHANGE: 4 * SIGNED,
    FORMS_SAME: 4,
    BITS_SAME: 8,
    /// Changes of numbers, by the class of flight and what the aircraft did before.
    RATE_CHANGE: 16 * SIGNED,
    TURN: 16 * SIGNED,
    SPEED_UP: 16 * SIGNED,
    VELOCITY_CHANGE: 2 * SIGNED,
    TRACK_CHANGE: 2 * SIGNED,
    BARO_CHANGE: 16 * SIGNED,
    GEO_CHANGE: 8 * SIGNED,
    ALONG: 33 * SIGNED,
    ACROSS: 33 * SIGNED,
    /// Changes of the identity: whether there is one, then of which fields.
    IDENTITY_CHANGE: 16,
    /// Whole rows.
    COUNT: NUMBER,
    GAP: 6 * NUMBER,
    FIRST: NUMBER,
    GROUND: 2,
    FORM: 14 * 7,
    CONTACT: SIGNED,
    LAG: 2 * SIGNED,
    RATE_WHOLE: 2 * SIGNED,
    ALTITUDE_THOUSANDS: 3 * 64,
    ALTITUDE_REST: 6 * 64,
    ALTITUDE_OTHER: SIGNED,
    GEO_OVER_BARO: SIGNED,
    SPEED_CLASS: 10 * 64,
    SPEED_OTHER: 2 * SIGNED,
    SOUTHWARD: 1,
    VELOCITY_WHOLE: 2 * SIGNED,
    TRACK_WHOLE: 2 * SIGNED,
    SPI: 1,
    SOURCE: 4,
    CATEGORY: 33,
    SQUAWK_KNOWN: 2,
    SQUAWK_VFR: 2,
    SQUAWK_HIGH: 64,
    SQUAWK_LOW: 64,
    ORIGIN_PREDICTED: 2,
    COUNTRY_SAME: 4,
    COUNTRY_KNOWN: 2,
    COUNTRY: 32 + 32 * 32,
    /// The tables of callsigns, in the order and sizes of the live codec's.
    CALLSIGN: 7_490,
}

// Stored packs depend on these tables: the live codec must not change them.
const _: () = assert!(live::SQUAWK_KNOWN - live::REGISTRATION == 7_490);

/// The models of places: three for each node of a quadtree eight deep.
const PLACES: usize = 3 * 21845;

/// The models that every group and block starts from, trained on recorded traffic.
pub(super) fn primed() -> Models {
    static MODELS: OnceLock<Vec<Model>> = OnceLock::new();
    Models::of(MODELS.get_or_init(|| {
        let mut models: Vec<_> = PRIMED.iter().map(|&byte| Model::primed(byte)).collect();
        models.resize(PLACE + PLACES, Model::NEW);
        models
    }))
}
