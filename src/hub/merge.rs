//! The next live state, and the delta that leads there.
//!
//! One walk over the live state, the reports before and the snapshot after decides each row's
//! outcome; the dead-band, the codec, the digest and storage use that.
//! Out of scope: how far off a prediction may be (`deadband`), sequences and sessions.

use super::{Report, deadband};
use crate::aircraft::StateVector;
use crate::airspace::{
    Identity, LiveAircraft, LiveState, Motion, Outcome, Prediction, Resolution, Snapshot,
};
use crate::wire::{Delta, DeltaWriter};

/// The results of a merge, beside the live state.
#[derive(Debug)]
pub struct Merged {
    /// The delta from the state before, without its envelope.
    pub delta: Delta,
    /// The indices of the rows that differ from the rounded snapshot, ascending.
    pub amended: Vec<u32>,
}

/// Turns `live` into the live state of `after`. `before` has the report of each row of the snapshot
/// that `live` is of.
///
/// Changes rows in place: a second live state of 100,000 aircraft would take 9 MB, 88 bytes a row
/// in wasm.
pub fn merge(
    live: &mut LiveState,
    mut before: impl Iterator<Item = Report>,
    after: &Snapshot,
) -> Merged {
    let (time, seconds) = (live.time, after.time - live.time);
    let mut walk = Walk {
        time: after.time,
        by: live.resolution,
        writer: DeltaWriter::new(live.resolution),
        place: 0,
        added: Vec::new(),
        amended: Vec::new(),
    };
    let mut next = after.aircraft().iter().peekable();
    live.aircraft.retain_mut(|held| {
        let was = before.next().expect("each live row has its report");
        while let Some(newcomer) = next.next_if(|is| is.icao24 < held.icao24) {
            walk.add(newcomer);
        }
        let mut prediction = Prediction::new(&held.motion, seconds, walk.by);
        let Some(is) = next.next_if(|is| is.icao24 == held.icao24) else {
            walk.writer.row(held, &mut prediction, &Outcome::Removed);
            return false;
        };
        walk.update(held, &mut prediction, (was, time), is);
        true
    });
    next.for_each(|newcomer| walk.add(newcomer));
    let delta = walk.writer.finish(&walk.added);
    insert(&mut live.aircraft, walk.added);
    (live.time, live.simulated) = (after.time, after.simulated);
    Merged { delta, amended: walk.amended }
}

/// The state of a walk over the rows, in the order of their addresses.
struct Walk {
    time: i64,
    by: Resolution,
    writer: DeltaWriter,
    /// The index of the next row in the new state.
    place: u32,
    added: Vec<LiveAircraft>,
    amended: Vec<u32>,
}

impl Walk {
    /// Adds an aircraft that clients do not hold yet.
    fn add(&mut self, is: &StateVector) {
        let row = LiveAircraft::of(is, self.time, self.by);
        self.writer.leads_to(&row);
        self.added.push(row);
        self.place += 1;
    }

    /// Updates a row that clients hold.
    fn update(
        &mut self,
        held: &mut LiveAircraft,
        prediction: &mut Prediction,
        was: (Report, i64),
        is: &StateVector,
    ) {
        let exact = Motion::of(is, self.time, self.by);
        let motion = deadband::motion(prediction, exact, was, is);
        if motion != exact {
            self.amended.push(self.place);
        }
        let identity = (!held.identity.is_of(is)).then(|| Identity::of(is));
        let outcome = prediction.outcome(motion, identity.as_ref());
        self.writer.row(held, prediction, &outcome);
        held.motion = motion;
        if let Some(identity) = identity {
            held.identity = identity;
        }
        self.writer.leads_to(held);
        self.place += 1;
    }
}

/// Inserts rows among others; both ascend by address and share no address.
///
/// Works from the end, so that no row moves twice, and none before the first new one moves.
fn insert(rows: &mut Vec<LiveAircraft>, mut added: Vec<LiveAircraft>) {
    let Some(last) = added.last() else { return };
    let mut unmoved = rows.len();
    let filler = last.clone();
    rows.reserve_exact(added.len());
    rows.resize(unmoved + added.len(), filler);
    let mut place = rows.len();
    while let Some(new) = added.pop() {
        while unmoved > 0 && rows[unmoved - 1].icao24 > new.icao24 {
            (place, unmoved) = (place - 1, unmoved - 1);
            rows.swap(place, unmoved);
        }
        place -= 1;
        rows[place] = new;
    }
}
