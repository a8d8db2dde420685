//! The bytes of one archived minute.
//!
//! MessagePack with named fields, so that any reader of MessagePack can tell what it holds: the
//! columns are `wire::ColumnsOf`, every field as the source gave it, nothing rounded.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::airspace::Snapshot;
use crate::wire::{ColumnsOf, RowsOf, bytes_of};

/// The version of the format, in the field `format`.
const FORMAT: u8 = 1;

/// One archived feed time: the whole sky.
#[derive(Debug, PartialEq)]
pub struct Minute {
    /// All of the aircraft, and whether they are invented.
    pub snapshot: Snapshot,
}

#[derive(Serialize, Deserialize)]
struct Object<T> {
    format: u8,
    time: i64,
    simulated: bool,
    aircraft: T,
}

/// Why bytes are no minute.
#[derive(Debug, PartialEq)]
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

impl Minute {
    /// The minute's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let object = Object {
            format: FORMAT,
            time: self.snapshot.time,
            simulated: self.snapshot.simulated,
            aircraft: ColumnsOf(self.snapshot.aircraft()),
        };
        let mut bytes = Vec::with_capacity(bytes_of(self.snapshot.aircraft().len()));
        rmp_serde::encode::write_named(&mut bytes, &object)
            .expect("columns and numbers always serialise");
        bytes
    }

    /// The minute in the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, MinuteError> {
        let object: Object<RowsOf> = rmp_serde::from_slice(bytes)
            .map_err(|error| MinuteError::NotAMinute(error.to_string()))?;
        if object.format != FORMAT {
            return Err(MinuteError::Format(object.format));
        }
        let snapshot = Snapshot::new(object.time, object.aircraft.0).marked(object.simulated);
        Ok(Self { snapshot })
    }
}
