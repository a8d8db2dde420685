//! The team's public keys: which are known, and when to request them.
//!
//! In scope: the JWKS, how long it is valid, how often it is requested, and who waits meanwhile.
//! Out of scope: the request itself.

use serde::Deserialize;

/// How long keys are valid. Access rotates keys every six weeks, and withdraws one at once only in
/// an emergency.
const GOOD_SECONDS: i64 = 3_600;

/// How soon after an answer the keys are requested again because a token names an unknown one.
/// Made-up names cost one request a minute and isolate.
const ASK_SECONDS: i64 = 60;

/// How soon they are requested again after a failure: at most 12 requests a minute and isolate.
pub const RETRY_SECONDS: i64 = 5;

/// How long a request for the keys may take. The certs of a team are some 5 KB.
pub const KEYS_SECONDS_MAX: i64 = 10;

/// After this long without an outcome a request is abandoned: the platform cancelled the visit that
/// made it, since its caller disconnected. The extra second is for the outcome to arrive.
const ABANDONED_SECONDS: i64 = KEYS_SECONDS_MAX + 1;

/// The largest answer that is read: 64 KiB, a dozen times the size of a team's certs.
pub const KEYS_BYTES_MAX: usize = 64 << 10;

/// An RSA public key, as in its JWK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}

/// The known keys.
#[derive(Debug, Default)]
pub struct Keys {
    keys: Vec<Key>,
    /// When they were received, Unix seconds.
    came_at: Option<i64>,
    request: Request,
}

/// The latest request for the keys; times are Unix seconds.
#[derive(Debug, Default)]
enum Request {
    #[default]
    Never,
    UnderWay {
        since: i64,
    },
    Answered {
        asked_at: i64,
    },
    Failed {
        at: i64,
    },
}

/// The next step of a visit that needs a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStep {
    /// It has the key.
    Known(Key),
    /// It requests the keys, and reports the outcome with `answered` or `failed`.
    Request,
    /// Another visit is requesting them: it looks again shortly.
    Wait,
    /// The team has no such key.
    Unknown,
    /// The last request failed: whether the team has this key is unknown.
    Unavailable,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Keys {
    /// No keys yet.
    pub const fn new() -> Self {
        Self { keys: Vec::new(), came_at: None, request: Request::Never }
    }

    /// The key with this id; `None` if it is unknown or the keys are no longer valid.
    pub fn get(&self, kid: &str, now: i64) -> Option<&Key> {
        self.came_at.filter(|came_at| now - came_at < GOOD_SECONDS)?;
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// The next step of a visit that needs the key with this id. Only one visit at a time gets
    /// `Request`; the others wait instead of being refused.
    pub fn step(&mut self, kid: &str, now: i64) -> KeyStep {
        if let Some(key) = self.get(kid, now) {
            return KeyStep::Known(key.clone());
        }
        let step = match self.request {
            Request::UnderWay { since } if now - since < ABANDONED_SECONDS => KeyStep::Wait,
            Request::Answered { asked_at } if now - asked_at < ASK_SECONDS => KeyStep::Unknown,
            Request::Failed { at } if now - at < RETRY_SECONDS => KeyStep::Unavailable,
            _ => KeyStep::Request,
        };
        if step == KeyStep::Request {
            self.request = Request::UnderWay { since: now };
        }
        step
    }

    /// Takes in the received JWKS and keeps the keys that can verify RS256. Bytes that are not a
    /// JWKS count as a failure.
    pub fn answered(&mut self, jwks: &[u8], now: i64) -> Result<(), String> {
        let parsed: Result<Jwks, _> = serde_json::from_slice(jwks);
        let Jwks { keys } = parsed.map_err(|error| {
            self.failed(now);
            error.to_string()
        })?;
        self.keys = keys.into_iter().filter_map(Jwk::into_key).collect();
        self.came_at = Some(now);
        self.request = Request::Answered { asked_at: now };
        Ok(())
    }

    /// Records that the request failed. The known keys stay valid for their hour.
    pub fn failed(&mut self, now: i64) {
        self.request = Request::Failed { at: now };
    }
}

impl Jwk {
    fn into_key(self) -> Option<Key> {
        let fits = |said: Option<String>, expected: &str| said.is_none_or(|said| said == expected);
        let usable = self.kty == "RSA" && fits(self.r#use, "sig") && fits(self.alg, "RS256");
        usable.then_some(Key { kid: self.kid?, n: self.n?, e: self.e? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwks(kid: &str) -> Vec<u8> {
        let key = format!(r#"{{"kty":"RSA","kid":"{kid}","use":"sig","n":"AQAB","e":"AQAB"}}"#);
        format!(r#"{{"keys":[{key}],"public_certs":[]}}"#).into_bytes()
    }

    #[test]
    fn keys_are_requested_when_they_are_first_needed_and_kept_for_an_hour() {
        let mut keys = Keys::new();
        assert_eq!(keys.step("a", 0), KeyStep::Request);
        keys.answered(&jwks("a"), 1).expect("a JWKS");
        assert!(matches!(keys.step("a", 3_600), KeyStep::Known(_)));
        assert!(keys.get("a", 3_601).is_none());
        assert_eq!(keys.step("a", 3_601), KeyStep::Request);
    }

    #[test]
    fn visits_during_a_request_wait_for_its_outcome() {
        let mut keys = Keys::new();
        assert_eq!(keys.step("a", 0), KeyStep::Request);
        for now in [0, 5, 10] {
            assert_eq!(keys.step("a", now), KeyStep::Wait, "at {now}");
        }
        keys.answered(&jwks("a"), 10).expect("a JWKS");
        assert!(matches!(keys.step("a", 10), KeyStep::Known(_)));
    }

    #[test]
    fn a_request_without_an_outcome_is_repeated_by_a_waiting_visit() {
        let mut keys = Keys::new();
        assert_eq!(keys.step("a", 0), KeyStep::Request);
        assert_eq!(keys.step("a", 11), KeyStep::Request);
        assert_eq!(keys.step("a", 11), KeyStep::Wait);
    }

    #[test]
    fn a_request_that_failed_is_made_again_within_seconds() {
        let mut keys = Keys::new();
        assert_eq!(keys.step("a", 100), KeyStep::Request);
        keys.failed(103);
        assert_eq!(keys.step("a", 107), KeyStep::Unavailable);
        assert_eq!(keys.step("a", 108), KeyStep::Request);
        assert!(keys.answered(b"<html>", 109).is_err());
        assert_eq!(keys.step("a", 113), KeyStep::Unavailable);
        assert_eq!(keys.step("a", 114), KeyStep::Request);
    }

    #[test]
    fn a_failure_does_not_cost_the_keys_that_are_known() {
        let mut keys = Keys::new();
        keys.answered(&jwks("a"), 0).expect("a JWKS");
        assert_eq!(keys.step("made up", 60), KeyStep::Request);
        keys.failed(61);
        assert!(matches!(keys.step("a", 61), KeyStep::Known(_)));
        assert_eq!(keys.step("made up", 61), KeyStep::Unavailable);
    }

    #[test]
    fn an_unknown_key_is_requested_once_a_minute_at_most() {
        let mut keys = Keys::new();
        keys.answered(&jwks("a"), 100).expect("a JWKS");
        assert_eq!(keys.step("b", 159), KeyStep::Unknown);
        assert_eq!(keys.step("b", 160), KeyStep::Request);
        keys.answered(&jwks("b"), 161).expect("a JWKS");
        assert!(matches!(keys.step("b", 161), KeyStep::Known(_)));
        assert_eq!(keys.step("a", 161), KeyStep::Unknown, "a withdrawn key is forgotten");
    }

    #[test]
    fn made_up_names_cost_a_bounded_number_of_requests() {
        // 10 visits a second for 10 minutes; the team answers at once, never answers, or fails.
        for (outcome, requests_max) in [("answers", 10), ("never ends", 55), ("fails", 120)] {
            let mut keys = Keys::new();
            let mut requests = 0;
            for tenth in 0..6_000 {
                let (kid, now) = (format!("made up {tenth}"), tenth / 10);
                if keys.step(&kid, now) != KeyStep::Request {
                    continue;
                }
                requests += 1;
                match outcome {
                    "answers" => keys.answered(&jwks("a"), now).expect("a JWKS"),
                    "fails" => keys.failed(now),
                    _ => {}
                }
            }
            assert_eq!(requests, requests_max, "the team {outcome}");
        }
    }

    #[test]
    fn garbled_answers_neither_change_nor_prolong_the_keys() {
        let mut keys = Keys::new();
        keys.answered(&jwks("a"), 0).expect("a JWKS");
        for text in ["", "{}", "null", "<html>", r#"{"keys":{}}"#] {
            assert!(keys.answered(text.as_bytes(), 3_599).is_err(), "{text}");
        }
        assert!(keys.get("a", 3_599).is_some() && keys.get("a", 3_600).is_none());
    }

    #[test]
    fn only_keys_that_can_verify_rs256_are_kept() {
        for (unfit, why) in [
            (r#""kty":"EC","n":"AQAB","e":"AQAB""#, "another kind"),
            (r#""kty":"RSA","use":"enc","n":"AQAB","e":"AQAB""#, "another use"),
            (r#""kty":"RSA","alg":"PS256","n":"AQAB","e":"AQAB""#, "another algorithm"),
            (r#""kty":"RSA","e":"AQAB""#, "no modulus"),
        ] {
            let mut keys = Keys::new();
            let jwks = format!(r#"{{"keys":[{{"kid":"a",{unfit}}}]}}"#);
            keys.answered(jwks.as_bytes(), 0).expect("a JWKS");
            assert!(keys.get("a", 0).is_none(), "{why}");
        }
    }
}
