//! Answers about the shown aircraft as JSON: details, counts by country, search results.

use std::borrow::Cow;
use std::collections::HashMap;

use overflight::aircraft::StateVector;
use overflight::earth::{CountryCode, country};
use overflight::wire::StateObject;
use serde_json::json;

use crate::rows::{Row, Rows};

/// Returns the state object of one aircraft; `None` if the address is invalid or unknown.
pub fn details(rows: &Rows, icao24: &str) -> Option<String> {
    let row = rows.get(icao24.parse().ok()?)?;
    serde_json::to_string(&StateObject::new(&row.state(), None)).ok()
}

/// Returns every country, sorted by name, with the number of aircraft over it.
pub fn countries(rows: &Rows) -> Option<String> {
    let mut counts = HashMap::<CountryCode, usize>::new();
    for code in rows.iter().filter_map(Row::current_country) {
        *counts.entry(code).or_default() += 1;
    }
    let rows: Vec<_> = country::countries()
        .iter()
        .map(|country| {
            let count = counts.get(&country.code).copied().unwrap_or(0);
            json!({ "name": country.name, "iso_a2": country.code.as_str(), "count": count })
        })
        .collect();
    serde_json::to_string(&rows).ok()
}

/// Returns the state objects of the aircraft over a country; `None` if the code is invalid.
pub fn over(rows: &Rows, iso_a2: &str) -> Option<String> {
    let code: CountryCode = iso_a2.parse().ok()?;
    objects(rows.iter().filter(|row| row.current_country() == Some(code)))
}

/// Returns the state objects whose callsign or icao24 starts with the query.
///
/// Whole matches come first, then callsigns, then addresses, each sorted by name, then by address.
pub fn search(rows: &Rows, query: &str, limit: usize) -> Option<String> {
    let query = query.trim().to_ascii_uppercase();
    let ranked = |row: Row<'_>| rank(row, &query).map(|rank| (rank, name(row)));
    let mut found: Vec<_> =
        rows.iter().filter_map(|row| ranked(row).map(|key| (key, row))).collect();
    // The sort is stable: aircraft of one name stay sorted by address.
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    objects(found.into_iter().take(limit).map(|(_, row)| row))
}

fn objects<'a>(rows: impl Iterator<Item = Row<'a>>) -> Option<String> {
    let states: Vec<Cow<'a, StateVector>> = rows.map(Row::state).collect();
    let objects: Vec<_> = states.iter().map(|state| StateObject::new(state, None)).collect();
    serde_json::to_string(&objects).ok()
}

fn name(row: Row<'_>) -> String {
    row.callsign().map_or_else(|| row.icao24().to_string(), |callsign| callsign.to_string())
}

/// Returns how well an aircraft matches a query in upper case, 0 best; `None` if it does not.
fn rank(row: Row<'_>, query: &str) -> Option<u8> {
    if query.is_empty() {
        return None;
    }
    let callsign = row.callsign();
    let callsign = callsign.as_ref().map_or("", |callsign| callsign.as_str());
    let icao24 = row.icao24().to_string().to_ascii_uppercase();
    if callsign == query || icao24 == query {
        Some(0)
    } else if callsign.starts_with(query) {
        Some(1)
    } else {
        icao24.starts_with(query).then_some(2)
    }
}
