//! Reads a stored Parquet file back, from its footer and then from its first byte to its last.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::ExportError;
use super::digest::MinuteDigests;
use crate::archive::{HourFile, ParquetFile, TAIL_BYTES};

/// The comparison of one file.
#[derive(Debug)]
pub(super) struct Verification {
    bytes: u64,
    expected: [u8; 32],
    found: Sha256,
    digests: MinuteDigests,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The footer's length is unknown.
    Tail,
    /// The footer has this many bytes.
    Footer(u64),
    /// The file is read up to here, which is behind this many groups.
    Groups { file: ParquetFile, read: u64, groups: usize },
}

impl Verification {
    /// The comparison of a file with this size and SHA-256.
    pub(super) fn new(bytes: u64, expected: [u8; 32]) -> Self {
        let (found, digests) = (Sha256::new(), MinuteDigests::default());
        Self { bytes, expected, found, digests, stage: Stage::Tail }
    }

    /// What to fetch next; `None` at the end. The ranges of the groups join, so that all bytes are
    /// hashed: a range begins where the one before it ended.
    pub(super) fn wanted(&self) -> Option<Range<u64>> {
        match &self.stage {
            Stage::Tail => Some(self.bytes.saturating_sub(TAIL_BYTES as u64)..self.bytes),
            Stage::Footer(length) => Some(self.bytes.saturating_sub(*length)..self.bytes),
            Stage::Groups { file, read, groups } => {
                let end = file.groups().nth(*groups).map_or(self.bytes, |group| group.end);
                (*read < self.bytes).then_some(*read..end)
            }
        }
    }

    /// Takes in what was fetched.
    pub(super) fn fetched(&mut self, bytes: Vec<u8>) -> Result<(), ExportError> {
        let Some(wanted) = self.wanted() else { return Ok(()) };
        if bytes.len() as u64 != wanted.end - wanted.start {
            let reason = format!("{} bytes came, expected {wanted:?}", bytes.len());
            return Err(ExportError::Stored(reason));
        }
        match &mut self.stage {
            Stage::Tail => {
                let tail = bytes.try_into().unwrap_or_default();
                let length = ParquetFile::footer_bytes(tail)? as u64;
                if length > self.bytes {
                    let reason = format!("its footer has {length} bytes");
                    return Err(ExportError::Stored(reason));
                }
                self.stage = Stage::Footer(length);
            }
            Stage::Footer(_) => {
                let file = ParquetFile::read(&bytes)?;
                self.stage = Stage::Groups { file, read: 0, groups: 0 };
            }
            Stage::Groups { file, read, groups } => {
                self.found.update(&bytes);
                if let Some(group) = file.groups().nth(*groups) {
                    let before = group.start.saturating_sub(*read) as usize;
                    let rows = file.rows_of(*groups, bytes[before..].to_vec())?;
                    rows.iter().for_each(|(time, state)| self.digests.add(*time, state));
                }
                *read = wanted.end;
                *groups += 1;
            }
        }
        Ok(())
    }

    /// Compares all that was read with the minutes.
    pub(super) fn end(&mut self, minutes: &MinuteDigests) -> Result<HourFile, ExportError> {
        let found: [u8; 32] = std::mem::take(&mut self.found).finalize().into();
        if found != self.expected {
            return Err(ExportError::Stored(format!("its SHA-256 is {}", hex(found))));
        }
        match minutes.differs_at(&self.digests) {
            Some(time) => Err(ExportError::Differs(time)),
            None => {
                let (bytes, rows) = (self.bytes, self.digests.rows());
                Ok(HourFile { bytes, rows, sha256: hex(found), etag: String::new() })
            }
        }
    }
}

pub(super) fn hex(hash: [u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
