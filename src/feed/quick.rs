//! A fast reader for rows as sources write them: plain texts, numbers, flags and nulls, no spaces.
//!
//! It reads such a row in one pass, where serde_json would find the row's end first and then ask
//! each cell what it is. A row that is written in any other way, or that is not valid JSON, is left
//! to serde_json.

use std::borrow::Cow;

use super::json_value::{JsonValue, TEXT_BYTES_MAX};

/// 10¹⁵ is below 2⁵³: whole numbers of 15 digits and powers of ten up to 10²² are exact as
/// `f64`, so one division rounds a decimal fraction correctly (Clinger, PLDI 1990).
const DIGITS_MAX: usize = 15;
const POWERS: [f64; DIGITS_MAX + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Reads the cells of the row that begins at `start`. Returns their number and where the row ends;
/// `None` where the row is not plain or has more cells than fit.
pub(super) fn read<'a>(
    text: &'a str,
    start: usize,
    cells: &mut [JsonValue<'a>],
) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(start) != Some(&b'[') {
        return None;
    }
    let (mut count, mut at) = (0, start + 1);
    loop {
        let (value, end) = cell(text, at)?;
        *cells.get_mut(count)? = value;
        count += 1;
        match bytes.get(end)? {
            b',' => at = end + 1,
            b']' => return Some((count, end + 1)),
            _ => return None,
        }
    }
}

/// The plain cell that begins there, and where it ends.
#[inline]
pub(super) fn cell(text: &str, at: usize) -> Option<(JsonValue<'_>, usize)> {
    let bytes = text.as_bytes();
    let literal = |value: JsonValue<'static>, literal: &str| {
        bytes[at..].starts_with(literal.as_bytes()).then_some((value, at + literal.len()))
    };
    match bytes.get(at)? {
        b'"' => {
            let start = at + 1;
            let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=0x1f);
            let length = bytes[start..].iter().position(is_special)?;
            let end = start + length;
            let is_plain = bytes[end] == b'"' && length <= TEXT_BYTES_MAX;
            is_plain.then(|| (JsonValue::Text(Cow::Borrowed(&text[start..end])), end + 1))
        }
        b'n' => literal(JsonValue::Null, "null"),
        b't' => literal(JsonValue::Bool(true), "true"),
        b'f' => literal(JsonValue::Bool(false), "false"),
        b'-' | b'0'..=b'9' => number(bytes, at),
        _ => None,
    }
}

fn number(bytes: &[u8], start: usize) -> Option<(JsonValue<'static>, usize)> {
    let is_negative = bytes[start] == b'-';
    let first = start + usize::from(is_negative);
    let (mut at, mut value, mut digits, mut point) = (first, 0_u64, 0, None);
    loop {
        match bytes.get(at)? {
            digit @ b'0'..=b'9' => {
                value = value * 10 + u64::from(digit - b'0');
                digits += 1;
                if digits > DIGITS_MAX {
                    return None;
                }
            }
            b'.' if point.is_none() => point = Some(digits),
            _ => break,
        }
        at += 1;
    }
    let whole = point.unwrap_or(digits);
    let is_padded = whole > 1 && bytes[first] == b'0';
    if whole == 0 || is_padded || point == Some(digits) {
        return None;
    }
    let cell = match point {
        // serde_json reads -0 as a float.
        None if is_negative && value == 0 => return None,
        None => {
            let value = value.cast_signed();
            JsonValue::Integer(if is_negative { -value } else { value })
        }
        Some(whole) => {
            let value = value as f64 / POWERS[digits - whole];
            JsonValue::Float(if is_negative { -value } else { value })
        }
    };
    Some((cell, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the cells of a row as serde_json reads them.
    fn oracle(row: &str) -> Vec<JsonValue<'_>> {
        serde_json::from_str(row).expect("JSON")
    }

    /// Whether the row is plain. Asserts that a plain row is read exactly as serde_json reads it.
    fn is_plain(row: &str) -> bool {
        let mut cells = [const { JsonValue::Null }; 4];
        let text = format!(" {row},");
        let Some((count, end)) = read(&text, 1, &mut cells) else { return false };
        assert_eq!(end, 1 + row.len(), "{row}");
        let shown = |cells: &[JsonValue]| format!("{cells:?}");
        assert_eq!(shown(&cells[..count]), shown(&oracle(row)), "{row}");
        true
    }

    #[test]
    fn a_plain_row_is_read_as_serde_json_reads_it() {
        let numbers = "0 7 -7 1751840376 999999999999999 -999999999999999 0.0 -0.0 20.1409 \
            -33.9775 0.1 0.3 2.675 1.005 9753.6 -0.000001 123456.789012345 0.00000000000001";
        for value in numbers.split_whitespace().chain([r#""""#, r#""DLH9LF  ""#, r#""é日""#]) {
            assert!(is_plain(&format!("[{value}]")), "{value}");
            assert!(is_plain(&format!("[null,{value},true,false]")), "{value}");
        }
    }

    #[test]
    fn decimals_of_up_to_fifteen_digits_are_exact() {
        let mut random = 71_u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let digits = (random >> 33) % 10_u64.pow((random >> 60) as u32 % 8 + 1);
            let (whole, fraction) = (digits % 10_000, digits / 7);
            assert!(is_plain(&format!("[{whole}.{fraction},-{whole}.{fraction:07}]")));
        }
    }

    #[test]
    fn any_other_row_is_left_to_serde_json() {
        let long = format!("[\"{}\"]", "x".repeat(TEXT_BYTES_MAX + 1));
        for row in [
            "[]",
            "{}",
            "null",
            "[ 1]",
            "[1 ]",
            "[1, 2]",
            "[1e3]",
            "[1E-3]",
            "[-0]",
            "[[1]]",
            "[{}]",
            r#"["\u0041"]"#,
            r#"["a\"b"]"#,
            "[1000000000000000]",
            "[115.75000000000001]",
            "[1,2,3,4,5]",
            "[1",
            "[1,]",
            "[nul]",
            "[True]",
            "[falsé]",
            "[-]",
            "[-.5]",
            "[.5]",
            "[5.]",
            "[1.2.3]",
            "[01]",
            "[-00.5]",
            "[\"a\tb\"]",
            "[\"a]",
            &long,
        ] {
            assert!(!is_plain(row), "{row:.40}");
        }
    }
}
