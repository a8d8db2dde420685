//! Which regions get which minute, and when, second by second.

use super::*;

const EPOCH: u64 = 7;
const ALL: usize = REGIONS.len();

fn passing() -> Result<(), DeliveryError> {
    Err(DeliveryError::Passing("a test".to_owned()))
}

fn lasting() -> Result<(), DeliveryError> {
    Err(DeliveryError::Lasting("a test".to_owned()))
}

fn fresh() -> Deliveries {
    Deliveries::restore(&BTreeMap::new(), &Retries::default())
}

/// Starts all deliveries that are due at `now` until none is left; each ends as `outcome` decides.
fn settle(
    deliveries: &mut Deliveries,
    now: i64,
    newest: i64,
    outcome: impl Fn(&Region) -> Result<(), DeliveryError>,
) -> Vec<&'static str> {
    let mut tried = Vec::new();
    loop {
        let started = deliveries.start(now, EPOCH, newest);
        if started.is_empty() {
            return tried;
        }
        for delivery in started {
            tried.push(delivery.region.name);
            deliveries.ended((now, 0), delivery, true, &outcome(delivery.region));
        }
    }
}

#[test]
fn every_region_gets_the_newest_minute_once_and_few_at_a_time() {
    let mut deliveries = fresh();
    let mut under_way = deliveries.start(0, EPOCH, 100);
    let mut started_in_all = under_way.len();
    while let Some(delivery) = under_way.pop() {
        assert!(under_way.len() < DELIVERIES_AT_ONCE);
        assert_eq!((delivery.epoch, delivery.time), (EPOCH, 100));
        assert!(!deliveries.are_done(100), "one is under way");
        deliveries.ended((0, 0), delivery, true, &Ok(()));
        let started = deliveries.start(0, EPOCH, 100);
        started_in_all += started.len();
        under_way.extend(started);
    }
    assert_eq!(started_in_all, ALL);
    assert!(REGIONS.iter().all(|region| deliveries.delivered_at(region) == Some(100)));
    assert!(deliveries.are_done(100) && !deliveries.are_done(101));
    assert_eq!(deliveries.next_wake(0, 100), None);
    assert_eq!(deliveries.next_wake(0, 101), Some(0), "a newer minute is due at once");
}

/// The names of these deliveries' regions.
fn names(deliveries: &[Delivery]) -> Vec<&'static str> {
    deliveries.iter().map(|delivery| delivery.region.name).collect()
}

#[test]
fn the_others_wait_until_world_has_answered() {
    let mut deliveries = fresh();
    for minute in [100, 200] {
        let world = deliveries.start(minute, EPOCH, minute);
        assert_eq!(names(&world), ["world"]);
        assert!(deliveries.start(minute, EPOCH, minute).is_empty(), "its answer is awaited");
        assert!(deliveries.start(minute + 1, EPOCH, minute).is_empty());
        deliveries.ended((minute + 1, 0), world[0], true, &Ok(()));
        let others = deliveries.start(minute + 1, EPOCH, minute);
        assert_eq!(others.len(), DELIVERIES_AT_ONCE);
        for delivery in others {
            deliveries.ended((minute + 1, 0), delivery, true, &Ok(()));
        }
        assert_eq!(settle(&mut deliveries, minute + 1, minute, |_| Ok(())).len(), ALL - 7);
    }
}

#[test]
fn the_others_wait_two_seconds_at_most_for_world() {
    let mut deliveries = fresh();
    let world = deliveries.start(0, EPOCH, 100);
    assert_eq!(names(&world), ["world"]);
    assert_eq!(deliveries.next_wake(0, 100), Some(LEAD_SECONDS_MAX));
    assert_eq!(deliveries.next_wake(1, 100), Some(LEAD_SECONDS_MAX));
    assert_eq!(deliveries.next_wake(2, 100), Some(ANSWER_SECONDS_MAX), "the others are due");
    assert_eq!(settle(&mut deliveries, 2, 100, |_| Ok(())).len(), ALL - 1);
    assert_eq!(deliveries.next_wake(2, 100), Some(ANSWER_SECONDS_MAX), "only world's answer lacks");
    deliveries.ended((10, 0), world[0], true, &lasting());
    let others = deliveries.start(11, EPOCH, 101);
    assert_eq!(others.len(), DELIVERIES_AT_ONCE, "nothing waits for a region that fails");
    assert!(!names(&others).contains(&"world"));
}

#[test]
fn world_is_the_next_when_all_places_are_taken() {
    let mut deliveries = fresh();
    let world = deliveries.start(0, EPOCH, 100)[0];
    deliveries.ended((0, 0), world, true, &Ok(()));
    let mut under_way = deliveries.start(0, EPOCH, 100);
    assert!(deliveries.start(1, EPOCH, 101).is_empty());
    let ended = under_way.pop().expect("six are under way");
    deliveries.ended((1, 0), ended, true, &Ok(()));
    assert_eq!(names(&deliveries.start(1, EPOCH, 101)), ["world"]);
}

#[test]
fn a_region_that_fails_is_tried_less_and_less_often_and_the_others_do_not_wait() {
    let mut deliveries = fresh();
    let fails = |region: &Region| if region.name == "eu-west" { passing() } else { Ok(()) };
    let mut pauses = Vec::new();
    let (mut now, mut last) = (0, 0);
    let tried = settle(&mut deliveries, now, 100, fails);
    assert_eq!(tried.len(), ALL);
    for minute in 101..110 {
        now = deliveries.next_wake(now, minute - 1).expect("one is behind");
        pauses.push(now - last);
        last = now;
        let tried = settle(&mut deliveries, now, minute, fails);
        assert_eq!(tried.len(), ALL, "the others have the next minute, and it is tried too");
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60, 60, 60]);
    settle(&mut deliveries, now + 60, 110, |_| Ok(()));
    assert_eq!(deliveries.retries(), Retries::default(), "a success resets the retries");
    assert_eq!(deliveries.next_wake(now, 110), None);
}

#[test]
fn an_overloaded_region_is_retried_later() {
    let mut deliveries = fresh();
    settle(&mut deliveries, 1_000, 100, |_| lasting());
    assert_eq!(deliveries.next_wake(1_000, 100), Some(1_020));
    assert!(deliveries.start(1_019, EPOCH, 101).is_empty(), "a newer minute changes nothing");
    for _ in 0..100 {
        let now = deliveries.next_wake(1_020, 100).expect("all are behind");
        settle(&mut deliveries, now, 100, |_| lasting());
        assert!(deliveries.next_wake(now, 100) <= Some(now + 300));
    }
}

#[test]
fn jitter_shortens_a_pause_by_at_most_half() {
    for chance in 0..50 {
        let mut deliveries = fresh();
        let delivery = deliveries.start(0, EPOCH, 100)[0];
        deliveries.ended((0, chance), delivery, true, &lasting());
        let Retry { at, .. } = deliveries.retries().0[delivery.region.name];
        assert!((10..=20).contains(&at), "{at}");
        assert_eq!(at, 20 - chance.cast_signed() % 11);
    }
}

#[test]
fn regions_that_hang_leave_places_to_the_others() {
    let mut deliveries = fresh();
    let fails = |region: &Region| if region.name.starts_with("eu") { passing() } else { Ok(()) };
    settle(&mut deliveries, 0, 100, fails);
    let hanging = deliveries.start(2, EPOCH, 100);
    assert_eq!(hanging.len(), FAILING_AT_ONCE);
    let tried = settle(&mut deliveries, 3, 101, |_| Ok(()));
    assert_eq!(tried.len(), REGIONS.iter().filter(|region| fails(region).is_ok()).count());
    assert_eq!(deliveries.next_wake(3, 101), Some(2 + ANSWER_SECONDS_MAX));
    for delivery in hanging {
        deliveries.ended((12, 0), delivery, true, &lasting());
    }
    settle(&mut deliveries, 12, 101, |_| Ok(()));
    assert_eq!(deliveries.next_wake(12, 101), Some(52));
}

#[test]
fn a_due_retry_that_waits_for_a_place_sets_no_alarm() {
    let mut deliveries = fresh();
    settle(&mut deliveries, 0, 100, |_| passing());
    assert_eq!(deliveries.start(2, EPOCH, 100).len(), FAILING_AT_ONCE);
    assert_eq!(deliveries.next_wake(2, 100), Some(12));
    assert_eq!(deliveries.next_wake(5, 100), Some(12));
    assert_eq!(deliveries.next_wake(12, 100), Some(13), "an overdue answer is checked each second");
}

#[test]
fn failures_outlast_a_restart_and_deliveries_under_way_are_repeated() {
    let mut deliveries = fresh();
    settle(&mut deliveries, 0, 100, |region| if region.is_world() { lasting() } else { Ok(()) });
    assert_eq!(deliveries.start(0, EPOCH, 101).len(), DELIVERIES_AT_ONCE);
    let note = deliveries.retries().to_note();
    let delivered = REGIONS
        .iter()
        .filter_map(|region| Some((region.name.to_owned(), deliveries.delivered_at(region)?)));
    let retries = Retries::from_note(&note).expect("its own note");
    let mut restored = Deliveries::restore(&delivered.collect(), &retries);
    let tried = settle(&mut restored, 1, 101, |_| Ok(()));
    assert_eq!(tried.len(), ALL - 1);
    assert_eq!(restored.next_wake(1, 101), Some(20));
}

#[test]
fn deliveries_of_an_ended_history_do_not_count_in_a_new_one() {
    let mut deliveries = fresh();
    let old = deliveries.start(0, EPOCH, 100);
    deliveries.restart();
    for delivery in old {
        deliveries.ended((1, 0), delivery, false, &Ok(()));
    }
    assert_eq!(settle(&mut deliveries, 1, 50, |_| Ok(())).len(), ALL);
}
