//! Asks the source for a sky.

use std::time::Duration;

use futures::future::{Either, select};
use worker::{
    AbortController, AbortSignal, Date, Delay, Fetch, Headers, Method, Request, RequestInit,
    Response,
};

use super::Config;
use super::config::Credentials;
use crate::feed::opensky::token::{self, Authorization, Login, Step};
use crate::feed::simulated;
use crate::ledger::{Feed, PullError};

/// OpenSky answers the whole world in two to ten seconds; the next tick must not find us waiting.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a source answered.
pub(crate) struct Pulled {
    pub bytes: Vec<u8>,
    /// How many credits are left, where it says so.
    pub credits: Option<i64>,
}

/// The source's response to "what is up there now?", as bytes.
pub(crate) async fn pull(
    feed: &Feed,
    config: &Config,
    login: &mut Login,
    now: i64,
) -> Result<Pulled, PullError> {
    let abort = AbortController::default();
    let signal = abort.signal();
    let url = &config.feed_url;
    let answer = match (feed, &config.opensky) {
        (Feed::Simulated { seed, .. }, _) => {
            return Ok(Pulled { bytes: simulated::response(*seed, now), credits: None });
        }
        (Feed::Push, _) => {
            return Err(PullError::Unreachable("this feed is pushed, not pulled".to_owned()));
        }
        (Feed::OpenSky { .. }, Some(credentials)) => {
            Either::Left(ask_as(credentials, login, url, &signal))
        }
        (Feed::OpenSky { .. } | Feed::Readsb { .. }, _) => Either::Right(ask(url, None, &signal)),
    };
    match select(Box::pin(answer), Delay::from(TIMEOUT)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => {
            abort.abort();
            let seconds = TIMEOUT.as_secs();
            Err(PullError::Unreachable(format!("the source did not answer in {seconds} s")))
        }
    }
}

/// Asks with a token, and once more with a new one where it is refused.
async fn ask_as(
    credentials: &Credentials,
    login: &mut Login,
    url: &str,
    signal: &AbortSignal,
) -> Result<Pulled, PullError> {
    login.begin();
    loop {
        match login.step(now()) {
            Step::Fetch => {
                let body = fetch_token(credentials, signal).await?;
                let granted = login.granted(now(), &body);
                granted.map_err(|error| PullError::Unreachable(error.to_string()))?;
            }
            Step::Ask(authorization) => match ask(url, Some(&authorization), signal).await {
                Err(PullError::Unauthorised) => login.refused(),
                answer => return answer,
            },
            Step::Refused => return Err(PullError::Unauthorised),
        }
    }
}

async fn fetch_token(
    credentials: &Credentials,
    signal: &AbortSignal,
) -> Result<Vec<u8>, PullError> {
    let Credentials { client_id, client_secret, token_url } = credentials;
    let headers = Headers::new();
    let form = "application/x-www-form-urlencoded";
    headers.set("Content-Type", form).map_err(|error| unreachable(token_url, &error))?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers);
    init.with_body(Some(token::form(client_id, client_secret).into()));
    let mut response = send(token_url, &init, signal).await?;
    match response.status_code() {
        200 => response.bytes().await.map_err(|error| unreachable(token_url, &error)),
        // What OAuth answers to a wrong client or secret (RFC 6749, 5.2).
        400 | 401 | 403 => Err(PullError::Unauthorised),
        429 => Err(rate_limited(&response)),
        status => Err(PullError::Unreachable(format!("the token endpoint answered {status}"))),
    }
}

async fn ask(
    url: &str,
    authorization: Option<&Authorization>,
    signal: &AbortSignal,
) -> Result<Pulled, PullError> {
    let headers = Headers::new();
    let set = |name, value| headers.set(name, value).map_err(|error| unreachable(url, &error));
    set("Accept", "application/json")?;
    if let Some(authorization) = authorization {
        set("Authorization", authorization.as_str())?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers);
    let mut response = send(url, &init, signal).await?;
    match response.status_code() {
        200 => {
            let credits = number(&response, "X-Rate-Limit-Remaining");
            let bytes = response.bytes().await.map_err(|error| unreachable(url, &error))?;
            Ok(Pulled { bytes, credits })
        }
        401 | 403 => Err(PullError::Unauthorised),
        429 => Err(rate_limited(&response)),
        status => Err(PullError::Unreachable(format!("the source answered {status}"))),
    }
}

async fn send(url: &str, init: &RequestInit, signal: &AbortSignal) -> Result<Response, PullError> {
    let request = Request::new_with_init(url, init).map_err(|error| unreachable(url, &error))?;
    let response = Fetch::Request(request).send_with_signal(signal).await;
    response.map_err(|error| unreachable(url, &error))
}

/// The refusal, with OpenSky's word for how long, or everybody's.
fn rate_limited(response: &Response) -> PullError {
    let told = number(response, "X-Rate-Limit-Retry-After-Seconds");
    let retry_after_seconds = told.or_else(|| number(response, "Retry-After"));
    PullError::RateLimited { retry_after_seconds }
}

fn number(response: &Response, header: &str) -> Option<i64> {
    response.headers().get(header).ok().flatten()?.trim().parse().ok()
}

/// `/api/status` shows the reason to everybody, and the URL may hold a key.
fn unreachable(url: &str, error: &worker::Error) -> PullError {
    PullError::Unreachable(error.to_string().replace(url, "the source's URL"))
}

/// Now, Unix seconds: a token may come seconds after the pull began.
fn now() -> i64 {
    (Date::now().as_millis() / 1_000).cast_signed()
}
