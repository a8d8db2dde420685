//! An array of state objects: what `/api/flights` answers, and the easiest snapshot to write by
//! hand.
//!
//! The names are those of `StateVector`. Only `icao24` is required, with a callsign or a position.
//! A missing `last_contact` is `time_position`, or else the snapshot's time. Other fields are
//! ignored, `current_country` too: it is always determined anew.

use chrono::DateTime;
use serde::de::DeserializeSeed;
use serde_json::de;

use super::column::Reader;
use super::json_rows::{CELLS, Row, Rows, Shape};
use super::json_value::JsonValue;
use super::{FeedError, Reason, SourceSnapshot, opensky_columns, source_snapshot};

/// The state vector's fields, and the archive's date of the minute.
const NAMES: [&str; CELLS] = {
    let mut names = [""; CELLS];
    let mut place = 0;
    while place < opensky_columns::COLUMNS.len() {
        names[place] = opensky_columns::COLUMNS[place];
        place += 1;
    }
    names[LOAD_DATE] = "load_date";
    names
};
const LOAD_DATE: usize = 18;

/// Parses an array's bytes.
///
/// The snapshot's time is the newest `load_date` in it, or `now` if there is none.
pub(super) fn parse(bytes: &[u8], now: i64) -> Result<SourceSnapshot, FeedError> {
    parse_any(serde_json::Deserializer::from_slice(bytes), now)
}

/// Parses an array from its JSON.
pub(super) fn parse_any<'a>(
    mut json: serde_json::Deserializer<impl de::Read<'a>>,
    now: i64,
) -> Result<SourceSnapshot, FeedError> {
    let mut read = Reader::default();
    let mut loaded = None;
    let mut snapshot = source_snapshot::Builder::default();
    let each = |row: Result<&mut Row, Reason>| {
        read.row = snapshot.rows();
        snapshot.add(row.and_then(|row| {
            let state = opensky_columns::validate(&row.cells, &mut read)?;
            loaded = loaded.max(date(&row.cells[LOAD_DATE], &mut read));
            Ok(state)
        }));
    };
    let count = Rows { shape: Shape::Object(&NAMES), each }.deserialize(&mut json)?;
    json.end()?;
    source_snapshot::expect_rows(count)?;
    Ok(snapshot.build(loaded.unwrap_or(now), read))
}

fn date(cell: &JsonValue, read: &mut Reader) -> Option<i64> {
    let expected = "an ISO 8601 date from 2000 to 2100";
    let text = read.text("load_date", cell, expected)?;
    let date = DateTime::parse_from_rfc3339(text).ok().map(|date| date.timestamp());
    date.and_then(source_snapshot::plausible_time)
        .or_else(|| read.drop("load_date", cell, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_751_840_400;

    #[test]
    fn an_object_has_the_names_of_the_api() {
        let snapshot = parse(
            br#"[{"icao24":"3c6444","callsign":"DLH9LF  ","origin_country":"Germany",
                "time_position":1751840376,"last_contact":1751840377,"longitude":8.5,
                "latitude":-50.0,"baro_altitude":9753.6,"on_ground":false,"velocity":166.23,
                "true_track":274.01,"vertical_rate":-9.7536,"geo_altitude":10005.06,
                "squawk":"6642","spi":true,"position_source":2,"category":4,
                "current_country":"Narnia","load_date":"2025-07-06T22:19:36Z","more":[{}]}]"#,
            NOW,
        )
        .expect("a snapshot");
        assert_eq!((snapshot.time, snapshot.rejected.as_slice()), (1_751_840_376, [].as_slice()));
        let state = &snapshot.aircraft[0];
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
    fn an_array_written_by_hand_has_the_current_time() {
        let snapshot = parse(br#"[{"icao24":"3c6444","longitude":8,"latitude":50}]"#, NOW);
        let snapshot = snapshot.expect("a snapshot");
        assert_eq!((snapshot.time, snapshot.aircraft[0].last_contact), (NOW, NOW));
    }

    #[test]
    fn a_bad_object_is_reported_and_the_others_stay() {
        let check = |bad: &str, reason: &str| {
            let text = format!(r#"[{{"icao24":"abcdef","callsign":"A"}},{bad}]"#);
            let snapshot = parse(text.as_bytes(), NOW).expect("a snapshot");
            assert_eq!((snapshot.aircraft.len(), snapshot.time), (1, NOW), "{bad}");
            assert_eq!(snapshot.rejected[0].to_string(), format!("row 1: {reason}"));
        };
        check("[1]", "row is an array, expected an object");
        check("{}", "icao24 is null, expected six hexadecimal digits");
        check(r#"{"icao24":"3c6444"}"#, "neither a callsign nor a position is known");
    }

    #[test]
    fn a_bad_value_costs_its_field_and_a_missing_time_has_a_fallback() {
        let text = br#"[{"icao24":"3c6444","callsign":"A","velocity":"9","load_date":"today"},
            {"icao24":"abcdef","callsign":"B","time_position":1751840300,"last_contact":null},
            {"icao24":"fedcba","callsign":"C","load_date":"2025-07-06T22:19:36Z"}]"#;
        let snapshot = parse(text, NOW).expect("a snapshot");
        assert_eq!((snapshot.time, snapshot.rejected.len()), (1_751_840_376, 0));
        let contacts: Vec<_> = snapshot.aircraft.iter().map(|state| state.last_contact).collect();
        assert_eq!(contacts, [1_751_840_376, 1_751_840_300, 1_751_840_376]);
        let fields: Vec<_> =
            snapshot.dropped.iter().map(|dropped| dropped.field.as_str()).collect();
        assert_eq!(fields, ["velocity", "load_date"]);
        assert_eq!(snapshot.dropped[1].example.value, r#""today""#);
        let expected = "an ISO 8601 date from 2000 to 2100";
        assert_eq!(snapshot.dropped[1].example.expected, expected);
    }
}
