//! Rate limits, callers, and the pages that may connect.

use worker::{Env, Request, console_error};

use crate::access::Caller;
use crate::platform::Config;
use crate::problem::Problem;

/// When a refused caller may retry: the period of the limits in wrangler.toml, which the binding
/// does not report. For a full region, about the time that it takes to detect lost clients.
pub(super) const RETRY_AFTER_SECONDS: i64 = 60;

/// How many characters of an origin an error shows. A domain name has at most 253, but a program
/// may send any text.
const ORIGIN_SHOWN_MAX: usize = 100;

/// Refuses a caller that exceeds a rate limit. Without a binding in wrangler.toml there is none.
pub(super) async fn limit(request: &Request, env: &Env, binding: &str) -> Result<(), Problem> {
    let Ok(limiter) = env.rate_limiter(binding) else { return Ok(()) };
    let caller = caller(request)?.map_or_else(String::new, |caller| caller.to_string());
    match limiter.limit(caller.clone()).await {
        Ok(outcome) if !outcome.success => {
            let detail = format!("{caller} asks too often; try again in {RETRY_AFTER_SECONDS} s");
            Err(Problem::new(429, detail).retry_after(RETRY_AFTER_SECONDS))
        }
        Ok(_) => Ok(()),
        // A failure of the limiter must not refuse everybody.
        Err(error) => {
            console_error!("{binding}: {error}");
            Ok(())
        }
    }
}

/// The caller of a request; `None` if the platform does not report one, as in a local runtime.
/// Cloudflare always does.
pub(super) fn caller(request: &Request) -> Result<Option<Caller>, Problem> {
    let Some(address) = request.headers().get("CF-Connecting-IP")? else { return Ok(None) };
    let wrong = |text| {
        Problem::bad_request(format!("CF-Connecting-IP is {text:?}, expected an IP address"))
    };
    address.parse().map(Some).map_err(wrong)
}

/// Refuses pages that may not open a socket. Only browsers send the page's origin, so this binds
/// only them. No browser sends an empty one; workerd treats that as no origin.
pub(super) fn from_allowed_page(request: &Request, config: &Config) -> Result<(), Problem> {
    from_page(request, |origin| {
        config.allowed_origins.iter().any(|allowed| allowed == "*" || allowed == origin)
    })
}

/// Refuses writes from any page but our own. A browser sends its Access cookie whichever page makes
/// the request, and it may be behind a firewall that keeps the page's author out. Programs send no
/// origin.
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
