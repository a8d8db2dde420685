//! The dead-band: which predictions clients keep although the snapshot differs a little.
//!
//! In scope: the motion of a row in the next live state, chosen so that few rows need bytes. As in
//! the dead reckoning of DIS (IEEE 1278) both ends predict, and only what differs by more than a
//! tolerance is sent. Out of scope: how a prediction is made (`airspace`), how a row is coded
//! (`wire`), which rows there are (`merge`).
//!
//! A received value always wins over a prediction, with two exceptions. An old position is
//! dead-reckoned at both ends, and the results differ by rounding. Between quick frames the whole
//! motion has a tolerance: small differences would be half of all bytes, and the next frame comes
//! soon.

use super::Report;
use crate::aircraft::{Knots, StateVector};
use crate::airspace::{Cell, Course, EIGHTHS, Motion, Phase, Prediction, Resolution, TURN};
use crate::wire::QUICK_SECONDS;

/// The motion of an aircraft in the next live state. `was` is its report in the snapshot of
/// `time` and `is` its state now; `exact` is the rounded motion of the latter.
pub(super) fn motion(
    prediction: &mut Prediction,
    exact: Motion,
    (was, time): (Report, i64),
    is: &StateVector,
) -> Motion {
    if prediction.seconds() < QUICK_SECONDS {
        return suppress(prediction, &exact);
    }
    if is_same_position(was, Report::of(is), time) && has_same_course(prediction.held(), &exact) {
        return Motion { cell: prediction.cell(), ..exact };
    }
    exact
}

/// Whether the position is unchanged, and was received by `time`. A position newer than its
/// snapshot is not dead-reckoned before its own time, so a prediction would differ.
fn is_same_position(was: Report, is: Report, time: i64) -> bool {
    was == is && is.time <= time
}

/// Whether an old position is dead-reckoned in the same way from both motions. If the age differs,
/// the row needs bytes anyway, and dead reckoning may have ended in between.
fn has_same_course(old: &Motion, new: &Motion) -> bool {
    let course = |motion: &Motion| (motion.age, motion.course);
    course(old) == course(new)
}

/// The motion that clients get between quick frames if the aircraft's `is` this one: the predicted
/// one if it is within the tolerance; otherwise one that costs few bytes and is within half of it.
fn suppress(prediction: &mut Prediction, is: &Motion) -> Motion {
    let (by, held) = (prediction.resolution(), *prediction.held());
    let predicted = Motion {
        cell: prediction.cell(),
        altitude: prediction.altitude(held.vertical_rate, is.age),
        age: is.age,
        ..held
    };
    let known = |motion: &Motion| {
        let Motion { cell, altitude, course, vertical_rate, on_ground, .. } = *motion;
        let known = [cell.is_some(), altitude.is_some(), vertical_rate.is_some(), on_ground];
        (known, course.known())
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
    if half.holds_course(predicted.course, is.course) {
        sent.course = predicted.course;
    }
    // The wire predicts altitude and place from these.
    let reckoned = Motion {
        altitude: prediction.altitude(sent.vertical_rate, sent.age),
        cell: prediction.point(sent.course).map(|point| Cell::of(point, by)),
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

/// How far the live state may be from the truth between quick frames.
struct Tolerance {
    metres: i64,
    /// The divisor of 200 ft, 10 kt, 10° and 1,024 ft/min.
    share: i64,
}

impl Tolerance {
    /// By the phase of the flight: high and level flights are seen from afar.
    fn of(motion: &Motion, by: Resolution) -> Self {
        let metres = match motion.phase(by) {
            Phase::Low => 100,
            Phase::Between => 250,
            Phase::Cruising => 500,
        };
        Self { metres, share: 1 }
    }

    fn holds(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        self.holds_altitude(a, b, by)
            && self.holds_course(a.course, b.course)
            && self.holds_rate(a, b, by)
            && self.holds_place(a, b, by)
    }

    fn holds_altitude(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        apart(a.altitude, b.altitude) * by.altitude_feet() * self.share <= 200
    }

    fn holds_course(&self, a: Course, b: Course) -> bool {
        match (a, b) {
            (Course::Vector(a), Course::Vector(b)) => {
                self.holds_length(a, b) && self.holds_angle(a, b)
            }
            (
                Course::Polar { velocity, track },
                Course::Polar { velocity: other_velocity, track: other_track },
            ) => {
                let eighths = apart(velocity.map(i32::from), other_velocity.map(i32::from));
                let parts = apart(track.map(i32::from), other_track.map(i32::from));
                let parts = parts.min(i64::from(TURN) - parts);
                eighths * self.share <= 10 * i64::from(EIGHTHS)
                    && parts * self.share * 360 <= 10 * i64::from(TURN)
            }
            _ => false,
        }
    }

    /// Whether the lengths of two vectors differ by at most 10 kt, or less by the share.
    fn holds_length(&self, a: Knots, b: Knots) -> bool {
        let most = i128::from(10 / self.share);
        let [a, b] = [a, b].map(|Knots { east, north }| {
            i128::from(east) * i128::from(east) + i128::from(north) * i128::from(north)
        });
        // |√a − √b| ≤ most, squared twice.
        let rest = a + b - most * most;
        rest <= 0 || rest * rest <= 4 * a * b
    }

    /// Whether two vectors are at most 10° apart, or less by the share.
    fn holds_angle(&self, a: Knots, b: Knots) -> bool {
        // tan 10° is 0.1763, and tan 5° is 0.0875.
        let tangent = if self.share == 1 { 1_763 } else { 875 };
        let [ax, ay, bx, by] = [a.east, a.north, b.east, b.north].map(i64::from);
        (ax * by - ay * bx).abs() * 10_000 <= (ax * bx + ay * by) * tangent
    }

    fn holds_rate(&self, a: &Motion, b: &Motion, by: Resolution) -> bool {
        apart(a.vertical_rate, b.vertical_rate) * by.vertical_rate_fpm() * self.share <= 1_024
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

/// How many steps apart two values are; 0 if both are unknown.
fn apart(a: Option<i32>, b: Option<i32>) -> i64 {
    (i64::from(a.unwrap_or(0)) - i64::from(b.unwrap_or(0))).abs()
}

#[cfg(test)]
mod tests;
