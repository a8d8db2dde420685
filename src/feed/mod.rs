//! Floor 1: a source's bytes become state vectors.
//!
//! In scope: what each source's response looks like, which of its rows can be believed.
//! Out of scope: fetching, clocks, countries, what happens to the state vectors.
//!
//! A bad row is an entry in a list and never costs the sky.

pub mod opensky;
mod row;
pub mod simulated;
mod sky;

pub use row::{Reason, RowError};
pub use sky::{FeedError, Sky};
