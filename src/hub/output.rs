//! What a hub says is to be done, in the order in which it says so.

use std::rc::Rc;

use super::{Place, Session, SessionId};

/// What to do about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Store all of this in one transaction, before anything is sent.
    Commit(Commit),
    /// Send these clients the same frame.
    FanOut(Vec<SessionId>, Message),
    /// Send one client the logged frames after a sequence, in their order.
    SendLog {
        /// The client's socket.
        session: SessionId,
        /// The sequence that it has.
        after: u64,
    },
    /// Keep this with the socket, through hibernation.
    Remember(SessionId, Session),
    /// Close one client's socket.
    Close(SessionId, CloseCode),
}

/// A frame in one of the two languages.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `wire::BYTES_PROTOCOL`.
    Binary(Vec<u8>),
    /// `wire::TEXT_PROTOCOL`. A keyframe is the same text for all that are sent it. Not `Rc<str>`,
    /// which would copy the text when it is made: 28,000 aircraft have 11 MB.
    Json(Rc<String>),
}

/// The stored state after a share.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// Where the region is now.
    pub place: Place,
    /// The share that it holds now, exact.
    pub share: Vec<u8>,
    /// What clients hold of it, as `wire::Held`.
    pub held: Vec<u8>,
    /// The frame that led here, for the log; `None` where it is not kept.
    pub frame: Option<Vec<u8>>,
    /// The log holds no sequence up to this one any longer.
    pub forget_through: u64,
}

/// Why a socket is closed, as its close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The client sent what the protocol does not know.
    Protocol = 4002,
    /// The client left its frames unacknowledged for too long, or while the region's memory was
    /// needed for others.
    Slow = 4008,
    /// The region has no room for so many clients that read text.
    TooMany = 4009,
}

impl CloseCode {
    /// What the client is told; a close frame holds 123 bytes.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Protocol => {
                "expected ping, or {\"ack\":sequence,\"digest\":digest} of a frame that was sent"
            }
            Self::Slow => "slow: acknowledge each frame with {\"ack\":sequence,\"digest\":digest}",
            Self::TooMany => "too many clients read text: use overflight.v2, or come back later",
        }
    }
}
