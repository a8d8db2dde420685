//! Floor 3: errors as callers see them: RFC 9457 `application/problem+json`.
//!
//! In scope: the one place where an error becomes a status.
//! Out of scope: HTTP. `platform` turns the platform's errors into a 500 and logs them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::access::AccessError;
use crate::feed::FeedError;
use crate::hub;
use crate::ledger::{CommandError, NotTaken};
use crate::route::RouteError;
use crate::text;

/// The media type of [`Problem::to_json`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, with the offending value.
    pub detail: String,
    /// The existing dates nearest to the missing one.
    pub nearest: Vec<String>,
    /// A header that goes with the status.
    pub header: Option<(Cow<'static, str>, String)>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    nearest: &'a [String],
}

impl Problem {
    /// A problem with the detail's printable characters, cut to a message's length: the detail may
    /// quote the request.
    pub fn new(status: u16, detail: String) -> Self {
        let detail = text::message(&detail);
        Self { status, detail, nearest: Vec::new(), header: None }
    }

    /// The request is malformed.
    pub fn bad_request(detail: String) -> Self {
        Self::new(400, detail)
    }

    /// There is no such resource.
    pub fn not_found(detail: String) -> Self {
        Self::new(404, detail)
    }

    /// The request conflicts with stored state.
    pub fn conflict(detail: String) -> Self {
        Self::new(409, detail)
    }

    /// The caller, or the page of the request, is not allowed to make it.
    pub fn forbidden(detail: String) -> Self {
        Self::new(403, detail)
    }

    /// A setting of this deployment is invalid.
    pub fn configuration(detail: String) -> Self {
        Self::new(503, format!("this deployment's configuration is wrong: {detail}"))
    }

    /// An internal failure; the reason goes to the logs, not to the client.
    pub fn internal() -> Self {
        Self::new(500, "something went wrong on our side; it has been logged".to_owned())
    }

    /// The same, with the seconds after which the caller may try again.
    pub fn retry_after(self, seconds: i64) -> Self {
        Self { header: Some(("Retry-After".into(), seconds.to_string())), ..self }
    }

    /// The document, without its headers.
    pub fn to_json(&self) -> String {
        let document = Document {
            r#type: "about:blank",
            title: title(self.status),
            status: self.status,
            detail: &self.detail,
            nearest: &self.nearest,
        };
        serde_json::to_string(&document).expect("a problem is JSON: texts and a number")
    }
}

impl From<RouteError> for Problem {
    fn from(error: RouteError) -> Self {
        let detail = error.to_string();
        match error {
            RouteError::NotFound(_) => Self::not_found(detail),
            RouteError::Bad(_) => Self::bad_request(detail),
            RouteError::Method { allow } => {
                Self { header: Some(("Allow".into(), allow.to_owned())), ..Self::new(405, detail) }
            }
        }
    }
}

impl From<AccessError> for Problem {
    fn from(refusal: AccessError) -> Self {
        Self::forbidden(refusal.to_string())
    }
}

/// 429 where the caller has had its share, and 503 where the region is full.
impl From<hub::Refusal> for Problem {
    fn from(refusal: hub::Refusal) -> Self {
        let status = match refusal {
            hub::Refusal::Caller { .. } => 429,
            hub::Refusal::Full | hub::Refusal::Text => 503,
        };
        Self::new(status, refusal.to_string())
    }
}

impl From<FeedError> for Problem {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::TooMany(_) => Self::new(413, error.to_string()),
            _ => Self::bad_request(error.to_string()),
        }
    }
}

impl From<NotTaken> for Problem {
    fn from(reason: NotTaken) -> Self {
        match reason {
            NotTaken::Older { .. } | NotTaken::Ahead { .. } | NotTaken::Unwanted => {
                Self::conflict(reason.to_string())
            }
            NotTaken::Failed | NotTaken::NoSnapshot(_) => Self::new(500, reason.to_string()),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        let detail = error.to_string();
        match error {
            CommandError::RateLimited(seconds) => Self::new(429, detail).retry_after(seconds),
            _ => Self::conflict(detail),
        }
    }
}

/// HTTP's reason phrase for a status.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_the_title_that_http_gives_it() {
        for (status, title) in [
            (400, "Bad Request"),
            (401, "Unauthorized"),
            (403, "Forbidden"),
            (404, "Not Found"),
            (405, "Method Not Allowed"),
            (409, "Conflict"),
            (413, "Content Too Large"),
            (415, "Unsupported Media Type"),
            (416, "Range Not Satisfiable"),
            (426, "Upgrade Required"),
            (429, "Too Many Requests"),
            (500, "Internal Server Error"),
            (503, "Service Unavailable"),
        ] {
            let expected = format!(
                r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"\"x\""}}"#
            );
            assert_eq!(Problem::new(status, "\"x\"\0".to_owned()).to_json(), expected);
        }
        let nearest = vec!["2026-01-01T00:00:00Z".to_owned()];
        let json = Problem { nearest, ..Problem::not_found(String::new()) }.to_json();
        assert!(json.ends_with(r#""nearest":["2026-01-01T00:00:00Z"]}"#), "{json}");
    }

    #[test]
    fn an_error_becomes_a_status_and_keeps_its_words() {
        let time = || FeedError::Time { name: "now", value: "7".to_owned() };
        let older = || NotTaken::Older { time: 60, stored: 120 };
        for (problem, status, detail) in [
            (RouteError::NotFound("no /x".into()).into(), 404, "no /x".to_owned()),
            (RouteError::Bad("limit is 0".into()).into(), 400, "limit is 0".to_owned()),
            (AccessError::Signature.into(), 403, AccessError::Signature.to_string()),
            (time().into(), 400, time().to_string()),
            (FeedError::TooMany(75_001).into(), 413, FeedError::TooMany(75_001).to_string()),
            (older().into(), 409, older().to_string()),
            (NotTaken::Unwanted.into(), 409, NotTaken::Unwanted.to_string()),
            (NotTaken::Failed.into(), 500, NotTaken::Failed.to_string()),
            (CommandError::Paused.into(), 409, CommandError::Paused.to_string()),
        ] {
            let problem: Problem = problem;
            assert_eq!((problem.status, problem.detail), (status, detail));
            assert_eq!((problem.nearest, problem.header), (Vec::new(), None));
        }
        let header = |problem: Problem| {
            let (name, value) = problem.header.expect("it has a header");
            (problem.status, name.into_owned(), value)
        };
        let method = RouteError::Method { allow: "POST, OPTIONS" };
        assert_eq!(header(method.into()), (405, "Allow".to_owned(), "POST, OPTIONS".to_owned()));
        let limited = CommandError::RateLimited(77);
        assert_eq!(header(limited.into()), (429, "Retry-After".to_owned(), "77".to_owned()));
    }
}
