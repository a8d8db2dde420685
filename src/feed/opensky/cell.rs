//! The JSON of a row, before it is believed: any value may stand anywhere.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The columns that are looked at; `extended=1` adds the eighteenth.
const COLUMNS: usize = 18;

/// A JSON value in a column. What lies inside arrays and objects is passed over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cell<'a> {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Array,
    Object,
}

/// One element of `states`.
#[expect(clippy::large_enum_variant, reason = "only one lives at a time, on the stack")]
pub(super) enum RawRow<'a> {
    /// An array: how many elements it has, and the first of them.
    Cells { count: usize, cells: [Cell<'a>; COLUMNS] },
    /// Anything else, shortened.
    Other(String),
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            // A hostile source may send megabytes here; its reason is shown to a person.
            Self::Text(text) => match text.char_indices().nth(32) {
                Some((end, _)) => write!(f, "{:?}…", &text[..end]),
                None => write!(f, "{text:?}"),
            },
            Self::Array => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Cell<'de>, E> {
        Ok(i64::try_from(value).map_or(Cell::Float(value as f64), Cell::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Object)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawRow<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = RawRow<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<RawRow<'de>, A::Error> {
        let mut cells: [Cell; COLUMNS] = Default::default();
        let mut count = 0;
        while let Some(cell) = cells.get_mut(count) {
            match seq.next_element()? {
                Some(value) => *cell = value,
                None => return Ok(RawRow::Cells { count, cells }),
            }
            count += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(RawRow::Cells { count, cells })
    }

    fn visit_unit<E: Error>(self) -> Result<RawRow<'de>, E> {
        other(CellVisitor.visit_unit())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<RawRow<'de>, E> {
        other(CellVisitor.visit_bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<RawRow<'de>, E> {
        other(CellVisitor.visit_i64(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<RawRow<'de>, E> {
        other(CellVisitor.visit_u64(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<RawRow<'de>, E> {
        other(CellVisitor.visit_f64(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawRow<'de>, E> {
        other(CellVisitor.visit_str(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawRow<'de>, A::Error> {
        other(CellVisitor.visit_map(map))
    }
}

fn other<'de, E>(cell: Result<Cell<'de>, E>) -> Result<RawRow<'de>, E> {
    Ok(RawRow::Other(cell?.to_string()))
}
