//! OpenSky's `/states/all`: `{"time": …, "states": [[…17 or 18 columns…], …] | null}`.
//!
//! The columns and their meaning: openskynetwork/opensky-api, `docs/free/rest.rst`.

pub mod token;

use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer};
use serde_json::de;

use super::column::{self, Reader};
use super::json_rows::{Row, Rows, Shape};
use super::json_value::JsonValue;
use super::window::Window;
use super::{FeedError, ROWS_MAX, Reason, SourceSnapshot, opensky_columns, quick, source_snapshot};

/// The fields of a response that are read.
pub(super) const FIELDS: &str = "time and states";

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    time: JsonValue<'a>,
    states: States,
}

/// Parses a response's bytes.
///
/// `states: null` is an empty snapshot. Other fields are ignored.
pub fn parse(bytes: &[u8]) -> Result<SourceSnapshot, FeedError> {
    if let Some(snapshot) = parse_plain(bytes) {
        return Ok(snapshot);
    }
    source_snapshot::expect_object(bytes, FIELDS)?;
    parse_any(serde_json::Deserializer::from_slice(bytes))
}

/// The snapshot in a response that is written as OpenSky writes it, without spaces: its rows are
/// read in one pass, and only a window of it is in memory. `None` where it is written in any other
/// way, or is not valid.
pub(super) fn parse_plain(body: impl Read) -> Option<SourceSnapshot> {
    let mut window = Window::new(body);
    let (time, mut at) = loop {
        match head(window.text()) {
            Some(head) => break head,
            None if window.advance(0) => {}
            None => return None,
        }
    };
    let mut states = States::default();
    loop {
        match states.add_plain(window.text(), at)? {
            PlainRows::GoOn(next) if !window.advance(next) => return None,
            PlainRows::GoOn(_) => at = 0,
            PlainRows::End(next) => {
                at = next;
                break;
            }
        }
    }
    while window.advance(at) {
        at = 0;
    }
    let is_whole = window.is_over() && window.text().trim_ascii_end() == "}";
    is_whole.then(|| states.snapshot.build(time, states.read))
}

/// The time of a response that begins with it, and where its first row begins.
fn head(text: &str) -> Option<(i64, usize)> {
    let (time, states) = ("{\"time\":", ",\"states\":[");
    text.strip_prefix(time)?;
    let (cell, end) = quick::cell(text, time.len())?;
    let seconds = column::whole(&cell).and_then(source_snapshot::plausible_time)?;
    text[end..].strip_prefix(states)?;
    Some((seconds, end + states.len()))
}

/// Parses a response from its JSON, however it is written.
pub(super) fn parse_any<'a>(
    mut json: serde_json::Deserializer<impl de::Read<'a>>,
) -> Result<SourceSnapshot, FeedError> {
    let Response { time: cell, states } = Response::deserialize(&mut json)?;
    json.end()?;
    let time = column::whole(&cell)
        .and_then(source_snapshot::plausible_time)
        .ok_or_else(|| source_snapshot::no_time("time", &cell))?;
    source_snapshot::expect_rows(states.count)?;
    Ok(states.snapshot.build(time, states.read))
}

/// Where the rows of a window end.
enum PlainRows {
    /// The row that begins there is not whole, or not valid.
    GoOn(usize),
    /// It was the last one.
    End(usize),
}

/// The rows, each validated as soon as it is read, so that only one at a time exists as cells.
#[derive(Default)]
struct States {
    snapshot: source_snapshot::Builder,
    read: Reader,
    count: usize,
}

impl States {
    fn add(&mut self, row: Result<&mut Row, Reason>) {
        self.read.row = self.snapshot.rows();
        self.snapshot.add(row.and_then(|row| match row.count {
            17 | 18 => opensky_columns::validate(&row.cells, &mut self.read),
            count => Err(Reason::Columns(count)),
        }));
    }
}

impl States {
    /// Adds the rows from `at` on, as far as the text has them whole; `None` if it is not plain.
    fn add_plain(&mut self, text: &str, mut at: usize) -> Option<PlainRows> {
        let mut row = Row::default();
        loop {
            let Some((read, end)) = row.read(text, at) else { return Some(PlainRows::GoOn(at)) };
            // Whatever the text ends with may go on behind it.
            let Some(next) = text.as_bytes().get(end) else { return Some(PlainRows::GoOn(at)) };
            self.add(read.map(|()| &mut row));
            at = end + 1;
            match next {
                b',' if self.snapshot.rows() < ROWS_MAX => {}
                b']' => return Some(PlainRows::End(at)),
                _ => return None,
            }
        }
    }
}

impl<'de> Deserialize<'de> for States {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut states = Self::default();
        let each = |row: Result<&mut Row, Reason>| states.add(row);
        states.count = Rows { shape: Shape::Array, each }.deserialize(deserializer)?;
        Ok(states)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aircraft::StateVector;
    use crate::earth::Position;
    use crate::feed::{Dropped, Example, RowError};

    const ROW: &str = r#"["00834c","LNK638C ","South Africa",1751840376,1751840377,20.1409,-33.9775,
        9753.6,false,166.23,274.01,-9.7536,null,10005.06,"6642",false,0]"#;

    fn snapshot(rows: &str) -> SourceSnapshot {
        parse(format!(r#"{{"time":1751840380,"states":{rows}}}"#).as_bytes()).expect("a snapshot")
    }

    /// The row with the value of one column replaced.
    fn with(column: usize, value: &str) -> String {
        let row: Vec<Value> = serde_json::from_str(ROW).expect("the test's own row");
        let cells: Vec<String> = row.iter().map(Value::to_string).collect();
        let cell = |(index, cell): (usize, &String)| match index == column {
            true => value.to_owned(),
            false => cell.clone(),
        };
        format!("[{}]", cells.iter().enumerate().map(cell).collect::<Vec<_>>().join(","))
    }

    fn one(column: usize, value: &str) -> StateVector {
        let snapshot = snapshot(&format!("[{}]", with(column, value)));
        assert_eq!(
            (&snapshot.rejected[..], &snapshot.dropped[..]),
            (&[][..], &[][..]),
            "{column} {value}"
        );
        snapshot.aircraft[0].clone()
    }

    #[test]
    fn every_column_is_read_exactly() {
        let state = snapshot(&format!("[{ROW}]")).aircraft.remove(0);
        assert_eq!(state.icao24.to_string(), "00834c");
        assert_eq!(state.callsign.map(|callsign| callsign.to_string()).as_deref(), Some("LNK638C"));
        assert_eq!(state.origin_country.as_deref(), Some("South Africa"));
        assert_eq!((state.time_position, state.last_contact), (Some(1_751_840_376), 1_751_840_377));
        assert_eq!(state.position, Position::new(20.1409, -33.9775));
        assert_eq!((state.baro_altitude, state.geo_altitude), (Some(9753.6), Some(10005.06)));
        assert_eq!((state.velocity, state.true_track), (Some(166.23), Some(274.01)));
        assert_eq!(state.vertical_rate, Some(-9.7536));
        assert_eq!(state.squawk.map(|squawk| squawk.to_string()).as_deref(), Some("6642"));
        assert_eq!((state.on_ground, state.spi), (false, false));
        assert_eq!((state.position_source, state.category), (Some(0), None));
    }

    /// Whether the response is read in one pass; then it is read as serde_json reads it.
    fn is_plain(response: &[u8]) -> bool {
        let Some(plain) = parse_plain(response) else { return false };
        let any = parse_any(serde_json::Deserializer::from_slice(response));
        assert_eq!(Ok(plain), any, "{}", String::from_utf8_lossy(response));
        true
    }

    #[test]
    fn a_plain_response_may_have_rows_that_are_written_otherwise() {
        let plain = with(12, "null");
        let long = with(7, "9753.600000000000000");
        for other in [&plain, &long, ROW, "null", "[]", "[1,2]", r#"7,{"a":[1]}"#, r#"["\u0041"]"#]
        {
            let response = format!(r#"{{"time":1751840380,"states":[{plain},{other},{plain}]}}"#);
            assert!(is_plain(response.as_bytes()), "{other}");
            assert!(is_plain(format!("{response}\n").as_bytes()), "{other}");
            let spaced = response.replacen(':', ": ", 1);
            assert!(!is_plain(spaced.as_bytes()), "{other}");
            assert_eq!(parse(response.as_bytes()), parse(spaced.as_bytes()), "{other}");
        }
        for other in [r#"{"time":1751840380,"states":[]}"#, r#"{"time":7,"states":[[]]}"#] {
            assert!(!is_plain(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_response_with_any_byte_changed_is_read_as_serde_json_reads_it() {
        let row = r#"["00834c","LN\"8C ","é",1751840376,null,20.1409,-3,0,true,0.5,1,-0.0,[7],9,
            "6642",false,0]"#;
        let response = format!(r#"{{"time":1751840380,"states":[{row},null]}}"#);
        assert!(is_plain(response.as_bytes()));
        let mut plain = 0;
        for place in 0..response.len() {
            for byte in *b"\"\\\x00\n ,:.-+0123eE[]{}ntfaz\xc3" {
                let mut changed = response.clone().into_bytes();
                changed[place] = byte;
                plain += usize::from(is_plain(&changed));
            }
            assert!(!is_plain(&response.as_bytes()[..place]), "{place}");
        }
        assert!(plain > 500, "{plain}");
    }

    #[test]
    fn the_eighteenth_column_is_the_category() {
        let row = ROW.trim_end_matches(']').to_owned() + ",5]";
        assert_eq!(snapshot(&format!("[{row}]")).aircraft[0].category, Some(5));
    }

    #[test]
    fn an_empty_snapshot_is_valid() {
        assert_eq!(
            snapshot("null"),
            SourceSnapshot { time: 1_751_840_380, ..SourceSnapshot::default() }
        );
        assert_eq!(
            snapshot("[]"),
            SourceSnapshot { time: 1_751_840_380, ..SourceSnapshot::default() }
        );
    }

    #[test]
    fn a_time_may_be_written_with_a_fraction_of_zero() {
        let response = br#"{"time":1751840380.0,"states":null}"#;
        assert_eq!(parse(response).expect("a snapshot").time, 1_751_840_380);
    }

    #[test]
    fn null_means_unknown_and_zero_is_a_place() {
        assert_eq!(one(1, "null").callsign, None);
        assert_eq!(one(1, r#""        ""#).callsign, None);
        assert_eq!(one(2, r#""""#).origin_country, None);
        assert_eq!(one(5, "0").position, Position::new(0.0, -33.9775));
        assert_eq!(one(6, "0.0").position, Position::new(20.1409, 0.0));
        assert_eq!(one(5, "null").position, None);
        assert_eq!(one(7, "null").baro_altitude, None);
        assert_eq!(one(12, "[1,2,[3]]").icao24.to_string(), "00834c");
        assert_eq!(one(16, "null").position_source, None);
    }

    #[test]
    fn an_invalid_row_is_reported_and_the_snapshot_stays() {
        let check = |bad: &str, reason: &str| {
            let good = with(0, r#""abcdef""#);
            let snapshot = snapshot(&format!("[{bad},{good}]"));
            assert_eq!(snapshot.aircraft.len(), 1, "{bad}");
            assert_eq!(snapshot.rejected.len(), 1, "{bad}");
            assert_eq!(snapshot.rejected[0].to_string(), format!("row 0: {reason}"));
        };
        check("null", "row is null, expected an array");
        check("{\"a\":[1]}", "row is an object, expected an array");
        check("[]", "row has 0 columns, expected 17 or 18");
        check("[1,2,3]", "row has 3 columns, expected 17 or 18");
        check(&format!("[{}1]", "1,".repeat(18)), "row has 19 columns, expected 17 or 18");
        check(&with(0, "null"), "icao24 is null, expected six hexadecimal digits");
        check(&with(0, r#""00834""#), r#"icao24 is "00834", expected six hexadecimal digits"#);
    }

    #[test]
    fn an_invalid_value_costs_its_field_and_is_counted() {
        let good = snapshot(&format!("[{ROW}]")).aircraft.remove(0);
        let check = |column: usize, value: &str, expected: &str, state: StateVector| {
            let snapshot =
                snapshot(&format!("[{},null,{}]", with(column, value), with(column, value)));
            assert_eq!(snapshot.aircraft, [state], "{column} {value}");
            let shown = Example { row: 0, value: value.to_owned(), expected: expected.to_owned() };
            let field = opensky_columns::COLUMNS[column].to_owned();
            assert_eq!(snapshot.dropped, [Dropped { field, count: 2, example: shown }]);
        };
        let good = || good.clone();
        let printable = "up to 8 printable ASCII characters";
        check(1, r#""NINECHARS""#, printable, StateVector { callsign: None, ..good() });
        check(1, r#""Ünited""#, printable, StateVector { callsign: None, ..good() });
        check(1, "7", printable, StateVector { callsign: None, ..good() });
        let letters = "at most 64 printable characters";
        check(2, "true", letters, StateVector { origin_country: None, ..good() });
        let times = "Unix seconds from 1970 to 2100";
        check(3, "-1", times, StateVector { time_position: None, ..good() });
        let contacted = StateVector { last_contact: 1_751_840_376, ..good() };
        check(4, "4102444800", times, contacted);
        let nowhere = || StateVector { position: None, ..good() };
        check(5, "180.1", "degrees from -180 to 180", nowhere());
        check(6, "-91", "degrees from -90 to 90", nowhere());
        check(6, r#""1""#, "degrees from -90 to 90", nowhere());
        check(
            7,
            "true",
            "metres from -2000 to 100000",
            StateVector { baro_altitude: None, ..good() },
        );
        check(8, "1", "true or false", StateVector { on_ground: false, ..good() });
        check(9, "-0.1", "m/s from 0 to 8000", StateVector { velocity: None, ..good() });
        let track = "degrees from -360 to 720";
        check(10, "-360.5", track, StateVector { true_track: None, ..good() });
        check(10, "720.5", track, StateVector { true_track: None, ..good() });
        check(
            11,
            "1000.5",
            "m/s from -1000 to 1000",
            StateVector { vertical_rate: None, ..good() },
        );
        check(
            13,
            "1e300",
            "metres from -2000 to 100000",
            StateVector { geo_altitude: None, ..good() },
        );
        check(14, r#""9999""#, "four octal digits", StateVector { squawk: None, ..good() });
        check(15, r#""no""#, "true or false", StateVector { spi: false, ..good() });
        check(16, "256", "0 to 255", StateVector { position_source: None, ..good() });
    }

    #[test]
    fn a_track_is_reduced_modulo_a_full_turn() {
        for (sent, track) in [
            ("-118.81", 241.19),
            ("-360", 0.0),
            ("360", 0.0),
            ("720", 0.0),
            ("360.5", 0.5),
            ("719.75", 359.75),
            ("-1e-300", 0.0),
            ("-0.0", 0.0),
            ("359.99", 359.99),
        ] {
            let state = one(10, sent);
            assert_eq!(state.true_track.map(f64::to_bits), Some(f64::to_bits(track)), "{sent}");
        }
    }

    #[test]
    fn a_missing_last_contact_falls_back_to_the_position_then_to_the_snapshot() {
        assert_eq!(one(4, "null").last_contact, 1_751_840_376);
        let rows = with(4, "null").replace("1751840376", "null");
        assert_eq!(snapshot(&format!("[{rows}]")).aircraft[0].last_contact, 1_751_840_380);
        assert_eq!(one(4, "1751840377.0").last_contact, 1_751_840_377);
    }

    #[test]
    fn up_to_64_printable_characters_of_a_hostile_text_are_kept() {
        let state = |column: usize, text: &str| {
            let cell = serde_json::to_string(text).expect("a text");
            let snapshot = snapshot(&format!("[{}]", with(column, &cell)));
            assert_eq!(snapshot.dropped.len(), 1, "{text:.40?}");
            let example = &snapshot.dropped[0].example;
            assert!(example.value.chars().count() <= 67, "{}", example.value);
            assert!(!example.value.contains(char::is_control), "{:?}", example.value);
            snapshot.aircraft[0].clone()
        };
        let origin = |text: &str| state(2, text).origin_country.map(|name| name.to_string());
        assert_eq!(origin("Ger\u{202e}\u{1b}[31mmany\0\r\n").as_deref(), Some("Ger[31mmany"));
        assert_eq!(origin(&"é".repeat(100_000)), Some("é".repeat(64)));
        assert_eq!(origin(&"\u{202e}".repeat(100_000)), None);
        let callsign = |text: &str| state(1, text).callsign.map(|name| name.to_string());
        assert_eq!(callsign("DLH\u{1b}9LF").as_deref(), Some("DLH9LF"));
        assert_eq!(callsign(&"\u{200f}".repeat(9)), None);
        assert_eq!(callsign(&"A".repeat(1_000_000)), None);
    }

    #[test]
    fn a_hostile_text_is_cut_before_it_is_shown() {
        let long = format!("{:?}", "é".repeat(1_000_000));
        let snapshot = snapshot(&format!("[{}]", with(0, &long)));
        assert!(snapshot.rejected[0].to_string().len() < 200);
    }

    #[test]
    fn an_aircraft_without_callsign_and_position_is_left_out() {
        let row = with(1, "null").replace("20.1409", "null");
        let snapshot = snapshot(&format!("[{row}]"));
        assert_eq!(snapshot.rejected, [RowError { row: 0, reason: Reason::Nameless }]);
    }

    #[test]
    fn the_newest_duplicate_stays_in_any_order() {
        let rows = [with(4, "1751840370"), with(4, "1751840379"), with(4, "1751840371")];
        let snapshot = snapshot(&format!("[{}]", rows.join(",")));
        assert_eq!(snapshot.aircraft.len(), 1);
        assert_eq!(snapshot.aircraft[0].last_contact, 1_751_840_379);
        let lost: Vec<_> = snapshot.rejected.iter().map(|error| error.row).collect();
        assert_eq!(lost, [0, 2]);
    }

    #[test]
    fn a_row_without_a_time_is_older_than_one_with_a_time() {
        let undated = with(4, "null").replace("1751840376", "null");
        let other = undated.replace("00834c", "00834d");
        let dated = with(4, "1751840371");
        for rows in [[&undated, &other, &dated], [&dated, &other, &undated]] {
            let snapshot = snapshot(&format!("[{},{},{}]", rows[0], rows[1], rows[2]));
            let kept = snapshot.aircraft.iter();
            let kept: Vec<_> =
                kept.map(|state| (state.icao24.to_string(), state.last_contact)).collect();
            let expected = [("00834c", 1_751_840_371), ("00834d", 1_751_840_380)];
            assert_eq!(kept, expected.map(|(icao24, time)| (icao24.to_owned(), time)));
        }
    }

    #[test]
    fn a_body_that_is_not_a_snapshot_is_refused_with_the_reason() {
        let check = |bytes: &str, fault: &str| {
            let error = parse(bytes.as_bytes()).expect_err(fault).to_string();
            assert!(error.contains(fault), "{bytes:.80}: {error}");
        };
        check("", "expected an object with time and states");
        check("<html>", "expected an object with time and states");
        check("[1751840380,[]]", "expected an object with time and states");
        check("{", "EOF");
        check(r#"{"time":1751840380}"#, "missing field `states`");
        check(r#"{"time":1751840380,"states":{}}"#, "expected an array of states, or null");
        check(r#"{"time":1751840380,"states":"no"}"#, "a text, expected an array of states");
        check(r#"{"time":1751840380,"states":[["#, "EOF");
        check(r#"{"time":null,"states":[]}"#, "time is null");
        check(r#"{"time":1751840380123,"states":[]}"#, "time is 1751840380123");
        check(r#"{"time":"now","states":[]}"#, "time is \"now\"");
        check(r#"{"time":17.5,"states":[]}"#, "time is 17.5");
        check(&format!(r#"{{"states":{}"#, "[".repeat(1_000_000)), "EOF");
    }
}
