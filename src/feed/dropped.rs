//! Unusable values: their fields become null, and their aircraft stay.

use super::json_value::JsonValue;

/// A field that has an unusable value in some rows of a response.
#[derive(Clone, Debug, PartialEq)]
pub struct Dropped {
    /// The field's name, as the source spells it.
    pub field: String,
    /// The number of such rows, including those that are rejected for another reason.
    pub count: u64,
    /// The first of them.
    pub example: Example,
}

/// One unusable value.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The row's place in the response, from 0.
    pub row: usize,
    /// The value as JSON, shortened.
    pub value: String,
    /// The accepted values, in words.
    pub expected: String,
}

/// Counts an unusable value. A format has at most 19 fields, so a search costs next to nothing.
#[cold]
pub(super) fn count(
    dropped: &mut Vec<Dropped>,
    row: usize,
    field: &str,
    cell: &JsonValue,
    expected: &str,
) {
    match dropped.iter_mut().find(|known| known.field == field) {
        Some(known) => known.count += 1,
        None => dropped.push(Dropped {
            field: field.to_owned(),
            count: 1,
            example: Example { row, value: cell.to_string(), expected: expected.to_owned() },
        }),
    }
}
