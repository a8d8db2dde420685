//! A response of the source, and all that is made of it for clients.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::airspace::{LiveState, Resolution, Snapshot};
use overflight::feed::opensky;
use overflight::wire::{ClientState, encode_keyframe};

fuzz_target!(|bytes: &[u8]| {
    let Ok(snapshot) = opensky::parse(bytes) else { return };
    let snapshot = Snapshot::new(snapshot.time, snapshot.aircraft);
    for resolution in [Resolution::Fine, Resolution::Display] {
        let live = LiveState::of(&snapshot, resolution);
        let mut picture = ClientState::default();
        picture.apply(&encode_keyframe(1, 1, &live)).expect("a frame of ours applies");
        assert_eq!(*picture.live(), live);
    }
});
