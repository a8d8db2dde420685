//! Questions to the region objects.

use worker::js_sys::Reflect;
use worker::{Env, Error, Method, Request, RequestInit, Result, Stub};

use super::binding;
use crate::ask::RegionState;
use crate::earth::Region;
use crate::ledger::DeliveryError;

/// How a delivery went.
type Delivered = std::result::Result<(), DeliveryError>;

/// The region's object; nothing is asked of it yet.
pub(crate) fn stub(env: &Env, region: &Region) -> Result<Stub> {
    env.durable_object(binding::REGION)?
        .get_by_name_with_location_hint(region.name, region.location_hint)
}

/// Hands a region its share of a sky. After an error a stub may be good for nothing, so that each
/// attempt has one of its own.
pub(crate) async fn share(env: &Env, region: &Region, bytes: Vec<u8>) -> Delivered {
    let (status, text) = post(env, region, bytes).await.map_err(|error| delivery_error(&error))?;
    match status {
        200 => Ok(()),
        status => Err(DeliveryError::Lasting(format!("it answered {status}: {text}"))),
    }
}

async fn post(env: &Env, region: &Region, bytes: Vec<u8>) -> Result<(u16, String)> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_body(Some(worker::js_sys::Uint8Array::from(bytes.as_slice()).into()));
    drop(bytes);
    let request = Request::new_with_init("https://region/share", &init)?;
    let mut response = stub(env, region)?.fetch_with_request(request).await?;
    // Read to the end whatever it says: while an answer is unread its object cannot hibernate.
    Ok((response.status_code(), response.text().await?))
}

/// Whether the platform says that another attempt may succeed. Its word is in two properties of the
/// exception, which `worker` does not read: `retryable`, and `overloaded`, which outweighs it.
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

/// How the region is doing.
pub(crate) async fn state(env: &Env, region: &Region) -> Result<RegionState> {
    stub(env, region)?.fetch_with_str("https://region/state").await?.json().await
}
