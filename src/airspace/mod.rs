//! Floor 1: the picture of the snapshot.
//!
//! In scope: a snapshot of many aircraft, what clients hold of it, where they will be.
//! Out of scope: bytes, sequences, who is watching.

mod forecast;
mod lattice;
mod live_state;
mod motion;
mod phase;
mod prediction;
mod snapshot;
mod trig;

pub use forecast::Forecast;
pub use lattice::{Cell, Point, Resolution};
pub use live_state::{Identity, LiveAircraft, LiveState};
pub use motion::{AGE_SECONDS, Motion, turn, turn_back};
pub use phase::Phase;
pub use prediction::{Outcome, Prediction};
pub use snapshot::Snapshot;
