//! The integer grid of the outlines.
//!
//! In scope: columns and rows, the short way round the globe, and a point's place on the grid.
//! Out of scope: the outlines.

use std::ops::RangeInclusive;

use geo::{Coord, LineString};

use super::BoundariesError;
use crate::earth::Position;

/// A lookup's point is rounded to 2⁻²⁴ of a grid step: 24 µm on a grid of 400 m.
pub(super) const FRACTION_BITS: u32 = 24;

/// No row is further than this from row 0, and no grid has more columns.
pub(super) const STEPS_MAX: i32 = 1 << 18;

/// Maps the outlines' integer coordinates to the globe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// The number of columns round the globe; column 0 is the meridian −180.
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

impl Grid {
    /// Refuses a grid for which [`super::index`]'s arithmetic could overflow 64 bits.
    pub(super) fn check(self) -> Result<(), BoundariesError> {
        let columns = (4..=STEPS_MAX).contains(&self.columns);
        let rows = self.south.abs() <= 90.0 && (1e-4..=90.0).contains(&self.row_height);
        if columns && rows { Ok(()) } else { Err(BoundariesError::Grid(self)) }
    }

    pub(super) fn holds(self, column: i32, row: i32) -> bool {
        (0..self.columns).contains(&column) && self.rows().contains(&row.into())
    }

    /// The rows from pole to pole.
    pub(super) fn rows(self) -> RangeInclusive<i64> {
        // A rounding error may put a row at a pole just beyond it.
        let row = |latitude: f64| (latitude - self.south) / self.row_height;
        let [low, high] = [(row(-90.0) - 1e-5).ceil(), (row(90.0) + 1e-5).floor()];
        let most = i64::from(STEPS_MAX);
        (low as i64).max(-most)..=(high as i64).min(most)
    }

    /// Steps from one column to another the short way round, east positive; eastward if both ways
    /// are as long.
    pub fn steps(self, from: i32, to: i32) -> i32 {
        let east = (to - from).rem_euclid(self.columns);
        if 2 * east > self.columns { east - self.columns } else { east }
    }

    fn latitude(self, row: i32) -> f64 {
        self.south + f64::from(row) * self.row_height
    }

    /// The ring in degrees, closed. Its longitudes run on beyond ±180 across the antimeridian.
    pub fn line(self, ring: &Ring) -> LineString {
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
    pub(super) fn locate(self, point: Position) -> (i64, i64) {
        let one = f64::from(1 << FRACTION_BITS);
        let column = (point.longitude + 180.0) / 360.0 * f64::from(self.columns);
        let row = (point.latitude - self.south) / self.row_height;
        let columns = i64::from(self.columns) << FRACTION_BITS;
        // +180 is −180.
        let column = nearest(column * one);
        (if column >= columns { column - columns } else { column }, nearest(row * one))
    }
}

/// The nearest integer; halves go up. `f64::round` is a function call on some platforms.
fn nearest(value: f64) -> i64 {
    let up = value + 0.5;
    let whole = up as i64;
    whole - i64::from(whole as f64 > up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_integer_is_that_of_negative_numbers_too() {
        for (value, expected) in
            [(2.5, 3), (2.4, 2), (0.0, 0), (-0.4, 0), (-0.5, 0), (-0.6, -1), (-1.5, -1), (-1.6, -2)]
        {
            assert_eq!(nearest(value), expected, "{value}");
        }
    }
}
