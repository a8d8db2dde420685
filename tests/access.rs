//! Admission by Cloudflare Access, with keys made here: a good token, and each fault by itself.
//!
//! In scope: `access`, with RustCrypto in place of the platform. Out of scope: HTTP.

mod snapshots;

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use overflight::access::{AccessError, Key, Keys, Policy, Signatures, Token};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::rand_core::{CryptoRng, Error, RngCore};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use snapshots::{Random, each_seed};

const NOW: i64 = 1_800_000_000;
const TEAM: &str = "team.cloudflareaccess.com";
const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

/// A random generator that is good enough for test keys.
struct Dice(Random);

impl CryptoRng for Dice {}

impl RngCore for Dice {
    fn next_u32(&mut self) -> u32 {
        self.0.next() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.next() as u8);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

fn private_key(seed: u64) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut Dice(Random(seed)), 1_024).expect("a key")
}

static TEAMS: LazyLock<RsaPrivateKey> = LazyLock::new(|| private_key(1));
static STRANGERS: LazyLock<RsaPrivateKey> = LazyLock::new(|| private_key(2));

/// Verifies RS256 with RustCrypto.
struct RustCrypto;

impl Signatures for RustCrypto {
    async fn is_valid(&self, key: &Key, signed: &[u8], signature: &[u8]) -> bool {
        let number = |text: &str| URL_SAFE_NO_PAD.decode(text).map(|b| BigUint::from_bytes_be(&b));
        let (Ok(n), Ok(e)) = (number(&key.n), number(&key.e)) else { return false };
        let Ok(key) = RsaPublicKey::new(n, e) else { return false };
        Signature::try_from(signature).is_ok_and(|signature| {
            VerifyingKey::<Sha256>::new(key).verify(signed, &signature).is_ok()
        })
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn sign(header: &Value, claims: &Value, key: &RsaPrivateKey) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = SigningKey::<Sha256>::new(key.clone()).sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "team-1", "typ": "JWT"})
}

fn claims() -> Value {
    json!({
        "iss": format!("https://{TEAM}"), "aud": [AUDIENCE], "email": "ada@example.org",
        "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 3_600, "type": "app", "sub": "1",
    })
}

fn good() -> String {
    sign(&header(), &claims(), &TEAMS)
}

/// Returns the team's keys, parsed from a JWKS.
fn keys() -> Keys {
    let number = |number: &BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    let jwk = json!({
        "kid": "team-1", "kty": "RSA", "alg": "RS256", "use": "sig",
        "n": number(TEAMS.n()), "e": number(TEAMS.e()),
    });
    let mut keys = Keys::new();
    keys.answered(json!({ "keys": [jwk] }).to_string().as_bytes(), NOW).expect("a JWKS");
    keys
}

fn admit(text: &str) -> Result<String, AccessError> {
    let policy = Policy::new(TEAM, AUDIENCE).expect("a domain");
    let token = Token::parse(text)?;
    let keys = keys();
    let unknown = || AccessError::UnknownKey(token.kid().to_owned());
    let key = keys.get(token.kid(), NOW).ok_or_else(unknown)?;
    token.admit(key, &policy, NOW, &RustCrypto).now_or_never().expect("nothing is awaited here")
}

/// A token of the team's with some claims replaced.
fn claiming(replaced: Value) -> Result<String, AccessError> {
    let mut claims = claims();
    for (name, value) in replaced.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    admit(&sign(&header(), &claims, &TEAMS))
}

#[test]
fn a_good_token_admits_and_names_the_caller() {
    assert_eq!(admit(&good()).as_deref(), Ok("ada@example.org"));
    assert_eq!(claiming(json!({"aud": AUDIENCE})).as_deref(), Ok("ada@example.org"));
    assert_eq!(claiming(json!({"aud": ["x", AUDIENCE]})).as_deref(), Ok("ada@example.org"));
    let service = json!({"email": null, "common_name": "robot.access"});
    assert_eq!(claiming(service).as_deref(), Ok("robot.access"));
}

#[test]
fn clocks_may_differ_by_a_minute_and_no_more() {
    for (times, expected) in [
        (json!({"exp": NOW - 59}), None),
        (json!({"exp": NOW - 60}), Some(AccessError::Expired(NOW - 60))),
        (json!({"exp": i64::MIN}), Some(AccessError::Expired(i64::MIN))),
        (json!({"exp": i64::MAX}), None),
        (json!({"nbf": NOW + 60}), None),
        (json!({"nbf": NOW + 61}), Some(AccessError::NotYet(NOW + 61))),
        (json!({"nbf": i64::MAX}), Some(AccessError::NotYet(i64::MAX))),
        (json!({"nbf": null}), None),
    ] {
        assert_eq!(claiming(times.clone()).err(), expected, "{times}");
    }
}

#[test]
fn another_issuer_or_audience_is_refused_even_with_the_teams_signature() {
    let other = "https://other.cloudflareaccess.com";
    assert_eq!(claiming(json!({"iss": other})), Err(AccessError::Issuer(other.to_owned())));
    let slash = format!("https://{TEAM}/");
    assert_eq!(claiming(json!({"iss": slash})), Err(AccessError::Issuer(slash.clone())));
    for audience in [json!([]), json!(["x"]), json!(""), json!(&AUDIENCE[1..])] {
        assert_eq!(claiming(json!({"aud": audience})), Err(AccessError::Audience), "{audience}");
    }
}

#[test]
fn claims_that_are_missing_or_of_another_type_are_refused() {
    for name in ["iss", "aud", "exp"] {
        for wrong in [json!(null), json!({}), json!([1]), json!(true), json!("1800003600")] {
            let refused = claiming(json!({ name: wrong.clone() }));
            let is_text = matches!(name, "iss" | "aud") && wrong.is_string();
            let expected = matches!(refused, Err(AccessError::Malformed(_)));
            assert!(refused.is_err() && (expected || is_text), "{name} {wrong}: {refused:?}");
        }
    }
}

#[test]
fn only_rs256_is_accepted() {
    for alg in ["none", "None", "HS256", "RS384", "PS256", "ES256", "rs256", ""] {
        let mut header = header();
        header["alg"] = json!(alg);
        let refused = admit(&sign(&header, &claims(), &TEAMS));
        assert_eq!(refused, Err(AccessError::Algorithm(alg.to_owned())));
        let unsigned = format!("{}.{}.", part(&header), part(&claims()));
        assert_eq!(admit(&unsigned), Err(AccessError::Algorithm(alg.to_owned())));
    }
    let unsigned = format!("{}.{}.", part(&header()), part(&claims()));
    assert_eq!(admit(&unsigned), Err(AccessError::Signature));
}

#[test]
fn another_key_is_refused_under_any_name() {
    let forged = sign(&header(), &claims(), &STRANGERS);
    assert_eq!(admit(&forged), Err(AccessError::Signature));
    let mut own = header();
    own["kid"] = json!("strangers-1");
    let unknown = Err(AccessError::UnknownKey("strangers-1".to_owned()));
    assert_eq!(admit(&sign(&own, &claims(), &STRANGERS)), unknown);
    // A key inside the token is ignored.
    own["jwk"] = json!({"kty": "RSA", "kid": "strangers-1", "e": "AQAB", "n": "AQAB"});
    assert_eq!(admit(&sign(&own, &claims(), &STRANGERS)), unknown);
}

#[test]
fn text_that_is_not_a_token_is_refused_with_the_reason() {
    let mut critical = header();
    critical["crit"] = json!(["exp"]);
    let three = "expected three parts";
    for (text, fault) in [
        (String::new(), three),
        ("a".to_owned(), three),
        ("a.b".to_owned(), three),
        ("..".to_owned(), "no alg and kid"),
        (format!("{}.e30.", part(&json!({"alg": "RS256"}))), "no alg and kid"),
        (format!("{}=.e30.", part(&header())), "header is not base64url"),
        (format!("{}.e30=.", part(&header())), "claims are not base64url"),
        (format!("{}.e30.x", part(&header())), "signature is not base64url"),
        (format!("x.{}", good()), "header is not base64url"),
        (format!("{}.x", good()), "claims are not base64url"),
        (sign(&critical, &claims(), &TEAMS), "crit"),
        ("a".repeat(16 * 1_024), three),
        ("a".repeat(16 * 1_024 + 1), "too long"),
    ] {
        let refused = admit(&text).expect_err(fault).to_string();
        assert!(refused.contains(fault), "{text:.60}: {refused}");
    }
}

#[test]
fn no_changed_token_is_ever_accepted() {
    let good = good().into_bytes();
    let alphabet: Vec<u8> = (b'!'..=b'~').collect();
    each_seed(3_000, |random| {
        let mut token = good.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(token.len() as u64) as usize;
            match random.below(4) {
                0 => token[at] = random.pick(&alphabet),
                1 => token.insert(at, random.pick(&alphabet)),
                2 => drop(token.remove(at)),
                _ => {
                    let other = random.below(token.len() as u64) as usize;
                    token.swap(at, other);
                }
            }
        }
        let text = String::from_utf8(token.clone()).expect("ASCII");
        assert_eq!(admit(&text).is_ok(), token == good, "{text}");
    });
}

#[test]
fn a_signature_with_any_bit_flipped_is_refused() {
    let text = good();
    let (signed, signature) = text.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    for bit in 0..signature.len() * 8 {
        let mut forged = signature.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(forged));
        assert_eq!(admit(&forged), Err(AccessError::Signature), "bit {bit}");
    }
}

#[test]
fn a_team_must_be_a_domain() {
    for wrong in
        ["", "team", "https://team.example", "team.example/", "a..b", "a.b?", "Team.example"]
    {
        assert_eq!(Policy::new(wrong, AUDIENCE), None, "{wrong}");
    }
    let policy = Policy::new(TEAM, AUDIENCE).expect("a domain");
    assert_eq!(policy.keys_url(), format!("https://{TEAM}/cdn-cgi/access/certs"));
}
