//! The envelope of a frame, and its bytes.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{WireError, codec};
use crate::aircraft::Knots;
use crate::airspace::{
    Course, Identity, LiveAircraft, LiveState, Motion, Outcome, Prediction, Resolution,
};

/// The version of the envelope, its first element; a client that knows another one must stop.
pub const VERSION: u8 = 3;

/// `[version, epoch, base | nil, sequence, time, resolution, simulated, payload, digest]`.
#[derive(Serialize, Deserialize)]
struct Envelope(u8, u64, Option<u64>, u64, i64, u8, bool, ByteBuf, u32);

/// A frame whose envelope is decoded, but not its payload.
#[derive(Debug)]
pub struct Frame {
    /// Which history of the region the sequences count in.
    pub epoch: u64,
    /// The sequence that the frame applies to; `None` means "clear, then apply".
    pub base: Option<u64>,
    /// The sequence that the frame leads to.
    pub sequence: u64,
    /// The feed's time, Unix seconds.
    pub time: i64,
    /// How finely the payload is rounded.
    pub resolution: Resolution,
    /// Whether the traffic is simulated.
    pub simulated: bool,
    payload: Vec<u8>,
    digest: u32,
}

/// Encodes the frame with a whole live state.
pub fn encode_keyframe(epoch: u64, sequence: u64, live: &LiveState) -> Vec<u8> {
    let payload = codec::encode_whole(&live.aircraft, live.resolution);
    write(epoch, None, sequence, live, payload, digest(&live.aircraft))
}

/// A delta while it is written, row by row of its base. Aircraft that are as predicted cost next to
/// nothing.
pub struct DeltaWriter {
    changes: codec::Changes,
    digest: Digest,
}

/// A delta without its envelope.
#[derive(Debug)]
pub struct Delta {
    payload: Vec<u8>,
    /// The digest of the state that it leads to.
    pub digest: u32,
}

impl DeltaWriter {
    /// A delta without rows.
    pub fn new(resolution: Resolution) -> Self {
        Self { changes: codec::Changes::new(resolution), digest: Digest::default() }
    }

    /// Writes the outcome of the next row of the base.
    pub fn row(
        &mut self,
        held: &LiveAircraft,
        prediction: &mut Prediction,
        outcome: &Outcome<&Identity>,
    ) {
        self.changes.row(held, prediction, outcome);
    }

    /// Adds the next row of the state that the delta leads to, for the digest.
    pub fn leads_to(&mut self, row: &LiveAircraft) {
        self.digest.add(row);
    }

    /// Appends the rows that the base does not have, and returns the delta.
    pub fn finish(self, added: &[LiveAircraft]) -> Delta {
        Delta { payload: self.changes.finish(added), digest: self.digest.value() }
    }
}

impl Delta {
    /// Encodes the frame that leads from the base to `live`, whose rows were written.
    pub fn into_frame(self, epoch: u64, base: u64, sequence: u64, live: &LiveState) -> Vec<u8> {
        write(epoch, Some(base), sequence, live, self.payload, self.digest)
    }
}

/// Encodes the frame that leads from one live state to the next.
pub fn encode_delta(
    epoch: u64,
    (base, old): (u64, &LiveState),
    sequence: u64,
    new: &LiveState,
) -> Vec<u8> {
    let seconds = new.time - old.time;
    let payload = codec::encode_change(&old.aircraft, &new.aircraft, seconds, new.resolution);
    write(epoch, Some(base), sequence, new, payload, digest(&new.aircraft))
}

fn write(
    epoch: u64,
    base: Option<u64>,
    sequence: u64,
    live: &LiveState,
    payload: Vec<u8>,
    digest: u32,
) -> Vec<u8> {
    let LiveState { time, resolution, simulated, .. } = *live;
    let (code, payload) = (resolution.code(), ByteBuf::from(payload));
    let envelope = Envelope(VERSION, epoch, base, sequence, time, code, simulated, payload, digest);
    rmp_serde::to_vec(&envelope).expect("numbers and bytes always serialise")
}

impl Frame {
    /// The digest of the live state that the frame leads to; `apply` has checked it.
    pub(super) fn digest(&self) -> u32 {
        self.digest
    }

    /// Decodes a frame's envelope.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        // Check the version first: another version may have another shape.
        match bytes {
            [0x90..=0x9f, version, ..] if *version == VERSION => {}
            [0x90..=0x9f, version, ..] => return Err(WireError::Version(*version)),
            _ => return Err(WireError::NotAFrame("it does not start with an array".to_owned())),
        }
        let Envelope(_, epoch, base, sequence, time, code, simulated, payload, digest) =
            rmp_serde::from_slice(bytes)
                .map_err(|error| WireError::NotAFrame(error.to_string()))?;
        let resolution = Resolution::coded(code).ok_or(WireError::Resolution(code))?;
        let payload = payload.into_vec();
        Ok(Self { epoch, base, sequence, time, resolution, simulated, payload, digest })
    }

    /// Applies the frame to a live state, which a keyframe ignores; returns the next live state.
    pub fn apply(&self, old: &LiveState) -> Result<LiveState, WireError> {
        let Self { resolution, simulated, time, .. } = *self;
        let aircraft = match self.base {
            None => codec::decode_whole(&self.payload, resolution),
            Some(_) if old.resolution != resolution => None,
            Some(_) => {
                let seconds = time.checked_sub(old.time).filter(|&seconds| seconds >= 0);
                seconds.and_then(|seconds| {
                    codec::decode_change(&self.payload, &old.aircraft, seconds, resolution)
                })
            }
        };
        let aircraft = aircraft.ok_or_else(|| match self.base {
            // A delta cannot be decoded against another live state than its encoder's.
            Some(_) => WireError::Drifted { sequence: self.sequence },
            None => WireError::NotAFrame("its payload is invalid".to_owned()),
        })?;
        if digest(&aircraft) != self.digest {
            return Err(WireError::Drifted { sequence: self.sequence });
        }
        Ok(LiveState { time, resolution, simulated, aircraft })
    }

    /// Returns the decoder's steps through the payload, a line each, up to its error if it has one.
    /// A keyframe ignores `old`.
    #[cfg(feature = "tools")]
    pub fn trace(&self, old: &LiveState) -> Vec<String> {
        let change = (&old.aircraft[..], self.time.saturating_sub(old.time));
        codec::trace(&self.payload, self.base.map(|_| change), self.resolution)
    }
}

/// A cheap hash of a live state. With it a client notices drift, and proves that it has read the
/// frame that led there.
pub fn digest(rows: &[LiveAircraft]) -> u32 {
    let mut digest = Digest::default();
    rows.iter().for_each(|row| digest.add(row));
    digest.value()
}

/// The digest of the rows so far.
///
/// FNV-1a (64 bits) over words of address, place and motion, in the order of the rows, folded.
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, row: &LiveAircraft) {
        let known = |value: Option<i32>| value.map_or(u64::MAX, |value| u64::from(value as u32));
        let Motion { cell, altitude, course, vertical_rate, on_ground, age } = row.motion;
        let [course, rest] = match course {
            Course::Vector(Knots { east, north }) => [Some(east.into()), Some(north.into())],
            Course::Polar { velocity, track } => [velocity.map(i32::from), track.map(i32::from)],
        };
        let words = [
            u64::from(row.icao24.get()) << 8 | u64::from(age) << 1 | u64::from(on_ground),
            known(cell.map(|cell| cell.row)),
            known(cell.map(|cell| cell.column)),
            known(altitude),
            known(course) << 32 ^ known(rest),
            known(vertical_rate),
        ];
        for word in words {
            self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn value(self) -> u32 {
        (self.0 ^ self.0 >> 32) as u32
    }
}
