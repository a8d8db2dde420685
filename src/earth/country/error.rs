//! Why boundaries are refused.

use std::fmt;

use super::{CountryCode, Grid};

/// What is wrong with outlines or their bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundariesError {
    /// The bytes do not begin with the magic number.
    Magic(Vec<u8>),
    /// The format's version is not supported.
    Version(u64),
    /// The bytes end too early, or a number in them has no end.
    Truncated(usize),
    /// This many bytes follow the end.
    Trailing(usize),
    /// The text that names the source is not UTF-8.
    Source,
    /// Two bytes that are not a country code.
    Code([u8; 2]),
    /// A grid that is not of the globe, or too fine for exact arithmetic.
    Grid(Grid),
    /// A point of a country's outline that is off the globe, or half round it from the one before.
    Point(CountryCode, i64, i64),
    /// An arc's point that is off the globe, or more than half round it from the one before.
    Step(i64, i64),
    /// Too many of something: what, how many, and the most.
    TooMany(&'static str, usize, usize),
    /// A reference to something that does not exist: what, and its number.
    Missing(&'static str, i64),
    /// Cells that do not form a tree over the grid.
    Cells,
}

impl fmt::Display for BoundariesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic(bytes) => write!(f, "boundaries begin with {bytes:02x?}, expected OFCB"),
            Self::Version(version) => write!(f, "boundaries are version {version}, expected 2"),
            Self::Truncated(at) => write!(f, "boundaries end or have no valid number at byte {at}"),
            Self::Trailing(count) => write!(f, "boundaries are followed by {count} bytes"),
            Self::Source => write!(f, "the boundaries' source is not UTF-8"),
            Self::Code(bytes) => write!(f, "country code is {bytes:02x?}, expected two letters"),
            Self::Grid(grid) => write!(f, "{grid:?} is not a grid of the globe"),
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
            Self::Cells => write!(f, "the boundaries' cells do not form a tree over the grid"),
        }
    }
}

impl std::error::Error for BoundariesError {}
