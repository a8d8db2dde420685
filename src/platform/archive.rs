//! The archive's bucket in R2: what it keeps of a minute, and one minute read.

use std::collections::HashMap;

use worker::{Bucket, Env, Result};

use super::binding;
use crate::archive::{Date, Minute};

/// The name of the metadata that says whether an object's traffic is invented.
const SIMULATED: &str = "simulated";

/// The media type of a minute's object.
pub(crate) const MSGPACK: &str = "application/vnd.msgpack";

/// The bucket.
pub(crate) fn bucket(env: &Env) -> Result<Bucket> {
    env.bucket(binding::ARCHIVE)
}

/// What R2 keeps of a minute beside its bytes: whether its traffic is invented.
pub(crate) fn metadata(simulated: bool) -> HashMap<String, String> {
    HashMap::from([(SIMULATED.to_owned(), simulated.to_string())])
}

/// A recorded minute, from R2.
pub(crate) async fn read_minute(env: &Env, time: i64) -> Result<Minute> {
    let bytes = read_object(env, time).await?;
    Minute::decode(&bytes).map_err(|error| format!("{}: {error}", Date(time).key()).into())
}

/// The bytes of a recorded minute, from R2.
pub(crate) async fn read_object(env: &Env, time: i64) -> Result<Vec<u8>> {
    let key = Date(time).key();
    let object = bucket(env)?.get(&key).execute().await?;
    let body = object.as_ref().and_then(|object| object.body());
    body.ok_or_else(|| format!("{key} is recorded but not in R2"))?.bytes().await
}
