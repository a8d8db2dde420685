//! State vectors as columns: one array a field.
//!
//! Column by column an array of numbers stays an array of numbers, and what repeats (a country's
//! name) is written once. Nothing is rounded here.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::WireError;
use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::{CountryCode, Position};

/// One row in each column for each aircraft, `nil` where the source does not know.
///
/// The order of the fields is the protocol wherever this is written as an array.
#[derive(Default, Serialize, Deserialize)]
pub struct Columns<'a> {
    icao24: Vec<u32>,
    #[serde(borrow)]
    callsign: Vec<Option<&'a str>>,
    /// The names to which `origin_country` counts, from 0.
    #[serde(borrow)]
    origin_countries: Vec<&'a str>,
    origin_country: Vec<Option<u16>>,
    time_position: Vec<Option<i64>>,
    last_contact: Vec<i64>,
    longitude: Vec<Option<f64>>,
    latitude: Vec<Option<f64>>,
    baro_altitude: Vec<Option<f64>>,
    on_ground: Vec<bool>,
    velocity: Vec<Option<f64>>,
    true_track: Vec<Option<f64>>,
    vertical_rate: Vec<Option<f64>>,
    geo_altitude: Vec<Option<f64>>,
    squawk: Vec<Option<u16>>,
    spi: Vec<bool>,
    position_source: Vec<Option<u8>>,
    category: Vec<Option<u8>>,
    #[serde(borrow)]
    current_country: Vec<Option<&'a str>>,
}

/// How many bytes so many rows take at the most, but for the names.
pub fn bytes_of(rows: usize) -> usize {
    // Seven measurements of 9 bytes, three times of 5, and what is short; some 110 are usual.
    1_000 + 130 * rows
}

impl<'a> Columns<'a> {
    /// The rows, as columns.
    pub fn from_rows<R: Borrow<StateVector>>(rows: &'a [R]) -> Self {
        let mut origins = Origins::default();
        let names = rows.iter().map(|row| row.borrow().origin_country.as_deref());
        let origin_country = names.map(|name| origins.index(name?));
        let origin_country = origin_country.collect();
        Self {
            icao24: column(rows, |row| row.icao24.get()),
            callsign: column(rows, |row| row.callsign.as_ref().map(Callsign::as_str)),
            origin_countries: origins.names,
            origin_country,
            time_position: column(rows, |row| row.time_position),
            last_contact: column(rows, |row| row.last_contact),
            longitude: column(rows, |row| row.position.map(|position| position.longitude)),
            latitude: column(rows, |row| row.position.map(|position| position.latitude)),
            baro_altitude: column(rows, |row| row.baro_altitude),
            on_ground: column(rows, |row| row.on_ground),
            velocity: column(rows, |row| row.velocity),
            true_track: column(rows, |row| row.true_track),
            vertical_rate: column(rows, |row| row.vertical_rate),
            geo_altitude: column(rows, |row| row.geo_altitude),
            squawk: column(rows, |row| row.squawk.map(Squawk::get)),
            spi: column(rows, |row| row.spi),
            position_source: column(rows, |row| row.position_source),
            category: column(rows, |row| row.category),
            current_country: column(rows, |row| {
                row.current_country.as_ref().map(CountryCode::as_str)
            }),
        }
    }

    /// The columns, as rows; an error where a column is too short or holds what cannot be.
    pub fn into_rows(self) -> Result<Vec<StateVector>, WireError> {
        let origins: Vec<Arc<str>> =
            self.origin_countries.iter().map(|&name| name.into()).collect();
        // Results that are collected do not tell how many they are. Each stands in every column.
        let mut rows = Vec::with_capacity(self.icao24.len().min(self.current_country.len()));
        for index in 0..self.icao24.len() {
            rows.push(self.row(index, &origins)?);
        }
        Ok(rows)
    }

    fn row(&self, index: usize, origins: &[Arc<str>]) -> Result<StateVector, WireError> {
        let icao24 = self.icao24[index];
        let icao24 = Icao24::new(icao24).ok_or_else(|| impossible("icao24", &icao24))?;
        let longitude = cell("longitude", &self.longitude, index)?;
        let latitude = cell("latitude", &self.latitude, index)?;
        let position = match (longitude, latitude) {
            (Some(longitude), Some(latitude)) => Some(
                Position::new(longitude, latitude)
                    .ok_or_else(|| impossible("position", &(longitude, latitude)))?,
            ),
            _ => None,
        };
        let callsign = match cell("callsign", &self.callsign, index)? {
            Some(text) => Callsign::parse(text).map_err(|text| impossible("callsign", &text))?,
            None => None,
        };
        let origin_country = match cell("origin_country", &self.origin_country, index)? {
            Some(name) => Some(cell("origin_countries", origins, usize::from(name))?),
            None => None,
        };
        let squawk = match cell("squawk", &self.squawk, index)? {
            Some(code) => Some(Squawk::new(code).ok_or_else(|| impossible("squawk", &code))?),
            None => None,
        };
        let current_country = match cell("current_country", &self.current_country, index)? {
            Some(code) => Some(code.parse().map_err(|()| impossible("current_country", &code))?),
            None => None,
        };
        Ok(StateVector {
            icao24,
            callsign,
            origin_country,
            time_position: cell("time_position", &self.time_position, index)?,
            last_contact: cell("last_contact", &self.last_contact, index)?,
            position,
            baro_altitude: cell("baro_altitude", &self.baro_altitude, index)?,
            on_ground: cell("on_ground", &self.on_ground, index)?,
            velocity: cell("velocity", &self.velocity, index)?,
            true_track: cell("true_track", &self.true_track, index)?,
            vertical_rate: cell("vertical_rate", &self.vertical_rate, index)?,
            geo_altitude: cell("geo_altitude", &self.geo_altitude, index)?,
            squawk,
            spi: cell("spi", &self.spi, index)?,
            position_source: cell("position_source", &self.position_source, index)?,
            category: cell("category", &self.category, index)?,
            current_country,
        })
    }
}

fn column<'a, R: Borrow<StateVector>, T>(
    rows: &'a [R],
    mut value: impl FnMut(&'a StateVector) -> T,
) -> Vec<T> {
    rows.iter().map(|row| value(row.borrow())).collect()
}

/// The names of origin countries, each with its place.
#[derive(Default)]
struct Origins<'a> {
    names: Vec<&'a str>,
    places: HashMap<&'a str, u16>,
    last: Option<(&'a str, u16)>,
}

impl<'a> Origins<'a> {
    fn index(&mut self, name: &'a str) -> Option<u16> {
        // A country's addresses lie in blocks, so mostly it is that of the row before.
        if let Some((last, place)) = self.last
            && last == name
        {
            return Some(place);
        }
        let place = match self.places.get(name) {
            Some(&place) => place,
            None => {
                // There are some 200 countries; a source with 65,536 of them loses the rest.
                let place = u16::try_from(self.names.len()).ok()?;
                self.places.insert(name, place);
                self.names.push(name);
                place
            }
        };
        self.last = Some((name, place));
        Some(place)
    }
}

fn cell<T: Clone>(column: &'static str, cells: &[T], index: usize) -> Result<T, WireError> {
    cells.get(index).cloned().ok_or(WireError::ShortColumn { column, index })
}

fn impossible(column: &'static str, value: &dyn std::fmt::Debug) -> WireError {
    WireError::Impossible { column, value: format!("{value:?}") }
}
