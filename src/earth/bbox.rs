//! Bounding boxes, in the order west, south, east, north.

use std::fmt;
use std::str::FromStr;

use super::Position;

/// A box on the globe; `west > east` means that it crosses the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    /// Western edge, degrees.
    pub west: f64,
    /// Southern edge, degrees.
    pub south: f64,
    /// Eastern edge, degrees.
    pub east: f64,
    /// Northern edge, degrees.
    pub north: f64,
}

impl Bbox {
    /// The whole globe.
    pub const WORLD: Self = Self { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };

    /// Whether the point lies in the box, all four edges included.
    ///
    /// −180 and 180 are the same meridian, so a box that touches it contains both spellings.
    pub fn contains(&self, point: Position) -> bool {
        let within = |longitude: f64| {
            if self.west <= self.east {
                (self.west..=self.east).contains(&longitude)
            } else {
                longitude >= self.west || longitude <= self.east
            }
        };
        let longitude = point.longitude;
        (self.south..=self.north).contains(&point.latitude)
            && (within(longitude) || (longitude.abs() == 180.0 && within(-longitude)))
    }
}

/// The text that is not a bounding box.
#[derive(Clone, Debug, PartialEq)]
pub struct BboxError(String);

impl fmt::Display for BboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bbox is {:?}, expected west,south,east,north in degrees", self.0)
    }
}

impl std::error::Error for BboxError {}

impl FromStr for Bbox {
    type Err = BboxError;

    fn from_str(text: &str) -> Result<Self, BboxError> {
        let refuse = || BboxError(text.to_owned());
        let numbers: Vec<f64> = text
            .split(',')
            .map(|number| number.trim().parse::<f64>())
            .collect::<Result<_, _>>()
            .ok()
            .ok_or_else(refuse)?;
        let [west, south, east, north] = numbers[..] else { return Err(refuse()) };
        let longitudes = [west, east].iter().all(|degrees| degrees.abs() <= 180.0);
        let latitudes = south >= -90.0 && south <= north && north <= 90.0;
        if longitudes && latitudes { Ok(Self { west, south, east, north }) } else { Err(refuse()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bbox: &str, longitude: f64, latitude: f64, expected: bool) {
        let bbox: Bbox = bbox.parse().expect("the test's own bbox");
        let point = Position::new(longitude, latitude).expect("the test's own point");
        assert_eq!(bbox.contains(point), expected, "{bbox:?} {point:?}");
    }

    #[test]
    fn a_box_contains_its_edges_and_may_cross_the_antimeridian() {
        check("-10,40,10,50", 0.0, 45.0, true);
        check("-10,40,10,50", 10.0, 50.0, true);
        check("-10,40,10,50", 10.1, 50.0, false);
        check("170,-10,-170,10", 175.0, 0.0, true);
        check("170,-10,-170,10", -175.0, 0.0, true);
        check("170,-10,-170,10", 0.0, 0.0, false);
        check("170,-10,180,10", -180.0, 0.0, true);
        check("-180,-90,180,90", 0.0, 90.0, true);
    }

    #[test]
    fn a_bad_box_is_refused_with_its_text() {
        for text in ["", "1,2,3", "1,2,3,4,5", "a,2,3,4", "0,10,10,0", "0,0,181,1", "0,0,1,NaN"] {
            let error = text.parse::<Bbox>().expect_err(text);
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }
}
