//! Builds the tree of cells from the arcs, once, when boundaries are made.
//!
//! In scope: the edges that touch a cell, and the labels of its corners. Out of scope: bytes.

use super::BoundariesError;
use super::Grid;
use super::arcs::Arcs;
use super::grid::FRACTION_BITS;
use super::index::{
    BRANCH, CHILD_BITS, CHILDREN, Index, LEAF, RUN_BITS, RUN_MAX, VERTICES_MAX, Vertex, crossed,
};

/// Root cells have 1,024 steps a side: 98 × 98 on the real grid, few enough to stay in the cache.
const ROOT_BITS: u32 = 10;

/// A cell with more edges than this gets children, unless it has the least side.
const EDGES_MAX: usize = 24;
const LEAST_BITS: u32 = 4;

/// A run continues over up to this many edges that do not touch the cell: they change nothing.
const GAP_MAX: u32 = 3;

/// The most entries in the edge lists of all cells of one size; the real map has some 700,000.
/// Without a limit a few long edges would fill the memory.
const ENTRIES_MAX: usize = 1 << 22;

/// A cell while the tree is built.
struct GridCell {
    west: i32,
    south: i32,
    bits: u32,
    /// The edges that touch it, by the number of their first vertex.
    edges: Vec<u32>,
}

pub(super) fn build(grid: Grid, arcs: &Arcs) -> Result<Index, BoundariesError> {
    let vertices = &arcs.vertices;
    if vertices.len() > VERTICES_MAX {
        return Err(BoundariesError::TooMany("points", vertices.len(), VERTICES_MAX));
    }
    let rows = || vertices.iter().map(|vertex| vertex.row());
    let (south, north) = (rows().min().unwrap_or(1) - 1, rows().max().unwrap_or(0));
    let count = |steps: i32| steps as u32 / (1 << ROOT_BITS) + 1;
    let roots = (count(grid.columns - 1), count(north - south));
    let mut index =
        Index { root_bits: ROOT_BITS, roots, south, cells: Vec::new(), lists: Vec::new() };
    let labels = Labels::new(grid, vertices);
    // The cells of one level, in the order of `index.cells`.
    let mut cells = root_cells(&index, vertices);
    while !cells.is_empty() {
        let entries = cells.iter().map(|cell| cell.edges.len()).sum();
        if entries > ENTRIES_MAX {
            return Err(BoundariesError::TooMany("index entries", entries, ENTRIES_MAX));
        }
        let mut children = Vec::new();
        let first_child = index.cells.len() + cells.len();
        for cell in cells {
            let value = if cell.edges.len() > EDGES_MAX && cell.bits > LEAST_BITS {
                let at = first_child + children.len();
                children.extend(divided(vertices, &cell));
                BRANCH | at as u32
            } else if cell.edges.is_empty() {
                u32::from(labels.at(vertices, cell.west, cell.south))
            } else {
                let at = index.lists.len() as u32;
                list(&mut index.lists, vertices, &labels, &cell);
                LEAF | at
            };
            index.cells.push(value);
        }
        cells = children;
    }
    Ok(index)
}

fn root_cells(index: &Index, vertices: &[Vertex]) -> Vec<GridCell> {
    let (columns, rows) = index.roots;
    let mut cells: Vec<_> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (column, row)))
        .map(|(column, row)| GridCell {
            west: (column << ROOT_BITS) as i32,
            south: index.south + (row << ROOT_BITS) as i32,
            bits: ROOT_BITS,
            edges: Vec::new(),
        })
        .collect();
    for edge in (0..vertices.len()).filter(|&edge| vertices[edge].mask() != 0) {
        let [a, b] = [vertices[edge], vertices[edge + 1]];
        let range = |a: i32, b: i32, count: u32| {
            let [low, high] = [a.min(b), a.max(b)].map(|steps| steps >> ROOT_BITS);
            // An edge on the line between two cells touches both.
            (low - 1).max(0)..=high.min(count as i32 - 1)
        };
        for row in range(a.row() - index.south, b.row() - index.south, rows) {
            for column in range(a.column, b.column, columns) {
                let cell = &mut cells[row as usize * columns as usize + column as usize];
                if touches(cell, a, b) {
                    cell.edges.push(edge as u32);
                }
            }
        }
    }
    cells
}

fn divided(vertices: &[Vertex], cell: &GridCell) -> [GridCell; CHILDREN] {
    let bits = cell.bits - CHILD_BITS;
    std::array::from_fn(|child| {
        let (column, row) = (child as i32 & 3, child as i32 >> CHILD_BITS);
        let (west, south) = (cell.west + (column << bits), cell.south + (row << bits));
        let mut child = GridCell { west, south, bits, edges: Vec::new() };
        let inside =
            cell.edges.iter().copied().filter(|&edge| {
                touches(&child, vertices[edge as usize], vertices[edge as usize + 1])
            });
        child.edges = inside.collect();
        child
    })
}

/// Whether the edge and the cell, with all its sides, have a point in common.
fn touches(cell: &GridCell, a: Vertex, b: Vertex) -> bool {
    let side = 1 << cell.bits;
    let (east, north) = (cell.west + side, cell.south + side);
    let beside = a.column.max(b.column) < cell.west || a.column.min(b.column) > east;
    if beside || a.row().max(b.row()) < cell.south || a.row().min(b.row()) > north {
        return false;
    }
    let left = |column: i32, row: i32| {
        let (width, height) = (i64::from(b.column - a.column), i64::from(b.row() - a.row()));
        (width * i64::from(row - a.row()) - height * i64::from(column - a.column)).signum()
    };
    let corners = [(cell.west, cell.south), (east, cell.south), (cell.west, north), (east, north)];
    let sides = corners.map(|(column, row)| left(column, row));
    sides.iter().any(|&side| side >= 0) && sides.iter().any(|&side| side <= 0)
}

/// Appends the leaf's list.
fn list(lists: &mut Vec<u32>, vertices: &[Vertex], labels: &Labels, cell: &GridCell) {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &edge in &cell.edges {
        match runs.last_mut() {
            Some((start, end)) if edge - *end <= GAP_MAX && edge + 1 - *start <= RUN_MAX as u32 => {
                *end = edge + 1;
            }
            _ => runs.push((edge, edge + 1)),
        }
    }
    // Set the base so that the path to one point of the cell yields that point's label.
    let mut base = labels.at(vertices, cell.west, cell.south);
    let [column, row] = [cell.west, cell.south].map(|steps| i64::from(steps) << FRACTION_BITS);
    for &(start, end) in &runs {
        let run = &vertices[start as usize..=end as usize];
        base ^= crossed(run, (column, row), cell.south + (1 << cell.bits));
    }
    lists.push(u32::from(base) | (runs.len() as u32) << 8);
    lists.extend(runs.iter().map(|(start, end)| start << RUN_BITS | (end - start)));
}

/// The labels of grid points, by counting along the whole meridian.
pub(super) struct Labels {
    /// For each strip of columns, the edges that span a part of it.
    strips: Vec<Vec<u32>>,
    strip_bits: u32,
}

impl Labels {
    pub(super) fn new(grid: Grid, vertices: &[Vertex]) -> Self {
        let strip_bits = 6;
        let strips = (grid.columns as usize >> strip_bits) + 1;
        let mut labels = Self { strips: vec![Vec::new(); strips], strip_bits };
        for edge in (0..vertices.len()).filter(|&edge| vertices[edge].mask() != 0) {
            let [a, b] = [vertices[edge].column, vertices[edge + 1].column];
            let [low, high] = [a.min(b), a.max(b)].map(|column| column >> strip_bits);
            for strip in low.max(0)..=high.min(strips as i32 - 1) {
                labels.strips[strip as usize].push(edge as u32);
            }
        }
        labels
    }

    pub(super) fn at(&self, vertices: &[Vertex], column: i32, row: i32) -> u8 {
        // The easternmost cells may begin beyond the grid, where no point ever is.
        let Some(strip) = self.strips.get((column >> self.strip_bits) as usize) else { return 0 };
        let point = (i64::from(column) << FRACTION_BITS, i64::from(row) << FRACTION_BITS);
        strip.iter().fold(0, |label, &edge| {
            let edge = &vertices[edge as usize..][..2];
            // No edge is north of this, so the path runs along the meridian only.
            label ^ crossed(edge, point, 1 << 19)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn does_touch((a, b): ((i32, i32), (i32, i32))) -> bool {
        let cell = GridCell { west: 16, south: 32, bits: 4, edges: Vec::new() };
        let [a, b] = [a, b].map(|(column, row)| Vertex::new(column, row, 1));
        assert_eq!(touches(&cell, a, b), touches(&cell, b, a), "{a:?} {b:?}");
        touches(&cell, a, b)
    }

    /// The cell has columns 16 to 32 and rows 32 to 48.
    #[test]
    fn an_edge_touches_a_cell_that_it_crosses_or_meets_and_no_other() {
        for edge in [
            ((20, 40), (24, 44)),
            ((0, 40), (60, 40)),
            ((0, 16), (60, 76)),
            ((32, 0), (32, 80)),
            ((0, 32), (16, 32)),
            ((10, 54), (22, 42)),
            // Through one corner.
            ((8, 40), (24, 24)),
        ] {
            assert!(does_touch(edge), "{edge:?}");
        }
        for edge in [
            // Their lines cross the cell, yet they end before it.
            ((20, 0), (21, 31)),
            ((20, 49), (21, 90)),
            ((0, 40), (15, 41)),
            ((33, 40), (60, 41)),
            // They pass a corner.
            ((8, 39), (23, 24)),
            ((25, 60), (40, 44)),
        ] {
            assert!(!does_touch(edge), "{edge:?}");
        }
    }
}
