//! `GET /api/regions`: all regions, asked for their state.

use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use worker::{Env, Result};

use crate::archive::Date;
use crate::earth::{Bbox, REGIONS, Region};
use crate::platform::region_stub;

/// How many of a Worker's subrequests may be open at once.
const AT_ONCE: usize = 6;

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
    simulated: bool,
    aircraft: u32,
    subscribers: usize,
}

/// All regions, asked for their state.
pub(super) async fn states(env: &Env) -> Result<Vec<RegionObject>> {
    stream::iter(&REGIONS).map(|region| state(env, region)).buffered(AT_ONCE).try_collect().await
}

async fn state(env: &Env, region: &'static Region) -> Result<RegionObject> {
    let state = region_stub::state(env, region).await?;
    let Bbox { west, south, east, north } = region.bbox;
    Ok(RegionObject {
        name: region.name,
        bbox: [west, south, east, north],
        location_hint: region.location_hint,
        epoch: state.epoch,
        sequence: state.sequence,
        time: (state.time > 0).then(|| Date(state.time).to_string()),
        simulated: state.simulated,
        aircraft: state.aircraft,
        subscribers: state.subscribers,
    })
}
