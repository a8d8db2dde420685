//! Each tolerance at its bound, and which predictions are kept.

use super::*;
use crate::aircraft::Icao24;
use crate::airspace::{LiveState, Snapshot};
use crate::earth::Position;
use crate::hub::merge;

const FINE: Resolution = Resolution::Fine;
const DISPLAY: Resolution = Resolution::Display;

fn suppress(old: &Motion, is: &Motion, seconds: i64, by: Resolution) -> Motion {
    super::suppress(&mut Prediction::new(old, seconds, by), is)
}

fn vector(east: i16, north: i16) -> Course {
    Course::Vector(Knots { east, north })
}

/// Over the equator, where rows have equal columns. After 0 s its prediction is itself.
fn hovering(feet: i64, by: Resolution) -> Motion {
    Motion {
        cell: Some(Cell { row: 0, column: 1_000 }),
        altitude: Some((feet / by.altitude_feet()) as i32),
        course: vector(0, 0),
        vertical_rate: Some(0),
        ..Motion::default()
    }
}

type Change = fn(&mut Motion, i32);

const ALTITUDE: Change = |motion, by| motion.altitude = motion.altitude.map(|it| it + by);
/// Flies as many knots north.
const VELOCITY: Change = |motion, by| motion.course = vector(0, by as i16);
const RATE: Change = |motion, by| motion.vertical_rate = motion.vertical_rate.map(|it| it + by);
const NORTH: Change = |motion, by| motion.cell.as_mut().expect("it has one").row += by;
const EAST: Change = |motion, by| motion.cell.as_mut().expect("it has one").column += by;

fn changed(mut motion: Motion, changes: &[(Change, i32)]) -> Motion {
    changes.iter().for_each(|(change, by)| change(&mut motion, *by));
    motion
}

/// Checks that a prediction is kept if it is `most` steps off, and not if it is one more.
fn check_most(base: Motion, change: Change, most: i32, by: Resolution) {
    for sign in [1, -1] {
        let near = changed(base, &[(change, sign * most)]);
        assert_eq!(suppress(&base, &near, 0, by), base, "{near:?}");
        assert_eq!(suppress(&near, &base, 0, by), near, "{near:?}");
        let far = changed(base, &[(change, sign * (most + 1))]);
        assert_eq!(suppress(&base, &far, 0, by), far, "{far:?}");
    }
}

fn flying(number: u32) -> StateVector {
    StateVector {
        icao24: Icao24::new(number).expect("below 2^24"),
        callsign: None,
        origin_country: None,
        time_position: Some(1_000),
        last_contact: 1_000,
        position: Position::new(8.0, 50.0),
        baro_altitude: Some(3_000.0),
        on_ground: false,
        velocity: Some(100.0),
        true_track: Some(45.0),
        vertical_rate: Some(5.0),
        geo_altitude: None,
        squawk: None,
        spi: false,
        position_source: None,
        category: None,
        current_country: None,
    }
}

/// Whether clients keep the prediction of each row's place, given the states 16 s later.
///
/// Their places are two cells off, so that a kept prediction differs from the exact place.
fn keeps(before: Vec<StateVector>, after: Vec<StateVector>) -> Vec<bool> {
    let (before, after) = (Snapshot::new(1_000, before), Snapshot::new(1_016, after));
    let mut live = LiveState::of(&before, FINE);
    for row in &mut live.aircraft {
        NORTH(&mut row.motion, 2);
    }
    let exact = LiveState::of(&after, FINE);
    let mut next = live.clone();
    let amended = merge(&mut next, Report::all(&before), &after).amended;
    let differs = |&place: &u32| next.aircraft[place as usize] != exact.aircraft[place as usize];
    assert_eq!(amended, (0..next.aircraft.len() as u32).filter(differs).collect::<Vec<_>>());
    let rows = next.aircraft.iter().zip(&exact.aircraft);
    let keeps = rows.map(|(row, exact)| {
        let held = live.get(row.icao24).map(|held| held.motion.after(16, FINE).cell);
        let kept = Motion { cell: held.flatten(), ..exact.motion };
        assert!(row.motion == exact.motion || row.motion == kept, "{row:?} {exact:?}");
        row.motion.cell != exact.motion.cell
    });
    keeps.collect()
}

#[test]
fn only_the_prediction_of_an_old_position_is_kept() {
    let kept: [fn(&mut StateVector); 4] = [
        |_| {},
        |state| state.last_contact = 1_015,
        |state| state.baro_altitude = Some(3_100.0),
        |state| state.vertical_rate = Some(-5.0),
    ];
    let exact: [fn(&mut StateVector); 4] = [
        |state| state.time_position = Some(1_001),
        |state| state.position = Position::new(8.0, 50.1),
        |state| state.velocity = Some(110.0),
        |state| state.true_track = Some(46.0),
    ];
    let after = |change: fn(&mut StateVector)| {
        let mut state = flying(1);
        change(&mut state);
        keeps(vec![flying(1)], vec![state])
    };
    kept.into_iter().for_each(|change| assert_eq!(after(change), [true]));
    exact.into_iter().for_each(|change| assert_eq!(after(change), [false]));
    // Its age was 6 s and is 22 s; it is newer than the first snapshot; it has no time.
    let at = |time| StateVector { time_position: time, ..flying(1) };
    for (time, keep) in [(Some(994), false), (Some(1_001), false), (None, true)] {
        assert_eq!(keeps(vec![at(time)], vec![at(time)]), [keep], "{time:?}");
    }
}

#[test]
fn rows_are_compared_by_their_addresses() {
    let flying = |numbers: &[u32]| numbers.iter().copied().map(flying).collect::<Vec<_>>();
    let (before, after) = (flying(&[1, 2, 3, 6, 7, 9]), flying(&[0, 2, 4, 5, 6, 8, 9]));
    assert_eq!(keeps(before, after), [false, true, false, false, true, false, true]);
}

#[test]
fn a_prediction_is_kept_up_to_the_tolerance_and_not_a_step_further() {
    for (by, [altitude, rate]) in [(FINE, [8, 16]), (DISPLAY, [2, 4])] {
        check_most(hovering(30_000, by), ALTITUDE, altitude, by);
        check_most(hovering(30_000, by), RATE, rate, by);
    }
    let polar = |velocity, track| Course::Polar { velocity, track };
    for (held, is, kept) in [
        // 10 kt, also from a standstill.
        (vector(0, 0), vector(0, 10), true),
        (vector(0, 0), vector(0, 11), false),
        (vector(300, 400), vector(306, 408), true),
        (vector(300, 400), vector(307, 409), false),
        // 10°, on both sides of north.
        (vector(0, 400), vector(69, 394), true),
        (vector(0, 400), vector(71, 393), false),
        (vector(-34, 398), vector(34, 398), true),
        (vector(-36, 398), vector(36, 398), false),
        (vector(2, 0), vector(-2, 0), false),
        // 80 eighths of a knot, and 3 of 128 parts are 8.4°.
        (polar(Some(100), None), polar(Some(180), None), true),
        (polar(Some(100), None), polar(Some(181), None), false),
        (polar(None, Some(126)), polar(None, Some(1)), true),
        (polar(None, Some(126)), polar(None, Some(2)), false),
    ] {
        for by in [FINE, DISPLAY] {
            let [old, new] = [held, is].map(|course| Motion { course, ..hovering(30_000, by) });
            assert_eq!(
                suppress(&old, &new, 0, by),
                if kept { old } else { new },
                "{held:?} {is:?}"
            );
            assert_eq!(
                suppress(&new, &old, 0, by),
                if kept { new } else { old },
                "{is:?} {held:?}"
            );
        }
    }
}

#[test]
fn the_tolerance_of_a_position_depends_on_altitude_and_climb() {
    let cells = [(5_000, 2), (9_975, 2), (10_000, 5), (23_975, 5), (24_000, 10), (40_000, 10)];
    for (feet, most) in cells {
        check_most(hovering(feet, FINE), NORTH, most, FINE);
        check_most(hovering(feet, FINE), EAST, most, FINE);
    }
    for (feet, most) in [(5_000, 1), (10_000, 2), (30_000, 5)] {
        check_most(hovering(feet, DISPLAY), NORTH, most, DISPLAY);
    }
    let unknown = Motion { altitude: None, ..hovering(30_000, FINE) };
    check_most(unknown, NORTH, 2, FINE);
    // 320 ft/min is still level flight, and 384 ft/min is not.
    for rate in [-6, -5, 5, 6_i32] {
        let climbing = changed(hovering(30_000, FINE), &[(RATE, rate)]);
        // After a second its altitude is still the same step.
        for (north, kept) in [(5, true), (6, rate.abs() == 5), (11, false)] {
            let is = changed(climbing, &[(NORTH, north)]);
            let expected = if kept { climbing } else { is };
            assert_eq!(suppress(&climbing, &is, 1, FINE), expected, "{rate} {north}");
        }
    }
    // 10 cells away diagonally: 6² + 8² = 10².
    let base = hovering(30_000, FINE);
    let near = changed(base, &[(NORTH, 6), (EAST, 8)]);
    assert_eq!(suppress(&base, &near, 10, FINE), base);
    let far = changed(base, &[(NORTH, 7), (EAST, 8)]);
    assert_eq!(suppress(&base, &far, 10, FINE), far);
}

#[test]
fn with_one_value_too_far_off_the_others_are_kept_within_half_the_tolerance() {
    let base = hovering(30_000, FINE);
    let too_far = [(ALTITUDE, 9), (VELOCITY, 11), (NORTH, 11)];
    let halves = [(ALTITUDE, 4), (VELOCITY, 5), (NORTH, 5), (RATE, 8)];
    for (cause, &(change, by)) in too_far.iter().enumerate() {
        for (index, &(half, most)) in halves.iter().enumerate().filter(|(it, _)| *it != cause) {
            for (off, kept) in [(most, true), (most + 1, false)] {
                let is = changed(base, &[(change, by), (half, off)]);
                let expected = if kept { changed(base, &[(change, by)]) } else { is };
                let sent = suppress(&base, &is, 0, FINE);
                assert_eq!(sent, expected, "{index} is {off} off, {cause} too far");
            }
        }
    }
}

#[test]
fn position_and_altitude_are_predicted_from_the_course_that_is_sent() {
    let by = FINE;
    let old = Motion { course: vector(0, 480), vertical_rate: Some(10), ..hovering(30_000, by) };
    let course = Motion { course: vector(225, 390), vertical_rate: Some(40), ..old };
    let point = old.point_after(course.course, 14, by);
    let sent = Motion {
        cell: point.map(|point| Cell::of(point, by)),
        altitude: old.altitude_after(course.vertical_rate, 0, 14, by),
        ..course
    };
    assert_ne!((sent.cell, sent.altitude), (old.cell, old.altitude));
    // A little off, but within the tolerance of the prediction from that course only.
    let is = changed(sent, &[(NORTH, 1), (EAST, -1), (ALTITUDE, 3)]);
    assert_eq!(suppress(&old, &is, 14, by), sent);
}

#[test]
fn the_altitude_of_an_old_row_is_not_predicted() {
    let old = changed(hovering(5_000, FINE), &[(RATE, 32)]);
    for (age, altitude) in [(0, 200 + 14), (1, 200 + 14), (2, 200), (3, 200)] {
        let is = Motion { age, altitude: Some(203), ..old };
        let sent = suppress(&old, &is, 10, FINE);
        // 32 steps of 64 ft/min for 10 s are 14 steps of 25 ft: too far off.
        let expected = if altitude == 200 { Some(200) } else { is.altitude };
        assert_eq!(sent.altitude, expected, "age {age}");
    }
}

#[test]
fn a_row_that_gains_or_loses_a_field_is_exact() {
    let base = hovering(30_000, FINE);
    let less: [fn(&mut Motion); 5] = [
        |motion| motion.cell = None,
        |motion| motion.altitude = None,
        |motion| motion.course = Course::Polar { velocity: None, track: Some(0) },
        |motion| motion.vertical_rate = None,
        |motion| {
            motion.on_ground = true;
            motion.course = Course::Polar { velocity: Some(0), track: Some(0) };
        },
    ];
    for forget in less {
        let mut other = changed(base, &[(VELOCITY, 1), (RATE, 1), (ALTITUDE, 1), (NORTH, 1)]);
        forget(&mut other);
        assert_eq!(suppress(&base, &other, 10, FINE), other);
        assert_eq!(suppress(&other, &base, 10, FINE), base);
    }
}
