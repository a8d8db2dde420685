//! Makes the Parquet file of an hour from its minutes, and reads it back; and its pack.
//!
//! In scope: the order of the steps, the comparison with the minutes. Out of scope: reading
//! minutes, storing the file.
//!
//! [`HourExport::step`] says what to do; the method that the step names takes the outcome.
//! The rows of an hour do not fit into memory, and the minutes are not in the file's order. So the
//! minutes are read several times: once to count the rows of each address, then once for each row
//! group, whose addresses follow from the counts. An hour of 11,450 aircraft is read seven times.

mod digest;
mod pack;
mod verify;

pub use pack::{MadePack, PackExport};

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::{Range, RangeInclusive};

use sha2::{Digest, Sha256};

use self::digest::MinuteDigests;
use self::verify::Verification;
use super::pack::PackError;
use super::{Date, GROUP_ROWS, HourFile, ParquetError, ParquetWriter, Provenance, Row};
use crate::airspace::Snapshot;

/// The most rows of an hour. The work grows with their square, since each group reads all minutes:
/// 687,000 rows took 10 s of CPU time on workerd, so 2,000,000 take 85 s of the 300 that a job has.
/// The pack reads the minutes about as often, so both may take 170 s.
const ROWS_MAX: u64 = 2_000_000;

/// What to do next.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Read the minute of this time, Unix seconds; then [`HourExport::minute`].
    Read(i64),
    /// Append these bytes to the file that is being stored.
    Append(Vec<u8>),
    /// Complete the file; then [`HourExport::stored`].
    Complete,
    /// Fetch these bytes of the stored file; then [`HourExport::fetched`].
    Fetch(Range<u64>),
    /// The stored file has every row of the minutes, to the last bit. The etag is left to the
    /// caller.
    Done(HourFile),
}

/// Why there is no file.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportError {
    /// The minute that was read is another one.
    Minute {
        /// The wanted time, Unix seconds.
        expected: i64,
        /// The minute's time.
        found: i64,
    },
    /// The minute is simulated and the hour is not, or the other way round.
    Simulated(i64),
    /// The hour has too many rows.
    Rows(u64),
    /// The file's rows of this minute are not the minute's.
    Differs(i64),
    /// What is stored has another size or SHA-256 than what was written.
    Stored(String),
    /// The file cannot be written or read.
    Parquet(ParquetError),
    /// The pack cannot be written or read.
    Pack(PackError),
    /// The pack has more bytes than these.
    Large {
        /// The most of them.
        bytes_max: usize,
    },
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minute { expected, found } => {
                write!(f, "the minute is of {}, expected {}", Date(*found), Date(*expected))
            }
            Self::Simulated(time) => {
                write!(f, "{}: real and simulated traffic do not mix", Date(*time))
            }
            Self::Rows(rows) => {
                write!(f, "the hour has {rows} rows or more, expected at most {ROWS_MAX}")
            }
            Self::Differs(time) => {
                write!(f, "{}: the stored file differs from the minute", Date(*time))
            }
            Self::Stored(reason) => write!(f, "the stored file is not what was written: {reason}"),
            Self::Parquet(error) => error.fmt(f),
            Self::Pack(error) => error.fmt(f),
            Self::Large { bytes_max } => {
                write!(f, "the pack has more bytes than the {bytes_max} that a job can store")
            }
        }
    }
}

impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error)
    }
}

impl From<PackError> for ExportError {
    fn from(error: PackError) -> Self {
        Self::Pack(error)
    }
}

/// The making of one file.
#[derive(Debug)]
pub struct HourExport {
    times: Vec<i64>,
    provenance: Provenance,
    digests: MinuteDigests,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Counts the rows of each address.
    Survey { place: usize, rows: BTreeMap<u32, u32> },
    /// Writes the row groups.
    Write(Writing),
    /// Waits until the file is complete.
    Complete { bytes: u64, sha256: [u8; 32] },
    /// Reads the file back.
    Verify(Verification),
    /// All is done.
    Done(HourFile),
}

/// The row groups that are left, and the rows of the next one.
#[derive(Debug)]
struct Writing {
    writer: ParquetWriter,
    /// The addresses of each group that is left; the first is being collected.
    groups: VecDeque<RangeInclusive<u32>>,
    place: usize,
    rows: Vec<Row>,
    ready: Vec<u8>,
    bytes: u64,
    sha256: Sha256,
}

impl HourExport {
    /// The export of the minutes of these times, Unix seconds.
    pub fn new(times: Vec<i64>, provenance: Provenance) -> Self {
        let state = State::Survey { place: 0, rows: BTreeMap::new() };
        Self { times, provenance, digests: MinuteDigests::default(), state }
    }

    /// The next step. It is the same until its outcome is known.
    pub fn step(&mut self) -> Result<Step, ExportError> {
        loop {
            match &mut self.state {
                State::Survey { place, rows } => match self.times.get(*place) {
                    Some(&time) => return Ok(Step::Read(time)),
                    None => {
                        let groups = groups(rows);
                        self.state = State::Write(Writing::new(groups, &self.provenance)?);
                    }
                },
                State::Write(writing) => {
                    if !writing.ready.is_empty() {
                        return Ok(Step::Append(std::mem::take(&mut writing.ready)));
                    }
                    if writing.groups.is_empty() {
                        let sha256 = std::mem::take(&mut writing.sha256).finalize().into();
                        self.state = State::Complete { bytes: writing.bytes, sha256 };
                    } else if let Some(&time) = self.times.get(writing.place) {
                        return Ok(Step::Read(time));
                    } else {
                        writing.end_group()?;
                    }
                }
                State::Complete { .. } => return Ok(Step::Complete),
                State::Verify(verification) => match verification.wanted() {
                    Some(fetch) => return Ok(Step::Fetch(fetch)),
                    None => {
                        let exported = verification.end(&self.digests)?;
                        self.state = State::Done(exported);
                    }
                },
                State::Done(exported) => return Ok(Step::Done(exported.clone())),
            }
        }
    }

    /// The minute of [`Step::Read`].
    pub fn minute(&mut self, snapshot: Snapshot) -> Result<(), ExportError> {
        let found = snapshot.time;
        match &mut self.state {
            State::Survey { place, rows } => {
                let expected = self.times.get(*place).copied().unwrap_or_default();
                if found != expected {
                    return Err(ExportError::Minute { expected, found });
                }
                if snapshot.simulated != self.provenance.simulated {
                    return Err(ExportError::Simulated(found));
                }
                self.digests.add_minute(found);
                for state in snapshot.aircraft() {
                    *rows.entry(state.icao24.get()).or_default() += 1;
                    self.digests.add(found, state);
                }
                if self.digests.rows() > ROWS_MAX {
                    return Err(ExportError::Rows(self.digests.rows()));
                }
                *place += 1;
            }
            State::Write(writing) => writing.collect(snapshot),
            _ => {}
        }
        Ok(())
    }

    /// The file of [`Step::Complete`] is stored with this many bytes.
    pub fn stored(&mut self, bytes: u64) -> Result<(), ExportError> {
        if let State::Complete { bytes: expected, sha256 } = self.state {
            if bytes != expected {
                let reason = format!("it has {bytes} bytes, expected {expected}");
                return Err(ExportError::Stored(reason));
            }
            self.state = State::Verify(Verification::new(bytes, sha256));
        }
        Ok(())
    }

    /// The bytes of [`Step::Fetch`].
    pub fn fetched(&mut self, bytes: Vec<u8>) -> Result<(), ExportError> {
        match &mut self.state {
            State::Verify(verification) => verification.fetched(bytes),
            _ => Ok(()),
        }
    }
}

impl Writing {
    fn new(
        groups: VecDeque<RangeInclusive<u32>>,
        provenance: &Provenance,
    ) -> Result<Self, ExportError> {
        let writer = ParquetWriter::new(provenance)?;
        let (ready, sha256) = (Vec::new(), Sha256::new());
        let mut writing =
            Self { writer, groups, place: 0, rows: Vec::new(), ready, bytes: 0, sha256 };
        if writing.groups.is_empty() {
            writing.finish()?;
        }
        Ok(writing)
    }

    /// Keeps the rows of the group's addresses.
    fn collect(&mut self, snapshot: Snapshot) {
        let Some(addresses) = self.groups.front() else { return };
        if self.rows.capacity() < GROUP_ROWS {
            // At once: a vector that grows by doubling is in memory twice meanwhile.
            self.rows.reserve_exact(GROUP_ROWS);
        }
        let time = snapshot.time;
        let wanted = snapshot.into_aircraft().into_iter();
        let wanted = wanted.filter(|state| addresses.contains(&state.icao24.get()));
        self.rows.extend(wanted.map(|state| (time, state)));
        self.place += 1;
    }

    fn end_group(&mut self) -> Result<(), ExportError> {
        self.rows.sort_unstable_by_key(|(time, state)| (state.icao24, *time));
        self.writer.write(&self.rows)?;
        self.rows.clear();
        self.groups.pop_front();
        self.place = 0;
        let bytes = self.writer.take();
        self.hand_on(bytes);
        if self.groups.is_empty() {
            self.rows = Vec::new();
            self.finish()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        let rest = self.writer.finish()?;
        self.hand_on(rest);
        Ok(())
    }

    fn hand_on(&mut self, bytes: Vec<u8>) {
        self.bytes += bytes.len() as u64;
        self.sha256.update(&bytes);
        match self.ready.is_empty() {
            true => self.ready = bytes,
            false => self.ready.extend(bytes),
        }
    }
}

/// Cuts the addresses into groups of at most `GROUP_ROWS` rows, from the rows of each.
fn groups(rows: &BTreeMap<u32, u32>) -> VecDeque<RangeInclusive<u32>> {
    let mut groups: VecDeque<RangeInclusive<u32>> = VecDeque::new();
    let mut count = 0;
    for (&address, &rows) in rows {
        match groups.back_mut() {
            Some(group) if count + rows as usize <= GROUP_ROWS => {
                *group = *group.start()..=address;
            }
            _ => {
                groups.push_back(address..=address);
                count = 0;
            }
        }
        count += rows as usize;
    }
    groups
}
