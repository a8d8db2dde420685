//! Sends a new frame to the clients that keep up.

use std::rc::Rc;

use super::text::CrowdedOut;
use super::{
    CloseCode, FrameFormat, Hub, Message, Output, SLOW_SECONDS_MAX, Session, SessionId, Slow,
};

impl Hub {
    /// Sends the frame to clients that keep up, and closes those that are too slow. `text` is
    /// `None` if no client reads text, or if it would be too large.
    pub(super) fn fan_out(
        &mut self,
        now: i64,
        binary: Rc<Vec<u8>>,
        text: Option<Rc<String>>,
    ) -> Vec<Output> {
        let sequence = self.sequence;
        let (mut outputs, mut binaries, mut readers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut too_slow, mut full) = (Vec::new(), Vec::new());
        for (id, session) in self.sessions.iter().filter(|(_, session)| !session.is_closed) {
            match session.slow {
                Some(Slow { since, .. }) if now - since > SLOW_SECONDS_MAX => too_slow.push(id),
                Some(_) => {}
                None if session.is_full(sequence, &self.history) => {
                    let slow = Some(Slow { since: now, sent: sequence - 1 });
                    full.push((id, Session { slow, ..*session }));
                }
                None if session.format == FrameFormat::Binary => binaries.push(id),
                None => readers.push(id),
            }
        }
        for id in too_slow {
            outputs.extend(self.close(id, CloseCode::Slow, sequence - 1));
        }
        for (id, session) in full {
            outputs.extend(self.remember(id, session));
        }
        if !readers.is_empty() {
            outputs.extend(self.make_room_for_text(&mut readers, text.as_ref().map(|it| it.len())));
        }
        if !binaries.is_empty() {
            outputs.push(Output::FanOut(binaries, Message::Binary(binary)));
        }
        if let Some(text) = text.filter(|_| !readers.is_empty()) {
            outputs.push(Output::FanOut(readers, Message::Json(text)));
        }
        outputs
    }

    /// Closes the clients whose text has no room, and removes them from the readers.
    fn make_room_for_text(
        &mut self,
        readers: &mut Vec<SessionId>,
        frame_bytes: Option<usize>,
    ) -> Vec<Output> {
        let before = self.sequence - 1;
        let CrowdedOut { lagging, last } = self.crowded_out(readers, frame_bytes);
        // Both are in ascending order.
        let goes =
            |id: &SessionId| lagging.binary_search(id).is_ok() || last.binary_search(id).is_ok();
        readers.retain(|id| !goes(id));
        let lagging = lagging.into_iter().map(|id| (id, CloseCode::Slow));
        let last = last.into_iter().map(|id| (id, CloseCode::TooMany));
        lagging.chain(last).flat_map(|(id, code)| self.close(id, code, before)).collect()
    }
}
