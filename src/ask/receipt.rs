//! The receipt for a snapshot.

use serde::{Deserialize, Serialize};

use crate::archive::Date;
use crate::feed::SourceSnapshot;
use crate::wire::DroppedObject;

/// The outcome of a pushed snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    time: i64,
    date: String,
    /// How many rows were accepted.
    pub accepted: usize,
    rejected: Vec<Rejected>,
    /// How many rows were rejected, including those not listed.
    pub rejected_count: usize,
    /// The unusable values, whose fields became null.
    dropped: Vec<DroppedObject>,
    /// Whether the minute was already recorded.
    pub duplicate: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rejected {
    row: usize,
    reason: String,
}

impl Receipt {
    /// The receipt for a new snapshot, with the first `listed` of its rejected rows.
    pub fn new(snapshot: &SourceSnapshot, listed: usize) -> Self {
        let rejected = snapshot.rejected.iter().take(listed);
        Self {
            time: snapshot.time,
            date: Date(snapshot.time).to_string(),
            accepted: snapshot.aircraft.len(),
            rejected: rejected
                .map(|error| Rejected { row: error.row, reason: error.reason.to_string() })
                .collect(),
            rejected_count: snapshot.rejected.len(),
            dropped: snapshot.dropped.iter().cloned().map(DroppedObject::from).collect(),
            duplicate: false,
        }
    }

    /// The number of unusable values in all fields.
    pub fn dropped_count(&self) -> u64 {
        self.dropped.iter().map(|dropped| dropped.count).sum()
    }
}
