//! The names of origin countries, each allocated once for all rows.

use std::collections::HashSet;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct CountryNames {
    names: HashSet<Arc<str>>,
    /// The previous row's: a country's addresses lie in blocks.
    last: Option<Arc<str>>,
}

impl CountryNames {
    /// Returns the name if an earlier row had it.
    pub(super) fn known(&mut self, text: &str) -> Option<Arc<str>> {
        if self.last.as_deref() != Some(text) {
            self.last = Some(Arc::clone(self.names.get(text)?));
        }
        self.last.clone()
    }

    pub(super) fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known(text) {
            return known;
        }
        let name: Arc<str> = text.into();
        self.names.insert(Arc::clone(&name));
        name
    }
}
