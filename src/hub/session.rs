//! What a region must know of one client.

use super::log::Log;
use super::{WINDOW_BYTES, WINDOW_FRAMES};

/// Names a client's socket within its region.
pub type SessionId = u64;

/// In which language a client is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `overflight.v1`: frames as bytes.
    Binary,
    /// `overflight.json`: frames as text.
    Json,
}

/// One client: all that must outlive hibernation, and so is kept with its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The subprotocol that it speaks.
    pub format: Format,
    /// The newest sequence that it has acknowledged; the later ones were sent and are under way.
    pub acknowledged: u64,
    /// Set while its window is full and it is sent nothing.
    pub slow: Option<Slow>,
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
    /// Whether another frame, of that sequence, would be more than may be under way.
    pub(super) fn is_full(&self, sequence: u64, log: &Log) -> bool {
        let under_way = sequence - 1 - self.acknowledged.min(sequence - 1);
        under_way >= WINDOW_FRAMES
            || under_way > 1 && log.bytes_after(self.acknowledged) > WINDOW_BYTES
    }
}
