//! The ingest object: what it is asked, and the clock.
//!
//! In scope: skies pushed, the alarm, commands, what the API asks about the recorded minutes.
//! Out of scope: every decision; those are `feed`'s and `ledger`'s. What the ledger answers is done
//! in ingest_steps.rs.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::str::FromStr;

use futures::lock::Mutex;
use worker::{
    DurableObject, Env, Request, Response, Result, State, Url, console_error, durable_object,
    wasm_bindgen,
};

use super::ingest_jobs::{self as jobs, Jobs};
use super::ingest_steps::Waiting;
use super::ingest_store as store;
use super::{ingest_answers as answers, schema};
use crate::archive::{Date, Minute};
use crate::edge::clock::{milliseconds, now};
use crate::edge::{Config, Problem, Receipt, boundaries_source, marked};
use crate::feed;
use crate::feed::opensky::token::Login;
use crate::ledger::{Command, CommandError, Input, Ledger, Taken};

/// How many rejected rows a receipt lists.
const REJECTED_LISTED: usize = 100;

/// The one ingest object.
#[durable_object(alarm)]
pub struct IngestObject(Rc<Ingest>);

/// What the object consists of; tasks that outlive a request have their share in it.
pub(super) struct Ingest {
    pub(super) state: State,
    pub(super) env: Env,
    ledger: RefCell<Option<Ledger>>,
    /// What is known to OpenSky; in memory alone.
    pub(super) login: RefCell<Login>,
    /// A pushed sky is large, and memory is short: one at a time is read.
    gate: Mutex<()>,
    /// Who waits for what.
    pub(super) waiting: Waiting,
    /// The minute that was archived last, or read back, until all regions have it.
    pub(super) newest: Mutex<Option<Rc<Minute>>>,
    /// When the alarm that is set will ring, Unix seconds; `None` where that is not known.
    alarm_at: Cell<Option<i64>>,
}

impl DurableObject for IngestObject {
    fn new(state: State, env: Env) -> Self {
        schema::bring_up_to_date(&state, "IngestObject");
        Self(Rc::new(Ingest {
            state,
            env,
            ledger: RefCell::new(None),
            login: RefCell::default(),
            gate: Mutex::new(()),
            waiting: Waiting::default(),
            newest: Mutex::new(None),
            alarm_at: Cell::new(None),
        }))
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let answer = self.0.answer(&mut request).await;
        // Whatever was asked, a request is also the occasion to see that the clock is wound.
        self.0.wind()?;
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
        self.0.wind()?;
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
                    return Problem::from(error).into_response();
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
                    None => answers::no_such_minute(&sql, number("time"))?.into_response(),
                }
            }
            "/archive" => Response::from_json(&answers::days(&sql)?),
            "/archive/day" => {
                let day = Date(number("start").unwrap_or(0)).day();
                match answers::files(&sql, day)? {
                    files if files.is_empty() => {
                        let detail =
                            format!("no minute of {day} is stored; /api/archive lists the days");
                        Problem::not_found(detail).into_response()
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
            Err(problem) => problem.into_response(),
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
        let (sql, boundaries) = (self.state.storage().sql(), boundaries_source());
        Response::from_json(&answers::status(&sql, &*self.ledger()?, boundaries, now())?)
    }

    /// The ledger, read from storage on first use after a wake.
    pub(super) fn ledger(&self) -> Result<RefMut<'_, Ledger>> {
        let mut ledger = self.ledger.borrow_mut();
        if ledger.is_none() {
            let feed = Config::read(&self.env)?.feed;
            *ledger = Some(store::load(&self.state.storage().sql(), feed)?);
        }
        Ok(RefMut::map(ledger, |ledger| ledger.as_mut().expect("it was just put there")))
    }

    fn jobs(&self) -> Jobs<'_> {
        Jobs { state: &self.state, env: &self.env }
    }

    /// Sets the alarm to when the ledger next has something to do.
    pub(super) fn wind(&self) -> Result<()> {
        let send = jobs::next_send(&self.state.storage().sql())?;
        let next = [self.ledger()?.next_wake(now()), send].into_iter().flatten().min();
        // Setting an alarm is a write to storage, and most requests change nothing about it.
        let Some(at) = next.filter(|_| next != self.alarm_at.get()) else { return Ok(()) };
        self.alarm_at.set(next);
        let storage = self.state.storage();
        // The alarm's time is an offset from now, in milliseconds.
        let offset = (at - now()).max(0) * 1_000;
        self.state.wait_until(async move {
            if let Err(error) = storage.set_alarm(offset).await {
                console_error!("the alarm is not set: {error}");
            }
        });
        Ok(())
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
