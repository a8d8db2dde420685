//! The receipt for a sky.

use serde::{Deserialize, Serialize};

use crate::archive::Date;
use crate::feed::Sky;
use crate::wire::DroppedObject;

/// What became of a pushed sky.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    time: i64,
    date: String,
    /// How many rows were taken.
    pub accepted: usize,
    rejected: Vec<Rejected>,
    /// How many rows were left out, those that are not listed included.
    pub rejected_count: usize,
    /// The unusable values, whose fields became null.
    dropped: Vec<DroppedObject>,
    /// Whether the minute was recorded before.
    pub duplicate: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rejected {
    row: usize,
    reason: String,
}

impl Receipt {
    /// The receipt for a sky that is news, with the first of its rejected rows.
    pub fn new(sky: &Sky, listed: usize) -> Self {
        let rejected = sky.rejected.iter().take(listed);
        Self {
            time: sky.time,
            date: Date(sky.time).to_string(),
            accepted: sky.aircraft.len(),
            rejected: rejected
                .map(|error| Rejected { row: error.row, reason: error.reason.to_string() })
                .collect(),
            rejected_count: sky.rejected.len(),
            dropped: sky.dropped.iter().cloned().map(DroppedObject::from).collect(),
            duplicate: false,
        }
    }

    /// How many values were unusable, in all fields.
    pub fn dropped_count(&self) -> u64 {
        self.dropped.iter().map(|dropped| dropped.count).sum()
    }
}
