//! The ingest object: questions, pushes and the alarm.
//!
//! In scope: pushed snapshots, the alarm, commands, questions about the recorded minutes.
//! Out of scope: all decisions (`feed`, `ledger`, `jobs`). steps.rs performs the ledger's outputs.

mod answers;
mod hours;
mod jobs;
mod newest;
mod pull;
mod record;
mod sightings;
mod state;
mod steps;
mod store;
mod tally;
mod waiting;

use std::rc::Rc;

use worker::{
    DurableObject, Env, Request, Response, Result, State, console_error, durable_object,
    wasm_bindgen,
};

use self::state::Ingest;
use super::schema;
use crate::archive::Date;
use crate::ask::{Answered, IngestAnswer, IngestQuestion, Receipt, Retried};
use crate::feed;
use crate::ledger::{Command, CommandError, Input, Taken};
use crate::platform::body::Body;
use crate::platform::boundaries;
use crate::platform::clock::{milliseconds, now};
use crate::problem::Problem;

/// How many rejected rows a receipt lists.
const REJECTED_LISTED: usize = 100;

/// The one ingest object.
#[durable_object(alarm)]
pub struct IngestObject(Rc<Ingest>);

impl DurableObject for IngestObject {
    fn new(state: State, env: Env) -> Self {
        schema::bring_up_to_date(&state, "IngestObject");
        Self(Rc::new(Ingest::new(state, env)))
    }

    /// Answers a question (`ask::IngestQuestion`), or takes the bytes of a snapshot.
    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let answer = match &*request.path() {
            IngestQuestion::PUSH_PATH => self.0.push(&mut request).await,
            _ => self.0.answer(request.json().await?).await,
        };
        // Each request also ensures that the alarm is set.
        self.0.arm_alarm()?;
        let simulated = self.0.ledger()?.is_simulated();
        Response::from_json(&Answered { simulated, answer: answer? })
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm_at.set(None);
        // An error would make the platform retry the alarm on its own schedule.
        if let Err(error) = self.0.handle(Input::Tick) {
            console_error!("alarm: {error}");
        }
        if let Err(error) = self.0.jobs().send_due().await {
            console_error!("queue: {error}");
        }
        self.0.arm_alarm()?;
        Response::empty()
    }
}

impl Ingest {
    async fn answer(self: &Rc<Self>, question: IngestQuestion) -> Result<IngestAnswer> {
        use IngestQuestion as Question;
        let sql = self.state.storage().sql();
        Ok(match question {
            Question::Tick => {
                // A pull that is already under way is awaited by the request that began it.
                let begun = !self.ledger()?.is_pulling();
                self.handle(Input::Tick)?;
                if begun {
                    self.pulled().await?;
                }
                IngestAnswer::Done
            }
            Question::Status => self.status()?,
            Question::Command(command) => match self.execute(command).await? {
                Ok(()) => self.status()?,
                Err(error) => IngestAnswer::Problem(error.into()),
            },
            Question::Dates { from, to, limit } => {
                IngestAnswer::Dates(answers::dates(&sql, from, to, limit)?)
            }
            Question::History { country, step, from, to } => {
                let country = country.parse().map_err(|()| format!("no country: {country}"))?;
                IngestAnswer::History(answers::history(&sql, country, step, (from, to))?)
            }
            Question::Minute(time) => answers::minute(&sql, time)?,
            Question::Minutes { from, to, step, limit } => {
                IngestAnswer::Minutes(store::spread(&sql, (from, to), step.into(), limit)?)
            }
            Question::Search(term) => IngestAnswer::Found(sightings::search(&sql, &term)?),
            Question::Days => IngestAnswer::Days(answers::days(&sql)?),
            Question::Files(start) => answers::files(&sql, Date(start).day())?,
            Question::Message(message) => {
                let answer = self.jobs().consume(&message).await?;
                // An hour may have expired.
                self.ledger()?.recount(store::minutes(&sql)?);
                answer
            }
            Question::StorePack { work, key } => match self.jobs().store_pack(&work, &key)? {
                Ok(()) => IngestAnswer::Done,
                Err(refusal) => IngestAnswer::Problem(Problem::conflict(refusal.to_owned())),
            },
            Question::Exported { work, outcome } => {
                IngestAnswer::Consumed(self.jobs().exported(work, outcome)?)
            }
            Question::DeadLetter(message) => {
                IngestAnswer::Consumed(self.jobs().dead_letter(&message)?)
            }
            Question::RetryDead => {
                IngestAnswer::Retried(Retried { retried: self.jobs().redrive()? })
            }
        })
    }

    async fn push(self: &Rc<Self>, request: &mut Request) -> Result<IngestAnswer> {
        let _turn = self.gate.lock().await;
        let (body, began) = (Body::of(request).await?, milliseconds());
        let taken = self.take(body).await?;
        let outcome = taken.as_ref().map_err(|problem| &problem.detail);
        answers::log("push", outcome, None, began);
        Ok(taken.map_or_else(IngestAnswer::Problem, IngestAnswer::Receipt))
    }

    /// Passes a pushed snapshot to the ledger, and waits for the outcome.
    async fn take(self: &Rc<Self>, body: Body) -> Result<std::result::Result<Receipt, Problem>> {
        let snapshot = match feed::parse_body(body, now()) {
            Ok(snapshot) => snapshot,
            Err(error) => return Ok(Err(error.into())),
        };
        let mut receipt = Receipt::new(&snapshot, REJECTED_LISTED);
        let (ticket, settled) = self.waiting.push();
        self.handle(Input::Push(ticket, snapshot))?;
        let settled = settled.await.map_err(|gone| gone.to_string())?;
        Ok(settled.map_err(Problem::from).map(|taken| {
            receipt.duplicate = taken == Taken::Duplicate;
            receipt
        }))
    }

    fn status(&self) -> Result<IngestAnswer> {
        let (sql, boundaries) = (self.state.storage().sql(), boundaries::source());
        let status = answers::status(&sql, &*self.ledger()?, boundaries, now())?;
        Ok(IngestAnswer::Status(Box::new(status)))
    }

    /// Waits until a pull that is under way is settled.
    async fn pulled(&self) -> Result<()> {
        if self.ledger()?.is_pulling() {
            // If the sender is gone, no pull is under way.
            self.waiting.pull().await.unwrap_or_default();
        }
        Ok(())
    }

    /// Executes an admin's command; the outcome of a pull is in the status.
    async fn execute(
        self: &Rc<Self>,
        command: Command,
    ) -> Result<std::result::Result<(), CommandError>> {
        let executed = self.ledger()?.command(now(), command);
        let outputs = match executed {
            Ok(outputs) => outputs,
            Err(error) => return Ok(Err(error)),
        };
        self.perform(outputs)?;
        if command == Command::Pull {
            self.pulled().await?;
        }
        Ok(Ok(()))
    }
}
