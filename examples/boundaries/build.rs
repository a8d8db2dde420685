//! From the map's features to boundaries: the country of each feature, and additions to the map.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use overflight::earth::country::{self, Boundaries, CountryCode, Grid, Ring};

use super::mend::{Mended, mend};
use super::polygons::{count_invalid, polygon, polygons};
use super::topology::{Feature, Topology};

/// The input file states neither version nor licence.
const SOURCE: &str = "Natural Earth 4.1.0 1:10m (public domain) via world-atlas 2.0.2 (ISC)";

/// Countries too small for the grid: the code, the code of the country round it, and the real
/// extent in degrees: west, south, east, north.
const TOO_SMALL: [(&str, &str, [f64; 4]); 1] = [("VA", "IT", [12.4457, 41.9002, 12.4584, 41.9074])];

/// The boundaries, and statistics of mending.
pub struct Built {
    pub boundaries: Boundaries,
    pub mended: Mended,
    /// Invalid polygons before and after mending.
    pub invalid: [usize; 2],
}

pub fn build(json: &[u8]) -> Result<Built, Box<dyn Error>> {
    let topology: Topology = serde_json::from_slice(json)?;
    let grid = topology.grid()?;
    let features = topology.features()?;
    let before: Vec<_> = features.iter().flat_map(|feature| &feature.polygons).collect();
    let before: Vec<_> = before.into_iter().filter_map(|rings| polygon(grid, rings)).collect();
    let (codes, outlines): (Vec<_>, Vec<_>) = outlines(grid, features)?.into_iter().unzip();
    let (outlines, mended) = mend(grid, &outlines);
    let after: Vec<_> = outlines.iter().flat_map(|rings| polygons(grid, rings)).collect();
    let invalid = [before, after].map(|polygons| count_invalid(polygons.iter()));
    let countries = codes.into_iter().zip(outlines).collect();
    Ok(Built { boundaries: Boundaries::new(SOURCE, grid, countries)?, mended, invalid })
}

/// Each country's rings from the map, not yet mended.
fn outlines(
    grid: Grid,
    features: Vec<Feature>,
) -> Result<BTreeMap<CountryCode, Vec<Ring>>, Box<dyn Error>> {
    let mut table: HashMap<_, _> =
        country::features().iter().map(|feature| (feature.key, (feature.country, 0))).collect();
    let mut outlines = BTreeMap::<CountryCode, Vec<Ring>>::new();
    for feature in features {
        let Some((code, drawn)) = table.get_mut(&feature.key[..]) else {
            let Feature { key, name, .. } = feature;
            return Err(format!("feature {key:?} ({name}) is not in countries.tsv").into());
        };
        *drawn += 1;
        let Some(code) = code else { continue };
        let rings = feature.polygons.into_iter().flatten().filter(|ring| ring.len() > 2);
        outlines.entry(*code).or_default().extend(rings);
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
    Ok(outlines)
}

/// The box's outline, to the nearest grid points.
fn rectangle(grid: Grid, [west, south, east, north]: [f64; 4]) -> Ring {
    let column = |longitude: f64| (longitude + 180.0) / 360.0 * f64::from(grid.columns);
    let [west, east] = [west, east].map(|longitude| column(longitude).round() as i32);
    let row = |latitude: f64| (latitude - grid.south) / grid.row_height;
    let [south, north] = [south, north].map(|latitude| row(latitude).round() as i32);
    vec![(west, south), (east, south), (east, north), (west, north)]
}
