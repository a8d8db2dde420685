//! A pushed body of whatever format: it is a sky, or is refused in few words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::feed;

const NOW: i64 = 1_751_840_376;

fuzz_target!(|bytes: &[u8]| match feed::parse(bytes, NOW) {
    Ok(sky) => {
        for state in &sky.aircraft {
            assert!(state.last_contact >= 0 && state.time_position.is_none_or(|time| time >= 0));
            assert!(state.callsign.is_some() || state.position.is_some());
        }
        assert!(sky.rejected.iter().all(|error| error.to_string().len() < 400));
    }
    Err(error) => assert!(error.to_string().len() < 4_000, "{error}"),
});
