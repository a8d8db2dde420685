//! Builds the country boundaries from npm's world-atlas.
//!
//! `cargo run --release --no-default-features --example boundaries -- \
//!  node_modules/world-atlas/countries-10m.json dist/boundaries.bin`
//!
//! Its TopoJSON is Natural Earth on an integer grid, with outlines stitched where they cross the
//! antimeridian and round the South Pole: just what `Boundaries` takes, so no rounding happens.

#![allow(clippy::print_stdout, reason = "a command-line tool")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use overflight::earth::country::{self, Boundaries, CountryCode, Grid, Ring};
use serde::Deserialize;

/// The file itself says neither version nor licence.
const SOURCE: &str = "Natural Earth 4.1.0 1:10m (public domain) via world-atlas 2.0.2 (ISC)";

/// What the grid is too coarse for: its code, that of the country round it, and its real extent in
/// degrees, west, south, east, north.
const TOO_SMALL: [(&str, &str, [f64; 4]); 1] = [("VA", "IT", [12.4457, 41.9002, 12.4584, 41.9074])];

#[derive(Deserialize)]
struct Topology {
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
    geometries: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    id: Option<String>,
    properties: Properties,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Deserialize)]
struct Properties {
    name: String,
}

/// Indices into the arcs; a negative one is `!index`, backwards.
#[derive(Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Shape {
    Polygon(Vec<Vec<i32>>),
    MultiPolygon(Vec<Vec<Vec<i32>>>),
}

impl Feature {
    fn key(&self) -> &str {
        self.id.as_ref().unwrap_or(&self.properties.name)
    }

    fn rings(&self) -> impl Iterator<Item = &Vec<i32>> {
        let polygons = match &self.shape {
            Shape::Polygon(polygon) => std::slice::from_ref(polygon),
            Shape::MultiPolygon(polygons) => polygons,
        };
        polygons.iter().flatten()
    }
}

impl Topology {
    fn grid(&self) -> Result<Grid, Box<dyn Error>> {
        let Transform { scale, translate } = &self.transform;
        let columns = (360.0 / scale.0).round();
        if translate.0 != -180.0 || (columns * scale.0 - 360.0).abs() > 1e-9 {
            return Err(format!("the grid {scale:?} from {translate:?} is not once round").into());
        }
        Ok(Grid { columns: columns as i32, south: translate.1, row_height: scale.1 })
    }

    /// The arcs with their differences summed up, on the grid's columns.
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

/// The ring through these arcs, without doubled points, and so without its last.
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

/// The box's outline, to the nearest grid points.
fn rectangle(grid: Grid, [west, south, east, north]: [f64; 4]) -> Ring {
    let column = |longitude: f64| (longitude + 180.0) / 360.0 * f64::from(grid.columns);
    let [west, east] = [west, east].map(|longitude| column(longitude).round() as i32);
    let row = |latitude: f64| (latitude - grid.south) / grid.row_height;
    let [south, north] = [south, north].map(|latitude| row(latitude).round() as i32);
    vec![(west, south), (east, south), (east, north), (west, north)]
}

fn build(json: &[u8]) -> Result<Boundaries, Box<dyn Error>> {
    let topology: Topology = serde_json::from_slice(json)?;
    let grid = topology.grid()?;
    let arcs = topology.absolute_arcs(grid);
    let mut table: HashMap<_, _> =
        country::features().iter().map(|feature| (feature.key, (feature.country, 0))).collect();
    let mut outlines = BTreeMap::<CountryCode, Vec<Ring>>::new();
    for feature in &topology.objects.countries.geometries {
        let Some((code, drawn)) = table.get_mut(feature.key()) else {
            let (key, name) = (feature.key(), &feature.properties.name);
            return Err(format!("feature {key:?} ({name}) is not in countries.tsv").into());
        };
        *drawn += 1;
        let Some(code) = code else { continue };
        for indices in feature.rings() {
            let ring = ring(&arcs, indices)?;
            // What is smaller than a step of the grid has shrunk to a point or a line.
            if ring.len() > 2 {
                outlines.entry(*code).or_default().push(ring);
            }
        }
    }
    let missing: Vec<_> = table.iter().filter(|(_, (_, drawn))| *drawn == 0).collect();
    if !missing.is_empty() {
        return Err(format!("countries.tsv names features that are not there: {missing:?}").into());
    }
    for (code, around, extent) in TOO_SMALL {
        for code in [code, around] {
            let code = code.parse().ok().ok_or_else(|| format!("{code:?} is no country code"))?;
            outlines.entry(code).or_default().push(rectangle(grid, extent));
        }
    }
    let undrawn = |country: &&country::Country| !outlines.contains_key(&country.code);
    let undrawn: Vec<_> = country::countries().iter().filter(undrawn).collect();
    if !undrawn.is_empty() {
        return Err(format!("nothing is left of {undrawn:?}").into());
    }
    Ok(Boundaries::new(SOURCE, grid, outlines.into_iter().collect())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [input, output] = &arguments[..] else {
        return Err("usage: boundaries countries-10m.json boundaries.bin".into());
    };
    let json = std::fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let boundaries = build(&json).map_err(|error| format!("{input}: {error}"))?;
    let bytes = boundaries.encode();
    if let Some(folder) = std::path::Path::new(output).parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(output, &bytes).map_err(|error| format!("{output}: {error}"))?;
    let (mut rings, mut points) = (0, 0);
    for (_, lines) in boundaries.rings() {
        rings += lines.len();
        points += lines.iter().map(|line| line.0.len() - 1).sum::<usize>();
    }
    let (size, countries) = (bytes.len(), boundaries.rings().count());
    println!("{output}: {size} bytes, {countries} countries, {rings} rings, {points} points");
    Ok(())
}
