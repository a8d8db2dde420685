//! Dropped values as JSON: in a receipt, in the status, and in the ledger's notes.

use serde::{Deserialize, Serialize};

use crate::feed::{Dropped, Example};

/// A field whose values were unusable in some rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DroppedObject {
    /// The field's name, as the source spells it.
    pub field: String,
    /// The number of rows with such a value.
    pub count: u64,
    /// The first such value.
    pub example: ExampleObject,
}

/// One unusable value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleObject {
    /// The row's index in what was sent, from 0.
    pub row: usize,
    /// The value, as JSON, shortened.
    pub value: String,
    /// What was expected.
    pub expected: String,
}

impl From<Dropped> for DroppedObject {
    fn from(Dropped { field, count, example }: Dropped) -> Self {
        let Example { row, value, expected } = example;
        Self { field, count, example: ExampleObject { row, value, expected } }
    }
}

impl From<DroppedObject> for Dropped {
    fn from(DroppedObject { field, count, example }: DroppedObject) -> Self {
        let ExampleObject { row, value, expected } = example;
        Self { field, count, example: Example { row, value, expected } }
    }
}
