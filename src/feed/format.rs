//! The format of a response, recognised by its content: a push does not declare it.

use std::fmt;
use std::io::{self, BufReader, Read, Seek};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use serde_json::de;

use super::json_value::{CellVisitor, JsonValue};
use super::{FeedError, SourceSnapshot, opensky, readsb, source_snapshot, state_objects};

/// How many keys an error names.
const KEYS_NAMED: usize = 8;

/// The forms that a snapshot may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceFormat {
    /// OpenSky's `{time, states}`.
    OpenSky,
    /// readsb's `{now, aircraft}`, and ADSBx v2's `{now, ac}`.
    Readsb,
    /// An array of state objects, as `/api/flights` answers it.
    States,
}

/// Parses a response of any format. `now` is the snapshot's time if the response has none.
pub fn parse(bytes: &[u8], now: i64) -> Result<SourceSnapshot, FeedError> {
    SourceFormat::of(bytes)?.parse(bytes, now)
}

/// How much of a body is read at once.
const PIECE_BYTES: usize = 64 << 10;

/// Parses a response of any format, as [`parse`] does, and has only pieces of the body in memory.
///
/// 100,000 rows have 13 MB in a body and take 16 MB, and a body would be there beside its rows.
pub fn parse_body(mut body: impl Read + Seek, now: i64) -> Result<SourceSnapshot, FeedError> {
    SourceFormat::recognise(&mut json(&mut body)?)?.parse_body(body, now)
}

type Json<B> = serde_json::Deserializer<de::IoRead<BufReader<B>>>;

/// The JSON of a body, from its beginning.
fn json<B: Read + Seek>(mut body: B) -> Result<Json<B>, FeedError> {
    body.rewind()?;
    let pieces = BufReader::with_capacity(PIECE_BYTES, body);
    Ok(serde_json::Deserializer::from_reader(pieces))
}

impl From<io::Error> for FeedError {
    fn from(error: io::Error) -> Self {
        Self::NotJson(error.to_string())
    }
}

impl SourceFormat {
    /// Returns the format of a response, or an error that says what it is instead. Reads no further
    /// than it must.
    pub fn of(bytes: &[u8]) -> Result<Self, FeedError> {
        Self::recognise(&mut serde_json::Deserializer::from_slice(bytes))
    }

    fn recognise<'a>(
        json: &mut serde_json::Deserializer<impl de::Read<'a>>,
    ) -> Result<Self, FeedError> {
        let mut found = Found::default();
        // A probe that finds a format stops midway, which the deserializer reports as an error.
        let end = Probe(&mut found).deserialize(&mut *json);
        match found {
            Found::SourceFormat(format) => Ok(format),
            Found::Other(other) => end.map_err(FeedError::from).and(Err(FeedError::Unknown(other))),
        }
    }

    /// Parses a response of this format. `now` is the snapshot's time if the response has none.
    pub fn parse(self, bytes: &[u8], now: i64) -> Result<SourceSnapshot, FeedError> {
        match self {
            Self::OpenSky => opensky::parse(bytes),
            Self::Readsb => readsb::parse(bytes),
            Self::States => state_objects::parse(bytes, now),
        }
    }

    /// Parses a body of this format, as [`SourceFormat::parse`] does, and has only pieces of it in
    /// memory.
    pub fn parse_body(
        self,
        mut body: impl Read + Seek,
        now: i64,
    ) -> Result<SourceSnapshot, FeedError> {
        body.rewind()?;
        match self {
            Self::OpenSky => {
                if let Some(snapshot) = opensky::parse_plain(&mut body) {
                    return Ok(snapshot);
                }
                body.rewind()?;
                source_snapshot::expect_object(&mut body, opensky::FIELDS)?;
                opensky::parse_any(json(body)?)
            }
            Self::Readsb => {
                source_snapshot::expect_object(&mut body, readsb::FIELDS)?;
                let time = readsb::time(json(&mut body)?);
                readsb::parse_any(json(body)?, time)
            }
            Self::States => state_objects::parse_any(json(body)?, now),
        }
    }

    /// Returns the format that has its rows under this key.
    fn with_key(key: &str) -> Option<Self> {
        match key {
            "states" => Some(Self::OpenSky),
            "aircraft" | "ac" => Some(Self::Readsb),
            _ => None,
        }
    }
}

enum Found {
    SourceFormat(SourceFormat),
    Other(String),
}

impl Default for Found {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

struct Probe<'a>(&'a mut Found);

impl<'de> DeserializeSeed<'de> for Probe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Probe<'_> {
    fn other<E>(self, cell: Result<JsonValue, E>) -> Result<(), E> {
        *self.0 = Found::Other(cell?.to_string());
        Ok(())
    }
}

impl<'de> Visitor<'de> for Probe<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if let Some(format) = SourceFormat::with_key(&key) {
                *self.0 = Found::SourceFormat(format);
                return Ok(());
            }
            if keys.len() < KEYS_NAMED {
                keys.push(JsonValue::Text(key.into()).to_string());
            }
            map.next_value::<IgnoredAny>()?;
        }
        *self.0 = Found::Other(match keys.is_empty() {
            true => "an empty object".to_owned(),
            false => format!("an object with {}", keys.join(", ")),
        });
        Ok(())
    }

    /// An array that is empty or begins with an object is one of state objects. Any other is
    /// refused: taken for an empty snapshot it would blank the map.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        *self.0 = match seq.next_element::<JsonValue>()? {
            None | Some(JsonValue::Object) => Found::SourceFormat(SourceFormat::States),
            Some(other) => {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Found::Other(format!("an array that begins with {other}"))
            }
        };
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.other(CellVisitor.visit_unit())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.other(CellVisitor.visit_bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.other(CellVisitor.visit_i64(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.other(CellVisitor.visit_u64(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.other(CellVisitor.visit_f64(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.other(CellVisitor.visit_str(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::source_snapshot::ROWS_MAX;

    const NOW: i64 = 1_751_840_400;

    #[test]
    fn a_format_is_recognised_by_its_keys_in_any_order() {
        for (format, text) in [
            (SourceFormat::OpenSky, r#"{"time":1751840380,"states":[]}"#),
            (SourceFormat::OpenSky, r#"{"states":null,"time":1751840380}"#),
            (SourceFormat::Readsb, r#"{"now":1751840380.1,"messages":7,"aircraft":[]}"#),
            (SourceFormat::Readsb, r#"{"ac":[],"msg":"No error","now":1751840380100,"total":0}"#),
            (SourceFormat::States, " []"),
            (SourceFormat::States, r#"[{"icao24":"3c6444","longitude":8,"latitude":50}]"#),
        ] {
            assert_eq!(SourceFormat::of(text.as_bytes()), Ok(format), "{text}");
            let snapshot = parse(text.as_bytes(), NOW).expect(text);
            let time = if format == SourceFormat::States { NOW } else { 1_751_840_380 };
            assert_eq!((snapshot.time, snapshot.rejected.len()), (time, 0), "{text}");
        }
    }

    /// A body that comes in pieces of this many bytes.
    struct Pieces<'a>(io::Cursor<&'a [u8]>, usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let most = bytes.len().min(self.1);
            self.0.read(&mut bytes[..most])
        }
    }

    impl Seek for Pieces<'_> {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_body_in_pieces_is_parsed_as_one_in_memory() {
        let row = r#"["3c6444","É\u00e9 ",null,null,1751840377,8.5,50,9753.6,false,1,2,3,null,4,
            "6642",false,0]"#;
        let plain = row.replace(char::is_whitespace, "");
        let readsb = r#"{"hex":"3c6444","flight":"DLH9LF  ","lat":50,"lon":8.5,"seen":1.5}"#;
        let long = format!("[{}]", "7,".repeat(400_000));
        for text in [
            format!(r#"{{"time":1751840380,"states":[{plain},{row},null,[1],{plain}]}}"#),
            format!(r#"{{"time":1751840380,"states":[{plain}]}}  "#),
            format!(r#"{{"time":1751840380,"states":[{plain}],"more":[]}}"#),
            format!(r#"{{"time":1751840380,"states":[{plain}"#),
            format!(r#"{{"time":1751840380,"states":[{plain},]}}"#),
            format!(r#"{{"time":1751840380,"states":[{plain},{long},{plain}]}}"#),
            format!(r#"{{ "time": 1751840380, "states": [{row}, {row}] }}"#),
            format!(r#"{{"now":1751840380.1,"messages":7,"aircraft":[{readsb},{readsb}]}}"#),
            r#"[{"icao24":"3c6444","longitude":8,"latitude":50}]"#.to_owned(),
            format!(r#"{{"ac":[{readsb},{readsb}],"now":1751840380100}}"#),
            format!(r#"{{"ac":[{readsb}],"now":1751840380,"now":1751840380}}"#),
            r#"{"time":7,"states":[]}"#.to_owned(),
            "  <html>".to_owned(),
            r#"{"time":1751840380,"states":[["é"#.to_owned(),
            "[7]".to_owned(),
            String::new(),
        ] {
            let whole = parse(text.as_bytes(), NOW);
            for bytes in [1, 2, 3, 7, 100, usize::MAX] {
                if text.len() < 10_000 || bytes > 7 {
                    let body = Pieces(io::Cursor::new(text.as_bytes()), bytes);
                    assert_eq!(parse_body(body, NOW), whole, "{text:.200} in pieces of {bytes}");
                    for format in [SourceFormat::OpenSky, SourceFormat::Readsb] {
                        let body = Pieces(io::Cursor::new(text.as_bytes()), bytes);
                        let whole = format.parse(text.as_bytes(), NOW);
                        let parsed = format.parse_body(body, NOW);
                        assert_eq!(parsed, whole, "{text:.200} as {format:?}");
                    }
                }
            }
        }
        let invalid = b"{\"time\":1751840380,\"states\":[[\"\xff\"]]}";
        assert!(parse_body(Pieces(io::Cursor::new(invalid), 3), NOW).is_err());
    }

    #[test]
    fn more_rows_than_the_limit_are_counted_and_refused() {
        for (head, tail) in [
            (r#"{"time":1751840380,"states":["#, "]}"),
            (r#"{"now":1751840380,"aircraft":["#, "]}"),
            ("[", "]"),
        ] {
            let response = |rows: usize| {
                let rows = vec!["{}"; rows].join(",");
                parse(format!("{head}{rows}{tail}").as_bytes(), NOW)
            };
            let snapshot = response(ROWS_MAX).expect("the limit");
            assert_eq!(snapshot.rejected.len(), ROWS_MAX, "{head}");
            let error = response(ROWS_MAX + 7).expect_err("above the limit").to_string();
            assert!(error.ends_with("100007 rows, at most 100000 are accepted"), "{head} {error}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_it_is() {
        let check = |text: &str, fault: &str| {
            let error = parse(text.as_bytes(), NOW).expect_err(text).to_string();
            assert!(error.contains(fault), "{text:.80}: {error}");
            assert!(error.len() < 800, "{error}");
        };
        check("", "not a snapshot: EOF");
        check("<html>", "not a snapshot: expected value");
        check("{}", "not a snapshot: an empty object, expected an object with states (OpenSky)");
        check(r#"{"error":"no","code":7}"#, r#"not a snapshot: an object with "error", "code","#);
        check("17", "not a snapshot: 17,");
        check("-17", "not a snapshot: -17,");
        check("1.5", "not a snapshot: 1.5,");
        check("true", "not a snapshot: true,");
        check("null", "not a snapshot: null,");
        check(r#""snapshot""#, r#"not a snapshot: "snapshot","#);
        check("[[1,2],[3]]", "not a snapshot: an array that begins with an array,");
        check("[7]", "not a snapshot: an array that begins with 7,");
        check(r#"{"a":1,"#, "EOF");
        check(r#"{"now":1751840380,"aircraft":["#, "EOF");
        check(r#"{"ac":[]}"#, "missing field `now`");
        let keys: Vec<_> = (0..1_000).map(|key| format!(r#""{key:0999}":1"#)).collect();
        check(&format!("{{{}}}", keys.join(",")), "an object with \"0000");
        let long = "\u{7f}".repeat(1_000_000);
        check(&format!("\"{long}\""), r#"not a snapshot: "\u{7f}"#);
        check(&format!("[\"{long}\"]"), r#"begins with "\u{7f}"#);
        check(&format!(r#"{{"time":"{long}","states":[]}}"#), r#"time is "\u{7f}"#);
        check(&format!(r#"{{"time":1,"states":"{long}"}}"#), "invalid type: a text");
        check(&format!(r#"{{"now":1,"aircraft":"{long}"}}"#), "invalid type: a text");
        check(&"[".repeat(1_000_000), "EOF");
        check(&r#"{"a":"#.repeat(1_000_000), "EOF");
    }
}
