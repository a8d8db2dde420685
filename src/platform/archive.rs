//! The archive's bucket in R2: a minute's metadata, and reading a minute.

use std::collections::HashMap;

use worker::{Bucket, Env, Object, Result};

use super::binding;
use crate::archive::{Location, Minute};

/// The metadata's key for whether an object's traffic is simulated.
const SIMULATED: &str = "simulated";

/// The media type of a minute's object.
pub(crate) const MSGPACK: &str = "application/vnd.msgpack";

/// The bucket.
pub(crate) fn bucket(env: &Env) -> Result<Bucket> {
    env.bucket(binding::ARCHIVE)
}

/// The metadata of a minute's object: whether its traffic is simulated.
pub(crate) fn metadata(simulated: bool) -> HashMap<String, String> {
    HashMap::from([(SIMULATED.to_owned(), simulated.to_string())])
}

/// Whether the traffic of an object is simulated, according to its metadata.
pub(crate) fn is_simulated(object: &Object) -> Result<bool> {
    Ok(object.custom_metadata()?.get(SIMULATED).is_some_and(|value| value == "true"))
}

/// Reads a recorded minute from R2.
pub(crate) async fn read_minute(env: &Env, location: &Location) -> Result<Minute> {
    let Location::Object(key) = location;
    let bytes = read_object(env, key).await?;
    Minute::decode(&bytes).map_err(|error| format!("{key}: {error}").into())
}

/// Reads the bytes of a recorded object from R2.
pub(crate) async fn read_object(env: &Env, key: &str) -> Result<Vec<u8>> {
    let object = bucket(env)?.get(key).execute().await?;
    let body = object.as_ref().and_then(|object| object.body());
    body.ok_or_else(|| format!("{key} is recorded but not in R2"))?.bytes().await
}
