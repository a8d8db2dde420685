//! Questions to the ingest object, and its answers.

use serde::{Deserialize, Serialize};

use super::{ArchiveDay, ArchiveFile, HistoryPoint, Receipt, SearchResult, Status};
use crate::archive::{Date, HourFiles, Location};
use crate::jobs::ExportWork;
use crate::ledger::{Command, HistoryStep, SearchTerm};
use crate::problem::Problem;

/// A question, as JSON. A pushed snapshot is not a question: its bytes are sent to
/// [`IngestQuestion::PUSH_PATH`] as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum IngestQuestion {
    /// Begin due work; the answer comes after the pull that this begins, if any.
    Tick,
    /// The service's status: [`IngestAnswer::Status`].
    Status,
    /// An admin's command, answered with the status.
    Command(Command),
    /// Redrive the dead jobs: [`IngestAnswer::Retried`].
    RetryDead,
    /// The stored times, newest first: [`IngestAnswer::Dates`].
    Dates {
        /// The oldest, Unix seconds.
        from: Option<i64>,
        /// The newest, Unix seconds.
        to: Option<i64>,
        /// The most of them.
        limit: usize,
    },
    /// A country's counts over time: [`IngestAnswer::History`].
    History {
        /// The country's code.
        country: String,
        /// The length of a step.
        step: HistoryStep,
        /// A time in the oldest step, Unix seconds.
        from: Option<i64>,
        /// A time in the newest step, Unix seconds.
        to: Option<i64>,
    },
    /// The minute of this time, Unix seconds, or the newest: [`IngestAnswer::Minute`].
    Minute(Option<i64>),
    /// Minutes from one time to another, Unix seconds, oldest first: [`IngestAnswer::Minutes`].
    Minutes {
        /// The oldest, included.
        from: i64,
        /// The newest, included.
        to: i64,
        /// Only the first of every so many seconds of Unix time.
        step: u32,
        /// The most of them.
        limit: usize,
    },
    /// The callsigns and addresses that begin with this: [`IngestAnswer::Found`].
    Search(SearchTerm),
    /// The days that have minutes: [`IngestAnswer::Days`].
    Days,
    /// The files of the day that begins then, Unix seconds: [`IngestAnswer::Files`].
    Files(i64),
    /// The queue delivered a message: [`IngestAnswer::Consumed`], or [`IngestAnswer::Export`].
    Message(String),
    /// An export is about to store its pack: [`IngestAnswer::Done`], or a problem that says why it
    /// must not.
    StorePack {
        /// The export.
        work: ExportWork,
        /// The key in R2.
        key: String,
    },
    /// The end of an export: [`IngestAnswer::Consumed`].
    Exported {
        /// The export.
        work: ExportWork,
        /// The files, or why there are none.
        outcome: Result<HourFiles, String>,
    },
    /// The queue gave up a message: [`IngestAnswer::Consumed`].
    DeadLetter(String),
}

impl IngestQuestion {
    /// The path that questions are sent to.
    pub const PATH: &str = "/ask";
    /// The path that pushed snapshots are sent to.
    pub const PUSH_PATH: &str = "/push";
}

/// An answer, and whether the recorded minutes are simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Whether the recorded minutes are simulated.
    pub simulated: bool,
    /// The answer.
    pub answer: IngestAnswer,
}

/// An answer. Any question may be answered with a problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum IngestAnswer {
    /// Done.
    Done,
    /// Why there is no answer, for the caller.
    Problem(Problem),
    /// The service's status.
    Status(Box<Status>),
    /// Times like `2026-11-20T12:34:00Z`, newest first.
    Dates(Vec<String>),
    /// A country's counts, oldest first.
    History(Vec<HistoryPoint>),
    /// One recorded minute.
    Minute(MinuteRow),
    /// Recorded minutes, oldest first, without their counts.
    Minutes(Vec<MinuteRow>),
    /// The results of a search, of the newest day first.
    Found(Vec<SearchResult>),
    /// Days, newest first.
    Days(Vec<ArchiveDay>),
    /// A day's minutes, oldest first, then the packs and Parquet files of its hours.
    Files(Vec<ArchiveFile>),
    /// The outcome of a message.
    Consumed(Consumed),
    /// The message calls for an export; [`IngestQuestion::Exported`] reports its end.
    Export(ExportOrder),
    /// How many dead jobs were redriven.
    Retried(Retried),
    /// The receipt for a pushed snapshot.
    Receipt(Receipt),
}

/// A recorded minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MinuteRow {
    /// The feed's time, Unix seconds.
    pub time: i64,
    /// 1 if the traffic is simulated.
    pub simulated: u8,
    /// The number of aircraft.
    pub aircraft: u32,
    /// The size of the object in R2.
    pub bytes: u64,
    /// R2's etag, without quotes.
    pub etag: String,
    /// JSON: country code to number of aircraft, zeros left out.
    pub counts: String,
}

impl MinuteRow {
    /// Where its bytes are.
    pub fn location(&self) -> Location {
        Location::Object(Date(self.time).key())
    }

    /// Whether its traffic is simulated.
    pub fn is_simulated(&self) -> bool {
        self.simulated == 1
    }
}

/// The outcome of a queue message that the outbox consumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumed {
    /// After how many seconds the queue must deliver it again; `None` if it must not.
    pub retry_after: Option<u32>,
}

/// An hour to export, and what its files say about its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportOrder {
    /// The export.
    pub work: ExportWork,
    /// Whether the traffic is simulated.
    pub simulated: bool,
    /// The source, as in the setting `FEED`.
    pub source: String,
}

/// How many dead jobs were redriven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// The number of jobs.
    pub retried: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_keeps_its_header_and_nearest_dates_in_transit() {
        let nearest = vec!["2026-11-20T12:34:00Z".to_owned()];
        let problem = Problem::new(429, "too often".to_owned()).retry_after(60);
        let problem = Problem { nearest, ..problem };
        let sent = Answered { simulated: true, answer: IngestAnswer::Problem(problem) };
        let bytes = serde_json::to_vec(&sent).expect("an answer is JSON");
        let read: Answered = serde_json::from_slice(&bytes).expect("its own bytes");
        assert_eq!(read, sent);
    }

    #[test]
    fn a_mean_keeps_its_last_digit_in_transit() {
        let time = "2026-11-20T12:00:00Z".to_owned();
        let point = HistoryPoint { time, min: 0, mean: 100.0 / 3.0, max: 67 };
        let sent = IngestAnswer::History(vec![point]);
        let text = serde_json::to_string(&sent).expect("an answer is JSON");
        let read: IngestAnswer = serde_json::from_str(&text).expect("its own text");
        assert_eq!(read, sent);
    }
}
