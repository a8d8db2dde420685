//! A region's share, as it lies in storage: what is read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::airspace::LiveSky;
use overflight::wire::Share;

fuzz_target!(|bytes: &[u8]| {
    let Ok(share) = Share::decode(bytes.to_vec()) else { return };
    let again = Share::encode(share.epoch, share.resolution, &share.snapshot);
    let again = Share::decode(again).expect("what was written can be read");
    assert_eq!(again.snapshot.aircraft().len(), share.snapshot.aircraft().len());
    LiveSky::of(&share.snapshot, share.resolution);
});
