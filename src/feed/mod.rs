//! Floor 1: a source's bytes become state vectors.
//!
//! In scope: what each source's response looks like, which of its rows can be believed, how a
//! source is logged in to.
//! Out of scope: fetching, clocks, countries, what happens to the state vectors.
//!
//! A bad value costs its field, which becomes null and is counted; a row without an address is an
//! entry in a list; neither costs the sky. A format is a function from bytes to a
//! sky; there is no trait for it, since nothing is generic over formats: `Format` names them all.

mod cell;
mod column;
mod dropped;
mod format;
pub mod opensky;
mod origins;
mod quick;
mod raw;
pub mod readsb;
mod row;
mod sky;
mod state;
mod states;

pub use dropped::{Dropped, Example};
pub use format::{Format, parse};
pub use row::{Reason, RowError};
pub use sky::{BODY_BYTES_MAX, FeedError, ROWS_MAX, Sky};
