//! What the ingest object is asked for the Worker's callers, and its answers as HTTP.

use worker::{Env, Response, Result};

use super::reply::{self, Caching};
use crate::archive::Date;
use crate::ask::{Consumed, MinuteRow};
use crate::platform::ingest_stub as stub;
use crate::problem::Problem;
use crate::route::When;

/// The object's own answer to a question, to be passed on.
pub(super) async fn get(env: &Env, path_and_query: &str) -> Result<Response, Problem> {
    Ok(reply::cached(stub::get(env, path_and_query).await?, Caching::Never)?)
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

/// The recorded minute, or the object's problem that names the nearest ones.
pub(super) async fn minute(
    env: &Env,
    when: When,
) -> Result<std::result::Result<MinuteRow, Response>, Problem> {
    match stub::minute(env, when).await? {
        Ok(row) => Ok(Ok(row)),
        Err(problem) => Ok(Err(reply::cached(problem, Caching::Never)?)),
    }
}

/// Hands over a pushed response.
pub(super) async fn push(env: &Env, body: Vec<u8>) -> Result<Response, Problem> {
    let bytes = worker::js_sys::Uint8Array::from(body.as_slice());
    drop(body);
    let answer = stub::post(env, "/push", bytes.into()).await;
    stub::forget_latest();
    Ok(answer?)
}

/// Hands over a message of the queue.
pub(super) async fn consume(env: &Env, path: &str, message: &str) -> Result<Consumed> {
    let mut response = stub::post(env, path, message.into()).await?;
    match response.status_code() {
        200 => response.json().await,
        status => Err(format!("the ingest object answered {status}").into()),
    }
}

/// Makes sure that the object's alarm is set. The answer is read, for an object with an unread one
/// cannot hibernate.
pub(super) async fn tick(env: &Env) -> Result<()> {
    stub::get(env, "/tick").await?.text().await.map(drop)
}
