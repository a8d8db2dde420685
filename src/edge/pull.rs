//! Asks the source for a sky.

use std::time::Duration;

use futures::future::{Either, select};
use worker::{AbortController, Delay, Fetch, Headers, Request, RequestInit, Response};

use super::Config;
use crate::feed::simulated;
use crate::ledger::{Feed, PullError};

/// OpenSky answers the whole world in two to ten seconds; the next tick must not find us waiting.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The source's response to "what is up there now?", as bytes.
pub(crate) async fn pull(feed: &Feed, config: &Config, now: i64) -> Result<Vec<u8>, PullError> {
    match feed {
        Feed::Simulated { seed, .. } => Ok(simulated::response(*seed, now)),
        Feed::OpenSky { .. } => {
            let abort = AbortController::default();
            let signal = abort.signal();
            let timeout = Delay::from(TIMEOUT);
            match select(Box::pin(ask(&config.feed_url, &signal)), timeout).await {
                Either::Left((answer, _)) => answer,
                Either::Right(((), _)) => {
                    abort.abort();
                    let seconds = TIMEOUT.as_secs();
                    Err(PullError::Unreachable(format!("the source did not answer in {seconds} s")))
                }
            }
        }
        Feed::Push => Err(PullError::Unreachable("this feed is pushed, not pulled".to_owned())),
    }
}

async fn ask(url: &str, signal: &worker::AbortSignal) -> Result<Vec<u8>, PullError> {
    let unreachable = |error: worker::Error| PullError::Unreachable(error.to_string());
    let mut init = RequestInit::new();
    let headers = Headers::new();
    headers.set("Accept", "application/json").map_err(unreachable)?;
    init.with_headers(headers);
    let request = Request::new_with_init(url, &init).map_err(unreachable)?;
    let mut response: Response =
        Fetch::Request(request).send_with_signal(signal).await.map_err(unreachable)?;
    match response.status_code() {
        200 => response.bytes().await.map_err(unreachable),
        429 => {
            let header = "X-Rate-Limit-Retry-After-Seconds";
            let header = response.headers().get(header).ok().flatten();
            Err(PullError::RateLimited {
                retry_after_seconds: header.and_then(|text| text.trim().parse().ok()),
            })
        }
        401 | 403 => Err(PullError::Unauthorised),
        status => Err(PullError::Unreachable(format!("the source answered {status}"))),
    }
}
