//! Small outlines: whole degrees, row 0 on the equator.

use super::*;
use crate::earth::country::grid::FRACTION_BITS;

const GRID: Grid = Grid { columns: 360, south: 0.0, row_height: 1.0 };

/// A ring through points in degrees.
fn ring(points: &[(i32, i32)]) -> Ring {
    points.iter().map(|&(longitude, latitude)| ((longitude + 540) % 360, latitude)).collect()
}

fn square(west: i32, south: i32, east: i32, north: i32) -> Ring {
    ring(&[(west, south), (east, south), (east, north), (west, north)])
}

fn boundaries(countries: &[(&str, &[Ring])]) -> Boundaries {
    let countries = countries
        .iter()
        .map(|&(code, rings)| (code.parse().expect("the test's own code"), rings.to_vec()))
        .collect();
    Boundaries::new("drawn by hand", GRID, countries).expect("the test's own outlines")
}

fn check(boundaries: &Boundaries, longitude: f64, latitude: f64, expected: Option<&str>) {
    let point = Position::new(longitude, latitude).expect("the test's own point");
    let code = boundaries.country_at(point);
    assert_eq!(code.as_ref().map(CountryCode::as_str), expected, "{point:?}");
}

#[test]
fn an_enclave_is_its_own_and_an_empty_hole_is_nobodys() {
    let outer = [square(0, 0, 30, 30), square(5, 5, 10, 10), square(20, 20, 25, 25)];
    let drawn = boundaries(&[("AA", &outer), ("BB", &[square(5, 5, 10, 10)])]);
    check(&drawn, 1.0, 1.0, Some("AA"));
    check(&drawn, 7.5, 7.5, Some("BB"));
    check(&drawn, 22.5, 22.5, None);
    check(&drawn, 7.5, 2.0, Some("AA"));
    check(&drawn, 7.5, 12.0, Some("AA"));
    check(&drawn, 7.5, 30.5, None);
    check(&drawn, -0.5, 7.5, None);
}

#[test]
fn an_island_in_a_lake_is_land_again() {
    let rings = [square(0, 0, 30, 30), square(5, 5, 20, 20), square(10, 10, 15, 15)];
    let drawn = boundaries(&[("AA", &rings)]);
    check(&drawn, 7.0, 12.0, None);
    check(&drawn, 12.0, 12.0, Some("AA"));
}

#[test]
fn a_border_point_is_in_exactly_one_of_the_neighbours() {
    let [a, b] = [square(0, 0, 10, 10), square(10, 0, 20, 10)];
    let [c, d] = [square(0, 10, 10, 20), square(10, 10, 20, 20)];
    let drawn = boundaries(&[("AA", &[a]), ("BB", &[b]), ("CC", &[c]), ("DD", &[d])]);
    check(&drawn, 10.0, 5.0, Some("BB"));
    check(&drawn, 5.0, 10.0, Some("CC"));
    check(&drawn, 10.0, 10.0, Some("DD"));
    check(&drawn, 0.0, 0.0, Some("AA"));
    check(&drawn, 20.0, 5.0, None);
    check(&drawn, 5.0, 20.0, None);
}

#[test]
fn a_slanted_border_parts_its_neighbours_exactly() {
    let [below, above] = [ring(&[(0, 0), (30, 0), (30, 10)]), ring(&[(0, 0), (30, 10), (0, 10)])];
    let drawn = boundaries(&[("AA", &[below]), ("BB", &[above])]);
    for step in 1..30 {
        let (longitude, latitude) = (f64::from(step), f64::from(step) / 3.0);
        check(&drawn, longitude, latitude + 1e-6, Some("BB"));
        check(&drawn, longitude, latitude - 1e-6, Some("AA"));
        let point = Position::new(longitude, latitude).expect("on the border");
        assert!(drawn.country_at(point).is_some(), "{point:?}");
    }
}

#[test]
fn a_country_may_lie_across_the_antimeridian() {
    let drawn = boundaries(&[("AA", &[square(170, -10, -170, 10)])]);
    for longitude in [170.5, 179.9999999, 180.0, -180.0, -179.9999999, -170.5] {
        check(&drawn, longitude, 0.0, Some("AA"));
        check(&drawn, longitude, 10.5, None);
    }
    for longitude in [169.5, -169.5, 0.0] {
        check(&drawn, longitude, 0.0, None);
    }
}

#[test]
fn a_slanted_border_across_the_antimeridian_is_there_on_both_its_sides() {
    // The northern border rises eastward, or falls: degrees north at 178, 179.5, -179.5 and -178.
    for [west, left, right, east] in [[4.0, 5.5, 6.5, 8.0], [8.0, 6.5, 5.5, 4.0]] {
        let outline = [(178, 0), (-178, 0), (-178, east as i32), (178, west as i32)];
        let drawn = boundaries(&[("AA", &[ring(&outline)])]);
        for (longitude, border) in [(179.5, left), (-179.5, right), (180.0, 6.0), (-180.0, 6.0)] {
            check(&drawn, longitude, border - 0.1, Some("AA"));
            check(&drawn, longitude, border + 0.1, None);
        }
    }
}

#[test]
fn steps_go_the_short_way_round_and_eastward_if_both_ways_are_as_long() {
    for (from, to, steps) in [(10, 30, 20), (30, 10, -20), (350, 10, 20), (10, 350, -20)] {
        assert_eq!(GRID.steps(from, to), steps, "from {from} to {to}");
    }
    for (from, to) in [(0, 180), (180, 0), (90, 270)] {
        assert_eq!(GRID.steps(from, to), 180, "from {from} to {to}");
    }
}

#[test]
fn a_ring_becomes_a_closed_line_in_degrees() {
    let grid = Grid { columns: 720, south: -10.0, row_height: 0.25 };
    let line = grid.line(&vec![(0, 0), (2, 4), (719, 8)]);
    let points: Vec<_> = line.coords().map(|at| (at.x, at.y)).collect();
    let expected = [(-180.0, -10.0), (-179.0, -9.0), (-180.5, -8.0), (-180.0, -10.0)];
    assert_eq!(points, expected, "it runs on across the antimeridian");
}

#[test]
fn a_ring_round_the_globe_encloses_the_south_pole() {
    let coast: Vec<_> =
        (0..36).map(|step| (step * 10 - 180, if step % 2 == 0 { -70 } else { -60 })).collect();
    let drawn = boundaries(&[("AQ", &[ring(&coast)])]);
    for longitude in [-180.0, -95.0, 0.0, 33.0, 180.0] {
        check(&drawn, longitude, -90.0, Some("AQ"));
        check(&drawn, longitude, -75.0, Some("AQ"));
        check(&drawn, longitude, -50.0, None);
        check(&drawn, longitude, 90.0, None);
    }
    check(&drawn, 0.0, -65.0, None);
    check(&drawn, 10.0, -65.0, Some("AQ"));
}

#[test]
fn doubled_points_and_spikes_change_nothing() {
    let spiked = ring(&[(0, 0), (0, 0), (10, 0), (15, 5), (10, 0), (10, 10), (0, 10), (0, 0)]);
    let drawn = boundaries(&[("AA", &[spiked, Ring::new(), ring(&[(40, 40)])])]);
    check(&drawn, 5.0, 5.0, Some("AA"));
    check(&drawn, 14.0, 2.0, None);
    check(&drawn, 40.0, 40.0, None);
}

#[test]
fn rings_come_out_in_degrees_and_closed() {
    let drawn = boundaries(&[("AA", &[square(170, -10, -170, 10)])]);
    let (code, lines) = drawn.rings().next().expect("one country");
    let mut corners: Vec<_> = lines[0].coords().map(|corner| (corner.x, corner.y)).collect();
    assert_eq!(code.as_str(), "AA");
    assert_eq!(corners.pop(), Some(corners[0]));
    corners.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    // Where the ring begins decides between two meridians 360° apart.
    let [west, east] = if corners[0].0 < 0.0 { [-190.0, -170.0] } else { [170.0, 190.0] };
    assert_eq!(corners, [(west, -10.0), (west, 10.0), (east, -10.0), (east, 10.0)]);
}

#[test]
fn boundaries_survive_encoding() {
    let rings = [square(170, -10, -170, 10), square(0, -90, 30, 90), Ring::new()];
    let drawn = boundaries(&[("AA", &rings), ("BB", &[]), ("CC", &[square(-30, 0, -3, 9)])]);
    let decoded = Boundaries::decode(&drawn.encode()).expect("just encoded");
    assert_eq!(decoded, drawn);
    assert_eq!(decoded.source(), "drawn by hand");
}

#[test]
fn an_outline_off_the_globe_is_refused() {
    let refuse = |grid, ring| {
        let aa = "AA".parse().expect("a code");
        Boundaries::new("", grid, vec![(aa, vec![ring])]).expect_err("off the globe").to_string()
    };
    let points = refuse(GRID, vec![(0, 91)]) + &refuse(GRID, vec![(360, 0)]);
    assert!(points.contains("column 0, row 91") && points.contains("column 360"), "{points}");
    let half_round = refuse(GRID, vec![(10, 0), (190, 5), (100, 9)]);
    assert!(half_round.contains("column 190, row 5: off the globe, or half round it"));
    for (columns, south, row_height) in
        [(0, 0.0, 1.0), (1 << 20, 0.0, 1.0), (360, f64::NAN, 1.0), (360, 0.0, 0.0)]
    {
        let message = refuse(Grid { columns, south, row_height }, Ring::new());
        assert!(message.contains("is not a grid of the globe"), "{message}");
    }
}

#[test]
fn hostile_bytes_are_errors_and_never_panic() {
    let rings = [square(170, -10, -170, 10), square(0, -90, 30, 90)];
    let bytes = boundaries(&[("AA", &rings), ("BB", &rings)]).encode();
    for length in 0..bytes.len() {
        Boundaries::decode(&bytes[..length]).expect_err("cut short");
    }
    let trailing = Boundaries::decode(&[&bytes[..], &[0]].concat());
    assert_eq!(trailing, Err(BoundariesError::Trailing(1)));
    // Any changed byte may give other outlines, but nothing worse; 0xff makes huge numbers.
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = value;
            if let Ok(decoded) = Boundaries::decode(&changed) {
                let _ = decoded.country_at(Position::new(-180.0, -90.0).expect("a pole"));
            }
            changed.truncate(at + 1);
            changed.extend([0xff; 12]);
            let _ = Boundaries::decode(&changed);
        }
    }
}

#[test]
fn errors_name_what_is_wrong() {
    let bytes = boundaries(&[("AA", &[square(0, 0, 9, 9)])]).encode();
    let say = |bytes: &[u8]| Boundaries::decode(bytes).expect_err("bad bytes").to_string();
    assert!(say(b"{\"type\"").contains("[7b, 22, 74, 79], expected OFCB"));
    let mut newer = bytes.clone();
    newer[4] = 3;
    assert!(say(&newer).contains("version 3, expected 2"));
    let letters = bytes.windows(2).position(|pair| pair == b"AA").expect("the code");
    let mut nameless = bytes;
    nameless[letters] = b'?';
    assert!(say(&nameless).contains("country code is [3f, 41]"));
}

#[test]
fn more_long_edges_than_the_index_holds_are_refused() {
    let grid = Grid { columns: 1 << 18, ..GRID };
    let zigzag = (0..30_000).map(|step| (step + step % 2 * (1 << 16), step % 60)).collect();
    let countries = vec![("AA".parse().expect("a code"), vec![zigzag])];
    let refused = Boundaries::new("", grid, countries).expect_err("too many entries").to_string();
    assert!(refused.contains("index entries, expected at most 4194304"), "{refused}");
}

/// SplitMix64: the same outlines in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as i64
    }
}

/// The label by counting every edge between the point, in sixteenths, and the North Pole.
fn counted(grid: Grid, countries: &[Vec<Ring>], (column, row): (i64, i64)) -> u8 {
    let mut label = 0;
    for (country, ring) in countries
        .iter()
        .enumerate()
        .flat_map(|(country, rings)| rings.iter().map(move |ring| (country, ring)))
    {
        for (&a, &b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let steps = grid.steps(a.0, b.0);
            let (west, east, width) = if steps > 0 { (a, b, steps) } else { (b, a, -steps) };
            let beyond = (column - i64::from(west.0) * 16).rem_euclid(i64::from(grid.columns) * 16);
            let rise = i64::from(east.1 - west.1) * beyond;
            let above = rise - (row - i64::from(west.1) * 16) * i64::from(width);
            if beyond < i64::from(width) * 16 && above > 0 {
                label ^= country as u8 + 1;
            }
        }
    }
    label
}

#[test]
fn the_index_agrees_with_counting_along_meridians() {
    for seed in 0..40 {
        println!("seed {seed}");
        let mut random = Random(seed);
        let grid = Grid { columns: 3_600, south: 0.0, row_height: 0.05 };
        // Rings that cross themselves, each other and the antimeridian, and some round the globe.
        let mut rings = |corners: i64| -> Vec<Ring> {
            let mut ring = |size: i64| -> Ring {
                let (west, south) = (random.below(3_600), random.below(3_000) - 1_500);
                let mut corner = || {
                    let column = (west + random.below(size)) % 3_600;
                    (column as i32, (south + random.below(size / 8)) as i32)
                };
                (0..corners).map(|_| corner()).collect()
            };
            vec![ring(20), ring(300), ring(1_700)]
        };
        let countries: Vec<_> = [60, 9, 3].into_iter().map(&mut rings).collect();
        let named = ["AA", "BB", "CC"].map(|code| code.parse().expect("a code")).into_iter();
        let drawn = Boundaries::new("", grid, named.zip(countries.clone()).collect());
        let drawn = drawn.expect("outlines on the globe");
        for _ in 0..2_000 {
            let mut point = (random.below(3_600 * 16), random.below(3_600 * 16) - 1_800 * 16);
            // Half of the points lie on grid points, where corners and borders are.
            if random.below(2) == 0 {
                point = (point.0 & !15, point.1 & !15);
            }
            let fixed = |sixteenths: i64| sixteenths << (FRACTION_BITS - 4);
            let label = drawn.index.label(&drawn.arcs.vertices, fixed(point.0), fixed(point.1));
            assert_eq!(label, counted(grid, &countries, point), "{point:?}");
        }
        assert_eq!(Boundaries::decode(&drawn.encode()), Ok(drawn));
    }
}

#[test]
fn a_border_along_a_meridian_belongs_to_the_east_in_every_cell() {
    let grid = Grid { columns: 3_600, south: 0.0, row_height: 0.05 };
    let tall = vec![(100, -1_500), (200, -1_500), (200, 1_500), (100, 1_500)];
    // Enough corners that cells are divided.
    let teeth = (0..200).map(|step| (300 + step % 2 * 100, 5 * step)).chain([(900, 0)]).collect();
    let countries = [vec![tall], vec![teeth]];
    let named = ["AA", "BB"].map(|code| code.parse().expect("a code")).into_iter();
    let drawn = Boundaries::new("", grid, named.zip(countries).collect()).expect("on the globe");
    for row in -1_490..1_490 {
        for (column, label) in [(99, 0), (100, 1), (199, 1), (200, 0)] {
            let [x, y] = [column, row].map(|steps| steps << FRACTION_BITS);
            assert_eq!(drawn.index.label(&drawn.arcs.vertices, x, y), label, "{column}, {row}");
        }
    }
}

#[test]
fn a_cell_may_have_more_edges_in_a_row_than_fit_one_run() {
    let grid = Grid { columns: 3_600, south: 0.0, row_height: 0.05 };
    // A comb of 256 edges, each one step long, within 16 x 16 steps: no cell is smaller.
    let mut comb: Ring = (0..16).map(|row| (0, row)).collect();
    for column in 1..16 {
        let rows = (1..16).map(|row| (column, if column % 2 == 0 { row } else { 16 - row }));
        comb.extend(rows);
    }
    comb.extend((1..16).rev().map(|column| (column, 0)));
    assert_eq!(comb.len(), 256);
    let countries = [vec![comb]];
    let named = ["AA"].map(|code| code.parse().expect("a code")).into_iter();
    let drawn = Boundaries::new("", grid, named.zip(countries.clone()).collect());
    let drawn = drawn.expect("on the globe");
    for (column, row) in (-8..264).flat_map(|column| (-8..264).map(move |row| (column, row))) {
        let column = i64::rem_euclid(column, 3_600 * 16);
        let [x, y] = [column, row].map(|sixteenths| sixteenths << (FRACTION_BITS - 4));
        let label = drawn.index.label(&drawn.arcs.vertices, x, y);
        assert_eq!(label, counted(grid, &countries, (column, row)), "{column}, {row}");
    }
}

#[test]
fn an_arc_may_run_half_round_the_globe_beyond_the_grid_and_no_further() {
    let shifted = |by: i32| {
        // Columns 180 to 190.
        let mut drawn = boundaries(&[("AA", &[square(0, 0, 10, 10)])]);
        drawn.arcs.vertices.iter_mut().for_each(|vertex| vertex.column += by);
        Boundaries::decode(&drawn.encode())
    };
    for by in [351, -361] {
        assert!(matches!(shifted(by), Err(BoundariesError::Step(..))), "{by}: {:?}", shifted(by));
    }
    for by in [350, -360] {
        assert!(!matches!(shifted(by), Err(BoundariesError::Step(..))), "{by}: {:?}", shifted(by));
    }
}
