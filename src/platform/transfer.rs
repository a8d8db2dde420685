//! Requests to another service: limits on time and bytes, and readable errors.
//!
//! In scope: a request, its answer's status and body. Out of scope: which service it is, and what
//! the bytes mean.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{Either, select};
use worker::{AbortController, AbortSignal, Delay, Fetch, Request, RequestInit, Response};

use super::clock::now;
use crate::ledger::{PullError, retry_after};

/// The requests of one pull, a login included.
pub(crate) struct Transfer {
    /// Aborts the requests with this signal.
    abort: Cell<AbortController>,
    signal: AbortSignal,
    /// The service of the current request.
    asked: Cell<&'static str>,
    /// How many bytes of the body were received; `None` before the head was.
    received: Cell<Option<usize>>,
}

impl Transfer {
    pub(crate) fn new() -> Self {
        let abort = AbortController::default();
        let signal = abort.signal();
        Self { abort: Cell::new(abort), signal, asked: Cell::new(""), received: Cell::new(None) }
    }

    /// The outcome of `answer` within the limit. On a timeout or a failure the connection is
    /// aborted: what the source may still send is neither awaited nor kept.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        answer: impl Future<Output = Result<T, PullError>>,
    ) -> Result<T, PullError> {
        let answer = match select(pin!(answer), Delay::from(limit)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(self.too_late(limit)),
        };
        if answer.is_err() {
            self.abort.take().abort();
        }
        answer
    }

    fn too_late(&self, limit: Duration) -> PullError {
        let (who, seconds) = (self.asked.get(), limit.as_secs());
        PullError::Unreachable(match self.received.get() {
            None => format!("{who} did not answer within {seconds} s"),
            Some(bytes) => format!("{who} sent {bytes} bytes in {seconds} s and did not finish"),
        })
    }

    /// Sends a request and returns the answer's head.
    pub(crate) async fn ask(
        &self,
        who: &'static str,
        url: &str,
        init: &RequestInit,
    ) -> Result<Response, PullError> {
        self.asked.set(who);
        self.received.set(None);
        let failed = |error: worker::Error| {
            PullError::Unreachable(format!("{who} cannot be reached: {}", cause(&error)))
        };
        let request = Request::new_with_init(url, init).map_err(failed)?;
        Fetch::Request(request).send_with_signal(&self.signal).await.map_err(failed)
    }

    /// Reads an answer's short body, decoded. A body larger than `bytes_max` is an error.
    pub(crate) async fn read(
        &self,
        response: &mut Response,
        bytes_max: usize,
    ) -> Result<Vec<u8>, PullError> {
        let mut body = Vec::new();
        self.receive(response, bytes_max, |bytes| body.extend_from_slice(bytes)).await?;
        Ok(body)
    }

    /// Receives an answer's body, decoded, and passes its bytes to `each` as they come. A body
    /// larger than `bytes_max` is an error.
    pub(crate) async fn receive(
        &self,
        response: &mut Response,
        bytes_max: usize,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), PullError> {
        let who = self.asked.get();
        let too_large = || {
            PullError::Unreachable(format!("{who} sent more than the limit of {bytes_max} bytes"))
        };
        let declared = header(response, "Content-Length").and_then(|text| text.parse().ok());
        if declared.is_some_and(|bytes: usize| bytes > bytes_max) {
            return Err(too_large());
        }
        let mut received = 0;
        let broke = |received: usize, error: worker::Error| {
            let cause = cause(&error);
            PullError::Unreachable(format!("reading {who} failed after {received} bytes: {cause}"))
        };
        self.received.set(Some(received));
        let mut stream = response.stream().map_err(|error| broke(received, error))?;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| broke(received, error))?;
            received += chunk.len();
            self.received.set(Some(received));
            if received > bytes_max {
                return Err(too_large());
            }
            each(&chunk);
        }
        Ok(())
    }
}

/// The error for an answer that is not 200.
pub(crate) fn refusal(who: &str, response: &Response) -> PullError {
    let status = response.status_code();
    if status == 429 {
        // OpenSky's own header for the wait, or the standard one.
        let header = ["X-Rate-Limit-Retry-After-Seconds", "Retry-After"]
            .into_iter()
            .find_map(|name| retry_after(&header(response, name)?, now()));
        return PullError::RateLimited { retry_after_seconds: header };
    }
    let meaning = match status {
        401 => ": it requires credentials",
        403 => ": it denies us access",
        404 => ": there is nothing at its URL",
        // Cloudflare's own statuses, for a source behind it or reached through it.
        521 => ": it is down",
        522 => ": the connection to it timed out",
        523 => ": there is no route to it",
        524 => ": it took too long",
        525 => ": the TLS handshake with it failed",
        526 => ": its TLS certificate is not valid",
        _ => "",
    };
    let message = format!("{who} answered {status}{meaning}");
    match status {
        401 | 403 => PullError::Unauthorised(message),
        _ => PullError::Unreachable(message),
    }
}

pub(crate) fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

/// What the platform's messages for a broken connection mean; the first match counts. The platform
/// has no message for a wrong certificate.
const CAUSES: [(&str, &str); 5] = [
    ("Network connection lost", "the connection was refused or lost"),
    ("Too many redirects", "it redirects too often"),
    ("Gzip decompression failed", "the body is not valid gzip"),
    ("ended prematurely", "the gzip is truncated"),
    ("internal error", "no connection could be made; if it uses TLS, check its certificate"),
];

/// Why a connection failed. `/api/status` shows it to everybody, so it omits the URLs in the
/// platform's messages, which may contain keys.
fn cause(error: &worker::Error) -> String {
    let message = error.to_string();
    match CAUSES.iter().find(|(words, _)| message.contains(words)) {
        Some((_, meaning)) => (*meaning).to_owned(),
        None => {
            let words = message.split_whitespace();
            let shown = words.map(|word| if word.contains("://") { "…" } else { word });
            shown.collect::<Vec<_>>().join(" ")
        }
    }
}
