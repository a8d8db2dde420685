//! The names of origin countries, each allocated once for all the rows that hold it.

use std::collections::HashSet;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Origins(HashSet<Arc<str>>);

impl Origins {
    /// The name, if a row before held it.
    pub(super) fn known(&self, text: &str) -> Option<Arc<str>> {
        self.0.get(text).cloned()
    }

    pub(super) fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known(text) {
            return known;
        }
        let name: Arc<str> = text.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}
