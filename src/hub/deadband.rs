//! The dead-band: which predictions clients keep although the snapshot says a little otherwise.
//!
//! In scope: the live state that follows another one, so that few rows of it need bytes. As in the
//! dead reckoning of DIS (IEEE 1278) both ends predict, and only what differs by more than a
//! tolerance is sent. Out of scope: how a prediction is made (`airspace`), how a row is coded
//! (`wire`).
//!
//! A value as received always wins over a prediction, but for two cases. An old position is
//! reckoned on at both ends, which differ by roundings. Between quick frames all of a motion has a
//! tolerance: small differences would be half of all bytes, and the next frame comes soon.

use crate::aircraft::StateVector;
use crate::airspace::{Cell, LiveSky, Motion, Resolution, Snapshot};
use crate::wire::QUICK_SECONDS;

/// The live state that clients shall hold after `live`, which has a row for each of `before`;
/// `rounded` has one for each of `after`, exactly as the source says.
pub fn next_live(live: &LiveSky, before: &Snapshot, after: &Snapshot, rounded: LiveSky) -> LiveSky {
    let seconds = after.time - live.time;
    let by = live.resolution;
    let mut next = rounded;
    let mut old = live.aircraft.iter().zip(before.aircraft()).peekable();
    for (row, is) in next.aircraft.iter_mut().zip(after.aircraft()) {
        while old.next_if(|(held, _)| held.icao24 < row.icao24).is_some() {}
        let same = old.next_if(|(held, _)| held.icao24 == row.icao24);
        let Some((held, was)) = same else { continue };
        let held = &held.motion;
        if seconds < QUICK_SECONDS {
            row.motion = nearly(held, &row.motion, seconds, by);
        } else if is_same_position(was, is, before.time) && is_reckoned_alike(held, &row.motion) {
            row.motion.cell = held.after(seconds, by).cell;
        }
    }
    next
}

/// Whether the position is the one of before, and was received by `time`: one that is ahead of its
/// snapshot is not reckoned on until then, and a prediction would leave it behind.
fn is_same_position(was: &StateVector, is: &StateVector, time: i64) -> bool {
    let at = |state: &StateVector| state.time_position.unwrap_or(state.last_contact);
    was.position == is.position && at(was) == at(is) && at(is) <= time
}

/// Whether an old position is reckoned on from both in the same way. Where the age differs the row
/// needs bytes anyway, and reckoning may have ended in between.
fn is_reckoned_alike(old: &Motion, new: &Motion) -> bool {
    let course = |motion: &Motion| (motion.age, motion.velocity, motion.track);
    course(old) == course(new)
}

/// The motion that clients get between quick frames where it `is` this one: the predicted one where
/// that is near enough, and otherwise one that costs few bytes and is at most half as far off.
fn nearly(old: &Motion, is: &Motion, seconds: i64, by: Resolution) -> Motion {
    let predicted = Motion {
        age: is.age,
        altitude: old.altitude_after(old.vertical_rate, is.age, seconds, by),
        ..old.after(seconds, by)
    };
    let known = |motion: &Motion| {
        let Motion { cell, altitude, velocity, track, vertical_rate, .. } = *motion;
        let course = [altitude, velocity, track, vertical_rate].map(|value| value.is_some());
        (cell.is_some(), course, motion.on_ground)
    };
    if known(&predicted) != known(is) {
        return *is;
    }
    let most = Tolerance::of(is, by);
    if most.holds(&predicted, is, by) {
        return predicted;
    }
    let half = Tolerance { metres: most.metres / 2, share: 2 };
    let mut sent = *is;
    if half.holds_rate(&predicted, is, by) {
        sent.vertical_rate = predicted.vertical_rate;
    }
    if half.holds_track(&predicted, is, by) {
        sent.track = predicted.track;
    }
    if half.holds_velocity(&predicted, is, by) {
        sent.velocity = predicted.velocity;
    }
    // What the wire predicts from these.
    let reckoned = Motion {
        altitude: old.altitude_after(sent.vertical_rate, sent.age, seconds, by),
        cell: old
            .point_after(sent.velocity, sent.track, seconds, by)
            .map(|point| Cell::of(point, by)),
        ..sent
    };
    if half.holds_altitude(&reckoned, is, by) {
        sent.altitude = reckoned.altitude;
    }
    if half.holds_place(&reckoned, is, by) {
        sent.cell = reckoned.cell;
    }
    sent
}

/// How far from the truth a client may be between quick frames.
struct Tolerance {
    metres: i64,
    /// The part of 200 ft, 10 kt, 10° and 1,024 ft/min.
    share: i64,
}

impl Tolerance {
    /// 100 m below 10,000 ft, 500 m in level flight from 24,000 ft on, 250 m otherwise.
    fn of(motion: &Motion, by: Resolution) -> Self {
        let feet = motion.altitude.map_or(0, |steps| i64::from(steps) * by.altitude_feet());
        let rate = motion.vertical_rate.map_or(0, |it| i64::from(it) * by.vertical_rate_fpm());
        let metres = match feet {
            ..10_000 => 100,
            24_000.. if rate.abs() <= 320 => 500,
            _ => 250,
        };
        Self { metres, share: 1 }
    }

    fn holds(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        self.holds_altitude(a, b, by)
            && self.holds_velocity(a, b, by)
            && self.holds_track(a, b, by)
            && self.holds_rate(a, b, by)
            && self.holds_place(a, b, by)
    }

    fn holds_altitude(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        apart(a.altitude, b.altitude) * by.altitude_feet() * self.share <= 200
    }

    fn holds_velocity(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        apart(a.velocity, b.velocity) * by.velocity_knots() * self.share <= 10
    }

    fn holds_rate(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        apart(a.vertical_rate, b.vertical_rate) * by.vertical_rate_fpm() * self.share <= 1_024
    }

    fn holds_track(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        let degrees = apart(a.track, b.track) * by.track_degrees();
        degrees.min(360 - degrees) * self.share <= 10
    }

    fn holds_place(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        let (Some(a), Some(b)) = (a.cell, b.cell) else { return true };
        // A cell is 50 m or 100 m.
        let cells = self.metres * 450 / (50 * by.position_microdegrees());
        let north = i64::from(a.row) - i64::from(b.row);
        let east = Cell::column_in(a.centre(by), b.row, by) - i64::from(b.column);
        north * north + east * east <= cells * cells
    }
}

/// How many steps apart two values are; nothing is not apart from nothing.
fn apart(a: Option<i32>, b: Option<i32>) -> i64 {
    (i64::from(a.unwrap_or(0)) - i64::from(b.unwrap_or(0))).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: Resolution = Resolution::Fine;
    const DISPLAY: Resolution = Resolution::Display;

    /// Over the equator, where rows have equal columns. Within no time its prediction is itself.
    fn hovering(feet: i64, by: Resolution) -> Motion {
        Motion {
            cell: Some(Cell { row: 0, column: 1_000 }),
            altitude: Some((feet / by.altitude_feet()) as i32),
            velocity: Some(0),
            track: Some(0),
            vertical_rate: Some(0),
            ..Motion::default()
        }
    }

    type Change = fn(&mut Motion, i32);

    const ALTITUDE: Change = |motion, by| motion.altitude = motion.altitude.map(|it| it + by);
    const VELOCITY: Change = |motion, by| motion.velocity = motion.velocity.map(|it| it + by);
    const TRACK: Change = |motion, by| motion.track = motion.track.map(|it| it + by);
    const RATE: Change = |motion, by| motion.vertical_rate = motion.vertical_rate.map(|it| it + by);
    const NORTH: Change = |motion, by| motion.cell.as_mut().expect("it has one").row += by;
    const EAST: Change = |motion, by| motion.cell.as_mut().expect("it has one").column += by;

    fn changed(mut motion: Motion, changes: &[(Change, i32)]) -> Motion {
        changes.iter().for_each(|(change, by)| change(&mut motion, *by));
        motion
    }

    /// That a prediction is kept although it is so far off, and not if it is a step further.
    fn check_most(base: Motion, change: Change, most: i32, by: Resolution) {
        for sign in [1, -1] {
            let near = changed(base, &[(change, sign * most)]);
            assert_eq!(nearly(&base, &near, 0, by), base, "{near:?}");
            assert_eq!(nearly(&near, &base, 0, by), near, "{near:?}");
            let far = changed(base, &[(change, sign * (most + 1))]);
            assert_eq!(nearly(&base, &far, 0, by), far, "{far:?}");
        }
    }

    #[test]
    fn a_prediction_is_kept_up_to_the_tolerance_and_not_a_step_further() {
        // On the middle of the scale, so that tracks and velocities can be less, too.
        let base = |feet, by| changed(hovering(feet, by), &[(TRACK, 90)]);
        for (by, [altitude, track, rate]) in [(FINE, [8, 10, 16]), (DISPLAY, [2, 5, 4])] {
            check_most(base(30_000, by), ALTITUDE, altitude, by);
            check_most(base(30_000, by), TRACK, track, by);
            check_most(base(30_000, by), RATE, rate, by);
        }
        for (by, knots) in [(FINE, 10), (DISPLAY, 5)] {
            let old = hovering(30_000, by);
            for (velocity, kept) in [(knots, true), (knots + 1, false)] {
                let new = changed(old, &[(VELOCITY, velocity)]);
                assert_eq!(nearly(&old, &new, 1, by), if kept { old } else { new });
            }
        }
    }

    #[test]
    fn how_far_off_a_place_may_be_depends_on_height_and_climb() {
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
        // 320 ft/min is level flight still, and 384 ft/min is not.
        for rate in [-6, -5, 5, 6_i32] {
            let climbing = changed(hovering(30_000, FINE), &[(RATE, rate)]);
            // The height that it climbs to within a second is the same step.
            for (north, kept) in [(5, true), (6, rate.abs() == 5), (11, false)] {
                let is = changed(climbing, &[(NORTH, north)]);
                let expected = if kept { climbing } else { is };
                assert_eq!(nearly(&climbing, &is, 1, FINE), expected, "{rate} {north}");
            }
        }
        // As far as 10 cells, but aside: 6² + 8² = 10².
        let base = hovering(30_000, FINE);
        let near = changed(base, &[(NORTH, 6), (EAST, 8)]);
        assert_eq!(nearly(&base, &near, 10, FINE), base);
        let far = changed(base, &[(NORTH, 7), (EAST, 8)]);
        assert_eq!(nearly(&base, &far, 10, FINE), far);
    }

    #[test]
    fn tracks_on_both_sides_of_north_are_near_each_other() {
        let old = changed(hovering(30_000, FINE), &[(TRACK, 355)]);
        for (track, kept) in [(5, true), (6, false)] {
            let is = Motion { track: Some(track), ..old };
            assert_eq!(nearly(&old, &is, 10, FINE), if kept { old } else { is });
        }
    }

    #[test]
    fn with_one_value_too_far_off_the_others_are_kept_within_half_the_tolerance() {
        let base = changed(hovering(30_000, FINE), &[(TRACK, 90)]);
        let too_far = [(ALTITUDE, 9), (TRACK, 11), (NORTH, 11), (VELOCITY, 11)];
        let halves = [(ALTITUDE, 4), (TRACK, 5), (NORTH, 5), (VELOCITY, 5), (RATE, 8)];
        for (cause, &(change, by)) in too_far.iter().enumerate() {
            for (index, &(half, most)) in halves.iter().enumerate().filter(|(it, _)| *it != cause) {
                for (off, kept) in [(most, true), (most + 1, false)] {
                    let is = changed(base, &[(change, by), (half, off)]);
                    let expected = if kept { changed(base, &[(change, by)]) } else { is };
                    let sent = nearly(&base, &is, 0, FINE);
                    assert_eq!(sent, expected, "{index} is {off} off, {cause} too far");
                }
            }
        }
    }

    #[test]
    fn place_and_height_are_predicted_from_the_course_that_is_sent() {
        let by = FINE;
        let old = Motion {
            velocity: Some(480),
            track: Some(0),
            vertical_rate: Some(10),
            ..hovering(30_000, by)
        };
        let course =
            Motion { velocity: Some(450), track: Some(30), vertical_rate: Some(40), ..old };
        let point = old.point_after(course.velocity, course.track, 14, by);
        let sent = Motion {
            cell: point.map(|point| Cell::of(point, by)),
            altitude: old.altitude_after(course.vertical_rate, 0, 14, by),
            ..course
        };
        assert_ne!((sent.cell, sent.altitude), (old.cell, old.altitude));
        // A little off, whence it is as predicted from that course, and from no other.
        let is = changed(sent, &[(NORTH, 1), (EAST, -1), (ALTITUDE, 3)]);
        assert_eq!(nearly(&old, &is, 14, by), sent);
    }

    #[test]
    fn an_old_height_is_not_predicted_whichever_age_the_row_had() {
        let old = changed(hovering(5_000, FINE), &[(RATE, 32)]);
        for (age, altitude) in [(0, 200 + 14), (1, 200 + 14), (2, 200), (3, 200)] {
            let is = Motion { age, altitude: Some(203), ..old };
            let sent = nearly(&old, &is, 10, FINE);
            // 32 steps of 64 ft/min for 10 s are 14 steps of 25 ft: too far off.
            let expected = if altitude == 200 { Some(200) } else { is.altitude };
            assert_eq!(sent.altitude, expected, "age {age}");
        }
    }

    #[test]
    fn a_row_that_knows_more_or_less_than_the_one_before_is_exact() {
        let base = hovering(30_000, FINE);
        let less: [fn(&mut Motion); 6] = [
            |motion| motion.cell = None,
            |motion| motion.altitude = None,
            |motion| motion.velocity = None,
            |motion| motion.track = None,
            |motion| motion.vertical_rate = None,
            |motion| motion.on_ground = true,
        ];
        for forget in less {
            let mut other = changed(base, &[(TRACK, 1), (RATE, 1), (ALTITUDE, 1), (NORTH, 1)]);
            forget(&mut other);
            assert_eq!(nearly(&base, &other, 10, FINE), other);
            assert_eq!(nearly(&other, &base, 10, FINE), base);
        }
    }
}
