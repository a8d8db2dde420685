//! Questions to the region objects.

use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use worker::js_sys::Reflect;
use worker::{Env, Error, Method, Request, RequestInit, Result, Stub};

use super::binding;
use crate::archive::Date;
use crate::earth::{Bbox, REGIONS, Region};
use crate::ledger::DeliveryError;
use crate::objects::RegionState;

/// How a delivery went.
type Delivered = std::result::Result<(), DeliveryError>;

/// How many of a Worker's subrequests may be open at once.
const AT_ONCE: usize = 6;

pub(super) fn stub(env: &Env, region: &Region) -> Result<Stub> {
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

/// A region as `/api/regions` shows it.
#[derive(Serialize)]
pub(super) struct RegionObject {
    name: &'static str,
    /// `[west, south, east, north]`
    bbox: [f64; 4],
    location_hint: &'static str,
    epoch: String,
    sequence: u64,
    time: Option<String>,
    /// Whether its traffic is invented.
    pub(super) simulated: bool,
    aircraft: usize,
    subscribers: usize,
}

/// All regions, asked for their state.
pub(super) async fn states(env: &Env) -> Result<Vec<RegionObject>> {
    stream::iter(&REGIONS).map(|region| state(env, region)).buffered(AT_ONCE).try_collect().await
}

async fn state(env: &Env, region: &'static Region) -> Result<RegionObject> {
    let mut response = stub(env, region)?.fetch_with_str("https://region/state").await?;
    let state: RegionState = response.json().await?;
    let Bbox { west, south, east, north } = region.bbox;
    Ok(RegionObject {
        name: region.name,
        bbox: [west, south, east, north],
        location_hint: region.location_hint,
        epoch: state.epoch,
        sequence: state.sequence,
        time: (state.sequence > 0).then(|| Date(state.time).to_string()),
        simulated: state.simulated,
        aircraft: state.aircraft,
        subscribers: state.subscribers,
    })
}
