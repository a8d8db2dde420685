//! Hostile cells: any JSON value in any column of any format, against a naive oracle.
//!
//! In scope: which rows survive, what their fields contain, what is counted as dropped.
//! Out of scope: bytes that are not JSON; the fuzz targets cover those.

mod snapshots;

use std::collections::BTreeMap;

use overflight::feed::{self, SourceSnapshot};
use overflight::wire::StateObject;
use serde_json::{Map, Value, json};
use snapshots::{Random, each_seed};

const CASES: u64 = 3_000;
const NOW: i64 = 1_751_840_380;

const COLUMNS: [&str; 18] = [
    "icao24",
    "callsign",
    "origin_country",
    "time_position",
    "last_contact",
    "longitude",
    "latitude",
    "baro_altitude",
    "on_ground",
    "velocity",
    "true_track",
    "vertical_rate",
    "sensors",
    "geo_altitude",
    "squawk",
    "spi",
    "position_source",
    "category",
];

const READSB: &str = "hex type flight alt_baro alt_geom gs track baro_rate squawk category lat lon \
    seen_pos mlat seen spi geom_rate true_heading";

/// Characters that no served text may contain; all others in the texts below are printable.
const UNPRINTABLE: [char; 10] = [
    '\0', '\n', '\r', '\u{1b}', '\u{7f}', '\u{200e}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{ad}',
];
const PRINTABLE: [char; 12] = ['A', 'z', '0', '7', '9', ' ', '"', '\\', '<', 'é', '日', '🛩'];

const NUMBERS: [f64; 30] = [
    -1e308,
    -1e19,
    -2_000.5,
    -2_000.0,
    -1_000.5,
    -360.5,
    -360.0,
    -118.81,
    -90.5,
    -1e-300,
    0.0,
    0.5,
    4.0,
    89.5,
    90.5,
    180.0,
    180.5,
    255.0,
    256.0,
    360.0,
    719.5,
    720.5,
    8_000.5,
    100_000.5,
    1_751_840_370.0,
    1_751_840_370.5,
    4_102_444_799.0,
    4_102_444_800.0,
    1e19,
    1e308,
];

fn text(random: &mut Random) -> String {
    let length = random.pick(&[0, 1, 4, 6, 8, 9, 64, 70, 3_000]);
    let hostile = random.one_in(2);
    let letters = (0..length).map(|_| match hostile && random.one_in(6) {
        true => random.pick(&UNPRINTABLE),
        false => random.pick(&PRINTABLE),
    });
    letters.collect()
}

fn number(random: &mut Random) -> Value {
    let value = random.pick(&NUMBERS);
    match value.fract() == 0.0 && value.abs() < 1e15 && !random.one_in(4) {
        true => json!(value as i64),
        false => json!(value),
    }
}

fn hostile(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => json!(random.one_in(2)),
        2 => json!(random.next()),
        3 => json!([[[text(random)]], {}]),
        4 => json!({ text(random): [1, { "a": null }] }),
        5 | 6 => json!(text(random)),
        _ => number(random),
    }
}

/// Returns a row of good values, some of them replaced by any JSON value.
fn row(random: &mut Random, place: usize, good: &[Value]) -> Vec<Value> {
    let mut cells = good.to_vec();
    cells[0] = json!(format!("{place:06x}"));
    let share = random.pick(&[1, 3, 30]);
    for (column, cell) in cells.iter_mut().enumerate() {
        let spared = column == 0 && !random.one_in(8);
        if random.one_in(share) && !spared {
            *cell = hostile(random);
        }
    }
    cells
}

fn opensky(random: &mut Random, place: usize) -> Vec<Value> {
    let good = json!([
        "",
        "DLH9LF  ",
        "Germany",
        1_751_840_370,
        1_751_840_375,
        8.5,
        50.25,
        9_753.6,
        true,
        166.23,
        274.01,
        -9.75,
        null,
        10_005.06,
        "6642",
        true,
        2,
        4
    ]);
    row(random, place, good.as_array().expect("an array"))
}

/// Returns what a column's number becomes, or an error if it is unusable.
fn measured(value: &Value, low: f64, high: f64) -> Result<Value, ()> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Number(number) => {
            let number = number.as_f64().expect("all numbers here are");
            if number < low || number > high { Err(()) } else { Ok(json!(number)) }
        }
        _ => Err(()),
    }
}

/// As `measured`, for whole numbers.
fn counted(value: &Value, high: f64) -> Result<Value, ()> {
    let number = measured(value, 0.0, high)?;
    match number.as_f64() {
        Some(number) if number != number.floor() => Err(()),
        Some(number) => Ok(json!(number as i64)),
        None => Ok(Value::Null),
    }
}

fn turned(value: &Value) -> Result<Value, ()> {
    let track = measured(value, -360.0, 720.0)?;
    let Some(mut degrees) = track.as_f64() else { return Ok(track) };
    while degrees < 0.0 {
        degrees += 360.0;
    }
    while degrees >= 360.0 {
        degrees -= 360.0;
    }
    Ok(json!(degrees))
}

fn cleaned(text: &str) -> String {
    text.chars().filter(|letter| !UNPRINTABLE.contains(letter)).take(64).collect()
}

/// Returns the field's expected content, and whether its value was unusable.
fn expected(column: &str, value: &Value) -> (Value, bool) {
    let known = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    let is_callsign =
        |text: &str| text.len() <= 8 && text.chars().all(|c| (' '..='~').contains(&c));
    let octal = |c: char| ('0'..='7').contains(&c);
    let plain = match (column, value) {
        ("on_ground" | "spi", Value::Bool(_)) => Ok(value.clone()),
        ("on_ground" | "spi", _) => return (json!(false), !value.is_null()),
        (_, Value::Null) => Ok(Value::Null),
        ("callsign", Value::String(text)) => {
            let (whole, clean) = (text.trim_matches(' '), cleaned(text));
            if is_callsign(whole) {
                return (known(whole), false);
            }
            let clean = clean.trim_matches(' ');
            return (if is_callsign(clean) { known(clean) } else { Value::Null }, true);
        }
        ("origin_country", Value::String(text)) => {
            let clean = cleaned(text);
            return (known(&clean), clean != *text);
        }
        ("squawk", Value::String(text)) if text.len() == 4 && text.chars().all(octal) => {
            Ok(value.clone())
        }
        ("time_position" | "last_contact", _) => counted(value, 4_102_444_799.0),
        ("longitude", _) => measured(value, -180.0, 180.0),
        ("latitude", _) => measured(value, -90.0, 90.0),
        ("baro_altitude" | "geo_altitude", _) => measured(value, -2_000.0, 100_000.0),
        ("velocity", _) => measured(value, 0.0, 8_000.0),
        ("true_track", _) => turned(value),
        ("vertical_rate", _) => measured(value, -1_000.0, 1_000.0),
        ("position_source" | "category", _) => counted(value, 255.0),
        ("sensors", _) => Ok(Value::Null),
        _ => Err(()),
    };
    (plain.clone().unwrap_or(Value::Null), plain.is_err())
}

/// Returns the object that a row's cells become; `None` if it is left out. Counts dropped values.
fn object(cells: &[Value], time: i64, dropped: &mut BTreeMap<String, u64>) -> Option<Value> {
    let address = cells[0].as_str()?;
    if address.len() != 6 || !address.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    let mut object = Map::new();
    object.insert("icao24".to_owned(), json!(address));
    for (column, value) in COLUMNS.iter().zip(cells).skip(1) {
        let (value, is_dropped) = expected(column, value);
        if is_dropped {
            *dropped.entry((*column).to_owned()).or_default() += 1;
        }
        object.insert((*column).to_owned(), value);
    }
    object.remove("sensors");
    if object["longitude"].is_null() || object["latitude"].is_null() {
        object.insert("longitude".to_owned(), Value::Null);
        object.insert("latitude".to_owned(), Value::Null);
    }
    if object["callsign"].is_null() && object["longitude"].is_null() {
        return None;
    }
    if object["last_contact"].is_null() {
        let position = object["time_position"].clone();
        let contact = if position.is_null() { json!(time) } else { position };
        object.insert("last_contact".to_owned(), contact);
    }
    object.insert("current_country".to_owned(), Value::Null);
    Some(Value::Object(object))
}

/// Returns the states of a snapshot as they are served, and checks the examples of dropped values.
fn served(snapshot: &SourceSnapshot) -> Vec<Value> {
    let states = snapshot.aircraft.iter().map(|state| {
        let text = serde_json::to_string(&StateObject::new(state, None)).expect("it serialises");
        serde_json::from_str(&text).expect("it is JSON")
    });
    for dropped in &snapshot.dropped {
        let value = &dropped.example.value;
        assert!(value.chars().count() <= 67 && !value.contains(UNPRINTABLE), "{value:?}");
    }
    states.collect()
}

/// Whether two values are equal; numbers compare by value: 4 equals 4.0.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| same(value, &b[key]))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[test]
fn any_value_in_any_column_costs_at_most_its_field() {
    each_seed(CASES, |random| {
        let rows: Vec<_> = (0..random.below(8)).map(|row| opensky(random, row as usize)).collect();
        let as_objects = random.one_in(2);
        let text = match as_objects {
            true => {
                let named = |row: &Vec<Value>| {
                    COLUMNS.into_iter().map(str::to_owned).zip(row.clone()).collect()
                };
                Value::Array(rows.iter().map(|row| Value::Object(named(row))).collect()).to_string()
            }
            false => json!({ "states": rows, "time": NOW - 3 }).to_string(),
        };
        let time = if as_objects { NOW } else { NOW - 3 };
        let snapshot = feed::parse(text.as_bytes(), NOW).expect("a snapshot");
        let mut dropped = BTreeMap::new();
        let expected: Vec<_> =
            rows.iter().filter_map(|row| object(row, time, &mut dropped)).collect();
        let served = served(&snapshot);
        assert_eq!(served.len(), expected.len(), "{text}");
        for (is, should) in served.iter().zip(&expected) {
            assert!(same(is, should), "{is}\n{should}\n{text}");
        }
        let counts: BTreeMap<_, _> =
            snapshot.dropped.iter().map(|dropped| (dropped.field.clone(), dropped.count)).collect();
        assert_eq!(counts, dropped, "{text}");
        for dropped in &snapshot.dropped {
            let column = COLUMNS.iter().position(|name| *name == dropped.field).expect("a column");
            let usable = |row: &[Value]| !expected_of(row, column).1;
            let before = &rows[..dropped.example.row];
            let refused = |row: &[Value]| object(row, 0, &mut BTreeMap::new()).is_none();
            assert!(before.iter().all(|row| usable(row) || refused(row)), "{dropped:?} {text}");
        }
    });
}

fn expected_of(row: &[Value], column: usize) -> (Value, bool) {
    expected(COLUMNS[column], &row[column])
}

#[test]
fn any_value_in_readsbs_fields_costs_at_most_its_row() {
    let good = json!([
        "",
        "adsb_icao",
        "DLH9LF  ",
        32_000,
        33_000,
        450.0,
        274.01,
        -1_920,
        "6642",
        "A3",
        -50.25,
        8.5,
        2.4,
        [],
        0.6,
        1,
        -1_900,
        280.1
    ]);
    let good = good.as_array().expect("an array");
    each_seed(CASES, |random| {
        let rows: Vec<_> =
            (0..random.below(8)).map(|place| row(random, place as usize, good)).collect();
        let named =
            |row: &Vec<Value>| READSB.split(' ').map(str::to_owned).zip(row.clone()).collect();
        let objects: Vec<_> = rows.iter().map(|row| Value::Object(named(row))).collect();
        let text = json!({ "aircraft": objects, "now": NOW }).to_string();
        let snapshot = feed::parse(text.as_bytes(), NOW).expect("a snapshot");
        let survives = |row: &&Vec<Value>| {
            let is_hex =
                |text: &str| text.len() == 6 && text.chars().all(|c| c.is_ascii_hexdigit());
            let placed = |cell: &Value, most: f64| {
                matches!(measured(cell, -most, most), Ok(Value::Number(_)))
            };
            let is_named = !expected("callsign", &row[2]).0.is_null();
            row[0].as_str().is_some_and(is_hex)
                && (is_named || placed(&row[10], 90.0) && placed(&row[11], 180.0))
        };
        assert_eq!(snapshot.aircraft.len(), rows.iter().filter(survives).count(), "{text}");
        for state in served(&snapshot) {
            check_ranges(&state);
        }
    });
}

fn check_ranges(state: &Value) {
    let within = |field: &str, low: f64, high: f64| {
        let known = state[field].as_f64();
        assert!(known.is_none_or(|value| value >= low && value <= high), "{field} {state}");
    };
    within("last_contact", (NOW - 900_000_001) as f64, NOW as f64);
    within("time_position", (NOW - 900_000_001) as f64, NOW as f64);
    within("longitude", -180.0, 180.0);
    within("latitude", -90.0, 90.0);
    within("baro_altitude", -2_000.0, 100_000.0);
    within("geo_altitude", -2_000.0, 100_000.0);
    within("velocity", 0.0, 8_000.0);
    within("true_track", 0.0, 360.0_f64.next_down());
    within("vertical_rate", -1_000.0, 1_000.0);
    within("position_source", 0.0, 3.0);
    within("category", 0.0, 20.0);
    for value in state.as_object().expect("an object").values().filter_map(Value::as_str) {
        assert!(value.chars().count() <= 64 && !value.contains(UNPRINTABLE), "{state}");
    }
}
