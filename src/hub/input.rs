//! The events that a hub handles.

use serde::{Deserialize, Serialize};

use super::{FrameFormat, SessionId};
use crate::access::Caller;
use crate::wire::RegionSnapshot;

/// A place in a region's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The history.
    pub epoch: u64,
    /// The sequence of the last frame that was applied.
    pub sequence: u64,
}

/// An event.
#[derive(Clone, Debug)]
pub enum Input {
    /// Ingest delivered a region snapshot.
    Snapshot(RegionSnapshot),
    /// A client connected.
    Open {
        /// Its socket.
        session: SessionId,
        /// Its subprotocol.
        format: FrameFormat,
        /// Its caller, if known.
        caller: Option<Caller>,
        /// The place from which it wants to resume.
        resume: Option<Place>,
    },
    /// A client sent a message.
    Message {
        /// Its socket.
        session: SessionId,
        /// The text; `None` if the message was binary or longer than `MESSAGE_LENGTH_MAX`.
        text: Option<String>,
    },
    /// A client's socket closed.
    Close(SessionId),
}
