//! An archived minute.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::archive::Minute;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(minute) = Minute::decode(bytes) {
        Minute::decode(&minute.encode()).expect("what was written can be read");
    }
});
