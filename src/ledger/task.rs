//! What the ledger is told, and what it answers is to be done.
//!
//! Storage, archive, source and regions are the caller's.

use std::collections::BTreeMap;
use std::fmt;

use super::delivery::{Delivery, DeliveryError, Retries};
use super::{Health, PullError};
use crate::archive::Date;
use crate::earth::{CountryCode, Region};
use crate::feed::Sky;

/// What tells the pushes under way apart.
pub type Ticket = u64;

/// Where a sky came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The source was asked.
    Pull {
        /// The credits that are left, where it told them.
        credits: Option<i64>,
    },
    /// Somebody handed it over.
    Push(Ticket),
}

/// A sky on its way into the ledger.
#[derive(Debug)]
pub struct Intake {
    /// Where it came from.
    pub origin: Origin,
    /// Whether its traffic is invented.
    pub simulated: bool,
    /// Whether it ends the simulation: what is recorded is invented and goes.
    pub restart: bool,
    /// The sky, as long as the caller has no better use of it.
    pub sky: Sky,
}

impl Intake {
    /// Where its minute's object is kept.
    pub fn key(&self) -> String {
        Date(self.sky.time).key()
    }
}

/// What is recorded of a minute whose object is complete.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Archived {
    /// How many aircraft it holds.
    pub aircraft: u32,
    /// The size of the object.
    pub bytes: u64,
    /// The archive's etag of it, without quotes.
    pub etag: String,
    /// How many aircraft are over each country; zeros left out.
    pub counts: BTreeMap<CountryCode, u32>,
}

/// That a step was not done; who tried it has logged why. Storage that fails has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The alarm rang, or the cron: whatever is due may begin.
    Tick,
    /// Somebody hands over a sky.
    Push(Ticket, Sky),
    /// The source was asked: [`Task::Ask`] is over.
    Answered {
        /// The credits that are left, where it told them.
        credits: Option<i64>,
        /// What it gave.
        sky: Result<Sky, PullError>,
    },
    /// [`Task::Intend`] is over.
    Intended(Intake, Result<(), Failed>),
    /// [`Task::Archive`] is over.
    Archived(Intake, Result<Archived, Failed>),
    /// [`Task::Record`] is over.
    Recorded(Intake, u64, Result<(), Failed>),
    /// [`Task::Deliver`] is over.
    Delivered(Delivery, Result<(), DeliveryError>),
    /// [`Task::Collect`] is over.
    Collected,
}

/// What to do, in the given order.
#[derive(Debug)]
pub enum Output {
    /// Store how the source is doing.
    RememberHealth(Health),
    /// Store that a region has the minute of that time.
    RememberDelivery(&'static Region, i64),
    /// Store when regions that failed are tried again.
    RememberRetries(Retries),
    /// Say what became of a sky, or of the question for one.
    Settle(Origin, Result<Taken, NotTaken>),
    /// Begin something that takes time, and tell when it is over.
    Start(Task),
}

/// What takes time. The input that each names is told once, whenever it is over.
#[derive(Debug)]
pub enum Task {
    /// Store that the source is being asked, then ask it; [`Input::Answered`].
    Ask(Health),
    /// In one transaction: note the minute's key as garbage, which it is until it is recorded, and
    /// where it restarts, that of every minute, and forget these and their tallies;
    /// [`Input::Intended`].
    Intend(Intake),
    /// Put the minute's object into the archive; [`Input::Archived`].
    Archive(Intake),
    /// In one transaction: store the minute, add it to the tallies, note that its key is no
    /// garbage, and where the epoch is another, store it and forget all deliveries;
    /// [`Input::Recorded`].
    Record {
        /// The minute.
        intake: Intake,
        /// The history that it belongs to.
        epoch: u64,
        /// Its object.
        archived: Archived,
    },
    /// Hand a region its share of a minute; [`Input::Delivered`].
    Deliver(Delivery),
    /// Delete the objects whose keys are noted as garbage, then the notes; [`Input::Collected`].
    Collect,
}

/// How a sky was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its minute is recorded.
    Recorded,
    /// Its minute was recorded before.
    Duplicate,
}

/// Why there is no new minute.
#[derive(Clone, Debug, PartialEq)]
pub enum NotTaken {
    /// It is older than what is stored.
    Older {
        /// Its time.
        time: i64,
        /// That of the newest minute.
        stored: i64,
    },
    /// Its time is so far ahead of ours that nothing after it would be news for long.
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
    /// The source gave none.
    NoSky(PullError),
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older { time, stored } => {
                let (date, stored) = (Date(*time), Date(*stored));
                write!(f, "the sky is of {date}, but {stored} is already stored")
            }
            Self::Ahead { time, ahead } => {
                write!(f, "the sky is of {}, {ahead} s ahead of our clock", Date(*time))
            }
            Self::Unwanted => f.write_str("real minutes are stored"),
            Self::Failed => f.write_str("something went wrong on our side; it has been logged"),
            Self::NoSky(error) => error.fmt(f),
        }
    }
}
