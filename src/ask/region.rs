//! Questions to a region's object, and its answers.

use serde::{Deserialize, Serialize};

/// How a region is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionState {
    /// 16 hexadecimal digits.
    pub epoch: String,
    /// The sequence of the latest frame.
    pub sequence: u64,
    /// The feed time of the latest share, Unix seconds; 0 before the first.
    pub time: i64,
    /// Whether its traffic is invented.
    pub simulated: bool,
    /// How many aircraft the region holds.
    pub aircraft: u32,
    /// How many sockets are open.
    pub subscribers: usize,
}
