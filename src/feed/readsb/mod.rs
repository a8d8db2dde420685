//! readsb's `aircraft.json`: `{"now": …, "aircraft": [{…}, …]}`, and its variants.
//!
//! In scope: readsb, dump1090-fa, tar1090, and ADSBx v2 and its copies (`ac` instead of
//! `aircraft`, `now` in milliseconds). The fields: wiedehopf/readsb, `README-json.md`.
//! Out of scope: binCraft; `lastPosition` and `rr_lat`, which readsb itself no longer takes for the
//! aircraft's position.

mod aircraft;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer};
use serde_json::de;

use super::column::Reader;
use super::json_rows::{Row, Rows, Shape};
use super::json_value::JsonValue;
use super::{FeedError, Reason, SourceSnapshot, source_snapshot};
use aircraft::AgedState;

/// A `now` beyond this is in milliseconds: it is the year 5138 in seconds, 1973 in milliseconds.
const SECONDS_MAX: f64 = 1e11;

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    now: JsonValue<'a>,
    #[serde(alias = "ac")]
    aircraft: Aircraft,
}

/// Parses a response's bytes. Other fields are ignored.
pub fn parse(bytes: &[u8]) -> Result<SourceSnapshot, FeedError> {
    source_snapshot::expect_object(bytes, "now and aircraft, or ac")?;
    parse_any(serde_json::Deserializer::from_slice(bytes))
}

/// Parses a response from its JSON.
pub(super) fn parse_any<'a>(
    mut json: serde_json::Deserializer<impl de::Read<'a>>,
) -> Result<SourceSnapshot, FeedError> {
    let Response { now: cell, aircraft } = Response::deserialize(&mut json)?;
    json.end()?;
    let now = match cell {
        JsonValue::Integer(now) => now as f64,
        JsonValue::Float(now) => now,
        _ => return Err(source_snapshot::no_time("now", &cell)),
    };
    let now = if now > SECONDS_MAX { now / 1_000.0 } else { now };
    let time = source_snapshot::plausible_time(now.floor() as i64)
        .ok_or_else(|| source_snapshot::no_time("now", &cell))?;
    source_snapshot::expect_rows(aircraft.count)?;
    let mut snapshot = source_snapshot::Builder::default();
    aircraft.rows.into_iter().for_each(|row| snapshot.add(row.map(|state| state.at(now))));
    Ok(snapshot.build(time, aircraft.read))
}

/// The rows, validated as soon as they are read; `now` may follow them.
struct Aircraft {
    rows: Vec<Result<AgedState, Reason>>,
    read: Reader,
    count: usize,
}

impl<'de> Deserialize<'de> for Aircraft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut read = Reader::default();
        let mut rows = Vec::new();
        let each = |row: Result<&mut Row, Reason>| {
            read.row = rows.len();
            rows.push(row.and_then(|row| aircraft::validate(&row.cells, &mut read)));
        };
        let shape = Shape::Object(&aircraft::NAMES);
        let count = Rows { shape, each }.deserialize(deserializer)?;
        Ok(Self { rows, read, count })
    }
}

#[cfg(test)]
mod tests;
