//! Which regions get the newest minute now, and when failed ones are retried.
//!
//! A region snapshot is complete, so a region only ever gets the newest and may skip others.
//! `world` gets it first, and the others once it has answered. Apart from that, each region is
//! tried independently. After a failure it pauses for a time that doubles; up to half of
//! the pause is taken off at random, so that not all regions retry at once.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::earth::{REGIONS, Region};

/// How many deliveries may be under way: the subrequests that an object may have open at once.
pub const DELIVERIES_AT_ONCE: usize = 6;

/// How many of these may be to regions that failed the last time, so that they never block all the
/// others, however long they take to fail again.
const FAILING_AT_ONCE: usize = 3;

/// How long the other regions wait for `world`, seconds, unless it failed the last time.
///
/// `world` has the most clients. On one machine all regions share a thread, so the others' work
/// would come between the writes to `world`'s sockets. With a whole world and 4,000 clients
/// it answers within 0.2 s.
const LEAD_SECONDS_MAX: i64 = 2;

/// A region that has not answered after this many seconds has failed.
pub const ANSWER_SECONDS_MAX: i64 = 10;

/// Pauses after a passing and a lasting failure, seconds: the first, and the limit of doubling.
const PASSING_SECONDS: (i64, i64) = (2, 60);
const LASTING_SECONDS: (i64, i64) = (20, 300);

/// A delivery under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivery {
    /// Its region.
    pub region: &'static Region,
    /// The history that the minute belongs to.
    pub epoch: u64,
    /// The minute's time, Unix seconds.
    pub time: i64,
}

/// Why a delivery failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryError {
    /// It may be retried soon; the reason.
    Passing(String),
    /// The region is overloaded or refuses, so a retry must wait longer; the reason.
    Lasting(String),
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passing(reason) | Self::Lasting(reason) => f.write_str(reason),
        }
    }
}

/// The regions that failed the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retries(BTreeMap<String, Retry>);

/// When a region is retried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Retry {
    /// How often it has failed since its last successful delivery.
    failures: u32,
    /// The earliest retry, Unix seconds.
    at: i64,
}

impl Retries {
    /// Encodes them for storage.
    pub fn to_note(&self) -> String {
        serde_json::to_string(&self.0).expect("text and numbers always serialise")
    }

    /// Decodes the stored ones.
    pub fn from_note(note: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(note).map(Self)
    }
}

/// The state of delivery to each region.
#[derive(Debug)]
pub(super) struct Deliveries(Vec<RegionDelivery>);

#[derive(Debug)]
struct RegionDelivery {
    region: &'static Region,
    /// The newest minute of the current history that it has.
    delivered: Option<i64>,
    retry: Retry,
    /// When the delivery under way began, Unix seconds.
    under_way: Option<i64>,
}

impl RegionDelivery {
    fn lacks(&self, newest: i64) -> bool {
        self.delivered.is_none_or(|time| time < newest)
    }

    fn is_failing(&self) -> bool {
        self.retry.failures > 0
    }

    /// Whether it is `world`, for whose answer the others wait.
    fn leads(&self) -> bool {
        self.region.is_world() && !self.is_failing()
    }

    fn is_due(&self, now: i64, newest: i64) -> bool {
        self.under_way.is_none() && self.lacks(newest) && self.retry.at <= now
    }
}

impl Deliveries {
    pub(super) fn restore(delivered: &BTreeMap<String, i64>, retries: &Retries) -> Self {
        let entry = |region: &'static Region| RegionDelivery {
            region,
            delivered: delivered.get(region.name).copied(),
            retry: retries.0.get(region.name).copied().unwrap_or_default(),
            under_way: None,
        };
        Self(REGIONS.iter().map(entry).collect())
    }

    /// The newest minute that the region has.
    pub(super) fn delivered_at(&self, region: &Region) -> Option<i64> {
        self.0.iter().find(|entry| entry.region.name == region.name)?.delivered
    }

    /// Notes that a new history begins: no region has a minute of it.
    pub(super) fn restart(&mut self) {
        for entry in &mut self.0 {
            entry.delivered = None;
        }
    }

    /// Starts the deliveries that are due and returns them: first `world`, alone, then the regions
    /// that did not fail, then those that did.
    pub(super) fn start(&mut self, now: i64, epoch: u64, newest: i64) -> Vec<Delivery> {
        let mut started = Vec::new();
        if self.lead_end().is_some_and(|end| now < end) {
            return started;
        }
        let leads = |entry: &RegionDelivery| entry.leads() && entry.is_due(now, newest);
        let only_world = self.0.iter().any(leads);
        for failing in [false, true] {
            let under_way = |entry: &&RegionDelivery| entry.under_way.is_some();
            let all = self.0.iter().filter(under_way).count();
            let alike = self.0.iter().filter(under_way).filter(|entry| entry.is_failing()).count();
            let free = DELIVERIES_AT_ONCE - all;
            let places = if failing { free.min(FAILING_AT_ONCE - alike) } else { free };
            let due = |entry: &&mut RegionDelivery| {
                let may = !only_world || entry.leads();
                may && entry.is_failing() == failing && entry.is_due(now, newest)
            };
            let mut due: Vec<_> = self.0.iter_mut().filter(due).collect();
            due.sort_by_key(|entry| entry.retry.at);
            for entry in due.into_iter().take(places) {
                entry.under_way = Some(now);
                started.push(Delivery { region: entry.region, epoch, time: newest });
            }
        }
        started
    }

    /// Notes the outcome of a delivery; `current` is whether it belongs to the current history.
    /// Returns whether that changes the retries.
    pub(super) fn ended(
        &mut self,
        (now, chance): (i64, u64),
        delivery: Delivery,
        current: bool,
        result: &Result<(), DeliveryError>,
    ) -> bool {
        let of_region = |entry: &&mut RegionDelivery| entry.region.name == delivery.region.name;
        let Some(entry) = self.0.iter_mut().find(of_region) else { return false };
        entry.under_way = None;
        let before = entry.retry;
        let (first, longest) = match result {
            Ok(()) => {
                entry.retry = Retry::default();
                if current {
                    entry.delivered = entry.delivered.max(Some(delivery.time));
                }
                return entry.retry != before;
            }
            Err(DeliveryError::Passing(_)) => PASSING_SECONDS,
            Err(DeliveryError::Lasting(_)) => LASTING_SECONDS,
        };
        let pause = (first << before.failures.min(16)).min(longest);
        let taken_off = chance % (pause / 2 + 1).cast_unsigned();
        let at = now + pause - taken_off.cast_signed();
        entry.retry = Retry { failures: before.failures.saturating_add(1), at };
        true
    }

    /// The regions that failed the last time, for storage.
    pub(super) fn retries(&self) -> Retries {
        let failing = self.0.iter().filter(|entry| entry.is_failing());
        Retries(failing.map(|entry| (entry.region.name.to_owned(), entry.retry)).collect())
    }

    /// Whether every region has the newest minute.
    pub(super) fn are_done(&self, newest: i64) -> bool {
        self.0.iter().all(|entry| !entry.lacks(newest) && entry.under_way.is_none())
    }

    /// When to act next, Unix seconds; `None` if every region has the newest minute.
    pub(super) fn next_wake(&self, now: i64, newest: i64) -> Option<i64> {
        let overdue = self.0.iter().filter_map(|entry| entry.under_way).min();
        let overdue = overdue.map(|since| (since + ANSWER_SECONDS_MAX).max(now + 1));
        let waiting =
            self.0.iter().filter(|entry| entry.under_way.is_none() && entry.lacks(newest));
        // A region that is due already waits for a free place: the end of a delivery starts it.
        let is_awaited = |at: &i64| *at > now || overdue.is_none();
        let retry = waiting.map(|entry| entry.retry.at).filter(is_awaited).min();
        let is_lead_awaited = self.0.iter().any(|entry| entry.is_due(now, newest));
        let lead = self.lead_end().filter(|&end| end > now && is_lead_awaited);
        [overdue, retry, lead].into_iter().flatten().min()
    }

    /// When the others no longer wait for `world`, Unix seconds; `None` unless it is being
    /// delivered to.
    fn lead_end(&self) -> Option<i64> {
        let world = self.0.iter().find(|entry| entry.leads())?;
        Some(world.under_way? + LEAD_SECONDS_MAX)
    }
}

#[cfg(test)]
mod tests;
