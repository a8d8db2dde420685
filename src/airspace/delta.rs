//! What changed between two snapshots: `diff(a, b)` makes it, `apply(a, d)` consumes it.

use super::Snapshot;
use crate::aircraft::{Icao24, StateVector};

/// The way from one snapshot to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    /// The later snapshot's time, Unix seconds.
    pub time: i64,
    /// Whether the later snapshot's traffic is invented.
    pub simulated: bool,
    /// Aircraft that are no longer there, in the order of their addresses.
    pub removals: Vec<Icao24>,
    /// Aircraft that are new or changed, whole, in the order of their addresses.
    pub upserts: Vec<StateVector>,
}

/// What must change in `before` to make it `after`.
pub fn diff(before: &Snapshot, after: &Snapshot) -> Delta {
    let mut delta = Delta { time: after.time, simulated: after.simulated, ..Delta::default() };
    let mut old = before.aircraft().iter().peekable();
    for new in after.aircraft() {
        while let Some(gone) = old.next_if(|old| old.icao24 < new.icao24) {
            delta.removals.push(gone.icao24);
        }
        let same = old.next_if(|old| old.icao24 == new.icao24);
        if same != Some(new) {
            delta.upserts.push(new.clone());
        }
    }
    delta.removals.extend(old.map(|gone| gone.icao24));
    delta
}

/// `before` with the changes made: one merge of three sorted runs.
pub fn apply(before: Snapshot, delta: &Delta) -> Snapshot {
    let mut aircraft = Vec::with_capacity(before.aircraft().len() + delta.upserts.len());
    let mut removals = delta.removals.iter().peekable();
    let mut upserts = delta.upserts.iter().peekable();
    for old in before.into_aircraft() {
        while let Some(new) = upserts.next_if(|new| new.icao24 < old.icao24) {
            aircraft.push(new.clone());
        }
        while removals.next_if(|&&gone| gone < old.icao24).is_some() {}
        let replaced = upserts.peek().is_some_and(|new| new.icao24 == old.icao24);
        let removed = removals.peek().is_some_and(|&&gone| gone == old.icao24);
        if !replaced && !removed {
            aircraft.push(old);
        }
    }
    aircraft.extend(upserts.cloned());
    Snapshot::new(delta.time, aircraft).marked(delta.simulated)
}
