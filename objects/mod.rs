//! Floor 5: the Durable Objects, adapters only.
//!
//! An object turns a platform event into its engine's input, calls the engine under a short borrow,
//! releases the borrow, and only then awaits the effects. No `await` happens while an engine is
//! borrowed, so the single thread is all the locking that its state needs.

mod ingest;
mod region;
mod schema;
