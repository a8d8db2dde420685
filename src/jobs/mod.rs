//! Floor 3: the outbox engine: the jobs that follow a minute.
//!
//! In scope: the messages of jobs; when one is sent, tried again, dead, redriven; what a check of
//! an hour finds.
//! Out of scope: the queue, the storage's own words, listing the archive. `Outbox` takes times and
//! outcomes as arguments and reads and writes its rows through [`Rows`].
//!
//! A job is a row of the outbox, stored in the transaction that records the minute that calls for
//! it. The queue's message only reminds of the row. So a message may be lost, doubled or late: the
//! row says what is left to do, counts the attempts, and goes when all is done. When no message
//! comes for too long, another one is sent.

mod check;
mod entry;
mod outbox;

pub use check::{Findings, Objects, compare};
pub use entry::{ATTEMPTS_MAX, Entry, Job, JobError, RetryPolicy};
pub use outbox::{Listing, Next, Outbox, Rows, SENT_AT_ONCE, Work};
