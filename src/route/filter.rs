//! A request's conditions on the aircraft of a minute.

use crate::aircraft::{Icao24, StateVector};
use crate::earth::{Bbox, CountryCode};

/// Selects aircraft of a minute; every condition must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Inside the box. Aircraft without a position are outside.
    pub bbox: Option<Bbox>,
    /// Over the country.
    pub country: Option<CountryCode>,
    /// With a callsign that begins with this.
    pub callsign: Option<String>,
    /// One of these addresses; any if empty.
    pub icao24: Vec<Icao24>,
    /// On the ground, or not.
    pub on_ground: Option<bool>,
}

impl Filter {
    /// The conditions as a query in canonical form; empty if there are none.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        };
        let bbox = |Bbox { west, south, east, north }| format!("{west},{south},{east},{north}");
        add("bbox", self.bbox.map(bbox));
        add("country", self.country.map(|code| code.to_string()));
        add("callsign", self.callsign.clone());
        let mut icao24 = self.icao24.clone();
        icao24.sort_unstable();
        icao24.dedup();
        icao24.into_iter().for_each(|icao24| add("icao24", Some(icao24.to_string())));
        add("on_ground", self.on_ground.map(|on_ground| on_ground.to_string()));
        query.finish()
    }

    /// Whether there are few such filters, so that many callers send the same one.
    pub fn is_common(&self) -> bool {
        self.bbox.is_none() && self.callsign.is_none() && self.icao24.is_empty()
    }

    /// Whether the aircraft meets all conditions.
    pub fn matches(&self, state: &StateVector) -> bool {
        let inside = |bbox: &Bbox| state.position.is_some_and(|point| bbox.contains(point));
        let begins = |prefix: &String| {
            state.callsign.is_some_and(|callsign| callsign.as_str().starts_with(prefix.as_str()))
        };
        self.bbox.as_ref().is_none_or(inside)
            && self.country.is_none_or(|code| state.current_country == Some(code))
            && self.callsign.as_ref().is_none_or(begins)
            && (self.icao24.is_empty() || self.icao24.contains(&state.icao24))
            && self.on_ground.is_none_or(|on_ground| state.on_ground == on_ground)
    }
}
