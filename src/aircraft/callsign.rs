//! The name of a flight on the radio.

use std::fmt;

/// One to eight printable ASCII characters, without outer spaces.
///
/// Transponders send eight characters of a 6-bit alphabet, padded with spaces; inner spaces occur.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Callsign([u8; 8]);

impl Callsign {
    /// Reads the callsign from a source's padded text.
    ///
    /// `Ok(None)` if there are only spaces; the trimmed text as the error if it is not a callsign.
    pub fn parse(text: &str) -> Result<Option<Self>, &str> {
        let text = text.trim_matches(' ');
        let mut bytes = [0; 8];
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() > bytes.len() || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Err(text);
        }
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Some(Self(bytes)))
    }

    /// The callsign's characters.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        std::str::from_utf8(&self.0[..length]).expect("a callsign is ASCII")
    }
}

impl fmt::Display for Callsign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Callsign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_trimmed_and_inner_spaces_stay() {
        let parsed = |text| Callsign::parse(text).expect(text).map(|callsign| callsign.to_string());
        assert_eq!(parsed("DLH9LF  ").as_deref(), Some("DLH9LF"));
        assert_eq!(parsed("R  Q  N ").as_deref(), Some("R  Q  N"));
        assert_eq!(parsed("        "), None);
        assert_eq!(parsed(""), None);
        assert_eq!(format!("{:?}", Callsign::parse("N1 ")), r#"Ok(Some("N1"))"#);
    }

    #[test]
    fn what_no_transponder_can_send_is_refused() {
        for text in ["NINECHARS", "a\nb", "ÄÖÜ", "\u{0}"] {
            assert_eq!(Callsign::parse(text), Err(text));
        }
    }
}
