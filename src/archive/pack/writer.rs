//! Writes the pack of an hour. The writer says which minute it needs, and gives out bytes as soon
//! as they are final; so it never holds more than a minute and the rows of one pass.

use std::collections::VecDeque;
use std::ops::Range;

use super::digest::minute_digest;
use super::error::PackError;
use super::head::{HOUR_SECONDS, PackHead};
use super::index::{PackIndex, PackedBlock, PackedMinute, checksum};
use super::plan::{self, Rows, Task};
use crate::aircraft::{Icao24, StateVector};
use crate::airspace::Snapshot;
use crate::archive::Date;
use crate::wire::exact::{BLOCK_AIRCRAFT, Minutes, Units, write_tracks};

/// Writes a pack: as long as [`Self::wants`] names a minute, [`Self::give`] it.
pub struct PackWriter {
    hour: i64,
    times: Vec<i64>,
    tasks: VecDeque<(Task, usize)>,
    head: Option<PackHead>,
    chain: Option<Minutes>,
    /// The bytes of the group's minutes, by index from its first.
    group: Vec<Vec<u8>>,
    minutes: Vec<PackedMinute>,
    rows: Rows,
    passes: VecDeque<(Range<u32>, u64)>,
    collected: Vec<(u16, StateVector)>,
    blocks: Vec<PackedBlock>,
    /// The final bytes that were not taken yet, and where they begin.
    bytes: Vec<u8>,
    offset: u64,
}

impl PackWriter {
    /// A writer of the minutes at these times, which ascend and are of one hour.
    pub fn new(times: Vec<i64>) -> Result<Self, PackError> {
        let first = *times.first().ok_or(PackError::NotAPack("it would have no minutes"))?;
        let hour = first - first.rem_euclid(HOUR_SECONDS);
        let of_hour = |time: &i64| Date::is_possible(*time) && time - hour < HOUR_SECONDS;
        let is_wrong = |pair: &[i64]| pair[1] <= pair[0] || !of_hour(&pair[1]);
        if !of_hour(&first) {
            return Err(PackError::NotAPack("its hour would be none"));
        }
        if let Some(pair) = times.windows(2).find(|pair| is_wrong(pair)) {
            return Err(PackError::Times(Date(pair[1])));
        }
        let mut tasks = VecDeque::new();
        let mut next = 0;
        while next < times.len() {
            let group = plan::group(&times, |time| *time, hour, next);
            next = group.end;
            tasks.extend(plan::tasks(group));
        }
        Ok(Self {
            hour,
            times,
            tasks,
            head: None,
            chain: None,
            group: Vec::new(),
            minutes: Vec::new(),
            rows: Rows::default(),
            passes: VecDeque::new(),
            collected: Vec::new(),
            blocks: Vec::new(),
            bytes: Vec::new(),
            offset: 0,
        })
    }

    /// The minute that is needed next, some of them several times; `None` once there is no more.
    pub fn wants(&self) -> Option<i64> {
        self.tasks.front().map(|&(_, index)| self.times[index])
    }

    /// Takes in the minute that is needed next.
    pub fn give(&mut self, minute: &Snapshot) -> Result<(), PackError> {
        let date = Date(minute.time);
        if self.wants() != Some(minute.time) {
            return Err(PackError::Unexpected(date));
        }
        match &self.head {
            Some(head) if head.simulated != minute.simulated => {
                return Err(PackError::Mixed(date));
            }
            Some(_) => {}
            None => {
                let head = PackHead::new(self.hour, minute.simulated);
                head.write(&mut self.bytes);
                self.head = Some(head);
            }
        }
        let (task, index) = self.tasks.pop_front().ok_or(PackError::Unexpected(date))?;
        match task {
            Task::Pass => self.collect(index, minute),
            _ => self.code(task, index, minute),
        }
        Ok(())
    }

    /// The bytes that follow those that were taken before.
    pub fn take(&mut self) -> Vec<u8> {
        self.offset += self.bytes.len() as u64;
        std::mem::take(&mut self.bytes)
    }

    /// Once no minute is needed any more: the last bytes, and the index of the pack.
    pub fn finish(mut self) -> Result<(Vec<u8>, PackIndex), PackError> {
        if let Some(time) = self.wants() {
            return Err(PackError::Absent(Date(time)));
        }
        let head = self.head.take().ok_or(PackError::NotAPack("it would have no minutes"))?;
        let tail = PackIndex::write(&head, &self.minutes, &self.blocks);
        let index = PackIndex::read(&tail)?;
        let mut bytes = self.take();
        bytes.extend(tail);
        Ok((bytes, index))
    }

    fn code(&mut self, task: Task, index: usize, minute: &Snapshot) {
        let group = plan::group(&self.times, |time| *time, self.hour, index);
        if task != Task::Next {
            self.chain = Some(Minutes::new(Units::known()));
        }
        self.group.resize_with(group.len(), Vec::new);
        let chain = self.chain.as_mut().expect("a group begins with its key");
        let bytes = chain.write(minute.time, minute.aircraft());
        if task == Task::KeyAgain {
            return;
        }
        self.group[index - group.start] = bytes;
        self.minutes.push(PackedMinute {
            time: minute.time,
            rows: minute.aircraft().len() as u64,
            digest: minute_digest(minute),
            range: 0..0,
        });
        minute.aircraft().iter().for_each(|state| self.rows.count(state.icao24));
        let is_last = self.tasks.front().is_none_or(|&(next, _)| next == Task::Key);
        if is_last {
            self.finish_group(group.start);
        }
        if self.tasks.is_empty() {
            self.passes = self.rows.passes().into();
            self.begin_pass();
        }
    }

    fn finish_group(&mut self, first: usize) {
        self.chain = None;
        let minutes = &mut self.minutes[first..];
        minutes.sort_by_key(|minute| minute.time);
        for (minute, bytes) in minutes.iter_mut().zip(std::mem::take(&mut self.group)) {
            let start = self.offset + self.bytes.len() as u64;
            minute.range = start..start + bytes.len() as u64;
            self.bytes.extend(bytes);
        }
    }

    /// Asks for all minutes again, for the next range of addresses if there is one.
    fn begin_pass(&mut self) {
        if let Some((_, rows)) = self.passes.front() {
            self.collected = Vec::with_capacity(*rows as usize);
            self.tasks.extend((0..self.times.len()).map(|index| (Task::Pass, index)));
        }
    }

    fn collect(&mut self, index: usize, minute: &Snapshot) {
        if let Some((range, _)) = self.passes.front() {
            let states = minute.aircraft();
            let start = states.partition_point(|state| state.icao24.get() < range.start);
            let end = states.partition_point(|state| state.icao24.get() < range.end);
            let rows = states[start..end].iter().map(|state| (index as u16, state.clone()));
            self.collected.extend(rows);
        }
        if self.tasks.is_empty() {
            self.finish_pass();
            self.passes.pop_front();
            self.begin_pass();
        }
    }

    fn finish_pass(&mut self) {
        let mut rows = std::mem::take(&mut self.collected);
        rows.sort_unstable_by_key(|(index, state)| (state.icao24, *index));
        let mut rest = &rows[..];
        while let Some((_, state)) = rest.first() {
            let first = state.icao24;
            let (block, after) = rest.split_at(block_length(rest));
            let bytes = write_tracks(block, &self.times, &Units::known());
            let start = self.offset + self.bytes.len() as u64;
            let range = start..start + bytes.len() as u64;
            self.blocks.push(PackedBlock { first, range, checksum: checksum(&bytes) });
            self.bytes.extend(bytes);
            rest = after;
        }
    }
}

/// How many of the rows are those of the first block.
fn block_length(rows: &[(u16, StateVector)]) -> usize {
    let address = |row: &(u16, StateVector)| -> Icao24 { row.1.icao24 };
    let tracks = rows.chunk_by(|a, b| address(a) == address(b)).take(BLOCK_AIRCRAFT);
    tracks.map(<[_]>::len).sum()
}
