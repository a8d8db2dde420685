//! The configuration: wrangler.toml's vars and secrets, read once and refused where they are wrong.

use worker::Env;

use super::Problem;
use crate::ledger::Feed;

/// Which simulated world is shown.
const SIMULATED_SEED: u64 = 1;

/// Seconds between skies where `FEED_INTERVAL_SECONDS` does not say.
const INTERVAL_SECONDS: i64 = 60;

/// Where OpenSky answers, where `FEED_URL` does not say.
const OPENSKY_URL: &str = "https://opensky-network.org/api/states/all";

/// What the deployment is told.
pub(crate) struct Config {
    /// What feeds it.
    pub feed: Feed,
    /// Where the feed is asked.
    pub feed_url: String,
    /// The secret that a push must show; without one every push is refused.
    pub ingest_token: Option<String>,
    /// Which pages may open a WebSocket; `*` for all. The service's own page always may.
    pub allowed_origins: Vec<String>,
}

impl Config {
    /// The configuration, or which variable is wrong.
    pub(crate) fn read(env: &Env) -> Result<Self, Problem> {
        let var =
            |name: &str| env.var(name).ok().map(|var| var.to_string()).filter(|s| !s.is_empty());
        let interval_seconds = match var("FEED_INTERVAL_SECONDS") {
            None => INTERVAL_SECONDS,
            Some(text) => match text.parse() {
                Ok(seconds @ 1..=86_400) => seconds,
                _ => return Err(wrong("FEED_INTERVAL_SECONDS", &text, "a number from 1 to 86400")),
            },
        };
        let feed = match var("FEED").as_deref() {
            Some("opensky") => Feed::OpenSky { interval_seconds },
            Some("push") => Feed::Push,
            Some("simulated") => Feed::Simulated { seed: SIMULATED_SEED, interval_seconds },
            other => {
                let text = other.unwrap_or_default();
                return Err(wrong("FEED", text, "opensky, push or simulated"));
            }
        };
        let origins = var("ALLOWED_ORIGINS").unwrap_or_default();
        Ok(Self {
            feed,
            feed_url: var("FEED_URL").unwrap_or_else(|| OPENSKY_URL.to_owned()),
            ingest_token: var("INGEST_TOKEN"),
            allowed_origins: origins.split(',').map(|origin| origin.trim().to_owned()).collect(),
        })
    }
}

fn wrong(name: &str, value: &str, expected: &str) -> Problem {
    Problem::configuration(format!("{name} is {value:?}, expected {expected}"))
}
