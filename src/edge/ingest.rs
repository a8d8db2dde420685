//! What the ingest object is asked for the Worker's callers, and its answers as HTTP.

use worker::{Env, Response, Result};

use super::reply::{self, Caching};
use crate::ask::{Answered, Consumed, IngestAnswer, IngestQuestion, MinuteRow};
use crate::platform::ingest_stub as stub;
use crate::problem::Problem;
use crate::route::When;

/// The object's answer to a question, for the caller.
pub(super) async fn get(env: &Env, question: &IngestQuestion) -> Result<Response, Problem> {
    let response = response(stub::ask(env, question).await?)?;
    Ok(reply::cached(response, Caching::Never)?)
}

/// The recorded minute, or the object's problem that names the nearest ones.
pub(super) async fn minute(
    env: &Env,
    when: When,
) -> Result<std::result::Result<MinuteRow, Response>, Problem> {
    match stub::minute(env, when).await? {
        Ok(row) => Ok(Ok(row)),
        Err(answered) => Ok(Err(reply::cached(response(answered)?, Caching::Never)?)),
    }
}

/// Hands over a pushed sky.
pub(super) async fn push(env: &Env, body: Vec<u8>) -> Result<Response, Problem> {
    Ok(response(stub::push(env, body).await?)?)
}

/// Hands over a message of the queue.
pub(super) async fn consume(env: &Env, message: &IngestQuestion) -> Result<Consumed> {
    match stub::ask(env, message).await?.answer {
        IngestAnswer::Consumed(consumed) => Ok(consumed),
        other => Err(format!("the ingest object answered a message with {other:?}").into()),
    }
}

/// Makes sure that the object's alarm is set.
pub(super) async fn tick(env: &Env) -> Result<()> {
    stub::ask(env, &IngestQuestion::Tick).await.map(drop)
}

fn response(Answered { simulated, answer }: Answered) -> Result<Response> {
    let response = match answer {
        IngestAnswer::Done => Response::empty(),
        IngestAnswer::Problem(problem) => reply::problem(problem),
        IngestAnswer::Status(status) => Response::from_json(&status),
        IngestAnswer::Dates(dates) => Response::from_json(&dates),
        IngestAnswer::History(points) => Response::from_json(&points),
        IngestAnswer::Minute(row) => Response::from_json(&row),
        IngestAnswer::Days(days) => Response::from_json(&days),
        IngestAnswer::Files(files) => Response::from_json(&files),
        IngestAnswer::Consumed(consumed) => Response::from_json(&consumed),
        IngestAnswer::Retried(retried) => Response::from_json(&retried),
        IngestAnswer::Receipt(receipt) => Response::from_json(&receipt),
    };
    reply::marked(response?, simulated)
}
