//! Floor 1: the picture of the sky and its changes.
//!
//! In scope: a snapshot of many aircraft, the difference between two of them.
//! Out of scope: bytes, sequences, who is watching.

mod delta;
mod snapshot;

pub use delta::{Delta, apply, diff};
pub use snapshot::Snapshot;
