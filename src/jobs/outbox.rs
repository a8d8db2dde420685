//! The outbox: which messages to send, what a message starts, and how a step changes its row.
//!
//! In scope: every decision about the rows. Out of scope: awaiting anything.

use serde::{Deserialize, Serialize};

use super::{Entry, Findings, Job, JobError, Objects, RetryPolicy, compare};
use crate::archive::{Date, HourFiles};
use crate::ledger::HistoryStep;

/// How many messages a queue accepts at once (Cloudflare Queues, `sendBatch`).
pub const SENT_AT_ONCE: usize = 100;

/// How many hours expire at once. A shorter retention deletes a day's hours with each new hour.
const EXPIRED_AT_ONCE: usize = 24;

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

    /// Records that no minute and no hour names this object.
    fn put_garbage(&self, key: &str) -> Result<(), Self::Error>;

    /// Whether this object is garbage that is not deleted yet.
    fn is_garbage(&self, key: &str) -> Result<bool, Self::Error>;

    /// The recorded files of an hour.
    fn files(&self, hour: i64) -> Result<Option<HourFiles>, Self::Error>;

    /// In one transaction: records the files of an hour, forgets that its pack is pending, and
    /// records the pack of before as garbage if its key is another one.
    fn put_files(&self, hour: i64, files: &HourFiles) -> Result<(), Self::Error>;

    /// The key under which a pack of this hour is being stored, or was stored without a record.
    fn pending_pack(&self, hour: i64) -> Result<Option<String>, Self::Error>;

    /// In one transaction: records the key of an hour's pending pack, and the one of before as
    /// garbage unless it is the same or that of the recorded files.
    fn put_pending_pack(&self, hour: i64, key: &str) -> Result<(), Self::Error>;

    /// In one transaction: deletes the minutes and the files of an hour from the records, and
    /// records their objects as garbage. That includes the Parquet file and the pending pack even
    /// if they are not recorded, since an export may have died after it had stored them. The
    /// pending pack remains pending: the export may be about to store it.
    fn forget_hour(&self, hour: i64) -> Result<(), Self::Error>;

    /// The starts of the oldest hours, at most `most`, that have minutes before this time.
    fn hours_before(&self, time: i64, most: usize) -> Result<Vec<i64>, Self::Error>;
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
    /// Make the hour's files, then report to [`Outbox::finish_export`].
    Export(ExportWork),
}

/// An hour to export, in a Worker that has the memory for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportWork {
    /// The times of its minutes, Unix seconds, ascending.
    pub minutes: Vec<i64>,
    /// The key of the Parquet file.
    pub key: String,
    hour: i64,
    /// The row as it was when the export began.
    before: Entry,
}

/// One step of a check: which objects to list.
#[derive(Debug, PartialEq)]
pub struct Work {
    /// The start of the hour to list, Unix seconds.
    pub hour: i64,
    /// Whether the hour is checked, or else expires.
    is_check: bool,
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
        let Some(before) = self.rows.find(&job.message())? else {
            self.drop_unnamed_files(job)?;
            return Ok(Ok(Next::Nothing));
        };
        if !before.is_due(now) {
            return Ok(Ok(Next::Nothing));
        }
        let is_check = matches!(job, Job::Check { .. });
        match job {
            Job::Export { hour } => self.begin_export(now, hour, before).map(Ok),
            Job::Expire { hour } => {
                self.rows.remove(&Job::Check { hour }.message())?;
                self.rows.remove(&Job::Export { hour }.message())?;
                self.rows.forget_hour(hour)?;
                Ok(Ok(Next::Work(Work { hour, is_check, before })))
            }
            Job::Check { hour } => Ok(Ok(Next::Work(Work { hour, is_check, before }))),
        }
    }

    /// Records the jobs that a new minute calls for; `previous` was the newest one before it. With
    /// the first minute of an hour, those of the hours end that are older than `retention_days`; 0
    /// keeps them all.
    pub fn follow(
        &self,
        now: i64,
        previous: Option<i64>,
        time: i64,
        retention_days: i64,
    ) -> Result<(), R::Error> {
        let Some(job) = Job::after(previous, time) else { return Ok(()) };
        self.rows.put(&Entry::new(job, now))?;
        if retention_days == 0 {
            return Ok(());
        }
        let end = HistoryStep::Hour.start(time) - retention_days * 86_400;
        for hour in self.rows.hours_before(end, EXPIRED_AT_ONCE)? {
            self.put_new(now, Job::Expire { hour })?;
        }
        Ok(())
    }

    /// Writes the row of a job that has none.
    fn put_new(&self, now: i64, job: Job) -> Result<(), R::Error> {
        match self.rows.find(&job.message())? {
            None => self.rows.put(&Entry::new(job, now)),
            Some(_) => Ok(()),
        }
    }

    /// The message of a job without a row. The minutes of its hour may have been deleted while the
    /// hour was exported, and the files be stored since.
    fn drop_unnamed_files(&self, job: Job) -> Result<(), R::Error> {
        let Job::Export { hour } = job else { return Ok(()) };
        if self.rows.files(hour)?.is_some() {
            return Ok(());
        }
        self.rows.put_garbage(&Date(hour).parquet_key())?;
        match self.rows.pending_pack(hour)? {
            Some(key) => self.rows.put_garbage(&key),
            None => Ok(()),
        }
    }

    fn begin_export(&self, now: i64, hour: i64, mut before: Entry) -> Result<Next, R::Error> {
        let key = Date(hour).parquet_key();
        // A deletion that is under way would take the new file.
        if self.rows.is_garbage(&key)? {
            before.failed(now, self.policy, "an earlier file is still being deleted");
            self.rows.put(&before)?;
            return Ok(Next::Nothing);
        }
        let recorded = self.rows.recorded(hour)?;
        let mut minutes: Vec<_> =
            recorded.keys().filter_map(|key| Date::of_key(key).map(|date| date.0)).collect();
        minutes.sort_unstable();
        Ok(Next::Export(ExportWork { minutes, key, hour, before }))
    }

    /// Records the key of a pack before an export stores it; so no crash leaves an object that
    /// nothing names. The inner error says why the pack must not be stored.
    pub fn store_pack(
        &self,
        work: &ExportWork,
        key: &str,
    ) -> Result<Result<(), &'static str>, R::Error> {
        let entry = self.rows.find(&work.before.message)?;
        if !entry.is_some_and(|entry| entry.is_as_far_as(&work.before)) {
            return Ok(Err("the export is over"));
        }
        // As in `begin_export`.
        if self.rows.is_garbage(key)? {
            return Ok(Err("an earlier pack is still being deleted"));
        }
        self.rows.put_pending_pack(work.hour, key).map(Ok)
    }

    /// Ends an export: records the files that were compared with the minutes. Returns the row after
    /// a failed attempt.
    pub fn finish_export(
        &self,
        now: i64,
        work: ExportWork,
        outcome: Result<HourFiles, String>,
    ) -> Result<Option<Entry>, R::Error> {
        let ExportWork { hour, before, .. } = work;
        let Some(mut entry) = self.rows.find(&before.message)? else {
            self.drop_unnamed_files(Job::Export { hour })?;
            return Ok(None);
        };
        if !entry.is_as_far_as(&before) {
            return Ok(None);
        }
        let pending = self.rows.pending_pack(hour)?;
        let outcome = outcome.and_then(|files| match pending.as_ref() == Some(&files.pack_key) {
            true => Ok(files),
            // Two messages arrived at once, and the pack of this one is garbage.
            false => Err(format!("another export stores {pending:?}, not {}", files.pack_key)),
        });
        match outcome {
            Ok(files) => {
                self.rows.put_files(hour, &files)?;
                self.rows.remove(&entry.message).map(|()| None)
            }
            Err(error) => {
                entry.failed(now, self.policy, &error);
                self.rows.put(&entry)?;
                Ok(Some(entry))
            }
        }
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
        let Work { hour, is_check, before } = work;
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
            (None, None) => {
                if is_check {
                    self.put_new(now, Job::Export { hour })?;
                }
                self.rows.remove(&entry.message).map(|()| None)
            }
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
            Ok(job) => match self.rows.find(&job.message())? {
                None => {
                    self.drop_unnamed_files(job)?;
                    None
                }
                Some(mut entry) => {
                    entry.given_up(now);
                    Some(entry)
                }
            },
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
