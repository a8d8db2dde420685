//! The flights and the counts of a stored minute.

use std::collections::HashMap;

use serde::Serialize;
use worker::{Env, Request, Response};

use super::reply::{self, Caching};
use super::{Problem, archive, ingest_stub};
use crate::archive::Date;
use crate::earth::country;
use crate::fingerprint::fingerprint;
use crate::route::{Filter, When};
use crate::wire::StateObject;

/// Changes whenever the same minute would be written otherwise: no cache keeps the old text.
pub(super) const REPRESENTATION: &str = "1";

fn caching(when: When) -> Caching {
    match when {
        When::Latest => Caching::Short,
        When::At(_) => Caching::Immutable,
    }
}

/// `GET /api/flights/:date`
pub(super) async fn flights(
    request: &Request,
    env: &Env,
    when: When,
    filter: &Filter,
) -> Result<Response, Problem> {
    let row = match ingest_stub::minute(env, when).await? {
        Ok(row) => row,
        Err(problem) => return Ok(problem),
    };
    let url = request.url()?;
    let etag = format!("\"{}-{REPRESENTATION}{}\"", row.etag, suffix(url.query()));
    if reply::is_unchanged(request, &etag)? {
        let response = reply::unchanged(&etag, caching(when))?;
        return Ok(reply::marked(response, row.is_simulated())?);
    }
    let minute = archive::read_minute(env, row.time).await?;
    let date = Date(row.time).to_string();
    let mut states: Vec<_> =
        minute.snapshot.aircraft().iter().filter(|state| filter.matches(state)).collect();
    // The sort is stable and the snapshot is in the order of icao24.
    states.sort_by_key(|state| state.callsign);
    let objects: Vec<_> =
        states.into_iter().map(|state| StateObject::new(state, Some(&date))).collect();
    let response = reply::json(&objects, caching(when))?;
    response.headers().set("ETag", &etag)?;
    Ok(reply::marked(response, row.is_simulated())?)
}

#[derive(Serialize)]
struct Count {
    name: &'static str,
    iso_a2: String,
    count: u32,
}

/// `GET /api/countries/:date`
pub(super) async fn country_counts(
    request: &Request,
    env: &Env,
    when: When,
) -> Result<Response, Problem> {
    let row = match ingest_stub::minute(env, when).await? {
        Ok(row) => row,
        Err(problem) => return Ok(problem),
    };
    let etag = format!("\"{}-countries{REPRESENTATION}\"", row.etag);
    if reply::is_unchanged(request, &etag)? {
        let response = reply::unchanged(&etag, caching(when))?;
        return Ok(reply::marked(response, row.is_simulated())?);
    }
    let counts: HashMap<String, u32> =
        serde_json::from_str(&row.counts).map_err(worker::Error::from)?;
    let counts: Vec<_> = country::countries()
        .iter()
        .map(|country| Count {
            name: country.name,
            iso_a2: country.code.to_string(),
            count: counts.get(country.code.as_str()).copied().unwrap_or(0),
        })
        .collect();
    let response = reply::json(&counts, caching(when))?;
    response.headers().set("ETag", &etag)?;
    Ok(reply::marked(response, row.is_simulated())?)
}

/// What tells entities of one minute apart: another query is another one.
pub(super) fn suffix(query: Option<&str>) -> String {
    let query = query.unwrap_or_default();
    let hash = fingerprint(query.as_bytes());
    if query.is_empty() { String::new() } else { format!("-{hash:016x}") }
}
