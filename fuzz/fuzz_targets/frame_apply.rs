//! A frame from anyone: as a keyframe, and as a delta onto a sky that is always the same.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use overflight::airspace::LiveSky;
use overflight::wire::{Frame, Share};

/// The sky that `seeds/frame_apply/delta` applies to.
fn base() -> &'static LiveSky {
    static BASE: OnceLock<LiveSky> = OnceLock::new();
    BASE.get_or_init(|| {
        let share = include_bytes!("../seeds/share/fine");
        let share = Share::decode(share.to_vec()).expect("a seed of ours");
        LiveSky::of(&share.snapshot, share.resolution)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(frame) = Frame::decode(bytes) else { return };
    if let Ok(sky) = frame.apply(base()) {
        // What was understood can be looked at.
        assert_eq!(sky.snapshot().aircraft().len(), sky.aircraft.len());
    }
});
