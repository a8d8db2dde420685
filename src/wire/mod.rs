//! Floor 2: frames on the socket.
//!
//! In scope: keyframes and deltas, for browsers (`overflight.v3`: MessagePack) and for people
//! (`overflight.json`, and the state objects of the REST API); the live state that a client builds
//! from them.
//! Out of scope: sockets, which client gets which frame, what is stored.
//!
//! The bytes are specified in PROTOCOL.md. Rows here are the wire's own: no domain type derives
//! `Serialize`, so that no field becomes a promise by accident.

mod client_state;
mod codec;
mod columns;
mod dropped;
mod frame;
mod json;
mod minute;
mod msgpack;
mod object;
mod region_snapshot;
mod stored_live_state;

pub use client_state::{ClientState, WireError};
pub use codec::QUICK_SECONDS;
pub use codec::exact;
#[cfg(feature = "tools")]
pub use codec::prime;
pub use dropped::{DroppedObject, ExampleObject};
pub use frame::{Delta, DeltaWriter, Frame, VERSION, digest, encode_delta, encode_keyframe};
pub use json::encode as encode_json;
pub use minute::{MinuteError, decode_minute, encode_minute, encode_minute_in_pieces};
pub use object::{FieldValue, StateObject};
pub use region_snapshot::{RegionSnapshot, SnapshotHeader};
pub use stored_live_state::{Sent, StoredLiveState};

/// The WebSocket subprotocol of frames as bytes. Its number is the envelope's version.
pub const BYTES_PROTOCOL: &str = "overflight.v3";

/// The WebSocket subprotocol of frames as text.
pub const TEXT_PROTOCOL: &str = "overflight.json";
