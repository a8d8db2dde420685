//! State vectors as columns: one array a field.
//!
//! Column by column an array of numbers stays an array of numbers, and what repeats (a country's
//! name) is written once. Nothing is rounded here.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::WireError;
use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::Position;

/// One row in each column for each aircraft, `nil` where the source does not know.
///
/// The order of the fields is the protocol wherever this is written as an array.
#[derive(Default, Serialize, Deserialize)]
pub struct Columns {
    icao24: Vec<u32>,
    callsign: Vec<Option<String>>,
    /// The names to which `origin_country` counts, from 0.
    origin_countries: Vec<Arc<str>>,
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
    current_country: Vec<Option<String>>,
}

impl Columns {
    /// The rows, as columns.
    pub fn from_rows(rows: &[StateVector]) -> Self {
        let mut columns = Self::default();
        let mut known: HashMap<Arc<str>, u16> = HashMap::new();
        for row in rows {
            let origin = row.origin_country.as_ref().and_then(|name| {
                if let Some(&index) = known.get(name) {
                    return Some(index);
                }
                // There are some 200 countries; a source with 65,536 of them loses the rest.
                let index = u16::try_from(known.len()).ok()?;
                known.insert(Arc::clone(name), index);
                columns.origin_countries.push(Arc::clone(name));
                Some(index)
            });
            columns.push(row, origin);
        }
        columns
    }

    fn push(&mut self, row: &StateVector, origin_country: Option<u16>) {
        self.icao24.push(row.icao24.get());
        self.callsign.push(row.callsign.map(|callsign| callsign.to_string()));
        self.origin_country.push(origin_country);
        self.time_position.push(row.time_position);
        self.last_contact.push(row.last_contact);
        self.longitude.push(row.position.map(|position| position.longitude));
        self.latitude.push(row.position.map(|position| position.latitude));
        self.baro_altitude.push(row.baro_altitude);
        self.on_ground.push(row.on_ground);
        self.velocity.push(row.velocity);
        self.true_track.push(row.true_track);
        self.vertical_rate.push(row.vertical_rate);
        self.geo_altitude.push(row.geo_altitude);
        self.squawk.push(row.squawk.map(Squawk::get));
        self.spi.push(row.spi);
        self.position_source.push(row.position_source);
        self.category.push(row.category);
        self.current_country.push(row.current_country.map(|code| code.to_string()));
    }

    /// The columns, as rows; an error where a column is too short or holds what cannot be.
    pub fn into_rows(self) -> Result<Vec<StateVector>, WireError> {
        (0..self.icao24.len()).map(|index| self.row(index)).collect()
    }

    fn row(&self, index: usize) -> Result<StateVector, WireError> {
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
            Some(text) => Callsign::parse(&text).map_err(|text| impossible("callsign", &text))?,
            None => None,
        };
        let origin_country = match cell("origin_country", &self.origin_country, index)? {
            Some(name) => {
                Some(cell("origin_countries", &self.origin_countries, usize::from(name))?)
            }
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

fn cell<T: Clone>(column: &'static str, cells: &[T], index: usize) -> Result<T, WireError> {
    cells.get(index).cloned().ok_or(WireError::ShortColumn { column, index })
}

fn impossible(column: &'static str, value: &dyn std::fmt::Debug) -> WireError {
    WireError::Impossible { column, value: format!("{value:?}") }
}
