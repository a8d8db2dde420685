//! The team's public keys: which there are, and when to ask for them.
//!
//! In scope: the JWKS, how long it is good, how often it may be asked for.
//! Out of scope: asking.

use serde::Deserialize;

/// Access makes new keys every six weeks, and withdraws one at once only in an emergency.
const GOOD_SECONDS: i64 = 3_600;

/// Whoever makes up names of keys lets them be fetched no more often than this.
const ASK_SECONDS: i64 = 60;

/// An RSA public key, as its JWK has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}

/// The keys that are known.
#[derive(Debug, Default)]
pub struct Keys {
    keys: Vec<Key>,
    /// When they came, and when they were last asked for, Unix seconds.
    came_at: Option<i64>,
    asked_at: Option<i64>,
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
    /// None yet.
    pub const fn new() -> Self {
        Self { keys: Vec::new(), came_at: None, asked_at: None }
    }

    /// The key of that name, unless what is known is too old to be relied on.
    pub fn get(&self, kid: &str, now: i64) -> Option<&Key> {
        self.came_at.filter(|came_at| now - came_at < GOOD_SECONDS)?;
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// Whether to ask for the keys, since that one is wanted and not known.
    pub fn due(&self, kid: &str, now: i64) -> bool {
        self.get(kid, now).is_none() && self.asked_at.is_none_or(|at| now - at >= ASK_SECONDS)
    }

    /// Takes note that they are being asked for.
    pub fn asking(&mut self, now: i64) {
        self.asked_at = Some(now);
    }

    /// Takes the JWKS that came; the keys that can check RS256 are those that are kept.
    pub fn came(&mut self, jwks: &[u8], now: i64) -> Result<(), String> {
        let Jwks { keys } = serde_json::from_slice(jwks).map_err(|error| error.to_string())?;
        self.keys = keys.into_iter().filter_map(Jwk::into_key).collect();
        self.came_at = Some(now);
        Ok(())
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
    fn keys_are_asked_for_when_they_are_first_wanted_and_kept_for_an_hour() {
        let mut keys = Keys::new();
        assert!(keys.due("a", 0));
        keys.asking(0);
        keys.came(&jwks("a"), 1).expect("a JWKS");
        assert!(keys.get("a", 3_600).is_some() && !keys.due("a", 3_600));
        assert!(keys.get("a", 3_601).is_none() && keys.due("a", 3_601));
    }

    #[test]
    fn an_unknown_key_is_asked_for_once_a_minute_at_most() {
        let mut keys = Keys::new();
        keys.asking(100);
        keys.came(&jwks("a"), 100).expect("a JWKS");
        assert!(!keys.due("b", 159) && keys.due("b", 160));
        keys.asking(160);
        assert!(!keys.due("b", 161) && !keys.due("c", 219) && keys.due("c", 220));
        keys.came(&jwks("b"), 161).expect("a JWKS");
        assert!(keys.get("b", 161).is_some());
        assert!(keys.get("a", 161).is_none(), "a key that is withdrawn is forgotten");
    }

    #[test]
    fn what_came_garbled_changes_nothing_and_does_not_prolong() {
        let mut keys = Keys::new();
        keys.came(&jwks("a"), 0).expect("a JWKS");
        for text in ["", "{}", "null", "<html>", r#"{"keys":{}}"#] {
            assert!(keys.came(text.as_bytes(), 3_599).is_err(), "{text}");
        }
        assert!(keys.get("a", 3_599).is_some() && keys.get("a", 3_600).is_none());
    }

    #[test]
    fn only_keys_that_can_check_rs256_are_kept() {
        for (unfit, why) in [
            (r#""kty":"EC","n":"AQAB","e":"AQAB""#, "another kind"),
            (r#""kty":"RSA","use":"enc","n":"AQAB","e":"AQAB""#, "another use"),
            (r#""kty":"RSA","alg":"PS256","n":"AQAB","e":"AQAB""#, "another algorithm"),
            (r#""kty":"RSA","e":"AQAB""#, "no modulus"),
        ] {
            let mut keys = Keys::new();
            let jwks = format!(r#"{{"keys":[{{"kid":"a",{unfit}}}]}}"#);
            keys.came(jwks.as_bytes(), 0).expect("a JWKS");
            assert!(keys.get("a", 0).is_none(), "{why}");
        }
    }
}
