//! `GET /api/live/:region`: opens a WebSocket.
//!
//! Invalid requests are refused here, so that they never wake a region's object.

use worker::{Env, Request, Response};

use super::guard;
use crate::ask::Follower;
use crate::earth::Region;
use crate::hub::{FrameFormat, Place, Visitor};
use crate::platform::{Config, binding, region_stub};
use crate::problem::Problem;
use crate::wire::{BYTES_PROTOCOL, TEXT_PROTOCOL};

pub(super) async fn live(
    request: &Request,
    env: &Env,
    config: &Config,
    region: &Region,
    resume: Option<Place>,
) -> Result<Response, Problem> {
    let header = |name| request.headers().get(name);
    if !header("Upgrade")?.is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        let detail = "this is a WebSocket: send Upgrade: websocket".to_owned();
        let header = Some(("Upgrade".into(), "websocket".to_owned()));
        return Err(Problem { header, ..Problem::new(426, detail) });
    }
    guard::from_allowed_page(request, config)?;
    guard::limit(request, env, binding::LIVE_LIMIT).await?;
    let protocols = header("Sec-WebSocket-Protocol")?;
    let format = choose(protocols.as_deref())?;
    let (caller, caller_max) = (guard::caller(request)?, config.sockets_per_caller);
    let visitor = Visitor { format, caller, caller_max };
    let follower = Follower { visitor, resume, has_offered: protocols.is_some() };
    let answered = region_stub::follow(env, region, follower).await?;
    answered.map_err(|refusal| Problem::from(refusal).retry_after(guard::RETRY_AFTER_SECONDS))
}

/// The format of the first offered subprotocol that is ours; JSON if none is offered.
fn choose(protocols: Option<&str>) -> Result<FrameFormat, Problem> {
    let Some(protocols) = protocols else { return Ok(FrameFormat::Json) };
    FrameFormat::offered(protocols).ok_or_else(|| {
        Problem::bad_request(format!(
            "subprotocols are {protocols:?}, expected {BYTES_PROTOCOL} or {TEXT_PROTOCOL}"
        ))
    })
}
