//! The names of origin countries, each allocated once for all the rows that hold it.

use std::collections::HashSet;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Origins(HashSet<Arc<str>>);

impl Origins {
    pub(super) fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let name: Arc<str> = text.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}
