//! Questions to the ingest object on behalf of callers, and its answers as HTTP.

use worker::{Env, Response, Result};

use super::hour_job;
use super::reply::{self, Caching};
use crate::archive::Date;
use crate::ask::{Answered, Consumed, IngestAnswer, IngestQuestion, MinuteRow};
use crate::platform::ingest_stub as stub;
use crate::problem::Problem;
use crate::route::When;

/// Returns the object's answer to a question.
pub(super) async fn get(env: &Env, question: &IngestQuestion) -> Result<Response, Problem> {
    let response = response(stub::ask(env, question).await?)?;
    Ok(reply::cached(response, Caching::Never)?)
}

/// Returns a recorded minute, or the object's problem that names the nearest ones.
pub(super) async fn minute(
    env: &Env,
    when: When,
) -> Result<std::result::Result<MinuteRow, Response>, Problem> {
    match stub::minute(env, when).await? {
        Ok(row) => Ok(Ok(row)),
        Err(answered) => Ok(Err(reply::cached(response(answered)?, Caching::Never)?)),
    }
}

/// Returns minutes from one time to another, at least one, oldest first.
pub(super) async fn minutes(
    env: &Env,
    (from, to): (i64, i64),
    step: u32,
    limit: usize,
) -> Result<Vec<MinuteRow>, Problem> {
    let question = IngestQuestion::Minutes { from, to, step, limit };
    match stub::ask(env, &question).await?.answer {
        IngestAnswer::Minutes(rows) if rows.is_empty() => {
            let (from, to) = (Date(from), Date(to));
            Err(Problem::not_found(format!("no minute from {from} to {to} is stored")))
        }
        IngestAnswer::Minutes(rows) => Ok(rows),
        IngestAnswer::Problem(problem) => Err(problem),
        other => Err(worker::Error::from(format!("no minutes: {other:?}")).into()),
    }
}

/// Passes on a pushed snapshot.
pub(super) async fn push(env: &Env, body: Vec<u8>) -> Result<Response, Problem> {
    Ok(response(stub::push(env, body).await?)?)
}

/// Passes on a message of the queue, and makes the export that it calls for.
pub(super) async fn consume(env: &Env, message: &IngestQuestion) -> Result<Consumed> {
    let mut answer = stub::ask(env, message).await?.answer;
    if let IngestAnswer::Export(order) = answer {
        let outcome = hour_job::export(env, &order).await.map_err(|error| error.to_string());
        let ended = IngestQuestion::Exported { work: order.work, outcome };
        answer = stub::ask(env, &ended).await?.answer;
    }
    match answer {
        IngestAnswer::Consumed(consumed) => Ok(consumed),
        other => Err(format!("the ingest object answered a message with {other:?}").into()),
    }
}

/// Ensures that the object's alarm is armed.
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
        IngestAnswer::Minutes(rows) => Response::from_json(&rows),
        IngestAnswer::Found(results) => Response::from_json(&results),
        IngestAnswer::Days(days) => Response::from_json(&days),
        IngestAnswer::Files(files) => Response::from_json(&files),
        IngestAnswer::Consumed(consumed) => Response::from_json(&consumed),
        IngestAnswer::Export(order) => Response::from_json(&order),
        IngestAnswer::Retried(retried) => Response::from_json(&retried),
        IngestAnswer::Receipt(receipt) => Response::from_json(&receipt),
    };
    reply::marked(response?, simulated)
}
