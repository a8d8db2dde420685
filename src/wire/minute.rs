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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aircraft::{Callsign, Icao24, Squawk};
    use crate::earth::Position;

    /// An aircraft of which all is known, each value in as many bytes as it may take.
    fn widest(icao24: u32) -> StateVector {
        let measured = Some(1.0 / 3.0);
        StateVector {
            icao24: Icao24::new(icao24).expect("an address"),
            callsign: Callsign::parse("DLH9LF42").expect("a callsign"),
            origin_country: Some(format!("country {}", icao24 % 200).into()),
            time_position: Some(1_751_840_376),
            last_contact: 1_751_840_377,
            position: Position::new(1.0 / 3.0, -1.0 / 3.0),
            baro_altitude: measured,
            on_ground: true,
            velocity: measured,
            true_track: measured,
            vertical_rate: measured,
            geo_altitude: measured,
            squawk: Squawk::new(0o7777),
            spi: true,
            position_source: Some(3),
            category: Some(20),
            current_country: "DE".parse().ok(),
        }
    }

    /// A minute of the widest rows has 107 bytes a row, and an archived one may have 100,000 rows.
    #[test]
    fn room_is_reserved_once_and_for_little_more_than_the_widest_rows() {
        for rows in [0, 1, 1_000] {
            let aircraft = (0..rows).map(|index| widest(0xff_0000 + index)).collect();
            let snapshot = Snapshot::new(1_751_840_400, aircraft);
            let bytes = encode_minute(&snapshot, snapshot.aircraft());
            let reserved = columns::bytes_of(rows as usize);
            assert_eq!(bytes.capacity(), reserved, "{rows} rows took {} bytes", bytes.len());
            assert!(reserved < 1_000 + bytes.len() * 3 / 2, "{rows} rows: {}", bytes.len());
        }
    }
}
