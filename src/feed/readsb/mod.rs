//! readsb's `aircraft.json`: `{"now": …, "aircraft": [{…}, …]}`, and what its relatives make of it.
//!
//! In scope: readsb, dump1090-fa, tar1090, and ADSBx v2 with all that copies it (`ac` instead of
//! `aircraft`, `now` in milliseconds). The fields: wiedehopf/readsb, `README-json.md`.
//! Out of scope: binCraft; `lastPosition` and `rr_lat`, places that readsb itself no longer holds
//! for the aircraft's.

mod aircraft;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer};

use super::cell::Cell;
use super::column::Reader;
use super::raw::{Row, Rows, Shape};
use super::{FeedError, Reason, Sky, sky};
use aircraft::Heard;

/// A `now` beyond this is in milliseconds: as seconds it would be of the year 5138, and as
/// milliseconds it is of 1973.
const SECONDS_MAX: f64 = 1e11;

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    now: Cell<'a>,
    #[serde(alias = "ac")]
    aircraft: Aircraft,
}

/// The sky in a response's bytes. Fields that are not named here are passed over.
pub fn parse(bytes: &[u8]) -> Result<Sky, FeedError> {
    sky::expect_object(bytes, "now and aircraft, or ac")?;
    let Response { now: cell, aircraft } = serde_json::from_slice(bytes)?;
    let now = match cell {
        Cell::Integer(now) => now as f64,
        Cell::Float(now) => now,
        _ => return Err(sky::no_time("now", &cell)),
    };
    let now = if now > SECONDS_MAX { now / 1_000.0 } else { now };
    let time = sky::believable(now.floor() as i64).ok_or_else(|| sky::no_time("now", &cell))?;
    sky::expect_rows(aircraft.count)?;
    let mut sky = sky::Builder::default();
    aircraft.rows.into_iter().for_each(|row| sky.add(row.map(|heard| heard.at(now))));
    Ok(sky.build(time, aircraft.read))
}

/// The rows, believed as soon as they are read, though `now` may be told after them.
struct Aircraft {
    rows: Vec<Result<Heard, Reason>>,
    read: Reader,
    count: usize,
}

impl<'de> Deserialize<'de> for Aircraft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut read = Reader::default();
        let mut rows = Vec::new();
        let each = |row: Result<&mut Row, Reason>| {
            read.row = rows.len();
            rows.push(row.and_then(|row| aircraft::believe(&row.cells, &mut read)));
        };
        let shape = Shape::Object(&aircraft::NAMES);
        let count = Rows { shape, each }.deserialize(deserializer)?;
        Ok(Self { rows, read, count })
    }
}

#[cfg(test)]
mod tests;
