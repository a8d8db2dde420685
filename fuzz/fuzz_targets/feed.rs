//! A pushed body of whatever format: it is a snapshot, or is refused in few words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::feed;

const NOW: i64 = 1_751_840_376;

fuzz_target!(|bytes: &[u8]| match feed::parse(bytes, NOW) {
    Ok(snapshot) => {
        for state in &snapshot.aircraft {
            assert!(state.last_contact >= 0 && state.time_position.is_none_or(|time| time >= 0));
            assert!(state.callsign.is_some() || state.position.is_some());
            assert!(state.true_track.is_none_or(|track| (0.0..360.0).contains(&track)));
            if let Some(name) = &state.origin_country {
                assert!((1..=64).contains(&name.chars().count()), "{name}");
                assert!(!name.contains(|letter: char| letter.is_control()), "{name:?}");
            }
        }
        assert!(snapshot.dropped.len() <= 19);
        assert!(snapshot.dropped.iter().all(|dropped| dropped.example.value.len() < 300));
        assert!(snapshot.rejected.iter().all(|error| error.to_string().len() < 400));
    }
    Err(error) => assert!(error.to_string().len() < 4_000, "{error}"),
});
