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
    msgpack::write_map(&mut bytes, 4);
    "format".write(&mut bytes);
    FORMAT.write(&mut bytes);
    "time".write(&mut bytes);
    of.time.write(&mut bytes);
    "simulated".write(&mut bytes);
    of.simulated.write(&mut bytes);
    "aircraft".write(&mut bytes);
    columns::write(&mut bytes, aircraft);
    bytes
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
