//! What a region must know of one client.

use super::history::History;
use super::{WINDOW_BYTES, WINDOW_FRAMES};
use crate::access::Caller;

/// Names a client's socket within its region. No two sockets ever have the same one.
pub type SessionId = u64;

/// In which language a client is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `wire::BYTES_PROTOCOL`: frames as bytes.
    Binary,
    /// `overflight.json`: frames as text.
    Json,
}

/// One client: all that must outlive hibernation, and so is kept with its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The subprotocol that it speaks.
    pub format: Format,
    /// Where it comes from; `None` where the platform does not say.
    pub caller: Option<Caller>,
    /// The newest sequence that it has acknowledged; the later ones were sent and are under way.
    pub acknowledged: u64,
    /// The bytes of the keyframe under way, whose sequence is the one after `acknowledged`; 0 where
    /// none is. Of a closed client: the bytes that were under way when it was closed.
    pub bytes: usize,
    /// How many acknowledgements of nothing new have come since the last that was new.
    pub stale: u8,
    /// Set while its window is full and it is sent nothing.
    pub slow: Option<Slow>,
    /// Whether the region has closed it. The platform keeps its socket until the client answers or
    /// its connection breaks, so until then it takes up room, and nothing else.
    pub is_closed: bool,
}

/// A client that did not keep up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// Since when, Unix seconds.
    pub since: i64,
    /// The newest sequence that it was sent: only when it has acknowledged that is nothing of it
    /// under way any longer.
    pub sent: u64,
}

impl Session {
    /// A client that has all up to a sequence.
    pub(super) fn new(format: Format, caller: Option<Caller>, acknowledged: u64) -> Self {
        let (bytes, stale, slow, is_closed) = (0, 0, None, false);
        Self { format, caller, acknowledged, bytes, stale, slow, is_closed }
    }

    /// Whether the frame of a sequence, the region's next one, is more than may be under way.
    ///
    /// One frame under way is never too many, whatever its size: a client that acknowledges each
    /// frame before the next one gets them all.
    pub(super) fn is_full(&self, sequence: u64, history: &History) -> bool {
        let under_way = sequence - 1 - self.acknowledged.min(sequence - 1);
        under_way >= WINDOW_FRAMES
            || under_way > 1 && self.under_way(sequence - 1, history) > WINDOW_BYTES
    }

    /// The bytes that it was sent and has not acknowledged; the latest sequence is given.
    pub(super) fn under_way(&self, latest: u64, history: &History) -> usize {
        if self.is_closed {
            return self.bytes;
        }
        let last = self.slow.map_or(latest, |slow| slow.sent);
        // The keyframe's own bytes are those that count, not the delta's of the same sequence.
        let first = self.acknowledged + 1 + u64::from(self.bytes > 0);
        self.bytes + history.bytes(self.format, first..last + 1)
    }

    /// The same, closed.
    pub(super) fn closed(self, latest: u64, history: &History) -> Self {
        Self { bytes: self.under_way(latest, history), slow: None, is_closed: true, ..self }
    }
}
