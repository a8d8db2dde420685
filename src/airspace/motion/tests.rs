//! Dead reckoning, as PROTOCOL.md says, and the rotation of a residual onto the track.

use super::*;

#[test]
fn turning_back_undoes_a_turn_of_any_pair() {
    for track in 0..HALF_DEGREES {
        for x in [-100_000, -7, -1, 0, 1, 3, 12_345] {
            for y in [-99_999, -2, 0, 1, 5] {
                assert_eq!(turn_back(turn((x, y), track), track), (x, y), "{track}");
            }
        }
    }
}

#[test]
fn a_turn_puts_the_track_on_the_first_axis() {
    for track in 0..HALF_DEGREES {
        let radians = (track as f64 / 2.0).to_radians();
        let way = ((1e6 * radians.sin()) as i64, (1e6 * radians.cos()) as i64);
        let (along, cross) = turn(way, track);
        assert!((along - 1_000_000).abs() < 5, "{track} {along} {cross}");
        assert!(cross.abs() < 5, "{track} {along} {cross}");
    }
}

#[test]
fn the_older_a_row_is_the_less_of_it_is_predicted() {
    let from = Cell::of(Point { longitude: 0, latitude: 0 }, Resolution::Fine);
    let row = |age| Motion {
        cell: Some(from),
        altitude: Some(400),
        velocity: Some(480),
        track: Some(0),
        vertical_rate: Some(25),
        age,
        ..Motion::default()
    };
    for (age, climbs, moves) in
        [(0, true, true), (1, true, true), (2, false, true), (3, false, false)]
    {
        let after = row(age).after(60, Resolution::Fine);
        assert_eq!(after.altitude, Some(if climbs { 464 } else { 400 }), "age {age}");
        assert_eq!(after.cell != Some(from), moves, "age {age}");
        // The row's new age decides its altitude, and the old one its place.
        let altitude = row(0).altitude_after(Some(25), age, 60, Resolution::Fine);
        assert_eq!(altitude, after.altitude, "new age {age}");
        let point = row(age).point_after(Some(400), Some(10), 60, Resolution::Fine);
        let cell = point.map(|point| Cell::of(point, Resolution::Fine));
        assert_eq!(cell != Some(from), moves, "age {age}");
    }
}

#[test]
fn a_minute_at_480_knots_northward_is_eight_miles() {
    let cell = Cell::of(Point { longitude: 0, latitude: 0 }, Resolution::Fine);
    let motion = Motion {
        cell: Some(cell),
        velocity: Some(480),
        track: Some(0),
        altitude: Some(400),
        vertical_rate: Some(-25),
        ..Motion::default()
    };
    let after = motion.after(60, Resolution::Fine);
    let point = after.cell.expect("it has a place").centre(Resolution::Fine);
    assert!((point.latitude - 8_000_000 / 60).abs() <= 450, "{point:?}");
    assert_eq!(after.altitude, Some(400 - 64));
}

#[test]
fn a_motion_is_possible_up_to_the_bounds_of_the_protocol() {
    for (by, turn) in [(Resolution::Fine, 360), (Resolution::Display, 180)] {
        let (rows, last) = (Cell::rows_max(by) as i32, Cell::columns(0, by) as i32 - 1);
        let cell = |row, column| Motion { cell: Some(Cell { row, column }), ..Motion::default() };
        let altitude = |steps| Motion { altitude: Some(steps), ..Motion::default() };
        let rate = |steps| Motion { vertical_rate: Some(steps), ..Motion::default() };
        let velocity = |steps| Motion { velocity: Some(steps), ..Motion::default() };
        let track = |steps| Motion { track: Some(steps), ..Motion::default() };
        let age = |age| Motion { age, ..Motion::default() };
        let possible = [
            Motion::default(),
            altitude(1 << 20),
            altitude(-(1 << 20)),
            rate(1 << 20),
            rate(-(1 << 20)),
            velocity(0),
            velocity(1 << 16),
            track(0),
            track(turn - 1),
            cell(rows, 0),
            cell(-rows, 0),
            cell(0, last),
            age(3),
        ];
        let impossible = [
            altitude((1 << 20) + 1),
            altitude(-(1 << 20) - 1),
            rate((1 << 20) + 1),
            rate(-(1 << 20) - 1),
            velocity(-1),
            velocity((1 << 16) + 1),
            track(-1),
            track(turn),
            cell(rows + 1, 0),
            cell(-rows - 1, 0),
            cell(0, last + 1),
            cell(0, -1),
            age(4),
        ];
        possible.iter().for_each(|motion| assert!(motion.is_possible(by), "{motion:?}"));
        impossible.iter().for_each(|motion| assert!(!motion.is_possible(by), "{motion:?}"));
    }
}

#[test]
fn a_prediction_counts_an_hour_at_most_and_an_unknown_rate_as_none() {
    for (by, steps) in [(Resolution::Fine, 154), (Resolution::Display, 154)] {
        // 64 ft/min for an hour are 3,840 ft: 154 steps of 25 ft. Display: four times either.
        let row = Motion { altitude: Some(0), vertical_rate: Some(1), ..Motion::default() };
        let after = |row: &Motion, rate, seconds| row.altitude_after(rate, 0, seconds, by);
        assert_eq!(after(&row, Some(1), 3_600), Some(steps));
        assert_eq!(after(&row, Some(1), i64::MAX), Some(steps));
        assert_eq!(after(&row, None, 3_600), Some(steps / 2));
        let unknown = Motion { vertical_rate: None, ..row };
        assert_eq!(after(&unknown, Some(1), 3_600), Some(steps / 2));
        assert_eq!(after(&unknown, None, 3_600), Some(0));
        assert_eq!(unknown.altitude_after(None, 0, 60, by), Some(0));
    }
    // Two velocities add up to at most 20,000 kt: 10,000 NM in an hour, 10,000/60°.
    let by = Resolution::Fine;
    let from = Cell::of(Point { longitude: 0, latitude: -80_000_000 }, by);
    let fast =
        Motion { cell: Some(from), velocity: Some(1 << 16), track: Some(0), ..Motion::default() };
    for seconds in [3_600, i64::MAX] {
        let point = fast.point_after(Some(1 << 16), Some(0), seconds, by).expect("it has a place");
        let way = point.latitude - from.centre(by).latitude;
        assert!((way - 166_666_667).abs() < 1_000, "{way} microdegrees");
    }
}
