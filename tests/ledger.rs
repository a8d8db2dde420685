//! The ledger on a platform that crashes: at each moment in turn, and at random ones.
//!
//! An acknowledged minute is there once; dates, objects and tallies agree; every region ends with
//! the last minute. `tests/platform` describes how that is checked.

mod platform;
mod snapshots;

use std::cell::Cell;

use overflight::ledger::{Command, Feed, FeedState, PullError, Task};
use platform::{Died, Fate, Platform, Push};
use snapshots::{Random, each_seed};

/// The number of random interleavings.
const RUNS: u64 = 10_000;
const ACTIONS: u64 = 120;

const START: i64 = 1_767_225_600;

/// Repeats an act until no crash interrupts it, like a caller that got no answer.
fn insist(platform: &mut Platform, act: impl Fn(&mut Platform) -> Result<(), Died>) {
    while act(platform).is_err() {}
}

/// Lets all tasks end in order, each with the fate that it is given.
fn drain(platform: &mut Platform, fate: impl Fn(&Task) -> Fate) -> Result<(), Died> {
    while let Some(task) = platform.tasks.first() {
        let fate = fate(task);
        platform.end(0, fate)?;
    }
    Ok(())
}

/// Pushes a snapshot until it is acknowledged.
fn send(platform: &mut Platform, time: i64, fate: impl Fn(&Task) -> Fate) {
    let content = platform.new_content();
    insist(platform, |platform| {
        platform.push(Push { time, content })?;
        drain(platform, &fate)
    });
    assert!(platform.acknowledged.contains_key(&time));
}

fn well(_: &Task) -> Fate {
    Fate::Done
}

/// Two regions fail, one of them after it has stored the delivery.
fn two_fail(task: &Task) -> Fate {
    match task {
        Task::Deliver(delivery) if delivery.region.name == "world" => Fate::Failed,
        Task::Deliver(delivery) if delivery.region.name == "eu-west" => Fate::FailedLate,
        _ => Fate::Done,
    }
}

/// A short day: a simulated snapshot; the first real one (at a time that was simulated too), with
/// two failing regions; the same again; two at once; one that is too old; a quiet time.
fn simulated_day(platform: &mut Platform) {
    for _ in 0..2 {
        insist(platform, |platform| {
            platform.tick()?;
            drain(platform, well)
        });
        platform.now += 60;
    }
    send(platform, START, two_fail);
    send(platform, START, well);
    let pushes = [START + 60, START + 120, START + 30]
        .map(|time| Push { time, content: platform.new_content() });
    insist(platform, |platform| {
        for push in pushes {
            platform.push(push)?;
        }
        drain(platform, two_fail)
    });
    assert!(!platform.acknowledged.contains_key(&(START + 30)), "it was too old");
    insist(platform, |platform| {
        platform.now += 10;
        platform.ring()?;
        drain(platform, well)
    });
    let acknowledged: Vec<_> = platform.acknowledged.keys().copied().collect();
    assert_eq!(acknowledged, [START, START + 60, START + 120]);
}

/// Pulls, a push in between, a pull that brings nothing new, a pause, a pull on command.
fn pulled_day(platform: &mut Platform) {
    let tick = |platform: &mut Platform| {
        platform.tick()?;
        drain(platform, two_fail)
    };
    insist(platform, tick);
    send(platform, START + 10, well);
    platform.answers = vec![Err(PullError::Unauthorised("a test".to_owned())), Ok(START + 5)];
    for _ in 0..3 {
        platform.now += 60;
        insist(platform, tick);
    }
    insist(platform, |platform| platform.command(Command::Pause).map(drop));
    let asked = platform.asked.len();
    platform.now += 600;
    insist(platform, tick);
    assert_eq!(platform.asked.len(), asked, "a paused source is not pulled");
    assert_eq!(platform.ledger().state(), FeedState::Paused);
    for command in [Command::Resume, Command::Pull] {
        insist(platform, |platform| {
            platform.command(command)?.expect("the command is allowed");
            drain(platform, well)
        });
    }
    assert!(platform.asked.len() > asked);
}

/// Runs the day once for each effect, crashing there, and again `again` effects later. Returns the
/// number of moments.
fn die_at_each_moment(feed: &Feed, day: fn(&mut Platform), again: fn(u64) -> u64) -> u64 {
    for moment in 1.. {
        let mut platform = Platform::new(feed.clone(), START, moment);
        platform.deaths = vec![moment, moment + again(moment)];
        let lived = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            day(&mut platform);
            platform.rest();
            platform.assert_at_rest();
        }));
        if let Err(panic) = lived {
            eprintln!("it breaks if it crashes at effect {moment}, and {} later", again(moment));
            std::panic::resume_unwind(panic);
        }
        if platform.died == 0 {
            return moment - 1;
        }
    }
    unreachable!("the range has no end")
}

fn simulated() -> Feed {
    Feed::Simulated { seed: 1, interval_seconds: 60 }
}

fn opensky() -> Feed {
    Feed::OpenSky { interval_seconds: 60 }
}

#[test]
fn a_crash_at_any_moment_loses_nothing_and_leaves_no_garbage() {
    for (feed, day) in [(simulated(), simulated_day as fn(&mut Platform)), (opensky(), pulled_day)]
    {
        let moments = die_at_each_moment(&feed, day, |_| 0);
        println!("{}: {moments} moments", feed.name());
        assert!(moments > 300, "{moments} moments");
    }
}

#[test]
fn a_second_crash_during_recovery_does_no_more_harm() {
    for again in [|_| 1, |_| 2, |_| 7, |moment| 1 + moment % 61] {
        die_at_each_moment(&simulated(), simulated_day, again);
        die_at_each_moment(&opensky(), pulled_day, again);
    }
}

/// Performs one random event.
fn act(platform: &mut Platform, random: &mut Random) -> Result<(), Died> {
    match random.below(32) {
        18.. if !platform.tasks.is_empty() => {
            let index = random.below(platform.tasks.len() as u64) as usize;
            let fates = [Fate::Failed, Fate::FailedLate, Fate::Stray];
            let fate = if random.one_in(4) { random.pick(&fates) } else { Fate::Done };
            platform.end(index, fate)
        }
        0..8 => {
            platform.now += random.pick(&[0, 1, 5, 20, 60]);
            platform.ring()
        }
        8 => platform.tick(),
        9..13 => {
            let newest = platform.stored.minutes.last_key_value().map_or(START, |(&time, _)| time);
            let time = newest + random.pick(&[-60, 0, 1, 60, 60, 3_600]);
            let content = platform.new_content();
            platform.push(Push { time, content })
        }
        13 => match platform.unanswered.pop() {
            Some(push) => platform.push(push),
            None => Ok(()),
        },
        14 => {
            let command = random.pick(&Command::ALL);
            platform.command(command).map(drop)
        }
        15 => {
            let time = platform.now + random.pick(&[-600, -1, 0, 10]);
            let limited = PullError::RateLimited { retry_after_seconds: Some(100) };
            let answers =
                [Ok(time), Err(limited), Err(PullError::Unauthorised("a test".to_owned()))];
            let answer = answers[random.below(3) as usize].clone();
            platform.answers.push(answer);
            Ok(())
        }
        16 if !platform.strays.is_empty() => {
            let index = random.below(platform.strays.len() as u64) as usize;
            platform.arrive(index);
            Ok(())
        }
        17 if random.one_in(3) => Err(platform.die()),
        _ => Ok(()),
    }
}

#[test]
fn no_order_of_events_loses_duplicates_or_invents_a_minute() {
    let (minutes, deaths, histories) = (Cell::new(0), Cell::new(0), Cell::new(0));
    each_seed(RUNS, |random| {
        let feed = [simulated(), opensky(), Feed::Push][random.below(3) as usize].clone();
        let mut platform = Platform::new(feed, START, random.next());
        // Some runs crash within a step.
        platform.deaths = (0..random.below(4)).map(|_| random.below(300)).collect();
        for _ in 0..ACTIONS {
            // After a crash the ledger is restored with the next event.
            let _ = act(&mut platform, random);
        }
        platform.rest();
        platform.assert_at_rest();
        platform.assert_asked_seldom();
        minutes.set(minutes.get() + platform.stored.minutes.len() as u64);
        deaths.set(deaths.get() + platform.died);
        histories.set(histories.get() + platform.stored.histories);
    });
    println!("{RUNS} runs: {minutes:?} minutes, {deaths:?} deaths, {histories:?} histories");
    assert!(minutes.get() > RUNS && deaths.get() > RUNS && histories.get() > RUNS);
}
