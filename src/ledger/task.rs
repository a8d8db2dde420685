//! The ledger's inputs, outputs and tasks.
//!
//! Out of scope: storage, archive, source and regions; the caller performs the outputs.

use std::collections::BTreeMap;
use std::fmt;

use super::delivery::{Delivery, DeliveryError, Retries};
use super::{Health, Present, PullError};
use crate::archive::Date;
use crate::earth::{CountryCode, Region};
use crate::feed::{Dropped, SourceSnapshot};

/// Identifies a push under way.
pub type Ticket = u64;

/// Where a snapshot came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntakeOrigin {
    /// A pull.
    Pull {
        /// The credits left, if the source reports them.
        credits: Option<i64>,
    },
    /// A push.
    Push(Ticket),
}

/// A snapshot on its way into the ledger.
#[derive(Debug)]
pub struct Intake {
    /// Where it came from.
    pub origin: IntakeOrigin,
    /// The feed's time, Unix seconds.
    pub time: i64,
    /// Whether its traffic is simulated.
    pub simulated: bool,
    /// Whether it ends the simulation: the recorded minutes are simulated and are deleted.
    pub restart: bool,
    /// The fields that hold unusable values in some rows.
    pub dropped: Vec<Dropped>,
}

impl Intake {
    /// Describes a snapshot before it is known whether it is new.
    pub(super) fn of(snapshot: &SourceSnapshot, origin: IntakeOrigin, simulated: bool) -> Self {
        let dropped = snapshot.dropped.clone();
        Self { origin, time: snapshot.time, simulated, restart: false, dropped }
    }

    /// The key of its minute's object.
    pub fn key(&self) -> String {
        Date(self.time).key()
    }
}

/// The record of a minute whose object is complete.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Archived {
    /// The number of aircraft.
    pub aircraft: u32,
    /// The size of the object.
    pub bytes: u64,
    /// The object's etag, without quotes.
    pub etag: String,
    /// How many aircraft are over each country; zeros are left out.
    pub counts: BTreeMap<CountryCode, u32>,
    /// The callsigns and addresses in it.
    pub present: Present,
}

/// A step failed; its caller has logged why. Storage that fails has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// An event.
#[derive(Debug)]
pub enum Input {
    /// The alarm or the cron fired: due work may begin.
    Tick,
    /// A snapshot was pushed.
    Push(Ticket, SourceSnapshot),
    /// [`Task::Ask`] is over.
    Answered {
        /// The credits left, if the source reports them.
        credits: Option<i64>,
        /// The snapshot.
        snapshot: Result<SourceSnapshot, PullError>,
    },
    /// [`Task::Intend`] is over.
    Intended(Intake, SourceSnapshot, Result<(), Failed>),
    /// [`Task::Archive`] is over.
    Archived(Intake, Result<Archived, Failed>),
    /// [`Task::Record`] is over.
    Recorded(Intake, u64, Result<(), Failed>),
    /// [`Task::Deliver`] is over.
    Delivered(Delivery, Result<(), DeliveryError>),
    /// [`Task::Collect`] is over.
    Collected,
}

/// An effect, to be performed in the given order.
#[derive(Debug)]
pub enum Output {
    /// Store the source's health.
    RememberHealth(Health),
    /// Store that a region has the minute of this time.
    RememberDelivery(&'static Region, i64),
    /// Store when failed regions are retried.
    RememberRetries(Retries),
    /// Report the outcome of a push or a pull.
    Settle(IntakeOrigin, Result<Taken, NotTaken>),
    /// Start a task, and report its end.
    Start(Task),
}

/// Work that takes time. Each task ends with the named input, exactly once.
#[derive(Debug)]
pub enum Task {
    /// Store that a pull begins, then pull; [`Input::Answered`].
    Ask(Health),
    /// In one transaction: note the minute's key as garbage, which it is until it is recorded; on a
    /// restart also note those of all minutes, and delete these and their tallies;
    /// [`Input::Intended`].
    Intend(Intake, SourceSnapshot),
    /// Put the object of the snapshot's minute into the archive; [`Input::Archived`].
    Archive(Intake, SourceSnapshot),
    /// In one transaction: store the minute, add it to the tallies, remove its garbage note, and if
    /// the epoch is new, store it and delete all records of deliveries;
    /// [`Input::Recorded`].
    Record {
        /// The minute.
        intake: Intake,
        /// The history that it belongs to.
        epoch: u64,
        /// Its object.
        archived: Archived,
    },
    /// Deliver a minute's region snapshot; [`Input::Delivered`].
    Deliver(Delivery),
    /// Delete the objects whose keys are noted as garbage, then the notes; [`Input::Collected`].
    Collect,
}

/// How a snapshot was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its minute is recorded now.
    Recorded,
    /// Its minute was recorded before.
    Duplicate,
}

/// Why there is no new minute.
#[derive(Clone, Debug, PartialEq)]
pub enum NotTaken {
    /// The snapshot is older than the newest minute.
    Older {
        /// Its time.
        time: i64,
        /// The newest minute's time.
        stored: i64,
    },
    /// Its time is so far ahead of ours that nothing would be new for long after it.
    Ahead {
        /// Its time.
        time: i64,
        /// How far it is ahead, seconds.
        ahead: i64,
    },
    /// It is simulated, and real minutes are stored.
    Unwanted,
    /// A step failed.
    Failed,
    /// The pull yielded no snapshot.
    NoSnapshot(PullError),
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older { time, stored } => {
                let (date, stored) = (Date(*time), Date(*stored));
                write!(f, "the snapshot is of {date}, but {stored} is already stored")
            }
            Self::Ahead { time, ahead } => {
                write!(f, "the snapshot is of {}, {ahead} s ahead of our clock", Date(*time))
            }
            Self::Unwanted => f.write_str("real minutes are stored"),
            Self::Failed => f.write_str("something went wrong on our side; it has been logged"),
            Self::NoSnapshot(error) => error.fmt(f),
        }
    }
}
