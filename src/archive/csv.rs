//! State objects as CSV (RFC 4180): the API's names, an empty cell for null.

use std::borrow::Cow;

use super::json::write_json;
use crate::wire::{FieldValue, StateObject};

/// The media type.
pub(super) const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// Writes the line with the names.
pub(super) fn names(bytes: &mut Vec<u8>) {
    let names: Vec<_> = StateObject::names().collect();
    bytes.extend_from_slice(names.join(",").as_bytes());
    bytes.extend_from_slice(b"\r\n");
}

/// Writes the line of an aircraft.
pub(super) fn row(object: StateObject, bytes: &mut Vec<u8>) {
    for (place, (_, value)) in object.fields().enumerate() {
        if place > 0 {
            bytes.push(b',');
        }
        match value {
            FieldValue::Null => {}
            FieldValue::Text(text) => bytes.extend_from_slice(cell(&harmless(&text)).as_bytes()),
            // Flags and numbers as in JSON, which needs no quotes.
            plain => write_json(&plain, bytes),
        }
    }
    bytes.extend_from_slice(b"\r\n");
}

/// The text with an apostrophe before it if a spreadsheet would take it for a formula. A text that
/// begins with an apostrophe gets another one, so that the first one can always be removed.
fn harmless(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The text in double quotes if it needs them.
fn cell(text: &str) -> Cow<'_, str> {
    match text.contains([',', '"', '\r', '\n']) {
        true => Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_rfc_4180_demands_it() {
        for (text, expected) in [
            ("DLH9LF", "DLH9LF"),
            ("", ""),
            ("Korea, Republic of", "\"Korea, Republic of\""),
            ("a \"b\" c", "\"a \"\"b\"\" c\""),
            ("a\r\nb", "\"a\r\nb\""),
            (" padded ", " padded "),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn a_text_is_never_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'quoted"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "DLH9LF", "a=b", "N1-2"] {
            assert_eq!(harmless(text), text);
        }
    }
}
