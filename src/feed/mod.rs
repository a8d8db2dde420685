//! Floor 1: a source's bytes become state vectors.
//!
//! In scope: what each source's response looks like, which of its rows are valid, how to
//! log in to it.
//! Out of scope: fetching, clocks, countries, what happens to the state vectors.
//!
//! A bad value costs its field, which becomes null and is counted; a row without an address is
//! listed as rejected; neither costs the snapshot. A format is a function from bytes to a snapshot;
//! there is no trait for it, since nothing is generic over formats: `SourceFormat` names them all.

mod column;
mod country_names;
mod dropped;
mod format;
mod json_rows;
mod json_value;
pub mod opensky;
mod opensky_columns;
mod quick;
pub mod readsb;
mod row_error;
mod source_snapshot;
mod state_objects;
mod window;

pub use dropped::{Dropped, Example};
pub use format::{SourceFormat, parse, parse_body};
pub use row_error::{Reason, RowError};
pub use source_snapshot::{BODY_BYTES_MAX, FeedError, ROWS_MAX, SourceSnapshot};
