//! `GET /api/archive/frames`: past minutes as frames.
//!
//! The frames leave as they are made. What a slow caller has not read yet waits in memory, some
//! 30 kB for each minute of 12,000 aircraft; the minutes themselves do not wait.

use futures::channel::mpsc::{self, UnboundedSender};
use worker::{Context, Env, Method, Request, Response, ResponseBody, Result, console_error};

use super::made::{self, HEAVY, Turn};
use super::reply::{self, Caching};
use super::{ingest, listed};
use crate::archive::Format;
use crate::ask::MinuteRow;
use crate::earth::Region;
use crate::fingerprint::fingerprint;
use crate::hub::Playback;
use crate::platform::archive::read_minute;
use crate::problem::Problem;
use crate::route::{Span, When};

/// Must change whenever the frames of the same minutes change.
const REPRESENTATION: u8 = crate::wire::VERSION;

pub(super) async fn frames(
    request: &Request,
    env: &Env,
    context: &Context,
    (region, span, step): (&'static Region, Span, Option<u32>),
) -> Result<Response, Problem> {
    let newest = match ingest::minute(env, When::Latest).await? {
        Ok(row) => row.time,
        Err(problem) => return Ok(problem),
    };
    let seconds = span.seconds(newest);
    let mut rows =
        ingest::minutes(env, seconds, step.unwrap_or(1), Playback::FRAMES_MAX + 1).await?;
    let count = Playback::length(rows.iter().map(|row| row.aircraft));
    let next = rows.get(count).map(|row| row.time);
    rows.truncate(count);
    let caching = if span.is_past(newest) { Caching::Immutable } else { Caching::Short };
    let etags: Vec<_> = rows.iter().map(|row| &*row.etag).collect();
    let what = format!("{}/{}", region.name, etags.join(","));
    let hash = fingerprint(what.as_bytes());
    let etag = format!("\"frames-{REPRESENTATION}-{hash:016x}\"");
    let simulated = rows[0].is_simulated();
    if reply::is_unchanged(request, &etag)? {
        return Ok(reply::marked(reply::unchanged(&etag, caching)?, simulated)?);
    }
    let body = match request.method() {
        Method::Head => ResponseBody::Empty,
        _ => {
            let origin = request.url()?.origin().ascii_serialization();
            let key = format!("{origin}/api/kept/frames/{REPRESENTATION}/{hash:016x}");
            body(env, context, key, region, rows).await?
        }
    };
    let response = Response::from_body(body)?;
    response.headers().set("Content-Type", Format::Frame.media_type())?;
    response.headers().set("Cache-Control", caching.header())?;
    response.headers().set("ETag", &etag)?;
    if let Some(next) = next {
        let step = step.map_or(String::new(), |step| format!("&step={step}s"));
        let query = format!("{}&region={}{step}", span.rest(next), region.name);
        response.headers().set("Link", &format!("</api/archive/frames?{query}>; rel=\"next\""))?;
    }
    Ok(reply::marked(response, simulated)?)
}

async fn body(
    env: &Env,
    context: &Context,
    key: String,
    region: &'static Region,
    rows: Vec<MinuteRow>,
) -> Result<ResponseBody, Problem> {
    let number = match made::turn((&key, HEAVY), async || listed::find(&key).await).await? {
        Turn::Found(body) => return Ok(body),
        Turn::Make(number) => number,
    };
    let (sender, receiver) = mpsc::unbounded();
    let env = env.clone();
    context.wait_until(async move {
        match make(&env, region, &rows, &sender).await {
            Ok(bytes) => match Response::from_bytes(bytes) {
                Ok(response) => listed::put(&key, response).await,
                Err(error) => console_error!("frames: {error}"),
            },
            Err(error) => {
                console_error!("frames: {error}");
                // The answer breaks off, so that it is not taken for complete.
                drop(sender.unbounded_send(Err(error)));
            }
        }
        made::leave(number);
    });
    Ok(Response::from_stream(receiver)?.body().clone())
}

/// Sends the frames one by one; returns them all.
async fn make(
    env: &Env,
    region: &'static Region,
    rows: &[MinuteRow],
    sender: &UnboundedSender<Result<Vec<u8>>>,
) -> Result<Vec<u8>> {
    let (mut playback, mut all) = (Playback::new(region), Vec::new());
    for row in rows {
        let minute = read_minute(env, &row.location()).await?;
        let frame = playback.frame(minute.snapshot);
        all.extend_from_slice(&frame);
        // The caller may have disconnected.
        drop(sender.unbounded_send(Ok(frame)));
    }
    Ok(all)
}
