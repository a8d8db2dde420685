//! Waiting, but not for ever.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use worker::{Delay, Result};

/// What comes of the future, unless it takes longer than the limit.
pub(crate) async fn in_time<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T>>,
) -> Result<T> {
    match select(pin!(answer), pin!(Delay::from(limit))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(format!("no answer within {limit:?}").into()),
    }
}
