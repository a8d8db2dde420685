//! Lists of a minute's aircraft, made once for all callers.
//!
//! A long list goes into the platform's cache chunk by chunk and from there to the caller. So a
//! caller that reads slowly keeps none of it in this isolate's memory.

use std::cell::Cell;

use futures::stream::{self, StreamExt};
use worker::{Cache, Context, Method, Request, Response, ResponseBody, console_error};

use super::made::{self, LIGHT};
use super::reply::{self, Caching};
use crate::archive::Listing;
use crate::fingerprint::fingerprint;
use crate::problem::Problem;

/// Must change whenever the format of lists changes, so that no cache returns the old one.
pub(super) const REPRESENTATION: &str = "2";

/// A list of at most this many rows, some 210 kB, is answered from memory.
const SHORT_ROWS: usize = 500;

/// How long the cache keeps a list: a newer minute soon replaces the newest one, and a caller that
/// looks at past minutes requests many.
const KEPT: &str = "public, max-age=300";

thread_local! {
    /// Whether the cache works. It is false once an entry was not found right after it was put, as
    /// in a deployment without a cache (workers.dev, or behind Access); then it is not tried again.
    static HAS_CACHE: Cell<bool> = const { Cell::new(true) };
}

/// A request for a list.
pub(super) struct Asked<'a> {
    pub request: &'a Request,
    pub context: &'a Context,
    /// The etag of the minute in R2.
    pub minute: &'a str,
    /// The query in canonical form.
    pub what: String,
    pub media_type: &'static str,
    /// Whether others are likely to send the same query.
    pub is_common: bool,
    pub caching: Caching,
    /// Whether the minute's traffic is simulated.
    pub simulated: bool,
}

/// Answers with the list; `make` reads it from the archive.
pub(super) async fn answer<M>(asked: Asked<'_>, make: M) -> Result<Response, Problem>
where
    M: AsyncFn() -> Result<Listing, Problem> + 'static,
{
    let Asked { request, context, minute, what, media_type, is_common, caching, simulated } = asked;
    let hash = fingerprint(what.as_bytes());
    let etag = format!("\"{minute}-{REPRESENTATION}-{hash:016x}\"");
    if reply::is_unchanged(request, &etag)? {
        return Ok(reply::marked(reply::unchanged(&etag, caching)?, simulated)?);
    }
    let body = if request.method() == Method::Head {
        ResponseBody::Empty
    } else {
        let origin = request.url()?.origin().ascii_serialization();
        let key = format!("{origin}/api/kept/{minute}/{REPRESENTATION}/{what}");
        let make_kept = || {
            let key = key.clone();
            async move { made_list(&key, is_common, make).await }
        };
        made::once(context, (&key, LIGHT), async || find(&key).await, make_kept).await?
    };
    let response = Response::from_body(body)?;
    response.headers().set("Content-Type", media_type)?;
    response.headers().set("Cache-Control", caching.header())?;
    response.headers().set("ETag", &etag)?;
    Ok(reply::marked(response, simulated)?)
}

/// Makes the list, and caches it if it is common or long.
async fn made_list<M>(key: &str, is_common: bool, make: M) -> Result<ResponseBody, Problem>
where
    M: AsyncFn() -> Result<Listing, Problem>,
{
    let listing = make().await?;
    if listing.rows() <= SHORT_ROWS {
        let bytes: Vec<u8> = listing.flatten().collect();
        if is_common {
            put(key, Response::from_bytes(bytes.clone())?).await;
        }
        return Ok(ResponseBody::Body(bytes));
    }
    if !HAS_CACHE.get() {
        return direct(listing);
    }
    put(key, Response::from_stream(chunks(listing))?).await;
    if let Some(body) = find(key).await {
        return Ok(body);
    }
    HAS_CACHE.set(false);
    direct(make().await?)
}

/// A body that makes the list while the caller reads it.
fn direct(listing: Listing) -> Result<ResponseBody, Problem> {
    Ok(Response::from_stream(chunks(listing))?.body().clone())
}

fn chunks(listing: Listing) -> impl stream::Stream<Item = worker::Result<Vec<u8>>> + 'static {
    stream::iter(listing).map(Ok)
}

/// The cache's entry; `None` if it has none or fails.
pub(super) async fn find(key: &str) -> Option<ResponseBody> {
    match Cache::default().get(key, false).await {
        Ok(found) => found.map(|response| response.body().clone()),
        Err(error) => {
            console_error!("cache: {error}");
            None
        }
    }
}

/// Puts an entry into the cache, if it works.
pub(super) async fn put(key: &str, response: Response) {
    if !HAS_CACHE.get() {
        return;
    }
    let kept = async {
        response.headers().set("Cache-Control", KEPT)?;
        Cache::default().put(key, response).await
    };
    if let Err(error) = kept.await {
        console_error!("cache: {error}");
    }
}
