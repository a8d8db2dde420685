//! Expensive answers: each is made once, few at a time, and cached.
//!
//! workerd forbids a request to await another's future. So other requests for the same answer poll
//! for it with timers of their own.

use std::cell::RefCell;
use std::future::Future;
use std::mem;
use std::thread::LocalKey;
use std::time::Duration;

use futures::channel::oneshot;
use worker::{Context, Delay};

use crate::gate::{Admission, Gate};
use crate::platform::clock;
use crate::problem::Problem;

/// The weight of what is made at once in an isolate, which has 128 MB.
const WEIGHT_MAX: usize = 2;

/// The weight of an answer from one minute. One of 100,000 aircraft takes 17 MB for rows and, while
/// it reads them, 11 MB for archived bytes: two such answers take 56 MB.
pub(super) const LIGHT: usize = 1;

/// The weight of frames from one minute to the next: two snapshots of 17 MB, a live state of 9 MB
/// and the archived bytes take 54 MB.
pub(super) const HEAVY: usize = WEIGHT_MAX;

/// A maker that has not ended after this time was cancelled. Even 75,000 aircraft take a second.
const MAKING_MILLIS_MAX: u64 = 30_000;

/// How long a caller waits for its turn before it is refused: some twenty answers of 12,000
/// aircraft, made one after the other.
const WAIT_MILLIS: u64 = 2_000;

/// The interval of polling.
const LOOK: Duration = Duration::from_millis(25);

/// When a caller that got no turn may retry, seconds.
const RETRY_AFTER_SECONDS: i64 = 2;

thread_local! {
    static GATE: RefCell<Gate> = const { RefCell::new(Gate::new(WEIGHT_MAX, MAKING_MILLIS_MAX)) };
}

/// Returns what `find` finds; otherwise makes it with `make`, once it is its turn.
///
/// A caller that disconnects does not end what it began: others wait for it.
pub(super) async fn once<T: 'static, M>(
    context: &Context,
    entry: (&str, usize),
    find: impl AsyncFn() -> Option<T>,
    make: impl FnOnce() -> M,
) -> Result<T, Problem>
where
    M: Future<Output = Result<T, Problem>> + 'static,
{
    match turn(entry, find).await? {
        Turn::Found(found) => Ok(found),
        Turn::Make(number) => finish(context, number, make()).await,
    }
}

/// The outcome of waiting for an answer.
pub(super) enum Turn<T> {
    /// It has been made.
    Found(T),
    /// It is this caller's turn to make it, and to [`leave`] with this number.
    Make(u64),
}

/// Waits until `find` finds the answer with this key, or its maker of this weight may begin.
pub(super) async fn turn<T>(
    (key, weight): (&str, usize),
    find: impl AsyncFn() -> Option<T>,
) -> Result<Turn<T>, Problem> {
    let began = clock::milliseconds();
    // Whether it may have been made since the last poll.
    let mut is_news = true;
    loop {
        if !GATE.with_borrow(|gate| gate.is_under_way(key)) {
            if mem::take(&mut is_news)
                && let Some(found) = find().await
            {
                return Ok(Turn::Found(found));
            }
            match GATE.with_borrow_mut(|gate| gate.enter(key, weight, clock::milliseconds())) {
                Admission::Entered(number) => return Ok(Turn::Make(number)),
                Admission::UnderWay => is_news = true,
                Admission::Full => {}
            }
        } else {
            is_news = true;
        }
        if clock::milliseconds() - began > WAIT_MILLIS {
            return Err(overloaded());
        }
        Delay::from(LOOK).await;
    }
}

/// Ends the turn with this number.
pub(super) fn leave(number: u64) {
    GATE.with_borrow_mut(|gate| gate.leave(number));
}

/// Runs the making to its end and leaves the gate, even if nobody waits any more.
async fn finish<T: 'static>(
    context: &Context,
    number: u64,
    making: impl Future<Output = Result<T, Problem>> + 'static,
) -> Result<T, Problem> {
    let (sender, receiver) = oneshot::channel();
    context.wait_until(async move {
        let made = making.await;
        leave(number);
        // The caller may have disconnected.
        drop(sender.send(made));
    });
    receiver.await.map_err(|gone| worker::Error::from(gone.to_string()))?
}

fn overloaded() -> Problem {
    let detail = format!("too much is asked for at once; come back in {RETRY_AFTER_SECONDS} s");
    Problem::new(503, detail).retry_after(RETRY_AFTER_SECONDS)
}

/// A cached value, with the time when it was made, milliseconds.
pub(super) type Kept<T> = RefCell<Option<(u64, T)>>;

/// How long a value is cached.
const KEPT_MILLIS_MAX: u64 = 15_000;

/// Returns the value in the slot if it is at most 15 seconds old, else the one that `make` makes.
pub(super) async fn kept<T: Clone + 'static, M>(
    context: &Context,
    name: &str,
    slot: &'static LocalKey<Kept<T>>,
    make: impl FnOnce() -> M,
) -> Result<T, Problem>
where
    M: Future<Output = Result<T, Problem>> + 'static,
{
    let find = async || {
        let oldest = clock::milliseconds().saturating_sub(KEPT_MILLIS_MAX);
        slot.with_borrow(|kept| kept.clone()).filter(|(at, _)| *at > oldest).map(|(_, value)| value)
    };
    once(context, (name, LIGHT), find, || {
        let making = make();
        async move {
            let value = making.await?;
            slot.set(Some((clock::milliseconds(), value.clone())));
            Ok(value)
        }
    })
    .await
}
