//! The built boundaries: repaired, reproducible and exact.
//!
//! The oracle is the crate `geo` on the repaired polygons, with no index but their extents. It
//! needs optimised code: `cargo test --release --no-default-features --test boundaries`, as
//! `make test` runs it.

#[path = "../examples/boundaries/build.rs"]
mod build;
#[path = "../examples/boundaries/mend.rs"]
mod mend;
#[path = "../examples/boundaries/polygons.rs"]
mod polygons;
mod snapshots;
#[path = "../examples/boundaries/topology.rs"]
mod topology;

use std::collections::HashSet;

use geo::coordinate_position::CoordPos;
use geo::{Coord, CoordinatePosition, Intersects, Polygon, Rect};
use overflight::earth::Position;
use overflight::earth::country::{Boundaries, CountryCode};
use polygons::{polygons, turns};
use snapshots::Random;

const SEED: u64 = 0x0b5e_55ed;

fn bytes() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/dist/boundaries.bin");
    std::fs::read(path).expect("dist/boundaries.bin is built by `make build`")
}

fn boundaries() -> Boundaries {
    Boundaries::decode(&bytes()).expect("what `make build` built")
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes a minute unoptimised")]
fn a_second_build_makes_the_same_bytes_and_repairs_every_polygon() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/world-atlas/countries-10m.json");
    let json = std::fs::read(path).expect("world-atlas is installed by `make setup`");
    let built = build::build(&json).expect("world-atlas 2.0.2");
    println!("{:?} invalid polygons, before and after; {:?}", built.invalid, built.mended);
    assert_eq!(built.invalid, [133, 0]);
    assert_eq!(built.mended, mend::Mended { cuts: 174, overlaps: 0 });
    assert!(built.boundaries.encode() == bytes(), "two builds differ");
}

#[test]
fn rings_that_cross_and_overlap_are_repaired() {
    use overflight::earth::country::Grid;
    let grid = Grid { columns: 360, south: 0.0, row_height: 1.0 };
    let bow_tie = vec![(0, 0), (10, 10), (10, 0), (0, 10)];
    // A hole that touches its outer ring, a spike, and a neighbour that overlaps the border.
    let outer = vec![(20, 0), (30, 0), (35, 0), (30, 0), (30, 10), (20, 10)];
    let hole = vec![(20, 5), (25, 7), (25, 3)];
    let over = vec![(28, 0), (40, 0), (40, 10), (28, 10)];
    // Across the antimeridian: two halves that meet there become one.
    let halves =
        [vec![(350, 20), (0, 20), (0, 29), (350, 29)], vec![(0, 20), (9, 20), (9, 29), (0, 29)]];
    let (mended, report) =
        mend::mend(grid, &[vec![bow_tie], vec![outer, hole], vec![over], halves.to_vec()]);
    let counts = mended.iter().map(|rings| rings.iter().map(Vec::len).collect::<Vec<_>>());
    assert_eq!(
        counts.collect::<Vec<_>>(),
        [vec![3, 3], vec![3, 7], vec![4], vec![6]],
        "{mended:?}"
    );
    assert!(report.cuts > 0 && report.overlaps > 0, "{report:?}");
    let drawn: Vec<_> = mended.iter().flat_map(|rings| polygons(grid, rings)).collect();
    assert_eq!(polygons::count_invalid(drawn.iter()), 0);
}

struct Oracle(Vec<(CountryCode, Polygon, Rect)>);

/// The geometry's answer for a point: inside these countries, on the border of those.
#[derive(Debug, Default, PartialEq)]
struct Said {
    inside: HashSet<CountryCode>,
    border: HashSet<CountryCode>,
}

impl Oracle {
    fn new(boundaries: &Boundaries) -> Self {
        let mut found = Vec::new();
        for (code, rings) in boundaries.outlines() {
            let turned =
                polygons(boundaries.grid(), &rings).into_iter().flat_map(|one| turns(&one));
            found.extend(turned.map(|(polygon, extent)| (code, polygon, extent)));
        }
        Self(found)
    }

    fn says(&self, longitude: f64, latitude: f64) -> Said {
        let mut said = Said::default();
        let at = Coord { x: longitude, y: latitude };
        for (code, polygon, _) in self.0.iter().filter(|(.., extent)| extent.intersects(&at)) {
            match polygon.coordinate_position(&at) {
                CoordPos::Inside => drop(said.inside.insert(*code)),
                CoordPos::OnBoundary => drop(said.border.insert(*code)),
                CoordPos::Outside => {}
            }
        }
        said
    }

    /// Returns a random edge of a random outline; all outlines are equally likely.
    fn edge(&self, random: &mut Random) -> (Coord, Coord) {
        let (_, polygon, _) = &self.0[random.below(self.0.len() as u64) as usize];
        let at = random.next() as usize % (polygon.exterior().0.len() - 1);
        (polygon.exterior().0[at], polygon.exterior().0[at + 1])
    }
}

fn on_globe(longitude: f64, latitude: f64) -> (f64, f64) {
    // A longitude that is in range stays unchanged to the last bit.
    let longitude = match longitude {
        ..-180.0 => longitude + 360.0,
        180.0.. => longitude - 360.0,
        _ => longitude,
    };
    (longitude, latitude.clamp(-90.0, 90.0))
}

fn million(oracle: &Oracle) -> Vec<(f64, f64)> {
    let mut random = Random(SEED);
    let mut points = Vec::new();
    for _ in 0..500_000 {
        // Uniform by area.
        points.push((
            180.0 * random.between(-1.0, 1.0),
            random.between(-1.0, 1.0).asin().to_degrees(),
        ));
    }
    for _ in 0..380_000 {
        // Within a kilometre of a border, mostly within a hundred metres; but not so near that the
        // 24 µm to which a lookup rounds its point would matter.
        let (a, b) = oracle.edge(&mut random);
        let along = random.between(-1.0, 1.0).abs();
        let off = 0.009 * 10_f64.powf(random.between(-1.0, 1.0) - 1.0);
        let longitude = a.x + along * (b.x - a.x) + off * random.between(-1.0, 1.0);
        points
            .push(on_globe(longitude, a.y + along * (b.y - a.y) + off * random.between(-1.0, 1.0)));
    }
    for _ in 0..80_000 {
        // Exactly on a corner.
        let (corner, _) = oracle.edge(&mut random);
        points.push(on_globe(corner.x, corner.y));
    }
    for index in 0..40_000 {
        let sign = if index % 2 == 0 { 1.0 } else { -1.0 };
        points.push(match index % 4 {
            0 | 1 => (sign * 180.0, 90.0 * random.between(-1.0, 1.0)),
            _ => (180.0 * random.between(-1.0, 1.0), sign * 90.0),
        });
    }
    points
}

/// A point on a border belongs to the country north of it, or east of it where the border follows a
/// meridian. So `geo` is asked about a point that is 2 µ° north and a millionth of that east: a
/// corner is at least about that far from any border but its own.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes unoptimised")]
fn a_million_lookups_agree_with_exact_geometry() {
    println!("seed {SEED:#x}");
    let boundaries = boundaries();
    let oracle = Oracle::new(&boundaries);
    let points = million(&oracle);
    assert_eq!(points.len(), 1_000_000);
    let check = |points: &[(f64, f64)]| {
        let (mut wrong, mut by_rule, mut on_land) = (Vec::new(), 0, 0);
        for &(longitude, latitude) in points {
            let point = Position::new(longitude, latitude).expect("on the globe");
            let mut said = oracle.says(longitude, latitude);
            if !said.border.is_empty() {
                by_rule += 1;
                let (longitude, latitude) = on_globe(longitude + 2e-12, latitude + 2e-6);
                said = oracle.says(longitude, latitude);
            }
            let code = boundaries.country_at(point);
            on_land += usize::from(code.is_some());
            if said.inside != code.into_iter().collect() || !said.border.is_empty() {
                wrong.push((longitude, latitude, code, said));
            }
        }
        (wrong, by_rule, on_land)
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let shares = points.chunks(points.len().div_ceil(threads));
    let results: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = shares.map(|share| scope.spawn(|| check(share))).collect();
        started.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let by_rule: usize = results.iter().map(|result| result.1).sum();
    let on_land: usize = results.iter().map(|result| result.2).sum();
    let wrong: Vec<_> = results.into_iter().flat_map(|result| result.0).collect();
    println!("{on_land} on land, {by_rule} on borders, {} disagree", wrong.len());
    assert!(wrong.is_empty(), "{} disagree: {:?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert!(on_land > 300_000 && by_rule > 70_000, "{on_land} on land, {by_rule} on borders");
}
