//! Overflight: a realtime flight map that runs entirely on Cloudflare's edge.
//!
//! A pure model of air traffic that takes inputs and returns outputs, wrapped in the thinnest
//! possible Worker. The modules stand in floor order: each uses only those above it.

// Floor 0: the basic types.
pub mod fingerprint;

pub mod text;

pub mod earth;

pub mod aircraft;

// Floor 1: sources, snapshots and the live state.
pub mod airspace;
pub mod feed;
pub mod simulator;

// Floor 2: bytes on the wire and in the archive.
pub mod wire;

pub mod archive;

// Floor 3: the engines, and what callers ask.
pub mod access;
pub mod gate;
pub mod hub;
pub mod ledger;

pub mod jobs;

pub mod route;

pub mod problem;

pub mod ask;

pub mod metrics;

// Floor 4: what the Worker and its objects share of the platform.
#[cfg(feature = "edge")]
mod platform;

// Floor 5: the Worker and its objects, neither of which uses the other.
#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "edge")]
#[path = "../objects/mod.rs"]
mod objects;
