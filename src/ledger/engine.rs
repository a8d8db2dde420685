//! The order of steps, from an incoming snapshot to its delivery to all regions.
//!
//! A new snapshot is *intended* (its key noted as garbage), *archived*, *recorded*, *settled*
//! (acknowledged) and *delivered*; each step begins when the one before it is stored. So a crash at
//! any point leaves either garbage that is noted as such, or a complete minute that some regions
//! lack. Snapshots are taken in one at a time, with garbage collection in between, so that no
//! object is deleted while it is written. Pulls and deliveries run meanwhile.

use std::mem;

use super::plausibility::too_far_ahead;
use super::{
    Archived, Command, CommandError, Failed, Input, Intake, IntakeOrigin, Latest, Ledger, NotTaken,
    Output, PullError, Taken, Task, Verdict,
};
use crate::feed::SourceSnapshot;

/// How many bits of an epoch are random; the others are the time in milliseconds.
const EPOCH_CHANCE_BITS: u32 = 20;

/// The work under way and the queue behind it.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Whether a snapshot is being taken in, or garbage collected.
    busy: bool,
    waiting: std::collections::VecDeque<(Intake, SourceSnapshot)>,
    /// Whether to collect garbage once nothing waits.
    collect: bool,
    /// Whether a pull has begun and is not settled yet.
    pulling: bool,
}

impl Ledger {
    /// Handles an event at `now`, Unix seconds, and returns what to do. `chance` is any random
    /// number; it varies the pause after a failed delivery and the epoch of a new history.
    pub fn handle(&mut self, now: i64, chance: u64, input: Input) -> Vec<Output> {
        let mut outputs = match input {
            Input::Tick => {
                self.lane.collect = true;
                Vec::new()
            }
            Input::Push(ticket, snapshot) => {
                self.queue(IntakeOrigin::Push(ticket), false, snapshot)
            }
            Input::Answered { credits, snapshot } => self.received(now, credits, snapshot),
            Input::Intended(intake, snapshot, Ok(())) => self.intended(intake, snapshot),
            Input::Archived(intake, Ok(archived)) => {
                vec![self.archived(now, chance, intake, archived)]
            }
            Input::Recorded(intake, epoch, Ok(())) => self.recorded(now, intake, epoch),
            Input::Intended(intake, _, Err(Failed))
            | Input::Archived(intake, Err(Failed))
            | Input::Recorded(intake, _, Err(Failed)) => {
                self.lane.busy = false;
                self.settle(now, intake.origin, Err(NotTaken::Failed))
            }
            Input::Delivered(delivery, result) => {
                let current = delivery.epoch == self.epoch && self.latest.is_some();
                let retries = self.deliveries.ended((now, chance), delivery, current, &result);
                let delivered = (current && result.is_ok())
                    .then_some(Output::RememberDelivery(delivery.region, delivery.time));
                let retries = retries.then(|| Output::RememberRetries(self.deliveries.retries()));
                delivered.into_iter().chain(retries).collect()
            }
            Input::Collected => {
                self.lane.busy = false;
                Vec::new()
            }
        };
        self.advance(now, &mut outputs);
        outputs
    }

    /// Executes a command and returns what to do.
    pub fn command(&mut self, now: i64, command: Command) -> Result<Vec<Output>, CommandError> {
        self.execute(command, now)?;
        let mut outputs = vec![Output::RememberHealth(self.health.clone())];
        self.advance(now, &mut outputs);
        Ok(outputs)
    }

    /// Whether no snapshot is being taken in and every region has the newest.
    pub fn is_at_rest(&self) -> bool {
        !self.lane.busy && self.latest.is_none_or(|latest| self.deliveries.are_done(latest.time))
    }

    /// Whether a pull has begun and is not settled yet.
    pub fn is_pulling(&self) -> bool {
        self.lane.pulling
    }

    /// Handles the answer to a pull. Its count of credits is used even if the snapshot is refused.
    fn received(
        &mut self,
        now: i64,
        credits: Option<i64>,
        snapshot: Result<SourceSnapshot, PullError>,
    ) -> Vec<Output> {
        self.health.budget.report(now, credits);
        let origin = IntakeOrigin::Pull { credits };
        match snapshot
            .and_then(|snapshot| self.check_plausibility(&snapshot, now).map(|()| snapshot))
        {
            Ok(snapshot) => self.queue(origin, self.feed.is_simulated(), snapshot),
            Err(error) => self.settle(now, origin, Err(NotTaken::NoSnapshot(error))),
        }
    }

    fn queue(
        &mut self,
        origin: IntakeOrigin,
        simulated: bool,
        snapshot: SourceSnapshot,
    ) -> Vec<Output> {
        self.lane.waiting.push_back((Intake::of(&snapshot, origin, simulated), snapshot));
        Vec::new()
    }

    /// Begins all work that is due and not blocked.
    fn advance(&mut self, now: i64, outputs: &mut Vec<Output>) {
        while !self.lane.busy
            && let Some((intake, snapshot)) = self.lane.waiting.pop_front()
        {
            outputs.extend(self.take(now, intake, snapshot));
        }
        if !self.lane.busy && mem::take(&mut self.lane.collect) {
            self.lane.busy = true;
            outputs.push(Output::Start(Task::Collect));
        }
        if !self.lane.pulling && self.pull_due(now) {
            self.lane.pulling = true;
            self.asking(now);
            outputs.push(Output::Start(Task::Ask(self.health.clone())));
        }
        if let Some(Latest { time, .. }) = self.latest {
            let started = self.deliveries.start(now, self.epoch, time);
            outputs.extend(started.into_iter().map(Task::Deliver).map(Output::Start));
        }
    }

    /// Begins to take in a snapshot if it is new.
    fn take(&mut self, now: i64, mut intake: Intake, snapshot: SourceSnapshot) -> Vec<Output> {
        let time = intake.time;
        if let Some(ahead) = too_far_ahead(time, now) {
            return self.settle(now, intake.origin, Err(NotTaken::Ahead { time, ahead }));
        }
        let refused = match self.judge(time, intake.simulated) {
            verdict @ (Verdict::Fresh | Verdict::Restart) => {
                self.lane.busy = true;
                intake.restart = verdict == Verdict::Restart;
                return vec![Output::Start(Task::Intend(intake, snapshot))];
            }
            Verdict::Duplicate => Ok(Taken::Duplicate),
            Verdict::Older(stored) => Err(NotTaken::Older { time, stored }),
            Verdict::Unwanted => Err(NotTaken::Unwanted),
        };
        self.settle(now, intake.origin, refused)
    }

    fn intended(&mut self, intake: Intake, snapshot: SourceSnapshot) -> Vec<Output> {
        if intake.restart {
            (self.latest, self.minutes) = (None, 0);
        }
        vec![Output::Start(Task::Archive(intake, snapshot))]
    }

    /// Moves on to recording. The first minute of a history gets an epoch above all earlier ones.
    fn archived(&self, now: i64, chance: u64, intake: Intake, archived: Archived) -> Output {
        let milliseconds = now.unsigned_abs() * 1_000;
        let drawn = chance & ((1 << EPOCH_CHANCE_BITS) - 1);
        let epoch = match self.latest {
            Some(_) => self.epoch,
            None => ((milliseconds << EPOCH_CHANCE_BITS) | drawn).max(self.epoch + 1),
        };
        Output::Start(Task::Record { intake, epoch, archived })
    }

    fn recorded(&mut self, now: i64, intake: Intake, epoch: u64) -> Vec<Output> {
        self.lane.busy = false;
        self.lane.collect |= intake.restart;
        if epoch != self.epoch {
            self.deliveries.restart();
        }
        self.epoch = epoch;
        self.minutes += 1;
        self.latest = Some(Latest { time: intake.time, simulated: intake.simulated });
        self.health.dropped = intake.dropped;
        self.settle(now, intake.origin, Ok(Taken::Recorded))
    }

    /// Reports the outcome of an intake, and stores what it means for the source's health.
    fn settle(
        &mut self,
        now: i64,
        origin: IntakeOrigin,
        outcome: Result<Taken, NotTaken>,
    ) -> Vec<Output> {
        match (origin, &outcome) {
            (IntakeOrigin::Pull { credits }, outcome) => {
                self.lane.pulling = false;
                let answer = match outcome {
                    Ok(_) => Ok(credits),
                    Err(NotTaken::NoSnapshot(error)) => Err(error.clone()),
                    Err(other) => Err(PullError::Unreachable(other.to_string())),
                };
                self.answered(now, answer);
            }
            (IntakeOrigin::Push(_), Ok(_)) => self.pushed(now),
            (IntakeOrigin::Push(_), Err(_)) => return vec![Output::Settle(origin, outcome)],
        }
        vec![Output::RememberHealth(self.health.clone()), Output::Settle(origin, outcome)]
    }
}
