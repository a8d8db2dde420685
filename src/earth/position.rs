//! A point on the earth's surface.

/// A point in degrees on WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Degrees east of Greenwich, −180 to 180.
    pub longitude: f64,
    /// Degrees north of the equator, −90 to 90.
    pub latitude: f64,
}

impl Position {
    /// The point, or `None` where a coordinate is not a number or off the globe.
    ///
    /// Exact zeros are real places and are accepted.
    pub fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let on_globe = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        on_globe.then_some(Self { longitude, latitude })
    }
}
