//! One country: the aircraft over it now or soon, and its counts over time.

use worker::{Context, Env, Request, Response};

use super::ingest;
use super::listed::{self, Asked};
use super::reply::{self, Caching};
use crate::airspace::Forecast;
use crate::archive::{Date, Format, Listing};
use crate::ask::IngestQuestion;
use crate::earth::CountryCode;
use crate::ledger::HistoryStep;
use crate::platform::archive::read_minute;
use crate::platform::boundaries::boundaries;
use crate::problem::Problem;
use crate::route::When;

/// `GET /api/countries/:iso/flights`
pub(super) async fn flights(
    request: &Request,
    env: &Env,
    context: &Context,
    country: CountryCode,
    within: Option<u32>,
) -> Result<Response, Problem> {
    let row = match ingest::minute(env, When::Latest).await? {
        Ok(row) => row,
        Err(problem) => return Ok(problem),
    };
    let asked = Asked {
        request,
        context,
        minute: &row.etag,
        what: format!("over/{country}/{}", within.unwrap_or_default()),
        media_type: Format::Json.media_type(),
        is_common: true,
        caching: Caching::Short,
        simulated: row.is_simulated(),
    };
    let (env, time, location) = (env.clone(), row.time, row.location());
    let make = async move || {
        let boundaries = match within {
            Some(_) => Some(boundaries(&env).await?),
            None => None,
        };
        let snapshot = read_minute(&env, &location).await?.snapshot;
        let forecast = boundaries.as_ref().map(|known| Forecast::new(known, country));
        Ok(Listing::over(snapshot, country, |state| {
            forecast.as_ref()?.arrival(state, time, within?)
        }))
    };
    listed::answer(asked, make).await
}

/// `GET /api/countries/:iso/history`
pub(super) async fn history(
    env: &Env,
    country: CountryCode,
    (from, to): (Option<Date>, Option<Date>),
    step: HistoryStep,
) -> Result<Response, Problem> {
    let (from, to) = (from.map(|Date(time)| time), to.map(|Date(time)| time));
    let question = IngestQuestion::History { country: country.to_string(), step, from, to };
    let response = ingest::get(env, &question).await?;
    Ok(reply::cached(response, Caching::Short)?)
}
