//! Makes the pack of an hour from its minutes, and compares what was stored with them.
//!
//! In scope: the limits of a pack, the comparison. Out of scope: reading minutes, storing the pack,
//! its bytes (`archive::pack`).
//!
//! The key of a pack depends on all its bytes. So a whole pack is in memory before it is stored,
//! unlike a Parquet file: that of an hour of 11,450 aircraft has 3.3 MB.

use sha2::{Digest, Sha256};

use super::ExportError;
use super::verify::hex;
use crate::airspace::Snapshot;
use crate::archive::HourFile;
use crate::archive::pack::{MinuteDigest, PackIndex, PackWriter};

/// The largest pack. 2,000,000 recorded rows of 4.8 bytes take 9.6 MB. The writer holds 18 MB
/// beside it and the platform copies it once, so that it all fits into the 128 MB of an isolate.
const PACK_BYTES_MAX: usize = 16 << 20;

/// The making of one pack: as long as [`Self::wants`] names a minute, pass it to
/// [`Self::minute`]; then [`Self::finish`].
pub struct PackExport {
    writer: PackWriter,
    simulated: bool,
    bytes: Vec<u8>,
}

/// A pack that was made: store it under its key, fetch it, and [`Self::verify`] what came.
#[derive(Debug)]
pub struct MadePack {
    /// The key in R2.
    pub key: String,
    index: PackIndex,
    bytes: usize,
    sha256: [u8; 32],
}

impl PackExport {
    /// The pack of the minutes of these times, Unix seconds, at least one.
    pub fn new(times: Vec<i64>, simulated: bool) -> Result<Self, ExportError> {
        Ok(Self { writer: PackWriter::new(times)?, simulated, bytes: Vec::new() })
    }

    /// The time of the minute to read next, Unix seconds; `None` once none is needed any more.
    pub fn wants(&self) -> Option<i64> {
        self.writer.wants()
    }

    /// Takes in the minute that was wanted.
    pub fn minute(&mut self, snapshot: &Snapshot) -> Result<(), ExportError> {
        if snapshot.simulated != self.simulated {
            return Err(ExportError::Simulated(snapshot.time));
        }
        self.writer.give(snapshot)?;
        self.bytes.extend(self.writer.take());
        match self.bytes.len() {
            0..=PACK_BYTES_MAX => Ok(()),
            _ => Err(ExportError::Large { bytes_max: PACK_BYTES_MAX }),
        }
    }

    /// The bytes to store, and what must be known to verify them.
    pub fn finish(self) -> Result<(Vec<u8>, MadePack), ExportError> {
        let Self { writer, mut bytes, .. } = self;
        let (rest, index) = writer.finish()?;
        bytes.extend(rest);
        let (key, sha256) = (index.key(), Sha256::digest(&bytes).into());
        let made = MadePack { key, index, bytes: bytes.len(), sha256 };
        Ok((bytes, made))
    }
}

impl MadePack {
    /// Compares the stored bytes with what was made, and the rows that they hold, by minute and by
    /// aircraft, with the digests of the minutes that were read. The etag is left to the caller.
    pub fn verify(&self, stored: &[u8]) -> Result<HourFile, ExportError> {
        if stored.len() != self.bytes {
            let reason = format!("it has {} bytes, expected {}", stored.len(), self.bytes);
            return Err(ExportError::Stored(reason));
        }
        let sha256: [u8; 32] = Sha256::digest(stored).into();
        if sha256 != self.sha256 {
            return Err(ExportError::Stored(format!("its SHA-256 is {}", hex(sha256))));
        }
        if PackIndex::read(stored)? != self.index {
            return Err(ExportError::Stored("its index is another one".to_owned()));
        }
        self.verify_minutes(stored)?;
        self.verify_blocks(stored)?;
        let rows = self.index.minutes.iter().map(|minute| minute.rows).sum();
        let bytes = stored.len() as u64;
        Ok(HourFile { bytes, rows, sha256: hex(sha256), etag: String::new() })
    }

    /// Decodes every group of minutes, which compares each minute with its digest.
    fn verify_minutes(&self, stored: &[u8]) -> Result<(), ExportError> {
        let mut read = 0;
        for minute in &self.index.minutes {
            let Some(range) = self.index.group_range(minute.time) else { continue };
            if range.start < read {
                continue;
            }
            read = range.end;
            let group = &stored[range.start as usize..range.end as usize];
            self.index.decode_group(group, minute.time, drop)?;
        }
        Ok(())
    }

    /// Decodes every block of aircraft, and compares their rows with the digests of the minutes.
    fn verify_blocks(&self, stored: &[u8]) -> Result<(), ExportError> {
        let minutes = &self.index.minutes;
        let mut found = vec![(0, MinuteDigest::default()); minutes.len()];
        for block in &self.index.blocks {
            let bytes = &stored[block.range.start as usize..block.range.end as usize];
            for (time, state) in self.index.decode_block(bytes, block, None)? {
                let place = minutes.binary_search_by_key(&time, |minute| minute.time);
                let place = place.ok().ok_or(ExportError::Differs(time))?;
                let (rows, digest) = &mut found[place];
                *rows += 1;
                digest.add(&state);
            }
        }
        for (minute, (rows, digest)) in minutes.iter().zip(found) {
            let digest = digest.of(minute.time, self.index.head.simulated);
            if (rows, digest) != (minute.rows, minute.digest) {
                return Err(ExportError::Differs(minute.time));
            }
        }
        Ok(())
    }
}
