//! Why boundaries are refused.

use std::fmt;

use super::{CountryCode, Grid};

/// Why outlines or their bytes are refused.
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
    /// A point of a country's outline that is off the globe, or half round it from the one before.
    Point(CountryCode, i64, i64),
    /// An arc's point that is off the globe, or further from the one before than half round it.
    Step(i64, i64),
    /// More of something than there may be: what, how many, and the most.
    TooMany(&'static str, usize, usize),
    /// A reference to something that is not there: what, and its number.
    Missing(&'static str, i64),
    /// Cells that do not make a tree over the grid.
    Cells,
}

impl fmt::Display for BoundariesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic(bytes) => write!(f, "boundaries begin with {bytes:02x?}, expected OFCB"),
            Self::Version(version) => write!(f, "boundaries are version {version}, expected 2"),
            Self::Truncated(at) => write!(f, "boundaries end or make no number at byte {at}"),
            Self::Trailing(count) => write!(f, "boundaries are followed by {count} bytes"),
            Self::Source => write!(f, "the boundaries' source is not UTF-8"),
            Self::Code(bytes) => write!(f, "country code is {bytes:02x?}, expected two letters"),
            Self::Grid(grid) => write!(f, "{grid:?} is no grid of the globe"),
            Self::Point(code, column, row) => {
                let at = format_args!("column {column}, row {row}");
                write!(f, "a point of {code} is at {at}: off the globe, or half round it")
            }
            Self::Step(column, row) => {
                write!(f, "an arc goes to column {column}, row {row}: off the globe or too far")
            }
            Self::TooMany(what, count, most) => {
                write!(f, "boundaries have {count} {what}, expected at most {most}")
            }
            Self::Missing(what, number) => write!(f, "boundaries have no {what} {number}"),
            Self::Cells => write!(f, "the boundaries' cells make no tree over the grid"),
        }
    }
}

impl std::error::Error for BoundariesError {}
