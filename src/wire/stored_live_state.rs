//! What clients of a region hold, as the region keeps it beside its region snapshot.
//!
//! In scope: the rows in which that differs from the region snapshot as it is rounded; the digests
//! and sizes of the last frames, which clients have yet to acknowledge. Out of scope: frames; a
//! keyframe would say the same in fewer bytes, but takes ten times as long to write.

use serde::{Deserialize, Serialize};

use super::{WireError, codec};
use crate::airspace::{Cell, LiveState, Motion};

/// What clients hold, and where in the region's history that is.
#[derive(Debug, PartialEq)]
pub struct StoredLiveState {
    /// The sequence that led there.
    pub sequence: u64,
    /// The last frames, oldest first; the last one led to `sequence`.
    pub sent: Vec<Sent>,
    /// Whether frames that were logged with it are of the wire that is spoken here.
    pub frames_are_current: bool,
    /// The snapshot.
    pub live: LiveState,
}

/// One frame as clients may still have to acknowledge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The digest of the state that it led to.
    pub digest: u32,
    /// The bytes of the binary frame.
    pub bytes: u32,
    /// The bytes of the frame as text; 0 where nobody read text.
    pub text_bytes: u32,
}

/// `[fingerprint of the wire, sequence, rows, sent]`; the last was added later.
#[derive(Serialize, Deserialize)]
struct Row(u64, u64, Vec<Amendment>, #[serde(default)] Vec<Sent>);

/// Which aircraft of the region snapshot, and how it moves for clients.
#[derive(Serialize, Deserialize)]
struct Amendment(u32, Option<(i32, i32)>, [Option<i32>; 4], bool, u8);

impl StoredLiveState {
    /// The bytes of what clients hold, `live`. The rows at the places in `amended` are not as their
    /// region snapshot is rounded.
    pub fn encode(sequence: u64, sent: Vec<Sent>, amended: &[u32], live: &LiveState) -> Vec<u8> {
        let amendment = |&place: &u32| Amendment::of(place, &live.aircraft[place as usize].motion);
        let amended = amended.iter().map(amendment).collect();
        let row = Row(codec::fingerprint(), sequence, amended, sent);
        rmp_serde::to_vec(&row).expect("numbers always serialise")
    }

    /// What clients hold by these bytes, of a region snapshot that is rounded to `rounded`.
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
