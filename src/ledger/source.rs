//! The configured feed, and how a pull may fail.

use std::fmt;

use chrono::DateTime;

use crate::feed::SourceFormat;

/// How snapshots reach us.
#[derive(Clone, Debug, PartialEq)]
pub enum Feed {
    /// We pull from OpenSky.
    OpenSky {
        /// Seconds from one answer to the next request.
        interval_seconds: i64,
    },
    /// We pull from a readsb, or a service with readsb's format.
    Readsb {
        /// Seconds from one answer to the next request.
        interval_seconds: i64,
    },
    /// Others push to `POST /api/ingest`.
    Push,
    /// We simulate traffic.
    Simulated {
        /// The seed of the simulated world.
        seed: u64,
        /// Seconds from one snapshot to the next.
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

    /// Whether we pull, rather than wait for pushes.
    pub fn is_pulled(&self) -> bool {
        !matches!(self, Self::Push)
    }

    /// Whether its traffic is simulated.
    pub fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated { .. })
    }

    /// The format of its answers; `None` for pushes, which may have any.
    pub fn format(&self) -> Option<SourceFormat> {
        match self {
            Self::OpenSky { .. } | Self::Simulated { .. } => Some(SourceFormat::OpenSky),
            Self::Readsb { .. } => Some(SourceFormat::Readsb),
            Self::Push => None,
        }
    }

    /// Seconds from one answer to the next request; 0 without pulls.
    pub fn interval_seconds(&self) -> i64 {
        match self {
            Self::OpenSky { interval_seconds }
            | Self::Readsb { interval_seconds }
            | Self::Simulated { interval_seconds, .. } => *interval_seconds,
            Self::Push => 0,
        }
    }
}

/// Why a pull yielded no new snapshot.
#[derive(Clone, Debug, PartialEq)]
pub enum PullError {
    /// The source asked us to wait.
    RateLimited {
        /// How long, seconds; `None` if the source did not say.
        retry_after_seconds: Option<i64>,
    },
    /// The source denied us access; the reason.
    Unauthorised(String),
    /// It could not be reached, or its answer is not a snapshot; the reason.
    Unreachable(String),
    /// Its snapshot is not newer than the stored one; the reason, with their times.
    Stale(String),
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited { retry_after_seconds: Some(seconds) } => {
                write!(f, "the source asks us to wait {seconds} s")
            }
            Self::RateLimited { retry_after_seconds: None } => {
                f.write_str("the source asks us to wait but does not say how long")
            }
            Self::Unauthorised(reason) | Self::Unreachable(reason) | Self::Stale(reason) => {
                f.write_str(reason)
            }
        }
    }
}

/// The seconds to wait according to a `Retry-After` header, which is a number of seconds or a date
/// (RFC 9110, 10.2.3); `None` if it is neither.
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
