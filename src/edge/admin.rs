//! `POST /api/admin/…`: commands, for those whom Cloudflare Access let in.
//!
//! Access is the gate before these paths; the Worker believes nobody who does not show its token,
//! since it can be reached by other ways.

use std::cell::RefCell;

use worker::js_sys::{self, Array, Object, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::WorkerGlobalScope;
use worker::{Env, Fetch, Request, Response, console_error, console_log};

use super::{Config, Problem, binding, clock, guard, ingest_stub};
use crate::access::{Key, Keys, Policy, Refusal, Signatures, Token};

/// What Access calls its token.
const HEADER: &str = "Cf-Access-Jwt-Assertion";

thread_local! {
    /// The team's keys, for as long as this isolate lives.
    static KEYS: RefCell<Keys> = const { RefCell::new(Keys::new()) };
}

/// Hands a command over to the ingest object, at that path of its.
pub(super) async fn admin(
    request: &Request,
    env: &Env,
    config: &Config,
    command: &str,
    path: &str,
) -> Result<Response, Problem> {
    guard::limit(request, env, binding::WRITE_LIMIT).await?;
    guard::from_own_page(request)?;
    let Some(policy) = &config.access else {
        let detail = "this deployment has no admin: ACCESS_TEAM_DOMAIN and ACCESS_AUD are not set";
        return Err(Problem::forbidden(detail.to_owned()));
    };
    let Some(token) = request.headers().get(HEADER)? else {
        return Err(Problem::forbidden(format!(
            "expected the header {HEADER} of Cloudflare Access"
        )));
    };
    let who = admit(&token, policy).await?;
    console_log!("{}", serde_json::json!({ "event": "admin", "command": command, "who": who }));
    ingest_stub::get(env, path).await
}

async fn admit(token: &str, policy: &Policy) -> Result<String, Problem> {
    let token = Token::parse(token)?;
    let now = clock::now();
    if KEYS.with_borrow(|keys| keys.due(token.kid(), now)) {
        KEYS.with_borrow_mut(|keys| keys.asking(now));
        let came = fetch_keys(policy).await.map_err(|error| error.to_string());
        let came = came.and_then(|jwks| KEYS.with_borrow_mut(|keys| keys.came(&jwks, now)));
        if let Err(error) = came {
            console_error!("{}: {error}", policy.keys_url());
        }
    }
    let key = KEYS.with_borrow(|keys| keys.get(token.kid(), now).cloned());
    let key = key.ok_or_else(|| Refusal::UnknownKey(token.kid().to_owned()))?;
    Ok(token.admit(&key, policy, now, &Subtle).await?)
}

async fn fetch_keys(policy: &Policy) -> worker::Result<Vec<u8>> {
    let url = policy.keys_url().parse()?;
    let mut response = Fetch::Url(url).send().await?;
    match response.status_code() {
        200 => response.bytes().await,
        status => Err(format!("the team's keys: {status}").into()),
    }
}

/// The platform's SubtleCrypto.
struct Subtle;

impl Signatures for Subtle {
    async fn is_valid(&self, key: &Key, signed: &[u8], signature: &[u8]) -> bool {
        verify(key, signed, signature).await.unwrap_or_else(|error| {
            console_error!("a signature cannot be checked: {error:?}");
            false
        })
    }
}

async fn verify(key: &Key, signed: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let subtle = scope.crypto()?.subtle();
    let algorithm = object(&[("name", "RSASSA-PKCS1-v1_5"), ("hash", "SHA-256")])?;
    let jwk = object(&[("kty", "RSA"), ("n", &key.n), ("e", &key.e)])?;
    let usages = Array::of1(&"verify".into());
    let key = subtle.import_key_with_object("jwk", &jwk, &algorithm, false, &usages)?;
    let key = JsFuture::from(key).await?.unchecked_into();
    let (signature, signed) = (Uint8Array::from(signature), Uint8Array::from(signed));
    let valid = subtle.verify_with_object_and_buffer_source_and_buffer_source(
        &algorithm, &key, &signature, &signed,
    )?;
    Ok(JsFuture::from(valid).await? == JsValue::TRUE)
}

fn object(members: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), &(*value).into())?;
    }
    Ok(object)
}
