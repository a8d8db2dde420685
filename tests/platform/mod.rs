//! A fake platform for ingest: storage with transactions, archive, source, regions, alarm.
//!
//! Every change outside of memory is an *effect*, and the platform may crash before and after it.
//! A crash loses memory and all tasks; storage survives. After each effect the test checks what
//! must hold at any time; `assert_at_rest` checks what must hold once no task runs.

mod check;
mod stored;

use std::collections::BTreeMap;

use overflight::aircraft::{Icao24, StateVector};
use overflight::archive::Date;
use overflight::feed::SourceSnapshot;
use overflight::ledger::{
    Archived, Command, CommandError, Delivery, DeliveryError, Failed, Feed, Health, Input,
    IntakeOrigin, Ledger, NotTaken, Output, PullError, Taken, Task, Ticket,
};
pub use stored::{Minute, Stored};

use super::snapshots::{self, Random};
use stored::counts;

/// Identifies a snapshot: the address of its only aircraft.
pub type Content = u32;

/// How a task ends, if nothing crashes meanwhile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    Done,
    /// It fails without an effect.
    Failed,
    /// It fails after its effect; storage does not fail in this way.
    FailedLate,
    /// A delivery times out, and arrives some time later.
    Stray,
}

/// A push without an answer.
#[derive(Clone, Copy, Debug)]
pub struct Push {
    pub time: i64,
    pub content: Content,
}

/// The platform crashed: memory is gone.
pub struct Died;

pub struct Platform {
    pub now: i64,
    feed: Feed,
    pub stored: Stored,
    pub archive: BTreeMap<String, Minute>,
    /// Each region's latest: epoch, time, content.
    pub regions: BTreeMap<&'static str, (u64, i64, Content)>,
    /// Deliveries that timed out but are still under way.
    pub strays: Vec<(Delivery, Content)>,
    ledger: Option<Ledger>,
    alarm_at: Option<i64>,
    pub tasks: Vec<Task>,
    /// Pushes that wait for an answer; below, those that will never get one.
    pub pending: BTreeMap<Ticket, Push>,
    pub unanswered: Vec<Push>,
    /// The real minutes whose recording was acknowledged.
    pub acknowledged: BTreeMap<i64, Content>,
    /// When the source was pulled, and whether on command.
    pub asked: Vec<(i64, bool)>,
    commanded: bool,
    /// When the current pull was started.
    asking_since: i64,
    /// The source's next answers, the last one first.
    pub answers: Vec<Result<i64, PullError>>,
    random: Random,
    template: StateVector,
    next_content: Content,
    effects: u64,
    /// The numbers of the effects at which the platform crashes.
    pub deaths: Vec<u64>,
    pub died: u64,
}

impl Platform {
    pub fn new(feed: Feed, now: i64, seed: u64) -> Self {
        let mut random = Random(seed);
        let address = Icao24::new(0).expect("an address");
        Self {
            now,
            feed,
            stored: Stored::default(),
            archive: BTreeMap::new(),
            regions: BTreeMap::new(),
            strays: Vec::new(),
            ledger: None,
            alarm_at: None,
            tasks: Vec::new(),
            pending: BTreeMap::new(),
            unanswered: Vec::new(),
            acknowledged: BTreeMap::new(),
            asked: Vec::new(),
            commanded: false,
            asking_since: now,
            answers: Vec::new(),
            template: snapshots::state(&mut random, address),
            random,
            next_content: 1,
            effects: 0,
            deaths: Vec::new(),
            died: 0,
        }
    }

    /// Returns the ledger; restores it from storage if memory is empty.
    pub fn ledger(&mut self) -> &mut Ledger {
        let Self { ledger, stored, feed, .. } = self;
        ledger.get_or_insert_with(|| Ledger::restore(feed.clone(), stored.records()))
    }

    /// Returns an unused content.
    pub fn new_content(&mut self) -> Content {
        self.next_content += 1;
        self.next_content
    }

    /// Crashes: memory and all tasks are gone; some deliveries may have been sent already.
    pub fn die(&mut self) -> Died {
        self.died += 1;
        (self.ledger, self.alarm_at) = (None, None);
        for task in std::mem::take(&mut self.tasks) {
            if let Task::Deliver(delivery) = task
                && self.random.one_in(3)
            {
                self.send(delivery);
            }
        }
        self.unanswered.extend(std::mem::take(&mut self.pending).into_values());
        Died
    }

    fn lives(&mut self) -> Result<(), Died> {
        self.effects += 1;
        if self.deaths.contains(&self.effects) { Err(self.die()) } else { Ok(()) }
    }

    /// Changes something outside of memory; the platform may crash before or after it.
    fn effect(&mut self, land: impl FnOnce(&mut Self)) -> Result<(), Died> {
        self.lives()?;
        land(self);
        self.lives()
    }

    /// As `effect`, for a change of minutes, their objects or their answers: checks the invariants.
    fn change(&mut self, land: impl FnOnce(&mut Self)) -> Result<(), Died> {
        self.effect(|platform| {
            land(platform);
            platform.assert_always();
        })
    }

    /// Runs the alarm or the cron.
    pub fn tick(&mut self) -> Result<(), Died> {
        self.tell(Input::Tick)
    }

    /// Rings the alarm if it is due.
    pub fn ring(&mut self) -> Result<(), Died> {
        if self.stored.alarm.is_some_and(|at| at <= self.now) {
            (self.stored.alarm, self.alarm_at) = (None, None);
            self.tick()?;
        }
        Ok(())
    }

    /// Returns when the alarm rings, Unix seconds.
    pub fn alarm(&self) -> Option<i64> {
        self.stored.alarm
    }

    pub fn push(&mut self, push: Push) -> Result<(), Died> {
        let ticket = self.random.next();
        self.pending.insert(ticket, push);
        let snapshot = self.snapshot(push);
        self.tell(Input::Push(ticket, snapshot))
    }

    pub fn command(&mut self, command: Command) -> Result<Result<(), CommandError>, Died> {
        let (now, was_pulling) = (self.now, self.ledger().is_pulling());
        match self.ledger().command(now, command) {
            Err(error) => Ok(Err(error)),
            Ok(outputs) => {
                self.commanded |= command == Command::Pull && !was_pulling;
                self.perform(outputs).map(Ok)
            }
        }
    }

    /// Ends a task that was started.
    pub fn end(&mut self, index: usize, fate: Fate) -> Result<(), Died> {
        let task = self.tasks.remove(index);
        let input = self.carry_out(task, fate)?;
        self.tell(input)
    }

    /// Lets a delivery that timed out arrive after all.
    pub fn arrive(&mut self, index: usize) {
        let (delivery, content) = self.strays.swap_remove(index);
        self.hand_over(delivery, content);
    }

    fn snapshot(&self, Push { time, content }: Push) -> SourceSnapshot {
        let icao24 = Icao24::new(content).expect("few enough");
        let aircraft = vec![StateVector { icao24, ..self.template.clone() }];
        SourceSnapshot { time, aircraft, ..SourceSnapshot::default() }
    }

    fn tell(&mut self, input: Input) -> Result<(), Died> {
        let (now, chance) = (self.now, self.random.next());
        let outputs = self.ledger().handle(now, chance, input);
        self.perform(outputs)
    }

    fn perform(&mut self, outputs: Vec<Output>) -> Result<(), Died> {
        let now = self.now;
        let next = self.ledger().next_wake(now);
        if next.is_some() && next != self.alarm_at {
            self.alarm_at = next;
            self.effect(|platform| platform.stored.alarm = next)?;
        }
        for output in outputs {
            match output {
                Output::RememberHealth(health) => {
                    self.effect(|platform| platform.stored.health = Some(health.to_note()))?;
                }
                Output::RememberDelivery(region, time) => self.effect(|platform| {
                    platform.stored.delivered.insert(region.name.to_owned(), time);
                })?,
                Output::RememberRetries(retries) => {
                    self.effect(|platform| platform.stored.retries = Some(retries.to_note()))?;
                }
                Output::Settle(IntakeOrigin::Pull { .. }, _) => {}
                Output::Settle(IntakeOrigin::Push(ticket), outcome) => {
                    let push = self.pending.remove(&ticket).expect("a push is answered once");
                    self.change(|platform| platform.answered(push, &outcome))?;
                }
                Output::Start(task) => {
                    self.assert_may_start(&task);
                    if matches!(task, Task::Ask(_)) {
                        self.asking_since = now;
                    }
                    self.tasks.push(task);
                }
            }
        }
        Ok(())
    }

    /// Answers a push.
    fn answered(&mut self, push: Push, outcome: &Result<Taken, NotTaken>) {
        match outcome {
            Ok(Taken::Recorded) => {
                assert_eq!(self.acknowledged.insert(push.time, push.content), None);
            }
            // Another snapshot of the same time may have been first.
            Ok(Taken::Duplicate) => {
                let stored = self.stored.minutes[&push.time].content;
                self.acknowledged.insert(push.time, stored);
            }
            Err(NotTaken::Failed) => self.unanswered.push(push),
            Err(NotTaken::Older { .. }) => {}
            Err(NotTaken::Ahead { .. }) => assert!(push.time > self.now, "{push:?}"),
            Err(other) => panic!("{push:?} was refused: {other}"),
        }
    }

    fn carry_out(&mut self, task: Task, fate: Fate) -> Result<Input, Died> {
        let fails = fate != Fate::Done;
        Ok(match task {
            Task::Ask(health) => {
                Input::Answered { credits: None, snapshot: self.ask(&health, fails)? }
            }
            Task::Intend(intake, snapshot) if fails => {
                Input::Intended(intake, snapshot, Err(Failed))
            }
            Task::Intend(intake, snapshot) => {
                self.change(|platform| platform.stored.intend(&intake))?;
                Input::Intended(intake, snapshot, Ok(()))
            }
            Task::Archive(intake, _) if fate == Fate::Failed => {
                Input::Archived(intake, Err(Failed))
            }
            Task::Archive(intake, snapshot) => {
                let content = snapshot.aircraft[0].icao24.get();
                let simulated = intake.simulated;
                self.change(|platform| {
                    platform.archive.insert(intake.key(), Minute { content, simulated });
                })?;
                let archived = Archived { counts: counts(content), ..Archived::default() };
                Input::Archived(intake, if fails { Err(Failed) } else { Ok(archived) })
            }
            Task::Record { intake, epoch, .. } if fails => {
                Input::Recorded(intake, epoch, Err(Failed))
            }
            Task::Record { intake, epoch, archived } => {
                let content = self.archive[&intake.key()].content;
                self.change(|platform| {
                    platform.stored.record(&intake, content, epoch, &archived);
                })?;
                Input::Recorded(intake, epoch, Ok(()))
            }
            Task::Deliver(delivery) => Input::Delivered(delivery, self.deliver(delivery, fate)?),
            Task::Collect => {
                self.collect(fate)?;
                Input::Collected
            }
        })
    }

    fn ask(&mut self, health: &Health, fails: bool) -> Result<Answer, Died> {
        self.effect(|platform| platform.stored.health = Some(health.to_note()))?;
        let commanded = std::mem::take(&mut self.commanded);
        let asked = (self.asking_since, commanded);
        self.effect(|platform| platform.asked.push(asked))?;
        let answer = match self.answers.pop() {
            _ if fails => Err(PullError::Unreachable("a test".to_owned())),
            None => Ok(self.now),
            Some(answer) => answer,
        };
        let content = self.new_content();
        Ok(answer.map(|time| self.snapshot(Push { time, content })))
    }

    fn deliver(&mut self, delivery: Delivery, fate: Fate) -> Result<Delivered, Died> {
        if fate == Fate::Stray {
            self.send(delivery);
        } else if fate != Fate::Failed {
            let Some(content) = self.read(delivery) else {
                return Ok(Err(DeliveryError::Lasting("not in the archive".to_owned())));
            };
            self.effect(|platform| platform.hand_over(delivery, content))?;
        }
        let reason = "a test".to_owned();
        Ok(match fate {
            Fate::Done => Ok(()),
            _ if self.random.one_in(3) => Err(DeliveryError::Lasting(reason)),
            _ => Err(DeliveryError::Passing(reason)),
        })
    }

    fn read(&self, delivery: Delivery) -> Option<Content> {
        self.archive.get(&Date(delivery.time).key()).map(|minute| minute.content)
    }

    fn send(&mut self, delivery: Delivery) {
        if let Some(content) = self.read(delivery) {
            self.strays.push((delivery, content));
        }
    }

    /// Takes a region snapshot as the hub does: not twice, and none of an earlier history.
    fn hand_over(&mut self, delivery: Delivery, content: Content) {
        let Delivery { region, epoch, time } = delivery;
        let held = self.regions.entry(region.name).or_default();
        if (epoch, time) > (held.0, held.1) {
            *held = (epoch, time, content);
        }
    }

    fn collect(&mut self, fate: Fate) -> Result<(), Died> {
        let keys: Vec<_> = self.stored.garbage.iter().cloned().collect();
        if fate == Fate::Failed || keys.is_empty() {
            return Ok(());
        }
        for key in &keys {
            self.change(|platform| {
                platform.archive.remove(key);
            })?;
        }
        if fate == Fate::Done {
            for key in &keys {
                self.change(|platform| {
                    platform.stored.garbage.remove(key);
                })?;
            }
        }
        Ok(())
    }
}

type Answer = Result<SourceSnapshot, PullError>;
type Delivered = Result<(), DeliveryError>;
