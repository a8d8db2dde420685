//! Floor 0: where things are.
//!
//! In scope: positions, bounding boxes, the regions that cut the sky, country boundaries.
//! Out of scope: aircraft, time, anything that is fetched or stored.
//!
//! A point is always (longitude, latitude), in degrees on WGS 84.

mod bbox;
pub mod country;
mod position;
mod region;

pub use bbox::{Bbox, BboxError};
pub use country::CountryCode;
pub use position::Position;
pub use region::{REGIONS, Region};
