//! Pulls a snapshot from the source.

use worker::{Headers, Method, RequestInit};

use crate::feed::opensky::token::{self, Authorization, Login, LoginStep};
use crate::feed::{self, BODY_BYTES_MAX, SourceSnapshot};
use crate::ledger::{Feed, PullError};
use crate::platform::body::Body;
use crate::platform::transfer::{self, Transfer};
use crate::platform::{Config, Credentials, clock};
use crate::simulator;

/// The largest answer of the token endpoint. OpenSky's has some 2 kB.
const TOKEN_BYTES_MAX: usize = 64 << 10;

/// How many characters of a content type an error shows.
const CONTENT_TYPE_MAX: usize = 40;

const SOURCE: &str = "the source";
const TOKENS: &str = "the token endpoint";

/// A source's answer.
pub(super) struct Pulled {
    body: Body,
    /// Empty if there is none.
    content_type: String,
    /// The credits left, if the source reports them.
    pub credits: Option<i64>,
}

impl Pulled {
    /// Parses the answer.
    pub(super) fn snapshot(self, feed: &Feed, now: i64) -> Result<SourceSnapshot, PullError> {
        let length = self.body.length();
        let snapshot = match feed.format() {
            Some(format) => format.parse_body(self.body, now),
            None => feed::parse_body(self.body, now),
        };
        snapshot.map_err(|error| {
            let sent = match (length, &*self.content_type) {
                (0, _) => "nothing".to_owned(),
                (bytes, "") => format!("{bytes} bytes"),
                (bytes, kind) => format!("{bytes} bytes of {kind}"),
            };
            PullError::Unreachable(format!("{error}; the source sent {sent}"))
        })
    }
}

/// Pulls once from the feed.
pub(super) async fn pull(
    feed: &Feed,
    config: &Config,
    login: &mut Login,
    now: i64,
) -> Result<Pulled, PullError> {
    let (transfer, limit, url) = (Transfer::new(), config.feed_timeout, &*config.feed_url);
    match (feed, &config.opensky) {
        (Feed::Simulated { seed, .. }, _) => {
            let mut body = Body::default();
            body.append(&simulator::response(*seed, now));
            Ok(Pulled { body: body.received(), content_type: String::new(), credits: None })
        }
        (Feed::Push, _) => {
            Err(PullError::Unreachable("this feed is pushed, not pulled".to_owned()))
        }
        (Feed::OpenSky { .. }, Some(credentials)) => {
            transfer.within(limit, ask_as(&transfer, credentials, login, url)).await
        }
        (Feed::OpenSky { .. } | Feed::Readsb { .. }, _) => {
            transfer.within(limit, ask(&transfer, url, None)).await
        }
    }
}

/// Asks with a token, and once more with a new one if it is refused.
async fn ask_as(
    transfer: &Transfer,
    credentials: &Credentials,
    login: &mut Login,
    url: &str,
) -> Result<Pulled, PullError> {
    login.begin();
    let mut refusal = String::new();
    loop {
        // An answer may come seconds after the pull began.
        match login.step(clock::now()) {
            LoginStep::Fetch => {
                let body = fetch_token(transfer, credentials).await?;
                let granted = login.granted(clock::now(), &body);
                granted.map_err(|error| PullError::Unreachable(error.to_string()))?;
            }
            LoginStep::Ask(authorization) => match ask(transfer, url, Some(&authorization)).await {
                Err(PullError::Unauthorised(reason)) => {
                    login.refused();
                    refusal = reason;
                }
                answer => return answer,
            },
            LoginStep::Refused => {
                let reason = format!("{refusal}, and refuses a new token too");
                return Err(PullError::Unauthorised(reason));
            }
        }
    }
}

async fn fetch_token(transfer: &Transfer, credentials: &Credentials) -> Result<Vec<u8>, PullError> {
    let Credentials { client_id, client_secret, token_url } = credentials;
    let form = "application/x-www-form-urlencoded";
    let mut init = with_headers(&[("Content-Type", form)])?;
    init.with_method(Method::Post);
    init.with_body(Some(token::form(client_id, client_secret).into()));
    let mut response = transfer.ask(TOKENS, token_url, &init).await?;
    match response.status_code() {
        200 => transfer.read(&mut response, TOKEN_BYTES_MAX).await,
        // OAuth's answers to a wrong client or secret (RFC 6749, 5.2).
        status @ (400 | 401 | 403) => Err(PullError::Unauthorised(format!(
            "{TOKENS} answered {status}: it refuses OPENSKY_CLIENT_ID or OPENSKY_CLIENT_SECRET"
        ))),
        _ => Err(transfer::refusal(TOKENS, &response)),
    }
}

async fn ask(
    transfer: &Transfer,
    url: &str,
    authorization: Option<&Authorization>,
) -> Result<Pulled, PullError> {
    let mut headers = vec![("Accept", "application/json")];
    headers.extend(authorization.map(|value| ("Authorization", value.as_str())));
    let mut response = transfer.ask(SOURCE, url, &with_headers(&headers)?).await?;
    if response.status_code() != 200 {
        return Err(transfer::refusal(SOURCE, &response));
    }
    let credits = transfer::header(&response, "X-Rate-Limit-Remaining");
    let content_type = transfer::header(&response, "Content-Type").unwrap_or_default();
    let shown = content_type.chars().take_while(|letter| letter.is_ascii_graphic());
    let mut body = Body::default();
    transfer.receive(&mut response, BODY_BYTES_MAX, |bytes| body.append(bytes)).await?;
    Ok(Pulled {
        content_type: shown.take(CONTENT_TYPE_MAX).collect(),
        credits: credits.and_then(|text| text.trim().parse().ok()),
        body: body.received(),
    })
}

fn with_headers(list: &[(&str, &str)]) -> Result<RequestInit, PullError> {
    let headers = Headers::new();
    for (name, value) in list {
        // Omit the platform's message, which may quote the value.
        let set = headers.set(name, value);
        set.map_err(|_error| PullError::Unreachable(format!("the header {name} cannot be sent")))?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers);
    Ok(init)
}
