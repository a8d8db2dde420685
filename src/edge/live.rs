//! `GET /api/live/:region`: a WebSocket is asked for.
//!
//! What cannot be a socket is turned away here, so that it never wakes a region's object.

use worker::{Env, Request, Response};

use super::guard;
use crate::earth::Region;
use crate::hub::Place;
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
    let most = config.sockets_per_caller;
    let mut url = format!("https://region/live?format={format}&caller_max={most}");
    if let Some(caller) = guard::caller(request)? {
        url += &format!("&caller={caller}");
    }
    if let Some(Place { epoch, sequence }) = resume {
        url += &format!("&epoch={epoch:016x}&sequence={sequence}");
    }
    let inner = Request::new_with_init(
        &url,
        worker::RequestInit::new().with_headers({
            let headers = worker::Headers::new();
            headers.set("Upgrade", "websocket")?;
            if let Some(protocols) = &protocols {
                headers.set("Sec-WebSocket-Protocol", protocols)?;
            }
            headers
        }),
    )?;
    let mut answer = region_stub::stub(env, region)?.fetch_with_request(inner).await?;
    match answer.status_code() {
        status @ (429 | 503) => {
            let header = Some(("Retry-After".into(), guard::RETRY_AFTER_SECONDS.to_owned()));
            Err(Problem { header, ..Problem::new(status, answer.text().await?) })
        }
        _ => Ok(answer),
    }
}

/// The first subprotocol that is ours among those offered; JSON where none is offered.
fn choose(protocols: Option<&str>) -> Result<&'static str, Problem> {
    let Some(protocols) = protocols else { return Ok(TEXT_PROTOCOL) };
    let offered = protocols.split(',').map(str::trim);
    let ours = |name| [BYTES_PROTOCOL, TEXT_PROTOCOL].into_iter().find(|&known| known == name);
    offered.clone().find_map(ours).ok_or_else(|| {
        Problem::bad_request(format!(
            "subprotocols are {protocols:?}, expected {BYTES_PROTOCOL} or {TEXT_PROTOCOL}"
        ))
    })
}
