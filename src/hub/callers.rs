//! How many sockets each caller has in a region.

use std::collections::BTreeMap;

use crate::access::{Caller, Site};

/// How many times a single caller's sockets all callers of a /48 network may have together. One
/// household has a /64 or a /56, one site a /48.
pub(super) const SITE_FACTOR: usize = 4;

/// The counts; a caller without sockets has no entry.
#[derive(Debug, Default)]
pub(super) struct Callers {
    callers: BTreeMap<Caller, usize>,
    sites: BTreeMap<Site, usize>,
}

impl Callers {
    /// Counts one more socket; an unknown caller is not counted.
    pub(super) fn add(&mut self, caller: Option<Caller>) {
        let Some(caller) = caller else { return };
        *self.callers.entry(caller).or_default() += 1;
        if let Some(site) = caller.site() {
            *self.sites.entry(site).or_default() += 1;
        }
    }

    /// Counts one socket fewer.
    pub(super) fn remove(&mut self, caller: Option<Caller>) {
        let Some(caller) = caller else { return };
        take_one(&mut self.callers, caller);
        if let Some(site) = caller.site() {
            take_one(&mut self.sites, site);
        }
    }

    /// Whether a caller may open one more socket if each may have `most`.
    pub(super) fn have_room(&self, caller: Option<Caller>, most: usize) -> bool {
        let Some(caller) = caller else { return true };
        let of_caller = self.callers.get(&caller).copied().unwrap_or(0);
        let of_site = caller.site().and_then(|site| self.sites.get(&site)).copied().unwrap_or(0);
        of_caller < most && of_site < most.saturating_mul(SITE_FACTOR)
    }
}

fn take_one<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}
