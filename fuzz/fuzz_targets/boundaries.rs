//! The country boundaries' bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::earth::Position;
use overflight::earth::country::Boundaries;

fuzz_target!(|bytes: &[u8]| {
    let Ok(boundaries) = Boundaries::decode(bytes) else { return };
    for (longitude, latitude) in [(0.0, 0.0), (-180.0, 90.0), (180.0, -90.0), (8.5, 47.4)] {
        let point = Position::new(longitude, latitude).expect("a point on the globe");
        boundaries.country_at(point);
    }
});
