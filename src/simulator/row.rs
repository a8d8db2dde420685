//! One row of the response, as OpenSky writes it.

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// The source's row of one aircraft; see `StateVector` for the meaning of each column.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) icao24: u32,
    pub(super) callsign: Option<String>,
    pub(super) origin_country: &'static str,
    pub(super) time_position: Option<i64>,
    pub(super) last_contact: i64,
    /// Longitude and latitude.
    pub(super) position: Option<(f64, f64)>,
    pub(super) baro_altitude: Option<f64>,
    pub(super) on_ground: bool,
    pub(super) velocity: Option<f64>,
    pub(super) true_track: Option<f64>,
    pub(super) vertical_rate: Option<f64>,
    pub(super) geo_altitude: Option<f64>,
    pub(super) squawk: Option<u16>,
    pub(super) spi: bool,
    pub(super) position_source: u8,
    pub(super) category: u8,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cents = |value: Option<f64>| value.map(|value| round(value, 100.0));
        let degrees = |value: f64| round(value, 10_000.0);
        let mut row = serializer.serialize_seq(Some(18))?;
        row.serialize_element(&format_args!("{:06x}", self.icao24))?;
        row.serialize_element(&self.callsign.as_ref().map(|callsign| match callsign.as_str() {
            "" => String::new(),
            callsign => format!("{callsign:8}"),
        }))?;
        row.serialize_element(self.origin_country)?;
        row.serialize_element(&self.time_position)?;
        row.serialize_element(&self.last_contact)?;
        row.serialize_element(&self.position.map(|(longitude, _)| degrees(longitude)))?;
        row.serialize_element(&self.position.map(|(_, latitude)| degrees(latitude)))?;
        row.serialize_element(&cents(self.baro_altitude))?;
        row.serialize_element(&self.on_ground)?;
        row.serialize_element(&cents(self.velocity))?;
        row.serialize_element(&cents(self.true_track))?;
        row.serialize_element(&cents(self.vertical_rate))?;
        // OpenSky sends `sensors` only to the receivers' owners.
        row.serialize_element(&None::<()>)?;
        row.serialize_element(&cents(self.geo_altitude))?;
        row.serialize_element(&self.squawk.map(|code| format!("{code:04o}")))?;
        row.serialize_element(&self.spi)?;
        row.serialize_element(&self.position_source)?;
        row.serialize_element(&self.category)?;
        row.end()
    }
}

fn round(value: f64, per_unit: f64) -> f64 {
    // As Python rounds, and so OpenSky: 5.625° on the ground is 5.62°.
    let rounded = (value * per_unit).round_ties_even() / per_unit;
    // Avoids -0.0, which OpenSky does not send.
    rounded + 0.0
}
