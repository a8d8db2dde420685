//! The envelope of a frame, and its bytes.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{WireError, columns::Columns};
use crate::aircraft::{Icao24, StateVector};
use crate::airspace::{Delta, Snapshot, diff};

/// The version of the envelope, its first element; a client that reads another one must stop.
pub const VERSION: u8 = 1;

/// The positions' resolution: 0 is exact, nothing rounded.
const RESOLUTION_EXACT: u8 = 0;

/// `[version, epoch, base | nil, sequence, time, resolution, payload, digest]`.
#[derive(Serialize, Deserialize)]
struct Envelope(u8, u64, Option<u64>, u64, i64, u8, ByteBuf, u32);

/// `[removals, columns]`, the bytes in `payload`.
#[derive(Serialize, Deserialize)]
struct Payload(Vec<u32>, Columns);

/// A frame that was read: which state it starts from and what it changes.
#[derive(Debug)]
pub struct Frame {
    /// Which history of the region the sequences count in.
    pub epoch: u64,
    /// The sequence that the change applies to; `None` means "clear, then apply".
    pub base: Option<u64>,
    /// The sequence that the change leads to.
    pub sequence: u64,
    /// The change itself.
    pub delta: Delta,
    /// The digest of the state after the change.
    pub digest: u32,
}

/// The frame that leads to `next`: from the base's snapshot, or from nothing (a keyframe).
pub fn encode(
    epoch: u64,
    base: Option<(u64, &Snapshot)>,
    sequence: u64,
    next: &Snapshot,
) -> Vec<u8> {
    let empty = Snapshot::default();
    let delta = diff(base.map_or(&empty, |(_, snapshot)| snapshot), next);
    let removals = delta.removals.iter().map(|icao24| icao24.get()).collect();
    let payload = write(&Payload(removals, Columns::from_rows(&delta.upserts)));
    write(&Envelope(
        VERSION,
        epoch,
        base.map(|(sequence, _)| sequence),
        sequence,
        next.time,
        RESOLUTION_EXACT,
        ByteBuf::from(payload),
        digest(next),
    ))
}

impl Frame {
    /// The frame in the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        // The version is looked at before the rest, whose shape another version may change.
        match bytes {
            [0x90..=0x9f, version, ..] if *version == VERSION => {}
            [0x90..=0x9f, version, ..] => return Err(WireError::Version(*version)),
            _ => return Err(WireError::NotAFrame("it does not start with an array".to_owned())),
        }
        let Envelope(_, epoch, base, sequence, time, resolution, payload, digest) = read(bytes)?;
        if resolution != RESOLUTION_EXACT {
            return Err(WireError::Resolution(resolution));
        }
        let Payload(removals, columns) = read(&payload)?;
        let removals = removals
            .into_iter()
            .map(|address| {
                let value =
                    || WireError::Impossible { column: "removals", value: address.to_string() };
                Icao24::new(address).ok_or_else(value)
            })
            .collect::<Result<_, _>>()?;
        let delta = Delta { time, removals, upserts: columns.into_rows()? };
        Ok(Self { epoch, base, sequence, delta, digest })
    }
}

fn write<T: Serialize>(value: &T) -> Vec<u8> {
    rmp_serde::to_vec(value).expect("columns and numbers always serialise")
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, WireError> {
    rmp_serde::from_slice(bytes).map_err(|error| WireError::NotAFrame(error.to_string()))
}

/// A cheap hash of a state, by which a client notices that it has drifted.
///
/// The sum over the aircraft of a mixed hash of address, times, position, velocity and altitude:
/// the order of the aircraft does not matter. Multiplier and shifts are those of `SplitMix64`.
pub(super) fn digest(snapshot: &Snapshot) -> u32 {
    let sum = snapshot.aircraft().iter().fold(0_u64, |sum, state| sum.wrapping_add(hash(state)));
    (sum ^ (sum >> 32)) as u32
}

fn hash(state: &StateVector) -> u64 {
    let bits = |number: Option<f64>| number.map_or(u64::MAX, f64::to_bits);
    [
        u64::from(state.icao24.get()),
        state.last_contact as u64,
        state.time_position.map_or(u64::MAX, |time| time as u64),
        bits(state.position.map(|position| position.longitude)),
        bits(state.position.map(|position| position.latitude)),
        bits(state.baro_altitude),
        bits(state.velocity),
        bits(state.true_track),
    ]
    .into_iter()
    .fold(0, |hash, word| {
        let mixed = (hash ^ word).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb)
    })
}
