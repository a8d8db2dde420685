//! A frame from anyone: as a keyframe, and as a delta onto a snapshot that is always the same.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use overflight::airspace::LiveState;
use overflight::wire::{Frame, RegionSnapshot};

/// The snapshot that `seeds/frame_apply/delta` applies to.
fn base() -> &'static LiveState {
    static BASE: OnceLock<LiveState> = OnceLock::new();
    BASE.get_or_init(|| {
        let bytes = include_bytes!("../seeds/region_snapshot/fine");
        let stored = RegionSnapshot::decode(bytes.to_vec()).expect("a seed of ours");
        LiveState::of(&stored.snapshot, stored.resolution)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(frame) = Frame::decode(bytes) else { return };
    if let Ok(snapshot) = frame.apply(base()) {
        // What was understood can be looked at.
        assert_eq!(snapshot.snapshot().aircraft().len(), snapshot.aircraft.len());
    }
});
