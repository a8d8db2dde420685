//! JSON into memory.

use serde::Serialize;

/// Appends a value as JSON.
pub(super) fn write_json(value: &impl Serialize, bytes: &mut Vec<u8>) {
    serde_json::to_writer(bytes, value).expect("texts and numbers always serialise");
}
