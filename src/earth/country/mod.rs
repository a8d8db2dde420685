//! Countries: their codes and names, and over which one a point is.

mod boundaries;
mod code;
mod codec;
mod table;

pub use boundaries::{Boundaries, BoundariesError, Grid, Ring};
pub use code::CountryCode;
pub use table::{Country, Feature, countries, country, features};
