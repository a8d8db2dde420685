//! Questions to the ingest object, and its answers.

use serde::{Deserialize, Serialize};

/// A recorded minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MinuteRow {
    /// The feed's time, Unix seconds.
    pub time: i64,
    /// 1 where the traffic is invented.
    pub simulated: u8,
    /// How many aircraft it holds.
    pub aircraft: u32,
    /// The size of the object in R2.
    pub bytes: u64,
    /// R2's etag, without quotes.
    pub etag: String,
    /// JSON: country code to number of aircraft, zeros left out.
    pub counts: String,
}

impl MinuteRow {
    /// Whether its traffic is invented.
    pub fn is_simulated(&self) -> bool {
        self.simulated == 1
    }
}

/// What becomes of a message of the queue that the outbox has consumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumed {
    /// After how many seconds the queue shall deliver it again; `None` if it need not.
    pub retry_after: Option<u32>,
}
