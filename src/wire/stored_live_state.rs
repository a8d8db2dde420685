//! The live state of a region, as it is stored beside the region snapshot.
//!
//! In scope: the rows that differ from the rounded region snapshot; the digests and sizes of the
//! last frames, which clients may still acknowledge. Out of scope: frames; a keyframe would hold
//! the same in fewer bytes, but takes ten times as long to write.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{WireError, codec};
use crate::aircraft::Knots;
use crate::airspace::{Cell, Course, LiveState, Motion};

/// A live state, and its place in the region's history.
#[derive(Debug, PartialEq)]
pub struct StoredLiveState {
    /// The sequence that led there.
    pub sequence: u64,
    /// The last frames, oldest first; the last one led to `sequence`.
    pub sent: Vec<Sent>,
    /// Whether the frames logged with it have the wire of this build.
    pub frames_are_current: bool,
    /// What clients hold.
    pub live: LiveState,
}

/// What is kept of a frame until clients acknowledge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The digest of the state that it led to.
    pub digest: u32,
    /// The size of the binary frame, bytes.
    pub bytes: u32,
    /// The size of the frame as text, bytes; 0 if there were no clients of text.
    pub text_bytes: u32,
}

/// `[fingerprint of the wire, sequence, rows, sent]`; the last was added later.
#[derive(Serialize, Deserialize)]
struct Row(u64, u64, Vec<Amendment>, #[serde(default)] Vec<Sent>);

/// The same row of any build.
#[derive(Deserialize)]
struct Head(u64, u64, IgnoredAny, #[serde(default)] IgnoredAny);

/// The index of an aircraft in the region snapshot, and its motion in the live state: the cell,
/// altitude and vertical rate, then whether the course is a vector and its two numbers.
#[derive(Serialize, Deserialize)]
struct Amendment(u32, Option<(i32, i32)>, [Option<i32>; 2], (bool, [Option<i32>; 2]), bool, u8);

impl StoredLiveState {
    /// Encodes `live`. The rows with the indices in `amended` differ from the rounded region
    /// snapshot.
    pub fn encode(sequence: u64, sent: Vec<Sent>, amended: &[u32], live: &LiveState) -> Vec<u8> {
        let amendment = |&place: &u32| Amendment::of(place, &live.aircraft[place as usize].motion);
        let amended = amended.iter().map(amendment).collect();
        let row = Row(codec::fingerprint(), sequence, amended, sent);
        rmp_serde::to_vec(&row).expect("numbers always serialise")
    }

    /// Decodes a live state; `rounded` is the rounded region snapshot that it was stored with.
    ///
    /// Of another build's wire only the sequence is kept: its motions may have another shape, and
    /// the live state is the rounded snapshot.
    pub fn decode(bytes: &[u8], rounded: LiveState) -> Result<Self, WireError> {
        let error = |reason: String| WireError::NotAFrame(reason);
        let Head(fingerprint, sequence, ..) =
            rmp_serde::from_slice(bytes).map_err(|is| error(is.to_string()))?;
        let mut live = rounded;
        if fingerprint != codec::fingerprint() {
            return Ok(Self { sequence, sent: Vec::new(), frames_are_current: false, live });
        }
        let Row(.., amended, sent) =
            rmp_serde::from_slice(bytes).map_err(|is| error(is.to_string()))?;
        for amendment in amended {
            let index = amendment.0;
            let row = live.aircraft.get_mut(index as usize);
            let row = row.ok_or_else(|| error(format!("no row {index} to amend")))?;
            row.motion = amendment.motion();
        }
        Ok(Self { sequence, sent, frames_are_current: true, live })
    }
}

impl Amendment {
    fn of(index: u32, motion: &Motion) -> Self {
        let Motion { cell, altitude, course, vertical_rate, on_ground, age } = *motion;
        let cell = cell.map(|Cell { row, column }| (row, column));
        let course = match course {
            Course::Vector(Knots { east, north }) => {
                (true, [Some(east.into()), Some(north.into())])
            }
            Course::Polar { velocity, track } => {
                (false, [velocity.map(i32::from), track.map(i32::from)])
            }
        };
        Self(index, cell, [altitude, vertical_rate], course, on_ground, age)
    }

    fn motion(self) -> Motion {
        let Self(_, cell, [altitude, vertical_rate], (is_vector, course), on_ground, age) = self;
        let cell = cell.map(|(row, column)| Cell { row, column });
        let [east, north] = course.map(|value| value.unwrap_or(0) as i16);
        let [velocity, track] = course;
        let course = match is_vector {
            true => Course::Vector(Knots { east, north }),
            false => Course::Polar {
                velocity: velocity.map(|value| value as u16),
                track: track.map(|value| value as u8),
            },
        };
        Motion { cell, altitude, course, vertical_rate, on_ground, age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_another_wire_only_the_sequence_is_kept() {
        // As version 2 stored it: velocity and track were two numbers in steps.
        let amended = [(0_u32, Some((1, 2)), [Some(400), Some(450), Some(90), None], false, 1_u8)];
        let sent = [(7_u32, 8_u32, 9_u32)];
        let bytes = rmp_serde::to_vec(&(codec::fingerprint() ^ 1, 5_u64, amended, sent));
        let rounded = LiveState { time: 1_000, ..LiveState::default() };
        let stored = StoredLiveState::decode(&bytes.expect("numbers"), rounded.clone());
        let expected = StoredLiveState {
            sequence: 5,
            sent: Vec::new(),
            frames_are_current: false,
            live: rounded,
        };
        assert_eq!(stored, Ok(expected));
        // The same of this wire is not read as if it had no amendments.
        let bytes = rmp_serde::to_vec(&(codec::fingerprint(), 5_u64, amended, sent));
        let stored = StoredLiveState::decode(&bytes.expect("numbers"), LiveState::default());
        assert!(stored.is_err(), "{stored:?}");
    }
}
