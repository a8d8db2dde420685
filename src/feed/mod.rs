//! Floor 1: a source's bytes become state vectors.
//!
//! In scope: what each source's response looks like, which of its rows can be believed, how a
//! source is logged in to.
//! Out of scope: fetching, clocks, countries, what happens to the state vectors.
//!
//! A bad row is an entry in a list and never costs the sky. A format is a function from bytes to a
//! sky; there is no trait for it, since nothing is generic over formats: `Format` names them all.

mod cell;
mod column;
mod format;
pub mod opensky;
mod origins;
mod raw;
pub mod readsb;
mod row;
pub mod simulated;
mod sky;
mod state;
mod states;

pub use format::{Format, parse};
pub use row::{Reason, RowError};
pub use sky::{FeedError, Sky};
