//! Floor 3: what the Worker and the Durable Objects ask each other, and the answers.
//!
//! In scope: the types of both sides, and what they serialize to.
//! Out of scope: how a question travels, which is `platform`'s.

mod ingest;
mod receipt;
mod region;

pub use ingest::{Consumed, MinuteRow};
pub use receipt::Receipt;
pub use region::RegionState;
