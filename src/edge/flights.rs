//! The flights and the counts of a stored minute.

use std::collections::HashMap;

use serde::Serialize;
use worker::{Context, Env, Request, Response};

use super::ingest;
use super::listed::{self, Asked, REPRESENTATION};
use super::reply::{self, Caching};
use crate::archive::{Format, Listing};
use crate::earth::country;
use crate::platform::archive::read_minute;
use crate::problem::Problem;
use crate::route::{Filter, When, accepted};

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
    context: &Context,
    when: When,
    (filter, suffix): (Filter, Option<Format>),
) -> Result<Response, Problem> {
    let format = match suffix {
        Some(format) => format,
        None => accepted(&request.headers().get("Accept")?.unwrap_or_default()).unwrap_or_default(),
    };
    let row = match ingest::minute(env, when).await? {
        Ok(row) => row,
        Err(problem) => return Ok(problem),
    };
    let asked = Asked {
        request,
        context,
        minute: &row.etag,
        what: format!("flights.{}?{}", format.suffix(), filter.query()),
        media_type: format.media_type(),
        is_common: filter.is_common(),
        caching: caching(when),
        simulated: row.is_simulated(),
    };
    let (env, location) = (env.clone(), row.location());
    let make = async move || {
        let snapshot = read_minute(&env, &location).await?.snapshot;
        Ok(Listing::of(snapshot, format, |state| filter.matches(state)))
    };
    let response = listed::answer(asked, make).await?;
    if suffix.is_none() {
        response.headers().set("Vary", "Accept")?;
    }
    Ok(response)
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
    let row = match ingest::minute(env, when).await? {
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
