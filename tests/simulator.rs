//! The simulator's bytes as the parsers read them, in both sources' formats.

use overflight::aircraft::StateVector;
use overflight::feed::{Reason, opensky, readsb};
use overflight::simulator::{World, response};

/// 2025-07-06T22:20:00Z.
const TIME: i64 = 1_751_840_400;
const SEED: u64 = 20_250_706;

#[test]
fn every_row_is_taken_but_those_that_say_nothing() {
    for hour in [0, 7, 15] {
        let bytes = response(SEED, TIME + hour * 3_600);
        let snapshot = opensky::parse(&bytes).expect("a snapshot");
        assert!(snapshot.aircraft.len() > 10_000);
        assert!(snapshot.rejected.len() < 6, "{:?}", snapshot.rejected);
        assert!(snapshot.rejected.iter().all(|error| error.reason == Reason::Nameless));
    }
}

#[test]
fn a_world_is_the_same_whichever_source_tells_it() {
    let world = World { seed: SEED, aircraft: 3_000 };
    let ours = readsb::parse(&world.readsb(TIME)).expect("readsb's snapshot");
    let theirs = opensky::parse(&world.response(TIME)).expect("OpenSky's snapshot");
    assert_eq!((ours.time, ours.rejected.len()), (theirs.time, theirs.rejected.len()));
    assert_eq!(ours.aircraft.len(), theirs.aircraft.len());
    for (a, b) in ours.aircraft.iter().zip(&theirs.aircraft) {
        let close = |what, a: Option<f64>, b: Option<f64>, tolerance: f64| {
            let same = a.zip(b).map_or(a == b, |(a, b)| (a - b).abs() <= tolerance);
            assert!(same, "{what}: {a:?} for {b:?}");
        };
        // Half of readsb's step and half of OpenSky's.
        close("velocity", a.velocity, b.velocity, 0.026 + 0.01);
        close("vertical_rate", a.vertical_rate, b.vertical_rate, 0.003 + 0.01);
        close("geo_altitude", a.geo_altitude, b.geo_altitude, 0.153 + 0.01);
        close("true_track", a.true_track, b.true_track, 0.001);
        if !b.on_ground {
            close("baro_altitude", a.baro_altitude, b.baro_altitude, 0.153 + 0.01);
        }
        let longitude = |state: &StateVector| state.position.map(|point| point.longitude);
        close("longitude", longitude(a), longitude(b), 1e-4);
        let rest = |state: &StateVector| {
            let StateVector { icao24, callsign, last_contact, .. } = *state;
            let times = (last_contact, state.time_position);
            // ASTERIX and FLARM are readsb's "other".
            let source = state.position_source.filter(|source| [0, 2].contains(source));
            let flags = (state.on_ground, state.spi, state.squawk, source);
            // OpenSky's 0 says as little as nothing.
            let category = state.category.filter(|&category| category > 0);
            (icao24, callsign, times, flags, category)
        };
        assert_eq!(rest(a), rest(b));
        // OpenSky does not always say it.
        assert!(b.origin_country.is_none() || a.origin_country == b.origin_country, "{a:?} {b:?}");
    }
}
