//! Questions to the ingest object.

use std::cell::RefCell;

use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, Result, Stub};

use super::clock::milliseconds;
use super::{binding, body};
use crate::archive::Date;
use crate::ask::{Answered, IngestAnswer, IngestQuestion, MinuteRow};
use crate::route::When;

/// The name of the one ingest object: a contract with stored state.
const NAME: &str = "ingest";

fn stub(env: &Env) -> Result<Stub> {
    env.durable_object(binding::INGEST)?.get_by_name(NAME)
}

/// Returns the object's answer to a question.
pub(crate) async fn ask(env: &Env, question: &IngestQuestion) -> Result<Answered> {
    post(env, IngestQuestion::PATH, serde_json::to_string(question)?.into()).await
}

/// Returns the object's answer to a pushed snapshot.
pub(crate) async fn push(env: &Env, snapshot: Vec<u8>) -> Result<Answered> {
    let stream = body::stream(&Uint8Array::from(snapshot.as_slice()))?;
    drop(snapshot);
    let answer = post(env, IngestQuestion::PUSH_PATH, stream.into()).await;
    forget_latest();
    answer
}

async fn post(env: &Env, path: &str, body: JsValue) -> Result<Answered> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_body(Some(body));
    let request = Request::new_with_init(&format!("https://ingest{path}"), &init)?;
    drop(init);
    let mut response = stub(env)?.fetch_with_request(request).await?;
    // Always read the whole answer: until then its object cannot hibernate.
    let bytes = response.bytes().await?;
    match response.status_code() {
        200 => Ok(serde_json::from_slice(&bytes)?),
        status => Err(format!("the ingest object answered {status}").into()),
    }
}

thread_local! {
    /// The newest minute, and when it was fetched, Unix milliseconds.
    static LATEST: RefCell<Option<(MinuteRow, u64)>> = const { RefCell::new(None) };
}

/// How long the newest minute is cached: one ingest object serves all callers.
const LATEST_MILLIS_MAX: u64 = 1_000;

/// Drops the cached newest minute, since there is a newer one.
pub(crate) fn forget_latest() {
    LATEST.set(None);
}

/// Returns a recorded minute, or the answer that names the nearest ones.
pub(crate) async fn minute(
    env: &Env,
    when: When,
) -> Result<std::result::Result<MinuteRow, Answered>> {
    let oldest = milliseconds().saturating_sub(LATEST_MILLIS_MAX);
    let latest = LATEST.with_borrow(|latest| latest.clone()).filter(|(_, at)| *at > oldest);
    if let (When::Latest, Some((row, _))) = (when, latest) {
        return Ok(Ok(row));
    }
    let time = match when {
        When::Latest => None,
        When::At(Date(time)) => Some(time),
    };
    let answered = ask(env, &IngestQuestion::Minute(time)).await?;
    let IngestAnswer::Minute(row) = answered.answer else { return Ok(Err(answered)) };
    if when == When::Latest {
        LATEST.set(Some((row.clone(), milliseconds())));
    }
    Ok(Ok(row))
}
