//! The label of a point: a tree of square cells over the grid.
//!
//! A cell has one label throughout, or 4 × 4 children, or a list of the edges that touch it. A
//! label is the number of a country, or 0. An edge's mask is the two sides' labels xored. Crossing
//! an edge xors the label with its mask, so the order of crossings does not matter.
//!
//! In a cell with edges the path to the point leads from far west along the cell's northern side to
//! the point's meridian, then south. The cell's `base` is the label at the path's start, as far as
//! the listed edges are concerned. The point, and the northern side, count as shifted by a tiny ε
//! to the north and a far smaller one to the east. So no path ever meets a vertex, and a point on
//! a border belongs to the country to the north, or to the east if the border follows a meridian.

use super::grid::FRACTION_BITS;

/// A cell's side is a quarter of its parent's.
pub(super) const CHILD_BITS: u32 = 2;
pub(super) const CHILDREN: usize = 1 << (2 * CHILD_BITS);

/// The bits that mark a cell as a leaf or a branch; without either it is a label.
pub(super) const LEAF: u32 = 1 << 31;
pub(super) const BRANCH: u32 = 1 << 30;

/// A run of consecutive edges is `start << 8 | edges`.
pub(super) const RUN_BITS: u32 = 8;
pub(super) const RUN_MAX: usize = (1 << RUN_BITS) - 1;
pub(super) const VERTICES_MAX: usize = 1 << (32 - RUN_BITS);

/// A point of an arc, and the mask of the edge from it to the next point; 0 at an arc's end.
///
/// Columns run on beyond the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Vertex {
    pub(super) column: i32,
    /// The row and, in the lower 8 bits, the mask.
    packed: i32,
}

impl Vertex {
    pub(super) fn new(column: i32, row: i32, mask: u8) -> Self {
        Self { column, packed: row << 8 | i32::from(mask) }
    }

    pub(super) fn row(self) -> i32 {
        self.packed >> 8
    }

    pub(super) fn mask(self) -> u8 {
        self.packed as u8
    }
}

/// The tree. Children stand together, in the order of their parents, so the file needs no numbers
/// to link them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Index {
    /// A root cell's side is 2 to this power.
    pub(super) root_bits: u32,
    /// Root cells from west to east, and from south to north.
    pub(super) roots: (u32, u32),
    /// The southern side of the southernmost root cells, below every edge.
    pub(super) south: i32,
    /// The roots row by row, then the children.
    ///
    /// A label, or [`BRANCH`] and the first child's index, or [`LEAF`] and an index in `lists`.
    pub(super) cells: Vec<u32>,
    /// For each leaf its base in the lower 8 bits and, above, the count of its runs; then the runs.
    pub(super) lists: Vec<u32>,
}

impl Index {
    /// The label of a point given with [`FRACTION_BITS`] binary places. The column is on the grid.
    pub(super) fn label(&self, vertices: &[Vertex], column: i64, row: i64) -> u8 {
        // South of all cells there are no edges to cross.
        let row = row.max(i64::from(self.south) << FRACTION_BITS);
        let x = (column >> FRACTION_BITS) as u32;
        let y = ((row >> FRACTION_BITS) - i64::from(self.south)) as u64;
        let mut bits = self.root_bits;
        if y >> bits >= u64::from(self.roots.1) {
            return 0;
        }
        let y = y as u32;
        let mut cell = self.cells[((y >> bits) * self.roots.0 + (x >> bits)) as usize];
        while cell & BRANCH != 0 {
            bits -= CHILD_BITS;
            let child = (y >> bits & 3) << CHILD_BITS | x >> bits & 3;
            cell = self.cells[((cell ^ BRANCH) + child) as usize];
        }
        if cell & LEAF == 0 {
            return cell as u8;
        }
        let north = self.south + (((y >> bits) + 1) << bits) as i32;
        let at = (cell ^ LEAF) as usize;
        let head = self.lists[at];
        let runs = &self.lists[at + 1..][..(head >> 8) as usize];
        runs.iter().fold(head as u8, |label, run| {
            let start = (run >> RUN_BITS) as usize;
            let run = &vertices[start..=start + (run & RUN_MAX as u32) as usize];
            label ^ crossed(run, (column, row), north)
        })
    }
}

/// The masks, xored, of the run's edges that the path to the point crosses.
pub(super) fn crossed(run: &[Vertex], (column, row): (i64, i64), north: i32) -> u8 {
    let whole = (column >> FRACTION_BITS) as i32;
    let mut label = 0;
    for edge in run.windows(2) {
        let [a, b] = [edge[0], edge[1]];
        // The western end belongs to this edge, the eastern end to the next one.
        let meridian = (a.column <= whole) != (b.column <= whole);
        let northern = (a.row() > north) != (b.row() > north);
        if meridian | northern {
            let bend = is_right(a, b, column, i64::from(north) << FRACTION_BITS);
            // South from the bend to the point: are the two on different sides of the edge?
            let south = meridian & (bend != is_right(a, b, column, row));
            // East along the northern side to the bend: is the bend east of the edge?
            let east = northern & (bend == (b.row() > a.row()));
            if south != east {
                label ^= a.mask();
            }
        }
    }
    label
}

/// Whether the point, shifted by ε, lies to the right of the edge.
///
/// 64 bits suffice: an edge is at most 2¹⁷ columns wide and 2¹⁹ rows high, and a point at most 2¹⁹
/// columns and rows away, which with the fraction are 2⁴³. So the products are below 2⁶¹ and 2⁶².
fn is_right(a: Vertex, b: Vertex, column: i64, row: i64) -> bool {
    let (width, height) = (i64::from(b.column - a.column), i64::from(b.row() - a.row()));
    let east = column - (i64::from(a.column) << FRACTION_BITS);
    let north = row - (i64::from(a.row()) << FRACTION_BITS);
    // On the line itself the shift decides: first north, then east.
    let trifle = width < 0 || (width == 0 && height > 0);
    width * north - height * east < i64::from(trifle)
}
