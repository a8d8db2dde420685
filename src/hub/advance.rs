//! A new snapshot: the next live state, its frame, and what is stored.
//!
//! Out of scope: the outcome of each row (`merge`), which clients get the frame (`fan_out`).

use std::cell::OnceCell;
use std::rc::Rc;

use super::log::Log;
use super::{
    Commit, Hub, LOG_BYTES_MAX, LOG_FRAMES_MAX, Merged, Output, TEXT_ROWS_MAX, merge, sent,
};
use crate::airspace::LiveState;
use crate::wire::{self, Delta, RegionSnapshot, StoredLiveState};

/// A keyframe takes some 12 bytes an aircraft. A delta of at most this many is assumed to be
/// smaller without making the keyframe.
pub(super) const SMALL_BYTES: usize = 4;

impl Hub {
    /// Takes in a region snapshot. One of the same history that is not newer changes nothing, so
    /// deliveries may be repeated; nor does one of an earlier history. One of a later history
    /// starts afresh, with a keyframe for everyone.
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
            // Drop the old state first, so that it is not in memory beside the new one.
            (self.live, self.snapshot) = Default::default();
            self.log = Log::default();
            self.live = LiveState::of(&next, resolution);
            self.digest = wire::digest(&self.live.aircraft);
            (None, Vec::new())
        } else {
            let Merged { delta, amended } = merge(&mut self.live, self.snapshot.reports(), &next);
            self.digest = delta.digest;
            (Some(delta), amended)
        };
        let before = self.snapshot.replace(next, TEXT_ROWS_MAX);
        let base = (!restart).then_some(self.sequence);
        let sequence = self.sequence + 1;
        (self.epoch, self.sequence) = (epoch, sequence);
        let text = self.text_frame(base.zip(before.as_ref()));
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

    /// The bytes of a delta that leads to the latest state.
    fn delta_frame(&self, delta: Delta) -> Vec<u8> {
        delta.into_frame(self.epoch, self.sequence - 1, self.sequence, &self.live)
    }

    /// The delta, or the keyframe if that is smaller or there is no delta. If nearly all rows are
    /// new, the delta may be larger, since it also has a bit for each old row.
    fn smaller(&self, delta: Option<Vec<u8>>) -> Rc<Vec<u8>> {
        let rows = self.live.aircraft.len();
        match delta {
            // Far below any keyframe of this many rows; making one would take longer than the rest.
            Some(delta) if delta.len() <= rows * SMALL_BYTES => delta.into(),
            Some(delta) if delta.len() < self.keyframe().len() => delta.into(),
            _ => Rc::clone(self.keyframe()),
        }
    }
}
