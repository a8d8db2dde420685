//! A region snapshot as it is stored: what is decoded encodes and decodes again to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::airspace::LiveState;
use overflight::wire::RegionSnapshot;

fuzz_target!(|bytes: &[u8]| {
    let Ok(stored) = RegionSnapshot::decode(bytes.to_vec()) else { return };
    let again = RegionSnapshot::encode(stored.epoch, stored.resolution, &stored.snapshot);
    let again = RegionSnapshot::decode(again).expect("what was written can be read");
    assert_eq!(again.snapshot.aircraft().len(), stored.snapshot.aircraft().len());
    LiveState::of(&stored.snapshot, stored.resolution);
});
