//! Who may ask, how often, and from which pages.

use std::net::{IpAddr, Ipv6Addr};

use worker::{Env, Request, console_error};

use super::{Config, Problem};

/// When a refused caller may come again: the period of the limits in wrangler.toml, which the
/// binding does not tell.
const RETRY_AFTER_SECONDS: &str = "60";

/// How much of an origin a refusal shows: a domain's name has at most 253 characters, but whoever
/// writes it themselves is not bound by that.
const ORIGIN_SHOWN_MAX: usize = 100;

/// Refuses a caller who asks too often. Where wrangler.toml binds no such limit there is none.
pub(super) async fn limit(request: &Request, env: &Env, binding: &str) -> Result<(), Problem> {
    let Ok(limiter) = env.rate_limiter(binding) else { return Ok(()) };
    let address = address(request)?;
    match limiter.limit(caller(&address)).await {
        Ok(outcome) if !outcome.success => {
            let header = Some(("Retry-After", RETRY_AFTER_SECONDS.to_owned()));
            let detail = format!("{address} asks too often; come back in {RETRY_AFTER_SECONDS} s");
            Err(Problem { header, ..Problem::new(429, detail) })
        }
        Ok(_) => Ok(()),
        // A limit that cannot be looked up is no reason to turn everybody away.
        Err(error) => {
            console_error!("{binding}: {error}");
            Ok(())
        }
    }
}

/// The address that a request comes from; empty where the platform does not tell.
pub(super) fn address(request: &Request) -> Result<String, Problem> {
    Ok(request.headers().get("CF-Connecting-IP")?.unwrap_or_default())
}

/// Who is counted as one: an IPv4 address, or the 64 bits of an IPv6 network, in which each
/// subscriber has addresses without end.
fn caller(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        _ => address.to_owned(),
    }
}

/// Refuses pages that may not open a socket. A browser names the page's origin, and only a browser
/// is bound by this. None names an empty one, and workerd takes that for no origin at all.
pub(super) fn from_allowed_page(request: &Request, config: &Config) -> Result<(), Problem> {
    from_page(request, |origin| {
        config.allowed_origins.iter().any(|allowed| allowed == "*" || allowed == origin)
    })
}

/// Refuses to write for any page but those of this very service: with the browser's request goes
/// its cookie of Access, whichever page made it, and the browser may stand behind a firewall that
/// keeps the page's author out. Programs name no page.
pub(super) fn from_own_page(request: &Request) -> Result<(), Problem> {
    from_page(request, |_| false)
}

fn from_page(request: &Request, is_allowed: impl Fn(&str) -> bool) -> Result<(), Problem> {
    let Some(origin) = request.headers().get("Origin")? else { return Ok(()) };
    if origin == request.url()?.origin().ascii_serialization() || is_allowed(&origin) {
        return Ok(());
    }
    let shown: String = origin.chars().take(ORIGIN_SHOWN_MAX).collect();
    Err(Problem::forbidden(format!("pages of {shown:?} may not connect here")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_caller() {
        assert_eq!(caller("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(caller("2001:db8:1:2::9"), caller("2001:db8:1:2:3:4:5:6"));
        assert_ne!(caller("2001:db8:1:3::9"), caller("2001:db8:1:2::9"));
        assert_eq!(caller("192.0.2.1"), "192.0.2.1");
        assert_eq!(caller(""), "");
    }
}
