//! State vectors as columns: one array a field.
//!
//! Column by column an array of numbers stays an array of numbers, and what repeats (a country's
//! name) is written once. Nothing is rounded here.
//!
//! No column is kept: each is written straight from the rows, and read straight into them. Beside
//! 100,000 rows of 168 bytes the columns would take another 17 MB.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::{CountryCode, Position};
use crate::feed::ROWS_MAX;

/// The columns in the order in which they are written and read. Each has one cell for each
/// aircraft, `nil` where the source does not know; but `origin_countries` has the names to which
/// `origin_country` counts, from 0.
const NAMES: [&str; 19] = [
    "icao24",
    "callsign",
    "origin_countries",
    "origin_country",
    "time_position",
    "last_contact",
    "longitude",
    "latitude",
    "baro_altitude",
    "on_ground",
    "velocity",
    "true_track",
    "vertical_rate",
    "geo_altitude",
    "squawk",
    "spi",
    "position_source",
    "category",
    "current_country",
];

/// How many bytes so many rows take at the most, but for the names.
pub fn bytes_of(rows: usize) -> usize {
    // Seven measurements of 9 bytes, three times of 5, and what is short; some 110 are usual.
    1_000 + 130 * rows
}

/// Rows that are written as columns.
pub struct ColumnsOf<'a, R>(pub &'a [R]);

impl<R: Borrow<StateVector>> Serialize for ColumnsOf<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.0;
        let (origin_countries, origin_country) = origins(rows);
        let mut columns = serializer.serialize_struct("Columns", NAMES.len())?;
        let mut names = NAMES.into_iter();
        macro_rules! write {
            ($column:expr) => {
                let name = names.next().expect("NAMES has a name for each column");
                columns.serialize_field(name, &$column)?;
            };
        }
        write!(column(rows, |row| row.icao24.get()));
        write!(column(rows, |row| row.callsign.as_ref().map(Callsign::as_str)));
        write!(origin_countries);
        write!(origin_country);
        write!(column(rows, |row| row.time_position));
        write!(column(rows, |row| row.last_contact));
        write!(column(rows, |row| row.position.map(|position| position.longitude)));
        write!(column(rows, |row| row.position.map(|position| position.latitude)));
        write!(column(rows, |row| row.baro_altitude));
        write!(column(rows, |row| row.on_ground));
        write!(column(rows, |row| row.velocity));
        write!(column(rows, |row| row.true_track));
        write!(column(rows, |row| row.vertical_rate));
        write!(column(rows, |row| row.geo_altitude));
        write!(column(rows, |row| row.squawk.map(Squawk::get)));
        write!(column(rows, |row| row.spi));
        write!(column(rows, |row| row.position_source));
        write!(column(rows, |row| row.category));
        write!(column(rows, |row| row.current_country.as_ref().map(CountryCode::as_str)));
        columns.end()
    }
}

/// One column of rows, written cell by cell.
struct Column<'a, R, F>(&'a [R], F);

fn column<'a, R, T, F: Fn(&'a StateVector) -> T>(rows: &'a [R], cell: F) -> Column<'a, R, F> {
    Column(rows, cell)
}

impl<'a, R, T, F> Serialize for Column<'a, R, F>
where
    R: Borrow<StateVector>,
    T: Serialize,
    F: Fn(&'a StateVector) -> T,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|row| (self.1)(row.borrow())))
    }
}

/// The names of the rows' origin countries, and which of them each row has.
fn origins<R: Borrow<StateVector>>(rows: &[R]) -> (Vec<&str>, Vec<Option<u16>>) {
    let (mut names, mut places) = (Vec::new(), HashMap::new());
    let mut last: Option<(&str, u16)> = None;
    let mut place = |name| {
        // A country's addresses lie in blocks, so mostly it is that of the row before.
        if let Some((_, place)) = last.filter(|(last, _)| *last == name) {
            return Some(place);
        }
        let place = match places.get(name) {
            Some(&place) => place,
            None => {
                // There are some 200 countries; a source with 65,536 of them loses the rest.
                let place = u16::try_from(names.len()).ok()?;
                places.insert(name, place);
                names.push(name);
                place
            }
        };
        last = Some((name, place));
        Some(place)
    };
    let rows = rows.iter().map(|row| row.borrow().origin_country.as_deref());
    let places = rows.map(|name| place(name?)).collect();
    (names, places)
}

/// Rows that are read from columns.
#[derive(Default)]
pub struct RowsOf(pub Vec<StateVector>);

impl<'de> Deserialize<'de> for RowsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Columns", &NAMES, ColumnsVisitor)
    }
}

struct ColumnsVisitor;

impl<'de> Visitor<'de> for ColumnsVisitor {
    type Value = RowsOf;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the columns of state vectors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<RowsOf, A::Error> {
        let mut reader = Reader::default();
        for name in NAMES {
            let found = seq.next_element_seed(Named(name, &mut reader))?;
            found.ok_or_else(|| A::Error::custom(format_args!("there is no column {name}")))?;
        }
        Ok(RowsOf(reader.rows))
    }

    /// The columns must be in our order, for the first makes the rows. Others are passed over.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RowsOf, A::Error> {
        let mut reader = Reader::default();
        let mut expected = NAMES.into_iter().peekable();
        while let Some(key) = map.next_key::<&str>()? {
            match expected.next_if_eq(&key) {
                Some(name) => map.next_value_seed(Named(name, &mut reader))?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match expected.next() {
            None => Ok(RowsOf(reader.rows)),
            Some(name) => Err(A::Error::custom(format_args!("column {name} is not in its place"))),
        }
    }
}

/// The rows as far as they are read.
#[derive(Default)]
struct Reader {
    rows: Vec<StateVector>,
    origins: Vec<Arc<str>>,
    /// Until the latitudes make positions of them.
    longitudes: Vec<Option<f64>>,
}

/// Reads the column of that name.
struct Named<'r>(&'static str, &'r mut Reader);

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, column: D) -> Result<(), D::Error> {
        let Self(name, Reader { rows, origins, longitudes }) = self;
        match name {
            "icao24" => return column.deserialize_seq(Addresses(rows)),
            "origin_countries" => {
                return Deserialize::deserialize(column).map(|names| *origins = names);
            }
            "longitude" => {
                longitudes.reserve_exact(rows.len());
                let each = |longitude| {
                    longitudes.push(longitude);
                    Ok(())
                };
                return column.deserialize_seq(Cells::new(name, rows.len(), each));
            }
            _ => {}
        }
        let (count, mut rows) = (rows.len(), rows.iter_mut());
        // One cell is read for each row, and no more.
        let mut row = || rows.next().expect("there are as many rows as cells");
        macro_rules! read {
            ($cell:ident: $type:ty => $field:ident = $value:expr) => {
                column.deserialize_seq(Cells::new(name, count, |$cell: $type| {
                    row().$field = $value;
                    Ok(())
                }))
            };
            ($field:ident) => {
                read!(cell: _ => $field = cell)
            };
        }
        match name {
            "callsign" => read!(text: Option<&'de str> => callsign = {
                let callsign = text.map(Callsign::parse).transpose();
                callsign.map_err(|text| format!("{text:?}"))?.flatten()
            }),
            "origin_country" => read!(place: Option<u16> => origin_country = {
                let name = place.map(|place| origins.get(usize::from(place)).ok_or(place));
                name.transpose().map_err(|place| place.to_string())?.cloned()
            }),
            "latitude" => {
                let mut longitudes = longitudes.drain(..);
                read!(latitude: Option<f64> => position = {
                    let point = longitudes.next().flatten().zip(latitude);
                    let position = |point: (f64, f64)| Position::new(point.0, point.1).ok_or(point);
                    point.map(position).transpose().map_err(|point| format!("{point:?}"))?
                })
            }
            "squawk" => read!(code: Option<u16> => squawk = {
                let squawk = code.map(|code| Squawk::new(code).ok_or(code));
                squawk.transpose().map_err(|code| code.to_string())?
            }),
            "current_country" => read!(text: Option<&'de str> => current_country = {
                let code = text.map(|text| text.parse().map_err(|()| format!("{text:?}")));
                code.transpose()?
            }),
            "time_position" => read!(time_position),
            "last_contact" => read!(last_contact),
            "baro_altitude" => read!(baro_altitude),
            "on_ground" => read!(on_ground),
            "velocity" => read!(velocity),
            "true_track" => read!(true_track),
            "vertical_rate" => read!(vertical_rate),
            "geo_altitude" => read!(geo_altitude),
            "spi" => read!(spi),
            "position_source" => read!(position_source),
            "category" => read!(category),
            _ => Err(D::Error::custom(format_args!("there is no column {name}"))),
        }
    }
}

/// Reads the first column, and makes a row for each of its cells.
struct Addresses<'r>(&'r mut Vec<StateVector>);

impl<'de> Visitor<'de> for Addresses<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of addresses")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        // Bytes may claim more rows than they have, but no snapshot has more than these.
        self.0.reserve_exact(seq.size_hint().unwrap_or_default().min(ROWS_MAX));
        while let Some(address) = seq.next_element()? {
            let icao24 = Icao24::new(address).ok_or_else(|| impossible("icao24", &address))?;
            self.0.push(blank(icao24));
        }
        Ok(())
    }
}

/// Reads a column of so many cells, and hands each of them on. `each` answers with what a cell
/// holds if that cannot be.
struct Cells<T, F> {
    name: &'static str,
    count: usize,
    each: F,
    cell: PhantomData<T>,
}

impl<T, F: FnMut(T) -> Result<(), String>> Cells<T, F> {
    fn new(name: &'static str, count: usize, each: F) -> Self {
        Self { name, count, each, cell: PhantomData }
    }
}

impl<'de, T, F> Visitor<'de> for Cells<T, F>
where
    T: Deserialize<'de>,
    F: FnMut(T) -> Result<(), String>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the column {}", self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let Self { name, count, .. } = self;
        for index in 0..count {
            let Some(cell) = seq.next_element()? else {
                let short = format_args!("column {name} has no row {index}, expected {count}");
                return Err(A::Error::custom(short));
            };
            (self.each)(cell).map_err(|value| impossible(name, &value))?;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

fn impossible<E: Error>(column: &str, value: &dyn fmt::Display) -> E {
    E::custom(format_args!("{column} is {value}, which cannot be"))
}

/// A row of which nothing is read but its address.
fn blank(icao24: Icao24) -> StateVector {
    StateVector {
        icao24,
        callsign: None,
        origin_country: None,
        time_position: None,
        last_contact: 0,
        position: None,
        baro_altitude: None,
        on_ground: false,
        velocity: None,
        true_track: None,
        vertical_rate: None,
        geo_altitude: None,
        squawk: None,
        spi: false,
        position_source: None,
        category: None,
        current_country: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(icao24: u32) -> StateVector {
        let icao24 = Icao24::new(icao24).expect("an address");
        StateVector {
            callsign: Callsign::parse("DLH9LF").expect("a callsign"),
            origin_country: Some("Germany".into()),
            time_position: Some(1_751_840_376),
            last_contact: 1_751_840_377,
            position: Position::new(8.5, -50.0),
            baro_altitude: Some(9753.6),
            on_ground: true,
            squawk: Squawk::new(0o6642),
            current_country: "DE".parse().ok(),
            ..blank(icao24)
        }
    }

    fn decode(bytes: &[u8]) -> Result<Vec<StateVector>, String> {
        let rows: Result<RowsOf, _> = rmp_serde::from_slice(bytes);
        rows.map(|rows| rows.0).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_survive_the_round_trip_through_columns() {
        let rows = vec![state(1), blank(Icao24::new(2).expect("an address")), state(3)];
        for rows in [rows, Vec::new()] {
            let array = rmp_serde::to_vec(&ColumnsOf(&rows)).expect("columns");
            assert_eq!(decode(&array), Ok(rows.clone()));
            let map = rmp_serde::to_vec_named(&ColumnsOf(&rows)).expect("columns");
            assert_eq!(decode(&map), Ok(rows.clone()));
            assert_eq!(decode(&array).expect("rows").capacity(), rows.len(), "no room to spare");
        }
    }

    #[test]
    fn an_error_names_the_invalid_value() {
        let columns = |change: &dyn Fn(&mut Vec<serde_json::Value>)| {
            let row = state(7);
            let text = serde_json::to_string(&ColumnsOf(&[row])).expect("JSON");
            let text: serde_json::Map<_, _> = serde_json::from_str(&text).expect("an object");
            let mut columns: Vec<_> = NAMES.iter().map(|name| text[*name].clone()).collect();
            change(&mut columns);
            decode(&rmp_serde::to_vec(&columns).expect("MessagePack")).expect_err("a fault")
        };
        let check = |column: usize, cells: serde_json::Value, fault: &str| {
            let error = columns(&|columns| columns[column] = cells.clone());
            assert!(error.contains(fault), "{error}");
        };
        check(0, serde_json::json!([1 << 24]), "icao24 is 16777216, which cannot be");
        check(0, serde_json::json!([1, 2]), "column callsign has no row 1, expected 2");
        check(1, serde_json::json!(["NINECHARS"]), "callsign is \"NINECHARS\", which cannot be");
        check(3, serde_json::json!([1]), "origin_country is 1, which cannot be");
        check(7, serde_json::json!([91.0]), "latitude is (8.5, 91.0), which cannot be");
        check(14, serde_json::json!([4_096]), "squawk is 4096, which cannot be");
        check(18, serde_json::json!(["Q"]), "current_country is \"Q\", which cannot be");
        let error = columns(&|columns| drop(columns.pop()));
        assert!(error.contains("there is no column current_country"), "{error}");
    }
}
