//! The context that both sides of the coder keep from row to row.

use std::collections::HashMap;

use crate::airspace::{Cell, Resolution};
use crate::earth::CountryCode;

/// The context that the coder keeps from row to row.
pub(super) struct Memory {
    pub(super) resolution: Resolution,
    /// The address of the row before.
    pub(super) address: u32,
    /// The size class of the gap before that row.
    pub(super) gap_digits: usize,
    /// The last country in each of 256 × 256 parts of the globe.
    pub(super) countries: HashMap<u32, Option<CountryCode>>,
}

impl Memory {
    pub(super) fn new(resolution: Resolution) -> Self {
        Self { resolution, address: 0, gap_digits: 0, countries: HashMap::new() }
    }
}

/// The part of the globe, of 256 × 256, that a cell lies in.
pub(super) fn neighbourhood(cell: Cell, by: Resolution) -> u32 {
    let rows_max = Cell::rows_max(by);
    let y = (i64::from(cell.row) + rows_max) * 256 / (2 * rows_max + 1);
    let x = i64::from(cell.column) * 256 / Cell::columns(cell.row, by);
    (y << 8 | x) as u32
}
