//! The regions: each is the part of the globe that one Durable Object serves.
//!
//! Apart from `world`, which covers everything, they cut the globe into boxes of equal *load*: a
//! k-d split of recorded traffic at whole degrees. (Cells of equal angle would put a third of the
//! world's traffic into the fullest one.) No box crosses the antimeridian. Stored state is found by
//! the region's name: renaming a region orphans its object's storage.

use super::{Bbox, Position};

/// The part of the globe that one Durable Object serves.
#[derive(Debug, PartialEq)]
pub struct Region {
    /// Its name in URLs and of its Durable Object.
    pub name: &'static str,
    /// Its edges, whole degrees.
    pub bbox: Bbox,
    /// Where its object should live: one of Cloudflare's location hints.
    pub location_hint: &'static str,
}

const fn region(
    name: &'static str,
    location_hint: &'static str,
    [west, south, east, north]: [i16; 4],
) -> Region {
    let bbox =
        Bbox { west: west as f64, south: south as f64, east: east as f64, north: north as f64 };
    Region { name, bbox, location_hint }
}

/// `world`, then the boxes that partition it.
pub static REGIONS: [Region; 25] = [
    region("world", "enam", [-180, -90, 180, 90]),
    region("us-southwest", "wnam", [-180, -90, -109, 36]),
    region("us-west", "wnam", [-180, 36, -105, 43]),
    region("na-northwest", "wnam", [-180, 43, -105, 90]),
    region("texas-mexico", "enam", [-109, -90, -96, 36]),
    region("us-plains", "enam", [-105, 36, -89, 43]),
    region("canada-east", "enam", [-105, 43, -66, 90]),
    region("us-gulf", "enam", [-96, -90, -86, 36]),
    region("us-midwest", "enam", [-89, 36, -83, 43]),
    region("florida-caribbean", "enam", [-86, -90, -66, 30]),
    region("us-southeast", "enam", [-86, 30, -66, 36]),
    region("us-ohio", "enam", [-83, 36, -76, 43]),
    region("us-northeast", "enam", [-76, 36, -66, 43]),
    region("atlantic-south", "weur", [-66, -90, 8, 40]),
    region("eu-southwest", "weur", [-66, 40, 8, 46]),
    region("eu-west", "weur", [-66, 46, 8, 51]),
    region("eu-northwest", "weur", [-66, 51, 8, 90]),
    region("eu-central", "weur", [8, 47, 14, 90]),
    region("eu-south", "weur", [8, -90, 20, 47]),
    region("eu-east", "eeur", [14, 47, 77, 90]),
    region("eu-southeast", "eeur", [20, -90, 30, 47]),
    region("middle-east", "me", [30, -90, 77, 47]),
    region("oceania", "oc", [77, -90, 180, 4]),
    region("asia-south", "apac", [77, 4, 180, 26]),
    region("asia-east", "apac", [77, 26, 180, 90]),
];

impl Region {
    /// The region of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        REGIONS.iter().find(|region| region.name == name)
    }

    /// Whether it is the region of all aircraft, even those without a position.
    pub fn is_world(&self) -> bool {
        self.bbox == Bbox::WORLD
    }

    /// Whether an aircraft at this position belongs to the region.
    ///
    /// A region includes its western and southern edges. Its eastern and northern edges belong to
    /// the neighbour, or to itself where the globe ends. So every point is in exactly one region
    /// besides `world`. An aircraft without a position is in `world` only.
    pub fn holds(&self, position: Option<Position>) -> bool {
        let Some(point) = position else { return self.is_world() };
        let Bbox { west, south, east, north } = self.bbox;
        let column = west <= point.longitude && (point.longitude < east || east == 180.0);
        let row = south <= point.latitude && (point.latitude < north || north == 90.0);
        column && row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_in_one_region_besides_world() {
        for longitude in -360..=360 {
            for latitude in -180..=180 {
                let (longitude, latitude) = (f64::from(longitude) / 2.0, f64::from(latitude) / 2.0);
                let point = Position::new(longitude, latitude);
                let holders = REGIONS.iter().filter(|region| region.holds(point)).count();
                assert_eq!(holders, 2, "{point:?}");
            }
        }
    }

    #[test]
    fn an_aircraft_without_a_position_is_in_world_only() {
        let holders: Vec<_> = REGIONS.iter().filter(|region| region.holds(None)).collect();
        assert_eq!(holders, [&REGIONS[0]]);
    }

    #[test]
    fn names_stay_as_stored_state_has_them() {
        let names: Vec<_> = REGIONS.iter().map(|region| region.name).collect();
        assert_eq!(
            names.join(" "),
            "world us-southwest us-west na-northwest texas-mexico us-plains canada-east us-gulf \
             us-midwest florida-caribbean us-southeast us-ohio us-northeast atlantic-south \
             eu-southwest eu-west eu-northwest eu-central eu-south eu-east eu-southeast \
             middle-east oceania asia-south asia-east"
        );
    }
}
