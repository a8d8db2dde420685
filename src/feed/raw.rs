//! The rows of a response, as cells: one is read, handed on and forgotten before the next.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Reason;
use super::cell::{Cell, CellVisitor};
use super::sky::ROWS_MAX;

/// The most columns that any format has.
pub(super) const CELLS: usize = 19;

/// How a format writes a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// As an array, whose columns have places.
    Array,
    /// As an object, whose columns have these names: the cells' order. Others are passed over.
    Object(&'static [&'static str]),
}

/// One row; what it does not have is null.
pub(super) struct Row<'a> {
    /// How many elements it has, or how many names were found.
    pub(super) count: usize,
    /// The first of them.
    pub(super) cells: [Cell<'a>; CELLS],
}

/// Hands each row of an array on to `each`, or the reason why it is none. Null has no rows.
///
/// Tells how many there are. Those past `ROWS_MAX` are only counted: a body of 16 MiB may hold
/// millions of empty rows, each of which would cost more memory than it has bytes.
pub(super) struct Rows<F> {
    pub(super) shape: Shape,
    pub(super) each: F,
}

impl<'de, F: FnMut(Result<Row<'de>, Reason>)> DeserializeSeed<'de> for Rows<F> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Result<Row<'de>, Reason>)> Visitor<'de> for Rows<F> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of states, or null")
    }

    fn visit_unit<E: Error>(self) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while count < ROWS_MAX {
            let Some(row) = seq.next_element_seed(RowSeed(self.shape))? else { return Ok(count) };
            (self.each)(row);
            count += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

struct RowSeed(Shape);

type Read<'de> = Result<Row<'de>, Reason>;

impl RowSeed {
    fn refuse<'de, E: Error>(self, cell: Result<Cell<'de>, E>) -> Result<Read<'de>, E> {
        let expected = match self.0 {
            Shape::Array => "an array",
            Shape::Object(_) => "an object",
        };
        Ok(Err(Reason::NotARow { value: cell?.to_string(), expected }))
    }
}

impl<'de> DeserializeSeed<'de> for RowSeed {
    type Value = Read<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowSeed {
    type Value = Read<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Read<'de>, A::Error> {
        if let Shape::Object(_) = self.0 {
            return self.refuse(CellVisitor.visit_seq(seq));
        }
        let mut row = Row { count: 0, cells: Default::default() };
        while let Some(cell) = row.cells.get_mut(row.count) {
            match seq.next_element()? {
                Some(value) => *cell = value,
                None => return Ok(Ok(row)),
            }
            row.count += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            row.count += 1;
        }
        Ok(Ok(row))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read<'de>, A::Error> {
        let Shape::Object(names) = self.0 else {
            return self.refuse(CellVisitor.visit_map(map));
        };
        let mut row = Row { count: 0, cells: Default::default() };
        while let Some(place) = map.next_key_seed(Place(names))? {
            match place.and_then(|place| row.cells.get_mut(place)) {
                Some(cell) => {
                    *cell = map.next_value()?;
                    row.count += 1;
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Ok(row))
    }

    fn visit_unit<E: Error>(self) -> Result<Read<'de>, E> {
        self.refuse(CellVisitor.visit_unit())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Read<'de>, E> {
        self.refuse(CellVisitor.visit_bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Read<'de>, E> {
        self.refuse(CellVisitor.visit_i64(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Read<'de>, E> {
        self.refuse(CellVisitor.visit_u64(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Read<'de>, E> {
        self.refuse(CellVisitor.visit_f64(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Read<'de>, E> {
        self.refuse(CellVisitor.visit_str(text))
    }
}

/// A key's place among the names; nothing is allocated for those that are not there.
struct Place(&'static [&'static str]);

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
