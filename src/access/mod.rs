//! Floor 3: who may push or command, by a secret or by a token of Cloudflare Access; and what
//! counts as one caller.
//!
//! Access guards the admin paths, lets people sign in, and adds a JWT to the request in the header
//! `Cf-Access-Jwt-Assertion` (RFC 7519; developers.cloudflare.com/cloudflare-one, "Validate JWTs").
//! A request that bypasses Access has no token, or one for another application.
//!
//! In scope: comparing push secrets; parsing and validating the token; which keys are valid and
//! when to request others.
//! Out of scope: fetching keys, and RSA itself, which the platform provides (`Signatures`).

mod caller;
mod keys;
mod secret;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

pub use caller::{Caller, Site};
pub use keys::{KEYS_BYTES_MAX, KEYS_SECONDS_MAX, Key, KeyStep, Keys, RETRY_SECONDS};
pub use secret::{SECRET_BYTES_MIN, Secrets};

/// How far the clocks of Access and of the Worker may differ.
const LEEWAY_SECONDS: i64 = 60;

/// The longest token that is parsed. Access's tokens have some 1 KB.
const TOKEN_BYTES_MAX: usize = 16 << 10;

/// Whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    team: String,
    audience: String,
}

impl Policy {
    /// Accepts the tokens that a team's domain, like `team.cloudflareaccess.com`, issues for one
    /// application, given by its audience tag. `None` if `team` is not a domain.
    pub fn new(team: &str, audience: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_domain = team.contains('.')
            && team.split('.').all(|label| !label.is_empty() && label.chars().all(plain));
        is_domain.then(|| Self { team: team.to_owned(), audience: audience.to_owned() })
    }

    /// The URL of the team's keys.
    pub fn keys_url(&self) -> String {
        format!("https://{}/cdn-cgi/access/certs", self.team)
    }

    fn issuer(&self) -> String {
        format!("https://{}", self.team)
    }
}

/// Verifies RSASSA-PKCS1-v1_5 signatures with SHA-256: RS256, and nothing else.
pub trait Signatures {
    /// Whether the key's owner signed this. False if that cannot be verified.
    fn is_valid(&self, key: &Key, signed: &[u8], signature: &[u8]) -> impl Future<Output = bool>;
}

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessError {
    /// It is not a token; what is wrong with its form.
    Malformed(&'static str),
    /// It is not signed with RS256.
    Algorithm(String),
    /// No key of the team has this id.
    UnknownKey(String),
    /// The key did not sign it.
    Signature,
    /// Another team issued it.
    Issuer(String),
    /// It is for another application.
    Audience,
    /// It expired at this Unix time.
    Expired(i64),
    /// It is not valid before this Unix time.
    NotYet(i64),
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(fault) => write!(f, "the Access token is malformed: {fault}"),
            Self::Algorithm(name) => {
                write!(f, "the Access token's alg is {:?}, expected RS256", brief(name))
            }
            Self::UnknownKey(kid) => {
                write!(f, "the Access token's kid is {:?}, which is no key of the team", brief(kid))
            }
            Self::Signature => f.write_str("the Access token's signature is wrong"),
            Self::Issuer(issuer) => {
                write!(f, "the Access token's iss is {:?}, which is not the team", brief(issuer))
            }
            Self::Audience => f.write_str("the Access token's aud is another application"),
            Self::Expired(at) => write!(f, "the Access token expired at {at} (Unix seconds)"),
            Self::NotYet(at) => write!(f, "the Access token begins at {at} (Unix seconds)"),
        }
    }
}

impl std::error::Error for AccessError {}

/// Cuts untrusted text to a readable length.
fn brief(text: &str) -> String {
    text.chars().take(80).collect()
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    /// Extensions that must be understood (RFC 7515, 4.1.11). We support none.
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    email: Option<String>,
    common_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// A parsed token. Nothing in it is validated yet.
#[derive(Debug)]
pub struct Token<'a> {
    kid: String,
    signed: &'a str,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Parses the header's text.
    pub fn parse(text: &'a str) -> Result<Self, AccessError> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(AccessError::Malformed("it is too long"));
        }
        let (signed, signature) =
            text.rsplit_once('.').ok_or(AccessError::Malformed("expected three parts"))?;
        let (header, claims) =
            signed.split_once('.').ok_or(AccessError::Malformed("expected three parts"))?;
        let decode =
            |part: &str, fault| URL_SAFE_NO_PAD.decode(part).or(Err(AccessError::Malformed(fault)));
        let header: Header =
            serde_json::from_slice(&decode(header, "its header is not base64url")?)
                .or(Err(AccessError::Malformed("its header has no alg and kid")))?;
        if header.alg != "RS256" {
            return Err(AccessError::Algorithm(header.alg));
        }
        if header.crit.is_some() {
            return Err(AccessError::Malformed("its header demands extensions (crit)"));
        }
        Ok(Self {
            kid: header.kid,
            signed,
            claims: decode(claims, "its claims are not base64url")?,
            signature: decode(signature, "its signature is not base64url")?,
        })
    }

    /// The id of the key that it claims to be signed with.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Validates the token. Returns its owner's email address or client name; empty if it has none.
    pub async fn admit(
        &self,
        key: &Key,
        policy: &Policy,
        now: i64,
        signatures: &impl Signatures,
    ) -> Result<String, AccessError> {
        if !signatures.is_valid(key, self.signed.as_bytes(), &self.signature).await {
            return Err(AccessError::Signature);
        }
        let claims: Claims = serde_json::from_slice(&self.claims)
            .or(Err(AccessError::Malformed("its claims lack iss, aud or exp")))?;
        if claims.iss != policy.issuer() {
            return Err(AccessError::Issuer(claims.iss));
        }
        let is_ours = match &claims.aud {
            Audience::One(audience) => *audience == policy.audience,
            Audience::Several(audiences) => audiences.contains(&policy.audience),
        };
        if !is_ours {
            return Err(AccessError::Audience);
        }
        if now >= claims.exp.saturating_add(LEEWAY_SECONDS) {
            return Err(AccessError::Expired(claims.exp));
        }
        match claims.nbf {
            Some(begin) if begin > now.saturating_add(LEEWAY_SECONDS) => {
                Err(AccessError::NotYet(begin))
            }
            // A person has an email address, a service token its client's name.
            _ => Ok(claims.email.or(claims.common_name).unwrap_or_default()),
        }
    }
}
