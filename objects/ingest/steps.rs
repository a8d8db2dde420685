//! Performs the ledger's outputs: storage, archive, source, regions.
//!
//! Work that takes time is a task, which outlives the request that began it. Its end is an input to
//! the ledger, which returns the next step.

use std::rc::Rc;
use std::result;
use std::time::Duration;

use worker::js_sys::Uint8Array;
use worker::{Result, console_error};

use super::newest::{self, Newest};
use super::pull::{self, Pulled};
use super::state::Ingest;
use super::waiting::Settled;
use super::{answers, record, store};
use crate::archive::{Date, Minute};
use crate::ask::{MinuteRow, Receipt};
use crate::earth::Region;
use crate::feed::SourceSnapshot;
use crate::ledger::{
    ANSWER_SECONDS_MAX, Archived, Delivery, DeliveryError, Failed, Feed, Health, Input, Intake,
    IntakeOrigin, Output, Part, Present, PullError, Task,
};
use crate::platform::boundaries::boundaries;
use crate::platform::clock::{milliseconds, now};
use crate::platform::ingest_stub::forget_latest;
use crate::platform::{Config, archive, body, region_stub, timeout};

/// How long archiving may take, including loading the boundaries. A minute that takes longer is
/// given up, so that it does not block the next.
const ARCHIVE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a delivery may take.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(ANSWER_SECONDS_MAX.unsigned_abs());

impl Ingest {
    /// Passes an event to the ledger, and performs its outputs.
    pub(super) fn handle(self: &Rc<Self>, input: Input) -> Result<()> {
        let chance = worker::js_sys::Math::random() * f64::from(u32::MAX);
        let outputs = self.ledger()?.handle(now(), chance as u64, input);
        if self.ledger()?.is_at_rest()
            && let Some(mut newest) = self.newest.try_lock()
        {
            *newest = None;
        }
        self.perform(outputs)
    }

    /// Performs the ledger's outputs.
    pub(super) fn perform(self: &Rc<Self>, outputs: Vec<Output>) -> Result<()> {
        // The alarm comes first: it recovers from any failure of the rest.
        self.arm_alarm()?;
        let sql = self.state.storage().sql();
        for output in outputs {
            let stored = match output {
                Output::RememberHealth(health) => store::put_health(&sql, &health),
                Output::RememberDelivery(region, time) => store::delivered(&sql, region.name, time),
                Output::RememberRetries(retries) => store::put_retries(&sql, &retries),
                Output::Settle(origin, outcome) => self.settle(origin, outcome),
                Output::Start(task) => {
                    self.start(task);
                    Ok(())
                }
            };
            // What is not stored is repeated after a restart, which is harmless.
            if let Err(error) = stored {
                console_error!("not stored: {error}");
            }
        }
        Ok(())
    }

    /// Starts a task and passes its end to the ledger.
    fn start(self: &Rc<Self>, task: Task) {
        let ingest = Rc::clone(self);
        self.state.wait_until(async move {
            let input = ingest.carry_out(task).await;
            if let Err(error) = ingest.handle(input) {
                console_error!("the ledger cannot handle the end of a task: {error}");
            }
        });
    }

    async fn carry_out(&self, task: Task) -> Input {
        match task {
            Task::Ask(health) => self.ask(&health).await,
            Task::Intend(intake, snapshot) => {
                let storage = self.state.storage();
                let done = record::intend(&storage, intake.key(), intake.restart).await;
                Input::Intended(intake, snapshot, logged("the intent", done))
            }
            Task::Archive(intake, snapshot) => {
                let done = timeout(ARCHIVE_TIMEOUT, self.archive(&intake, snapshot)).await;
                Input::Archived(intake, logged("the archive", done))
            }
            Task::Record { intake, epoch, archived } => {
                let done = self.record(&intake, epoch, archived).await;
                Input::Recorded(intake, epoch, logged("the record", done))
            }
            Task::Deliver(delivery) => {
                let attempt = async { Ok(self.deliver(delivery).await) };
                let done = timeout(DELIVERY_TIMEOUT, attempt).await;
                let done =
                    done.unwrap_or_else(|late| Err(DeliveryError::Lasting(late.to_string())));
                if let Err(error) = &done {
                    console_error!(
                        "{} did not take its region snapshot: {error}",
                        delivery.region.name
                    );
                }
                Input::Delivered(delivery, done)
            }
            Task::Collect => {
                if let Err(error) = self.collect_garbage().await {
                    console_error!("garbage: {error}");
                }
                Input::Collected
            }
        }
    }

    /// Reports the outcome of a snapshot to the request that waits for it; logs that of a pull.
    fn settle(&self, origin: IntakeOrigin, outcome: Settled) -> Result<()> {
        match origin {
            IntakeOrigin::Push(ticket) => {
                self.waiting.settle_push(ticket, outcome);
            }
            IntakeOrigin::Pull { .. } => {
                let (began, receipt) = self.waiting.answered();
                let ledger = self.ledger()?;
                let credits = ledger.health().budget.credits(now());
                let taken = outcome.map_err(|reason| reason.to_string());
                let taken = taken.and_then(|_| receipt.as_ref().ok_or("no snapshot".to_owned()));
                answers::log(ledger.feed().name(), taken, credits, began);
                self.waiting.settle_pull();
            }
        }
        Ok(())
    }

    /// Stores that a pull begins, then pulls: see `Health::asking`.
    async fn ask(&self, health: &Health) -> Input {
        self.waiting.ask(milliseconds());
        let (credits, snapshot) = match self.pull(health).await {
            Ok((feed, pulled)) => (pulled.credits, pulled.snapshot(&feed, now())),
            Err(error) => (None, Err(error)),
        };
        if let Ok(snapshot) = &snapshot {
            self.waiting.answer(Receipt::new(snapshot, 0));
        }
        Input::Answered { credits, snapshot }
    }

    async fn pull(&self, health: &Health) -> result::Result<(Feed, Pulled), PullError> {
        let unreachable = |error: worker::Error| PullError::Unreachable(error.to_string());
        store::put_health(&self.state.storage().sql(), health).map_err(unreachable)?;
        let feed = self.ledger().map_err(unreachable)?.feed().clone();
        let config = Config::read(&self.env).map_err(|problem| unreachable(problem.into()))?;
        let mut login = self.login.take();
        let pulled = pull::pull(&feed, &config, &mut login, now()).await;
        self.login.replace(login);
        Ok((feed, pulled?))
    }

    /// Makes a snapshot's minute and writes its object.
    async fn archive(&self, intake: &Intake, snapshot: SourceSnapshot) -> Result<Archived> {
        let boundaries = boundaries(&self.env).await?;
        let minute = Minute::of(snapshot, intake.simulated, &boundaries);
        let counts = minute.count_by_country();
        let present = Present::of(&minute.snapshot);
        let aircraft = minute.snapshot.aircraft().len() as u32;
        let newest = Newest::of(&minute);
        drop(minute);
        let bytes = newest.object_bytes();
        let stored = archive::bucket(&self.env)?
            .put(intake.key(), body::stream(&newest.object())?)
            .custom_metadata(archive::metadata(intake.simulated))
            .execute()
            .await?;
        let etag = stored.ok_or("R2 kept no object")?.etag();
        *self.newest.lock().await = Some(newest);
        Ok(Archived { aircraft, bytes, etag, counts, present })
    }

    async fn record(&self, intake: &Intake, epoch: u64, archived: Archived) -> Result<()> {
        let row = MinuteRow {
            time: intake.time,
            simulated: intake.simulated.into(),
            aircraft: archived.aircraft,
            bytes: archived.bytes,
            etag: archived.etag.clone(),
            counts: store::counts_as_json(&archived.counts),
        };
        let (storage, config) = (self.state.storage(), Config::read(&self.env)?);
        let Archived { counts, present, .. } = archived;
        let recorded = record::record(&storage, row, (counts, present), epoch, config).await;
        forget_latest();
        recorded
    }

    async fn deliver(&self, delivery: Delivery) -> result::Result<(), DeliveryError> {
        let Delivery { region, epoch, time } = delivery;
        let lasting = |error: worker::Error| DeliveryError::Lasting(error.to_string());
        let part = self.part(region, time).await.map_err(lasting)?;
        let bytes = newest::region_snapshot(&part, epoch);
        // Only the request has the bytes now, and only until they are read.
        drop(part);
        region_stub::deliver(&self.env, region, bytes).await?;
        if let Some(newest) = self.newest.lock().await.as_mut() {
            newest.delivered(region, time);
        }
        Ok(())
    }

    /// A region's part of the minute of this time, read back from R2 if it is not in memory.
    async fn part(&self, region: &Region, time: i64) -> Result<Part<Uint8Array>> {
        let mut newest = self.newest.lock().await;
        if let Some(part) = newest.as_mut().and_then(|newest| newest.part(region, time)) {
            return Ok(part);
        }
        let object = archive::read_object(&self.env, &Date(time).key()).await?;
        let minute = Minute::decode(&object).map_err(|error| error.to_string())?;
        let read = newest.insert(Newest::read(&minute, &object));
        read.part(region, time)
            .ok_or_else(|| format!("{} has another time", Date(time).key()).into())
    }

    /// Deletes the objects that are noted as garbage; no step is writing them meanwhile. There is
    /// no timeout: an abandoned deletion might delete an object that is written again.
    async fn collect_garbage(&self) -> Result<()> {
        let sql = self.state.storage().sql();
        let keys = store::garbage(&sql)?;
        if keys.is_empty() {
            return Ok(());
        }
        archive::bucket(&self.env)?.delete_multiple(keys.clone()).await?;
        store::forget_garbage(&sql, &keys)
    }
}

/// Logs an error and drops its reason.
fn logged<T>(step: &str, outcome: Result<T>) -> result::Result<T, Failed> {
    outcome.map_err(|error| {
        console_error!("{step}: {error}");
        Failed
    })
}
