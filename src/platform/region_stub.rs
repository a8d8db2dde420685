//! Questions to the region objects.

use worker::js_sys::{Reflect, Uint8Array};
use worker::{Env, Error, Method, Request, RequestInit, Response, Result};

use super::{binding, body};
use crate::ask::{Follower, RegionAnswer, RegionQuestion, RegionState};
use crate::earth::Region;
use crate::hub::Refusal;
use crate::ledger::DeliveryError;

/// The outcome of a delivery.
type Delivered = std::result::Result<(), DeliveryError>;

/// Delivers a region snapshot.
pub(crate) async fn deliver(env: &Env, region: &Region, bytes: Uint8Array) -> Delivered {
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    let stream = body::stream(&bytes).map_err(|error| delivery_error(&error))?;
    init.with_body(Some(stream.into()));
    drop(bytes);
    match ask(env, region, RegionQuestion::Deliver, init).await {
        Ok(RegionAnswer::State(_)) => Ok(()),
        Ok(RegionAnswer::Invalid(reason)) => Err(DeliveryError::Lasting(reason)),
        Ok(other) => Err(DeliveryError::Lasting(unexpected(&other).to_string())),
        Err(error) => Err(delivery_error(&error)),
    }
}

/// Returns the region's state.
pub(crate) async fn state(env: &Env, region: &Region) -> Result<RegionState> {
    match ask(env, region, RegionQuestion::State, RequestInit::new()).await? {
        RegionAnswer::State(state) => Ok(state),
        other => Err(unexpected(&other)),
    }
}

/// Returns the response with a client's socket, or the refusal.
pub(crate) async fn follow(
    env: &Env,
    region: &Region,
    follower: Follower,
) -> Result<std::result::Result<Response, Refusal>> {
    let init = RequestInit::new();
    init.headers.set("Upgrade", "websocket")?;
    let response = send(env, region, RegionQuestion::Follow(follower), init).await?;
    if response.status_code() == 101 {
        return Ok(Ok(response));
    }
    match read(response).await? {
        RegionAnswer::Refused(refusal) => Ok(Err(refusal)),
        other => Err(unexpected(&other)),
    }
}

/// Returns the object's answer to a question, other than a socket.
async fn ask(
    env: &Env,
    region: &Region,
    question: RegionQuestion,
    init: RequestInit,
) -> Result<RegionAnswer> {
    read(send(env, region, question, init).await?).await
}

/// Sends a request that carries the question. After an error a stub may be unusable, so each
/// attempt has its own.
async fn send(
    env: &Env,
    region: &Region,
    question: RegionQuestion,
    init: RequestInit,
) -> Result<Response> {
    init.headers.set(RegionQuestion::HEADER, &question.to_header())?;
    let request = Request::new_with_init("https://region/", &init)?;
    drop(init);
    let stub = env
        .durable_object(binding::REGION)?
        .get_by_name_with_location_hint(region.name, region.location_hint)?;
    stub.fetch_with_request(request).await
}

async fn read(mut response: Response) -> Result<RegionAnswer> {
    // Always read the whole answer: until then its object cannot hibernate.
    let bytes = response.bytes().await?;
    match response.status_code() {
        200 => Ok(serde_json::from_slice(&bytes)?),
        status => Err(format!("the region's object answered {status}").into()),
    }
}

fn unexpected(answer: &RegionAnswer) -> Error {
    format!("the region's object answered another question: {answer:?}").into()
}

/// Classifies the platform's error: whether another attempt may succeed soon. It reads two
/// properties of the exception: `retryable`, and `overloaded`, which outweighs it.
fn delivery_error(error: &Error) -> DeliveryError {
    let reason = error.to_string();
    let is = |name: &str| match error {
        Error::UnknownJsError { original, .. } | Error::Internal(original) => {
            Reflect::get(original, &name.into()).is_ok_and(|value| value.is_truthy())
        }
        _ => false,
    };
    match is("retryable") && !is("overloaded") {
        true => DeliveryError::Passing(reason),
        false => DeliveryError::Lasting(reason),
    }
}
