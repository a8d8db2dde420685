//! What may happen to a region.

use super::{Format, SessionId};
use crate::access::Caller;
use crate::wire::Share;

/// A place in a region's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which history.
    pub epoch: u64,
    /// The sequence of the last frame that was understood.
    pub sequence: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// Ingest delivered the region's share of a sky.
    Share(Share),
    /// A client connected.
    Open {
        /// Its socket.
        session: SessionId,
        /// The subprotocol that it speaks.
        format: Format,
        /// Where it comes from, if that is known.
        caller: Option<Caller>,
        /// Where it says it was before.
        resume: Option<Place>,
    },
    /// A client sent a message.
    Message {
        /// Its socket.
        session: SessionId,
        /// The text, or `None` where the message was binary or longer than `MESSAGE_LENGTH_MAX`.
        text: Option<String>,
    },
    /// A client's socket is closed.
    Close(SessionId),
}
