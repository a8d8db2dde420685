//! Floor 3: what the Worker and the Durable Objects ask each other, and the answers.
//!
//! In scope: the types of both sides, and what they serialize to.
//! Out of scope: how a question travels, which is `platform`'s.

mod archive;
mod ingest;
mod receipt;
mod region;
mod status;

pub use archive::{ArchiveDay, ArchiveFile, HistoryPoint};
pub use ingest::{Answered, Consumed, IngestAnswer, IngestQuestion, MinuteRow, Retried};
pub use receipt::Receipt;
pub use region::{Follower, RegionAnswer, RegionEntry, RegionQuestion, RegionState};
pub use status::{DeadJob, JobsStatus, RegionStatus, Status};
