//! `overflight.json` in a region: its frames, and how much of them may be under way.
//!
//! Text takes some 370 bytes an aircraft, where bytes take 12 in a keyframe and 3 in a delta. So a
//! few clients that do not read it would fill an object's memory, which clients of bytes share.

use std::rc::Rc;

use super::{Format, Hub, Session, SessionId};
use crate::airspace::Snapshot;
use crate::wire;

/// How many bytes of text may be under way to clients that have not acknowledged all of it.
///
/// Isolates have 128 MB. A quarter is 7 clients of the `world`'s text, 4.4 MB each with 12,000
/// aircraft, that do not read. Past it none is let in, and those that lag are closed.
pub const TEXT_LAGGING_MAX: usize = 32 << 20;

/// How many bytes of text may be under way in all, with a new frame to the clients that keep up: 3
/// more of the `world`'s. So clients that do not read cannot keep out all that do.
pub const TEXT_BYTES_MAX: usize = 48 << 20;

/// How many bytes a keyframe of text has at the least when it is no longer made: 28,900 aircraft.
/// While it is made and sent it is held three times, and each client that does not read holds one.
const TEXT_FRAME_MIN_BYTES_MAX: usize = 8 << 20;

/// A state object has at least this many bytes of text: its 18 names have 182, with two quotes, a
/// colon and a comma each 254, and its values at least two each.
const STATE_BYTES_MIN: usize = 290;

impl Hub {
    /// The keyframe as text. It is made once for all that are sent it.
    pub(super) fn text(&self) -> &Rc<String> {
        self.text.get_or_init(|| self.encode_text(None))
    }

    /// The frame for clients that read text, from the state before; `None` where there is no such
    /// client, or where it could not be sent anyway.
    pub(super) fn text_frame(&self, before: Option<(u64, &Snapshot)>) -> Option<Rc<String>> {
        let has_readers = self.text_sessions().any(|(_, session)| !session.is_closed);
        (has_readers && self.text_is_small()).then(|| self.encode_text(before))
    }

    fn encode_text(&self, before: Option<(u64, &Snapshot)>) -> Rc<String> {
        let digest = wire::digest(&self.live.aircraft);
        wire::encode_json(self.epoch, before, (self.sequence, digest), &self.snapshot).into()
    }

    /// Whether the region has few enough aircraft for text; seen before any is made.
    fn text_is_small(&self) -> bool {
        self.snapshot.aircraft().len() * STATE_BYTES_MIN <= TEXT_FRAME_MIN_BYTES_MAX
    }

    /// Whether a keyframe of text can be sent to one more client.
    pub(super) fn has_room_for_text(&self) -> bool {
        let under_way = || -> usize {
            let bytes = |session: &Session| session.under_way(self.sequence, &self.history);
            self.text_sessions().map(|(_, session)| bytes(session)).sum()
        };
        self.text_is_small() && under_way() + self.text().len() <= TEXT_LAGGING_MAX
    }

    /// The clients that read text, with those that were closed and whose sockets are still there.
    fn text_sessions(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.sessions.iter().filter(|(_, session)| session.format == Format::Json)
    }

    /// Which clients of text must go so that a frame of so many bytes can be sent to the readers;
    /// `None` where no frame could be made. First those that lag, and then who came last.
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
        // What was closed stays under way until its socket is gone.
        let room = TEXT_BYTES_MAX.saturating_sub(under_way);
        let fit = room.checked_div(frame_bytes).unwrap_or(usize::MAX);
        let keep_up = readers.iter().copied().filter(|id| lagging.binary_search(id).is_err());
        CrowdedOut { last: keep_up.skip(fit).collect(), lagging }
    }
}

/// The clients of text for whom there is no room.
#[derive(Debug, Default)]
pub(super) struct CrowdedOut {
    /// They have not acknowledged all that they were sent.
    pub lagging: Vec<SessionId>,
    /// They have, but others came before them.
    pub last: Vec<SessionId>,
}
