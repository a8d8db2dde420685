//! The source's health, and when the next pull is due.

use serde::{Deserialize, Serialize};

use super::PullError;
use super::budget::Budget;
use crate::feed::Dropped;
use crate::text;
use crate::wire::DroppedObject;

/// The state of the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedState {
    /// Nothing was received yet.
    #[default]
    Waiting,
    /// The last answer was a snapshot.
    Ok,
    /// The source asked us to wait.
    RateLimited,
    /// The source denied us access.
    Unauthorised,
    /// The source could not be reached or understood.
    Unreachable,
    /// The source answers, but with nothing newer than the stored snapshot.
    Stale,
    /// An admin paused it.
    Paused,
}

impl FeedState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Ok,
        Self::RateLimited,
        Self::Unauthorised,
        Self::Unreachable,
        Self::Stale,
        Self::Paused,
    ];

    /// The state's name in `/api/status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ok => "ok",
            Self::RateLimited => "rate_limited",
            Self::Unauthorised => "unauthorised",
            Self::Unreachable => "unreachable",
            Self::Stale => "stale",
            Self::Paused => "paused",
        }
    }

    /// The state with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// The source's health.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// The state.
    pub state: FeedState,
    /// What is wrong, as a sentence.
    pub detail: Option<String>,
    /// When the last snapshot came, Unix seconds.
    pub last_success: Option<i64>,
    /// When the next pull is due, Unix seconds.
    pub next_pull_at: i64,
    /// Until when the source asked us to wait, Unix seconds; a push does not change it.
    pub refused_until: Option<i64>,
    /// Whether an admin paused pulls.
    pub paused: bool,
    /// The credits left today.
    pub budget: Budget,
    /// The unusable values of the last snapshot that was taken in, pulled or pushed.
    pub dropped: Vec<Dropped>,
}

/// The shortest pause after a failed pull, seconds, whatever the interval.
const BACKOFF_SECONDS_MIN: i64 = 60;

/// The longest pause after a refusal, seconds, whatever the source asks for. Within a day there are
/// new credits, whenever its day begins, and a source that needs longer refuses again.
const REFUSAL_SECONDS_MAX: i64 = 86_400;

impl Health {
    /// Notes that a pull begins. If we crash before the answer, the pull is not repeated at once:
    /// it may have cost credits.
    pub(super) fn asking(&mut self, now: i64, interval_seconds: i64) {
        self.next_pull_at = now + interval_seconds.max(self.budget.spread(now));
    }

    /// Notes a push. The schedule of pulls and the budget stay the same.
    pub(super) fn pushed(&mut self, now: i64) {
        self.last_success = Some(now);
        (self.state, self.detail) = (FeedState::Ok, None);
    }

    /// Notes the outcome of a pull; `Ok` holds the credits left, if the source reports them.
    pub(super) fn answered(
        &mut self,
        now: i64,
        interval_seconds: i64,
        answer: Result<Option<i64>, PullError>,
    ) {
        let backoff = interval_seconds.max(BACKOFF_SECONDS_MIN);
        self.detail = answer.as_ref().err().map(|error| text::message(&error.to_string()));
        self.refused_until = None;
        let (state, wait) = match answer {
            Ok(credits) => {
                self.last_success = Some(now);
                self.budget.report(now, credits);
                let wait = interval_seconds.max(self.budget.spread(now));
                match self.budget.is_spent(now) {
                    true => (FeedState::RateLimited, wait),
                    false => (FeedState::Ok, wait),
                }
            }
            Err(PullError::RateLimited { retry_after_seconds }) => {
                if self.budget.credits(now).is_some() {
                    self.budget.report(now, Some(0));
                }
                let asked = retry_after_seconds.unwrap_or(BACKOFF_SECONDS_MIN);
                let asked = asked.clamp(BACKOFF_SECONDS_MIN, REFUSAL_SECONDS_MAX);
                self.refused_until = Some(now + asked);
                (FeedState::RateLimited, asked.max(interval_seconds))
            }
            Err(PullError::Unauthorised(_)) => (FeedState::Unauthorised, backoff),
            // These answers may have cost credits as well, even if they came too late.
            Err(error @ (PullError::Unreachable(_) | PullError::Stale(_))) => {
                let spread = if self.budget.is_spent(now) { 0 } else { self.budget.spread(now) };
                let state = match error {
                    PullError::Stale(_) => FeedState::Stale,
                    _ => FeedState::Unreachable,
                };
                (state, backoff.max(spread))
            }
        };
        self.next_pull_at = now.saturating_add(wait);
        if state == FeedState::RateLimited && self.detail.is_none() {
            self.detail = Some("no credits are left with the source".to_owned());
            self.refused_until = Some(self.next_pull_at);
        }
        self.state = state;
    }

    /// Encodes the health for storage.
    pub fn to_note(&self) -> String {
        let (left, cost) = self.budget.record();
        let note = Note {
            state: self.state.name().to_owned(),
            detail: self.detail.clone(),
            last_success: self.last_success,
            next_pull_at: self.next_pull_at,
            credits: left.map(|(credits, _)| credits),
            credits_said_at: left.map(|(_, reported_at)| reported_at),
            pull_credits: Some(cost),
            refused_until: self.refused_until,
            paused: self.paused,
            dropped: self.dropped.iter().cloned().map(DroppedObject::from).collect(),
        };
        serde_json::to_string(&note).expect("strings and numbers always serialise")
    }

    /// Decodes the stored health.
    pub fn from_note(note: &str) -> Result<Self, serde_json::Error> {
        let note: Note = serde_json::from_str(note)?;
        Ok(Self {
            state: FeedState::named(&note.state).unwrap_or_default(),
            detail: note.detail,
            last_success: note.last_success,
            next_pull_at: note.next_pull_at,
            refused_until: note.refused_until,
            paused: note.paused,
            budget: Budget::restore(note.credits.zip(note.credits_said_at), note.pull_credits),
            dropped: note.dropped.into_iter().map(Dropped::from).collect(),
        })
    }
}

/// The stored form. The fields at the end, optional or with a default, were added later.
#[derive(Serialize, Deserialize)]
struct Note {
    state: String,
    detail: Option<String>,
    last_success: Option<i64>,
    next_pull_at: i64,
    credits: Option<i64>,
    credits_said_at: Option<i64>,
    pull_credits: Option<i64>,
    refused_until: Option<i64>,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    dropped: Vec<DroppedObject>,
}
