//! The TopoJSON of npm's world-atlas, as rings on its grid.
//!
//! It is Natural Earth on integers, with outlines joined across the antimeridian and round the
//! South Pole. That is the form of `Boundaries`, so no rounding happens.

use std::error::Error;

use overflight::earth::country::{Grid, Ring};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Topology {
    transform: Transform,
    arcs: Vec<Vec<(i32, i32)>>,
    objects: Objects,
}

#[derive(Deserialize)]
struct Transform {
    scale: (f64, f64),
    translate: (f64, f64),
}

#[derive(Deserialize)]
struct Objects {
    countries: Collection,
}

#[derive(Deserialize)]
struct Collection {
    geometries: Vec<Geometry>,
}

#[derive(Deserialize)]
struct Geometry {
    id: Option<String>,
    properties: Properties,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Deserialize)]
struct Properties {
    name: String,
}

/// Indices into the arcs; a negative one, `!index`, is the arc backwards.
#[derive(Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Shape {
    Polygon(Vec<Vec<i32>>),
    MultiPolygon(Vec<Vec<Vec<i32>>>),
}

/// A feature of the map.
pub struct Feature {
    /// Its id, the ISO numeric code, or its name if it has no id.
    pub key: String,
    pub name: String,
    /// Each polygon's rings, the outer one first.
    pub polygons: Vec<Vec<Ring>>,
}

impl Topology {
    pub fn grid(&self) -> Result<Grid, Box<dyn Error>> {
        let Transform { scale, translate } = &self.transform;
        let columns = (360.0 / scale.0).round();
        if translate.0 != -180.0 || (columns * scale.0 - 360.0).abs() > 1e-9 {
            return Err(format!("the grid {scale:?} from {translate:?} is not the globe").into());
        }
        Ok(Grid { columns: columns as i32, south: translate.1, row_height: scale.1 })
    }

    pub fn features(&self) -> Result<Vec<Feature>, Box<dyn Error>> {
        let arcs = self.absolute_arcs(self.grid()?);
        let features = self.objects.countries.geometries.iter().map(|geometry| {
            let polygons = match &geometry.shape {
                Shape::Polygon(polygon) => std::slice::from_ref(polygon),
                Shape::MultiPolygon(polygons) => polygons,
            };
            let rings = |polygon: &Vec<Vec<i32>>| polygon.iter().map(|r| ring(&arcs, r)).collect();
            let name = geometry.properties.name.clone();
            let key = geometry.id.as_ref().unwrap_or(&name).clone();
            Ok(Feature {
                key,
                name,
                polygons: polygons.iter().map(rings).collect::<Result<_, _>>()?,
            })
        });
        features.collect()
    }

    /// The arcs in absolute grid coordinates: their differences summed up.
    fn absolute_arcs(&self, grid: Grid) -> Vec<Ring> {
        let absolute = |arc: &Vec<(i32, i32)>| {
            let (mut x, mut y) = (0, 0);
            let points = arc.iter().map(|&(dx, dy)| {
                (x, y) = (x + dx, y + dy);
                // The last column, 180°, is the first one, −180°.
                (x % grid.columns, y)
            });
            points.collect()
        };
        self.arcs.iter().map(absolute).collect()
    }
}

/// The ring of these arcs, without repeated points, so without a closing one.
///
/// A ring smaller than a step of the grid has shrunk to a point or a line.
fn ring(arcs: &[Ring], indices: &[i32]) -> Result<Ring, Box<dyn Error>> {
    let mut ring = Ring::new();
    for &index in indices {
        let at = if index < 0 { !index } else { index } as usize;
        let arc = arcs.get(at).ok_or_else(|| format!("there is no arc {index}"))?;
        if index < 0 { ring.extend(arc.iter().rev()) } else { ring.extend(arc) }
    }
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    Ok(ring)
}
