//! The ingest object: what it is asked, and the clock.
//!
//! In scope: skies pushed, the alarm, commands, what the API asks about the recorded minutes.
//! Out of scope: every decision; those are `feed`'s and `ledger`'s. What the ledger answers is done
//! in steps.rs.

mod answers;
mod jobs;
mod pull;
mod record;
mod state;
mod steps;
mod store;
mod tally;
mod waiting;

use std::rc::Rc;
use std::str::FromStr;

use worker::{
    DurableObject, Env, Request, Response, Result, State, Url, console_error, durable_object,
    wasm_bindgen,
};

use self::state::Ingest;
use super::schema;
use crate::archive::Date;
use crate::ask::Receipt;
use crate::feed;
use crate::ledger::{Command, CommandError, Input, Taken};
use crate::platform::boundaries;
use crate::platform::clock::{milliseconds, now};
use crate::platform::reply::{self, marked};
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

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let answer = self.0.answer(&mut request).await;
        // Whatever was asked, a request is also the occasion to see that the alarm is set.
        self.0.arm_alarm()?;
        marked(answer?, self.0.ledger()?.is_simulated())
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm_at.set(None);
        // An error would make the platform repeat the alarm on its own terms; ours are set.
        if let Err(error) = self.0.tell(Input::Tick) {
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
    async fn answer(self: &Rc<Self>, request: &mut Request) -> Result<Response> {
        let url = request.url()?;
        let number = |name: &str| parameter::<i64>(&url, name);
        let sql = self.state.storage().sql();
        match url.path() {
            "/push" => self.push(request).await,
            "/tick" => {
                // One that is under way already is waited for by whoever began it.
                let begun = !self.ledger()?.is_pulling();
                self.tell(Input::Tick)?;
                if begun {
                    self.pulled().await?;
                }
                Response::empty()
            }
            "/status" => self.status(),
            "/admin" => {
                let name = url.query().unwrap_or_default();
                let command = Command::named(name).ok_or("no such command")?;
                if let Err(error) = self.obey(command).await? {
                    return reply::problem(Problem::from(error));
                }
                self.status()
            }
            "/dates" => {
                let from = number("from").unwrap_or(0);
                let to = number("to").unwrap_or(i64::from(u32::MAX));
                let dates = store::dates(&sql, from, to, number("limit").unwrap_or(1))?;
                let dates: Vec<_> = dates.into_iter().map(|time| Date(time).to_string()).collect();
                Response::from_json(&dates)
            }
            "/history" => {
                let range = (number("from"), number("to"));
                let (country, step) = (parameter(&url, "country"), parameter(&url, "step"));
                let (Some(country), Some(step)) = (country, step) else {
                    return Response::error(format!("no history: {url}"), 400);
                };
                Response::from_json(&answers::history(&sql, country, step, range)?)
            }
            "/minute" => {
                let found = match number("time") {
                    Some(time) => store::minute(&sql, time)?,
                    None => store::newest(&sql)?,
                };
                match found {
                    Some(minute) => Response::from_json(&minute),
                    None => reply::problem(answers::no_such_minute(&sql, number("time"))?),
                }
            }
            "/archive" => Response::from_json(&answers::days(&sql)?),
            "/archive/day" => {
                let day = Date(number("start").unwrap_or(0)).day();
                match answers::files(&sql, day)? {
                    files if files.is_empty() => {
                        let detail =
                            format!("no minute of {day} is stored; /api/archive lists the days");
                        reply::problem(Problem::not_found(detail))
                    }
                    files => Response::from_json(&files),
                }
            }
            path if path.starts_with("/jobs/") => self.jobs().answer(request).await,
            path => Response::error(format!("no such path: {path}"), 404),
        }
    }

    async fn push(self: &Rc<Self>, request: &mut Request) -> Result<Response> {
        let _turn = self.gate.lock().await;
        let (bytes, began) = (request.bytes().await?, milliseconds());
        let taken = self.take(bytes).await?;
        let outcome = taken.as_ref().map_err(|problem| &problem.detail);
        answers::log("push", outcome, None, began);
        match taken {
            Ok(receipt) => Response::from_json(&receipt),
            Err(problem) => reply::problem(problem),
        }
    }

    /// Hands the ledger what was pushed, and waits for what it says.
    async fn take(
        self: &Rc<Self>,
        bytes: Vec<u8>,
    ) -> Result<std::result::Result<Receipt, Problem>> {
        let parsed = feed::parse(&bytes, now());
        // What comes next needs the room.
        drop(bytes);
        let sky = match parsed {
            Ok(sky) => sky,
            Err(error) => return Ok(Err(error.into())),
        };
        let mut receipt = Receipt::new(&sky, REJECTED_LISTED);
        let (ticket, settled) = self.waiting.push();
        self.tell(Input::Push(ticket, sky))?;
        let settled = settled.await.map_err(|gone| gone.to_string())?;
        Ok(settled.map_err(Problem::from).map(|taken| {
            receipt.duplicate = taken == Taken::Duplicate;
            receipt
        }))
    }

    fn status(&self) -> Result<Response> {
        let (sql, boundaries) = (self.state.storage().sql(), boundaries::source());
        Response::from_json(&answers::status(&sql, &*self.ledger()?, boundaries, now())?)
    }

    /// Waits until a pull that is under way is settled.
    async fn pulled(&self) -> Result<()> {
        if self.ledger()?.is_pulling() {
            // Who is no longer there to tell has nothing under way.
            self.waiting.pull().await.unwrap_or_default();
        }
        Ok(())
    }

    /// Does what an admin asks for; the outcome of a pull is in the status.
    async fn obey(
        self: &Rc<Self>,
        command: Command,
    ) -> Result<std::result::Result<(), CommandError>> {
        let obeyed = self.ledger()?.command(now(), command);
        let outputs = match obeyed {
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

/// A parameter of the Worker's question.
fn parameter<T: FromStr>(url: &Url, name: &str) -> Option<T> {
    let (_, value) = url.query_pairs().find(|(key, _)| key == name)?;
    value.parse().ok()
}
