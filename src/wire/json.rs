//! `overflight.json`: the same frames as text, for `websocat` and for reading.

use serde::Serialize;

use super::StateObject;
use crate::airspace::{Delta, Snapshot, diff};

#[derive(Serialize)]
struct JsonFrame<'a> {
    base: Option<u64>,
    sequence: u64,
    /// As 16 hexadecimal digits: a JSON number would lose its last bits in JavaScript.
    epoch: String,
    time: i64,
    simulated: bool,
    /// That of the binary frame of the same sequence.
    digest: u32,
    upserts: Vec<StateObject<'a>>,
    removals: Vec<String>,
}

/// The frame that leads to `next`, as JSON; `base` is `None` in a keyframe, and `digest` is that of
/// the binary frame of the same sequence.
pub fn encode(
    epoch: u64,
    base: Option<(u64, &Snapshot)>,
    (sequence, digest): (u64, u32),
    next: &Snapshot,
) -> String {
    let empty = Snapshot::default();
    let delta = diff(base.map_or(&empty, |(_, snapshot)| snapshot), next);
    write(epoch, base.map(|(sequence, _)| sequence), (sequence, digest), &delta)
}

fn write(epoch: u64, base: Option<u64>, (sequence, digest): (u64, u32), delta: &Delta) -> String {
    let frame = JsonFrame {
        base,
        sequence,
        epoch: format!("{epoch:016x}"),
        time: delta.time,
        simulated: delta.simulated,
        digest,
        upserts: delta.upserts.iter().map(|state| StateObject::new(state, None)).collect(),
        removals: delta.removals.iter().map(ToString::to_string).collect(),
    };
    serde_json::to_string(&frame).expect("strings and finite numbers always serialise")
}
