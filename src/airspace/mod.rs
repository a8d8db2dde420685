//! Floor 1: aircraft at one time, exact and as clients see them.
//!
//! In scope: the snapshot, the live state, predictions and forecasts.
//! Out of scope: bytes, sequences, sessions.

mod course;
mod forecast;
mod lattice;
mod live_state;
mod motion;
mod phase;
mod prediction;
mod rotation;
mod snapshot;
mod trig;

pub use course::{Course, EIGHTHS, TURN, length};
pub use forecast::Forecast;
pub use lattice::{Cell, Point, Resolution};
pub use live_state::{Identity, LiveAircraft, LiveState};
pub use motion::{AGE_SECONDS, Motion};
pub use phase::Phase;
pub use prediction::{Outcome, Prediction};
pub use rotation::Rotation;
pub use snapshot::Snapshot;
pub(crate) use trig::cosine_of_latitude;
