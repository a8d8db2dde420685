//! The rows of a response as cells, one row at a time.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use serde_json::value::RawValue;

use super::json_value::{CellVisitor, JsonValue};
use super::source_snapshot::ROWS_MAX;
use super::{Reason, quick};

/// The most columns that any format has.
pub(super) const CELLS: usize = 19;

/// How a format writes a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// As an array, in the cells' order.
    Array,
    /// As an object whose columns have these names, in the cells' order. Others are ignored.
    Object(&'static [&'static str]),
}

/// One row; missing cells are null.
#[derive(Default)]
pub(super) struct Row<'a> {
    /// How many elements the array has, or how many known names the object has.
    pub(super) count: usize,
    /// Its cells, up to [`CELLS`].
    pub(super) cells: [JsonValue<'a>; CELLS],
}

impl<'a> Row<'a> {
    /// Reads the value that begins at `at` into this row. Returns where it ends and, unless it is a
    /// row, the reason; `None` if no valid JSON begins there.
    pub(super) fn read(&mut self, text: &'a str, at: usize) -> Option<(Read, usize)> {
        if let Some((count, end)) = quick::read(text, at, &mut self.cells) {
            self.count = count;
            self.cells[count..].fill(JsonValue::Null);
            return Some((Ok(()), end));
        }
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<&RawValue>();
        let row = values.next()?.ok()?;
        let mut json = serde_json::Deserializer::from_str(row.get());
        let read = RowSeed(Shape::Array, self).deserialize(&mut json).ok()?;
        Some((read, at + values.byte_offset()))
    }
}

/// Passes each row of an array to `each`, or the reason why it is not a row. Null has no rows.
///
/// Returns the number of rows. Those past `ROWS_MAX` are only counted: a body of 16 MiB may hold
/// millions of empty rows, each of which would cost more memory than it has bytes.
pub(super) struct Rows<F> {
    pub(super) shape: Shape,
    pub(super) each: F,
}

impl<'de, F: FnMut(Result<&mut Row<'de>, Reason>)> DeserializeSeed<'de> for Rows<F> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Result<&mut Row<'de>, Reason>)> Visitor<'de> for Rows<F> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of states, or null")
    }

    fn visit_unit<E: Error>(self) -> Result<usize, E> {
        Ok(0)
    }

    /// serde's own error would quote the whole text, up to 16 MiB.
    fn visit_str<E: Error>(self, _text: &str) -> Result<usize, E> {
        Err(E::invalid_type(Unexpected::Other("a text"), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<usize, A::Error> {
        let (mut count, mut row) = (0, Row::default());
        while count < ROWS_MAX {
            let Some(read) = seq.next_element_seed(RowSeed(self.shape, &mut row))? else {
                return Ok(count);
            };
            (self.each)(read.map(|()| &mut row));
            count += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

/// Reads a row in place: returning half a kilobyte by value would take longer than reading it.
struct RowSeed<'r, 'de>(Shape, &'r mut Row<'de>);

/// Why a value is not a row.
pub(super) type Read = Result<(), Reason>;

impl RowSeed<'_, '_> {
    fn refuse<E>(self, cell: Result<JsonValue, E>) -> Result<Read, E> {
        let expected = match self.0 {
            Shape::Array => "an array",
            Shape::Object(_) => "an object",
        };
        Ok(Err(Reason::NotARow { value: cell?.to_string(), expected }))
    }
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_, 'de> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, 'de> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Read, A::Error> {
        if let Shape::Object(_) = self.0 {
            return self.refuse(CellVisitor.visit_seq(seq));
        }
        let row = self.1;
        row.count = 0;
        for cell in &mut row.cells {
            match seq.next_element()? {
                Some(value) => *cell = value,
                None => break,
            }
            row.count += 1;
        }
        for cell in row.cells.iter_mut().skip(row.count) {
            *cell = JsonValue::Null;
        }
        if row.count == CELLS {
            while seq.next_element::<IgnoredAny>()?.is_some() {
                row.count += 1;
            }
        }
        Ok(Ok(()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        let Shape::Object(names) = self.0 else {
            return self.refuse(CellVisitor.visit_map(map));
        };
        let row = self.1;
        *row = Row::default();
        while let Some(place) = map.next_key_seed(Place(names))? {
            match place.and_then(|place| row.cells.get_mut(place)) {
                Some(cell) => {
                    *cell = map.next_value()?;
                    row.count += 1;
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Ok(()))
    }

    fn visit_unit<E: Error>(self) -> Result<Read, E> {
        self.refuse(CellVisitor.visit_unit())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Read, E> {
        self.refuse(CellVisitor.visit_bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Read, E> {
        self.refuse(CellVisitor.visit_i64(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Read, E> {
        self.refuse(CellVisitor.visit_u64(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Read, E> {
        self.refuse(CellVisitor.visit_f64(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Read, E> {
        self.refuse(CellVisitor.visit_str(text))
    }
}

/// Finds a key's place among the names. Unknown keys are not allocated.
pub(super) struct Place(pub(super) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Place {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Place {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}
