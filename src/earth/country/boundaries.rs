//! The countries' outlines, and over which country a point is.
//!
//! In scope: outlines on an integer grid, and the exact lookup of a point among them.
//! Out of scope: where the outlines come from, and (`codec`) their bytes.
//!
//! A lookup counts the outline's edges between the point and the North Pole along the meridian: an
//! odd number means inside. Two things follow. The antimeridian needs no care beyond taking each
//! edge the short way round; and a ring that winds round the globe (Antarctica's) encloses the
//! South Pole, which is right as long as no country holds the North Pole. Even-odd also gives
//! rings that cross themselves a meaning: Natural Earth has about 140.
//!
//! Everything is integer arithmetic, so that both neighbours of a shared border, and every
//! platform, come to the same answer: a point on a border is in exactly one of them.

use std::fmt;

use geo::{Coord, LineString};

use super::CountryCode;
use crate::earth::Position;

/// The globe is cut along meridians into at most so many strips, each with the edges that touch it.
/// At 2,048 a strip of Natural Earth 1:10m has about 300 edges.
const STRIPS: usize = 2048;

/// Index entries at most: 16 MiB. The real map has some 600,000; without a limit a small hostile
/// file of long edges would fill the memory.
const ENTRIES_MAX: usize = 1 << 22;

/// A lookup's point is rounded to 2⁻²⁴ of a grid step: 24 µm on a grid of 400 m.
const FRACTION_BITS: u32 = 24;

/// How outlines' integer coordinates lie on the globe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Steps once round the globe; column 0 is the meridian −180.
    pub columns: i32,
    /// The latitude of row 0, degrees.
    pub south: f64,
    /// Degrees from one row to the next.
    pub row_height: f64,
}

/// A closed line in `(column, row)`; the first point need not be repeated at the end.
///
/// An edge goes the short way round the globe.
pub type Ring = Vec<(i32, i32)>;

/// Why outlines are refused.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundariesError {
    /// The bytes do not begin as boundaries do.
    Magic(Vec<u8>),
    /// The format's version is not the one that is read here.
    Version(u64),
    /// The bytes end within something, or a number in them has no end.
    Truncated(usize),
    /// Bytes follow the end.
    Trailing(usize),
    /// The text that names the source is not UTF-8.
    Source,
    /// Two bytes that are no country code.
    Code([u8; 2]),
    /// A grid that is not of this world, or too fine to count on exactly.
    Grid(Grid),
    /// A point that is not on the globe.
    Point(CountryCode, i64, i64),
    /// More long edges than the index will hold.
    Edges(usize),
}

impl fmt::Display for BoundariesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic(bytes) => write!(f, "boundaries begin with {bytes:02x?}, expected OFCB"),
            Self::Version(version) => write!(f, "boundaries are version {version}, expected 1"),
            Self::Truncated(at) => write!(f, "boundaries end or make no number at byte {at}"),
            Self::Trailing(count) => write!(f, "boundaries are followed by {count} bytes"),
            Self::Source => write!(f, "the boundaries' source is not UTF-8"),
            Self::Code(bytes) => write!(f, "country code is {bytes:02x?}, expected two letters"),
            Self::Grid(grid) => write!(f, "{grid:?} is no grid of the globe"),
            Self::Point(code, column, row) => {
                write!(f, "a point of {code} is at column {column}, row {row}: off the globe")
            }
            Self::Edges(count) => {
                write!(f, "boundaries need {count} index entries, expected at most {ENTRIES_MAX}")
            }
        }
    }
}

impl std::error::Error for BoundariesError {}

/// Every country's outline, ready for lookups.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundaries {
    pub(super) source: String,
    pub(super) grid: Grid,
    pub(super) countries: Vec<(CountryCode, Vec<Ring>)>,
    edges: Edges,
}

/// All edges by meridian strip.
#[derive(Clone, Debug, PartialEq)]
struct Edges {
    /// Columns a strip is wide.
    strip_width: i32,
    /// `of_strip[s]..of_strip[s + 1]` are the entries of strip `s`, in the order of the countries.
    of_strip: Vec<u32>,
    entries: Vec<Edge>,
}

/// An edge from west to east.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Edge {
    country: u16,
    west: i32,
    width: i32,
    rows: (i32, i32),
}

impl Boundaries {
    /// The boundaries of these countries; `source` says where they come from, for attribution.
    pub fn new(
        source: impl Into<String>,
        grid: Grid,
        countries: Vec<(CountryCode, Vec<Ring>)>,
    ) -> Result<Self, BoundariesError> {
        grid.check()?;
        for (code, rings) in &countries {
            for &(column, row) in rings.iter().flatten() {
                if !grid.holds(column, row) {
                    return Err(BoundariesError::Point(*code, column.into(), row.into()));
                }
            }
        }
        let edges = Edges::new(grid, &countries)?;
        Ok(Self { source: source.into(), grid, countries, edges })
    }

    /// Where the outlines come from, and their licence.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Each country with its rings, in degrees.
    ///
    /// A ring's longitudes run on beyond ±180 where it crosses the antimeridian. Holes are rings
    /// like any other: a point is inside where it is within an odd number of a country's rings.
    pub fn rings(&self) -> impl Iterator<Item = (CountryCode, Vec<LineString>)> + '_ {
        self.countries
            .iter()
            .map(|(code, rings)| (*code, rings.iter().map(|ring| self.grid.line(ring)).collect()))
    }

    /// The country under the point; `None` over the high sea and over land of no country.
    pub fn country_at(&self, point: Position) -> Option<CountryCode> {
        let (column, row) = self.grid.locate(point);
        let mut inside: Option<u16> = None;
        for edge in self.edges.at(column) {
            if !edge.is_north_of(column, row, self.grid.columns) {
                continue;
            }
            match inside {
                Some(country) if country == edge.country => inside = None,
                // Odd for the country before, whose edges have all been seen.
                Some(_) => break,
                None => inside = Some(edge.country),
            }
        }
        inside.map(|country| self.countries[usize::from(country)].0)
    }
}

impl Grid {
    /// Whether 64 bits suffice for [`Edge::is_north_of`]: 2¹⁹ rows × 2²⁴ × 2¹⁷ columns is 2⁶⁰.
    pub(super) fn check(self) -> Result<(), BoundariesError> {
        let columns = (4..=1 << 18).contains(&self.columns);
        let rows = self.south.abs() <= 90.0 && (1e-4..=90.0).contains(&self.row_height);
        if columns && rows { Ok(()) } else { Err(BoundariesError::Grid(self)) }
    }

    pub(super) fn holds(self, column: i32, row: i32) -> bool {
        // A row at a pole may land beside it by a rounding error.
        let latitude = self.latitude(row);
        (0..self.columns).contains(&column)
            && row.unsigned_abs() <= 1 << 18
            && latitude.abs() <= 90.0 + 1e-9
    }

    /// Steps from one column to another the short way round, east positive.
    pub(super) fn steps(self, from: i32, to: i32) -> i32 {
        let east = (to - from).rem_euclid(self.columns);
        if 2 * east > self.columns { east - self.columns } else { east }
    }

    fn latitude(self, row: i32) -> f64 {
        self.south + f64::from(row) * self.row_height
    }

    fn line(self, ring: &Ring) -> LineString {
        let width = 360.0 / f64::from(self.columns);
        let mut previous = None;
        let unrolled = ring.iter().chain(ring.first()).map(|&(column, row)| {
            let column = previous.map_or(column, |before| before + self.steps(before, column));
            previous = Some(column);
            Coord { x: f64::from(column) * width - 180.0, y: self.latitude(row) }
        });
        unrolled.collect()
    }

    /// The point in columns and rows, both with [`FRACTION_BITS`] binary places.
    fn locate(self, point: Position) -> (i64, i64) {
        let one = f64::from(1 << FRACTION_BITS);
        let column = (point.longitude + 180.0) / 360.0 * f64::from(self.columns);
        let row = (point.latitude - self.south) / self.row_height;
        let columns = i64::from(self.columns) << FRACTION_BITS;
        // No outline is beyond these rows, so neither need the point be.
        let rows = 1_i64 << (18 + FRACTION_BITS);
        let column = ((column * one).round() as i64).rem_euclid(columns);
        (column, ((row * one).round() as i64).clamp(-rows, rows))
    }
}

impl Edges {
    fn new(grid: Grid, countries: &[(CountryCode, Vec<Ring>)]) -> Result<Self, BoundariesError> {
        let strip_width = (grid.columns as usize).div_ceil(STRIPS) as i32;
        let strips = (grid.columns as usize).div_ceil(strip_width as usize);
        // Counted first, then filled: no strip grows, and the order of the countries is kept.
        let mut of_strip = vec![0_usize; strips + 1];
        for edge in edges(grid, countries) {
            edge.strips(grid, strip_width).for_each(|strip| of_strip[strip + 1] += 1);
        }
        let count = of_strip.iter().sum();
        if count > ENTRIES_MAX || countries.len() > usize::from(u16::MAX) {
            return Err(BoundariesError::Edges(count));
        }
        for strip in 0..strips {
            of_strip[strip + 1] += of_strip[strip];
        }
        let nothing = Edge { country: 0, west: 0, width: 0, rows: (0, 0) };
        let mut entries = vec![nothing; count];
        let mut free = of_strip.clone();
        for edge in edges(grid, countries) {
            for strip in edge.strips(grid, strip_width) {
                entries[free[strip]] = edge;
                free[strip] += 1;
            }
        }
        let of_strip = of_strip.into_iter().map(|start| start as u32).collect();
        Ok(Self { strip_width, of_strip, entries })
    }

    fn at(&self, column: i64) -> &[Edge] {
        let strip = ((column >> FRACTION_BITS) / i64::from(self.strip_width)) as usize;
        &self.entries[self.of_strip[strip] as usize..self.of_strip[strip + 1] as usize]
    }
}

/// All edges that a meridian can cross, in the order of the countries.
fn edges(grid: Grid, countries: &[(CountryCode, Vec<Ring>)]) -> impl Iterator<Item = Edge> {
    countries.iter().enumerate().flat_map(move |(country, (_, rings))| {
        rings.iter().flat_map(move |ring| {
            let ends = ring.iter().zip(ring.iter().cycle().skip(1));
            ends.filter_map(move |(&from, &to)| Edge::new(grid, country as u16, from, to))
        })
    })
}

impl Edge {
    /// The edge, or `None` where it runs along a meridian, which no meridian crosses.
    fn new(grid: Grid, country: u16, from: (i32, i32), to: (i32, i32)) -> Option<Self> {
        let steps = grid.steps(from.0, to.0);
        match steps {
            0 => None,
            1.. => Some(Self { country, west: from.0, width: steps, rows: (from.1, to.1) }),
            _ => Some(Self { country, west: to.0, width: -steps, rows: (to.1, from.1) }),
        }
    }

    /// The strips that it touches, each once.
    fn strips(self, grid: Grid, strip_width: i32) -> impl Iterator<Item = usize> {
        // The eastern end is the next edge's; past the last column comes column 0.
        let east = self.west + self.width - 1;
        let strips = self.west / strip_width..=east.min(grid.columns - 1) / strip_width;
        let past = east - grid.columns;
        let wrapped = (past >= 0).then(|| 0..=past / strip_width);
        strips.chain(wrapped.into_iter().flatten()).map(|strip| strip as usize)
    }

    /// Whether the meridian from the point to the North Pole crosses the edge.
    ///
    /// The western end belongs to the edge and the eastern to the next one, so a meridian through a
    /// vertex is counted once.
    fn is_north_of(self, column: i64, row: i64, columns: i32) -> bool {
        let [west, width, columns] =
            [self.west, self.width, columns].map(|value| i64::from(value) << FRACTION_BITS);
        let mut east_of_start = column - west;
        if east_of_start < 0 {
            east_of_start += columns;
        }
        if east_of_start >= width {
            return false;
        }
        let (start, end) = (i64::from(self.rows.0), i64::from(self.rows.1));
        (end - start) * east_of_start > (row - (start << FRACTION_BITS)) * i64::from(self.width)
    }
}

#[cfg(test)]
#[path = "boundaries_tests.rs"]
mod tests;
