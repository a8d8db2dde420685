//! A path over the globe: a great circle, bent a little to one side as routes are.

use super::airports::{EARTH_RADIUS, Vector, cross, dot};

/// The path from one place to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    from: Vector,
    /// Direction at the start, and the axis that the great circle turns about.
    tangent: Vector,
    axis: Vector,
    /// Metres along the great circle.
    pub(super) length: f64,
    /// The path's distance from the great circle halfway, metres.
    bow: f64,
}

/// An aircraft's place relative to a path, and its motion there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand {
    /// Metres along the path, and to the left of it.
    pub(super) along: f64,
    pub(super) aside: f64,
    /// How much each metre flown adds to `along` and to `aside`.
    pub(super) ahead: f64,
    pub(super) drift: f64,
}

impl Stand {
    /// On the path and along it.
    pub(super) fn on(along: f64) -> Self {
        Self { along, aside: 0.0, ahead: 1.0, drift: 0.0 }
    }
}

/// A point of a path, with its direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waypoint {
    pub(super) longitude: f64,
    pub(super) latitude: f64,
    /// Degrees clockwise from north, 0 to 360.
    pub(super) track: f64,
    /// Metres over the ground for each metre of the path.
    pub(super) stretch: f64,
}

impl Path {
    /// Returns the path between two places; `bow` is a fraction of its length, left positive.
    pub(super) fn new(from: Vector, to: Vector, bow: f64) -> Self {
        let normal = cross(from, to);
        let sine = dot(normal, normal).sqrt();
        let axis = normal.map(|part| part / sine);
        let length = sine.atan2(dot(from, to)) * EARTH_RADIUS;
        Self { from, tangent: cross(axis, from), axis, length, bow: bow * length }
    }

    /// Returns how far east it starts: 1 due east, −1 due west.
    pub(super) fn eastward(&self) -> f64 {
        dot(self.tangent, east(self.from))
    }

    /// Returns the point at this place.
    pub(super) fn at(&self, stand: Stand) -> Waypoint {
        let (sin, cos) = (stand.along / EARTH_RADIUS).sin_cos();
        let on_circle = combine(self.from, cos, self.tangent, sin);
        let along = combine(self.tangent, cos, self.from, -sin);
        let turn = std::f64::consts::PI / self.length;
        let (aside, slope) = (stand.along * turn).sin_cos();
        let (sin, cos) = ((self.bow * aside + stand.aside) / EARTH_RADIUS).sin_cos();
        let place = combine(on_circle, cos, self.axis, sin);
        let outward = combine(self.axis, cos, on_circle, -sin);
        let drift = self.bow * turn * slope * stand.ahead + stand.drift;
        let direction = combine(along, cos * stand.ahead, outward, drift);
        let east = east(place);
        let north = cross(place, east);
        let track = dot(direction, east).atan2(dot(direction, north)).to_degrees();
        Waypoint {
            longitude: place[1].atan2(place[0]).to_degrees(),
            latitude: place[2].clamp(-1.0, 1.0).asin().to_degrees(),
            track: track.rem_euclid(360.0),
            stretch: dot(direction, direction).sqrt(),
        }
    }
}

/// Returns the place `distance` metres away at this bearing, degrees clockwise from north.
pub(super) fn offset(place: Vector, bearing: f64, distance: f64) -> Vector {
    let east = east(place);
    let (sin, cos) = bearing.to_radians().sin_cos();
    let direction = combine(cross(place, east), cos, east, sin);
    let (sin, cos) = (distance / EARTH_RADIUS).sin_cos();
    combine(place, cos, direction, sin)
}

fn east(place: Vector) -> Vector {
    // No airport is at a pole, and a path that crosses one exactly has probability zero.
    let width = place[0].hypot(place[1]).max(f64::MIN_POSITIVE);
    [-place[1] / width, place[0] / width, 0.0]
}

fn combine(a: Vector, of_a: f64, b: Vector, of_b: f64) -> Vector {
    [a[0] * of_a + b[0] * of_b, a[1] * of_a + b[1] * of_b, a[2] * of_a + b[2] * of_b]
}
