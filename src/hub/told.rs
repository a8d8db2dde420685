//! What clients are told of a sky: not what they foresee nearly enough.

use crate::aircraft::StateVector;
use crate::airspace::{Cell, LiveSky, Motion, Resolution, Snapshot};
use crate::wire::QUICK_SECONDS;

/// The sky that clients shall hold after the one they hold, `live`, which stands for `before`;
/// `rounded` stands for `after`.
///
/// An aircraft whose news they could have foreseen is as they foresee it. An old position that is
/// reckoned on, here and there, may differ by a rounding and is no news. Between quick frames small
/// differences are none either: they would be half of all bytes, and the next frame comes soon.
pub fn told(live: &LiveSky, before: &Snapshot, after: &Snapshot, rounded: LiveSky) -> LiveSky {
    let seconds = after.time - live.time;
    let by = live.resolution;
    let mut sky = rounded;
    let (mut held, mut was) = (live.aircraft.iter(), before.aircraft().iter());
    let (mut next_held, mut next_was) = (held.next(), was.next());
    for (row, is) in sky.aircraft.iter_mut().zip(after.aircraft()) {
        while next_held.is_some_and(|held| held.icao24 < row.icao24) {
            next_held = held.next();
        }
        while next_was.is_some_and(|was| was.icao24 < row.icao24) {
            next_was = was.next();
        }
        let Some(held) = next_held.filter(|held| held.icao24 == row.icao24) else { continue };
        let was = next_was.filter(|was| was.icao24 == row.icao24);
        let foreseen = || Motion { age: row.motion.age, ..held.motion.after(seconds, by) };
        if seconds < QUICK_SECONDS {
            row.motion = nearly(&held.motion, &foreseen(), &row.motion, seconds, by);
        } else if is_as_old(was, is)
            && row.motion.age == held.motion.age
            && row.motion.is_same_course(&held.motion)
            && row.motion.altitude.is_some() == held.motion.altitude.is_some()
            && row.identity == held.identity
        {
            row.motion = foreseen();
        }
    }
    sky
}

/// Whether the source has said nothing new of where the aircraft is and how fast.
fn is_as_old(was: Option<&StateVector>, is: &StateVector) -> bool {
    was.is_some_and(|was| {
        was.time_position.is_some()
            && (was.time_position, was.velocity) == (is.time_position, is.velocity)
    })
}

/// The motion that is told where it `is` one: the foreseen one where that is near enough, and
/// otherwise one that costs few bytes and is at most half as far off.
fn nearly(old: &Motion, foreseen: &Motion, is: &Motion, seconds: i64, by: Resolution) -> Motion {
    let known = |motion: &Motion| {
        let Motion { cell, altitude, velocity, track, vertical_rate, .. } = *motion;
        let course = [altitude, velocity, track, vertical_rate].map(|value| value.is_some());
        (cell.is_some(), course, motion.on_ground)
    };
    if known(foreseen) != known(is) {
        return *is;
    }
    let most = Tolerance::of(is, by);
    if most.holds(foreseen, is, by) {
        return *foreseen;
    }
    let half = Tolerance { metres: most.metres / 2, share: 2 };
    // What the client then foresees, field by field as the wire does.
    let mut told = *is;
    if half.holds_rate(foreseen, is, by) {
        told.vertical_rate = foreseen.vertical_rate;
    }
    if half.holds_track(foreseen, is, by) {
        told.track = foreseen.track;
    }
    if half.holds_velocity(foreseen, is, by) {
        told.velocity = foreseen.velocity;
    }
    let reckoned = Motion {
        altitude: old.altitude_after(told.vertical_rate, seconds, by),
        cell: old
            .point_after(told.velocity, told.track, seconds, by)
            .map(|point| Cell::of(point, by)),
        ..told
    };
    if half.holds_altitude(&reckoned, is, by) {
        told.altitude = reckoned.altitude;
    }
    if half.holds_place(&reckoned, is, by) {
        told.cell = reckoned.cell;
    }
    told
}

/// How far from the truth a client may be between quick frames.
struct Tolerance {
    metres: i64,
    /// The part of 200 ft, 10 kt, 10° and 1,024 ft/min.
    share: i64,
}

impl Tolerance {
    /// 100 m for the low and slow, 250 m for who climbs or descends, 500 m in cruise.
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
