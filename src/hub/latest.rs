//! What a region keeps of its latest snapshot: as little as the next frame needs.
//!
//! In scope: which rows stay in memory. Out of scope: storage, which has every snapshot whole.

use std::mem;

use crate::aircraft::StateVector;
use crate::airspace::Snapshot;
use crate::earth::Position;

/// A position and its time: what the dead-band compares with the next snapshot.
///
/// It takes 32 bytes in wasm and a state vector takes 160: for 100,000 aircraft 3.2 MB, not 16 MB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Where the aircraft was; `None` if the source does not know.
    pub position: Option<Position>,
    /// When the position was received, or else when anything was; Unix seconds.
    pub time: i64,
}

impl Report {
    /// The report in a state vector.
    pub fn of(state: &StateVector) -> Self {
        Self { position: state.position, time: state.time_position.unwrap_or(state.last_contact) }
    }

    /// The reports of a snapshot's rows, in their order.
    pub fn all(snapshot: &Snapshot) -> impl Iterator<Item = Self> {
        snapshot.aircraft().iter().map(Self::of)
    }
}

/// The latest snapshot, as far as it is in memory.
#[derive(Debug)]
pub(super) enum Latest {
    /// Every row, exact: frames of text need them.
    Whole(Snapshot),
    /// One report for each row. The snapshot has too many rows for text.
    Reports(Vec<Report>),
}

impl Default for Latest {
    fn default() -> Self {
        Self::Whole(Snapshot::default())
    }
}

impl Latest {
    /// Keeps a snapshot of at most `whole_max` rows whole, and only the reports of a larger one.
    pub(super) fn new(snapshot: Snapshot, whole_max: usize) -> Self {
        match snapshot.aircraft().len() <= whole_max {
            true => Self::Whole(snapshot),
            false => Self::Reports(Report::all(&snapshot).collect()),
        }
    }

    /// Replaces the snapshot by a newer one. Returns the one before if it was whole.
    ///
    /// Reports are written over those before: a new vector each time would lie between the large
    /// vectors that come and go, and WebAssembly's memory would grow though much of it is free.
    pub(super) fn replace(&mut self, next: Snapshot, whole_max: usize) -> Option<Snapshot> {
        match self {
            Self::Reports(reports) if next.aircraft().len() > whole_max => {
                reports.clear();
                reports.extend(Report::all(&next));
                None
            }
            _ => match mem::replace(self, Self::new(next, whole_max)) {
                Self::Whole(before) => Some(before),
                Self::Reports(_) => None,
            },
        }
    }

    /// The whole snapshot; `None` if only its reports are kept.
    pub(super) fn whole(&self) -> Option<&Snapshot> {
        match self {
            Self::Whole(snapshot) => Some(snapshot),
            Self::Reports(_) => None,
        }
    }

    /// One report for each row, in the rows' order.
    pub(super) fn reports(&self) -> impl Iterator<Item = Report> {
        let (rows, reports) = match self {
            Self::Whole(snapshot) => (snapshot.aircraft(), &[][..]),
            Self::Reports(reports) => (&[][..], &reports[..]),
        };
        rows.iter().map(Report::of).chain(reports.iter().copied())
    }
}
