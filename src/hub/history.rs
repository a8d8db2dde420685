//! The digests and sizes of the latest frames.

use std::collections::VecDeque;
use std::ops::Range;

use super::{FrameFormat, SLOW_SECONDS_MAX, WINDOW_FRAMES};
use crate::wire::Sent;

/// How many frames are remembered: all that a client may still acknowledge.
///
/// A client has at most the log's 30 frames under way, which include the 8 of its window. Then it
/// has 120 s, with at most one snapshot for each second of feed time. That makes 150. In storage
/// each takes at most 16 bytes, together 2.4 kB.
const FRAMES_MAX: usize = super::LOG_FRAMES_MAX + SLOW_SECONDS_MAX as usize;
const _: () = assert!(super::LOG_FRAMES_MAX as u64 >= WINDOW_FRAMES);

/// A run of consecutive frames that ends with the region's latest.
#[derive(Debug)]
pub(super) struct History {
    /// The latest frame's sequence.
    last: u64,
    /// Oldest first; never empty.
    frames: VecDeque<Sent>,
}

impl History {
    /// The history that ends with sequence `last`; `latest` is its frame, for empty `frames`.
    pub(super) fn new(last: u64, frames: Vec<Sent>, latest: Sent) -> Self {
        let mut frames = VecDeque::from(frames);
        if frames.is_empty() {
            frames.push_back(latest);
        }
        Self { last, frames }
    }

    /// Adds the next sequence's frame.
    pub(super) fn push(&mut self, frame: Sent) {
        self.last += 1;
        self.frames.push_back(frame);
        if self.frames.len() > FRAMES_MAX {
            self.frames.pop_front();
        }
    }

    /// The frame of a sequence; `None` if it is no longer remembered.
    pub(super) fn get(&self, sequence: u64) -> Option<&Sent> {
        let back = usize::try_from(self.last.checked_sub(sequence)?).ok()?;
        self.frames.get(self.frames.len().checked_sub(back + 1)?)
    }

    /// The total size of these sequences' frames in a format, bytes. Forgotten frames do not count.
    pub(super) fn bytes(&self, format: FrameFormat, sequences: Range<u64>) -> usize {
        let first = (self.last + 1).saturating_sub(self.frames.len() as u64);
        let frames = (sequences.start.max(first)..sequences.end).filter_map(|it| self.get(it));
        let bytes = frames.map(|frame| match format {
            FrameFormat::Binary => frame.bytes as usize,
            FrameFormat::Json => frame.text_bytes as usize,
        });
        bytes.sum()
    }

    /// All remembered frames, oldest first, for storage.
    pub(super) fn frames(&self) -> Vec<Sent> {
        self.frames.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_by_sequence_until_they_are_forgotten() {
        let frame = |number: u64| Sent {
            digest: number as u32,
            bytes: 10,
            text_bytes: 100 * number as u32,
        };
        let mut history = History::new(7, Vec::new(), frame(7));
        for sequence in 8..=FRAMES_MAX as u64 + 9 {
            history.push(frame(sequence));
            assert_eq!(history.get(sequence), Some(&frame(sequence)));
        }
        let last = FRAMES_MAX as u64 + 9;
        assert_eq!((history.get(9), history.get(last + 1)), (None, None));
        assert_eq!(history.get(10), Some(&frame(10)));
        assert_eq!(history.bytes(FrameFormat::Binary, 0..12), 20);
        assert_eq!(history.bytes(FrameFormat::Json, last - 1..last), 100 * (last as usize - 1));
        let (start, end) = (5, 2);
        assert_eq!(history.bytes(FrameFormat::Json, start..end), 0);
    }
}
