//! An array of state objects: what `/api/flights` answers, and the easiest sky to write by hand.
//!
//! The names are those of `StateVector`. Only `icao24` must be there, with a callsign or a
//! position. Fields that are not named here are passed over; `current_country` is among them,
//! for it is always named anew.

use chrono::DateTime;
use serde::de::DeserializeSeed;

use super::cell::Cell;
use super::origins::Origins;
use super::raw::{CELLS, Row, Rows, Shape};
use super::{FeedError, Reason, Sky, column, sky, state};

/// The state vector's, and the archive's date of the minute.
const NAMES: [&str; CELLS] = {
    let mut names = [""; CELLS];
    let mut place = 0;
    while place < state::COLUMNS.len() {
        names[place] = state::COLUMNS[place];
        place += 1;
    }
    names[LOAD_DATE] = "load_date";
    names
};
const LAST_CONTACT: usize = 4;
const LOAD_DATE: usize = 18;

/// The sky in an array's bytes.
///
/// Its time is the newest `load_date` in it, or `now` if there is none; what lacks a
/// `last_contact` is taken for heard `now`.
pub(super) fn parse(bytes: &[u8], now: i64) -> Result<Sky, FeedError> {
    let mut origins = Origins::default();
    let mut loaded = None;
    let mut rows = Vec::new();
    let each = |row: Result<&mut Row, Reason>| {
        rows.push(row.and_then(|row| {
            if row.cells[LAST_CONTACT] == Cell::Null {
                row.cells[LAST_CONTACT] = Cell::Integer(now);
            }
            let date = date(&row.cells[LOAD_DATE])?;
            let state = state::believe(&row.cells, &mut origins)?;
            loaded = loaded.max(date);
            Ok(state)
        }));
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let count = Rows { shape: Shape::Object(&NAMES), each }.deserialize(&mut json)?;
    json.end()?;
    sky::expect_rows(count)?;
    Ok(Sky::new(loaded.unwrap_or(now), rows.into_iter().enumerate()))
}

fn date(cell: &Cell) -> Result<Option<i64>, Reason> {
    let expected = "an ISO 8601 date from 2000 to 2100";
    let Some(text) = column::text("load_date", cell, expected)? else { return Ok(None) };
    let date = DateTime::parse_from_rfc3339(text).ok().map(|date| date.timestamp());
    let date = date.and_then(sky::believable);
    date.map(Some).ok_or_else(|| column::refuse("load_date", cell, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_751_840_400;

    #[test]
    fn an_object_has_the_names_of_the_api() {
        let sky = parse(
            br#"[{"icao24":"3c6444","callsign":"DLH9LF  ","origin_country":"Germany",
                "time_position":1751840376,"last_contact":1751840377,"longitude":8.5,
                "latitude":-50.0,"baro_altitude":9753.6,"on_ground":false,"velocity":166.23,
                "true_track":274.01,"vertical_rate":-9.7536,"geo_altitude":10005.06,
                "squawk":"6642","spi":true,"position_source":2,"category":4,
                "current_country":"Narnia","load_date":"2025-07-06T22:19:36Z","more":[{}]}]"#,
            NOW,
        )
        .expect("a sky");
        assert_eq!((sky.time, sky.rejected.as_slice()), (1_751_840_376, [].as_slice()));
        let state = &sky.aircraft[0];
        assert_eq!(state.icao24.to_string(), "3c6444");
        assert_eq!(state.callsign.map(|callsign| callsign.to_string()).as_deref(), Some("DLH9LF"));
        assert_eq!(state.origin_country.as_deref(), Some("Germany"));
        assert_eq!((state.time_position, state.last_contact), (Some(1_751_840_376), 1_751_840_377));
        assert_eq!(state.position, crate::earth::Position::new(8.5, -50.0));
        assert_eq!((state.baro_altitude, state.geo_altitude), (Some(9753.6), Some(10005.06)));
        assert_eq!((state.velocity, state.true_track), (Some(166.23), Some(274.01)));
        assert_eq!((state.vertical_rate, state.spi), (Some(-9.7536), true));
        assert_eq!((state.position_source, state.category), (Some(2), Some(4)));
        assert_eq!(state.current_country, None);
    }

    #[test]
    fn what_is_written_by_hand_is_of_now() {
        let sky = parse(br#"[{"icao24":"3c6444","longitude":8,"latitude":50}]"#, NOW);
        let sky = sky.expect("a sky");
        assert_eq!((sky.time, sky.aircraft[0].last_contact), (NOW, NOW));
    }

    #[test]
    fn a_bad_object_is_named_and_the_others_stay() {
        let check = |bad: &str, reason: &str| {
            let text = format!(r#"[{{"icao24":"abcdef","callsign":"A"}},{bad}]"#);
            let sky = parse(text.as_bytes(), NOW).expect("a sky");
            assert_eq!((sky.aircraft.len(), sky.time), (1, NOW), "{bad}");
            assert_eq!(sky.rejected[0].to_string(), format!("row 1: {reason}"));
        };
        check("[1]", "row is an array, expected an object");
        check("{}", "icao24 is null, expected six hexadecimal digits");
        check(r#"{"icao24":"3c6444"}"#, "neither a callsign nor a position is known");
        check(
            r#"{"icao24":"3c6444","callsign":"A","velocity":"9"}"#,
            r#"velocity is "9", expected m/s from 0"#,
        );
        check(
            r#"{"icao24":"3c6444","callsign":"A","load_date":"today"}"#,
            r#"load_date is "today", expected an ISO 8601 date from 2000 to 2100"#,
        );
    }
}
