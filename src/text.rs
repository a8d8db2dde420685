//! Floor 0: text from outside, bounded and printable.
//!
//! In scope: cleaning text before it is stored, served or quoted in an error.
//! Out of scope: escaping for HTML or JSON; their writers do that.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// The most characters of a text that are kept as data or quoted in an error. The longest state
/// name in OpenSky's data has 41.
pub const CHARACTERS_MAX: usize = 64;

/// The most characters of a whole error message. Our longest message quotes eight keys.
pub const MESSAGE_CHARACTERS_MAX: usize = 1_000;

/// The printable characters of a text, at most [`CHARACTERS_MAX`]; borrowed if nothing is removed.
pub fn clean(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if text.len() <= CHARACTERS_MAX && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().filter(is_printable).take(CHARACTERS_MAX).collect();
    if kept == text { Cow::Borrowed(text) } else { Cow::Owned(kept) }
}

/// The printable characters of an error message, with an ellipsis if it is cut.
pub fn message(text: &str) -> String {
    let mut printable = text.chars().filter(is_printable);
    let mut kept: String = printable.by_ref().take(MESSAGE_CHARACTERS_MAX).collect();
    if printable.next().is_some() {
        kept.push('…');
    }
    kept
}

/// Shows a text in double quotes, with unprintable characters escaped, and with an ellipsis after
/// [`CHARACTERS_MAX`] characters.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = CHARACTERS_MAX;
        f.write_char('"')?;
        for letter in self.0.chars() {
            // The standard library would escape it, for single quotes.
            let escaped = if letter == '\'' { 1 } else { letter.escape_debug().len() };
            if escaped > room {
                return f.write_str("\"…");
            }
            room -= escaped;
            match escaped {
                1 => f.write_char(letter)?,
                _ => write!(f, "{}", letter.escape_debug())?,
            }
        }
        f.write_char('"')
    }
}

/// Whether a character is shown as itself everywhere. Not printable are controls, format characters
/// (such as those that change the direction of text), separators other than the space, private and
/// unassigned characters, and combining marks. The list is the standard library's: what `Debug`
/// escapes.
fn is_printable(letter: &char) -> bool {
    match letter {
        ' '..='~' => true,
        _ => letter.escape_debug().len() == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Controls, direction (U+202A to U+202E, U+2066 to U+2069, the marks), joiners, the byte
    /// order mark, line separators, tags, private use.
    const HOSTILE: &str = "\0\u{7}\t\r\n\u{1b}\u{7f}\u{85}\u{ad}\u{61c}\u{200b}\u{200d}\u{200e}\
        \u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\
        \u{2068}\u{2069}\u{206f}\u{feff}\u{fff9}\u{e000}\u{e0041}";

    #[test]
    fn unprintable_characters_are_removed() {
        for letter in HOSTILE.chars() {
            assert_eq!(clean(&format!("Per{letter}u")), "Peru", "{letter:?}");
            assert_eq!(message(&format!("Per{letter}u")), "Peru", "{letter:?}");
        }
        assert_eq!(clean(HOSTILE), "");
        assert_eq!(clean("e\u{301}\u{301}\u{301}"), "e", "marks pile up");
    }

    #[test]
    fn printable_text_is_unchanged() {
        for text in ["", " ", "Germany", "Côte d'Ivoire", "日本", "<b>\"&\\", "🛩", "Ünited"]
        {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text), "{text}");
            assert_eq!(message(text), text);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(clean(&"é".repeat(64)), "é".repeat(64));
        assert_eq!(clean(&"é".repeat(100_000)), "é".repeat(64));
        assert_eq!(clean(&format!("{}x", "\0".repeat(100_000))), "x");
        assert_eq!(message(&"é".repeat(1_000)), "é".repeat(1_000));
        assert_eq!(message(&"é".repeat(1_001)), format!("{}…", "é".repeat(1_000)));
    }

    #[test]
    fn a_quotation_is_escaped_and_bounded() {
        let quoted = |text: &str| Quoted(text).to_string();
        assert_eq!(quoted("it's \"7\"\n"), r#""it's \"7\"\n""#);
        assert_eq!(quoted("\u{202e}x"), r#""\u{202e}x""#);
        assert_eq!(quoted(&"x".repeat(64)), format!("\"{}\"", "x".repeat(64)));
        assert_eq!(quoted(&"x".repeat(65)), format!("\"{}\"…", "x".repeat(64)));
        assert_eq!(quoted(&"\u{202e}".repeat(9)), format!("\"{}\"…", r"\u{202e}".repeat(8)));
    }
}
