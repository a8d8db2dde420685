//! Questions to the ingest object.

use std::cell::RefCell;

use worker::wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, Response, Result, Stub};

use super::clock::milliseconds;
use super::queue::Heard;
use super::reply::Caching;
use super::{Problem, binding};
use crate::archive::Date;
use crate::objects::MinuteRow;
use crate::route::When;

/// The name of the one ingest object: a contract with stored state.
const NAME: &str = "ingest";

fn stub(env: &Env) -> Result<Stub> {
    env.durable_object(binding::INGEST)?.get_by_name(NAME)
}

/// The object's own answer to a question, to be passed on.
pub(super) async fn get(env: &Env, path_and_query: &str) -> Result<Response, Problem> {
    let response = stub(env)?.fetch_with_str(&format!("https://ingest{path_and_query}")).await?;
    let headers = worker::Headers::from_iter(response.headers().entries());
    headers.set("Cache-Control", Caching::Never.header())?;
    Ok(response.with_headers(headers))
}

/// The stored dates, newest first.
pub(super) async fn dates(
    env: &Env,
    from: Option<Date>,
    to: Option<Date>,
    limit: usize,
) -> Result<Response, Problem> {
    get_between(env, format!("/dates?limit={limit}"), from, to).await
}

/// The object's answer to a question that has a query, about a time.
pub(super) async fn get_between(
    env: &Env,
    mut path_and_query: String,
    from: Option<Date>,
    to: Option<Date>,
) -> Result<Response, Problem> {
    for (name, date) in [("from", from), ("to", to)] {
        if let Some(Date(time)) = date {
            path_and_query += &format!("&{name}={time}");
        }
    }
    get(env, &path_and_query).await
}

thread_local! {
    /// The newest minute, and when that was asked, milliseconds.
    static LATEST: RefCell<Option<(MinuteRow, u64)>> = const { RefCell::new(None) };
}

/// How long the newest minute is taken for the newest. There is one ingest object for all callers.
const LATEST_MILLIS_MAX: u64 = 1_000;

/// Sees to it that the newest minute is asked for anew: there is another one.
pub(crate) fn forget_latest() {
    LATEST.set(None);
}

/// The recorded minute, or the object's problem that names the nearest ones.
pub(super) async fn minute(
    env: &Env,
    when: When,
) -> Result<std::result::Result<MinuteRow, Response>, Problem> {
    let oldest = milliseconds().saturating_sub(LATEST_MILLIS_MAX);
    let latest = LATEST.with_borrow(|latest| latest.clone()).filter(|(_, asked)| *asked > oldest);
    if let (When::Latest, Some((row, _))) = (when, latest) {
        return Ok(Ok(row));
    }
    let path = match when {
        When::Latest => "/minute".to_owned(),
        When::At(Date(time)) => format!("/minute?time={time}"),
    };
    let mut response = get(env, &path).await?;
    if response.status_code() != 200 {
        return Ok(Err(response));
    }
    let row: MinuteRow = response.json().await?;
    if when == When::Latest {
        LATEST.set(Some((row.clone(), milliseconds())));
    }
    Ok(Ok(row))
}

/// Hands over a pushed response.
pub(super) async fn push(env: &Env, body: Vec<u8>) -> Result<Response, Problem> {
    let bytes = worker::js_sys::Uint8Array::from(body.as_slice());
    drop(body);
    let answer = post(env, "/push", bytes.into()).await;
    forget_latest();
    Ok(answer?)
}

/// Hands over a message of the queue.
pub(super) async fn hear(env: &Env, path: &str, message: &str) -> Result<Heard> {
    let mut response = post(env, path, message.into()).await?;
    match response.status_code() {
        200 => response.json().await,
        status => Err(format!("the ingest object answered {status}").into()),
    }
}

async fn post(env: &Env, path: &str, body: JsValue) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_body(Some(body));
    let request = Request::new_with_init(&format!("https://ingest{path}"), &init)?;
    stub(env)?.fetch_with_request(request).await
}

/// Winds the clock. The answer is read, for an object with an unread one cannot hibernate.
pub(super) async fn tick(env: &Env) -> Result<()> {
    stub(env)?.fetch_with_str("https://ingest/tick").await?.text().await.map(drop)
}
