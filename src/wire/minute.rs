//! The bytes of a snapshot, exact: an object of the archive, and the rows of a region snapshot.
//!
//! MessagePack with named fields, so that any reader of MessagePack can tell what it holds: the
//! columns are [`ColumnsOf`], every field as the source gave it, nothing rounded.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ColumnsOf, RowsOf, bytes_of};
use crate::aircraft::StateVector;
use crate::airspace::Snapshot;

/// The version of the format, in the field `format`.
const FORMAT: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Object<T> {
    format: u8,
    time: i64,
    simulated: bool,
    aircraft: T,
}

/// Why bytes are no minute.
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

/// The bytes of these aircraft of a snapshot, which are in the order of their addresses.
pub fn encode_minute<R: Borrow<StateVector>>(of: &Snapshot, aircraft: &[R]) -> Vec<u8> {
    let object = Object {
        format: FORMAT,
        time: of.time,
        simulated: of.simulated,
        aircraft: ColumnsOf(aircraft),
    };
    let mut bytes = Vec::with_capacity(bytes_of(aircraft.len()));
    rmp_serde::encode::write_named(&mut bytes, &object)
        .expect("columns and numbers always serialise");
    bytes
}

/// The snapshot in the bytes.
pub fn decode_minute(bytes: &[u8]) -> Result<Snapshot, MinuteError> {
    let object: Object<RowsOf> =
        rmp_serde::from_slice(bytes).map_err(|error| MinuteError::NotAMinute(error.to_string()))?;
    if object.format != FORMAT {
        return Err(MinuteError::Format(object.format));
    }
    Ok(Snapshot::new(object.time, object.aircraft.0).marked(object.simulated))
}
