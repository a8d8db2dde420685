//! One job: its message and its row.
//!
//! In scope: parsing messages; how a row changes with each outcome; the retry policy.
//! Out of scope: the queue, storage, the job's own work.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::archive::Date;
use crate::ledger::HistoryStep;

/// How many attempts a job has. With the retry policy of wrangler.toml they take 75 minutes.
pub const ATTEMPTS_MAX: u32 = 5;

/// The longest pause before a message that the queue refused is sent again: an hour.
const UNSENT_SECONDS_MAX: i64 = 3_600;

/// The most characters of an outside text that are kept.
const TEXT_CHARACTERS_MAX: usize = 300;

/// The version of the messages.
const VERSION: u64 = 1;

/// A job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Compares the records of an hour with the archive.
    Check {
        /// The start of the hour, Unix seconds.
        hour: i64,
    },
    /// Makes the Parquet file of an hour that was checked.
    Export {
        /// The start of the hour, Unix seconds.
        hour: i64,
    },
    /// Deletes an hour that is older than the retention.
    Expire {
        /// The start of the hour, Unix seconds.
        hour: i64,
    },
}

#[derive(Serialize, Deserialize)]
struct Message {
    version: Option<u64>,
    job: Option<String>,
    hour: Option<String>,
}

/// Why a message names no job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// It is not a message of ours; the reason.
    NotAMessage(String),
    /// This build does not know its version.
    Version(Option<u64>),
    /// There is no such job.
    Unknown(String),
    /// Its hour is not the start of an hour.
    Hour(String),
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAMessage(reason) => write!(f, "not a job's message: {reason}"),
            Self::Version(Some(version)) => {
                write!(f, "the message's version is {version}, expected {VERSION}")
            }
            Self::Version(None) => write!(f, "the message has no version, expected {VERSION}"),
            Self::Unknown(job) => write!(f, "there is no job {job:?}"),
            Self::Hour(hour) => write!(f, "hour is {hour:?}, expected the start of an hour"),
        }
    }
}

impl Job {
    /// The job that follows a new minute, if any; `previous` was the newest minute before it. The
    /// first minute after an hour starts the hour's check, since no more minutes of it can come.
    pub fn after(previous: Option<i64>, time: i64) -> Option<Self> {
        let hour = HistoryStep::Hour.start(previous?);
        (hour < HistoryStep::Hour.start(time)).then_some(Self::Check { hour })
    }

    /// The start of its hour, Unix seconds.
    pub fn hour(self) -> i64 {
        let (Self::Check { hour } | Self::Export { hour } | Self::Expire { hour }) = self;
        hour
    }

    /// What it does.
    fn name(self) -> &'static str {
        match self {
            Self::Check { .. } => "check",
            Self::Export { .. } => "export",
            Self::Expire { .. } => "expire",
        }
    }

    /// Its message.
    pub fn message(self) -> String {
        let message = Message {
            version: Some(VERSION),
            job: Some(self.name().to_owned()),
            hour: Some(Date(self.hour()).to_string()),
        };
        serde_json::to_string(&message).expect("texts and numbers always serialise")
    }

    /// Parses the job that a message names.
    pub fn parse(message: &str) -> Result<Self, JobError> {
        let message: Message = serde_json::from_str(message)
            .map_err(|error| JobError::NotAMessage(error.to_string()))?;
        if message.version != Some(VERSION) {
            return Err(JobError::Version(message.version));
        }
        let (name, text) = (message.job.unwrap_or_default(), message.hour.unwrap_or_default());
        let job: fn(i64) -> Self = match &*name {
            "check" => |hour| Self::Check { hour },
            "export" => |hour| Self::Export { hour },
            "expire" => |hour| Self::Expire { hour },
            _ => return Err(JobError::Unknown(name)),
        };
        match text.parse() {
            Ok(Date(hour)) if HistoryStep::Hour.start(hour) == hour => Ok(job(hour)),
            _ => Err(JobError::Hour(text)),
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), Date(self.hour()))
    }
}

/// How soon a failed attempt is repeated.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Seconds from the first failure to the next attempt. Each further wait is twice as long.
    pub retry_seconds: i64,
}

impl RetryPolicy {
    /// Seconds to wait after this many failures.
    fn backoff(self, attempts: u32) -> i64 {
        self.retry_seconds << attempts.saturating_sub(1).min(ATTEMPTS_MAX)
    }

    /// Seconds after which an expected message counts as lost.
    fn lost_after(self) -> i64 {
        2 * self.retry_seconds
    }
}

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its message. A row whose message names no job is dead from the start.
    pub message: String,
    /// When it began to wait, or died, Unix seconds.
    pub since: i64,
    /// The number of failed attempts.
    pub attempts: u32,
    /// Its progress: the last key that was compared; `None` at the start.
    pub cursor: Option<String>,
    /// Messages before this time, Unix seconds, have no effect: another one follows.
    pub not_before: i64,
    /// When its message is next sent, Unix seconds; `None` if it is dead.
    pub send_at: Option<i64>,
    /// The error of the last attempt.
    pub error: Option<String>,
}

impl Entry {
    /// A new job.
    pub fn new(job: Job, now: i64) -> Self {
        Self::waiting(job.message(), now)
    }

    fn waiting(message: String, now: i64) -> Self {
        let (attempts, cursor, error) = (0, None, None);
        Self { message, since: now, attempts, cursor, not_before: now, send_at: Some(now), error }
    }

    /// The dead row of a message that names no job. It is kept because a later build may know the
    /// job. A message longer than any job's is cut, so that a batch with it fits into the queue.
    pub fn unreadable(message: &str, error: &JobError, now: i64) -> Self {
        let mut entry = Self::waiting(clipped(message), now);
        entry.die(now, &error.to_string());
        entry
    }

    /// Whether it is dead.
    pub fn is_dead(&self) -> bool {
        self.send_at.is_none()
    }

    /// Whether a message that arrives now starts work.
    pub fn is_due(&self, now: i64) -> bool {
        !self.is_dead() && self.not_before <= now
    }

    /// Whether it has made exactly as much progress as the other; sending does not count.
    pub fn is_as_far_as(&self, other: &Self) -> bool {
        let progress = |entry: &Self| (entry.since, entry.attempts, entry.is_dead());
        progress(self) == progress(other) && self.cursor == other.cursor
    }

    /// Records that the queue accepted its message. If the message does not arrive, it is resent.
    pub fn sent(&mut self, now: i64, policy: RetryPolicy) {
        self.send_at = Some(now + policy.lost_after());
    }

    /// Records that the queue refused its message. It is resent after as long as the row has waited
    /// so far, so each wait is about twice the last.
    pub fn unsent(&mut self, now: i64, policy: RetryPolicy) {
        self.send_at =
            Some(now + (now - self.since).clamp(policy.retry_seconds, UNSENT_SECONDS_MAX));
    }

    /// Records that a step is done, up to this key. A new message is sent for the rest.
    pub fn advanced(&mut self, now: i64, cursor: String) {
        (self.cursor, self.attempts, self.error) = (Some(cursor), 0, None);
        (self.not_before, self.send_at) = (now, Some(now));
    }

    /// Records a failed attempt. Returns the seconds until the queue must deliver the message
    /// again; `None` after the last attempt.
    pub fn failed(&mut self, now: i64, policy: RetryPolicy, error: &str) -> Option<i64> {
        self.attempts += 1;
        if self.attempts >= ATTEMPTS_MAX {
            self.die(now, error);
            return None;
        }
        let wait = policy.backoff(self.attempts);
        self.error = Some(clipped(error));
        self.not_before = now + wait;
        self.send_at = Some(self.not_before + policy.lost_after());
        Some(wait)
    }

    /// Records that the queue gave up delivering its message.
    pub fn given_up(&mut self, now: i64) {
        if !self.is_dead() {
            let before = self.error.as_deref().unwrap_or("it never reached the ledger");
            self.die(now, &format!("the queue gave up its message; {before}"));
        }
    }

    /// Restarts a dead row from its cursor.
    pub fn redriven(&mut self, now: i64) {
        (self.since, self.attempts) = (now, 0);
        (self.not_before, self.send_at) = (now, Some(now));
    }

    fn die(&mut self, now: i64, error: &str) {
        (self.since, self.send_at) = (now, None);
        self.error = Some(clipped(error));
    }

    /// Seconds until the queue must deliver its message again after a failed attempt; `None` if it
    /// is dead.
    pub fn retry_after(&self, now: i64) -> Option<u32> {
        let wait = (self.not_before - now).clamp(0, i64::from(u32::MAX)) as u32;
        (!self.is_dead()).then_some(wait)
    }

    /// Its name for people: the job's, or `unreadable`.
    pub fn name(&self) -> String {
        Job::parse(&self.message).map_or("unreadable".to_owned(), |job| job.to_string())
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(TEXT_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { retry_seconds: 300 };
    const JOB: Job = Job::Check { hour: 1_795_176_000 };

    #[test]
    fn a_job_survives_its_message() {
        let text = r#"{"version":1,"job":"check","hour":"2026-11-20T12:00:00Z"}"#;
        assert_eq!((JOB.message().as_str(), Job::parse(text)), (text, Ok(JOB)));
        assert_eq!(JOB.to_string(), "check 2026-11-20T12:00:00Z");
        let hour = JOB.hour();
        for job in [Job::Export { hour }, Job::Expire { hour }] {
            assert_eq!(Job::parse(&job.message()), Ok(job));
        }
    }

    #[test]
    fn a_message_without_a_known_job_is_refused_with_a_reason() {
        let cases = [
            ("", "not a job's message: EOF"),
            ("[]", "not a job's message: invalid length 0"),
            ("{}", "no version"),
            (r#"{"version":"1"}"#, "not a job's message: invalid type: string"),
            (r#"{"version":2,"job":"check"}"#, "version is 2, expected 1"),
            (r#"{"version":1}"#, "no job \"\""),
            (r#"{"version":1,"job":"pack"}"#, "no job \"pack\""),
            (r#"{"version":1,"job":"check"}"#, "hour is \"\""),
            (r#"{"version":1,"job":"check","hour":"2026-11-20T12:34:00Z"}"#, "12:34"),
        ];
        for (text, reason) in cases {
            let error = Job::parse(text).expect_err("it is refused").to_string();
            assert!(error.contains(reason), "{text}: {error}");
            let entry = Entry::unreadable(text, &Job::parse(text).expect_err("so"), 7);
            assert!(entry.is_dead() && !entry.is_due(i64::MAX), "{entry:?}");
            assert_eq!((entry.name().as_str(), entry.error), ("unreadable", Some(error)));
        }
    }

    #[test]
    fn a_long_message_is_cut() {
        let long = "é".repeat(100_000);
        let error = JobError::Unknown(long.clone());
        let entry = Entry::unreadable(&long, &error, 7);
        assert_eq!(entry.message.chars().count(), TEXT_CHARACTERS_MAX);
        assert!(entry.error.is_some_and(|error| error.chars().count() <= TEXT_CHARACTERS_MAX));
    }

    #[test]
    fn an_hour_is_checked_with_the_first_minute_after_it() {
        let hour = JOB.hour();
        assert_eq!(Job::after(None, hour), None);
        assert_eq!(Job::after(Some(hour), hour + 3_599), None);
        assert_eq!(Job::after(Some(hour + 3_599), hour + 3_600), Some(JOB));
        assert_eq!(Job::after(Some(hour), hour + 86_400), Some(JOB));
    }

    #[test]
    fn a_failing_job_doubles_its_wait_and_dies_with_its_last_error() {
        let mut entry = Entry::new(JOB, 0);
        let (mut now, mut waits) = (0, Vec::new());
        while let Some(wait) = entry.failed(now, POLICY, &format!("it is {now}")) {
            assert!(!entry.is_due(now + wait - 1) && entry.is_due(now + wait));
            assert!(entry.send_at > Some(now + wait), "the queue delivers it before we do");
            now += wait;
            waits.push(wait);
        }
        assert_eq!(waits, [300, 600, 1_200, 2_400]);
        assert!(entry.is_dead() && !entry.is_due(i64::MAX));
        assert_eq!((entry.since, entry.error.as_deref()), (4_500, Some("it is 4500")));
        entry.redriven(9_000);
        assert_eq!((entry.attempts, entry.send_at), (0, Some(9_000)));
        assert!(entry.is_due(9_000));
    }

    #[test]
    fn a_lost_message_is_resent_and_a_partly_done_job_continues() {
        let mut entry = Entry::new(JOB, 0);
        entry.sent(10, POLICY);
        assert_eq!(entry.send_at, Some(610));
        entry.failed(20, POLICY, "no");
        entry.advanced(400, "a".to_owned());
        assert_eq!((entry.attempts, entry.send_at, &entry.error), (0, Some(400), &None));
        assert_eq!(entry.cursor.as_deref(), Some("a"));
    }

    #[test]
    fn two_simultaneous_messages_do_a_step_once() {
        let before = Entry::new(JOB, 0);
        let after = |change: fn(&mut Entry)| {
            let mut entry = before.clone();
            change(&mut entry);
            entry.is_as_far_as(&before)
        };
        assert!(after(|entry| entry.sent(10, POLICY)) && after(|entry| entry.unsent(10, POLICY)));
        assert!(!after(|entry| entry.advanced(10, "a".to_owned())));
        assert!(!after(|entry| {
            entry.failed(10, POLICY, "no");
        }));
        assert!(!after(|entry| entry.given_up(10)));
        let revived = |entry: &mut Entry| {
            entry.given_up(10);
            entry.redriven(20);
        };
        assert!(!after(revived));
    }

    #[test]
    fn a_queue_that_refuses_messages_is_tried_less_and_less_often() {
        let (mut entry, mut now, mut waits) = (Entry::new(JOB, 0), 0, Vec::new());
        for _ in 0..7 {
            entry.unsent(now, POLICY);
            let at = entry.send_at.expect("it is not dead");
            waits.push(at - now);
            now = at;
        }
        assert_eq!(waits, [300, 300, 600, 1_200, 2_400, 3_600, 3_600]);
    }

    #[test]
    fn a_message_that_the_queue_gave_up_keeps_the_earlier_error() {
        let mut entry = Entry::new(JOB, 0);
        entry.failed(0, POLICY, "R2 is away");
        entry.given_up(5);
        let error = "the queue gave up its message; R2 is away";
        assert_eq!((entry.since, entry.error.as_deref()), (5, Some(error)));
        entry.given_up(6);
        assert_eq!((entry.since, entry.error.as_deref()), (5, Some(error)));
    }
}
