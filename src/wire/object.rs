//! The state object: one aircraft as JSON, for the REST API and for reading.

use serde::Serialize;

use crate::aircraft::StateVector;
use crate::earth::country;

/// One aircraft, with the API's field names. Null means unknown.
#[derive(Serialize)]
pub struct StateObject<'a> {
    icao24: String,
    callsign: Option<&'a str>,
    origin_country: Option<&'a str>,
    time_position: Option<i64>,
    last_contact: i64,
    longitude: Option<f64>,
    latitude: Option<f64>,
    baro_altitude: Option<f64>,
    on_ground: bool,
    velocity: Option<f64>,
    true_track: Option<f64>,
    vertical_rate: Option<f64>,
    geo_altitude: Option<f64>,
    squawk: Option<String>,
    spi: bool,
    position_source: Option<u8>,
    category: Option<u8>,
    /// The country's name, as `/api/countries` spells it.
    current_country: Option<&'static str>,
    /// The time of its minute, if it comes from the archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    load_date: Option<&'a str>,
}

impl<'a> StateObject<'a> {
    /// The object of a state; `load_date` is the time of its minute in the archive, if any.
    pub fn new(state: &'a StateVector, load_date: Option<&'a str>) -> Self {
        Self {
            icao24: state.icao24.to_string(),
            callsign: state.callsign.as_ref().map(|callsign| callsign.as_str()),
            origin_country: state.origin_country.as_deref(),
            time_position: state.time_position,
            last_contact: state.last_contact,
            longitude: state.position.map(|position| position.longitude),
            latitude: state.position.map(|position| position.latitude),
            baro_altitude: state.baro_altitude,
            on_ground: state.on_ground,
            velocity: state.velocity,
            true_track: state.true_track,
            vertical_rate: state.vertical_rate,
            geo_altitude: state.geo_altitude,
            squawk: state.squawk.map(|squawk| squawk.to_string()),
            spi: state.spi,
            position_source: state.position_source,
            category: state.category,
            current_country: state
                .current_country
                .and_then(country::country)
                .map(|country| country.name),
            load_date,
        }
    }
}

/// The state object of an aircraft that is or will be over a country.
#[derive(Serialize)]
pub struct ArrivalObject<'a> {
    #[serde(flatten)]
    state: StateObject<'a>,
    /// Seconds until it is over the country; 0 if it already is.
    enters_in: u32,
}

impl<'a> ArrivalObject<'a> {
    /// The object of a state.
    pub fn new(state: StateObject<'a>, enters_in: u32) -> Self {
        Self { state, enters_in }
    }
}
