//! `GET /api/regions`: the state of all regions.

use std::cell::RefCell;
use std::rc::Rc;

use futures::stream::{self, StreamExt, TryStreamExt};
use worker::{Context, Env, Result};

use super::made::{self, Kept};
use crate::ask::RegionEntry;
use crate::earth::{REGIONS, Region};
use crate::platform::region_stub;
use crate::problem::Problem;

/// How many of a Worker's subrequests may be open at once.
const AT_ONCE: usize = 6;

thread_local! {
    static STATES: Kept<Rc<[RegionEntry]>> = const { RefCell::new(None) };
}

/// The regions' states, at most 15 seconds old. A fresh answer asks 25 objects, and wakes those
/// that hibernate.
pub(super) async fn states(env: &Env, context: &Context) -> Result<Rc<[RegionEntry]>, Problem> {
    let env = env.clone();
    made::kept(context, "regions", &STATES, || async move {
        let states = stream::iter(&REGIONS).map(|region| state(&env, region)).buffered(AT_ONCE);
        Ok(states.try_collect::<Vec<_>>().await?.into())
    })
    .await
}

async fn state(env: &Env, region: &'static Region) -> Result<RegionEntry> {
    Ok(RegionEntry::new(region, region_stub::state(env, region).await?))
}
