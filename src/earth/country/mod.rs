//! Countries: their codes, names and boundaries, and the country that contains a point.

mod arcs;
mod boundaries;
mod code;
mod codec;
mod error;
mod grid;
mod index;
mod index_builder;
mod table;

pub use boundaries::Boundaries;
pub use code::CountryCode;
pub use error::BoundariesError;
pub use grid::{Grid, Ring};
pub use table::{Country, Feature, countries, country, features};
