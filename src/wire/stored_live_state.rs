//! The live state of a region, as it is stored beside the region snapshot.
//!
//! In scope: the rows that differ from the rounded region snapshot; the digests and sizes of the
//! last frames, which clients may still acknowledge. Out of scope: frames; a keyframe would hold
//! the same in fewer bytes, but takes ten times as long to write.

use serde::{Deserialize, Serialize};

use super::{WireError, codec};
use crate::airspace::{Cell, LiveState, Motion};

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

/// The index of an aircraft in the region snapshot, and its motion in the live state.
#[derive(Serialize, Deserialize)]
struct Amendment(u32, Option<(i32, i32)>, [Option<i32>; 4], bool, u8);

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
    pub fn decode(bytes: &[u8], rounded: LiveState) -> Result<Self, WireError> {
        let error = |reason: String| WireError::NotAFrame(reason);
        let Row(fingerprint, sequence, amended, sent) =
            rmp_serde::from_slice(bytes).map_err(|is| error(is.to_string()))?;
        let mut live = rounded;
        for amendment in amended {
            let index = amendment.0;
            let row = live.aircraft.get_mut(index as usize);
            let row = row.ok_or_else(|| error(format!("no row {index} to amend")))?;
            row.motion = amendment.motion();
        }
        let frames_are_current = fingerprint == codec::fingerprint();
        Ok(Self { sequence, sent, frames_are_current, live })
    }
}

impl Amendment {
    fn of(index: u32, motion: &Motion) -> Self {
        let Motion { cell, altitude, velocity, track, vertical_rate, on_ground, age } = *motion;
        let cell = cell.map(|Cell { row, column }| (row, column));
        Self(index, cell, [altitude, velocity, track, vertical_rate], on_ground, age)
    }

    fn motion(self) -> Motion {
        let Self(_, cell, [altitude, velocity, track, vertical_rate], on_ground, age) = self;
        let cell = cell.map(|(row, column)| Cell { row, column });
        Motion { cell, altitude, velocity, track, vertical_rate, on_ground, age }
    }
}
