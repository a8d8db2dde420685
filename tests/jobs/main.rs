//! The outbox engine under a bad queue, a failing archive and crashes, on a virtual clock.
//!
//! In scope: messages that are lost, doubled, late and unreadable, a queue that takes none, a crash
//! before and after any write. The test plays the adapter: it carries messages, lists objects and
//! passes outcomes to the engine. Out of scope: a real queue (`tests/edge/jobs.test.mjs`).

mod checks;
mod moments;
#[path = "../snapshots/mod.rs"]
mod snapshots;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use overflight::archive::{Date, HourFile, HourFiles};
use overflight::jobs::{ExportWork, Job, Next, ObjectListing, Objects, Outbox, RetryPolicy, Rows};
use snapshots::{Random, each_seed};
use table::{Crash, Table};

const POLICY: RetryPolicy = RetryPolicy { retry_seconds: 300 };
/// wrangler.toml has 20; with fewer, dead letters occur.
const DELIVERIES_MAX: u32 = 4;
/// An hour has this many recorded minutes and twice as many orphans, listed in pages.
const MINUTES: i64 = 4;
const PAGE: usize = 3;
const RETENTION_DAYS: i64 = 1;
const STEPS_AT_ONCE: usize = 2;

/// What happens in the test more than a hundred times.
const HAPPENS: [&str; 18] = [
    "crashes after sending",
    "crashes in a step",
    "crashes over dead letters",
    "crashes while redriving",
    "dead letters",
    "doubled messages",
    "exports of a history that ended",
    "exports that die at once",
    "exports that die at their end",
    "exports that die before they store the pack",
    "failed exports",
    "failed listings",
    "hours that expired",
    "lost messages",
    "missing objects",
    "packs that must not be stored",
    "refused messages",
    "unreadable messages",
];

/// A message in the queue.
struct Message {
    text: String,
    at: i64,
    deliveries: u32,
}

/// The platform around the engine.
struct World<'a> {
    now: i64,
    newest: Option<i64>,
    is_calm: bool,
    table: &'a Table,
    queue: Vec<Message>,
    dead_letters: Vec<Message>,
    /// What the archive holds, by hour.
    archive: BTreeMap<i64, Objects>,
    /// The keys of the stored Parquet files and packs.
    files: BTreeSet<String>,
    /// Hours of which an object is missing.
    broken: BTreeSet<i64>,
    unreadable: BTreeSet<String>,
    happened: BTreeMap<&'static str, u32>,
}

impl<'a> World<'a> {
    fn new(table: &'a Table) -> Self {
        Self {
            now: 1_795_176_000,
            newest: None,
            is_calm: false,
            table,
            queue: Vec::new(),
            dead_letters: Vec::new(),
            archive: BTreeMap::new(),
            files: BTreeSet::new(),
            broken: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            happened: BTreeMap::new(),
        }
    }

    fn outbox(&self) -> Outbox<&'a Table> {
        Outbox::new(self.table, POLICY)
    }

    fn bad_luck(&mut self, random: &mut Random, what: &'static str) -> bool {
        let happens = !self.is_calm && random.one_in(5);
        if happens {
            *self.happened.entry(what).or_default() += 1;
        }
        happens
    }

    /// Makes one of the next writes crash, perhaps.
    fn tempt(&mut self, random: &mut Random, what: &'static str) {
        let crash = self.bad_luck(random, what).then(|| (random.below(8), random.one_in(2)));
        self.table.crash.set(crash);
    }

    /// Records a minute, and with it the job that it calls for.
    fn minute(&mut self, random: &mut Random) {
        let time = self.now + i64::from(random.below(60) as u32);
        if self.newest.is_some_and(|newest| newest >= time) {
            return;
        }
        if let Some(job) = Job::after(self.newest, time) {
            self.fill(random, job.hour());
            assert!(!self.table.rows.borrow().contains_key(&job.message()), "{job} came before");
            // One transaction with the minute: a crash would undo all of it.
            self.table.crash.set(None);
            let followed = self.outbox().follow(self.now, self.newest, time, RETENTION_DAYS);
            followed.expect("there is no crash");
        }
        self.newest = Some(time);
    }

    /// Fills an hour with objects: recorded ones, one of them missing perhaps, and orphans.
    fn fill(&mut self, random: &mut Random, hour: i64) {
        let object = |time: i64| (Date(time).key(), (7, format!("etag {time}")));
        let recorded: Objects = (0..MINUTES).map(|at| object(hour + 600 * at)).collect();
        let mut stored = recorded.clone();
        stored.extend((0..2 * MINUTES).map(|at| object(hour + 300 * at + 7)));
        if self.bad_luck(random, "missing objects") {
            let missing = Date(hour + 600 * random.below(MINUTES as u64) as i64).key();
            stored.remove(&missing);
            self.broken.insert(hour);
        }
        self.table.recorded.borrow_mut().insert(hour, recorded);
        self.archive.insert(hour, stored);
    }

    fn send_due(&mut self, random: &mut Random) -> Result<(), Crash> {
        let due = self.outbox().due(self.now)?;
        let is_accepted = !self.bad_luck(random, "refused messages");
        for entry in due.iter().filter(|_| is_accepted) {
            let copies = match self.bad_luck(random, "lost messages") {
                true => 0,
                false => 1 + i32::from(self.bad_luck(random, "doubled messages")),
            };
            for _ in 0..copies {
                let late = if self.is_calm { 5 } else { 5 + random.below(2_000) as i64 };
                let (text, at) = (entry.message.clone(), self.now + late);
                self.queue.push(Message { text, at, deliveries: 0 });
            }
        }
        self.tempt(random, "crashes after sending");
        self.outbox().sent(self.now, due, is_accepted)
    }

    /// Delivers the due messages, redelivers those that fail, and at last makes them dead letters.
    fn deliver(&mut self, random: &mut Random) {
        let due = |message: &mut Message| message.at <= self.now;
        for mut message in self.queue.extract_if(.., due).collect::<Vec<_>>() {
            match self.consume(random, &message.text) {
                Ok(None) => continue,
                Ok(Some(wait)) => message.at = self.now + i64::from(wait),
                Err(Crash) => message.at = self.now + 60,
            }
            message.deliveries += 1;
            match message.deliveries > DELIVERIES_MAX {
                true => self.dead_letters.push(message),
                false => self.queue.push(message),
            }
        }
        for message in std::mem::take(&mut self.dead_letters) {
            self.tempt(random, "crashes over dead letters");
            match self.outbox().dead_letter(self.now, &message.text) {
                Ok(_) => *self.happened.entry("dead letters").or_default() += 1,
                Err(Crash) => self.dead_letters.push(message),
            }
        }
    }

    /// Plays the adapter: asks the engine, lists the archive, passes the listing to the engine.
    fn consume(&mut self, random: &mut Random, text: &str) -> Result<Option<u32>, Crash> {
        self.tempt(random, "crashes in a step");
        for _ in 0..STEPS_AT_ONCE {
            let work = match self.outbox().consume(self.now, text)? {
                Ok(Next::Work(work)) => work,
                Ok(Next::Export(work)) => return self.export(random, work),
                _ => return Ok(None),
            };
            let listing = match self.bad_luck(random, "failed listings") {
                true => Err("the archive is away".to_owned()),
                false => Ok(self.list(work.hour, work.after())),
            };
            if let Some(entry) = self.outbox().finish(self.now, work, listing)? {
                return Ok(entry.retry_after(self.now));
            }
        }
        Ok(None)
    }

    /// Plays the other Worker: stores the files, and reports them unless it dies before.
    fn export(&mut self, random: &mut Random, work: ExportWork) -> Result<Option<u32>, Crash> {
        if self.bad_luck(random, "exports that die at once") {
            return Err(Crash);
        }
        self.end_history(random);
        self.files.insert(work.key.clone());
        let outcome = match self.bad_luck(random, "failed exports") {
            true => Err("a minute changes".to_owned()),
            false => self.pack(random, &work)?,
        };
        if self.bad_luck(random, "exports that die at their end") {
            return Err(Crash);
        }
        self.tempt(random, "crashes in a step");
        let ended = self.outbox().finish_export(self.now, work, outcome)?;
        Ok(ended.and_then(|entry| entry.retry_after(self.now)))
    }

    /// Stores the pack, whose content depends on the version of the Worker.
    fn pack(
        &mut self,
        random: &mut Random,
        work: &ExportWork,
    ) -> Result<Result<HourFiles, String>, Crash> {
        let pack_key = format!("hours/{}-{:016x}.pack", work.minutes[0], random.below(3));
        if let Err(refusal) = self.outbox().store_pack(work, &pack_key)? {
            *self.happened.entry("packs that must not be stored").or_default() += 1;
            return Ok(Err(refusal.to_owned()));
        }
        if self.bad_luck(random, "exports that die before they store the pack") {
            return Err(Crash);
        }
        self.end_history(random);
        self.files.insert(pack_key.clone());
        let parquet = HourFile { rows: work.minutes.len() as u64, ..HourFile::default() };
        let pack = parquet.clone();
        Ok(Ok(HourFiles { parquet, pack, pack_key }))
    }

    fn end_history(&mut self, random: &mut Random) {
        if random.one_in(30) && !self.is_calm {
            self.restart();
            *self.happened.entry("exports of a history that ended").or_default() += 1;
            if random.one_in(2) {
                self.collect();
            }
        }
    }

    /// Begins a new history: deletes all records, in one transaction. Collects no garbage.
    fn restart(&mut self) {
        self.table.crash.set(None);
        let hours: Vec<_> = self.table.recorded.borrow().keys().copied().collect();
        for hour in hours {
            self.table.forget_hour(hour).expect("there is no crash");
        }
        self.table.rows.borrow_mut().retain(|message, _| self.unreadable.contains(message));
        self.broken.clear();
        // No job looks for the orphans of a history that ended.
        let garbage = self.table.garbage.borrow();
        for objects in self.archive.values_mut() {
            objects.retain(|key, _| garbage.contains(key));
        }
    }

    /// Deletes the garbage.
    fn collect(&mut self) {
        for key in std::mem::take(&mut *self.table.garbage.borrow_mut()) {
            self.files.remove(&key);
            self.archive.values_mut().for_each(|objects| drop(objects.remove(&key)));
        }
    }

    fn list(&self, hour: i64, after: Option<&str>) -> ObjectListing {
        let objects = &self.archive[&hour];
        let rest = objects.iter().filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
        let rest: Vec<_> = rest.collect();
        let page = rest.iter().take(PAGE).map(|&(key, object)| (key.clone(), object.clone()));
        ObjectListing { stored: page.collect(), is_truncated: rest.len() > PAGE }
    }

    /// Ends all bad luck, and lets every job and message come to its end.
    fn calm_down(&mut self, random: &mut Random) {
        self.is_calm = true;
        self.table.crash.set(None);
        for _ in 0..5_000 {
            let is_waiting = self.table.rows.borrow().values().any(|entry| !entry.is_dead());
            if !is_waiting && self.queue.is_empty() && self.dead_letters.is_empty() {
                return;
            }
            self.now += 60;
            self.send_due(random).expect("there is no bad luck");
            self.deliver(random);
        }
        panic!("{:?} never end", self.table.rows);
    }

    /// Brings back the missing objects.
    fn restore_archive(&mut self) {
        for hour in std::mem::take(&mut self.broken) {
            let recorded = self.table.recorded.borrow()[&hour].clone();
            self.archive.entry(hour).or_default().extend(recorded);
        }
    }
}

#[test]
fn every_job_is_done_or_dead_with_its_reason() {
    let happened = std::sync::Mutex::new(BTreeMap::<&str, u32>::new());
    each_seed(700, |random| {
        let table = Table::default();
        let mut world = World::new(&table);
        for _ in 0..150 {
            // Some 40 hours in all.
            world.now += random.below(2_000) as i64;
            world.minute(random);
            if world.bad_luck(random, "unreadable messages") {
                let text = format!("nonsense {}", random.below(5));
                world.unreadable.insert(text.clone());
                world.queue.push(Message { text, at: world.now, deliveries: 0 });
            }
            // A crash ends the call; the alarm rings again.
            let _ended = world.send_due(random);
            world.deliver(random);
            if random.one_in(50) {
                world.tempt(random, "crashes while redriving");
                let _ended = world.outbox().redrive(world.now);
            }
            world.assert_sound();
            if random.one_in(20) {
                world.collect();
            }
        }
        world.calm_down(random);
        world.assert_sound();
        let dead: BTreeSet<_> = table.rows.borrow().keys().cloned().collect();
        // An hour that expired is no longer broken.
        world.broken.retain(|hour| table.recorded.borrow().contains_key(hour));
        for &hour in &world.broken {
            let message = Job::Check { hour }.message();
            assert!(dead.contains(&message), "{} is broken, but not dead", Date(hour));
        }
        assert!(world.unreadable.is_subset(&dead), "{dead:?}");
        assert!(table.rows.borrow().values().all(|entry| entry.error.is_some()), "{dead:?}");
        world.restore_archive();
        world.outbox().redrive(world.now).expect("there is no bad luck");
        world.calm_down(random);
        world.assert_sound();
        assert!(table.rows.borrow().keys().eq(&world.unreadable), "all jobs are done: {dead:?}");
        world.assert_no_orphans();
        world.assert_expired();
        world.collect();
        world.assert_no_orphans();
        let mut happened = happened.lock().expect("no one broke");
        for (what, times) in world.happened {
            *happened.entry(what).or_default() += times;
        }
    });
    let happened = happened.into_inner().expect("no one broke");
    for what in HAPPENS {
        assert!(happened.get(what).is_some_and(|&times| times > 100), "{what}: {happened:?}");
    }
}
