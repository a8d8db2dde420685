//! Floor 4: the Durable Objects, adapters only.
//!
//! An object translates what the platform tells it into its engine's words, calls the engine under
//! a short borrow, releases the borrow, and only then awaits what the engine answered. No `await`
//! while an engine is borrowed, so the single thread is all the locking that state needs.

mod ingest;
mod ingest_answers;
mod ingest_jobs;
mod ingest_steps;
mod ingest_store;
mod ingest_tally;
mod region;
mod region_socket;
mod region_store;
mod schema;

pub(crate) use ingest_store::MinuteRow;
pub(crate) use region::RegionState;
