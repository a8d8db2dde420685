//! Virtual days with a source that counts credits as OpenSky does.

use super::super::{Feed, Health, Ledger, PullError, Records};
use super::*;

const MIDNIGHT: i64 = 1_751_760_000;
const INTERVAL: i64 = 60;

/// A small generator: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// OpenSky: new credits with each UTC day of its own clock.
struct Source {
    daily: i64,
    cost: i64,
    credits: i64,
    day: i64,
    /// How much its clock is behind ours, seconds.
    behind: i64,
    refused: usize,
    /// When it answered with a snapshot.
    snapshots: Vec<i64>,
}

impl Source {
    fn new(daily: i64, cost: i64, behind: i64) -> Self {
        Self { daily, cost, credits: daily, day: 0, behind, refused: 0, snapshots: Vec::new() }
    }

    fn ask(&mut self, now: i64) -> Result<Option<i64>, PullError> {
        let own = now - self.behind;
        if own.div_euclid(DAY_SECONDS) != self.day {
            self.day = own.div_euclid(DAY_SECONDS);
            self.credits = self.daily;
        }
        if self.credits < self.cost {
            self.refused += 1;
            let seconds = DAY_SECONDS - own.rem_euclid(DAY_SECONDS);
            return Err(PullError::RateLimited { retry_after_seconds: Some(seconds) });
        }
        self.credits -= self.cost;
        self.snapshots.push(now);
        Ok(Some(self.credits))
    }
}

fn ledger(health: Health) -> Ledger {
    let feed = Feed::OpenSky { interval_seconds: INTERVAL };
    Ledger::restore(feed, Records { health, ..Records::default() })
}

/// Pulls whenever due until `end`; `faults` in 1,000 pulls fail, or crash us.
fn run(
    source: &mut Source,
    health: Health,
    (start, end): (i64, i64),
    faults: u64,
    random: &mut Random,
) -> Health {
    let mut ledger = ledger(health);
    let mut now = start;
    loop {
        now = now.max(ledger.next_pull().expect("it is pulled"));
        if now >= end {
            return ledger.health().clone();
        }
        ledger.asking(now);
        let asked = now;
        if random.below(1_000) < faults {
            // We crash here, before or after the source counts, and restart some time later.
            if random.below(2) == 0 {
                drop(source.ask(now));
            }
            ledger = restart(&ledger);
            now += random.below(200).cast_signed();
            continue;
        }
        let answer = match random.below(1_000) < faults {
            true => Err(PullError::Unreachable("the source answered 502".to_owned())),
            false => source.ask(now),
        };
        now += random.below(8).cast_signed();
        ledger.answered(now, answer);
        if random.below(1_000) < faults {
            ledger = restart(&ledger);
        }
        assert!(ledger.next_pull() >= Some(asked + INTERVAL), "never faster than it may be");
    }
}

fn restart(before: &Ledger) -> Ledger {
    let health = Health::from_note(&before.health().to_note()).expect("a note of ours");
    assert_eq!(health, *before.health());
    ledger(health)
}

#[test]
fn a_days_credits_last_the_day() {
    for (seed, (daily, cost)) in
        [(400, 4), (4_000, 4), (8_000, 4), (14_400 * 24, 4), (400, 1), (37, 4)]
            .into_iter()
            .enumerate()
    {
        let case = format!("{daily} credits, {cost} each, seed {seed}");
        let mut random = Random(seed as u64);
        let mut source = Source::new(daily, cost, 0);
        // The first two answers show the cost; from then on it counts.
        run(&mut source, Health::default(), (MIDNIGHT, MIDNIGHT + DAY_SECONDS), 0, &mut random);
        assert_eq!(source.refused, 0, "{case}");
        let fair = (DAY_SECONDS / (daily / cost)).max(INTERVAL);
        let gaps = source.snapshots.windows(2).map(|pair| pair[1] - pair[0]);
        let widest = gaps.skip(2).max().unwrap_or(0);
        // The slack is the time of an answer, once for the answer and once for rounding.
        assert!(widest <= fair + fair.max(INTERVAL) / 2 + 16, "{case}: {widest} s for {fair} s");
        let last = source.snapshots.last().expect("a snapshot");
        assert!(MIDNIGHT + DAY_SECONDS - last <= 2 * fair + 16, "{case}: the last at {last}");
    }
}

#[test]
fn faults_and_restarts_neither_overspend_nor_stop_it() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let daily = [400, 4_000, 8_000][random.below(3) as usize];
        let start = MIDNIGHT + random.below(DAY_SECONDS.cast_unsigned()).cast_signed();
        let behind = random.below(20).cast_signed() - 10;
        let mut source = Source::new(daily, 4, behind);
        let end = start + 3 * DAY_SECONDS;
        run(&mut source, Health::default(), (start, end), 50, &mut random);
        let days = (end - MIDNIGHT).div_euclid(DAY_SECONDS) + 2;
        // A ledger that restarts late in the day with no credits left may be refused.
        assert!(source.refused as i64 <= days, "seed {seed}: {} refusals", source.refused);
        let fair = (DAY_SECONDS / (daily / 4)).max(INTERVAL);
        let gaps = source.snapshots.windows(2).map(|pair| pair[1] - pair[0]);
        let widest = gaps.max().expect("snapshots");
        // Most faults come alone; these seeds have no five in a row.
        assert!(widest <= 6 * fair + 800, "seed {seed}: {widest} s for {fair} s");
    }
}

#[test]
fn credits_spent_by_another_client_slow_us_down() {
    let mut budget = Budget::default();
    budget.report(MIDNIGHT + 43_230, Some(400));
    assert_eq!(budget.spread(MIDNIGHT + 43_230), 432);
    budget.report(MIDNIGHT + 43_662, Some(200));
    assert_eq!(budget.cost, 4, "a pull never costs 200");
    assert_eq!(budget.spread(MIDNIGHT + 43_662), 856);
    budget.report(MIDNIGHT + 44_000, Some(3));
    assert!(budget.is_spent(MIDNIGHT + 44_000));
    assert_eq!(budget.spread(MIDNIGHT + 44_000), UNREPORTED_SECONDS_MAX);
}

#[test]
fn credits_for_one_pull_suffice_and_one_less_does_not() {
    for (credits, is_spent) in [(5, false), (4, false), (3, true), (0, true)] {
        let budget = Budget::restore(Some((credits, MIDNIGHT)), Some(4));
        assert_eq!(budget.is_spent(MIDNIGHT + 1), is_spent, "{credits} credits, 4 a pull");
    }
}

#[test]
fn yesterdays_credits_are_forgotten() {
    let mut budget = Budget::default();
    budget.report(MIDNIGHT - 100, Some(2));
    assert_eq!(budget.credits(MIDNIGHT + 29), Some(2), "the source's midnight may be later");
    assert_eq!(budget.spread(MIDNIGHT - 100), 130);
    assert_eq!(budget.credits(MIDNIGHT + 30), None);
    assert_eq!((budget.spread(MIDNIGHT + 30), budget.is_spent(MIDNIGHT + 30)), (0, false));
}

#[test]
fn a_refusal_is_waited_out_but_no_longer_than_a_day() {
    let mut health = Health::default();
    let mut refuse = |now: i64, seconds: Option<i64>| {
        health.answered(now, 60, Err(PullError::RateLimited { retry_after_seconds: seconds }));
        assert_eq!(health.refused_until, Some(health.next_pull_at));
        health.next_pull_at - now
    };
    assert_eq!(refuse(MIDNIGHT + 3_600, Some(60_394)), 60_394);
    assert_eq!(refuse(MIDNIGHT - 5, Some(60_394)), 60_394, "its midnight need not be ours");
    assert_eq!(refuse(MIDNIGHT, Some(86_401)), 86_400);
    assert_eq!(refuse(MIDNIGHT, Some(i64::MAX)), 86_400);
    for nothing in [None, Some(-5), Some(0), Some(i64::MIN)] {
        assert_eq!(refuse(MIDNIGHT, nothing), 60, "{nothing:?}");
    }
}

#[test]
fn our_own_interval_does_not_extend_a_refusal() {
    let mut health = Health::default();
    let refusal = PullError::RateLimited { retry_after_seconds: Some(500) };
    health.answered(1_000, 3_600, Err(refusal));
    assert_eq!((health.next_pull_at, health.refused_until), (4_600, Some(1_500)));
}

#[test]
fn an_old_note_is_read() {
    let note = r#"{"state":"ok","detail":null,"last_success":7,"next_pull_at":67}"#;
    let health = Health::from_note(note).expect("a note");
    assert_eq!((health.next_pull_at, health.budget), (67, Budget::default()));
}
