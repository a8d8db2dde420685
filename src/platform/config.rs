//! The configuration: wrangler.toml's vars and secrets, read once and validated.

use std::ops::RangeInclusive;
use std::time::Duration;

use worker::{Env, Url};

use crate::access::{Policy, SECRET_BYTES_MIN, Secrets};
use crate::feed::opensky::token::TOKEN_URL;
use crate::hub::SESSIONS_MAX;
use crate::jobs::RetryPolicy;
use crate::ledger::Feed;
use crate::problem::Problem;

/// The seed of the simulated world.
const SIMULATED_SEED: u64 = 1;

/// The default of `FEED_INTERVAL_SECONDS`.
const INTERVAL_SECONDS: i64 = 60;

/// The default of `FEED_TIMEOUT_SECONDS`. OpenSky answers the whole world in two to ten seconds,
/// and a pull must end before the next minute.
const TIMEOUT_SECONDS: i64 = 20;

/// The default and the maximum of `JOB_RETRY_SECONDS`, the wait after a job's first failure. A
/// queue can delay a message by 12 hours, and the fourth wait is 8 times the first.
const RETRY_SECONDS: i64 = 300;
const RETRY_SECONDS_MAX: i64 = 43_200 / 8;

/// The maximum of `RETENTION_DAYS`: a century.
const RETENTION_DAYS_MAX: i64 = 36_525;

/// The default of `SOCKETS_PER_CALLER`. A carrier has hundreds of phones behind one IPv4 address;
/// 32 such callers fill a region.
const SOCKETS_PER_CALLER: i64 = 1_000;

/// The default of `FEED_URL` for OpenSky.
const OPENSKY_URL: &str = "https://opensky-network.org/api/states/all";

/// The deployment's settings.
pub(crate) struct Config {
    /// The feed.
    pub feed: Feed,
    /// How soon a failed job is retried.
    pub retry_policy: RetryPolicy,
    /// After how many days an hour is deleted; 0 for never.
    pub retention_days: i64,
    /// The URL to pull from.
    pub feed_url: String,
    /// The longest pull, from the request to the answer's last byte, a login included.
    pub feed_timeout: Duration,
    /// Our OpenSky account; `None` for anonymous requests.
    pub opensky: Option<Credentials>,
    /// The secrets of pushes; if empty, every push is refused.
    pub ingest_tokens: Secrets,
    /// The pages that may open a WebSocket; `*` for all. The service's own page always may.
    pub allowed_origins: Vec<String>,
    /// The most sockets of one caller in a region.
    pub sockets_per_caller: usize,
    /// The tokens that the admin paths accept; none unless both variables are set.
    pub access: Option<Policy>,
}

/// An OpenSky account's API client. Not `Debug`, so that it is never logged.
pub(crate) struct Credentials {
    pub client_id: String,
    pub client_secret: String,
    /// The URL that issues tokens.
    pub token_url: String,
}

impl Config {
    /// Reads the configuration; the error names the wrong variable.
    pub(crate) fn read(env: &Env) -> Result<Self, Problem> {
        let var =
            |name: &str| env.var(name).ok().map(|var| var.to_string()).filter(|s| !s.is_empty());
        let interval = ("FEED_INTERVAL_SECONDS", var("FEED_INTERVAL_SECONDS"));
        let interval_seconds = number(interval, 1..=86_400)?.unwrap_or(INTERVAL_SECONDS);
        let timeout = ("FEED_TIMEOUT_SECONDS", var("FEED_TIMEOUT_SECONDS"));
        let timeout_seconds = number(timeout, 1..=300)?.unwrap_or(TIMEOUT_SECONDS);
        let (retry_policy, retention_days) = jobs(var)?;
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
                return Err(missing("FEED_URL", "the aircraft.json of FEED=readsb"));
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
                return Err(missing("OPENSKY_CLIENT_ID", "the owner of OPENSKY_CLIENT_SECRET"));
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
            retry_policy,
            retention_days,
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

/// Reads the retry policy and the retention in days.
fn jobs(var: impl Fn(&str) -> Option<String>) -> Result<(RetryPolicy, i64), Problem> {
    let retry = ("JOB_RETRY_SECONDS", var("JOB_RETRY_SECONDS"));
    let retry_seconds = number(retry, 1..=RETRY_SECONDS_MAX)?.unwrap_or(RETRY_SECONDS);
    let retention = ("RETENTION_DAYS", var("RETENTION_DAYS"));
    let retention_days = number(retention, 0..=RETENTION_DAYS_MAX)?.unwrap_or(0);
    Ok((RetryPolicy { retry_seconds }, retention_days))
}

fn wrong(name: &str, value: &str, expected: &str) -> Problem {
    Problem::configuration(format!("{name} is {value:?}, expected {expected}"))
}

fn missing(name: &str, what: &str) -> Problem {
    Problem::configuration(format!("{name} is missing: {what}"))
}

/// Collects the secrets that are set. An error names the variable without its value.
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

/// Parses a number; `None` if the variable is not set.
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

/// Validates a URL; `None` if the variable is not set. An error omits the value, which may have a
/// key in it.
fn url(name: &str, value: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = value else { return Ok(None) };
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text)),
        _ => Err(Problem::configuration(format!("{name} is not an http or https URL"))),
    }
}
