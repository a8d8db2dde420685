//! Outlines as arcs: each border once, whether it bounds one country or two.
//!
//! In scope: cutting rings into arcs, and joining them again. Out of scope: which points are
//! inside.

use std::collections::HashMap;

use super::index::Vertex;
use super::{Grid, Ring};

type Point = (i32, i32);

/// The borders as arcs, and the arcs of each ring.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Arcs {
    /// All arcs' corners, one arc after the other.
    pub(super) vertices: Vec<Vertex>,
    /// Arc `a` is `vertices[starts[a]..starts[a + 1]]`.
    pub(super) starts: Vec<u32>,
    /// For each country its rings, and for each ring its arcs; `!arc` is an arc from end to start.
    pub(super) rings: Vec<Vec<Vec<i32>>>,
}

impl Arcs {
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn arc(&self, arc: usize) -> &[Vertex] {
        &self.vertices[self.starts[arc] as usize..self.starts[arc + 1] as usize]
    }

    /// The ring that consists of these arcs.
    pub(super) fn ring(&self, grid: Grid, arcs: &[i32]) -> Ring {
        let mut ring = Ring::new();
        let point = |vertex: &Vertex| (vertex.column.rem_euclid(grid.columns), vertex.row());
        for &arc in arcs {
            // An arc ends where the next one begins.
            let forwards = self.arc(if arc < 0 { !arc } else { arc } as usize);
            let last = forwards.len() - 1;
            match arc {
                0.. => ring.extend(forwards[..last].iter().map(point)),
                _ => ring.extend(forwards[1..].iter().rev().map(point)),
            }
        }
        ring
    }

    /// The arcs of these countries' rings. Country `c` has the label `c + 1`.
    pub(super) fn new(grid: Grid, countries: &[Vec<Ring>]) -> Self {
        let rings: Vec<Vec<Ring>> =
            countries.iter().map(|rings| rings.iter().filter_map(cleaned).collect()).collect();
        let borders = Borders::new(grid, &rings);
        let mut arcs = Self { starts: vec![0], ..Self::default() };
        let mut known = HashMap::new();
        for rings in &rings {
            let of_country = rings.iter().map(|ring| {
                let pieces = borders.cut(ring).into_iter();
                pieces.map(|piece| arcs.number(grid, &borders, &mut known, piece)).collect()
            });
            let of_country = of_country.collect();
            arcs.rings.push(of_country);
        }
        arcs.repeat_across_the_antimeridian(grid);
        arcs
    }

    /// The number of an arc that is new, or known in either direction.
    fn number(
        &mut self,
        grid: Grid,
        borders: &Borders,
        known: &mut HashMap<Vec<Point>, i32>,
        piece: Vec<Point>,
    ) -> i32 {
        let backwards: Vec<_> = piece.iter().rev().copied().collect();
        let is_forwards = piece <= backwards;
        let points = if is_forwards { piece } else { backwards };
        let next = self.len() as i32;
        let arc = *known.entry(points).or_insert_with_key(|points| {
            let mut column = points[0].0;
            let mask = borders.masks[&edge(points[0], points[1])];
            let unrolled = points.iter().enumerate().map(|(at, point)| {
                column += grid.steps(column, point.0);
                let is_last = at + 1 == points.len();
                Vertex::new(column, point.1, if is_last { 0 } else { mask })
            });
            self.vertices.extend(unrolled);
            self.starts.push(self.vertices.len() as u32);
            next
        });
        if is_forwards { arc } else { !arc }
    }

    /// Repeats the edges that cross the antimeridian, so that they exist on both its sides. Each is
    /// an arc of its own.
    fn repeat_across_the_antimeridian(&mut self, grid: Grid) {
        for arc in 0..self.len() {
            let [first, last] = [self.arc(arc)[0], self.arc(arc)[self.arc(arc).len() - 1]];
            let turn = match last.column {
                column if column >= grid.columns => -grid.columns,
                ..0 => grid.columns,
                _ => continue,
            };
            for vertex in [first, last] {
                let turned = Vertex::new(vertex.column + turn, vertex.row(), vertex.mask());
                self.vertices.push(turned);
            }
            self.starts.push(self.vertices.len() as u32);
        }
    }
}

/// The ring without repeated points, so without a closing one; `None` if fewer than two are left.
fn cleaned(ring: &Ring) -> Option<Ring> {
    let mut ring = ring.clone();
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    (ring.len() > 1).then_some(ring)
}

/// The edge's key, the same in both directions.
fn edge(a: Point, b: Point) -> (Point, Point) {
    if a <= b { (a, b) } else { (b, a) }
}

fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// The edges and points of all rings together.
struct Borders {
    /// The labels, xored, of the countries whose rings follow the edge.
    masks: HashMap<(Point, Point), u8>,
    /// Whether arcs end at a point: where borders meet, and beside the antimeridian.
    ends: HashMap<Point, bool>,
}

impl Borders {
    fn new(grid: Grid, countries: &[Vec<Ring>]) -> Self {
        let mut masks = HashMap::<_, u8>::new();
        for (country, rings) in countries.iter().enumerate() {
            for (a, b) in rings.iter().flat_map(|ring| edges(ring)) {
                *masks.entry(edge(a, b)).or_default() ^= (country + 1) as u8;
            }
        }
        let mut neighbours = HashMap::<Point, (usize, u8)>::new();
        let mut ends = HashMap::new();
        for (&(a, b), &mask) in &masks {
            let is_across = !(0..grid.columns).contains(&(a.0 + grid.steps(a.0, b.0)));
            for point in [a, b] {
                let (count, first_mask) = neighbours.entry(point).or_insert((0, mask));
                *count += 1;
                let is_end = is_across || *count > 2 || *first_mask != mask;
                *ends.entry(point).or_default() |= is_end;
            }
        }
        for (point, (count, _)) in neighbours {
            *ends.entry(point).or_default() |= count != 2;
        }
        Self { masks, ends }
    }

    /// The ring's pieces, each with the points at both its ends.
    fn cut(&self, ring: &Ring) -> Vec<Vec<Point>> {
        let is_end = |point: &Point| self.ends[point];
        // A ring that meets no other is cut at its least point, whatever its direction.
        let least = || (0..ring.len()).min_by_key(|&at| ring[at]);
        let first = ring.iter().position(is_end).or_else(least).unwrap_or(0);
        let mut pieces = vec![vec![ring[first]]];
        for step in 1..=ring.len() {
            let point = ring[(first + step) % ring.len()];
            if let Some(piece) = pieces.last_mut() {
                piece.push(point);
            }
            if step < ring.len() && is_end(&point) {
                pieces.push(vec![point]);
            }
        }
        pieces
    }
}
