//! Floor 3: the questions between the Worker and the Durable Objects, and their answers.
//!
//! In scope: the types, and how they serialise.
//! Out of scope: how a question travels (`platform`).

mod archive;
mod ingest;
mod receipt;
mod region;
mod status;

pub use archive::{ArchiveDay, ArchiveFile, HistoryPoint, SearchResult};
pub use ingest::{
    Answered, Consumed, ExportOrder, IngestAnswer, IngestQuestion, MinuteRow, Retried,
};
pub use receipt::Receipt;
pub use region::{Follower, RegionAnswer, RegionEntry, RegionQuestion, RegionState};
pub use status::{DeadJob, JobsStatus, RegionStatus, Status};
