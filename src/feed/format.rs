//! The format of a response, recognised by its content: a push does not declare it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json_value::{CellVisitor, JsonValue};
use super::{FeedError, SourceSnapshot, opensky, readsb, state_objects};

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

impl SourceFormat {
    /// Returns the format of a response, or an error that says what it is instead. Reads no further
    /// than it must.
    pub fn of(bytes: &[u8]) -> Result<Self, FeedError> {
        let mut found = Found::default();
        let mut json = serde_json::Deserializer::from_slice(bytes);
        // A probe that finds a format stops midway, which the deserializer reports as an error.
        let end = Probe(&mut found).deserialize(&mut json);
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
