//! The frames that are kept for clients that resume: their sequences and sizes, not their bytes.

use std::collections::VecDeque;

/// A run of consecutive sequences that ends with the region's latest, or is empty.
#[derive(Debug, Default)]
pub(super) struct Log {
    frames: VecDeque<(u64, usize)>,
    bytes: usize,
}

impl Log {
    /// Adds the newest frame and forgets the oldest until count and bytes are within their bounds.
    ///
    /// A frame larger than the bound empties the log, since the log must have no gap.
    pub(super) fn push(
        &mut self,
        sequence: u64,
        bytes: usize,
        frames_max: usize,
        bytes_max: usize,
    ) {
        self.frames.push_back((sequence, bytes));
        self.bytes += bytes;
        while self.frames.len() > frames_max || self.bytes > bytes_max {
            let (_, forgotten) = self.frames.pop_front().expect("an empty log is within bounds");
            self.bytes -= forgotten;
        }
    }

    /// The oldest sequence in the log; `None` if the log is empty.
    pub(super) fn start(&self) -> Option<u64> {
        self.frames.front().map(|&(sequence, _)| sequence)
    }

    /// The total size of the frames after a sequence, bytes.
    pub(super) fn bytes_after(&self, sequence: u64) -> usize {
        let later = self.frames.iter().filter(|&&(logged, _)| logged > sequence);
        later.map(|&(_, bytes)| bytes).sum()
    }

    /// Whether the log has this sequence's frame, and so every later one.
    pub(super) fn holds(&self, sequence: u64) -> bool {
        let end = self.frames.back().map_or(0, |&(sequence, _)| sequence);
        self.start().is_some_and(|start| (start..=end).contains(&sequence))
    }
}

impl FromIterator<(u64, usize)> for Log {
    fn from_iter<I: IntoIterator<Item = (u64, usize)>>(frames: I) -> Self {
        let frames: VecDeque<_> = frames.into_iter().collect();
        let bytes = frames.iter().map(|&(_, bytes)| bytes).sum();
        Self { frames, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_frames_are_forgotten_beyond_either_bound() {
        let mut log = Log::default();
        for sequence in 1..=5 {
            log.push(sequence, 10, 3, 100);
        }
        assert_eq!(log.start(), Some(3));
        log.push(6, 85, 3, 100);
        assert_eq!(log.start(), Some(5));
        assert!(log.holds(5) && log.holds(6) && !log.holds(4) && !log.holds(7));
        log.push(7, 15, 3, 100);
        assert_eq!(log.start(), Some(6), "exactly as much as the bound is kept");
    }

    #[test]
    fn a_frame_beyond_all_bounds_leaves_an_empty_log_and_no_gap() {
        let mut log: Log = [(1, 10), (2, 10)].into_iter().collect();
        log.push(3, 101, 3, 100);
        assert_eq!(log.start(), None);
        log.push(4, 10, 3, 100);
        assert!(log.holds(4) && !log.holds(3));
    }
}
