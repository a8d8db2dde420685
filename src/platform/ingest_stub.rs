//! Questions to the ingest object.

use std::cell::RefCell;

use worker::wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, Response, Result, Stub};

use super::binding;
use super::clock::milliseconds;
use crate::archive::Date;
use crate::ask::MinuteRow;
use crate::route::When;

/// The name of the one ingest object: a contract with stored state.
const NAME: &str = "ingest";

fn stub(env: &Env) -> Result<Stub> {
    env.durable_object(binding::INGEST)?.get_by_name(NAME)
}

/// The object's answer to a question that changes nothing.
pub(crate) async fn get(env: &Env, path_and_query: &str) -> Result<Response> {
    stub(env)?.fetch_with_str(&format!("https://ingest{path_and_query}")).await
}

/// The object's answer to what is handed over to it.
pub(crate) async fn post(env: &Env, path: &str, body: JsValue) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_body(Some(body));
    let request = Request::new_with_init(&format!("https://ingest{path}"), &init)?;
    stub(env)?.fetch_with_request(request).await
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
pub(crate) async fn minute(
    env: &Env,
    when: When,
) -> Result<std::result::Result<MinuteRow, Response>> {
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
