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

/// How many are made at once in an isolate. One of 75,000 aircraft takes 13 MB for rows and, while
/// it reads them, 7 MB for archived bytes: two take 40 MB, and an isolate has 128.
const AT_ONCE: usize = 2;

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
    static GATE: RefCell<Gate> = const { RefCell::new(Gate::new(AT_ONCE, MAKING_MILLIS_MAX)) };
}

/// Returns what `find` finds; otherwise makes it with `make`, once it is its turn.
///
/// A caller that disconnects does not end what it began: others wait for it.
pub(super) async fn once<T: 'static, M>(
    context: &Context,
    key: &str,
    find: impl AsyncFn() -> Option<T>,
    make: impl FnOnce() -> M,
) -> Result<T, Problem>
where
    M: Future<Output = Result<T, Problem>> + 'static,
{
    let began = clock::milliseconds();
    // Whether it may have been made since the last poll.
    let mut is_news = true;
    loop {
        if !GATE.with_borrow(|gate| gate.is_under_way(key)) {
            if mem::take(&mut is_news)
                && let Some(found) = find().await
            {
                return Ok(found);
            }
            match GATE.with_borrow_mut(|gate| gate.enter(key, clock::milliseconds())) {
                Admission::Entered(number) => return finish(context, number, make()).await,
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

/// Runs the making to its end and leaves the gate, even if nobody waits any more.
async fn finish<T: 'static>(
    context: &Context,
    number: u64,
    making: impl Future<Output = Result<T, Problem>> + 'static,
) -> Result<T, Problem> {
    let (sender, receiver) = oneshot::channel();
    context.wait_until(async move {
        let made = making.await;
        GATE.with_borrow_mut(|gate| gate.leave(number));
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
    once(context, name, find, || {
        let making = make();
        async move {
            let value = making.await?;
            slot.set(Some((clock::milliseconds(), value.clone())));
            Ok(value)
        }
    })
    .await
}
