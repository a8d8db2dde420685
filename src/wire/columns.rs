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
use std::sync::Arc;

use super::msgpack::{self, Fields, Value};
use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::{CountryCode, Position};
use crate::feed::ROWS_MAX;

/// How many columns there are. Each has one cell for each aircraft, `nil` where the source does not
/// know; but `origin_countries` has the names to which `origin_country` counts, from 0.
const COLUMNS: usize = 19;

/// The most bytes that `rows` rows take, without the names.
pub(super) fn bytes_of(rows: usize) -> usize {
    // Seven measurements of 9 bytes, three times of 5, and what is short; some 110 are usual.
    1_000 + 130 * rows
}

/// The most bytes that one column of `rows` rows takes, without the names.
pub(super) fn bytes_of_column(rows: usize) -> usize {
    1_000 + 9 * rows
}

/// Appends a map of the rows' columns. `flush` is called after each column, and may take the bytes.
pub(super) fn write<R: Borrow<StateVector>>(
    bytes: &mut Vec<u8>,
    rows: &[R],
    flush: impl FnMut(&mut Vec<u8>),
) {
    let (origin_countries, origin_country) = origins(rows);
    msgpack::write_map(bytes, COLUMNS);
    let out = &mut Out { bytes, flush };
    column(out, "icao24", rows, |row| row.icao24.get());
    column(out, "callsign", rows, |row| row.callsign.as_ref().map(Callsign::as_str));
    cells(out, "origin_countries", origin_countries);
    cells(out, "origin_country", origin_country);
    column(out, "time_position", rows, |row| row.time_position);
    column(out, "last_contact", rows, |row| row.last_contact);
    column(out, "longitude", rows, |row| row.position.map(|position| position.longitude));
    column(out, "latitude", rows, |row| row.position.map(|position| position.latitude));
    column(out, "baro_altitude", rows, |row| row.baro_altitude);
    column(out, "on_ground", rows, |row| row.on_ground);
    column(out, "velocity", rows, |row| row.velocity);
    column(out, "true_track", rows, |row| row.true_track);
    column(out, "vertical_rate", rows, |row| row.vertical_rate);
    column(out, "geo_altitude", rows, |row| row.geo_altitude);
    column(out, "squawk", rows, |row| row.squawk.map(Squawk::get));
    column(out, "spi", rows, |row| row.spi);
    column(out, "position_source", rows, |row| row.position_source);
    column(out, "category", rows, |row| row.category);
    column(out, "current_country", rows, |row| {
        row.current_country.as_ref().map(CountryCode::as_str)
    });
}

/// Where the columns are written.
struct Out<'b, F> {
    bytes: &'b mut Vec<u8>,
    flush: F,
}

/// Writes one column of the rows.
fn column<'a, R: Borrow<StateVector>, T: Value<'a>>(
    out: &mut Out<impl FnMut(&mut Vec<u8>)>,
    name: &str,
    rows: &'a [R],
    cell: impl Fn(&'a StateVector) -> T,
) {
    cells(out, name, rows.iter().map(|row| cell(row.borrow())));
}

fn cells<'a, T: Value<'a>>(
    out: &mut Out<impl FnMut(&mut Vec<u8>)>,
    name: &str,
    cells: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
) {
    let (cells, bytes) = (cells.into_iter(), &mut *out.bytes);
    name.write(bytes);
    msgpack::write_array(bytes, cells.len());
    cells.for_each(|cell| cell.write(bytes));
    (out.flush)(bytes);
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

/// The rows whose columns the bytes begin with, which are then those behind them.
///
/// The columns must be in our order, for the first makes the rows. Others are passed over.
pub(super) fn read(bytes: &mut &[u8]) -> Result<Vec<StateVector>, String> {
    let fields = Fields::read(bytes)?;
    let mut read = Reader { fields, bytes, rows: Vec::new() };
    read.addresses()?;
    read.column("callsign", |row, text: Option<&str>| {
        let callsign = text.map(Callsign::parse).transpose();
        row.callsign = callsign.map_err(|text| format!("{text:?}"))?.flatten();
        Ok(())
    })?;
    let origins = read.names("origin_countries")?;
    read.column("origin_country", |row, place: Option<u16>| {
        let name = place.map(|place| origins.get(usize::from(place)).ok_or(place));
        row.origin_country = name.transpose().map_err(|place| place.to_string())?.cloned();
        Ok(())
    })?;
    read.values("time_position", |row| &mut row.time_position)?;
    read.values("last_contact", |row| &mut row.last_contact)?;
    read.positions()?;
    read.values("baro_altitude", |row| &mut row.baro_altitude)?;
    read.values("on_ground", |row| &mut row.on_ground)?;
    read.values("velocity", |row| &mut row.velocity)?;
    read.values("true_track", |row| &mut row.true_track)?;
    read.values("vertical_rate", |row| &mut row.vertical_rate)?;
    read.values("geo_altitude", |row| &mut row.geo_altitude)?;
    read.column("squawk", |row, code: Option<u16>| {
        let squawk = code.map(|code| Squawk::new(code).ok_or(code));
        row.squawk = squawk.transpose().map_err(|code| code.to_string())?;
        Ok(())
    })?;
    read.values("spi", |row| &mut row.spi)?;
    read.values("position_source", |row| &mut row.position_source)?;
    read.values("category", |row| &mut row.category)?;
    read.column("current_country", |row, text: Option<&str>| {
        let code = text.map(|text| text.parse().map_err(|()| format!("{text:?}")));
        row.current_country = code.transpose()?;
        Ok(())
    })?;
    read.fields.end(read.bytes)?;
    Ok(read.rows)
}

/// The rows as far as they are read.
struct Reader<'r, 'a> {
    fields: Fields,
    bytes: &'r mut &'a [u8],
    rows: Vec<StateVector>,
}

impl<'a> Reader<'_, 'a> {
    /// Goes on to the cells of that column, and says how many there are.
    fn find(&mut self, name: &str) -> Result<usize, String> {
        self.fields.find(name, self.bytes)?;
        msgpack::read_array(self.bytes).ok_or_else(|| format!("{name} is no array"))
    }

    /// Reads the first column, and makes a row for each of its cells.
    fn addresses(&mut self) -> Result<(), String> {
        let name = "icao24";
        let count = self.find(name)?;
        // Bytes may claim more rows than they have, but no snapshot has more than these.
        self.rows.reserve_exact(count.min(ROWS_MAX));
        for row in 0..count {
            let address = cell(name, row, self.bytes)?;
            let icao24 = Icao24::new(address).ok_or_else(|| impossible(name, &address))?;
            self.rows.push(blank(icao24));
        }
        Ok(())
    }

    /// Reads a column of names, which are not one for each row.
    fn names(&mut self, name: &str) -> Result<Vec<Arc<str>>, String> {
        let count = self.find(name)?;
        let mut names = Vec::new();
        for row in 0..count {
            names.push(cell::<&str>(name, row, self.bytes)?.into());
        }
        Ok(names)
    }

    /// Reads a column, and hands each cell on with its row. `set` answers with what the cell holds
    /// if that cannot be.
    #[inline]
    fn column<T: Value<'a>>(
        &mut self,
        name: &str,
        mut set: impl FnMut(&mut StateVector, T) -> Result<(), String>,
    ) -> Result<(), String> {
        let (count, expected) = (self.find(name)?, self.rows.len());
        if count != expected {
            return Err(format!("column {name} has {count} rows, expected {expected}"));
        }
        for (index, row) in self.rows.iter_mut().enumerate() {
            let value = cell(name, index, self.bytes)?;
            set(row, value).map_err(|value| impossible(name, &value))?;
        }
        Ok(())
    }

    /// Reads a column of which every value is possible.
    #[inline]
    fn values<T: Value<'a>>(
        &mut self,
        name: &str,
        field: impl Fn(&mut StateVector) -> &mut T,
    ) -> Result<(), String> {
        self.column(name, |row, value| {
            *field(row) = value;
            Ok(())
        })
    }

    /// Reads the longitudes, and the latitudes that make positions of them.
    fn positions(&mut self) -> Result<(), String> {
        let mut longitudes = Vec::with_capacity(self.rows.len());
        self.column("longitude", |_, longitude: Option<f64>| {
            longitudes.push(longitude);
            Ok(())
        })?;
        let mut longitudes = longitudes.into_iter();
        self.column("latitude", |row, latitude: Option<f64>| {
            let point = longitudes.next().flatten().zip(latitude);
            let position = |point: (f64, f64)| Position::new(point.0, point.1).ok_or(point);
            row.position = point.map(position).transpose().map_err(|point| format!("{point:?}"))?;
            Ok(())
        })
    }
}

/// The cell of that row that the bytes begin with.
#[inline]
fn cell<'a, T: Value<'a>>(name: &str, row: usize, bytes: &mut &'a [u8]) -> Result<T, String> {
    T::read(bytes).ok_or_else(|| format!("{name} of row {row} is not {}", T::EXPECTED))
}

#[cold]
fn impossible(column: &str, value: &dyn fmt::Display) -> String {
    format!("{column} is {value}, which cannot be")
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
    use serde::Serialize;
    use serde_json::{Value as Json, json};

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

    type Column = (&'static str, Json);

    /// The same columns, as serde writes them.
    #[derive(Serialize)]
    struct Columns(#[serde(serialize_with = "as_map")] Vec<Column>);

    fn as_map<S: serde::Serializer>(columns: &[Column], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(columns.iter().map(|(name, cells)| (name, cells)))
    }

    impl Columns {
        /// Those of an aircraft of which all is known, and of one of which nothing is.
        fn new() -> Self {
            Self(vec![
                ("icao24", json!([7, 300])),
                ("callsign", json!(["DLH9LF", null])),
                ("origin_countries", json!(["Germany"])),
                ("origin_country", json!([0, null])),
                ("time_position", json!([1_751_840_376, null])),
                ("last_contact", json!([1_751_840_377, 0])),
                ("longitude", json!([8.5, null])),
                ("latitude", json!([-50.0, null])),
                ("baro_altitude", json!([9753.6, null])),
                ("on_ground", json!([true, false])),
                ("velocity", json!([null, null])),
                ("true_track", json!([null, null])),
                ("vertical_rate", json!([null, null])),
                ("geo_altitude", json!([null, null])),
                ("squawk", json!([0o6642, null])),
                ("spi", json!([false, false])),
                ("position_source", json!([null, null])),
                ("category", json!([null, null])),
                ("current_country", json!(["DE", null])),
            ])
        }

        fn bytes(&self) -> Vec<u8> {
            rmp_serde::to_vec(self).expect("MessagePack")
        }
    }

    fn rows() -> Vec<StateVector> {
        vec![state(7), blank(Icao24::new(300).expect("an address"))]
    }

    #[test]
    fn rows_are_written_and_read_as_serde_has_their_columns() {
        let mut bytes = Vec::new();
        write(&mut bytes, &rows(), |_| {});
        assert_eq!(bytes, Columns::new().bytes());
        bytes.push(1);
        let mut rest = &bytes[..];
        let read = read(&mut rest).expect("rows");
        assert_eq!((&read, rest), (&rows(), &[1][..]));
        assert_eq!(read.capacity(), 2, "no room to spare");
        for end in 0..bytes.len() - 1 {
            assert!(super::read(&mut &bytes[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn columns_of_no_rows_and_other_columns_are_read() {
        let mut bytes = Vec::new();
        write::<StateVector>(&mut bytes, &[], |_| {});
        assert_eq!(read(&mut &bytes[..]), Ok(Vec::new()));
        let mut columns = Columns::new();
        columns.0.insert(5, ("signal", json!({"dB": [1.5, 2.5]})));
        columns.0.push(("later", json!(null)));
        assert_eq!(read(&mut &columns.bytes()[..]), Ok(rows()));
    }

    #[test]
    fn an_error_names_the_invalid_value() {
        let fault = |change: &dyn Fn(&mut Vec<Column>)| {
            let mut columns = Columns::new();
            change(&mut columns.0);
            read(&mut &columns.bytes()[..]).expect_err("a fault")
        };
        let check = |column: usize, cells: Json, expected: &str| {
            assert_eq!(fault(&|columns| columns[column].1 = cells.clone()), expected);
        };
        check(0, json!([1 << 24, 1]), "icao24 is 16777216, which cannot be");
        check(0, json!([1, 2, 3]), "column callsign has 2 rows, expected 3");
        check(0, json!([1, -2]), "icao24 of row 1 is not a whole number of 32 bits");
        check(1, json!(["NINECHARS", null]), "callsign is \"NINECHARS\", which cannot be");
        check(3, json!([1, null]), "origin_country is 1, which cannot be");
        check(7, json!([91.0, null]), "latitude is (8.5, 91.0), which cannot be");
        check(8, json!([1.5, "9"]), "baro_altitude of row 1 is not a float of 64 bits");
        check(9, json!(true), "on_ground is no array");
        check(14, json!([4_096, null]), "squawk is 4096, which cannot be");
        check(18, json!(["Q", null]), "current_country is \"Q\", which cannot be");
        let error = fault(&|columns| drop(columns.pop()));
        assert_eq!(error, "there is no field current_country in its place");
        let error = fault(&|columns| columns.swap(0, 1));
        assert_eq!(error, "there is no field callsign in its place");
    }
}
