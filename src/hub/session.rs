//! The state that a region keeps for one client.

use serde::{Deserialize, Serialize};

use super::history::History;
use super::{WINDOW_BYTES, WINDOW_FRAMES};
use crate::access::Caller;
use crate::wire::{BYTES_PROTOCOL, TEXT_PROTOCOL};

/// Identifies a client's socket within its region. Ids are never reused.
pub type SessionId = u64;

/// The format of a client's frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameFormat {
    /// `wire::BYTES_PROTOCOL`: frames as bytes.
    Binary,
    /// `wire::TEXT_PROTOCOL`: frames as text.
    Json,
}

impl FrameFormat {
    /// The format of the first of the comma-separated subprotocols that is ours; `None` if none is.
    pub fn offered(protocols: &str) -> Option<Self> {
        let all = [Self::Binary, Self::Json];
        let ours = |name: &str| all.into_iter().find(|format| format.protocol() == name);
        protocols.split(',').map(str::trim).find_map(ours)
    }

    /// The subprotocol that has this format.
    pub fn protocol(self) -> &'static str {
        match self {
            Self::Binary => BYTES_PROTOCOL,
            Self::Json => TEXT_PROTOCOL,
        }
    }
}

/// One client: all state that must survive hibernation, so it is attached to the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its subprotocol.
    pub format: FrameFormat,
    /// Its caller; `None` if the platform does not report one.
    pub caller: Option<Caller>,
    /// The newest sequence that it has acknowledged; the later ones are under way.
    pub acknowledged: u64,
    /// The bytes of the keyframe under way, whose sequence is the one after `acknowledged`; 0 if
    /// there is none. For a closed client, the bytes that were under way when it was closed.
    pub bytes: usize,
    /// How many acknowledgements have been repeats since the last new one.
    pub stale: u8,
    /// Set while its window is full and it is sent nothing.
    pub slow: Option<Slow>,
    /// Whether the region has closed it. The platform keeps its socket until the client answers or
    /// its connection breaks; until then it only takes up room.
    pub is_closed: bool,
}

/// The lag of a client that did not keep up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slow {
    /// Since when, Unix seconds.
    pub since: i64,
    /// The newest sequence that it was sent. Once that is acknowledged, nothing is under way.
    pub sent: u64,
}

impl Session {
    /// A client that has acknowledged everything up to a sequence.
    pub(super) fn new(format: FrameFormat, caller: Option<Caller>, acknowledged: u64) -> Self {
        let (bytes, stale, slow, is_closed) = (0, 0, None, false);
        Self { format, caller, acknowledged, bytes, stale, slow, is_closed }
    }

    /// Whether the window has no room for the region's next frame, which has this sequence.
    ///
    /// One frame under way never fills the window, however large: a client that acknowledges
    /// each frame before the next one gets them all.
    pub(super) fn is_full(&self, sequence: u64, history: &History) -> bool {
        let under_way = sequence - 1 - self.acknowledged.min(sequence - 1);
        under_way >= WINDOW_FRAMES
            || under_way > 1 && self.under_way(sequence - 1, history) > WINDOW_BYTES
    }

    /// The bytes sent and not yet acknowledged; `latest` is the region's latest sequence.
    pub(super) fn under_way(&self, latest: u64, history: &History) -> usize {
        if self.is_closed {
            return self.bytes;
        }
        let last = self.slow.map_or(latest, |slow| slow.sent);
        // Count the keyframe's bytes, not those of the delta with the same sequence.
        let first = self.acknowledged + 1 + u64::from(self.bytes > 0);
        self.bytes + history.bytes(self.format, first..last + 1)
    }

    /// The same, closed.
    pub(super) fn closed(self, latest: u64, history: &History) -> Self {
        Self { bytes: self.under_way(latest, history), slow: None, is_closed: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_survives_as_json() {
        for caller in [None, Some("192.0.2.1"), Some("2001:db8:ffff:ffff::")] {
            let caller = caller.map(|text| text.parse().expect("an address"));
            for slow in [None, Some(Slow { since: i64::MIN, sent: u64::MAX })] {
                let new = Session::new(FrameFormat::Json, caller, u64::MAX);
                let session =
                    Session { bytes: 1 << 24, stale: u8::MAX, slow, is_closed: true, ..new };
                let text = serde_json::to_string(&session).expect("a session is JSON");
                assert!(text.len() < 256, "the platform allows 16 KB: {text}");
                let read: Session = serde_json::from_str(&text).expect("its own text");
                assert_eq!(read, session);
            }
        }
    }

    #[test]
    fn the_first_of_our_subprotocols_is_chosen() {
        assert_eq!(FrameFormat::offered("overflight.v3"), Some(FrameFormat::Binary));
        assert_eq!(FrameFormat::offered("overflight.json"), Some(FrameFormat::Json));
        assert_eq!(
            FrameFormat::offered("graphql, overflight.json,overflight.v3"),
            Some(FrameFormat::Json)
        );
        for none in ["", "overflight.v1", "overflight", "overflight.v32", "Overflight.v2"] {
            assert_eq!(FrameFormat::offered(none), None, "{none:?}");
        }
    }
}
