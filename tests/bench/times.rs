//! How long coding takes here, for the whole snapshot as one region.

#![expect(clippy::disallowed_methods, reason = "a clock is what this is about")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use overflight::airspace::{LiveState, Resolution, Snapshot};
use overflight::hub::{FrameFormat, Hub, Input};
use overflight::wire::{Frame, RegionSnapshot, encode_delta, encode_keyframe};

use super::snapshots::Snapshots;
use super::{Figures, OUT};

/// The number of aircraft that OpenSky shows on a summer day.
const AIRCRAFT: usize = 11_400;
const RUNS: usize = 41;

pub fn measure(snapshots: &Snapshots) -> Result<Figures, Box<dyn Error>> {
    let resolution = Resolution::Fine;
    let minutes = &snapshots.minutes;
    let middle = minutes.len() / 2;
    let region_snapshot = |index: usize| {
        let snapshot = minutes[index].snapshot.clone();
        let time = snapshot.time;
        let mut aircraft = snapshot.into_aircraft();
        aircraft.truncate(AIRCRAFT);
        RegionSnapshot::new(1, resolution, Snapshot::new(time, aircraft))
    };
    let (before, after) = (region_snapshot(middle - 1), region_snapshot(middle));
    let [old, new] = [&before, &after]
        .map(|region_snapshot| LiveState::of(&region_snapshot.snapshot, resolution));
    let keyframe = encode_keyframe(1, 1, &old);
    let encode = || encode_delta(1, (1, &old), 2, &new);
    let delta = encode();
    let decode = |bytes: &[u8], old| Frame::decode(bytes).and_then(|frame| frame.apply(old));
    assert_eq!(decode(&delta, &old)?, new);
    for (name, bytes) in [
        ("before.region", RegionSnapshot::encode(1, resolution, &before.snapshot)),
        ("after.region", RegionSnapshot::encode(1, resolution, &after.snapshot)),
        ("keyframe.bin", keyframe.clone()),
        ("delta.bin", delta.clone()),
    ] {
        fs::write(format!("{OUT}/{name}"), bytes)?;
    }
    let empty = LiveState::default();
    Ok(vec![
        ("wire.encode_ms", median(|| drop(black_box(encode())))),
        ("wire.decode_ms", median(|| drop(black_box(decode(&delta, &old))))),
        ("wire.keyframe_encode_ms", median(|| drop(black_box(encode_keyframe(1, 1, &old))))),
        ("wire.keyframe_decode_ms", median(|| drop(black_box(decode(&keyframe, &empty))))),
        ("wire.hub_ms", hub(&before, &after)),
    ])
}

/// Measures all of a hub's work on one region snapshot: rounding, both frames, and what it stores.
fn hub(before: &RegionSnapshot, after: &RegionSnapshot) -> f64 {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let mut hub = Hub::default();
        let (format, caller, resume) = (FrameFormat::Binary, None, None);
        hub.handle(0, Input::Open { session: 1, format, caller, resume });
        hub.handle(before.snapshot.time, Input::Snapshot(before.clone()));
        let input = Input::Snapshot(after.clone());
        times.push(timed(|| drop(black_box(hub.handle(after.snapshot.time, input)))));
    }
    middle(times)
}

/// Returns the median of many runs, milliseconds.
fn median(mut run: impl FnMut()) -> f64 {
    middle((0..RUNS).map(|_| timed(&mut run)).collect())
}

fn timed(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64() * 1_000.0
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
