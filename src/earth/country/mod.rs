//! Countries: their codes and names, and over which one a point is.

mod boundaries;
mod code;
mod codec;
mod table;

pub use boundaries::{Boundaries, BoundariesError, Grid, Ring};
pub use code::CountryCode;
pub use table::{Country, Feature, countries, country, features};

/// Which boundaries these are, and in which format: a new value for every change of either.
pub const BOUNDARIES_VERSION: &str = "natural-earth-4.1.0-1";
