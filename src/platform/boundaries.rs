//! The country boundaries: read from KV, which is filled from the Worker's own assets.
//!
//! KV is only a cache: if it is empty, slow, broken or has other bytes, the asset is used. Its key
//! contains the fingerprint of the boundaries that this Worker was built with. So a deployment with
//! new boundaries uses them at once, and isolates of the previous one keep their own.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use worker::{Env, Result, console_error};

use super::{binding, timeout};
use crate::earth::country::Boundaries;
use crate::fingerprint::fingerprint;

/// The asset from the build.
const ASSET: &str = "https://assets/boundaries.bin";

/// The timeout of KV. A read of a rarely used key takes some 200 ms; the asset takes no longer.
const KV_WAIT: Duration = Duration::from_millis(1_000);

thread_local! {
    /// One copy for the whole isolate, since it has 500,000 points.
    static LOADED: RefCell<Option<(Rc<Boundaries>, &'static str)>> = const { RefCell::new(None) };
}

/// The boundaries: from memory, else from KV, else from the asset, which then goes to KV.
pub(crate) async fn boundaries(env: &Env) -> Result<Rc<Boundaries>> {
    let loaded = LOADED.with_borrow(|loaded| loaded.as_ref().map(|(known, _)| Rc::clone(known)));
    if let Some(known) = loaded {
        return Ok(known);
    }
    let (read, source) = match cached(env).await {
        Ok(Some(read)) => (read, "kv"),
        Ok(None) => (asset(env).await?, "asset"),
        Err(error) => {
            console_error!("boundaries in KV: {error}");
            (asset(env).await?, "asset")
        }
    };
    let read = Rc::new(read);
    LOADED.set(Some((Rc::clone(&read), source)));
    Ok(read)
}

/// Where the boundaries came from: `kv` or `asset`; `None` before they were loaded.
pub(crate) fn source() -> Option<&'static str> {
    LOADED.with_borrow(|loaded| loaded.as_ref().map(|(_, source)| *source))
}

/// The KV key of this build's boundaries, with the fingerprint from build.rs.
fn key() -> &'static str {
    concat!("boundaries/", env!("BOUNDARIES_VERSION"))
}

fn is_ours(bytes: &[u8]) -> bool {
    format!("boundaries/{:016x}", fingerprint(bytes)) == key()
}

async fn cached(env: &Env) -> Result<Option<Boundaries>> {
    let kv = env.kv(binding::BOUNDARIES)?;
    let get = async { Ok(kv.get(key()).bytes().await?) };
    let Some(bytes) = timeout(KV_WAIT, get).await? else { return Ok(None) };
    // Garbled bytes may still decode, to wrong boundaries.
    if !is_ours(&bytes) {
        return Err(format!("{} has other bytes", key()).into());
    }
    Ok(Some(Boundaries::decode(&bytes).map_err(|error| error.to_string())?))
}

async fn asset(env: &Env) -> Result<Boundaries> {
    let mut response = env.assets(binding::ASSETS)?.fetch(ASSET, None).await?;
    if response.status_code() != 200 {
        let status = response.status_code();
        return Err(format!("{ASSET} answered {status}: was the build complete?").into());
    }
    let bytes = response.bytes().await?;
    let decoded = Boundaries::decode(&bytes).map_err(|error| format!("{ASSET}: {error}"))?;
    let seeded = match is_ours(&bytes) {
        true => timeout(KV_WAIT, seed(env, &bytes)).await,
        false => Err("the asset is not the one of this build".into()),
    };
    if let Err(error) = seeded {
        console_error!("boundaries are not cached in KV: {error}");
    }
    Ok(decoded)
}

async fn seed(env: &Env, bytes: &[u8]) -> Result<()> {
    env.kv(binding::BOUNDARIES)?.put_bytes(key(), bytes)?.execute().await?;
    Ok(())
}
