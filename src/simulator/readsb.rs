//! One aircraft as readsb writes it: feet and knots, ages instead of times.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::row::Row;

/// A row in a response of that time.
pub(super) struct Aircraft {
    pub(super) row: Row,
    pub(super) now: i64,
}

/// Emitter categories in the order of OpenSky's numbers, from 1 on.
const CATEGORIES: [&str; 20] = [
    "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "C1",
    "C2", "C3", "C4", "C5",
];

impl Serialize for Aircraft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { row, now } = self;
        let mut map = serializer.serialize_map(None)?;
        let mut number = |name, value: Option<f64>, unit: f64, per_unit: f64| match value {
            Some(value) => {
                map.serialize_entry(name, &((value / unit * per_unit).round_ties_even() / per_unit))
            }
            None => Ok(()),
        };
        number("alt_geom", row.geo_altitude, 0.3048, 1.0)?;
        number("gs", row.velocity, 1_852.0 / 3_600.0, 10.0)?;
        number("track", row.true_track, 1.0, 100.0)?;
        number("baro_rate", row.vertical_rate, 0.3048 / 60.0, 1.0)?;
        number("lat", row.position.map(|(_, latitude)| latitude), 1.0, 1e6)?;
        number("lon", row.position.map(|(longitude, _)| longitude), 1.0, 1e6)?;
        number("seen_pos", row.time_position.map(|time| (now - time) as f64), 1.0, 10.0)?;
        number("seen", Some((now - row.last_contact) as f64), 1.0, 10.0)?;
        if row.on_ground {
            map.serialize_entry("alt_baro", "ground")?;
        } else if let Some(altitude) = row.baro_altitude {
            map.serialize_entry("alt_baro", &(altitude / 0.3048).round())?;
        }
        map.serialize_entry("hex", &format_args!("{:06x}", row.icao24))?;
        let kind = match row.position_source {
            0 => "adsb_icao",
            2 => "mlat",
            _ => "other",
        };
        map.serialize_entry("type", kind)?;
        if let Some(callsign) = &row.callsign {
            map.serialize_entry("flight", &format_args!("{callsign:8}"))?;
        }
        if let Some(squawk) = row.squawk {
            map.serialize_entry("squawk", &format_args!("{squawk:04o}"))?;
        }
        let category = usize::from(row.category).checked_sub(1);
        if let Some(category) = category.and_then(|place| CATEGORIES.get(place)) {
            map.serialize_entry("category", category)?;
        }
        map.serialize_entry("spi", &u8::from(row.spi))?;
        // Fields that every real row has and that we ignore.
        map.serialize_entry("mlat", &[""; 0])?;
        map.serialize_entry("messages", &row.last_contact)?;
        map.serialize_entry("rssi", &-21.5)?;
        map.end()
    }
}
