//! `overflight.json` in a region: its frames, and the limits on bytes under way.
//!
//! Text takes some 370 bytes an aircraft, binary frames 12 in a keyframe and 3 in a delta. So a few
//! clients of text that do not read would fill the memory that they share with binary clients.

use std::rc::Rc;

use super::{FrameFormat, Hub, Session, SessionId};
use crate::airspace::Snapshot;
use crate::wire;

/// The most bytes of text under way before lagging clients are closed and new ones refused.
///
/// Isolates have 128 MB. A quarter is enough for 7 clients of `world`'s text that do not read, 4.4
/// MB each with 12,000 aircraft.
pub const TEXT_LAGGING_MAX: usize = 32 << 20;

/// The most bytes of text under way in all, including a new frame to the clients that keep up: 3
/// more of `world`. So clients that do not read cannot keep out all that do.
pub const TEXT_BYTES_MAX: usize = 48 << 20;

/// No text is made if a keyframe would have at least this many bytes: 28,900 aircraft. While it is
/// made and sent, three copies exist, and one more for each client that does not read.
const TEXT_FRAME_MIN_BYTES_MAX: usize = 8 << 20;

/// The least size of a state object as text, bytes: its 18 names have 182, with two quotes, a colon
/// and a comma each 254, and its values at least two each.
const STATE_BYTES_MIN: usize = 290;

/// The most rows of which text is made.
pub(super) const TEXT_ROWS_MAX: usize = TEXT_FRAME_MIN_BYTES_MAX / STATE_BYTES_MIN;

impl Hub {
    /// The keyframe as text, made once for all receivers.
    pub(super) fn text(&self) -> &Rc<String> {
        self.text.get_or_init(|| self.encode_text(None))
    }

    /// The frame for clients of text, from the state before; `None` if there is no such client, or
    /// the text would be too large.
    pub(super) fn text_frame(&self, before: Option<(u64, &Snapshot)>) -> Option<Rc<String>> {
        let has_readers = self.text_sessions().any(|(_, session)| !session.is_closed);
        (has_readers && self.text_is_small()).then(|| self.encode_text(before))
    }

    fn encode_text(&self, before: Option<(u64, &Snapshot)>) -> Rc<String> {
        let latest = self.snapshot.whole().expect("text is made only of a whole snapshot");
        wire::encode_json(self.epoch, before, (self.sequence, self.digest), latest).into()
    }

    /// Whether the region has few enough aircraft for text.
    fn text_is_small(&self) -> bool {
        self.snapshot.whole().is_some()
    }

    /// Whether there is room for a keyframe of text to one more client.
    pub(super) fn has_room_for_text(&self) -> bool {
        let under_way = || -> usize {
            let bytes = |session: &Session| session.under_way(self.sequence, &self.history);
            self.text_sessions().map(|(_, session)| bytes(session)).sum()
        };
        self.text_is_small() && under_way() + self.text().len() <= TEXT_LAGGING_MAX
    }

    /// The clients of text, including closed ones whose sockets still exist.
    fn text_sessions(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.sessions.iter().filter(|(_, session)| session.format == FrameFormat::Json)
    }

    /// The clients of text to close so that a frame of `frame_bytes` can be sent to the readers:
    /// first those that lag, then the newest. All readers if `frame_bytes` is `None`: no frame.
    pub(super) fn crowded_out(
        &self,
        readers: &[SessionId],
        frame_bytes: Option<usize>,
    ) -> CrowdedOut {
        let Some(frame_bytes) = frame_bytes else {
            return CrowdedOut { lagging: Vec::new(), last: readers.to_vec() };
        };
        let before = self.sequence - 1;
        let mut under_way = 0;
        let mut lagging = Vec::new();
        for (id, session) in self.text_sessions() {
            let bytes = session.under_way(before, &self.history);
            under_way += bytes;
            if bytes > 0 && !session.is_closed {
                lagging.push(id);
            }
        }
        if under_way + readers.len() * frame_bytes <= TEXT_LAGGING_MAX {
            return CrowdedOut::default();
        }
        // A closed client's bytes stay under way until its socket is gone.
        let room = TEXT_BYTES_MAX.saturating_sub(under_way);
        let fit = room.checked_div(frame_bytes).unwrap_or(usize::MAX);
        let keep_up = readers.iter().copied().filter(|id| lagging.binary_search(id).is_err());
        CrowdedOut { last: keep_up.skip(fit).collect(), lagging }
    }
}

/// The clients of text that must be closed for lack of room.
#[derive(Debug, Default)]
pub(super) struct CrowdedOut {
    /// Those with unacknowledged frames.
    pub lagging: Vec<SessionId>,
    /// Those that keep up but came after the others.
    pub last: Vec<SessionId>,
}
