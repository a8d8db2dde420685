//! A time limit for the platform's answers.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use worker::{Delay, Result};

/// The future's outcome, or an error if it takes longer than the limit.
pub(crate) async fn timeout<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T>>,
) -> Result<T> {
    match select(pin!(answer), pin!(Delay::from(limit))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(format!("no answer within {limit:?}").into()),
    }
}
