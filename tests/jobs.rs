//! The outbox under a bad queue and worse luck, on a virtual clock, for many seeds.
//!
//! In scope: messages that are lost, doubled, late and unreadable, a queue that takes none, crashes
//! between any two steps. Out of scope: what a real queue does (`tests/edge/jobs.test.mjs`).

mod skies;

use std::collections::{BTreeMap, BTreeSet};

use overflight::ledger::jobs::{ATTEMPTS_MAX, Entry, Job, Pace};
use skies::{Random, each_seed};

const PACE: Pace = Pace { retry_seconds: 300 };
/// What wrangler.toml has, made smaller so that it happens.
const RETRIES_MAX: u32 = 4;
/// A job's parts, of which so many are done in one go.
const PARTS: u32 = 5;
const PARTS_AT_ONCE: u32 = 2;

/// A message under way.
struct Sent {
    message: String,
    at: i64,
    failures: u32,
}

#[derive(Default)]
struct World {
    now: i64,
    newest: Option<i64>,
    calm: bool,
    /// Stored, and safe from crashes.
    rows: BTreeMap<String, Entry>,
    queue: Vec<Sent>,
    dead_queue: Vec<Sent>,
    /// Every job that was called for, and the parts that were recorded as done.
    called: BTreeMap<Job, Vec<u32>>,
    /// What a part does to the world, as often as it is done.
    effects: BTreeSet<(Job, u32)>,
    broken: BTreeSet<Job>,
    unreadable: BTreeSet<String>,
    happened: BTreeMap<&'static str, u32>,
}

/// The process ended where it stood.
struct Crash;

impl World {
    fn bad_luck(&mut self, random: &mut Random, what: &'static str) -> bool {
        let happens = !self.calm && random.one_in(5);
        if happens {
            *self.happened.entry(what).or_default() += 1;
        }
        happens
    }

    /// A minute is recorded, and with it the job that it calls for.
    fn minute(&mut self, random: &mut Random) {
        let time = self.now + i64::from(random.below(60) as u32);
        if self.newest.is_some_and(|newest| newest >= time) {
            return;
        }
        if let Some(job) = Job::after(self.newest, time) {
            let twice = self.called.insert(job, Vec::new());
            assert_eq!(twice, None, "{job} was called for before");
            if self.bad_luck(random, "broken jobs") {
                self.broken.insert(job);
            }
            self.rows.insert(job.message(), Entry::new(job, self.now));
        }
        self.newest = Some(time);
    }

    fn send_due(&mut self, random: &mut Random) -> Result<(), Crash> {
        let due = |entry: &&Entry| entry.send_at.is_some_and(|at| at <= self.now);
        let due: Vec<_> = self.rows.values().filter(due).cloned().collect();
        let refused = self.bad_luck(random, "refused messages");
        for mut entry in due {
            if refused {
                entry.unsent(self.now, PACE);
            } else {
                let copies = match self.bad_luck(random, "lost messages") {
                    true => 0,
                    false => 1 + i32::from(self.bad_luck(random, "doubled messages")),
                };
                for _ in 0..copies {
                    let late = if self.calm { 5 } else { 5 + random.below(2_000) as i64 };
                    let (message, at) = (entry.message.clone(), self.now + late);
                    self.queue.push(Sent { message, at, failures: 0 });
                }
                if self.bad_luck(random, "crashes after sending") {
                    return Err(Crash);
                }
                entry.sent(self.now, PACE);
            }
            self.rows.insert(entry.message.clone(), entry);
        }
        Ok(())
    }

    /// The queue delivers what is due; who is not heard is delivered again, and then given up.
    fn deliver(&mut self, random: &mut Random) {
        let due = |sent: &mut Sent| sent.at <= self.now;
        for mut sent in self.queue.extract_if(.., due).collect::<Vec<_>>() {
            match self.hear(random, &sent.message) {
                Ok(None) => continue,
                Ok(Some(wait)) => sent.at = self.now + wait,
                Err(Crash) => sent.at = self.now + 60,
            }
            sent.failures += 1;
            match sent.failures > RETRIES_MAX {
                true => self.dead_queue.push(sent),
                false => self.queue.push(sent),
            }
        }
        for sent in std::mem::take(&mut self.dead_queue) {
            if self.bad_luck(random, "crashes over the dead") {
                self.dead_queue.push(sent);
                continue;
            }
            *self.happened.entry("given up").or_default() += 1;
            match Job::parse(&sent.message) {
                Ok(job) => {
                    let row = self.rows.get_mut(&job.message());
                    row.into_iter().for_each(|entry| entry.given_up(self.now));
                }
                Err(error) => {
                    let entry = Entry::unreadable(&sent.message, &error, self.now);
                    self.rows.insert(sent.message, entry);
                }
            }
        }
    }

    fn hear(&mut self, random: &mut Random, message: &str) -> Result<Option<i64>, Crash> {
        if self.bad_luck(random, "crashes before hearing") {
            return Err(Crash);
        }
        let job = match Job::parse(message) {
            Ok(job) => job,
            Err(error) => {
                let entry = Entry::unreadable(message, &error, self.now);
                self.rows.insert(message.to_owned(), entry);
                return Ok(None);
            }
        };
        for _ in 0..PARTS_AT_ONCE {
            let entry = self.rows.get(message).filter(|entry| entry.is_due(self.now));
            let Some(mut entry) = entry.cloned() else { return Ok(None) };
            let part = entry.cursor.as_deref().map_or(0, |done| done.parse().unwrap_or(0) + 1);
            if self.broken.contains(&job) || self.bad_luck(random, "failed attempts") {
                let again = entry.failed(self.now, PACE, "bad luck");
                assert!(entry.attempts <= ATTEMPTS_MAX);
                self.rows.insert(message.to_owned(), entry);
                return Ok(again);
            }
            self.effects.insert((job, part));
            if self.bad_luck(random, "crashes before recording") {
                return Err(Crash);
            }
            self.called.get_mut(&job).expect("it was called for").push(part);
            if part + 1 == PARTS {
                self.rows.remove(message);
            } else {
                entry.advanced(self.now, part.to_string());
                self.rows.insert(message.to_owned(), entry);
            }
            if self.bad_luck(random, "crashes after recording") {
                return Err(Crash);
            }
        }
        Ok(None)
    }

    fn retry_dead(&mut self) {
        let now = self.now;
        self.rows
            .values_mut()
            .filter(|entry| entry.is_dead())
            .for_each(|entry| entry.redriven(now));
    }

    /// Whether a job is as it may be: on its way, dead, or done, each of its parts once.
    fn assert_sound(&self) {
        for (job, recorded) in &self.called {
            let so_far: Vec<u32> = (0..recorded.len() as u32).collect();
            assert_eq!(recorded, &so_far, "{job}: each part once, in order");
            let done = recorded.len() as u32 == PARTS;
            assert_eq!(done, !self.rows.contains_key(&job.message()), "{job}");
            assert!(so_far.iter().all(|part| self.effects.contains(&(*job, *part))), "{job}");
        }
    }

    /// Ends all bad luck, and lets everything that is still under way come to its end.
    fn calm_down(&mut self, random: &mut Random) {
        self.calm = true;
        let under_way = |world: &Self| {
            let waiting = world.rows.values().any(|entry| !entry.is_dead());
            waiting || !world.queue.is_empty() || !world.dead_queue.is_empty()
        };
        for _ in 0..5_000 {
            if !under_way(self) {
                return;
            }
            self.now += 60;
            let _ended = self.send_due(random);
            self.deliver(random);
        }
        panic!("{:?} never come to an end", self.rows);
    }
}

#[test]
fn every_job_is_done_once_or_dead_for_all_to_see() {
    let happened = std::sync::Mutex::new(BTreeMap::<&str, u32>::new());
    each_seed(2_000, |random| {
        let mut world = World { now: 1_795_176_000, ..World::default() };
        for _ in 0..150 {
            world.now += random.below(600) as i64;
            world.minute(random);
            if world.bad_luck(random, "unreadable messages") {
                let message = format!("nonsense {}", random.below(5));
                world.unreadable.insert(message.clone());
                world.queue.push(Sent { message, at: world.now, failures: 0 });
            }
            // A crash ends what was under way; the alarm comes again.
            let _ended = world.send_due(random);
            world.deliver(random);
            if random.one_in(50) {
                world.retry_dead();
            }
            world.assert_sound();
        }
        world.calm_down(random);
        world.assert_sound();
        let dead: BTreeSet<_> = world.rows.keys().cloned().collect();
        for job in &world.broken {
            assert!(dead.contains(&job.message()), "{job} is broken, and nobody knows");
        }
        assert!(world.unreadable.is_subset(&dead), "{dead:?}");
        assert!(world.rows.values().all(|entry| entry.error.is_some()), "{:?}", world.rows);
        world.broken.clear();
        world.retry_dead();
        world.calm_down(random);
        world.assert_sound();
        assert!(world.rows.keys().eq(&world.unreadable), "all jobs are done: {:?}", world.rows);
        let mut happened = happened.lock().expect("no one broke");
        for (what, times) in world.happened {
            *happened.entry(what).or_default() += times;
        }
    });
    // Where one of these never happened nothing is proved of it.
    let happened = happened.into_inner().expect("no one broke");
    eprintln!("{happened:?}");
    assert_eq!(happened.len(), 12, "{happened:?}");
}
