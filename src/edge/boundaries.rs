//! The country boundaries: read from KV, which is filled from the Worker's own assets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use worker::{Env, Result, console_error};

use super::binding;
use crate::earth::country::{self, Boundaries as Decoded};

/// The asset that the build makes.
const ASSET: &str = "https://assets/boundaries.bin";

/// The boundaries, once they were needed.
#[derive(Default)]
pub(crate) struct Boundaries {
    decoded: RefCell<Option<Rc<Decoded>>>,
    source: Cell<Option<&'static str>>,
}

impl Boundaries {
    /// The boundaries: from memory, else from KV, else from the asset, which then goes to KV.
    ///
    /// KV is a cache: where it is empty, slow to learn or broken, the asset answers.
    pub(crate) async fn get(&self, env: &Env) -> Result<Rc<Decoded>> {
        if let Some(decoded) = self.decoded.borrow().as_ref() {
            return Ok(Rc::clone(decoded));
        }
        let (decoded, source) = match cached(env).await {
            Some(decoded) => (decoded, "kv"),
            None => (asset(env).await?, "asset"),
        };
        let decoded = Rc::new(decoded);
        self.decoded.replace(Some(Rc::clone(&decoded)));
        self.source.set(Some(source));
        Ok(decoded)
    }

    /// Where they came from: `kv` or `asset`; `None` before they were needed.
    pub(crate) fn source(&self) -> Option<&'static str> {
        self.source.get()
    }
}

async fn asset(env: &Env) -> Result<Decoded> {
    let mut response = env.assets(binding::ASSETS)?.fetch(ASSET, None).await?;
    if response.status_code() != 200 {
        let status = response.status_code();
        return Err(format!("{ASSET} answered {status}: was the build complete?").into());
    }
    let bytes = response.bytes().await?;
    let decoded = Decoded::decode(&bytes).map_err(|error| format!("{ASSET}: {error}"))?;
    if let Err(error) = seed(env, &bytes).await {
        console_error!("boundaries are not cached in KV: {error}");
    }
    Ok(decoded)
}

/// Changes with the boundaries and their format, so that a new build never reads an old cache.
fn key() -> String {
    format!("boundaries/{}", country::BOUNDARIES_VERSION)
}

async fn cached(env: &Env) -> Option<Decoded> {
    let bytes = env.kv(binding::BOUNDARIES).ok()?.get(&key()).bytes().await;
    let bytes = bytes.inspect_err(|error| console_error!("boundaries: KV: {error}")).ok()??;
    Decoded::decode(&bytes).inspect_err(|error| console_error!("boundaries in KV: {error}")).ok()
}

async fn seed(env: &Env, bytes: &[u8]) -> Result<()> {
    env.kv(binding::BOUNDARIES)?.put_bytes(&key(), bytes)?.execute().await?;
    Ok(())
}
