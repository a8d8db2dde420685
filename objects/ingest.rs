//! The ingest object: the ledger, its storage, the archive and the deliveries.
//!
//! In scope: skies pushed or pulled, the alarm, what the API asks about the recorded minutes.
//! Out of scope: every decision; those are `feed`'s and `ledger`'s.
//!
//! One sky at a time: R2 and the regions are awaited with the gate held, so that an alarm, a cron
//! and two pushes take their turns.

use std::cell::{Cell, RefCell, RefMut};
use std::str::FromStr;

use futures::lock::Mutex;
use futures::stream::{self, StreamExt};
use worker::{
    Date as Clock, DurableObject, Env, Request, Response, Result, State, Url, console_error,
    durable_object, wasm_bindgen,
};

use super::ingest_store::{self as store, MinuteRow};
use super::{ingest_answers as answers, schema};
use crate::airspace::Snapshot;
use crate::archive::{Date, Minute};
use crate::edge::pull::{self, Pulled};
use crate::edge::{
    Config, Problem, Receipt, archive_bucket, boundaries, boundaries_source, read_minute,
    region_stub,
};
use crate::feed::opensky::token::Login;
use crate::feed::{self, FeedError, Sky};
use crate::hub::resolution;
use crate::ledger::{
    Command, CommandError, Latest, Ledger, PullError, Verdict, count_by_country, share,
};
use crate::wire::Share;

/// How many of the Worker's subrequests an object may have open at once.
const DELIVERIES_AT_ONCE: usize = 6;

/// How many rejected rows a receipt lists.
const REJECTED_LISTED: usize = 100;

/// The one ingest object.
#[durable_object(alarm)]
pub struct IngestObject {
    state: State,
    env: Env,
    ledger: RefCell<Option<Ledger>>,
    /// What is known to OpenSky; in memory alone.
    login: RefCell<Login>,
    gate: Mutex<()>,
    /// When the alarm that is set will ring, Unix seconds; `None` where that is not known.
    alarm_at: Cell<Option<i64>>,
}

impl DurableObject for IngestObject {
    fn new(state: State, env: Env) -> Self {
        schema::bring_up_to_date(&state, "IngestObject");
        Self {
            state,
            env,
            ledger: RefCell::new(None),
            login: RefCell::default(),
            gate: Mutex::new(()),
            alarm_at: Cell::new(None),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let answer = self.answer(&mut request).await;
        // Whatever was asked, a request is also the occasion to see that the clock is wound.
        self.wind().await?;
        answer
    }

    async fn alarm(&self) -> Result<Response> {
        self.alarm_at.set(None);
        // An error would make the platform repeat the alarm on its own terms; ours are set below.
        if let Err(error) = self.tick().await {
            console_error!("alarm: {error}");
        }
        self.wind().await?;
        Response::empty()
    }
}

impl IngestObject {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let url = request.url()?;
        let number = |name: &str| parameter::<i64>(&url, name);
        let sql = self.state.storage().sql();
        match url.path() {
            "/push" => self.push(request).await,
            "/tick" => {
                self.tick().await?;
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
            path => Response::error(format!("no such path: {path}"), 404),
        }
    }

    async fn push(&self, request: &mut Request) -> Result<Response> {
        let _turn = self.gate.lock().await;
        let (bytes, began) = (request.bytes().await?, milliseconds());
        let taken = self.take(feed::parse(&bytes, now()), false).await;
        let outcome = taken.as_ref().map_err(|problem| &problem.detail);
        answers::log("push", outcome, None, began);
        match taken {
            Ok(receipt) => {
                self.ledger()?.pushed(now());
                self.remember_health()?;
                Response::from_json(&receipt)
            }
            Err(problem) => problem.into_response(),
        }
    }

    fn status(&self) -> Result<Response> {
        let (sql, boundaries) = (self.state.storage().sql(), boundaries_source());
        Response::from_json(&answers::status(&sql, &*self.ledger()?, boundaries, now())?)
    }

    /// The ledger, read from storage on first use after a wake.
    fn ledger(&self) -> Result<RefMut<'_, Ledger>> {
        let mut ledger = self.ledger.borrow_mut();
        if ledger.is_none() {
            let feed = Config::read(&self.env)?.feed;
            *ledger = Some(store::load(&self.state.storage().sql(), feed)?);
        }
        Ok(RefMut::map(ledger, |ledger| ledger.as_mut().expect("it was just put there")))
    }

    /// Sets the alarm to when the ledger next has something to do.
    async fn wind(&self) -> Result<()> {
        let next = self.ledger()?.next_wake();
        // Setting an alarm is a write to storage, and most requests change nothing about it.
        if next.is_none() || next == self.alarm_at.get() {
            return Ok(());
        }
        self.alarm_at.set(next);
        // The alarm's time is an offset from now, in milliseconds.
        let offset = next.map_or(0, |at| (at - now()).max(0) * 1_000);
        self.state.storage().set_alarm(offset).await
    }

    /// Does what is due: what was left undone, then a pull. Called by alarm and cron alike.
    async fn tick(&self) -> Result<()> {
        let _turn = self.gate.lock().await;
        self.settle(None).await;
        if !self.ledger()?.pull_due(now()) {
            return Ok(());
        }
        // Remembered before it is done: see `Health::asking`.
        self.ledger()?.asking(now());
        self.remember_health()?;
        let began = milliseconds();
        let (taken, answer) = match self.pull().await {
            Ok((receipt, credits)) => (Ok(receipt), Ok(credits)),
            Err(error) => (Err(error.to_string()), Err(error)),
        };
        let mut ledger = self.ledger()?;
        ledger.answered(now(), answer);
        let credits = ledger.health().budget.credits(now());
        answers::log(ledger.feed().name(), taken.as_ref(), credits, began);
        drop(ledger);
        self.remember_health()
    }

    /// Does what an admin asks for; the outcome of a pull is in the status.
    async fn obey(&self, command: Command) -> Result<std::result::Result<(), CommandError>> {
        if let Err(error) = self.ledger()?.obey(command, now()) {
            return Ok(Err(error));
        }
        self.remember_health()?;
        if command == Command::Pull {
            self.tick().await?;
        }
        Ok(Ok(()))
    }

    /// Asks the source and takes in what it answers, with the credits that are left, where it told
    /// them.
    async fn pull(&self) -> std::result::Result<(Receipt, Option<i64>), PullError> {
        let unreachable = |error: worker::Error| PullError::Unreachable(error.to_string());
        let feed = self.ledger().map_err(unreachable)?.feed().clone();
        let config = Config::read(&self.env).map_err(|problem| unreachable(problem.into()))?;
        let mut login = self.login.take();
        let pulled = pull::pull(&feed, &config, &mut login, now()).await;
        self.login.replace(login);
        let Pulled { bytes, credits } = pulled?;
        let sky = match feed.format() {
            Some(format) => format.parse(&bytes, now()),
            None => feed::parse(&bytes, now()),
        };
        match self.take(sky, feed.is_simulated()).await {
            Ok(receipt) => Ok((receipt, credits)),
            Err(problem) => Err(PullError::Unreachable(problem.detail)),
        }
    }

    fn remember_health(&self) -> Result<()> {
        store::put_health(&self.state.storage().sql(), self.ledger()?.health())
    }

    /// Takes in a sky: archive, record, acknowledge, deliver, in that order.
    async fn take(
        &self,
        sky: std::result::Result<Sky, FeedError>,
        simulated: bool,
    ) -> std::result::Result<Receipt, Problem> {
        let sky = sky?;
        let time = sky.time;
        let verdict = self.ledger()?.judge(time, simulated);
        let receipt = |duplicate| Receipt::new(&sky, duplicate, REJECTED_LISTED);
        match verdict {
            Verdict::Fresh | Verdict::Restart => {}
            Verdict::Duplicate => return Ok(receipt(true)),
            Verdict::Older(stored) => {
                let (date, stored) = (Date(time), Date(stored));
                let detail = format!("the sky is of {date}, but {stored} is already stored");
                return Err(Problem::conflict(detail));
            }
            Verdict::Unwanted => {
                return Err(Problem::conflict("real minutes are stored".to_owned()));
            }
        }
        let receipt = receipt(false);
        let boundaries = boundaries(&self.env).await?;
        let mut aircraft = sky.aircraft;
        for state in &mut aircraft {
            state.current_country = state.position.and_then(|point| boundaries.country_at(point));
        }
        let minute = Minute { simulated, snapshot: Snapshot::new(time, aircraft) };
        self.archive(&minute, verdict == Verdict::Restart).await?;
        self.settle(Some(minute)).await;
        Ok(receipt)
    }

    /// Does what follows from a recorded minute. What fails now is repeated by the alarm, and keeps
    /// no sky out.
    async fn settle(&self, minute: Option<Minute>) {
        if let Err(error) = self.deliver(minute).await {
            console_error!("delivery: {error}");
        }
        if let Err(error) = self.collect_garbage().await {
            console_error!("garbage: {error}");
        }
    }

    /// Writes the minute's object, then records it: a minute is known only when it is complete.
    async fn archive(&self, minute: &Minute, restart: bool) -> Result<()> {
        let bytes = minute.encode();
        let (time, simulated) = (minute.snapshot.time, minute.simulated);
        let counts = count_by_country(&minute.snapshot);
        let size = bytes.len() as u64;
        let object = archive_bucket(&self.env)?.put(Date(time).key(), bytes).execute().await?;
        let row = MinuteRow {
            time,
            simulated: simulated.into(),
            aircraft: minute.snapshot.aircraft().len() as u32,
            bytes: size,
            etag: object.ok_or("R2 kept no object")?.etag(),
            counts: store::counts_as_json(&counts),
        };
        let epoch = match self.ledger()?.epoch() {
            epoch if epoch != 0 && !restart => epoch,
            _ => new_epoch(),
        };
        store::record(&self.state.storage(), row, counts, epoch, restart).await?;
        self.ledger()?.recorded(epoch, Latest { time, simulated });
        Ok(())
    }

    /// Hands each region that lacks it its share of the newest minute, read back where need be.
    async fn deliver(&self, minute: Option<Minute>) -> Result<()> {
        let (regions, latest, epoch) = {
            let ledger = self.ledger()?;
            (ledger.undelivered().collect::<Vec<_>>(), ledger.latest(), ledger.epoch())
        };
        let Some(Latest { time, .. }) = latest.filter(|_| !regions.is_empty()) else {
            return Ok(());
        };
        self.ledger()?.delivering(now());
        let minute = match minute {
            Some(minute) => minute,
            None => read_minute(&self.env, time).await?,
        };
        let snapshot = &minute.snapshot;
        let mut deliveries = stream::iter(regions)
            .map(|region| async move {
                let bytes = Share::encode(epoch, resolution(region), &share(region, snapshot));
                (region, region_stub::share(&self.env, region, bytes).await)
            })
            .buffer_unordered(DELIVERIES_AT_ONCE);
        while let Some((region, result)) = deliveries.next().await {
            match result {
                Ok(()) => {
                    store::delivered(&self.state.storage().sql(), region.name, time)?;
                    self.ledger()?.delivered(region, time);
                }
                Err(error) => console_error!("{} did not take its share: {error}", region.name),
            }
        }
        Ok(())
    }

    /// Deletes the objects of minutes that were taken back.
    async fn collect_garbage(&self) -> Result<()> {
        let sql = self.state.storage().sql();
        let keys = store::garbage(&sql)?;
        if keys.is_empty() {
            return Ok(());
        }
        archive_bucket(&self.env)?.delete_multiple(keys.clone()).await?;
        store::forget_garbage(&sql, &keys)
    }
}

/// A parameter of the Worker's question.
fn parameter<T: FromStr>(url: &Url, name: &str) -> Option<T> {
    let (_, value) = url.query_pairs().find(|(key, _)| key == name)?;
    value.parse().ok()
}

/// Now, Unix seconds.
fn now() -> i64 {
    (milliseconds() / 1_000).cast_signed()
}

fn milliseconds() -> u64 {
    Clock::now().as_millis()
}

/// A number that no earlier history had: the milliseconds, and chance for two within one.
fn new_epoch() -> u64 {
    let chance = (worker::js_sys::Math::random() * f64::from(1 << 20)) as u64;
    (milliseconds() << 20) | chance
}
