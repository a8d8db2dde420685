//! The countries' outlines, and the country that contains a point.
//!
//! In scope: outlines on an integer grid, and the exact lookup of a point among them. Out of scope:
//! where the outlines come from, how they were mended, and (`codec`) their bytes.
//!
//! A point's country is found by counting along the meridian to the North Pole: an odd number of
//! a country's edges means inside. Two things follow. The antimeridian needs no care beyond taking
//! each edge the short way round; and a ring that winds round the globe (Antarctica's) encloses the
//! South Pole, which is right as long as no country has the North Pole. The lookup need not count
//! that far: `index` stores labels by cell, and tests only the few edges in the point's own cell.
//!
//! Everything is integer arithmetic, so that both neighbours of a shared border, and every
//! platform, give the same answer: a point on a border is in exactly one of them, the one to the
//! north, or to the east where the border runs along a meridian.

use geo::LineString;

use super::arcs::Arcs;
use super::index::Index;
use super::index_builder;
use super::{BoundariesError, CountryCode, Grid, Ring};
use crate::earth::Position;

/// Labels, one more than there are countries, fit in a byte beside two special values of a cell.
pub(super) const COUNTRIES_MAX: usize = 253;

/// Every country's outline, ready for lookups.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundaries {
    pub(super) source: String,
    pub(super) grid: Grid,
    pub(super) codes: Vec<CountryCode>,
    pub(super) arcs: Arcs,
    pub(super) index: Index,
}

impl Boundaries {
    /// The boundaries of these countries; `source` says where they come from, for attribution.
    ///
    /// Outlines may touch; a border that neighbours share should have the same points in both.
    /// Outlines must not overlap: the country of a point in two of them is unspecified.
    pub fn new(
        source: impl Into<String>,
        grid: Grid,
        countries: Vec<(CountryCode, Vec<Ring>)>,
    ) -> Result<Self, BoundariesError> {
        grid.check()?;
        if countries.len() > COUNTRIES_MAX {
            return Err(BoundariesError::TooMany("countries", countries.len(), COUNTRIES_MAX));
        }
        for (code, ring) in
            countries.iter().flat_map(|(code, rings)| rings.iter().map(move |r| (code, r)))
        {
            for (at, &(column, row)) in ring.iter().enumerate() {
                // An edge half round the globe would have two shortest ways.
                let before = ring[at.checked_sub(1).unwrap_or(ring.len() - 1)].0;
                if !grid.holds(column, row) || 2 * (column - before).abs() == grid.columns {
                    return Err(BoundariesError::Point(*code, column.into(), row.into()));
                }
            }
        }
        let (codes, rings): (Vec<_>, Vec<_>) = countries.into_iter().unzip();
        let arcs = Arcs::new(grid, &rings);
        let index = index_builder::build(grid, &arcs)?;
        let source = source.into();
        Ok(Self { source, grid, codes, arcs, index })
    }

    /// Returns where the outlines come from, and their licence.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Each country with its rings, in degrees.
    ///
    /// A ring's longitudes run on beyond ±180 where it crosses the antimeridian. Holes are rings
    /// like any other: a point is inside where it is within an odd number of a country's rings.
    pub fn rings(&self) -> impl Iterator<Item = (CountryCode, Vec<LineString>)> + '_ {
        self.outlines()
            .map(|(code, rings)| (code, rings.iter().map(|ring| self.grid.line(ring)).collect()))
    }

    /// The grid of the outlines' columns and rows.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Each country with its rings, on the grid.
    pub fn outlines(&self) -> impl Iterator<Item = (CountryCode, Vec<Ring>)> + '_ {
        self.codes.iter().zip(&self.arcs.rings).map(|(code, rings)| {
            (*code, rings.iter().map(|arcs| self.arcs.ring(self.grid, arcs)).collect())
        })
    }

    /// The country under the point; `None` over the high sea and over land of no country.
    pub fn country_at(&self, point: Position) -> Option<CountryCode> {
        let (column, row) = self.grid.locate(point);
        let label = self.index.label(&self.arcs.vertices, column, row);
        self.codes.get(usize::from(label).wrapping_sub(1)).copied()
    }
}

#[cfg(test)]
#[path = "boundaries_tests.rs"]
mod tests;
