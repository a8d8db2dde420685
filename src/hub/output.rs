//! The effects that a hub requests, to be performed in the given order.

use std::rc::Rc;

use super::{Place, Session, SessionId};

/// An effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Store all of this in one transaction, before anything is sent.
    Commit(Commit),
    /// Send the same frame to these clients.
    FanOut(Vec<SessionId>, Message),
    /// Send one client the logged frames after a sequence, in order.
    SendLog {
        /// The client's socket.
        session: SessionId,
        /// The client's sequence.
        after: u64,
    },
    /// Attach this to the socket, so that it survives hibernation.
    Remember(SessionId, Session),
    /// Close one client's socket.
    Close(SessionId, CloseCode),
}

/// A frame in one of the two formats.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `wire::BYTES_PROTOCOL`. A keyframe is the same bytes for all that are sent it.
    Binary(Rc<Vec<u8>>),
    /// `wire::TEXT_PROTOCOL`. All receivers of a keyframe share one text. Not `Rc<str>`, which
    /// would copy the text once more: 28,000 aircraft have 11 MB.
    Json(Rc<String>),
}

/// The state to store after a region snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The region's new place.
    pub place: Place,
    /// The region snapshot, exact.
    pub region_snapshot: Vec<u8>,
    /// The live state that clients hold, as `wire::StoredLiveState`.
    pub held: Vec<u8>,
    /// The new frame, for the log; `None` if it is not kept.
    pub frame: Option<Rc<Vec<u8>>>,
    /// The log no longer has any sequence up to this one.
    pub forget_through: u64,
}

/// Why a socket is closed, as its close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The client violated the protocol.
    Protocol = 4002,
    /// The client left frames unacknowledged for too long, or while other clients needed the
    /// region's memory.
    Slow = 4008,
    /// The region has no room for another client that reads text.
    TooMany = 4009,
}

impl CloseCode {
    /// The reason that the client gets, at most the 123 bytes of a close frame.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Protocol => {
                "expected ping, or {\"ack\":sequence,\"digest\":digest} of a frame that was sent"
            }
            Self::Slow => "slow: acknowledge each frame with {\"ack\":sequence,\"digest\":digest}",
            Self::TooMany => "too many clients read text: use overflight.v3, or come back later",
        }
    }
}
