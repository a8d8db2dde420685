//! The ingest object's outbox: its rows in SQLite, its messages in the queue, its listings from R2.
//!
//! In scope: queries, sending, listing. Out of scope: all decisions (`jobs`).
//!
//! No snapshot waits for a job.

use std::time::Duration;

use serde::Deserialize;
use worker::{Env, Error, Result, SqlStorage, SqlStorageValue, State, console_error};

use super::{hours, store};
use crate::archive::{Date, HourFiles};
use crate::ask::{Consumed, DeadJob, ExportOrder, IngestAnswer, JobsStatus};
use crate::jobs::{Entry, ExportWork, Next, ObjectListing, Objects, Outbox, Rows};
use crate::platform::clock::now;
use crate::platform::{Config, archive, queue, timeout};

/// How many objects a step lists.
const OBJECTS_A_STEP: u32 = 50;

/// How many steps a message starts; the rest waits for the next message. An hour of minutes takes
/// two.
const STEPS_AT_ONCE: usize = 2;

/// R2 normally takes a fraction of this.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);

/// How many of the latest dead jobs the status lists.
const DEAD_LISTED: i64 = 10;

/// The jobs of an ingest object.
pub(super) struct Jobs<'a> {
    pub state: &'a State,
    pub env: &'a Env,
}

/// Writes the jobs that follow a minute, within the transaction that records the minute.
pub(super) fn follow(sql: &SqlStorage, time: i64, config: &Config) -> Result<()> {
    let newest = store::newest(sql)?.map(|minute| minute.time);
    let outbox = Outbox::new(Table(sql.clone()), config.retry_policy);
    outbox.follow(now(), newest, time, config.retention_days)
}

/// When the outbox next has something to send, Unix seconds.
pub(super) fn next_send(sql: &SqlStorage) -> Result<Option<i64>> {
    let rows: Vec<Number> = sql.exec("SELECT min(send_at) AS value FROM job", None)?.to_array()?;
    Ok(rows.first().and_then(|row| row.value))
}

impl Jobs<'_> {
    /// Sends the messages that are due.
    pub(super) async fn send_due(&self) -> Result<()> {
        let outbox = self.outbox()?;
        let due = outbox.due(now())?;
        if due.is_empty() {
            return Ok(());
        }
        let messages: Vec<_> = due.iter().map(|entry| entry.message.clone()).collect();
        let sent = queue::send(self.env, &messages).await;
        outbox.sent(now(), due, sent.is_ok())?;
        sent
    }

    /// Works on the job that a message names. An export is the work of whoever asks.
    pub(super) async fn consume(&self, message: &str) -> Result<IngestAnswer> {
        let outbox = self.outbox()?;
        for _ in 0..STEPS_AT_ONCE {
            let work = match outbox.consume(now(), message)? {
                Ok(Next::Work(work)) => work,
                Ok(Next::Export(work)) => return Ok(IngestAnswer::Export(self.order(work)?)),
                Ok(Next::Nothing) => break,
                Err(error) => {
                    console_error!("message {message:?}: {error}");
                    break;
                }
            };
            let listing = timeout(LIST_TIMEOUT, self.list(work.hour, work.after())).await;
            let listing = listing.map_err(|error| error.to_string());
            if let Some(entry) = outbox.finish(now(), work, listing)? {
                log(&entry);
                return Ok(IngestAnswer::Consumed(consumed(Some(&entry))));
            }
            if worker::signal::is_near_cpu_limit() {
                break;
            }
        }
        Ok(IngestAnswer::Consumed(consumed(None)))
    }

    fn order(&self, work: ExportWork) -> Result<ExportOrder> {
        let newest = store::newest(&self.state.storage().sql())?;
        let simulated = newest.is_some_and(|minute| minute.is_simulated());
        let source = Config::read(self.env)?.feed.name().to_owned();
        Ok(ExportOrder { work, simulated, source })
    }

    /// Records the key of the pack that an export is about to store, or says why it must not.
    pub(super) fn store_pack(
        &self,
        work: &ExportWork,
        key: &str,
    ) -> Result<std::result::Result<(), &'static str>> {
        self.outbox()?.store_pack(work, key)
    }

    /// Records the end of an export.
    pub(super) fn exported(
        &self,
        work: ExportWork,
        outcome: std::result::Result<HourFiles, String>,
    ) -> Result<Consumed> {
        let entry = self.outbox()?.finish_export(now(), work, outcome)?;
        entry.iter().for_each(log);
        Ok(consumed(entry.as_ref()))
    }

    /// Records a message that the queue gave up.
    pub(super) fn dead_letter(&self, message: &str) -> Result<Consumed> {
        if let Some(entry) = self.outbox()?.dead_letter(now(), message)? {
            log(&entry);
        }
        Ok(consumed(None))
    }

    /// The next objects of an hour after a key.
    async fn list(&self, hour: i64, after: Option<&str>) -> Result<ObjectListing> {
        let bucket = archive::bucket(self.env)?;
        let mut list = bucket.list().prefix(Date(hour).hour_prefix()).limit(OBJECTS_A_STEP);
        if let Some(key) = after {
            list = list.start_after(key);
        }
        let listed = list.execute().await?;
        let objects = listed.objects().into_iter();
        let stored = objects.map(|object| (object.key(), (object.size(), object.etag())));
        Ok(ObjectListing { stored: stored.collect(), is_truncated: listed.truncated() })
    }

    /// Redrives the dead jobs and returns their number.
    pub(super) fn redrive(&self) -> Result<usize> {
        self.outbox()?.redrive(now())
    }

    fn outbox(&self) -> Result<Outbox<Table>> {
        let policy = Config::read(self.env)?.retry_policy;
        Ok(Outbox::new(Table(self.state.storage().sql()), policy))
    }
}

/// The outcome of a message, after which the row of a failed attempt is this one.
fn consumed(failed: Option<&Entry>) -> Consumed {
    Consumed { retry_after: failed.and_then(|entry| entry.retry_after(now())) }
}

fn log(entry: &Entry) {
    let error = entry.error.as_deref().unwrap_or_default();
    console_error!("{}, attempt {}: {error}", entry.name(), entry.attempts);
}

/// The numbers of waiting and dead jobs, and why the last ones died.
pub(super) fn status(sql: &SqlStorage) -> Result<JobsStatus> {
    let count = |is: &str| -> Result<i64> {
        let query = format!("SELECT count(*) AS value FROM job WHERE send_at IS {is}");
        let rows: Vec<Number> = sql.exec(&query, None)?.to_array()?;
        Ok(rows.first().and_then(|row| row.value).unwrap_or(0))
    };
    let query = "SELECT * FROM job WHERE send_at IS NULL ORDER BY since DESC, message LIMIT ?";
    let dead: Vec<Entry> = sql.exec(query, vec![DEAD_LISTED.into()])?.to_array()?;
    let last_dead = dead.into_iter().map(|entry| DeadJob {
        job: entry.name(),
        since: Date(entry.since).to_string(),
        error: entry.error,
    });
    Ok(JobsStatus {
        waiting: count("NOT NULL")?,
        dead: count("NULL")?,
        last_dead: last_dead.collect(),
    })
}

#[derive(Deserialize)]
struct Number {
    value: Option<i64>,
}

/// The outbox's rows in SQLite.
struct Table(SqlStorage);

impl Rows for Table {
    type Error = Error;

    fn find(&self, message: &str) -> Result<Option<Entry>> {
        let rows = self.0.exec("SELECT * FROM job WHERE message = ?", vec![message.into()])?;
        Ok(rows.to_array()?.into_iter().next())
    }

    fn put(&self, entry: &Entry) -> Result<()> {
        let text = |text: &Option<String>| text.clone().map_or(SqlStorageValue::Null, Into::into);
        let row: [SqlStorageValue; 7] = [
            entry.message.clone().into(),
            entry.since.into(),
            i64::from(entry.attempts).into(),
            text(&entry.cursor),
            entry.not_before.into(),
            entry.send_at.map_or(SqlStorageValue::Null, Into::into),
            text(&entry.error),
        ];
        let query = "INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?, ?)";
        self.0.exec(query, row.to_vec()).map(drop)
    }

    fn remove(&self, message: &str) -> Result<()> {
        self.0.exec("DELETE FROM job WHERE message = ?", vec![message.into()]).map(drop)
    }

    fn due(&self, now: i64, most: usize) -> Result<Vec<Entry>> {
        let query = format!("SELECT * FROM job WHERE send_at <= ? LIMIT {most}");
        self.0.exec(&query, vec![now.into()])?.to_array()
    }

    fn dead(&self) -> Result<Vec<Entry>> {
        self.0.exec("SELECT * FROM job WHERE send_at IS NULL", None)?.to_array()
    }

    fn recorded(&self, hour: i64) -> Result<Objects> {
        let rows = store::from_until(&self.0, hour, hour + 3_600)?.into_iter();
        Ok(rows.map(|row| (Date(row.time).key(), (row.bytes, row.etag))).collect())
    }

    fn put_garbage(&self, key: &str) -> Result<()> {
        store::put_garbage(&self.0, key.to_owned())
    }

    fn is_garbage(&self, key: &str) -> Result<bool> {
        let query = "SELECT count(*) AS value FROM garbage WHERE key = ?";
        let rows: Vec<Number> = self.0.exec(query, vec![key.into()])?.to_array()?;
        Ok(rows.first().and_then(|row| row.value) > Some(0))
    }

    fn files(&self, hour: i64) -> Result<Option<HourFiles>> {
        Ok(hours::files(&self.0, hour, hour + 1)?.into_iter().next().map(|(_, files)| files))
    }

    // The platform makes one transaction of the writes between which nothing is awaited.
    fn put_files(&self, hour: i64, files: &HourFiles) -> Result<()> {
        hours::put_files(&self.0, hour, files)
    }

    fn pending_pack(&self, hour: i64) -> Result<Option<String>> {
        hours::pending_pack(&self.0, hour)
    }

    fn put_pending_pack(&self, hour: i64, key: &str) -> Result<()> {
        hours::put_pending_pack(&self.0, hour, key)
    }

    fn forget_hour(&self, hour: i64) -> Result<()> {
        hours::forget(&self.0, hour)
    }

    fn hours_before(&self, time: i64, most: usize) -> Result<Vec<i64>> {
        hours::starting_before(&self.0, time, most as i64)
    }
}
