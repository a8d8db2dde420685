//! What feeds the ledger, and how an answer may fail.

use std::fmt;

use chrono::DateTime;

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
    /// The source does not let us in; who said so, and how.
    Unauthorised(String),
    /// It could not be reached, or what it answered is no sky; the reason.
    Unreachable(String),
    /// Its sky is not newer than the stored one; which they are.
    Stale(String),
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited { retry_after_seconds: Some(seconds) } => {
                write!(f, "the source asks us to wait {seconds} s")
            }
            Self::RateLimited { retry_after_seconds: None } => {
                f.write_str("the source asks us to wait, and does not say how long")
            }
            Self::Unauthorised(reason) | Self::Unreachable(reason) | Self::Stale(reason) => {
                f.write_str(reason)
            }
        }
    }
}

/// For how many seconds a `Retry-After` asks us to wait: it holds seconds or a date (RFC 9110,
/// 10.2.3); `None` where it holds neither.
pub fn retry_after(header: &str, now: i64) -> Option<i64> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(header.parse().unwrap_or(i64::MAX));
    }
    DateTime::parse_from_rfc2822(header).ok().map(|date| date.timestamp().saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_after_is_seconds_or_a_date_or_nothing() {
        let now = 1_767_225_600;
        for (header, seconds) in [
            ("60394", Some(60_394)),
            (" 5 ", Some(5)),
            ("99999999999999999999", Some(i64::MAX)),
            ("Thu, 01 Jan 2026 01:00:00 GMT", Some(3_600)),
            ("Wed, 31 Dec 2025 23:59:59 GMT", Some(-1)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, now), seconds, "{header:?}");
        }
    }
}
