//! readsb's `aircraft.json`: `{"now": …, "aircraft": [{…}, …]}`, and its variants.
//!
//! In scope: readsb, dump1090-fa, tar1090, and ADSBx v2 and its copies (`ac` instead of
//! `aircraft`, `now` in milliseconds). The fields: wiedehopf/readsb, `README-json.md`.
//! Out of scope: binCraft; `lastPosition` and `rr_lat`, which readsb itself no longer takes for the
//! aircraft's position.

mod aircraft;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::de;

use super::column::Reader;
use super::json_rows::{Place, Row, Rows, Shape};
use super::json_value::JsonValue;
use super::source_snapshot::{self, Builder};
use super::{FeedError, Reason, SourceSnapshot};

/// A `now` beyond this is in milliseconds: it is the year 5138 in seconds, 1973 in milliseconds.
const SECONDS_MAX: f64 = 1e11;

/// The fields of a response that are read.
pub(super) const FIELDS: &str = "now and aircraft, or ac";
const KEYS: [&str; 3] = ["now", "aircraft", "ac"];
const NOW: usize = 0;

/// Parses a response's bytes. Other fields are ignored.
pub fn parse(bytes: &[u8]) -> Result<SourceSnapshot, FeedError> {
    source_snapshot::expect_object(bytes, FIELDS)?;
    let json = || serde_json::Deserializer::from_slice(bytes);
    parse_any(json(), time(json()))
}

/// Returns the time of a response, Unix seconds, wherever it stands, and reads no further. `None`
/// if it has none.
///
/// ADSBx v2 has `now` behind the rows, whose times are ages before it. They are read in a second
/// pass, since rows that wait for their time would be in memory twice.
pub(super) fn time<'a>(mut json: serde_json::Deserializer<impl de::Read<'a>>) -> Option<f64> {
    let mut found = None;
    // Ending midway is an error, and what is not valid is reported where the rows are read.
    drop(Time(&mut found).deserialize(&mut json));
    found
}

/// Parses a response from its JSON; `now` is its [`time`].
pub(super) fn parse_any<'a>(
    mut json: serde_json::Deserializer<impl de::Read<'a>>,
    now: Option<f64>,
) -> Result<SourceSnapshot, FeedError> {
    // Without a time the rows are only validated: the response is refused below.
    let now = now.unwrap_or_default();
    let (cell, Aircraft { snapshot, read, count }) = Response { now }.deserialize(&mut json)?;
    json.end()?;
    let time = seconds(&cell)
        .and_then(|now| source_snapshot::plausible_time(now.floor() as i64))
        .ok_or_else(|| source_snapshot::no_time("now", &cell))?;
    source_snapshot::expect_rows(count)?;
    Ok(snapshot.build(time, read))
}

/// Returns the Unix seconds in a `now`; `None` if it is not a number.
fn seconds(cell: &JsonValue) -> Option<f64> {
    let now = match cell {
        JsonValue::Integer(now) => *now as f64,
        JsonValue::Float(now) => *now,
        _ => return None,
    };
    Some(if now > SECONDS_MAX { now / 1_000.0 } else { now })
}

/// Looks for `now`.
struct Time<'a>(&'a mut Option<f64>);

impl<'de> DeserializeSeed<'de> for Time<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Time<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(Place(&KEYS))? {
            if place == Some(NOW) {
                *self.0 = seconds(&map.next_value()?);
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Reads a response of this time.
struct Response {
    now: f64,
}

/// The rows, each validated as soon as it is read.
struct Aircraft {
    snapshot: Builder,
    read: Reader,
    count: usize,
}

impl<'de> DeserializeSeed<'de> for Response {
    type Value = (JsonValue<'de>, Aircraft);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Response {
    type Value = (JsonValue<'de>, Aircraft);

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object with now and aircraft, or ac")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut time, mut rows) = (None, None);
        while let Some(place) = map.next_key_seed(Place(&KEYS))? {
            let is_repeated = match place {
                Some(NOW) => time.replace(map.next_value()?).is_some(),
                Some(_) => rows.replace(map.next_value_seed(&self)?).is_some(),
                None => {
                    map.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if is_repeated {
                return Err(A::Error::duplicate_field(KEYS[place.unwrap_or(NOW)]));
            }
        }
        let time = time.ok_or_else(|| A::Error::missing_field("now"))?;
        Ok((time, rows.ok_or_else(|| A::Error::missing_field("aircraft"))?))
    }
}

impl<'de> DeserializeSeed<'de> for &Response {
    type Value = Aircraft;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Aircraft, D::Error> {
        let (mut snapshot, mut read) = (Builder::default(), Reader::default());
        let each = |row: Result<&mut Row, Reason>| {
            read.row = snapshot.rows();
            let state = row.and_then(|row| aircraft::validate(&row.cells, &mut read));
            snapshot.add(state.map(|state| state.at(self.now)));
        };
        let shape = Shape::Object(&aircraft::NAMES);
        let count = Rows { shape, each }.deserialize(deserializer)?;
        Ok(Aircraft { snapshot, read, count })
    }
}

#[cfg(test)]
mod tests;
