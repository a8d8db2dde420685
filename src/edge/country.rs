//! One country: who is over it or soon will be, and its counts over time.

use worker::{Env, Headers, Request, Response};

use super::flights::{REPRESENTATION, suffix};
use super::reply::{self, Caching};
use super::{Problem, archive, boundaries, ingest_stub};
use crate::airspace::{Forecast, Snapshot};
use crate::archive::Date;
use crate::earth::CountryCode;
use crate::earth::country::Boundaries;
use crate::ledger::Step;
use crate::route::When;
use crate::wire::{ArrivalObject, StateObject};

/// `GET /api/countries/:iso/flights`
pub(super) async fn flights(
    request: &Request,
    env: &Env,
    country: CountryCode,
    within: Option<u32>,
) -> Result<Response, Problem> {
    let row = match ingest_stub::minute(env, When::Latest).await? {
        Ok(row) => row,
        Err(problem) => return Ok(problem),
    };
    let suffix = suffix(request.url()?.query());
    let etag = format!("\"{}-{country}{REPRESENTATION}{suffix}\"", row.etag);
    if reply::is_unchanged(request, &etag)? {
        let response = reply::unchanged(&etag, Caching::Short)?;
        return Ok(reply::marked(response, row.is_simulated())?);
    }
    let sky = archive::read_minute(env, row.time).await?.snapshot;
    let date = Date(sky.time).to_string();
    let mut objects = over_now(&sky, country, &date);
    if let Some(within) = within {
        let boundaries = boundaries::boundaries(env).await?;
        objects.extend(arriving(&sky, &boundaries, country, within, &date));
    }
    let response = reply::json(&objects, Caching::Short)?;
    response.headers().set("ETag", &etag)?;
    Ok(reply::marked(response, row.is_simulated())?)
}

/// Who is over the country by their own report, ordered by callsign, then icao24.
fn over_now<'a>(sky: &'a Snapshot, country: CountryCode, date: &'a str) -> Vec<ArrivalObject<'a>> {
    let over = sky.aircraft().iter().filter(|state| state.current_country == Some(country));
    let mut states: Vec<_> = over.collect();
    // The sort is stable and the snapshot is in the order of icao24.
    states.sort_by_key(|state| state.callsign);
    let object = |state| ArrivalObject::new(StateObject::new(state, Some(date)), 0);
    states.into_iter().map(object).collect()
}

/// Who will be over it, the first to come first.
fn arriving<'a>(
    sky: &'a Snapshot,
    boundaries: &Boundaries,
    country: CountryCode,
    within: u32,
    date: &'a str,
) -> Vec<ArrivalObject<'a>> {
    let forecast = Forecast::new(boundaries, country);
    let mut arrivals: Vec<_> = forecast.arrivals(sky, within).collect();
    arrivals.sort_by_key(|(state, enters_in)| (*enters_in, state.callsign));
    let object =
        |(state, enters_in)| ArrivalObject::new(StateObject::new(state, Some(date)), enters_in);
    arrivals.into_iter().map(object).collect()
}

/// `GET /api/countries/:iso/history`
pub(super) async fn history(
    env: &Env,
    country: CountryCode,
    (from, to): (Option<Date>, Option<Date>),
    step: Step,
) -> Result<Response, Problem> {
    let path = format!("/history?country={country}&step={step}");
    let response = ingest_stub::get_between(env, path, from, to).await?;
    let headers = Headers::from_iter(response.headers().entries());
    headers.set("Cache-Control", Caching::Short.header())?;
    Ok(response.with_headers(headers))
}
