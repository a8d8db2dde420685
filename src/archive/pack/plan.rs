//! In which order the minutes of an hour are written, and in which groups.

use std::ops::Range;

use crate::aircraft::Icao24;

/// Seconds of a group; groups begin at whole multiples of it after the hour.
const GROUP_SECONDS: i64 = 600;

/// The indices of the minutes that are in the same group as one of them.
pub(super) fn group<T>(
    minutes: &[T],
    time: impl Fn(&T) -> i64,
    hour: i64,
    index: usize,
) -> Range<usize> {
    let slot = |minute: &T| (time(minute) - hour) / GROUP_SECONDS;
    let own = slot(&minutes[index]);
    let start = minutes.partition_point(|minute| slot(minute) < own);
    start..minutes.partition_point(|minute| slot(minute) <= own)
}

/// The minute of a group that is coded by itself: the middle one. From it the others are coded one
/// after another, forward and backward, so that each is at most half a group away.
pub(super) fn key(group: &Range<usize>) -> usize {
    group.start + group.len() / 2
}

/// What is done with a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    /// It is coded by itself, and the minutes before it follow.
    Key,
    /// The same again: the minutes after it follow. So nothing large is kept meanwhile.
    KeyAgain,
    /// It is coded after the one that came before this task.
    Next,
    /// Its rows of the pass's addresses are collected.
    Pass,
}

/// The tasks of a group and their minutes, in order.
pub(super) fn tasks(group: Range<usize>) -> Vec<(Task, usize)> {
    let key = key(&group);
    let mut tasks = vec![(Task::Key, key)];
    tasks.extend((group.start..key).rev().map(|index| (Task::Next, index)));
    if key + 1 < group.end {
        if key > group.start {
            tasks.push((Task::KeyAgain, key));
        }
        tasks.extend((key + 1..group.end).map(|index| (Task::Next, index)));
    }
    tasks
}

/// How many rows one pass collects: at 184 bytes a row 18 MB, of the 64 MB that a job may take
/// beside an idle Worker. An hour of 11,450 aircraft takes seven passes.
const PASS_ROWS: u64 = 100_000;

/// How many rows an hour has in each 1/4096 of the addresses.
pub(super) struct Rows(Vec<u64>);

impl Default for Rows {
    fn default() -> Self {
        Self(vec![0; 1 << 12])
    }
}

impl Rows {
    pub(super) fn count(&mut self, icao24: Icao24) {
        self.0[(icao24.get() >> 12) as usize] += 1;
    }

    /// The address ranges of the passes and their rows. A range that cannot be divided may have
    /// more rows than a pass should.
    pub(super) fn passes(&self) -> Vec<(Range<u32>, u64)> {
        let mut passes: Vec<(Range<u32>, u64)> = Vec::new();
        for (part, &rows) in (0..).zip(&self.0).filter(|(_, rows)| **rows > 0) {
            let (start, end) = (part << 12, (part + 1) << 12);
            match passes.last_mut() {
                Some((range, sum)) if *sum + rows <= PASS_ROWS => {
                    (range.end, *sum) = (end, *sum + rows);
                }
                _ => passes.push((start..end, rows)),
            }
        }
        passes
    }
}
