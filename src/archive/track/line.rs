//! The pieces of a line through received positions.

use crate::aircraft::StateVector;
use crate::earth::Position;

/// After a longer time without a position, seconds, nobody knows the way between the two.
pub(super) const GAP_SECONDS_MAX: i64 = 600;

/// A received position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TrackPoint<'a> {
    /// Unix seconds.
    pub time: i64,
    pub position: Position,
    /// Above the ellipsoid, metres.
    pub altitude: Option<f64>,
    /// The state that it is from; where a line is cut, that of the position before.
    pub state: &'a StateVector,
}

/// Whether a piece ends between these two points.
pub(super) fn is_gap(before: &TrackPoint, after: &TrackPoint) -> bool {
    after.time - before.time > GAP_SECONDS_MAX
}

/// The points without gaps.
pub(super) fn pieces<'a, 'b>(
    points: &'b [TrackPoint<'a>],
) -> impl Iterator<Item = &'b [TrackPoint<'a>]> {
    points.chunk_by(|before, after| !is_gap(before, after))
}

/// The piece, cut where it crosses the antimeridian (RFC 7946, section 3.1.9): one part ends at one
/// side of it, and the next one begins at the other.
pub(super) fn cut_at_antimeridian<'a>(piece: &[TrackPoint<'a>]) -> Vec<Vec<TrackPoint<'a>>> {
    let mut parts = vec![Vec::new()];
    for (place, point) in piece.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| piece[place]);
        if let Some((leaves, enters)) = before.and_then(|before| crossing(before, *point)) {
            parts.last_mut().expect("there is one").push(leaves);
            parts.push(vec![enters]);
        }
        parts.last_mut().expect("there is one").push(*point);
    }
    for part in &mut parts {
        // A position on the antimeridian is where the line is cut.
        part.dedup_by_key(|point| (point.position.longitude, point.position.latitude, point.time));
    }
    parts
}

/// Where the shorter way between two points crosses the antimeridian, on both of its sides.
fn crossing<'a>(
    from: TrackPoint<'a>,
    to: TrackPoint<'a>,
) -> Option<(TrackPoint<'a>, TrackPoint<'a>)> {
    let east = to.position.longitude - from.position.longitude;
    if east.abs() <= 180.0 {
        return None;
    }
    // From 170 to -170 are 20 degrees to the east, 10 of them to the antimeridian.
    let side = 180_f64.copysign(from.position.longitude);
    let share = (side - from.position.longitude) / (east + 2.0 * side);
    let between = |from: f64, to: f64| from + (to - from) * share;
    let at = |longitude| {
        let latitude = between(from.position.latitude, to.position.latitude);
        let altitude = from.altitude.zip(to.altitude).map(|(from, to)| between(from, to));
        let position = Position::new(longitude, latitude).expect("between two positions");
        let time = between(from.time as f64, to.time as f64).round() as i64;
        TrackPoint { time, position, altitude, state: from.state }
    };
    Some((at(side), at(-side)))
}
