//! Dead reckoning, as PROTOCOL.md says, and the rotation of a residual onto the track.

use super::*;

fn vector(east: i16, north: i16) -> Course {
    Course::Vector(Knots { east, north })
}

#[test]
fn the_older_a_row_is_the_less_of_it_is_predicted() {
    let from = Cell::of(Point { longitude: 0, latitude: 0 }, Resolution::Fine);
    let row = |age| Motion {
        cell: Some(from),
        altitude: Some(400),
        course: vector(0, 480),
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
        let point = row(age).point_after(vector(70, 394), 60, Resolution::Fine);
        let cell = point.map(|point| Cell::of(point, Resolution::Fine));
        assert_eq!(cell != Some(from), moves, "age {age}");
    }
}

#[test]
fn a_minute_at_480_knots_northward_is_eight_miles() {
    let cell = Cell::of(Point { longitude: 0, latitude: 0 }, Resolution::Fine);
    let motion = Motion {
        cell: Some(cell),
        course: vector(0, 480),
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
    for by in [Resolution::Fine, Resolution::Display] {
        let (rows, last) = (Cell::rows_max(by) as i32, Cell::columns(0, by) as i32 - 1);
        let cell = |row, column| Motion { cell: Some(Cell { row, column }), ..Motion::default() };
        let altitude = |steps| Motion { altitude: Some(steps), ..Motion::default() };
        let rate = |steps| Motion { vertical_rate: Some(steps), ..Motion::default() };
        let age = |age| Motion { age, ..Motion::default() };
        let possible = [
            Motion::default(),
            altitude(1 << 20),
            altitude(-(1 << 20)),
            rate(1 << 20),
            rate(-(1 << 20)),
            Motion { course: vector(1, i16::MAX), ..Motion::default() },
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
            Motion { course: vector(1, 1), on_ground: true, ..Motion::default() },
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
    // 32,767 kt for an hour are 546°, but it goes no further than the pole.
    let by = Resolution::Fine;
    let from = Cell::of(Point { longitude: 0, latitude: 0 }, by);
    let fast = Motion { cell: Some(from), course: vector(0, i16::MAX), ..Motion::default() };
    for seconds in [3_600, i64::MAX] {
        let point = fast.point_after(vector(0, i16::MAX), seconds, by).expect("it has a place");
        assert_eq!(point.latitude, 90_000_000);
    }
}

#[test]
fn an_arc_is_flown_along_the_sum_of_its_vectors_and_the_ground_is_not_left() {
    let by = Resolution::Fine;
    let from = Cell::of(Point { longitude: 0, latitude: 0 }, by);
    let row = Motion { cell: Some(from), course: vector(0, 480), ..Motion::default() };
    let start = from.centre(by);
    let point = row.point_after(vector(480, 0), 60, by).expect("it has a place");
    // Half of eight miles either way: 66,667 microdegrees.
    assert_eq!((point.latitude - start.latitude, point.longitude - start.longitude).0, 66_667);
    assert!((point.longitude - start.longitude - 66_667).abs() <= 1, "{point:?}");
    let taxiing = Course::Polar { velocity: Some(160), track: Some(32) };
    let ground = Motion { course: taxiing, on_ground: true, ..row };
    assert_eq!(ground.point_after(taxiing, 60, by), Some(start));
    // It takes off: half of the way that it flies now.
    let point = ground.point_after(vector(0, 160), 60, by).expect("it has a place");
    assert_eq!(point.latitude - start.latitude, 22_222);
}
