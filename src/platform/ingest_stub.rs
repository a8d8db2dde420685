//! Questions to the ingest object.

use std::cell::RefCell;

use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, Result, Stub};

use super::binding;
use super::clock::milliseconds;
use crate::archive::Date;
use crate::ask::{Answered, IngestAnswer, IngestQuestion, MinuteRow};
use crate::route::When;

/// The name of the one ingest object: a contract with stored state.
const NAME: &str = "ingest";

fn stub(env: &Env) -> Result<Stub> {
    env.durable_object(binding::INGEST)?.get_by_name(NAME)
}

/// The object's answer to a question.
pub(crate) async fn ask(env: &Env, question: &IngestQuestion) -> Result<Answered> {
    post(env, IngestQuestion::PATH, serde_json::to_string(question)?.into()).await
}

/// The object's answer to a pushed snapshot.
pub(crate) async fn push(env: &Env, body: Vec<u8>) -> Result<Answered> {
    let bytes = Uint8Array::from(body.as_slice());
    drop(body);
    let answer = post(env, IngestQuestion::PUSH_PATH, bytes.into()).await;
    forget_latest();
    answer
}

async fn post(env: &Env, path: &str, body: JsValue) -> Result<Answered> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_body(Some(body));
    let request = Request::new_with_init(&format!("https://ingest{path}"), &init)?;
    let mut response = stub(env)?.fetch_with_request(request).await?;
    // Read to the end whatever it says: while an answer is unread its object cannot hibernate.
    let bytes = response.bytes().await?;
    match response.status_code() {
        200 => Ok(serde_json::from_slice(&bytes)?),
        status => Err(format!("the ingest object answered {status}").into()),
    }
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

/// The recorded minute, or the answer that names the nearest ones.
pub(crate) async fn minute(
    env: &Env,
    when: When,
) -> Result<std::result::Result<MinuteRow, Answered>> {
    let oldest = milliseconds().saturating_sub(LATEST_MILLIS_MAX);
    let latest = LATEST.with_borrow(|latest| latest.clone()).filter(|(_, asked)| *asked > oldest);
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
