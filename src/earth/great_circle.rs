//! Straight on: the great circle along a track.
//!
//! In scope: the point after a distance along the circle. The earth is a sphere here, which is at
//! most half a percent off. Out of scope: aircraft.

use super::Position;

/// The mean radius of the earth (IUGG), metres.
pub const EARTH_RADIUS_METRES: f64 = 6_371_008.8;

/// A great circle from a point in a direction, as two unit vectors at right angles.
///
/// The axes go through 0° east on the equator, 90° east on the equator, and the North Pole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GreatCircle {
    from: [f64; 3],
    ahead: [f64; 3],
}

impl GreatCircle {
    /// The circle through a point on a track, degrees clockwise from north.
    ///
    /// At a pole, where every direction is south or north, the track counts from the meridian of
    /// the point's longitude.
    pub fn new(from: Position, true_track: f64) -> Self {
        let (sin_longitude, cos_longitude) = from.longitude.to_radians().sin_cos();
        let (sin_latitude, cos_latitude) = from.latitude.to_radians().sin_cos();
        let (sin_track, cos_track) = true_track.to_radians().sin_cos();
        let north = [-sin_latitude * cos_longitude, -sin_latitude * sin_longitude, cos_latitude];
        let east = [-sin_longitude, cos_longitude, 0.0];
        Self {
            from: [cos_latitude * cos_longitude, cos_latitude * sin_longitude, sin_latitude],
            ahead: std::array::from_fn(|axis| north[axis] * cos_track + east[axis] * sin_track),
        }
    }

    /// The point after this distance, metres; negative is backwards.
    pub fn after(&self, metres: f64) -> Position {
        let (sin, cos) = (metres / EARTH_RADIUS_METRES).sin_cos();
        let [x, y, z] = std::array::from_fn(|axis| self.from[axis] * cos + self.ahead[axis] * sin);
        // Not asin: its result is coarse near the poles.
        Position { longitude: y.atan2(x).to_degrees(), latitude: z.atan2(x.hypot(y)).to_degrees() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: f64 = EARTH_RADIUS_METRES * std::f64::consts::FRAC_PI_2;

    fn check(from: (f64, f64), track: f64, metres: f64, expected: (f64, f64)) {
        let from = Position::new(from.0, from.1).expect("the test's own point");
        let is = GreatCircle::new(from, track).after(metres);
        let east = (is.longitude - expected.0 + 540.0).rem_euclid(360.0) - 180.0;
        assert!(east.abs() < 1e-9 && (is.latitude - expected.1).abs() < 1e-9, "{is:?}");
    }

    #[test]
    fn a_quarter_of_the_globe_ends_at_the_known_point() {
        check((0.0, 0.0), 90.0, QUARTER, (90.0, 0.0));
        check((170.0, 0.0), 90.0, QUARTER, (-100.0, 0.0));
        check((10.0, -45.0), 0.0, QUARTER, (10.0, 45.0));
        check((10.0, 45.0), 180.0, QUARTER, (10.0, -45.0));
        check((20.0, 60.0), 90.0, QUARTER, (110.0, 0.0));
        check((20.0, 60.0), 270.0, -QUARTER, (110.0, 0.0));
    }

    #[test]
    fn a_circle_over_the_pole_continues_down_the_opposite_meridian() {
        check((10.0, 89.0), 0.0, QUARTER / 45.0, (-170.0, 89.0));
        check((10.0, 90.0), 180.0, QUARTER / 90.0, (10.0, 89.0));
        check((10.0, -90.0), 0.0, QUARTER / 90.0, (10.0, -89.0));
    }
}
