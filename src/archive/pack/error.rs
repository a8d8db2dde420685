//! Why an hour cannot be packed, or a pack cannot be read.

use std::fmt;

use crate::archive::Date;

/// Why an hour cannot be packed, or a pack cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub enum PackError {
    /// The bytes do not have a pack's shape.
    NotAPack(&'static str),
    /// The pack is of a version that this code does not read.
    Version(u8),
    /// The pack was written with other models.
    Models(u64),
    /// The tail is too short: this many of the last bytes are needed.
    Tail(usize),
    /// The bytes of this minute are not those that were written.
    Minute(Date),
    /// The bytes of the block that begins with this address are not those that were written.
    Block(u32),
    /// The pack has no such minute.
    Absent(Date),
    /// The minutes are not of one hour, or do not ascend: the first of them that is wrong.
    Times(Date),
    /// Another minute was expected than this one.
    Unexpected(Date),
    /// Simulated and real minutes are mixed: the first that differs from the one before.
    Mixed(Date),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPack(reason) => write!(f, "not a pack: {reason}"),
            Self::Version(version) => write!(f, "pack's version is {version}, expected 1"),
            Self::Models(models) => write!(f, "pack's models are {models:016x}, which are unknown"),
            Self::Tail(bytes) => write!(f, "the last {bytes} bytes of the pack are needed"),
            Self::Minute(date) => write!(f, "the pack's bytes of {date} are damaged"),
            Self::Block(first) => write!(f, "the pack's block from {first:06x} is damaged"),
            Self::Absent(date) => write!(f, "the pack has no minute {date}"),
            Self::Times(date) => write!(f, "{date} is not of the pack's hour, or not in order"),
            Self::Unexpected(date) => {
                write!(f, "{date} is not the minute that the pack needs next")
            }
            Self::Mixed(date) => {
                write!(f, "{date} is simulated and its hour is real, or vice versa")
            }
        }
    }
}

impl std::error::Error for PackError {}
