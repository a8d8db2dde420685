//! The outbox: which messages to send, what a message starts, and how a step changes its row.
//!
//! In scope: every decision about the rows. Out of scope: awaiting anything.

use super::{Entry, Findings, Job, JobError, Objects, RetryPolicy, compare};

/// How many messages a queue accepts at once (Cloudflare Queues, `sendBatch`).
pub const SENT_AT_ONCE: usize = 100;

/// The outbox's rows, and the records that jobs read. Every call is synchronous: nothing else runs
/// between two of them.
pub trait Rows {
    /// A failure of storage.
    type Error;

    /// The row with this message.
    fn find(&self, message: &str) -> Result<Option<Entry>, Self::Error>;

    /// Writes a row, replacing the one with the same message.
    fn put(&self, entry: &Entry) -> Result<(), Self::Error>;

    /// Removes the row with this message.
    fn remove(&self, message: &str) -> Result<(), Self::Error>;

    /// At most `most` rows whose `send_at` is due at `now`, Unix seconds.
    fn due(&self, now: i64, most: usize) -> Result<Vec<Entry>, Self::Error>;

    /// All dead rows.
    fn dead(&self) -> Result<Vec<Entry>, Self::Error>;

    /// The recorded objects of the hour that starts at `hour`, Unix seconds.
    fn recorded(&self, hour: i64) -> Result<Objects, Self::Error>;

    /// Records that no minute names this object.
    fn put_garbage(&self, key: &str) -> Result<(), Self::Error>;
}

/// The engine; all its state is in its rows.
pub struct Outbox<R> {
    rows: R,
    policy: RetryPolicy,
}

/// The effect of a message.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Nothing: the job is done, dead, unknown, or waiting for a later message.
    Nothing,
    /// A step of a job: list the archive, then report to [`Outbox::finish`].
    Work(Work),
}

/// One step of a check: which objects to list.
#[derive(Debug, PartialEq)]
pub struct Work {
    /// The start of the hour to check, Unix seconds.
    pub hour: i64,
    /// The row as it was when the step began.
    before: Entry,
}

impl Work {
    /// The key after which to list; `None` from the hour's first key.
    pub fn after(&self) -> Option<&str> {
        self.before.cursor.as_deref()
    }
}

/// A part of an hour's objects as the archive lists them, ascending by key.
#[derive(Debug, Default)]
pub struct ObjectListing {
    /// The objects.
    pub stored: Objects,
    /// Whether there are more after the last of them.
    pub is_truncated: bool,
}

impl<R: Rows> Outbox<R> {
    /// The outbox of these rows.
    pub fn new(rows: R, policy: RetryPolicy) -> Self {
        Self { rows, policy }
    }

    /// Its rows.
    pub fn rows(&self) -> &R {
        &self.rows
    }

    /// The rows whose messages are due now.
    pub fn due(&self, now: i64) -> Result<Vec<Entry>, R::Error> {
        self.rows.due(now, SENT_AT_ONCE)
    }

    /// Records whether the queue accepted messages. Only then do they count as sent: a crash in
    /// between duplicates a message and loses none.
    pub fn sent(&self, now: i64, due: Vec<Entry>, accepted: bool) -> Result<(), R::Error> {
        for before in due {
            let mut entry = before.clone();
            match accepted {
                true => entry.sent(now, self.policy),
                false => entry.unsent(now, self.policy),
            }
            // The row may have changed meanwhile.
            if self.rows.find(&entry.message)?.as_ref() == Some(&before) {
                self.rows.put(&entry)?;
            }
        }
        Ok(())
    }

    /// Consumes a message and returns what to do. A message that names no job becomes a dead row,
    /// and its error is returned.
    pub fn consume(&self, now: i64, message: &str) -> Result<Result<Next, JobError>, R::Error> {
        let job = match Job::parse(message) {
            Ok(job) => job,
            Err(error) => {
                self.rows.put(&Entry::unreadable(message, &error, now))?;
                return Ok(Err(error));
            }
        };
        let Job::Check { hour } = job;
        let entry = self.rows.find(&job.message())?.filter(|entry| entry.is_due(now));
        Ok(Ok(entry.map_or(Next::Nothing, |before| Next::Work(Work { hour, before }))))
    }

    /// Ends a step: compares the listing with the records, and stores the job's progress. Returns
    /// the row after a failed attempt.
    ///
    /// A minute that is being written is no orphan: it has its record by now, or clears its garbage
    /// note when it is recorded. If this fails midway, the step is repeated with the same result.
    pub fn finish(
        &self,
        now: i64,
        work: Work,
        listing: Result<ObjectListing, String>,
    ) -> Result<Option<Entry>, R::Error> {
        let Work { hour, before } = work;
        // Two messages may have arrived at once, and the other may have done this step already.
        let found = self.rows.find(&before.message)?.filter(|found| found.is_as_far_as(&before));
        let Some(mut entry) = found else { return Ok(None) };
        let (fault, last) = match listing {
            Err(error) => (Some(error), None),
            Ok(listing) => self.compare(hour, before.cursor.as_deref(), &listing)?,
        };
        match (fault, last) {
            (Some(fault), _) => {
                entry.failed(now, self.policy, &fault);
                self.rows.put(&entry)?;
                Ok(Some(entry))
            }
            (None, Some(last)) => {
                entry.advanced(now, last);
                self.rows.put(&entry).map(|()| None)
            }
            (None, None) => self.rows.remove(&entry.message).map(|()| None),
        }
    }

    /// The fault of the listed part, if any, and the key after which the rest begins, if any.
    fn compare(
        &self,
        hour: i64,
        cursor: Option<&str>,
        listing: &ObjectListing,
    ) -> Result<(Option<String>, Option<String>), R::Error> {
        let last = listing.stored.keys().next_back().filter(|_| listing.is_truncated);
        let is_listed = |key: &str| {
            cursor.is_none_or(|cursor| key > cursor) && last.is_none_or(|last| key <= last.as_str())
        };
        let mut recorded = self.rows.recorded(hour)?;
        recorded.retain(|key, _| is_listed(key));
        let Findings { orphans, fault } = compare(&recorded, &listing.stored);
        for key in orphans {
            self.rows.put_garbage(&key)?;
        }
        Ok((fault, last.cloned()))
    }

    /// Takes in a dead letter, a message that the queue gave up. Its job is dead unless it is done.
    /// Returns the dead row.
    pub fn dead_letter(&self, now: i64, message: &str) -> Result<Option<Entry>, R::Error> {
        let entry = match Job::parse(message) {
            Ok(job) => self.rows.find(&job.message())?.map(|mut entry| {
                entry.given_up(now);
                entry
            }),
            Err(error) => Some(Entry::unreadable(message, &error, now)),
        };
        if let Some(entry) = &entry {
            self.rows.put(entry)?;
        }
        Ok(entry)
    }

    /// Redrives all dead rows: each restarts from its cursor. Returns their number.
    pub fn redrive(&self, now: i64) -> Result<usize, R::Error> {
        let dead = self.rows.dead()?;
        let count = dead.len();
        for mut entry in dead {
            entry.redriven(now);
            self.rows.put(&entry)?;
        }
        Ok(count)
    }
}
