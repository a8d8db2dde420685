//! What feeds the ledger, and how an answer may fail.

use std::fmt;

use crate::feed::Format;

/// The configured source.
#[derive(Clone, Debug, PartialEq)]
pub enum Feed {
    /// OpenSky is asked.
    OpenSky {
        /// Seconds from one answer to the next question.
        interval_seconds: i64,
    },
    /// A readsb, or a service that answers as one, is asked.
    Readsb {
        /// Seconds from one answer to the next question.
        interval_seconds: i64,
    },
    /// Skies are pushed to `POST /api/ingest`.
    Push,
    /// Traffic is invented.
    Simulated {
        /// Which world is invented.
        seed: u64,
        /// Seconds from one sky to the next.
        interval_seconds: i64,
    },
}

impl Feed {
    /// The name that the configuration uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OpenSky { .. } => "opensky",
            Self::Readsb { .. } => "readsb",
            Self::Push => "push",
            Self::Simulated { .. } => "simulated",
        }
    }

    /// Whether it must be asked, rather than speaking up by itself.
    pub fn is_pulled(&self) -> bool {
        !matches!(self, Self::Push)
    }

    /// Whether its traffic is invented.
    pub fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated { .. })
    }

    /// What its answers look like: anything, where they are pushed.
    pub fn format(&self) -> Option<Format> {
        match self {
            Self::OpenSky { .. } | Self::Simulated { .. } => Some(Format::OpenSky),
            Self::Readsb { .. } => Some(Format::Readsb),
            Self::Push => None,
        }
    }

    /// Seconds from one answer to the next question; 0 where nothing is asked.
    pub fn interval_seconds(&self) -> i64 {
        match self {
            Self::OpenSky { interval_seconds }
            | Self::Readsb { interval_seconds }
            | Self::Simulated { interval_seconds, .. } => *interval_seconds,
            Self::Push => 0,
        }
    }
}

/// Why a pull brought no sky.
#[derive(Clone, Debug, PartialEq)]
pub enum PullError {
    /// The source wants to be left alone, for that long where it says so.
    RateLimited {
        /// What the source said, seconds.
        retry_after_seconds: Option<i64>,
    },
    /// The source does not know us.
    Unauthorised,
    /// It could not be reached, or what it answered is no sky; the reason.
    Unreachable(String),
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited { retry_after_seconds: Some(seconds) } => {
                write!(f, "the source asks us to wait {seconds} s")
            }
            Self::RateLimited { retry_after_seconds: None } => {
                f.write_str("the source asks us to wait")
            }
            Self::Unauthorised => f.write_str("the source refuses our credentials"),
            Self::Unreachable(reason) => f.write_str(reason),
        }
    }
}
