//! What a pack's bytes hold, once they are fetched.

use super::digest::minute_digest;
use super::error::PackError;
use super::index::{PackIndex, PackedBlock, checksum};
use super::plan;
use crate::aircraft::{Icao24, StateVector};
use crate::airspace::Snapshot;
use crate::archive::Date;
use crate::wire::exact::{Minutes, read_track, read_tracks};

impl PackIndex {
    /// The minute at a time, from the bytes at [`PackIndex::minute`], checked by its digest.
    pub fn decode_minute(&self, bytes: &[u8], time: i64) -> Result<Snapshot, PackError> {
        let wanted = self.place(time).ok_or(PackError::Absent(Date(time)))?;
        let key = plan::key(&self.group(wanted));
        let start = self.minutes[wanted.min(key)].range.start;
        let mut minutes = Minutes::new(self.head.units.clone());
        let mut index = key;
        loop {
            self.read_next(&mut minutes, bytes, start, index)?;
            match wanted.cmp(&index) {
                std::cmp::Ordering::Less => index -= 1,
                std::cmp::Ordering::Equal => return self.checked(&minutes, wanted),
                std::cmp::Ordering::Greater => index += 1,
            }
        }
    }

    /// Calls back with each minute of the group that a minute is in, not in order of time, from the
    /// bytes at [`PackIndex::group_range`]. Each is checked by its digest.
    pub fn decode_group(
        &self,
        bytes: &[u8],
        time: i64,
        mut each: impl FnMut(Snapshot),
    ) -> Result<(), PackError> {
        let group = self.group(self.place(time).ok_or(PackError::Absent(Date(time)))?);
        let start = self.minutes[group.start].range.start;
        let mut minutes = Minutes::new(self.head.units.clone());
        for (task, index) in plan::tasks(group) {
            if task != plan::Task::Next {
                minutes = Minutes::new(self.head.units.clone());
            }
            self.read_next(&mut minutes, bytes, start, index)?;
            if task != plan::Task::KeyAgain {
                each(self.checked(&minutes, index)?);
            }
        }
        Ok(())
    }

    /// The rows of a block with their times, by address and time, from the bytes at its `range`;
    /// only those of one aircraft if it is given, none if the block has it not.
    pub fn decode_block(
        &self,
        bytes: &[u8],
        block: &PackedBlock,
        only: Option<Icao24>,
    ) -> Result<Vec<(i64, StateVector)>, PackError> {
        let damaged = PackError::Block(block.first.get());
        if checksum(bytes) != block.checksum {
            return Err(damaged);
        }
        let times: Vec<_> = self.minutes.iter().map(|minute| minute.time).collect();
        let units = &self.head.units;
        let rows = match only {
            None => read_tracks(bytes, &times, units),
            Some(icao24) => read_track(bytes, &times, units, icao24),
        };
        let rows = rows.ok_or(damaged)?.into_iter();
        Ok(rows.map(|(index, state)| (times[usize::from(index)], state)).collect())
    }

    /// Reads the next minute of a chain. The bytes begin at `start` in the pack.
    fn read_next(
        &self,
        minutes: &mut Minutes,
        bytes: &[u8],
        start: u64,
        index: usize,
    ) -> Result<(), PackError> {
        let minute = &self.minutes[index];
        let place = |offset: u64| usize::try_from(offset - start).ok();
        let own = place(minute.range.start)
            .zip(place(minute.range.end))
            .and_then(|(from, to)| bytes.get(from..to));
        own.and_then(|own| minutes.read(minute.time, own))
            .ok_or(PackError::Minute(Date(minute.time)))
    }

    fn checked(&self, minutes: &Minutes, index: usize) -> Result<Snapshot, PackError> {
        let minute = &self.minutes[index];
        let damaged = PackError::Minute(Date(minute.time));
        let states = minutes.states().ok_or(damaged.clone())?;
        let snapshot = Snapshot::new(minute.time, states).marked(self.head.simulated);
        if minute_digest(&snapshot) != minute.digest {
            return Err(damaged);
        }
        Ok(snapshot)
    }
}
