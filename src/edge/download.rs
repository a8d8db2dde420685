//! Files of R2, streamed: whole, or in parts.

use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use worker::{
    Conditional, Env, Headers, Method, Object, ObjectBody, Range, Request, Response, Result,
};

use super::reply::{self, Caching};
use crate::archive::DayFile;
use crate::fingerprint::fingerprint;
use crate::platform::archive::{bucket, is_simulated};
use crate::problem::Problem;
use crate::route::{ByteRange, RangeRequest, byte_ranges, part_head, parts_end};

/// A file as it is recorded.
#[derive(Clone)]
pub(super) struct Stored {
    pub file: DayFile,
    pub key: String,
    /// R2's etag, without quotes. Only bytes that match it are served.
    pub etag: String,
    pub size: u64,
    pub simulated: bool,
}

impl Stored {
    fn etag(&self) -> String {
        format!("\"{}\"", self.etag)
    }

    fn caching(&self) -> Caching {
        if self.file.is_immutable() { Caching::Immutable } else { Caching::Short }
    }
}

/// Answers a request for a file, or for parts of it.
pub(super) async fn serve(
    request: &Request,
    env: &Env,
    stored: Stored,
) -> Result<Response, Problem> {
    let etag = stored.etag();
    if reply::is_unchanged(request, &etag)? {
        let unchanged = reply::unchanged(&etag, stored.caching())?;
        return Ok(reply::marked(unchanged, stored.simulated)?);
    }
    let size = stored.size;
    let wanted = request.headers().get("Range")?;
    // If-Range: a part is only useful together with other parts of the same entity.
    let same = request.headers().get("If-Range")?.is_none_or(|known| known == etag);
    let parts = match wanted.filter(|_| same).map(|text| byte_ranges(&text, size)) {
        None | Some(RangeRequest::Whole) => Vec::new(),
        Some(RangeRequest::Parts(parts)) => parts,
        Some(RangeRequest::Unsatisfiable) => {
            let detail = format!("the file has {size} bytes, and the range is outside of them");
            let header = Some(("Content-Range".into(), format!("bytes */{size}")));
            return Err(Problem { header, ..Problem::new(416, detail) });
        }
    };
    let is_head = request.method() == Method::Head;
    Ok(answer(env, stored, parts, is_head).await?)
}

/// A file that the ledger does not record: R2 knows its size and its etag. `None` if R2 does not
/// have it.
pub(super) async fn find(env: &Env, file: DayFile, key: String) -> Result<Option<Stored>> {
    let Some(head) = bucket(env)?.head(&key).await? else { return Ok(None) };
    let simulated = is_simulated(&head)?;
    Ok(Some(Stored { etag: head.etag(), size: head.size(), simulated, file, key }))
}

/// Answers with the file, if there are no parts, or with these parts of it.
async fn answer(
    env: &Env,
    stored: Stored,
    parts: Vec<ByteRange>,
    is_head: bool,
) -> Result<Response> {
    let (size, media_type) = (stored.size, stored.file.media_type());
    let headers = Headers::new();
    headers.set("ETag", &stored.etag())?;
    headers.set(reply::SIMULATED, &stored.simulated.to_string())?;
    headers.set("Cache-Control", stored.caching().header())?;
    headers.set("Accept-Ranges", "bytes")?;
    let name = stored.file.download_name();
    headers.set("Content-Disposition", &format!("attachment; filename=\"{name}\""))?;
    let status = if parts.is_empty() { 200 } else { 206 };
    if let [_, _, ..] = parts[..] {
        let asked: Vec<_> = parts.iter().map(|part| part.content_range(size)).collect();
        let hash = fingerprint(format!("{}{}", stored.etag, asked.join(",")).as_bytes());
        let boundary = format!("overflight-{hash:016x}");
        headers.set("Content-Type", &format!("multipart/byteranges; boundary={boundary}"))?;
        let response = match is_head {
            true => Response::empty()?,
            false => Response::from_stream(multipart(env.clone(), stored, parts, boundary))?,
        };
        return Ok(response.with_status(status).with_headers(headers));
    }
    headers.set("Content-Type", media_type)?;
    let part = parts.first().copied();
    if let Some(part) = part {
        headers.set("Content-Range", &part.content_range(size))?;
    }
    headers.set("Content-Length", &part.map_or(size, ByteRange::length).to_string())?;
    let response = match is_head {
        true => Response::empty()?,
        // The platform passes the body on, without the Worker's memory.
        false => Response::from_body(body(&read(env, &stored, part).await?)?.response_body()?)?,
    };
    Ok(response.with_status(status).with_headers(headers))
}

/// Reads the file, or a part of it, if R2 has the recorded bytes.
async fn read(env: &Env, stored: &Stored, part: Option<ByteRange>) -> Result<Object> {
    let key = &stored.key;
    let only_this = Conditional {
        etag_matches: Some(stored.etag.clone()),
        etag_does_not_match: None,
        uploaded_before: None,
        uploaded_after: None,
    };
    let bucket = bucket(env)?;
    let mut get = bucket.get(key).only_if(only_this);
    if let Some(part) = part {
        get = get.range(Range::OffsetWithLength { offset: part.first, length: part.length() });
    }
    get.execute().await?.ok_or_else(|| format!("{key} is recorded but not in R2").into())
}

/// The body of an object, which has none if its etag is another.
fn body(object: &Object) -> Result<ObjectBody<'_>> {
    let differs = || format!("{} in R2 does not match its record", object.key()).into();
    object.body().ok_or_else(differs)
}

/// The parts one after the other, each read when the one before it has left.
fn multipart(
    env: Env,
    stored: Stored,
    parts: Vec<ByteRange>,
    boundary: String,
) -> impl Stream<Item = Result<Vec<u8>>> {
    let end = parts_end(&boundary);
    let open = move |part: ByteRange| {
        let head = part_head(&boundary, stored.file.media_type(), part, stored.size);
        let (env, stored) = (env.clone(), stored.clone());
        async move {
            let object = read(&env, &stored, Some(part)).await?;
            let bytes = body(&object)?.stream()?;
            Ok::<_, worker::Error>(stream::iter([Ok(head.into_bytes())]).chain(bytes))
        }
    };
    stream::iter(parts).then(open).try_flatten().chain(stream::iter([Ok(end.into_bytes())]))
}
