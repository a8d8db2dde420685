//! `POST /api/ingest`: a pushed snapshot.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use futures::StreamExt;
use worker::{Env, Request, Response};

use super::{guard, ingest};
use crate::feed::BODY_BYTES_MAX;
use crate::platform::{Config, binding};
use crate::problem::Problem;
use crate::text::Quoted;

pub(super) async fn push(
    request: &mut Request,
    env: &Env,
    config: &Config,
) -> Result<Response, Problem> {
    guard::limit(request, env, binding::WRITE_LIMIT).await?;
    guard::from_own_page(request)?;
    authorise(request, config)?;
    let encoding = request.headers().get("Content-Encoding")?;
    let body = read(request).await?;
    let body = match encoding.as_deref() {
        None | Some("" | "identity") => body,
        Some("gzip") => gunzip(body)?,
        Some(other) => {
            let detail = format!("Content-Encoding is {}, expected gzip or none", Quoted(other));
            return Err(Problem::new(415, detail));
        }
    };
    ingest::push(env, body).await
}

fn authorise(request: &Request, config: &Config) -> Result<(), Problem> {
    let refuse = |detail: &str| {
        let header = Some(("WWW-Authenticate".into(), "Bearer".to_owned()));
        Err(Problem { header, ..Problem::new(401, detail.to_owned()) })
    };
    if config.ingest_tokens.is_empty() {
        return refuse("this deployment takes no pushes: it has no INGEST_TOKEN");
    }
    match request.headers().get("Authorization")? {
        None => refuse("expected Authorization: Bearer and the ingest token"),
        Some(given) if config.ingest_tokens.admit(&given) => Ok(()),
        Some(_) => refuse("the ingest token is wrong"),
    }
}

fn too_large() -> Problem {
    Problem::new(413, format!("the body is larger than {BODY_BYTES_MAX} bytes"))
}

/// A body that is too large is read and discarded up to this size: a sender that is cut off midway
/// may see a broken connection instead of the answer.
const DISCARDED_BYTES_MAX: usize = 2 * BODY_BYTES_MAX;

async fn read(request: &mut Request) -> Result<Vec<u8>, Problem> {
    let declared = request.headers().get("Content-Length")?.and_then(|text| text.parse().ok());
    if declared.is_some_and(|bytes: usize| bytes > DISCARDED_BYTES_MAX) {
        return Err(too_large());
    }
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    // Reserve the declared size: a vector that doubles takes three times the memory.
    let room = declared.unwrap_or_default().min(BODY_BYTES_MAX);
    let (mut body, mut received) = (Vec::with_capacity(room), 0);
    let mut stream = request.stream()?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        received += chunk.len();
        if received > DISCARDED_BYTES_MAX {
            break;
        } else if received > BODY_BYTES_MAX {
            body = Vec::new();
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    if received > BODY_BYTES_MAX { Err(too_large()) } else { Ok(body) }
}

fn gunzip(bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    // A gzip file ends with its content's length (RFC 1952, 2.3.1). That may be false, or the
    // length of only the last of several members.
    let length = bytes.last_chunk().map_or(0, |length| u32::from_le_bytes(*length) as usize);
    let mut body = Vec::with_capacity(length.min(BODY_BYTES_MAX) + 1);
    let mut decoder = MultiGzDecoder::new(&bytes[..]).take(BODY_BYTES_MAX as u64 + 1);
    match decoder.read_to_end(&mut body) {
        Ok(length) if length > BODY_BYTES_MAX => Err(too_large()),
        Ok(_) => Ok(body),
        Err(error) => Err(Problem::bad_request(format!("the body is not gzip: {error}"))),
    }
}
