//! The state of a client that decodes frames.

use std::fmt;

use super::Frame;
use crate::airspace::LiveState;

/// The live state that the frames have led to, and its place in the region's history.
#[derive(Debug, Default)]
pub struct ClientState {
    epoch: u64,
    sequence: u64,
    digest: u32,
    live: LiveState,
}

/// Why bytes are not a frame, or cannot be applied to this client's state.
#[derive(Clone, Debug, PartialEq)]
pub enum WireError {
    /// The bytes do not have a frame's shape.
    NotAFrame(String),
    /// The frame has a version that this code does not read.
    Version(u8),
    /// The frame's resolution is one that this code does not know.
    Resolution(u8),
    /// The frame applies to another state than this client's; the client needs a keyframe.
    WrongBase {
        /// The epoch and sequence that the frame applies to.
        frame: (u64, u64),
        /// The epoch and sequence that the client is at.
        client: (u64, u64),
    },
    /// The state after the frame differs from the server's; the client needs a keyframe.
    Drifted {
        /// The sequence at which it was noticed.
        sequence: u64,
    },
}

impl WireError {
    /// Whether a keyframe helps; otherwise server and client have different versions.
    pub fn wants_keyframe(&self) -> bool {
        matches!(self, Self::WrongBase { .. } | Self::Drifted { .. })
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFrame(reason) => write!(f, "not a frame: {reason}"),
            Self::Version(version) => {
                write!(f, "frame version is {version}, expected {}", super::VERSION)
            }
            Self::Resolution(resolution) => {
                write!(f, "resolution is {resolution}, expected 1 or 2")
            }
            Self::WrongBase { frame: (epoch, base), client: (own, sequence) } => write!(
                f,
                "frame applies to {epoch:016x}/{base}, this client is at {own:016x}/{sequence}"
            ),
            Self::Drifted { sequence } => {
                write!(f, "the state after sequence {sequence} is not the server's")
            }
        }
    }
}

impl std::error::Error for WireError {}

impl ClientState {
    /// Applies a frame; an error changes nothing. A keyframe applies to any state.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let frame = Frame::decode(bytes)?;
        let Frame { epoch, base, sequence, .. } = frame;
        if let Some(base) = base
            && (epoch, base) != (self.epoch, self.sequence)
        {
            let client = (self.epoch, self.sequence);
            return Err(WireError::WrongBase { frame: (epoch, base), client });
        }
        self.live = frame.apply(&self.live)?;
        (self.epoch, self.sequence, self.digest) = (epoch, sequence, frame.digest());
        Ok(())
    }

    /// Which history of the region the sequence counts in; 0 before the first frame.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The sequence of the last frame; 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The digest of the last frame, with which a client acknowledges it; 0 before the first.
    pub fn digest(&self) -> u32 {
        self.digest
    }

    /// The live state.
    pub fn live(&self) -> &LiveState {
        &self.live
    }
}
