//! Mending: turns rings that cross or overlap into simple ones that do not.
//!
//! Rounding to the grid has made some outlines cross themselves, double back or overlap their
//! neighbours. All countries are mended at once, on the same grid, so that a shared border stays
//! one border:
//!
//! 1. Every edge is kept once, with the countries that it bounds: those whose rings follow it an
//!    odd number of times. An edge followed there and back disappears.
//! 2. Where edges cross, or a point lies on an edge, they are cut at the nearest grid point. That
//!    may bend them across others by less than a step, so it repeats until nothing is cut.
//! 3. The even-odd rule labels both sides of each edge: with the countries whose edges are crossed
//!    an odd number of times on the way north. Ground of two countries goes to the first.
//! 4. Each country's rings are traced along the edges with its ground on the left. They stay on the
//!    same ground where rings touch, and are split where they pass a point twice.
//!
//! Out of scope: gaps between neighbours, which stay without a country as in the source.

use std::collections::{BTreeMap, BTreeSet};

use overflight::earth::country::{Grid, Ring};

type Point = (i32, i32);

/// An edge from its western end, which is on the grid, to the eastern, which may be beyond. Along a
/// meridian it leads north: the step is `(0, +)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: Point,
    step: Point,
}

/// Edges, and for each the countries that it bounds, in order.
type Edges = BTreeMap<Edge, Vec<usize>>;

/// Statistics of mending.
#[derive(Debug, Default, PartialEq)]
pub struct Mended {
    /// Cuts through edges, over all rounds.
    pub cuts: usize,
    /// Edges with ground of two countries on one side.
    pub overlaps: usize,
}

/// Mends the countries' outlines. In a mended ring the country's ground is on the left.
pub fn mend(grid: Grid, countries: &[Vec<Ring>]) -> (Vec<Vec<Ring>>, Mended) {
    let mut mended = Mended::default();
    let mut edges = Edges::new();
    for (country, rings) in countries.iter().enumerate() {
        for ring in rings {
            for (&a, &b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                add(grid, &mut edges, a, b, &[country]);
            }
        }
    }
    edges.retain(|_, bounded| !bounded.is_empty());
    loop {
        let cuts = cuts(grid, &edges);
        if cuts.is_empty() {
            break;
        }
        for (edge, points) in cuts {
            let bounded = edges.remove(&edge).unwrap_or_default();
            mended.cuts += points.len();
            let mut before = edge.from;
            let end = (edge.from.0 + edge.step.0, edge.from.1 + edge.step.1);
            for point in points.into_iter().map(|cut| cut.point).chain([end]) {
                add(grid, &mut edges, before, point, &bounded);
                before = point;
            }
        }
        edges.retain(|_, bounded| !bounded.is_empty());
    }
    let mut ways = vec![Ways::new(); countries.len()];
    let strips = Strips::new(grid, edges.keys());
    for (edge, bounded) in &edges {
        let left = strips.left_of(grid, &edges, edge);
        let right = toggled(&left, bounded);
        mended.overlaps += usize::from(left.len() > 1 || right.len() > 1);
        let (left, right) = (left.first(), right.first());
        if left == right {
            continue;
        }
        let back = (-edge.step.0, -edge.step.1);
        let to = edge.to(grid);
        left.into_iter()
            .for_each(|&country| ways[country].entry(edge.from).or_default().push(edge.step));
        right.into_iter().for_each(|&country| ways[country].entry(to).or_default().push(back));
    }
    (ways.into_iter().map(|ways| trace(grid, ways)).collect(), mended)
}

fn add(grid: Grid, edges: &mut Edges, a: Point, b: Point, countries: &[usize]) {
    let step = (grid.steps(a.0, b.0), b.1 - a.1);
    let from = |point: Point| (point.0.rem_euclid(grid.columns), point.1);
    let edge = match step {
        (0, 0) => return,
        step if step > (0, 0) => Edge { from: from(a), step },
        step => Edge { from: from(b), step: (-step.0, -step.1) },
    };
    let bounded = edges.entry(edge).or_default();
    *bounded = toggled(bounded, countries);
}

/// The symmetric difference of two lists, sorted.
fn toggled(a: &[usize], b: &[usize]) -> Vec<usize> {
    let [a, b] = [a, b].map(|countries| countries.iter().copied().collect::<BTreeSet<_>>());
    a.symmetric_difference(&b).copied().collect()
}

impl Edge {
    fn to(self, grid: Grid) -> Point {
        ((self.from.0 + self.step.0).rem_euclid(grid.columns), self.from.1 + self.step.1)
    }

    /// Both ends, with columns counted from near `column`.
    fn ends(self, grid: Grid, column: i32) -> [Point; 2] {
        let from = (column + grid.steps(column, self.from.0), self.from.1);
        [from, (from.0 + self.step.0, from.1 + self.step.1)]
    }
}

/// Edges by strips of meridians.
struct Strips(Vec<Vec<Edge>>);

const STRIP: i32 = 64;

impl Strips {
    fn new<'a>(grid: Grid, edges: impl Iterator<Item = &'a Edge>) -> Self {
        let mut strips = vec![Vec::new(); (grid.columns / STRIP + 1) as usize];
        for edge in edges {
            // Column by column: the last strip may have any width.
            let columns = edge.from.0..=edge.from.0 + edge.step.0;
            let strip = |column: i32| (column.rem_euclid(grid.columns) / STRIP) as usize;
            let of_edge: BTreeSet<_> = columns.map(strip).collect();
            of_edge.into_iter().for_each(|strip| strips[strip].push(*edge));
        }
        Self(strips)
    }

    /// The countries on the left of the edge: north of it, or west if it leads north.
    fn left_of(&self, grid: Grid, edges: &Edges, edge: &Edge) -> Vec<usize> {
        // In half steps, so that the middle is an integer.
        let middle = (2 * edge.from.0 + edge.step.0, 2 * edge.from.1 + edge.step.1);
        let strip = middle.0.div_euclid(2).rem_euclid(grid.columns) / STRIP;
        let mut countries = Vec::new();
        for other in &self.0[strip as usize] {
            let [a, b] = other.ends(grid, middle.0.div_euclid(2));
            let is_west = |point: Point| 2 * point.0 <= middle.0;
            if is_west(a) != is_west(b) && side(double(a), double(b), middle) < 0 {
                countries = toggled(&countries, &edges[other]);
            }
        }
        // For an edge along a meridian the loop has found the countries to the east.
        if edge.step.0 == 0 { toggled(&countries, &edges[edge]) } else { countries }
    }
}

fn double(point: Point) -> Point {
    (2 * point.0, 2 * point.1)
}

/// Positive if `c` is on the left of the line from `a` to `b`, negative if on its right.
fn side(a: Point, b: Point, c: Point) -> i64 {
    let minus = |p: Point, q: Point| (i64::from(p.0 - q.0), i64::from(p.1 - q.1));
    let (ab, ac) = (minus(b, a), minus(c, a));
    ab.0 * ac.1 - ab.1 * ac.0
}

/// A point at which an edge is cut, ordered along the edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    along: i64,
    point: Point,
}

/// Where edges have to be cut.
fn cuts(grid: Grid, edges: &Edges) -> BTreeMap<Edge, BTreeSet<Cut>> {
    let mut cuts = BTreeMap::<Edge, BTreeSet<Cut>>::new();
    for (strip, mut inside) in Strips::new(grid, edges.keys()).0.into_iter().enumerate() {
        let column = strip as i32 * STRIP;
        let low = |edge: &Edge| edge.from.1.min(edge.from.1 + edge.step.1);
        let high = |edge: &Edge| edge.from.1.max(edge.from.1 + edge.step.1);
        inside.sort_by_key(|edge| (low(edge), *edge));
        for (at, edge) in inside.iter().enumerate() {
            for other in inside[at + 1..].iter().take_while(|other| low(other) <= high(edge)) {
                let (p, q) = (edge.ends(grid, column), other.ends(grid, column));
                for point in meetings(p, q) {
                    for (edge, [a, b]) in [(edge, p), (other, q)] {
                        if point != a && point != b {
                            let ab = (i64::from(b.0 - a.0), i64::from(b.1 - a.1));
                            let ac = (i64::from(point.0 - a.0), i64::from(point.1 - a.1));
                            let along = ab.0 * ac.0 + ab.1 * ac.1;
                            let step = (point.0 - a.0, point.1 - a.1);
                            let point = (edge.from.0 + step.0, edge.from.1 + step.1);
                            cuts.entry(*edge).or_default().insert(Cut { along, point });
                        }
                    }
                }
            }
        }
    }
    cuts
}

/// The grid points nearest to where two edges meet, except shared ends.
fn meetings([a, b]: [Point; 2], [c, d]: [Point; 2]) -> Vec<Point> {
    if a.0.max(b.0) < c.0.min(d.0) || c.0.max(d.0) < a.0.min(b.0) {
        return Vec::new();
    }
    let (ca, cb) = (side(c, d, a), side(c, d, b));
    let (ac, ad) = (side(a, b, c), side(a, b, d));
    if ca.signum() * cb.signum() < 0 && ac.signum() * ad.signum() < 0 {
        // Rounded: (b − a) ca / (ca − cb) from a.
        let (part, whole) = (ca.abs(), (ca - cb).abs());
        let rounded = |step: i32| (2 * i64::from(step) * part + whole).div_euclid(2 * whole) as i32;
        return vec![(a.0 + rounded(b.0 - a.0), a.1 + rounded(b.1 - a.1))];
    }
    let within = |p: Point, [q, r]: [Point; 2]| {
        p != q
            && p != r
            && (q.0.min(r.0)..=q.0.max(r.0)).contains(&p.0)
            && (q.1.min(r.1)..=q.1.max(r.1)).contains(&p.1)
    };
    let on_cd = [(ca, a), (cb, b)].into_iter().filter(|&(side, p)| side == 0 && within(p, [c, d]));
    let on_ab = [(ac, c), (ad, d)].into_iter().filter(|&(side, p)| side == 0 && within(p, [a, b]));
    on_cd.chain(on_ab).map(|(_, point)| point).collect()
}

/// For each point the steps along edges with the country's ground on the left.
type Ways = BTreeMap<Point, Vec<Point>>;

fn trace(grid: Grid, mut ways: Ways) -> Vec<Ring> {
    let mut rings = Vec::new();
    while let Some((&start, steps)) = ways.iter().next() {
        let first_step = steps[0];
        let mut ring: Ring = Vec::new();
        let mut place = BTreeMap::new();
        let (mut at, mut step) = (start, first_step);
        loop {
            if let Some(first) = place.insert(at, ring.len()) {
                // The same point again: the points between form a ring of their own.
                let between = ring.split_off(first);
                between.iter().for_each(|point| {
                    place.remove(point);
                });
                place.insert(at, first);
                rings.push(between);
            }
            ring.push(at);
            at = ((at.0 + step.0).rem_euclid(grid.columns), at.1 + step.1);
            step = next(&ways, at, step);
            if (at, step) == (start, first_step) {
                break;
            }
            take(&mut ways, at, step);
        }
        take(&mut ways, start, first_step);
        rings.push(ring);
    }
    rings.retain(|ring| ring.len() > 2);
    rings
}

/// The next step from a point: the first clockwise from the way back, so that the ground between
/// stays on the left.
fn next(ways: &Ways, at: Point, came: Point) -> Point {
    let back = (-came.0, -came.1);
    let steps = ways.get(&at).into_iter().flatten().copied();
    steps.min_by(|&a, &b| clockwise(back, a, b)).expect("as many ways lead from a point as to it")
}

fn take(ways: &mut Ways, at: Point, step: Point) {
    if let Some(steps) = ways.get_mut(&at) {
        steps.retain(|other| *other != step);
        if steps.is_empty() {
            ways.remove(&at);
        }
    }
}

/// Orders two directions clockwise from a third.
fn clockwise(from: Point, a: Point, b: Point) -> std::cmp::Ordering {
    // The right half first; the direction itself would be last.
    let origin = (0, 0);
    let half = |step: Point| {
        let side = side(origin, from, step);
        let along = i64::from(from.0) * i64::from(step.0) + i64::from(from.1) * i64::from(step.1);
        if side < 0 {
            0
        } else if side == 0 && along < 0 {
            1
        } else if side > 0 {
            2
        } else {
            3
        }
    };
    half(a).cmp(&half(b)).then_with(|| side(origin, a, b).cmp(&0))
}
