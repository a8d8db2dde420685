//! `POST /api/ingest`: somebody hands us a sky.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use futures::StreamExt;
use serde::Serialize;
use worker::{Env, Request, Response};

use super::{Config, Problem, binding, guard, ingest_stub};
use crate::archive::Date;
use crate::feed::Sky;
use crate::text::Quoted;
use crate::wire::DroppedObject;

/// The largest body, decoded. 50,000 aircraft are 6.7 MB of OpenSky's JSON, at 134 bytes each, and
/// twice to three times as much as objects.
pub(super) const BODY_BYTES_MAX: usize = 16 << 20;

/// What became of a pushed sky.
#[derive(Serialize)]
pub(crate) struct Receipt {
    time: i64,
    date: String,
    pub accepted: usize,
    rejected: Vec<Rejected>,
    pub rejected_count: usize,
    /// The unusable values, whose fields became null.
    dropped: Vec<DroppedObject>,
    /// Whether the minute was recorded before.
    pub duplicate: bool,
}

#[derive(Serialize)]
struct Rejected {
    row: usize,
    reason: String,
}

impl Receipt {
    /// The receipt for a sky that is news, with the first of its rejected rows.
    pub(crate) fn new(sky: &Sky, listed: usize) -> Self {
        let rejected = sky.rejected.iter().take(listed);
        Self {
            time: sky.time,
            date: Date(sky.time).to_string(),
            accepted: sky.aircraft.len(),
            rejected: rejected
                .map(|error| Rejected { row: error.row, reason: error.reason.to_string() })
                .collect(),
            rejected_count: sky.rejected.len(),
            dropped: sky.dropped.iter().cloned().map(DroppedObject::from).collect(),
            duplicate: false,
        }
    }

    /// How many values were unusable, in all fields.
    pub(crate) fn dropped_count(&self) -> u64 {
        self.dropped.iter().map(|dropped| dropped.count).sum()
    }
}

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
    ingest_stub::push(env, body).await
}

fn authorise(request: &Request, config: &Config) -> Result<(), Problem> {
    let refuse = |detail: &str| {
        let header = Some(("WWW-Authenticate", "Bearer".to_owned()));
        Err(Problem { header, ..Problem::new(401, detail.to_owned()) })
    };
    if config.ingest_tokens.is_empty() {
        return refuse("this deployment takes no pushes: it has no INGEST_TOKEN");
    }
    match request.headers().get("Authorization")? {
        None => refuse("expected Authorization: Bearer and the ingest token"),
        Some(given) if config.ingest_tokens.admit(&given) => Ok(()),
        Some(_) => refuse("the token is not the one that is expected here"),
    }
}

fn too_large() -> Problem {
    Problem::new(413, format!("the body is larger than {BODY_BYTES_MAX} bytes"))
}

/// A body that is too large is read on, and not kept, up to this: who is cut off while it still
/// sends may see a broken connection instead of the answer.
const HEARD_OUT_BYTES_MAX: usize = 2 * BODY_BYTES_MAX;

async fn read(request: &mut Request) -> Result<Vec<u8>, Problem> {
    let declared = request.headers().get("Content-Length")?.and_then(|text| text.parse().ok());
    if declared.is_some_and(|bytes: usize| bytes > HEARD_OUT_BYTES_MAX) {
        return Err(too_large());
    }
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    // As much room as it says that it needs: a vector that doubles takes three times the memory.
    let room = declared.unwrap_or_default().min(BODY_BYTES_MAX);
    let (mut body, mut heard) = (Vec::with_capacity(room), 0);
    let mut stream = request.stream()?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        heard += chunk.len();
        if heard > HEARD_OUT_BYTES_MAX {
            break;
        } else if heard > BODY_BYTES_MAX {
            body = Vec::new();
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    if heard > BODY_BYTES_MAX { Err(too_large()) } else { Ok(body) }
}

fn gunzip(bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    // A gzip file ends with its content's length (RFC 1952, 2.3.1). It may lie, or be that of the
    // last of several members.
    let length = bytes.last_chunk().map_or(0, |length| u32::from_le_bytes(*length) as usize);
    let mut body = Vec::with_capacity(length.min(BODY_BYTES_MAX) + 1);
    let mut decoder = MultiGzDecoder::new(&bytes[..]).take(BODY_BYTES_MAX as u64 + 1);
    match decoder.read_to_end(&mut body) {
        Ok(length) if length > BODY_BYTES_MAX => Err(too_large()),
        Ok(_) => Ok(body),
        Err(error) => Err(Problem::bad_request(format!("the body is not gzip: {error}"))),
    }
}
