//! Floor 3: the outbox engine: the jobs that follow a minute.
//!
//! In scope: the messages of jobs; when they are sent, retried, dead and redriven; what a check of
//! an hour finds; when an hour is exported, and when it expires.
//! Out of scope: the queue, SQL, listing the archive. `Outbox` takes times and outcomes as
//! arguments, and reads and writes its rows through [`Rows`].
//!
//! A job is a row of the outbox, stored in the transaction that records its minute. The queue's
//! message only points to the row. So a message may be lost, duplicated or late: the row holds the
//! work left and the count of attempts, and is removed when all is done. If no message arrives for
//! too long, another one is sent.

mod check;
mod entry;
mod outbox;

pub use check::{Findings, Objects, compare};
pub use entry::{ATTEMPTS_MAX, Entry, Job, JobError, RetryPolicy};
pub use outbox::{ExportWork, Next, ObjectListing, Outbox, Rows, SENT_AT_ONCE, Work};
