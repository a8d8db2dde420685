//! From a request to its route, and to the answer.

use serde::Serialize;
use worker::{Context, Env, Headers, Method, Request, Response, Result};

use super::reply::{self, Caching};
use super::{
    admin, archive, country, flights, guard, ingest, live, playback, push, regions, track,
};
use crate::archive::Date;
use crate::ask::{IngestAnswer, IngestQuestion};
use crate::earth::country as table;
use crate::metrics;
use crate::platform::{Config, binding, ingest_stub};
use crate::problem::Problem;
use crate::route::{READ, Route, RouteError};

/// Answers a request; a problem is an answer too.
pub(super) async fn answer(request: Request, env: &Env, context: &Context) -> Result<Response> {
    let url = request.url()?;
    // Not `request.method()`, which returns GET for an unknown method.
    let method = request.inner().method();
    let asked = Route::parse(&method, url.path(), url.query().unwrap_or_default());
    let is_head = request.method() == Method::Head;
    let is_read = method != "POST" && allowed(&asked).is_none_or(|allow| allow == READ);
    let response = match route(request, env, context, asked).await {
        Ok(response) => response,
        Err(problem) => reply::problem(problem)?,
    };
    // A socket's answer is passed on unchanged: the platform does not allow rebuilding it.
    if response.status_code() == 101 {
        return Ok(response);
    }
    let status = response.status_code();
    let headers = Headers::from_iter(response.headers().entries());
    let response = if is_head {
        Response::empty()?.with_status(status).with_headers(headers)
    } else {
        response.with_headers(headers)
    };
    reply::nosniff(&response)?;
    if is_read {
        reply::readable_by_all(&response)?;
    }
    Ok(response)
}

/// The methods of the path; `None` for an unknown path.
fn allowed(asked: &Result<Route, RouteError>) -> Option<&'static str> {
    match asked {
        Ok(route) => Some(route.allow()),
        Err(RouteError::Method { allow }) => Some(allow),
        Err(_) => None,
    }
}

async fn route(
    mut request: Request,
    env: &Env,
    context: &Context,
    asked: Result<Route, RouteError>,
) -> Result<Response, Problem> {
    let path = request.path();
    if !path.starts_with("/api") && path != "/metrics" {
        return Ok(env.assets(binding::ASSETS)?.fetch_request(request).await?);
    }
    if let (Some(allow), "OPTIONS") = (allowed(&asked), &*request.inner().method()) {
        return preflight(allow);
    }
    let route = asked?;
    if route.is_read() {
        guard::limit(&request, env, binding::READ_LIMIT).await?;
    }
    let config = Config::read(env)?;
    match route {
        Route::Flights(when, filter, suffix) => {
            flights::flights(&request, env, context, when, (filter, suffix)).await
        }
        Route::CountryCounts(when) => flights::country_counts(&request, env, when).await,
        Route::Countries => countries(),
        Route::CountryFlights(code, within) => {
            country::flights(&request, env, context, code, within).await
        }
        Route::CountryHistory { country: code, from, to, step } => {
            country::history(env, code, (from, to), step).await
        }
        Route::Regions => {
            let regions = regions::states(env, context).await?;
            // While the first real snapshot is being delivered, some regions still hold simulated
            // traffic.
            let simulated = regions.iter().any(|region| region.simulated);
            Ok(reply::marked(reply::json(&*regions, Caching::Never)?, simulated)?)
        }
        Route::Live(region, resume) => live::live(&request, env, &config, region, resume).await,
        Route::Frames { region, span, step } => {
            playback::frames(&request, env, context, (region, span, step)).await
        }
        Route::Track { icao24, span, format } => {
            track::track(&request, env, context, (icao24, span, format)).await
        }
        Route::Search(term) => {
            let response = ingest::get(env, &IngestQuestion::Search(term)).await?;
            Ok(reply::cached(response, Caching::Short)?)
        }
        Route::ArchiveFile(file) => archive::file(&request, env, context, file).await,
        Route::Ingest => push::push(&mut request, env, &config).await,
        Route::Admin(command) => {
            let question = IngestQuestion::Command(command);
            admin::admin(&request, env, &config, command.name(), &question).await
        }
        Route::RetryDead => {
            let question = IngestQuestion::RetryDead;
            admin::admin(&request, env, &config, "retry-dead", &question).await
        }
        Route::OpenApi => openapi(),
        Route::Metrics => metrics(env, context).await,
        Route::Dates { from, to, limit } => {
            let (from, to) = (from.map(|Date(time)| time), to.map(|Date(time)| time));
            ingest::get(env, &IngestQuestion::Dates { from, to, limit }).await
        }
        Route::Status => ingest::get(env, &IngestQuestion::Status).await,
        Route::Archive => ingest::get(env, &IngestQuestion::Days).await,
        Route::ArchiveDay(day) => ingest::get(env, &IngestQuestion::Files(day.start())).await,
    }
}

/// Answers a CORS preflight request. Writes are not granted: no page but our own may push or
/// command.
fn preflight(allow: &'static str) -> Result<Response, Problem> {
    let headers = Headers::new();
    headers.set("Allow", allow)?;
    if allow == READ {
        headers.set("Access-Control-Allow-Methods", allow)?;
        headers.set("Access-Control-Allow-Headers", "If-None-Match, If-Range, Range")?;
        headers.set("Access-Control-Max-Age", "86400")?;
    }
    Ok(Response::empty()?.with_status(204).with_headers(headers))
}

#[derive(Serialize)]
struct Country {
    name: &'static str,
    iso_a2: String,
    iso_a3: Option<&'static str>,
}

fn countries() -> Result<Response, Problem> {
    let countries: Vec<_> = table::countries()
        .iter()
        .map(|country| Country {
            name: country.name,
            iso_a2: country.code.to_string(),
            iso_a3: country.iso_a3,
        })
        .collect();
    Ok(reply::json(&countries, Caching::Short)?)
}

/// The OpenAPI description; a test compares it with the served routes.
const OPENAPI: &str = include_str!("../openapi.json");

fn openapi() -> Result<Response, Problem> {
    Ok(reply::json_bytes(OPENAPI.into(), Caching::Short)?)
}

async fn metrics(env: &Env, context: &Context) -> Result<Response, Problem> {
    let answered = ingest_stub::ask(env, &IngestQuestion::Status).await?;
    let status = match answered.answer {
        IngestAnswer::Status(status) => status,
        IngestAnswer::Problem(problem) => return Err(problem),
        other => return Err(worker::Error::from(format!("no status: {other:?}")).into()),
    };
    let text = metrics::text(&status, &regions::states(env, context).await?);
    let response = Response::builder().fixed(text.into_bytes());
    response.headers().set("Content-Type", metrics::CONTENT_TYPE)?;
    response.headers().set("Cache-Control", Caching::Never.header())?;
    Ok(reply::marked(response, answered.simulated)?)
}
