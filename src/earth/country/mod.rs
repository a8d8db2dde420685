//! Countries: their codes and names, and over which one a point is.

mod arcs;
mod boundaries;
mod code;
mod codec;
mod error;
mod grid;
mod index;
mod plant;
mod table;

pub use boundaries::Boundaries;
pub use code::CountryCode;
pub use error::BoundariesError;
pub use grid::{Grid, Ring};
pub use table::{Country, Feature, countries, country, features};
