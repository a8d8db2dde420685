//! Outlines as crate `geo`'s polygons, in degrees.
//!
//! In scope: the ring that each hole belongs to, and copies at ±360°. Out of scope: lookups.

use geo::coordinate_position::CoordPos;
use geo::{Area, BoundingRect, Contains, Coord, CoordinatePosition, LineString, Polygon, Rect};
use geo::{Translate, Validation};
use overflight::earth::country::{Grid, Ring};

/// How many of the polygons are not valid by OGC Simple Features.
pub fn count_invalid<'a>(polygons: impl Iterator<Item = &'a Polygon>) -> usize {
    polygons.filter(|polygon| !polygon.is_valid()).count()
}

/// The polygon of an outer ring and its holes, without rings that have shrunk to a line; `None` if
/// none is left.
pub fn polygon(grid: Grid, rings: &[Ring]) -> Option<Polygon> {
    let mut rings = rings.iter().filter(|ring| ring.len() > 2).map(|ring| plane(grid, ring));
    Some(Polygon::new(rings.next()?, rings.collect()))
}

/// A country's mended rings as polygons. Rings with their ground outside are holes.
pub fn polygons(grid: Grid, rings: &[Ring]) -> Vec<Polygon> {
    let rings = rings.iter().map(|ring| Polygon::new(plane(grid, ring), vec![]));
    let (mut outer, holes): (Vec<_>, Vec<_>) = rings.partition(|ring| ring.signed_area() > 0.0);
    // A hole belongs to the smallest ring round it.
    outer.sort_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
    let extents: Vec<_> = outer.iter().map(BoundingRect::bounding_rect).collect();
    for hole in holes {
        let extent = hole.bounding_rect();
        let around = outer.iter().zip(&extents).position(|(polygon, around)| {
            let is_near = around.zip(extent).is_some_and(|(a, b)| a.contains(&b));
            let is_out = |at: &Coord| polygon.coordinate_position(at) == CoordPos::Outside;
            is_near && !hole.exterior().coords().any(is_out)
        });
        // A hole in nothing becomes an invalid polygon.
        let ring = hole.exterior().clone();
        match around {
            Some(at) => outer[at].interiors_push(ring),
            None => outer.push(Polygon::new(ring.clone(), vec![ring])),
        }
    }
    outer
}

/// The ring in degrees. A ring round the globe, Antarctica's, is closed via the South Pole.
fn plane(grid: Grid, ring: &Ring) -> LineString {
    let mut line = grid.line(ring);
    let [first, last] = [line.0[0], line.0[line.0.len() - 1]];
    if first.x != last.x {
        line.0.extend([Coord { x: last.x, y: -91.0 }, Coord { x: first.x, y: -91.0 }, first]);
    }
    line
}

/// The copies of the polygon at 0 and ±360° that touch longitudes within ±180, with their extents.
#[allow(dead_code, reason = "only tests and the bench use it")]
pub fn turns(polygon: &Polygon) -> Vec<(Polygon, Rect)> {
    let turned = [-360.0, 0.0, 360.0].into_iter().filter_map(|turn| {
        let polygon = polygon.translate(turn, 0.0);
        let extent = polygon.bounding_rect()?;
        let is_seen = extent.max().x >= -180.0 && extent.min().x <= 180.0;
        is_seen.then_some((polygon, extent))
    });
    turned.collect()
}
