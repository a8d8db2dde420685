//! `POST /api/admin/…`: commands, for those whom Cloudflare Access admits.
//!
//! Access guards these paths. The Worker still validates its token, since a request may bypass
//! Access.

use std::cell::RefCell;
use std::time::Duration;

use worker::js_sys::{self, Array, Object, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::WorkerGlobalScope;
use worker::{Delay, Env, Request, RequestInit, Response, console_error, console_log};

use super::{guard, ingest};
use crate::access::{
    AccessError, KEYS_BYTES_MAX, KEYS_SECONDS_MAX, Key, KeyStep, Keys, Policy, RETRY_SECONDS,
    Signatures, Token,
};
use crate::ask::IngestQuestion;
use crate::ledger::PullError;
use crate::platform::transfer::{self, Transfer};
use crate::platform::{Config, binding, clock};
use crate::problem::Problem;

/// The header of Access's token.
const HEADER: &str = "Cf-Access-Jwt-Assertion";

/// The service that has the keys, as errors name it.
const ACCESS: &str = "Cloudflare Access";

/// How often a visit that waits for another's request looks for the keys. The platform binds a
/// promise to the visit that made it, so none can await another's request.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

thread_local! {
    /// The team's keys, for as long as this isolate lives.
    static KEYS: RefCell<Keys> = const { RefCell::new(Keys::new()) };
}

/// Passes a command to the ingest object if the caller may give it.
pub(super) async fn admin(
    request: &Request,
    env: &Env,
    config: &Config,
    command: &str,
    question: &IngestQuestion,
) -> Result<Response, Problem> {
    guard::limit(request, env, binding::WRITE_LIMIT).await?;
    let admitted = admit(request, config).await;
    // One line for each attempt within the limit. No reason contains the token.
    let line = serde_json::json!({
        "event": "admin",
        "command": command,
        "caller": guard::caller(request)?.map(|caller| caller.to_string()),
        "who": admitted.as_ref().ok(),
        "status": admitted.as_ref().err().map(|problem| problem.status),
        "refused": admitted.as_ref().err().map(|problem| &problem.detail),
    });
    console_log!("{line}");
    admitted?;
    ingest::get(env, question).await
}

/// Returns who commands, if Access admits them.
async fn admit(request: &Request, config: &Config) -> Result<String, Problem> {
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
    let token = Token::parse(&token)?;
    let key = key(token.kid(), policy).await?;
    Ok(token.admit(&key, policy, clock::now(), &Subtle).await?)
}

/// The team's key with this id: known, fetched now, or awaited while another visit fetches it.
async fn key(kid: &str, policy: &Policy) -> Result<Key, Problem> {
    loop {
        match KEYS.with_borrow_mut(|keys| keys.step(kid, clock::now())) {
            KeyStep::Known(key) => return Ok(key),
            KeyStep::Unknown => return Err(AccessError::UnknownKey(kid.to_owned()).into()),
            KeyStep::Unavailable => {
                let detail = format!(
                    "the keys of {ACCESS} are unavailable at the moment; try again in \
                     {RETRY_SECONDS} s"
                );
                return Err(Problem::new(503, detail).retry_after(RETRY_SECONDS));
            }
            KeyStep::Wait => Delay::from(LOOK_AGAIN).await,
            KeyStep::Request => {
                let came = fetch_keys(&policy.keys_url()).await;
                if let Err(error) = KEYS.with_borrow_mut(|keys| match came {
                    Ok(jwks) => keys.answered(&jwks, clock::now()),
                    Err(error) => {
                        keys.failed(clock::now());
                        Err(error.to_string())
                    }
                }) {
                    console_error!("{}: {error}", policy.keys_url());
                }
            }
        }
    }
}

async fn fetch_keys(url: &str) -> Result<Vec<u8>, PullError> {
    let transfer = Transfer::new();
    let limit = Duration::from_secs(KEYS_SECONDS_MAX.unsigned_abs());
    transfer
        .within(limit, async {
            let mut response = transfer.ask(ACCESS, url, &RequestInit::new()).await?;
            match response.status_code() {
                200 => transfer.read(&mut response, KEYS_BYTES_MAX).await,
                _ => Err(transfer::refusal(ACCESS, &response)),
            }
        })
        .await
}

/// The platform's SubtleCrypto.
struct Subtle;

impl Signatures for Subtle {
    async fn is_valid(&self, key: &Key, signed: &[u8], signature: &[u8]) -> bool {
        verify(key, signed, signature).await.unwrap_or_else(|error| {
            console_error!("a signature cannot be verified: {error:?}");
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
