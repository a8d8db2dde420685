//! A response of the source, and all that is made of it for clients.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::airspace::{LiveSky, Resolution, Snapshot};
use overflight::feed::opensky;
use overflight::wire::{Picture, encode_keyframe};

fuzz_target!(|bytes: &[u8]| {
    let Ok(sky) = opensky::parse(bytes) else { return };
    let snapshot = Snapshot::new(sky.time, sky.aircraft);
    for resolution in [Resolution::Fine, Resolution::Display] {
        let live = LiveSky::of(&snapshot, resolution);
        let mut picture = Picture::default();
        picture.apply(&encode_keyframe(1, 1, &live)).expect("a frame of ours applies");
        assert_eq!(*picture.sky(), live);
    }
});
