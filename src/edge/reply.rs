//! HTTP answers: caching, conditional requests, cross-origin reading.

use serde::Serialize;
use worker::{Headers, Request, Response, Result};

use crate::problem::{MEDIA_TYPE, Problem};

/// The header that says `true` if the answer's traffic is simulated, `false` if it is real or none.
pub(super) const SIMULATED: &str = "Overflight-Simulated";
/// The media type of JSON.
pub(super) const JSON: &str = "application/json; charset=utf-8";

/// How long an answer may be cached.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caching {
    /// Forever: a past minute never changes.
    Immutable,
    /// A few seconds: there is soon a newer minute.
    Short,
    /// Not at all.
    Never,
}

impl Caching {
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Short => "public, max-age=5",
            Self::Never => "no-store",
        }
    }
}

/// Whether the client already has the entity, according to `If-None-Match`.
pub(super) fn is_unchanged(request: &Request, etag: &str) -> Result<bool> {
    let Some(known) = request.headers().get("If-None-Match")? else { return Ok(false) };
    // A proxy may put `W/` before a tag; GET's weak comparison ignores it.
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    Ok(known.split(',').any(|tag| tag.trim() == "*" || bare(tag) == etag))
}

/// A JSON answer.
pub(super) fn json<T: Serialize + ?Sized>(value: &T, caching: Caching) -> Result<Response> {
    json_bytes(serde_json::to_vec(value)?, caching)
}

/// An answer from JSON bytes.
pub(super) fn json_bytes(bytes: Vec<u8>, caching: Caching) -> Result<Response> {
    let response = Response::builder().fixed(bytes);
    response.headers().set("Content-Type", JSON)?;
    response.headers().set("Cache-Control", caching.header())?;
    Ok(response)
}

/// The answer with its caching header.
pub(super) fn cached(response: Response, caching: Caching) -> Result<Response> {
    let headers = Headers::from_iter(response.headers().entries());
    headers.set("Cache-Control", caching.header())?;
    Ok(response.with_headers(headers))
}

/// The answer with a header that says whether its traffic is simulated.
pub(super) fn marked(response: Response, simulated: bool) -> Result<Response> {
    response.headers().set(SIMULATED, &simulated.to_string())?;
    Ok(response)
}

/// A problem as an answer.
pub(super) fn problem(problem: Problem) -> Result<Response> {
    let response =
        Response::builder().with_status(problem.status).fixed(problem.to_json().into_bytes());
    response.headers().set("Content-Type", MEDIA_TYPE)?;
    if let Some((name, value)) = &problem.header {
        response.headers().set(name, value)?;
    }
    Ok(response)
}

/// 304: the client has the entity.
pub(super) fn unchanged(etag: &str, caching: Caching) -> Result<Response> {
    let headers = Headers::new();
    headers.set("ETag", etag)?;
    headers.set("Cache-Control", caching.header())?;
    Ok(Response::empty()?.with_status(304).with_headers(headers))
}

/// Forbids browsers to guess another media type: the answer's content comes from outside.
pub(super) fn nosniff(response: &Response) -> Result<()> {
    response.headers().set("X-Content-Type-Options", "nosniff")
}

/// Lets every page read the answer: all reads are public.
pub(super) fn readable_by_all(response: &Response) -> Result<()> {
    let headers = response.headers();
    headers.set("Access-Control-Allow-Origin", "*")?;
    headers.set(
        "Access-Control-Expose-Headers",
        &format!("ETag, Content-Range, Accept-Ranges, Content-Length, Allow, Link, {SIMULATED}"),
    )
}
