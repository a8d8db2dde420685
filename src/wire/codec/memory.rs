//! What both sides of the coder remember from row to row.

use std::collections::HashMap;

use crate::airspace::{Cell, Resolution};
use crate::earth::CountryCode;

/// What the coder remembers from row to row.
pub(super) struct Memory {
    pub(super) resolution: Resolution,
    /// The address of the row before, and the size of the gap before it.
    pub(super) address: u32,
    pub(super) gap_digits: usize,
    /// The country that was last seen in each quarter of the place's tree, six deep.
    pub(super) countries: HashMap<u32, Option<CountryCode>>,
}

impl Memory {
    pub(super) fn new(resolution: Resolution) -> Self {
        Self { resolution, address: 0, gap_digits: 0, countries: HashMap::new() }
    }
}

/// The quarter of the globe, six deep, in which a cell lies.
pub(super) fn neighbourhood(cell: Cell, by: Resolution) -> u32 {
    let rows_max = Cell::rows_max(by);
    let y = (i64::from(cell.row) + rows_max) * 256 / (2 * rows_max + 1);
    let x = i64::from(cell.column) * 256 / Cell::columns(cell.row, by);
    (y << 8 | x) as u32
}
