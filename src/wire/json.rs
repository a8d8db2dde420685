//! `overflight.json`: the same frames as text, for `websocat` and for reading.

use serde::{Serialize, Serializer};

use super::StateObject;
use crate::aircraft::{Icao24, StateVector};
use crate::airspace::Snapshot;

/// The usual size of a state object, rounded up. A text that grows by doubling takes three times
/// the memory, and 100,000 aircraft have 37 MB.
const OBJECT_BYTES: usize = 400;

#[derive(Serialize)]
struct JsonFrame<'a> {
    base: Option<u64>,
    sequence: u64,
    /// As 16 hexadecimal digits: a JSON number would lose its last bits in JavaScript.
    epoch: String,
    time: i64,
    simulated: bool,
    /// The digest of the binary frame of the same sequence.
    digest: u32,
    #[serde(serialize_with = "upserts")]
    upserts: Change<'a>,
    #[serde(serialize_with = "removals")]
    removals: Change<'a>,
}

/// The rows of a snapshot and of the next, both ascending by address.
#[derive(Clone, Copy)]
struct Change<'a>(&'a [StateVector], &'a [StateVector]);

impl<'a> Change<'a> {
    /// The rows that are new or changed.
    fn upserts(self) -> impl Iterator<Item = &'a StateVector> {
        let Self(before, next) = self;
        let mut old = before.iter().peekable();
        next.iter().filter(move |new| {
            while old.next_if(|old| old.icao24 < new.icao24).is_some() {}
            old.next_if(|old| old.icao24 == new.icao24) != Some(new)
        })
    }

    /// The addresses that are no longer there.
    fn removals(self) -> impl Iterator<Item = Icao24> {
        let Self(before, next) = self;
        let mut new = next.iter().map(|state| state.icao24).peekable();
        before.iter().map(|state| state.icao24).filter(move |old| {
            while new.next_if(|new| new < old).is_some() {}
            new.next_if_eq(old).is_none()
        })
    }
}

/// Encodes the frame that leads to `next` as JSON. `base` is `None` in a keyframe; `digest` is that
/// of the binary frame of the same sequence.
pub fn encode(
    epoch: u64,
    base: Option<(u64, &Snapshot)>,
    (sequence, digest): (u64, u32),
    next: &Snapshot,
) -> String {
    let before = base.map_or(Default::default(), |(_, snapshot)| snapshot.aircraft());
    let change = Change(before, next.aircraft());
    let frame = JsonFrame {
        base: base.map(|(sequence, _)| sequence),
        sequence,
        epoch: format!("{epoch:016x}"),
        time: next.time,
        simulated: next.simulated,
        digest,
        upserts: change,
        removals: change,
    };
    let mut text = Vec::with_capacity(1_024 + change.upserts().count() * OBJECT_BYTES);
    serde_json::to_writer(&mut text, &frame).expect("strings and numbers always serialise");
    String::from_utf8(text).expect("JSON is UTF-8")
}

fn upserts<S: Serializer>(change: &Change, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(change.upserts().map(|state| StateObject::new(state, None)))
}

fn removals<S: Serializer>(change: &Change, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(change.removals().map(|icao24| icao24.to_string()))
}
