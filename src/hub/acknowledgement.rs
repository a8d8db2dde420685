//! The only message that a client sends besides `ping`.

use serde::Deserialize;

/// The longest message that is parsed, in characters or bytes.
///
/// `{"ack":18446744073709551615,"digest":4294967295}` has 48; the rest is for spaces.
pub const MESSAGE_LENGTH_MAX: usize = 64;

/// `{"ack": sequence, "digest": digest}`: the client has read that sequence's frame.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Acknowledgement {
    /// The frame's sequence.
    #[serde(rename = "ack")]
    pub sequence: u64,
    /// The frame's digest.
    pub digest: u32,
}

impl Acknowledgement {
    /// Parses an acknowledgement; `None` if the text is anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // serde would accept an array of two as well.
        let is_object = text.trim_start().starts_with('{');
        if text.len() > MESSAGE_LENGTH_MAX || !is_object {
            return None;
        }
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_of_two_integers_is_an_acknowledgement() {
        let parsed = |text| Acknowledgement::parse(text);
        let largest = Acknowledgement { sequence: u64::MAX, digest: u32::MAX };
        assert_eq!(parsed(r#"{"ack":18446744073709551615,"digest":4294967295}"#), Some(largest));
        let small = || Some(Acknowledgement { sequence: 1, digest: 2 });
        for text in [r#"{"ack":1,"digest":2}"#, " { \"digest\": 2, \"ack\": 1 }\n"] {
            assert_eq!(parsed(text), small(), "{text}");
        }
        let long = format!(r#"{{"ack":1,{}"digest":2}}"#, " ".repeat(MESSAGE_LENGTH_MAX));
        let wrong = [
            "",
            "ack",
            "{}",
            "[1,2]",
            r#"{"ack":1}"#,
            r#"{"digest":2}"#,
            r#"{"ack":1,"ack":1,"digest":2}"#,
            r#"{"ack":1,"digest":2,"digest":2}"#,
            r#"{"ack":1,"digest":2,"x":3}"#,
            r#"{"ack":-1,"digest":2}"#,
            r#"{"ack":1.0,"digest":2}"#,
            r#"{"ack":1,"digest":4294967296}"#,
            r#"{"ack":18446744073709551616,"digest":2}"#,
            r#"{"ack":1e2,"digest":2}"#,
            r#"{"ack":"1","digest":2}"#,
            r#"{"ack":[0],"digest":2}"#,
            r#"{"ack":1,"digest":null}"#,
            r#"{"ack":1,"digest":2}{}"#,
            &long,
        ];
        for text in wrong {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
