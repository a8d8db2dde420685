//! Which parts of the globe a country's outline passes near.
//!
//! In scope: a cheap test that rules out most places, so that exact lookups happen only near a
//! border. Out of scope: the exact side of a border (`country::Boundaries`).

use super::country::Boundaries;
use super::great_circle::EARTH_RADIUS_METRES;
use super::{CountryCode, Position};

/// The margins, from coarse to fine, degrees of arc. A level's cells have the same size.
///
/// The coarsest margin is an airliner's hour in one stride, the finest its minute. The finest grid
/// takes 2 MB of bits.
const MARGINS_DEGREES: [f64; 4] = [4.0, 1.0, 0.25, 0.0625];

/// A country's outline on grids of cells. Each grid marks the cells within its margin of the
/// outline.
#[derive(Clone, Debug)]
pub struct Frontier {
    levels: [Level; MARGINS_DEGREES.len()],
}

impl Frontier {
    /// The country's frontier; near nothing if the boundaries do not have the country.
    pub fn new(boundaries: &Boundaries, country: CountryCode) -> Self {
        let mut levels = MARGINS_DEGREES.map(Level::new);
        let rings = boundaries.rings().find(|(code, _)| *code == country);
        for line in rings.into_iter().flat_map(|(_, lines)| lines) {
            for edge in line.lines() {
                let (longitudes, latitudes) =
                    ([edge.start.x, edge.end.x], [edge.start.y, edge.end.y]);
                levels.iter_mut().for_each(|level| level.mark(longitudes, latitudes));
            }
        }
        Self { levels }
    }

    /// The margin of a level, metres. Level 0 is the coarsest; `None` after the finest.
    ///
    /// A stride of twice the margin crosses no outline if its middle is not near on that level.
    pub fn margin_metres(level: usize) -> Option<f64> {
        MARGINS_DEGREES.get(level).map(|margin| margin.to_radians() * EARTH_RADIUS_METRES)
    }

    /// Whether the outline may be within the margin of a level. False is certain.
    pub fn is_near(&self, level: usize, point: Position) -> bool {
        self.levels[level].is_near(point)
    }
}

#[derive(Clone, Debug)]
struct Level {
    cells_per_degree: f64,
    columns: usize,
    /// For each row, how many columns to either side of an outline are within the margin.
    sides: Vec<usize>,
    /// Row by row from the south, a bit a cell.
    bits: Vec<u64>,
    /// The cells marked last. The next edge is mostly in the same ones.
    marked: (usize, usize, usize, usize),
}

impl Level {
    fn new(margin: f64) -> Self {
        let cells_per_degree = 1.0 / margin;
        let columns = (360.0 * cells_per_degree) as usize;
        let rows = (180.0 * cells_per_degree) as usize;
        let side = |row: usize| {
            let south = row as f64 / cells_per_degree - 90.0;
            let poleward = (south + margin).abs().max(south.abs());
            // The margin's circle round a point touches meridians up to this far to the side, and
            // all meridians if it contains the pole.
            match poleward + margin < 90.0 {
                true => {
                    let side = (margin.to_radians().sin() / poleward.to_radians().cos()).asin();
                    (side.to_degrees() * cells_per_degree).ceil() as usize
                }
                false => columns,
            }
        };
        let sides = (0..rows).map(side).collect();
        let bits = vec![0; (columns * rows).div_ceil(64)];
        Self { cells_per_degree, columns, sides, bits, marked: (0, 0, 0, 0) }
    }

    fn is_near(&self, point: Position) -> bool {
        let column = self.column(point.longitude).rem_euclid(self.columns as i64) as usize;
        let cell = self.row(point.latitude) * self.columns + column;
        self.bits[cell / 64] >> (cell % 64) & 1 == 1
    }

    /// Marks the cells of the box round an edge, and those within the margin of them.
    fn mark(&mut self, longitudes: [f64; 2], latitudes: [f64; 2]) {
        let [west, east] =
            [f64::min, f64::max].map(|of| self.column(of(longitudes[0], longitudes[1])));
        let [south, north] =
            [f64::min, f64::max].map(|of| self.row(of(latitudes[0], latitudes[1])));
        // The row nearest to a pole is one of the two ends.
        let side = self.sides[south].max(self.sides[north]);
        let first = (west - side as i64).rem_euclid(self.columns as i64) as usize;
        let width = ((east - west) as usize + 1 + 2 * side).min(self.columns);
        // A row is as high as the margin.
        let (south, north) = (south.saturating_sub(1), (north + 1).min(self.sides.len() - 1));
        let cells = (first, width, south, north);
        if std::mem::replace(&mut self.marked, cells) == cells {
            return;
        }
        for row in south..=north {
            for column in first..first + width {
                let cell = row * self.columns + column % self.columns;
                self.bits[cell / 64] |= 1 << (cell % 64);
            }
        }
    }

    /// The column of a longitude. A longitude beyond ±180 gives a column off the grid.
    fn column(&self, longitude: f64) -> i64 {
        ((longitude + 180.0) * self.cells_per_degree).floor() as i64
    }

    fn row(&self, latitude: f64) -> usize {
        // Negative numbers become 0.
        (((latitude + 90.0) * self.cells_per_degree) as usize).min(self.sides.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::country::{Grid, Ring};
    use super::*;

    /// A square from 10 to 30 degrees east and from 0 to 20 degrees north.
    fn square() -> Frontier {
        let grid = Grid { columns: 360, south: 0.0, row_height: 1.0 };
        let ring: Ring = vec![(190, 0), (210, 0), (210, 20), (190, 20)];
        let code: CountryCode = "AA".parse().expect("the test's own code");
        let boundaries = Boundaries::new("a test", grid, vec![(code, vec![ring])]);
        Frontier::new(&boundaries.expect("a country"), code)
    }

    #[test]
    fn margins_are_arcs_of_the_globe_from_coarse_to_fine() {
        let metres = |level| Frontier::margin_metres(level).map(|metres| metres.round());
        let expected = [Some(444_780.0), Some(111_195.0), Some(27_799.0), Some(6_950.0), None];
        assert_eq!([0, 1, 2, 3, 4].map(metres), expected);
    }

    #[test]
    fn what_is_within_the_margin_is_near_and_what_is_cells_away_is_not() {
        let frontier = square();
        for (level, margin) in MARGINS_DEGREES.into_iter().enumerate() {
            let is_near = |longitude: f64, latitude: f64| {
                let point = Position::new(longitude, latitude).expect("on earth");
                frontier.is_near(level, point)
            };
            // This many margins outward from the middle of each side.
            for (side, (east, north)) in [(-1, 0), (1, 0), (0, -1), (0, 1)].into_iter().enumerate()
            {
                let is_near = |margins: f64| {
                    let out = 10.0 + margins * margin;
                    is_near(20.0 + f64::from(east) * out, 10.0 + f64::from(north) * out)
                };
                for margins in [-0.99, 0.0, 0.99] {
                    assert!(is_near(margins), "level {level}, side {side}, {margins}");
                }
                assert!(!is_near(4.0), "level {level}, side {side}");
            }
            assert_eq!(is_near(20.0, 10.0), margin > 1.0, "the middle at level {level}");
        }
    }

    #[test]
    fn the_poles_and_the_antimeridian_are_on_the_grid() {
        let frontier = square();
        for level in 0..MARGINS_DEGREES.len() {
            for (longitude, latitude) in [(0.0, 90.0), (0.0, -90.0), (180.0, 0.0), (-180.0, 90.0)] {
                let point = Position::new(longitude, latitude).expect("on earth");
                assert!(!frontier.is_near(level, point), "level {level}, {point:?}");
            }
        }
    }
}
