//! Which values a course keeps exactly, and how far off the others are.

use super::*;
use crate::aircraft::Icao24;

fn state(velocity: Option<f64>, true_track: Option<f64>, on_ground: bool) -> StateVector {
    StateVector {
        icao24: Icao24::new(1).expect("below 2^24"),
        callsign: None,
        origin_country: None,
        time_position: None,
        last_contact: 0,
        position: None,
        baro_altitude: None,
        on_ground,
        velocity,
        true_track,
        vertical_rate: None,
        geo_altitude: None,
        squawk: None,
        spi: false,
        position_source: None,
        category: None,
        current_country: None,
    }
}

fn round_trip(velocity: Option<f64>, track: Option<f64>, on_ground: bool) -> [Option<u64>; 2] {
    let course = Course::of(&state(velocity, track, on_ground));
    assert!(course.is_possible(on_ground), "{course:?}");
    let (velocity, track) = course.in_si();
    [velocity, track].map(|value| value.map(f64::to_bits))
}

#[test]
fn a_pair_that_is_a_vector_of_knots_is_exact_in_the_air() {
    for (east, north) in [(0, 0), (449, -135), (-3, 4), (-1, 0), (-600, -601), (1, 2_000)] {
        let knots = Knots { east, north };
        let (velocity, track) = (Some(knots.velocity()), Some(knots.track()));
        let bits = [velocity, track].map(|value| value.map(f64::to_bits));
        assert_eq!(round_trip(velocity, track, false), bits, "{knots:?}");
    }
}

#[test]
fn what_transponders_send_on_the_ground_is_exact() {
    // Recorded: 13.5 kt, 1¼ kt, an eighth, and 58/128 and 2/128 of a turn, which are halves.
    for (velocity, track) in [(6.94, 163.12), (0.64, 5.62), (0.06, 28.12), (51.44, 357.19)] {
        let bits = [velocity, track].map(|value: f64| Some(value.to_bits()));
        assert_eq!(round_trip(Some(velocity), Some(track), true), bits, "{velocity} {track}");
    }
    assert_eq!(round_trip(Some(6.94), None, false), [Some(6.94_f64.to_bits()), None]);
    assert_eq!(round_trip(None, Some(90.0), false), [None, Some(90.0_f64.to_bits())]);
    assert_eq!(round_trip(None, None, false), [None, None]);
}

#[test]
fn other_pairs_are_at_most_half_a_step_off() {
    for step in 0..3_600 {
        let (velocity, track) = (f64::from(step % 341) + 0.3, f64::from(step) / 10.0 + 0.07);
        let near = |course: Course, velocity_most: f64, track_most: f64| {
            let (v, t) = course.in_si();
            let (v, t) = (v.expect("known") - velocity, (t.expect("known") - track).abs());
            assert!(v.abs() <= velocity_most, "{velocity} {track} {course:?}");
            if velocity < 2.0 && !matches!(course, Course::Polar { .. }) {
                return; // A short vector has few directions.
            }
            assert!(t.min(360.0 - t) <= track_most, "{velocity} {track} {course:?}");
        };
        let both = |on_ground| Course::of(&state(Some(velocity), Some(track), on_ground));
        near(both(true), 0.515 / 16.0 + 0.005, 2.8125 / 2.0 + 0.005);
        // Half the diagonal of a knot.
        let aside = (0.364_f64 / velocity).atan().to_degrees();
        near(both(false), 0.364 + 0.005, aside + 0.005);
    }
}

#[test]
fn hostile_values_are_bounded() {
    for velocity in [f64::NAN, f64::MAX, f64::MIN, f64::INFINITY, -0.0] {
        for track in [f64::NAN, f64::MAX, -1e9, 360.0, 359.999] {
            for on_ground in [true, false] {
                let course = Course::of(&state(Some(velocity), Some(track), on_ground));
                assert!(course.is_possible(on_ground), "{velocity} {track} {course:?}");
                let (velocity, track) = course.in_si();
                assert!((0.0..24_000.0).contains(&velocity.expect("known")));
                assert!((0.0..360.0).contains(&track.expect("known")));
            }
        }
    }
}

#[test]
fn a_course_is_possible_up_to_its_bounds() {
    let vector = |east, north| Course::Vector(Knots { east, north });
    let polar = |velocity, track| Course::Polar { velocity, track };
    let both = [Course::default(), polar(Some(u16::MAX), None), polar(None, Some(TURN - 1))];
    both.into_iter().for_each(|is| assert!(is.is_possible(true) && is.is_possible(false)));
    let air = [vector(i16::MAX, -i16::MAX), vector(0, 0)];
    air.into_iter().for_each(|is| assert!(is.is_possible(false) && !is.is_possible(true)));
    let ground = polar(Some(0), Some(0));
    assert!(ground.is_possible(true) && !ground.is_possible(false));
    for never in [vector(i16::MIN, 0), vector(0, i16::MIN), polar(None, Some(TURN))] {
        assert!(!never.is_possible(true) && !never.is_possible(false), "{never:?}");
    }
}
