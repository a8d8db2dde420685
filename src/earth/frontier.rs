//! Which parts of the globe a country's outline passes near.
//!
//! In scope: a cheap "surely not here", so that borders are looked for only where there are some.
//! Out of scope: on which side of a border a point is; that is exact, and the boundaries' matter.

use super::country::Boundaries;
use super::great_circle::EARTH_RADIUS_METRES;
use super::{CountryCode, Position};

/// How near is near, from coarse to fine, degrees of arc. Cells are as high and as wide.
///
/// The first lets an airliner go for an hour in one stride, the last for a minute, and its grid has
/// 2 MB of bits.
const MARGINS_DEGREES: [f64; 4] = [4.0, 1.0, 0.25, 0.0625];

/// A country's outline on grids of cells: each knows which of its cells have any of it within the
/// margin.
#[derive(Clone, Debug)]
pub struct Frontier {
    levels: [Level; MARGINS_DEGREES.len()],
}

impl Frontier {
    /// The country's frontier; near nothing where the country is not drawn.
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

    /// The margin of a level, metres; the levels go from 0, which is coarse, to fine ones, and end.
    ///
    /// A stride of twice the margin crosses no outline if its middle is not near on that level.
    pub fn margin_metres(level: usize) -> Option<f64> {
        MARGINS_DEGREES.get(level).map(|margin| margin.to_radians() * EARTH_RADIUS_METRES)
    }

    /// Whether the outline may be within the margin of a level. Where not, it surely is not.
    pub fn is_near(&self, level: usize, point: Position) -> bool {
        self.levels[level].is_near(point)
    }
}

#[derive(Clone, Debug)]
struct Level {
    cells_per_degree: f64,
    columns: usize,
    /// How many columns are to either side of an outline in that row within the margin.
    sides: Vec<usize>,
    /// Row by row from the south, a bit a cell.
    bits: Vec<u64>,
    /// What was marked last. The next edge is mostly in the same cells.
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
            // Within the margin's circle round a point lie meridians up to this far to the side;
            // all of them where it holds the pole.
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
        // Of all rows between, those at the ends are the nearest to a pole.
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

    /// The column of a longitude, which may be beyond ±180; so may the column.
    fn column(&self, longitude: f64) -> i64 {
        ((longitude + 180.0) * self.cells_per_degree).floor() as i64
    }

    fn row(&self, latitude: f64) -> usize {
        // Negative numbers become 0.
        (((latitude + 90.0) * self.cells_per_degree) as usize).min(self.sides.len() - 1)
    }
}
