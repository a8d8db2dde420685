//! The ingest object's outbox: jobs, written with the minutes that call for them, done when the
//! queue reminds of them.
//!
//! In scope: their rows, their sending, the doing.
//! Out of scope: when and how often; that is `ledger::jobs`'s.
//!
//! Skies are taken in meanwhile: none waits for a job.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use worker::{Env, Request, Response, Result, SqlStorage, SqlStorageValue, State, console_error};

use super::ingest_store as store;
use crate::archive::Date;
use crate::edge::clock::now;
use crate::edge::queue::{self, Heard, SENT_AT_ONCE};
use crate::edge::{Config, archive_bucket, in_time};
use crate::ledger::check::{Findings, Objects, compare};
use crate::ledger::jobs::{Entry, Job, Pace};

/// So many objects are listed in a step.
const OBJECTS_A_STEP: u32 = 50;

/// After so many steps the rest waits for the next message: an hour of minutes is done by then.
const STEPS_AT_ONCE: usize = 2;

/// R2 takes a fraction of that.
const LIST_WAIT: Duration = Duration::from_secs(10);

/// So many of the dead are listed in the status, the latest.
const DEAD_LISTED: i64 = 10;

/// The jobs of an ingest object.
pub(super) struct Jobs<'a> {
    pub state: &'a State,
    pub env: &'a Env,
}

/// Some of an hour's objects.
struct Listed {
    stored: Objects,
    /// The last of them, where there are more.
    last: Option<String>,
}

/// Writes down the job that a minute calls for, within the transaction that records it.
pub(super) fn follow(sql: &SqlStorage, time: i64) -> Result<()> {
    let newest = store::newest(sql)?.map(|minute| minute.time);
    match Job::after(newest, time) {
        Some(job) => put(sql, &Entry::new(job, now())),
        None => Ok(()),
    }
}

/// When the outbox next has something to send, Unix seconds.
pub(super) fn next_send(sql: &SqlStorage) -> Result<Option<i64>> {
    let rows: Vec<Number> = sql.exec("SELECT min(send_at) AS value FROM job", None)?.to_array()?;
    Ok(rows.first().and_then(|row| row.value))
}

impl Jobs<'_> {
    /// Answers the Worker: a message came, or the dead are to be begun afresh.
    pub(super) async fn answer(&self, request: &mut Request) -> Result<Response> {
        match request.path().as_str() {
            "/jobs/message" => Response::from_json(&self.hear(&request.text().await?).await?),
            "/jobs/dead" => Response::from_json(&self.bury(request.text().await?)?),
            "/jobs/retry-dead" => Response::from_json(&self.retry_dead()?),
            path => Response::error(format!("no such path: {path}"), 404),
        }
    }

    /// Sends what is due. It is recorded as sent only then: a crash in between doubles a message,
    /// and loses none.
    pub(super) async fn send_due(&self) -> Result<()> {
        let (sql, pace) = (self.sql(), self.pace()?);
        let query = format!("SELECT * FROM job WHERE send_at <= ? LIMIT {SENT_AT_ONCE}");
        let due: Vec<Entry> = sql.exec(&query, vec![now().into()])?.to_array()?;
        if due.is_empty() {
            return Ok(());
        }
        let messages: Vec<_> = due.iter().map(|entry| entry.message.clone()).collect();
        let sent = queue::send(self.env, &messages).await;
        for before in due {
            let mut entry = before.clone();
            match sent {
                Ok(()) => entry.sent(now(), pace),
                Err(_) => entry.unsent(now(), pace),
            }
            // Something may have become of it meanwhile.
            if find(&sql, &entry.message)?.as_ref() == Some(&before) {
                put(&sql, &entry)?;
            }
        }
        sent
    }

    /// A message came: as much of its job is done as is sensible at once.
    async fn hear(&self, message: &str) -> Result<Heard> {
        let job = match Job::parse(message) {
            Ok(job) => job,
            Err(error) => {
                console_error!("message {message:?}: {error}");
                put(&self.sql(), &Entry::unreadable(message, &error, now()))?;
                return Ok(Heard { retry_after: None });
            }
        };
        let Job::Check { hour } = job;
        for _ in 0..STEPS_AT_ONCE {
            let entry = find(&self.sql(), &job.message())?.filter(|entry| entry.is_due(now()));
            // Done, dead, or it is not yet the time: then another message comes.
            let Some(entry) = entry else { break };
            let list = self.list(hour, entry.cursor.as_deref());
            let listed = in_time(LIST_WAIT, list).await.map_err(|error| error.to_string());
            let retry_after = self.step(hour, &entry, listed)?;
            if retry_after.is_some() || worker::signal::is_near_cpu_limit() {
                return Ok(Heard { retry_after });
            }
        }
        Ok(Heard { retry_after: None })
    }

    /// The next objects of an hour, after the cursor.
    async fn list(&self, hour: i64, cursor: Option<&str>) -> Result<Listed> {
        let bucket = archive_bucket(self.env)?;
        let mut list = bucket.list().prefix(Date(hour).hour_prefix()).limit(OBJECTS_A_STEP);
        if let Some(cursor) = cursor {
            list = list.start_after(cursor);
        }
        let listed = list.execute().await?;
        let objects = listed.objects().into_iter();
        let stored: Objects =
            objects.map(|object| (object.key(), (object.size(), object.etag()))).collect();
        let last = stored.keys().next_back().filter(|_| listed.truncated()).cloned();
        Ok(Listed { stored, last })
    }

    /// Compares what is listed with what is recorded, and records how far the job is. After how
    /// many seconds its message is to come again, if it is.
    ///
    /// Nothing is awaited here. So a minute that is being written is recorded by now, or will be,
    /// and is no garbage any longer from then on. Should this fail midway, the step is repeated and
    /// finds the same.
    fn step(
        &self,
        hour: i64,
        before: &Entry,
        listed: std::result::Result<Listed, String>,
    ) -> Result<Option<u32>> {
        let sql = self.sql();
        // Two messages may have come at once, and one of them is done with this step already.
        let found = find(&sql, &before.message)?.filter(|found| found.is_as_far_as(before));
        let Some(mut entry) = found else { return Ok(None) };
        let (fault, last) = match listed {
            Err(error) => (Some(error), None),
            Ok(Listed { stored, last }) => {
                let (cursor, last_key) = (entry.cursor.as_deref(), last.as_deref());
                let listed = |key: &str| {
                    cursor.is_none_or(|cursor| key > cursor)
                        && last_key.is_none_or(|last| key <= last)
                };
                let recorded = store::from_until(&sql, hour, hour + 3_600)?.into_iter();
                let recorded = recorded.map(|row| (Date(row.time).key(), (row.bytes, row.etag)));
                let recorded = recorded.filter(|(key, _)| listed(key)).collect();
                let Findings { orphans, fault } = compare(&recorded, &stored);
                for key in orphans {
                    sql.exec("INSERT OR IGNORE INTO garbage VALUES (?)", vec![key.into()])?;
                }
                (fault, last)
            }
        };
        match (fault, last) {
            (Some(fault), _) => {
                let retry_after = entry.failed(now(), self.pace()?, &fault);
                console_error!("{}, attempt {}: {fault}", entry.name(), entry.attempts);
                put(&sql, &entry)?;
                Ok(retry_after.and_then(|seconds| u32::try_from(seconds).ok()))
            }
            (None, Some(last)) => {
                entry.advanced(now(), last);
                put(&sql, &entry).map(|()| None)
            }
            (None, None) => {
                sql.exec("DELETE FROM job WHERE message = ?", vec![entry.message.into()])?;
                Ok(None)
            }
        }
    }

    /// The queue gave up a message: its job is dead, unless it is done.
    fn bury(&self, message: String) -> Result<Heard> {
        let sql = self.sql();
        let entry = match Job::parse(&message) {
            Ok(job) => find(&sql, &job.message())?.map(|mut entry| {
                entry.given_up(now());
                entry
            }),
            Err(error) => Some(Entry::unreadable(&message, &error, now())),
        };
        if let Some(entry) = entry {
            console_error!("{}: {}", entry.name(), entry.error.as_deref().unwrap_or_default());
            put(&sql, &entry)?;
        }
        Ok(Heard { retry_after: None })
    }

    fn retry_dead(&self) -> Result<Retried> {
        let sql = self.sql();
        let dead: Vec<Entry> =
            sql.exec("SELECT * FROM job WHERE send_at IS NULL", None)?.to_array()?;
        let retried = dead.len();
        for mut entry in dead {
            entry.redriven(now());
            put(&sql, &entry)?;
        }
        Ok(Retried { retried })
    }

    fn sql(&self) -> SqlStorage {
        self.state.storage().sql()
    }

    fn pace(&self) -> Result<Pace> {
        Ok(Config::read(self.env)?.pace)
    }
}

/// What `POST /api/admin/retry-dead` answers.
#[derive(Serialize)]
struct Retried {
    retried: usize,
}

/// The jobs of `/api/status`.
#[derive(Serialize)]
pub(super) struct JobsStatus {
    waiting: i64,
    dead: i64,
    /// Some of those, the latest first.
    last_dead: Vec<Dead>,
}

#[derive(Serialize)]
struct Dead {
    job: String,
    error: Option<String>,
    since: String,
}

/// How many jobs wait, how many are dead, and why.
pub(super) fn status(sql: &SqlStorage) -> Result<JobsStatus> {
    let count = |is: &str| -> Result<i64> {
        let query = format!("SELECT count(*) AS value FROM job WHERE send_at IS {is}");
        let rows: Vec<Number> = sql.exec(&query, None)?.to_array()?;
        Ok(rows.first().and_then(|row| row.value).unwrap_or(0))
    };
    let query = "SELECT * FROM job WHERE send_at IS NULL ORDER BY since DESC, message LIMIT ?";
    let dead: Vec<Entry> = sql.exec(query, vec![DEAD_LISTED.into()])?.to_array()?;
    let told = dead.into_iter().map(|entry| Dead {
        job: entry.name(),
        since: Date(entry.since).to_string(),
        error: entry.error,
    });
    Ok(JobsStatus { waiting: count("NOT NULL")?, dead: count("NULL")?, last_dead: told.collect() })
}

#[derive(Deserialize)]
struct Number {
    value: Option<i64>,
}

fn find(sql: &SqlStorage, message: &str) -> Result<Option<Entry>> {
    let rows = sql.exec("SELECT * FROM job WHERE message = ?", vec![message.into()])?;
    Ok(rows.to_array()?.into_iter().next())
}

fn put(sql: &SqlStorage, entry: &Entry) -> Result<()> {
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
    sql.exec("INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?, ?)", row.to_vec())?;
    Ok(())
}
