//! Floor 0: where things are.
//!
//! In scope: positions, bounding boxes, the regions that partition the globe, country boundaries,
//! and great circles.
//! Out of scope: aircraft, time, anything that is fetched or stored.
//!
//! A point is always (longitude, latitude), in degrees on WGS 84.

mod bbox;
pub mod country;
mod frontier;
mod great_circle;
mod position;
mod region;

pub use bbox::{Bbox, BboxError};
pub use country::CountryCode;
pub use frontier::Frontier;
pub use great_circle::{EARTH_RADIUS_METRES, GreatCircle};
pub use position::Position;
pub use region::{REGIONS, Region};
