//! Floor 5: the Durable Objects, adapters only.
//!
//! An object translates what the platform tells it into its engine's words, calls the engine under
//! a short borrow, releases the borrow, and only then awaits what the engine answered. No `await`
//! while an engine is borrowed, so the single thread is all the locking that state needs.

mod ingest;
mod region;
mod schema;
