//! The configuration: wrangler.toml's vars and secrets, read once and refused where they are wrong.

use std::ops::RangeInclusive;
use std::time::Duration;

use worker::{Env, Url};

use crate::access::{Policy, SECRET_BYTES_MIN, Secrets};
use crate::feed::opensky::token::TOKEN_URL;
use crate::hub::SESSIONS_MAX;
use crate::jobs::RetryPolicy;
use crate::ledger::Feed;
use crate::problem::Problem;

/// Which simulated world is shown.
const SIMULATED_SEED: u64 = 1;

/// Seconds between skies where `FEED_INTERVAL_SECONDS` does not say.
const INTERVAL_SECONDS: i64 = 60;

/// How long a source may take, where `FEED_TIMEOUT_SECONDS` does not say: OpenSky answers the whole
/// world in two to ten seconds, and the next minute must not find us waiting.
const TIMEOUT_SECONDS: i64 = 20;

/// How long after its first failure a job is tried again where `JOB_RETRY_SECONDS` does not say,
/// and at the longest: a queue holds a message back for 12 hours, and the fourth wait is 8 times
/// the first.
const RETRY_SECONDS: i64 = 300;
const RETRY_SECONDS_MAX: i64 = 43_200 / 8;

/// How many sockets one caller may have in a region where `SOCKETS_PER_CALLER` does not say. A
/// carrier has hundreds of phones behind one IPv4 address; 32 callers of so many fill a region.
const SOCKETS_PER_CALLER: i64 = 1_000;

/// Where OpenSky answers, where `FEED_URL` does not say.
const OPENSKY_URL: &str = "https://opensky-network.org/api/states/all";

/// What the deployment is told.
pub(crate) struct Config {
    /// What feeds it.
    pub feed: Feed,
    /// How soon a failed job is tried again.
    pub retry_policy: RetryPolicy,
    /// Where the feed is asked.
    pub feed_url: String,
    /// How long it may take, from the question to the answer's last byte, a login included.
    pub feed_timeout: Duration,
    /// How OpenSky knows us; `None` where it is asked anonymously.
    pub opensky: Option<Credentials>,
    /// The secrets of which a push must show one; without any every push is refused.
    pub ingest_tokens: Secrets,
    /// Which pages may open a WebSocket; `*` for all. The service's own page always may.
    pub allowed_origins: Vec<String>,
    /// How many sockets one caller may have in a region.
    pub sockets_per_caller: usize,
    /// Whose tokens the admin's paths take; without both variables they take none.
    pub access: Option<Policy>,
}

/// An OpenSky account's API client. Not `Debug`, lest it be logged.
pub(crate) struct Credentials {
    pub client_id: String,
    pub client_secret: String,
    /// Where tokens are given.
    pub token_url: String,
}

impl Config {
    /// The configuration, or which variable is wrong.
    pub(crate) fn read(env: &Env) -> Result<Self, Problem> {
        let var =
            |name: &str| env.var(name).ok().map(|var| var.to_string()).filter(|s| !s.is_empty());
        let interval = ("FEED_INTERVAL_SECONDS", var("FEED_INTERVAL_SECONDS"));
        let interval_seconds = number(interval, 1..=86_400)?.unwrap_or(INTERVAL_SECONDS);
        let timeout = ("FEED_TIMEOUT_SECONDS", var("FEED_TIMEOUT_SECONDS"));
        let timeout_seconds = number(timeout, 1..=300)?.unwrap_or(TIMEOUT_SECONDS);
        let retry = ("JOB_RETRY_SECONDS", var("JOB_RETRY_SECONDS"));
        let retry_seconds = number(retry, 1..=RETRY_SECONDS_MAX)?.unwrap_or(RETRY_SECONDS);
        let sockets = ("SOCKETS_PER_CALLER", var("SOCKETS_PER_CALLER"));
        let sockets = number(sockets, 1..=SESSIONS_MAX as i64)?.unwrap_or(SOCKETS_PER_CALLER);
        let feed = match var("FEED").as_deref() {
            Some("opensky") => Feed::OpenSky { interval_seconds },
            Some("readsb") => Feed::Readsb { interval_seconds },
            Some("push") => Feed::Push,
            Some("simulated") => Feed::Simulated { seed: SIMULATED_SEED, interval_seconds },
            other => {
                let text = other.unwrap_or_default();
                return Err(wrong("FEED", text, "opensky, readsb, push or simulated"));
            }
        };
        let feed_url = match (url("FEED_URL", var("FEED_URL"))?, &feed) {
            (Some(url), _) => url,
            (None, Feed::Readsb { .. }) => {
                return Err(missing("FEED_URL", "where FEED=readsb finds its aircraft.json"));
            }
            (None, _) => OPENSKY_URL.to_owned(),
        };
        let token_url = url("OPENSKY_TOKEN_URL", var("OPENSKY_TOKEN_URL"))?;
        let opensky = match (var("OPENSKY_CLIENT_ID"), var("OPENSKY_CLIENT_SECRET")) {
            (Some(client_id), Some(client_secret)) => {
                let token_url = token_url.unwrap_or_else(|| TOKEN_URL.to_owned());
                Some(Credentials { client_id, client_secret, token_url })
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(missing("OPENSKY_CLIENT_SECRET", "OPENSKY_CLIENT_ID's secret"));
            }
            (None, Some(_)) => {
                return Err(missing("OPENSKY_CLIENT_ID", "whom OPENSKY_CLIENT_SECRET belongs to"));
            }
        };
        let access = match (var("ACCESS_TEAM_DOMAIN"), var("ACCESS_AUD")) {
            (Some(team), Some(audience)) => {
                let expected = "a domain like team.cloudflareaccess.com";
                let policy = Policy::new(&team, &audience);
                Some(policy.ok_or_else(|| wrong("ACCESS_TEAM_DOMAIN", &team, expected))?)
            }
            _ => None,
        };
        let now = ("INGEST_TOKEN", var("INGEST_TOKEN"));
        let ingest_tokens = secrets([now, ("INGEST_TOKEN_NEXT", var("INGEST_TOKEN_NEXT"))])?;
        let origins = var("ALLOWED_ORIGINS").unwrap_or_default();
        Ok(Self {
            feed,
            retry_policy: RetryPolicy { retry_seconds },
            feed_url,
            feed_timeout: Duration::from_secs(timeout_seconds.unsigned_abs()),
            opensky,
            ingest_tokens,
            access,
            sockets_per_caller: sockets as usize,
            allowed_origins: origins
                .split(',')
                .map(|origin| origin.trim().to_owned())
                .filter(|origin| !origin.is_empty())
                .collect(),
        })
    }
}

fn wrong(name: &str, value: &str, expected: &str) -> Problem {
    Problem::configuration(format!("{name} is {value:?}, expected {expected}"))
}

fn missing(name: &str, what: &str) -> Problem {
    Problem::configuration(format!("{name} is missing: {what}"))
}

/// The secrets that are set; one that is too short is named without its value.
fn secrets<const N: usize>(given: [(&str, Option<String>); N]) -> Result<Secrets, Problem> {
    let mut secrets = Secrets::default();
    for (name, value) in given {
        if !value.is_none_or(|secret| secrets.add(secret)) {
            let detail = format!("{name} is too short, expected {SECRET_BYTES_MIN} bytes or more");
            return Err(Problem::configuration(detail));
        }
    }
    Ok(secrets)
}

/// The number, if there is one.
fn number(
    (name, value): (&str, Option<String>),
    allowed: RangeInclusive<i64>,
) -> Result<Option<i64>, Problem> {
    let Some(text) = value else { return Ok(None) };
    match text.parse() {
        Ok(number) if allowed.contains(&number) => Ok(Some(number)),
        _ => {
            let expected = format!("a number from {} to {}", allowed.start(), allowed.end());
            Err(wrong(name, &text, &expected))
        }
    }
}

/// The URL; a wrong one is named without its value, which may hold a key.
fn url(name: &str, value: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = value else { return Ok(None) };
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text)),
        _ => Err(Problem::configuration(format!("{name} is no URL that begins with http"))),
    }
}
