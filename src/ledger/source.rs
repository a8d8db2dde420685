//! What feeds the ledger, and how it is doing.

use std::fmt;

/// The configured source.
#[derive(Clone, Debug, PartialEq)]
pub enum Feed {
    /// OpenSky is asked.
    OpenSky {
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

    /// Seconds from one answer to the next question; 0 where nothing is asked.
    pub fn interval_seconds(&self) -> i64 {
        match self {
            Self::OpenSky { interval_seconds } | Self::Simulated { interval_seconds, .. } => {
                *interval_seconds
            }
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

/// How the source is doing, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeedState {
    /// Nothing was heard yet.
    #[default]
    Waiting,
    /// The last answer was a sky.
    Ok,
    /// It asked us to wait.
    RateLimited,
    /// It refused us.
    Unauthorised,
    /// It could not be reached or understood.
    Unreachable,
}

impl FeedState {
    const ALL: [Self; 5] =
        [Self::Waiting, Self::Ok, Self::RateLimited, Self::Unauthorised, Self::Unreachable];

    /// The word that `/api/status` uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ok => "ok",
            Self::RateLimited => "rate_limited",
            Self::Unauthorised => "unauthorised",
            Self::Unreachable => "unreachable",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// How the source is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// In one word.
    pub state: FeedState,
    /// In a sentence, where something is wrong.
    pub detail: Option<String>,
    /// When the last sky came, Unix seconds.
    pub last_success: Option<i64>,
    /// When the source may be asked next, Unix seconds.
    pub next_pull_at: i64,
}

/// How long an unanswered source is left alone, seconds: no shorter, whatever the cadence.
const BACKOFF_SECONDS_MIN: i64 = 60;

impl Health {
    pub(super) fn answered(
        &mut self,
        now: i64,
        interval_seconds: i64,
        answer: Result<(), PullError>,
    ) {
        let backoff = interval_seconds.max(BACKOFF_SECONDS_MIN);
        self.detail = answer.as_ref().err().map(ToString::to_string);
        let (state, wait) = match answer {
            Ok(()) => {
                self.last_success = Some(now);
                (FeedState::Ok, interval_seconds)
            }
            Err(PullError::RateLimited { retry_after_seconds }) => {
                (FeedState::RateLimited, retry_after_seconds.unwrap_or(backoff).max(backoff))
            }
            Err(PullError::Unauthorised) => (FeedState::Unauthorised, backoff),
            Err(PullError::Unreachable(_)) => (FeedState::Unreachable, backoff),
        };
        self.state = state;
        self.next_pull_at = now + wait;
    }
}
