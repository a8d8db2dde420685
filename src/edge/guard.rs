//! Who may ask, how often, and from which pages.

use worker::{Env, Request, console_error};

use crate::access::Caller;
use crate::platform::Config;
use crate::problem::Problem;

/// When a refused caller may come again: the period of the limits in wrangler.toml, which the
/// binding does not tell; and where a region has no room, about as long as it takes to notice
/// clients that are gone.
pub(super) const RETRY_AFTER_SECONDS: &str = "60";

/// How much of an origin a refusal shows: a domain's name has at most 253 characters, but whoever
/// writes it themselves is not bound by that.
const ORIGIN_SHOWN_MAX: usize = 100;

/// Refuses a caller who asks too often. Where wrangler.toml binds no such limit there is none.
pub(super) async fn limit(request: &Request, env: &Env, binding: &str) -> Result<(), Problem> {
    let Ok(limiter) = env.rate_limiter(binding) else { return Ok(()) };
    let caller = caller(request)?.map_or_else(String::new, |caller| caller.to_string());
    match limiter.limit(caller.clone()).await {
        Ok(outcome) if !outcome.success => {
            let header = Some(("Retry-After".into(), RETRY_AFTER_SECONDS.to_owned()));
            let detail = format!("{caller} asks too often; come back in {RETRY_AFTER_SECONDS} s");
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

/// Where a request comes from. `None` where the platform does not say, as in a runtime that nothing
/// stands before; Cloudflare always does.
pub(super) fn caller(request: &Request) -> Result<Option<Caller>, Problem> {
    let Some(address) = request.headers().get("CF-Connecting-IP")? else { return Ok(None) };
    let wrong = |text| {
        Problem::bad_request(format!("CF-Connecting-IP is {text:?}, expected an IP address"))
    };
    address.parse().map(Some).map_err(wrong)
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
