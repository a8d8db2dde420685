//! A new snapshot: the live state that follows, its frame, and what is stored.
//!
//! Out of scope: what becomes of each row (`merge`), which clients are sent the frame (`fan_out`).

use std::cell::OnceCell;
use std::rc::Rc;

use super::log::Log;
use super::{Commit, Hub, LOG_BYTES_MAX, LOG_FRAMES_MAX, Merged, Output, merge, sent};
use crate::airspace::LiveState;
use crate::wire::{self, Delta, RegionSnapshot, StoredLiveState};

/// A keyframe takes some 12 bytes an aircraft. A delta of fewer than this is taken for the smaller
/// one unseen.
const SMALL_BYTES: usize = 4;

impl Hub {
    /// A region snapshot of the same history that is not newer changes nothing, so that deliveries
    /// may be repeated, and one of an earlier history neither, however late it comes. A region
    /// snapshot of a later history starts afresh, with a keyframe for everyone.
    pub(super) fn advance(&mut self, now: i64, region_snapshot: RegionSnapshot) -> Vec<Output> {
        let header = region_snapshot.header();
        if !header.follows(&self.latest) {
            return Vec::new();
        }
        let RegionSnapshot { epoch, resolution, snapshot: next, bytes } = region_snapshot;
        let restart = header.restarts(&self.latest);
        self.latest = header;
        (self.keyframe, self.text) = (OnceCell::new(), OnceCell::new());
        let (delta, amended) = if restart {
            // What was before goes first, so that it is not held beside what comes.
            (self.live, self.snapshot) = Default::default();
            self.log = Log::default();
            self.live = LiveState::of(&next, resolution);
            self.digest = wire::digest(&self.live.aircraft);
            (None, Vec::new())
        } else {
            let Merged { delta, amended } = merge(&mut self.live, &self.snapshot, &next);
            self.digest = delta.digest;
            (Some(delta), amended)
        };
        let before = std::mem::replace(&mut self.snapshot, next);
        let base = (!restart).then_some(self.sequence);
        let sequence = self.sequence + 1;
        (self.epoch, self.sequence) = (epoch, sequence);
        let text = self.text_frame(base.map(|base| (base, &before)));
        drop(before);
        let frame = self.smaller(delta.map(|delta| self.delta_frame(delta)));
        let text_bytes = text.as_ref().map_or(0, |it| it.len());
        self.history.push(sent(self.digest, frame.len(), text_bytes));
        if !restart {
            self.log.push(sequence, frame.len(), LOG_FRAMES_MAX, LOG_BYTES_MAX);
        }
        let fan_out = self.fan_out(now, Rc::clone(&frame), text);
        let commit = Commit {
            place: self.place(),
            region_snapshot: bytes,
            held: StoredLiveState::encode(sequence, self.history.frames(), &amended, &self.live),
            frame: self.log.holds(sequence).then_some(frame),
            forget_through: self.log.start().map_or(sequence, |start| start - 1),
        };
        std::iter::once(Output::Commit(commit)).chain(fan_out).collect()
    }

    /// The frame of a delta that leads to the latest state.
    fn delta_frame(&self, delta: Delta) -> Vec<u8> {
        delta.into_frame(self.epoch, self.sequence - 1, self.sequence, &self.live)
    }

    /// The delta, or the keyframe where there is none or it is smaller: where nearly all is new, a
    /// delta may be the larger one, by what it says of the old rows.
    fn smaller(&self, delta: Option<Vec<u8>>) -> Rc<Vec<u8>> {
        let rows = self.live.aircraft.len();
        match delta {
            // Far below any keyframe of so many: to make one would take longer than all the rest.
            Some(delta) if delta.len() <= rows * SMALL_BYTES => delta.into(),
            Some(delta) if delta.len() < self.keyframe().len() => delta.into(),
            _ => Rc::clone(self.keyframe()),
        }
    }
}
