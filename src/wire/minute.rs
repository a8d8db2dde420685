//! The bytes of a snapshot, exact: an object of the archive, and the rows of a region snapshot.
//!
//! MessagePack with named fields, so that any reader of MessagePack can tell what it holds: the
//! columns (`columns`) have every field as the source gave it, nothing rounded.

use std::borrow::Borrow;
use std::fmt;

use super::columns;
use super::msgpack::{self, Fields, Value};
use crate::aircraft::StateVector;
use crate::airspace::Snapshot;

/// The version of the format, in the field `format`.
const FORMAT: u8 = 1;

/// Why bytes are not a minute.
#[derive(Clone, Debug, PartialEq)]
pub enum MinuteError {
    /// They do not have a minute's shape.
    NotAMinute(String),
    /// They are of a format that this code does not read.
    Format(u8),
}

impl fmt::Display for MinuteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAMinute(reason) => write!(f, "not an archived minute: {reason}"),
            Self::Format(format) => write!(f, "minute's format is {format}, expected {FORMAT}"),
        }
    }
}

impl std::error::Error for MinuteError {}

impl From<String> for MinuteError {
    fn from(reason: String) -> Self {
        Self::NotAMinute(reason)
    }
}

/// Encodes these aircraft of a snapshot, which ascend by address.
pub fn encode_minute<R: Borrow<StateVector>>(of: &Snapshot, aircraft: &[R]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(columns::bytes_of(aircraft.len()));
    write(&mut bytes, of, aircraft, |_| {});
    bytes
}

/// Encodes all aircraft of a snapshot in pieces, each at most one column: `keep` gets them in
/// order. 100,000 aircraft have 9 MB, and a column of theirs 0.9 MB.
pub fn encode_minute_in_pieces(of: &Snapshot, mut keep: impl FnMut(&[u8])) {
    let rows = of.aircraft();
    let mut piece = Vec::with_capacity(columns::bytes_of_column(rows.len()));
    write(&mut piece, of, rows, |piece| {
        keep(piece);
        piece.clear();
    });
}

fn write<R: Borrow<StateVector>>(
    bytes: &mut Vec<u8>,
    of: &Snapshot,
    aircraft: &[R],
    flush: impl FnMut(&mut Vec<u8>),
) {
    msgpack::write_map(bytes, 4);
    "format".write(bytes);
    FORMAT.write(bytes);
    "time".write(bytes);
    of.time.write(bytes);
    "simulated".write(bytes);
    of.simulated.write(bytes);
    "aircraft".write(bytes);
    columns::write(bytes, aircraft, flush);
}

/// Decodes a snapshot.
pub fn decode_minute(bytes: &[u8]) -> Result<Snapshot, MinuteError> {
    let bytes = &mut &bytes[..];
    let mut fields = Fields::read(bytes)?;
    let format = fields.value("format", bytes)?;
    if format != FORMAT {
        return Err(MinuteError::Format(format));
    }
    let time = fields.value("time", bytes)?;
    let simulated = fields.value("simulated", bytes)?;
    fields.find("aircraft", bytes)?;
    let aircraft = columns::read(bytes)?;
    Ok(Snapshot::new(time, aircraft).marked(simulated))
}
