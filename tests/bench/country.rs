//! How long it takes to find the country under an aircraft.
//!
//! The points are the snapshots' positions. The index is compared with plain `geo`: polygons, each
//! with its bounding box. The input of the other peers is written to `target/bench/`.

#![expect(clippy::disallowed_methods, reason = "a clock is what this is about")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use flate2::{Compression, write::GzEncoder};
use geo::{Contains, Intersects, LineString, Point, Polygon, Rect};
use overflight::earth::Position;
use overflight::earth::country::{Boundaries, CountryCode};
use serde_json::{Value, json};

use super::polygons::{polygons, turns};
use super::snapshots::{BOUNDARIES, Snapshots};
use super::{Figures, OUT};

/// Rounds over all points. The fastest counts: a disturbance only slows a round down.
const ROUNDS: usize = 15;

/// How many points the slow peer looks up.
const PEER_POINTS: usize = 4_000;

const HARD_POINTS: usize = 100_000;

pub fn measure(snapshots: &Snapshots) -> Result<Figures, Box<dyn Error>> {
    let states = snapshots.minutes.iter().flat_map(|minute| minute.snapshot.aircraft());
    let points: Vec<_> = states.filter_map(|state| state.position).collect();
    let bytes = fs::read(BOUNDARIES)?;
    let boundaries = Boundaries::decode(&bytes)?;
    let lookup = fastest(ROUNDS, &points, |point| boundaries.country_at(point));
    let load = (0..ROUNDS).map(|_| timed(|| drop(black_box(Boundaries::decode(&bytes)))));
    let load = load.fold(f64::INFINITY, f64::min);

    let peer = Peer::new(&boundaries);
    let some: Vec<_> = points.iter().copied().step_by(points.len() / PEER_POINTS + 1).collect();
    let wrong =
        some.iter().filter(|point| peer.country_at(**point) != boundaries.country_at(**point));
    let disagreements = wrong.count();
    let peer_geo = fastest(1, &some, |point| peer.country_at(point));

    leave(&boundaries, &points)?;
    Ok(vec![
        ("country.lookup_ns", lookup * 1e9),
        ("country.load_native_ms", load * 1e3),
        ("country.index_bytes", gzip(&bytes)? as f64),
        ("country.index_raw_bytes", bytes.len() as f64),
        ("country.peer_geo_ns", peer_geo * 1e9),
        ("country.peer_geo_disagreements", disagreements as f64),
    ])
}

/// Seconds a point.
fn fastest(
    rounds: usize,
    points: &[Position],
    at: impl Fn(Position) -> Option<CountryCode>,
) -> f64 {
    let round = || {
        timed(|| {
            for point in points {
                black_box(at(black_box(*point)));
            }
        })
    };
    (0..rounds).map(|_| round()).fold(f64::INFINITY, f64::min) / points.len() as f64
}

fn timed(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

fn gzip(bytes: &[u8]) -> Result<usize, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// Polygons with their boxes.
struct Peer(Vec<(CountryCode, Polygon, Rect)>);

impl Peer {
    fn new(boundaries: &Boundaries) -> Self {
        let mut found = Vec::new();
        for (code, rings) in boundaries.outlines() {
            let turned =
                polygons(boundaries.grid(), &rings).into_iter().flat_map(|one| turns(&one));
            found.extend(turned.map(|(polygon, extent)| (code, polygon, extent)));
        }
        Self(found)
    }

    fn country_at(&self, point: Position) -> Option<CountryCode> {
        let point = Point::new(point.longitude, point.latitude);
        let near = self.0.iter().filter(|(_, _, extent)| extent.intersects(&point));
        near.filter(|(_, polygon, _)| polygon.contains(&point)).map(|(code, ..)| *code).next()
    }
}

/// Writes the points, the answers and the outlines for the peers in other languages.
///
/// Besides the snapshots' points there are harder ones, up to 5 km from a corner of an outline.
fn leave(boundaries: &Boundaries, points: &[Position]) -> Result<(), Box<dyn Error>> {
    let peer = Peer::new(boundaries);
    let mut random = 1_u64;
    let mut next = || {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize
    };
    let mut hard = Vec::new();
    while hard.len() < HARD_POINTS {
        let corners = &peer.0[next() % peer.0.len()].1.exterior().0;
        let corner = corners[next() % corners.len()];
        let mut off = || (next() % 10_001) as f64 / 1e5 - 0.05;
        hard.extend(Position::new(corner.x + off(), corner.y + off()));
    }
    for (name, points) in [("snapshot", points), ("hard", &hard)] {
        let (mut places, mut answers) = (Vec::new(), Vec::new());
        for point in points {
            places.extend([point.longitude, point.latitude].map(f64::to_le_bytes).concat());
            let code = boundaries.country_at(*point);
            answers.extend(code.as_ref().map_or("--", CountryCode::as_str).as_bytes());
        }
        fs::write(format!("{OUT}/{name}.points"), places)?;
        fs::write(format!("{OUT}/{name}.countries"), answers)?;
    }
    let ring = |line: &LineString| line.coords().map(|at| json!([at.x, at.y])).collect::<Value>();
    let features = peer.0.iter().map(|(code, polygon, _)| {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        let geometry =
            json!({ "type": "Polygon", "coordinates": rings.map(ring).collect::<Value>() });
        json!({ "type": "Feature", "properties": { "code": code.as_str() }, "geometry": geometry })
    });
    let collection =
        json!({ "type": "FeatureCollection", "features": features.collect::<Value>() });
    fs::write(format!("{OUT}/countries.geojson"), serde_json::to_vec(&collection)?)?;
    Ok(())
}
