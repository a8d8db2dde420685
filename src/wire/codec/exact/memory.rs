//! What both sides of the coder keep from row to row.

use std::collections::HashMap;
use std::sync::Arc;

use crate::earth::CountryCode;

/// The context that the coder keeps from row to row.
#[derive(Clone, Default)]
pub(super) struct Memory {
    /// The address of the whole row before.
    pub(super) address: u32,
    /// The size class of the gap before that row.
    pub(super) gap_class: usize,
    /// The part of the globe, of 256 × 256, that the whole row before lies in.
    pub(super) leaf: Option<u16>,
    /// The last country in each part of the globe.
    pub(super) countries: HashMap<u16, Option<CountryCode>>,
    /// The last origin, which the next rows mostly share. It saves memory, and codes nothing.
    pub(super) origin: Option<Arc<str>>,
}
