//! Whether a change is worth telling.

use crate::airspace::{LiveAircraft, LiveSky, Motion, Resolution, Snapshot};

/// Below this cadence, seconds, small differences are not told: they would be half of all bytes,
/// and the next frame comes soon.
const DEAD_BAND_SECONDS: i64 = 15;

/// Judges an aircraft as clients foresee it beside the one that it is.
///
/// Told is what the source says anew and clients could not foresee. An old position that is
/// reckoned on, here and there, may differ by a rounding and is no news.
pub(super) fn judge(
    live: &LiveSky,
    before: &Snapshot,
    after: &Snapshot,
) -> impl Fn(&LiveAircraft, &LiveAircraft) -> bool {
    let is_fast = after.time - live.time < DEAD_BAND_SECONDS;
    let by = live.resolution;
    move |foreseen, is| {
        if foreseen == is {
            return true;
        }
        if foreseen.identity != is.identity || foreseen.motion.age != is.motion.age {
            return false;
        }
        if is_fast {
            return is_near(&foreseen.motion, &is.motion, by);
        }
        let old = before.get(is.icao24).map(|state| (state.time_position, state.velocity));
        let new = after.get(is.icao24).map(|state| (state.time_position, state.velocity));
        old.is_some_and(|(time, _)| time.is_some()) && old == new && is_same_course(foreseen, is)
    }
}

fn is_same_course(foreseen: &LiveAircraft, is: &LiveAircraft) -> bool {
    let course =
        |motion: &Motion| (motion.velocity, motion.track, motion.vertical_rate, motion.on_ground);
    course(&foreseen.motion) == course(&is.motion)
        && foreseen.motion.altitude.is_some() == is.motion.altitude.is_some()
}

/// Whether what is foreseen is near enough: 100 m for the low and slow, 250 m for who climbs or
/// descends, 500 m in cruise, and 200 ft, 10 kt, 10°.
fn is_near(foreseen: &Motion, is: &Motion, by: Resolution) -> bool {
    let feet = is.altitude.map_or(0, |steps| i64::from(steps) * by.altitude_feet());
    let rate = is.vertical_rate.map_or(0, |steps| i64::from(steps) * by.vertical_rate_fpm());
    let metres = match feet {
        ..10_000 => 100,
        24_000.. if rate.abs() <= 320 => 500,
        _ => 250,
    };
    // A cell is 50 m or 100 m.
    let cells = metres * 450 / (50 * by.position_microdegrees());
    let within = |a: Option<i32>, b: Option<i32>, step: i64, most: i64| match (a, b) {
        (Some(a), Some(b)) => (i64::from(a) - i64::from(b)).abs() * step <= most,
        (a, b) => a == b,
    };
    let turned = |a: Option<i32>, b: Option<i32>| match (a, b) {
        (Some(a), Some(b)) => {
            let degrees = i64::from(a - b) * by.track_degrees();
            (degrees + 180).rem_euclid(360) - 180
        }
        (a, b) => 360 * i64::from(a != b),
    };
    let near = match (foreseen.cell, is.cell) {
        (Some(a), Some(b)) => {
            let north = i64::from(a.row) - i64::from(b.row);
            let east =
                crate::airspace::Cell::column_in(a.centre(by), b.row, by) - i64::from(b.column);
            north * north + east * east <= cells * cells
        }
        (a, b) => a == b,
    };
    near && foreseen.on_ground == is.on_ground
        && within(foreseen.altitude, is.altitude, by.altitude_feet(), 200)
        && within(foreseen.velocity, is.velocity, by.velocity_knots(), 10)
        && within(foreseen.vertical_rate, is.vertical_rate, by.vertical_rate_fpm(), 1_024)
        && turned(foreseen.track, is.track).abs() <= 10
}
