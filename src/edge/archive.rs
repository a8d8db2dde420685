//! The archive's files, streamed from R2.

use worker::{Conditional, Env, Headers, Range, Request, Response};

use super::ingest;
use super::reply::{self, Caching};
use crate::archive::Date;
use crate::platform::archive::{MSGPACK, bucket};
use crate::problem::Problem;
use crate::route::{ByteRange, When, byte_range};

/// `GET /api/archive/:day/:file`. Serves a recorded minute, and only bytes that match its record.
pub(super) async fn file(request: &Request, env: &Env, date: Date) -> Result<Response, Problem> {
    let minute = match ingest::minute(env, When::At(date)).await? {
        Ok(minute) => minute,
        Err(no_such_minute) => return Ok(no_such_minute),
    };
    let key = date.key();
    let (etag, size) = (format!("\"{}\"", minute.etag), minute.bytes);
    let simulated = minute.simulated == 1;
    if reply::is_unchanged(request, &etag)? {
        return Ok(reply::marked(reply::unchanged(&etag, Caching::Immutable)?, simulated)?);
    }
    let headers = Headers::new();
    headers.set("Content-Type", MSGPACK)?;
    headers.set("ETag", &etag)?;
    headers.set(reply::SIMULATED, &simulated.to_string())?;
    headers.set("Cache-Control", Caching::Immutable.header())?;
    headers.set("Accept-Ranges", "bytes")?;
    let name = format!("{}-{}", date.day(), date.file_name());
    headers.set("Content-Disposition", &format!("attachment; filename=\"{name}\""))?;
    let wanted = request.headers().get("Range")?;
    // If-Range: a part is only useful together with other parts of the same entity.
    let same = request.headers().get("If-Range")?.is_none_or(|known| known == etag);
    let range = match wanted.filter(|_| same).map(|text| byte_range(&text, size)) {
        None | Some(ByteRange::Whole) => None,
        Some(ByteRange::Part { first, last }) => Some((first, last)),
        Some(ByteRange::Unsatisfiable) => {
            let detail = format!("the file has {size} bytes, and the range is outside of them");
            let header = Some(("Content-Range".into(), format!("bytes */{size}")));
            return Err(Problem { header, ..Problem::new(416, detail) });
        }
    };
    let only_this = Conditional {
        etag_matches: Some(minute.etag),
        etag_does_not_match: None,
        uploaded_before: None,
        uploaded_after: None,
    };
    let bucket = bucket(env)?;
    let mut get = bucket.get(&key).only_if(only_this);
    let (status, length) = match range {
        None => (200, size),
        Some((first, last)) => {
            let length = last - first + 1;
            headers.set("Content-Range", &format!("bytes {first}-{last}/{size}"))?;
            get = get.range(Range::OffsetWithLength { offset: first, length });
            (206, length)
        }
    };
    headers.set("Content-Length", &length.to_string())?;
    if request.method() == worker::Method::Head {
        return Ok(Response::empty()?.with_headers(headers));
    }
    let object = get.execute().await?;
    let body = object.as_ref().and_then(|object| object.body());
    let differs = || worker::Error::from(format!("{key} in R2 does not match its record"));
    let body = body.ok_or_else(differs)?;
    Ok(Response::from_body(body.response_body()?)?.with_status(status).with_headers(headers))
}
