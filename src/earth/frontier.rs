//! Which parts of the globe a country's outline passes near.
//!
//! In scope: a cheap "surely not here", so that borders are looked for only where there are some.
//! Out of scope: on which side of a border a point is; that is exact, and the boundaries' matter.

use super::country::Boundaries;
use super::{CountryCode, Position};

/// Cells to a degree, both ways.
const CELLS: f64 = 4.0;
const COLUMNS: usize = 360 * CELLS as usize;
const ROWS: usize = 180 * CELLS as usize;

/// How near is near, degrees of arc. A wider margin makes longer strides between two looks, and
/// more looks where borders are.
const MARGIN_DEGREES: f64 = 0.25;

/// A country's outline on a grid of cells: those that have a point of it within the margin.
#[derive(Clone, Debug, PartialEq)]
pub struct Frontier {
    is_near: Vec<bool>,
}

impl Frontier {
    /// The margin, metres. A stride of twice its length whose middle is not near crosses no outline.
    pub const MARGIN_METRES: f64 =
        super::great_circle::EARTH_RADIUS_METRES * MARGIN_DEGREES * std::f64::consts::PI / 180.0;

    /// The country's frontier; near nothing where the country is not drawn.
    pub fn new(boundaries: &Boundaries, country: CountryCode) -> Self {
        let mut frontier = Self { is_near: vec![false; COLUMNS * ROWS] };
        let rings = boundaries.rings().find(|(code, _)| *code == country);
        for line in rings.into_iter().flat_map(|(_, lines)| lines) {
            for edge in line.lines() {
                frontier.mark([edge.start.x, edge.end.x], [edge.start.y, edge.end.y]);
            }
        }
        frontier
    }

    /// Whether the outline may be within the margin. Where it is not, it surely is not.
    pub fn is_near(&self, point: Position) -> bool {
        self.is_near[row(point.latitude) * COLUMNS + column(point.longitude)]
    }

    /// Marks the box round an edge, and the margin round the box.
    fn mark(&mut self, longitudes: [f64; 2], latitudes: [f64; 2]) {
        let west = longitudes[0].min(longitudes[1]);
        let width = (longitudes[0] - longitudes[1]).abs();
        let south = latitudes[0].min(latitudes[1]) - MARGIN_DEGREES;
        let north = latitudes[0].max(latitudes[1]) + MARGIN_DEGREES;
        let poleward = south.abs().max(north.abs());
        // So far to the side a circle of the margin's radius touches a meridian. Where it holds the
        // pole it touches them all.
        let margin = match poleward < 90.0 {
            true => {
                let nearest = (poleward - MARGIN_DEGREES).to_radians().cos();
                (MARGIN_DEGREES.to_radians().sin() / nearest).asin().to_degrees()
            }
            false => 180.0,
        };
        let first = column(west - margin);
        let columns = ((width + 2.0 * margin) * CELLS).ceil() as usize + 1;
        for row in row(south)..=row(north) {
            for step in 0..columns.min(COLUMNS) {
                self.is_near[row * COLUMNS + (first + step) % COLUMNS] = true;
            }
        }
    }
}

/// The column of a longitude, which may be beyond ±180.
fn column(longitude: f64) -> usize {
    // A tiny negative number may round up to the whole circle.
    ((longitude + 180.0).rem_euclid(360.0) * CELLS) as usize % COLUMNS
}

fn row(latitude: f64) -> usize {
    (((latitude + 90.0) * CELLS).max(0.0) as usize).min(ROWS - 1)
}
