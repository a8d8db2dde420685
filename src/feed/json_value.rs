//! A JSON value of a row before validation: any type may be in any column.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::text::Quoted;

/// How many bytes of a text are read. At most 64 characters of 4 bytes are kept of a field; the
/// rest is room for what is removed. A text with escapes is copied, and a response may be one text
/// of 16 MiB.
pub(super) const TEXT_BYTES_MAX: usize = 1 << 10;

/// A JSON value in a column. The contents of arrays and objects are ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum JsonValue<'a> {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    /// Its first KiB, if it is longer.
    Text(Cow<'a, str>),
    /// How many elements it has.
    Array(usize),
    Object,
}

impl fmt::Display for JsonValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Array(_) => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

pub(super) struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = JsonValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<JsonValue<'de>, E> {
        Ok(i64::try_from(value).map_or(JsonValue::Float(value as f64), JsonValue::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Text(Cow::Borrowed(head(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Text(Cow::Owned(head(text).to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<JsonValue<'de>, A::Error> {
        let mut count = 0;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(JsonValue::Array(count))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonValue<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(JsonValue::Object)
    }
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}
