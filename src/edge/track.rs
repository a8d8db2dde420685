//! `GET /api/aircraft/:icao24/track`: one aircraft over several minutes.

use worker::{Context, Env, Method, Request, Response, ResponseBody, Result};

use super::made::{self, LIGHT};
use super::reply::{self, Caching};
use super::{ingest, listed};
use crate::aircraft::Icao24;
use crate::archive::{Track, TrackFormat};
use crate::ask::MinuteRow;
use crate::fingerprint::fingerprint;
use crate::platform::archive::read_minute;
use crate::problem::Problem;
use crate::route::{Span, When};

/// The most minutes of an answer: each is read whole, which takes some 10 ms of CPU time for 11,500
/// aircraft, so an answer takes 0.6 s.
const MINUTES_MAX: usize = 60;

/// Must change whenever the formats of tracks change.
const REPRESENTATION: &str = "1";

pub(super) async fn track(
    request: &Request,
    env: &Env,
    context: &Context,
    (icao24, span, format): (Icao24, Span, TrackFormat),
) -> Result<Response, Problem> {
    let newest = match ingest::minute(env, When::Latest).await? {
        Ok(row) => row.time,
        Err(problem) => return Ok(problem),
    };
    let mut rows = ingest::minutes(env, span.seconds(newest), 1, MINUTES_MAX + 1).await?;
    let next = rows.get(MINUTES_MAX).map(|row| row.time);
    rows.truncate(MINUTES_MAX);
    let caching = if span.is_past(newest) { Caching::Immutable } else { Caching::Short };
    let simulated = rows[0].is_simulated();
    let etags: Vec<_> = rows.iter().map(|row| &*row.etag).collect();
    let what = format!("{icao24}.{}/{}", format.name(), etags.join(","));
    let hash = fingerprint(what.as_bytes());
    let etag = format!("\"track-{REPRESENTATION}-{hash:016x}\"");
    if reply::is_unchanged(request, &etag)? {
        return Ok(reply::marked(reply::unchanged(&etag, caching)?, simulated)?);
    }
    let body = match request.method() {
        Method::Head => ResponseBody::Empty,
        _ => {
            let origin = request.url()?.origin().ascii_serialization();
            let key = format!("{origin}/api/kept/track/{REPRESENTATION}/{hash:016x}");
            let env = env.clone();
            let make = || {
                let key = key.clone();
                async move {
                    let bytes = read(&env, icao24, &rows).await?.write(format);
                    listed::put(&key, Response::from_bytes(bytes.clone())?).await;
                    Ok(ResponseBody::Body(bytes))
                }
            };
            let find = async || listed::find(&key).await;
            made::once(context, (&key, LIGHT), find, make).await?
        }
    };
    let response = Response::from_body(body)?;
    response.headers().set("Content-Type", format.media_type())?;
    response.headers().set("Cache-Control", caching.header())?;
    response.headers().set("ETag", &etag)?;
    if let Some(next) = next {
        let path = format!("/api/aircraft/{icao24}/track.{}", format.name());
        let link = format!("<{path}?{}>; rel=\"next\"", span.rest(next));
        response.headers().set("Link", &link)?;
    }
    Ok(reply::marked(response, simulated)?)
}

/// Reads the aircraft's rows, one minute in memory at a time.
async fn read(env: &Env, icao24: Icao24, rows: &[MinuteRow]) -> Result<Track> {
    let mut track = Track::new(icao24, rows.first().is_some_and(MinuteRow::is_simulated));
    for row in rows {
        let minute = read_minute(env, &row.location()).await?;
        if let Some(state) = minute.snapshot.get(icao24) {
            track.push(row.time, state.clone());
        }
    }
    Ok(track)
}
