//! Logging in to OpenSky: OAuth2 client credentials (RFC 6749, 4.4), without input and output.
//!
//! In scope: which step is next, how long a token is valid. Out of scope: HTTP, clocks.
//!
//! Neither secrets nor tokens appear in an error or in `Debug`.

use std::fmt;

use serde::Deserialize;

/// How long before its expiry a token is no longer used: the request must still arrive.
const MARGIN_SECONDS: i64 = 60;

/// A token's assumed lifetime where the answer has none. OpenSky's tokens live for 1800 s; a wrong
/// guess costs one refusal.
const LIFETIME_SECONDS: i64 = 300;

/// No token is kept longer than a day.
const LIFETIME_SECONDS_MAX: i64 = 86_400;

/// OpenSky's token endpoint, unless the deployment sets another.
pub const TOKEN_URL: &str =
    "https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token";

/// The login to a source that requires a token, kept from one pull to the next.
#[derive(Default)]
pub struct Login {
    token: Option<Token>,
    refusals: u8,
}

struct Token {
    bearer: String,
    valid_until: i64,
}

/// The next step of a login.
#[derive(Debug, PartialEq, Eq)]
pub enum LoginStep {
    /// Ask for a token.
    Fetch,
    /// Ask the source, with this `Authorization`.
    Ask(Authorization),
    /// Give up: the source refuses even a new token.
    Refused,
}

/// The header's value.
#[derive(PartialEq, Eq)]
pub struct Authorization(String);

impl Authorization {
    /// Returns the value; only the request may use it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer …")
    }
}

/// The token endpoint's answer has no usable token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoToken;

impl fmt::Display for NoToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token endpoint's answer has no usable access_token")
    }
}

impl std::error::Error for NoToken {}

#[derive(Deserialize)]
struct Grant {
    access_token: String,
    expires_in: Option<i64>,
}

impl Login {
    /// Begins a pull.
    pub fn begin(&mut self) {
        self.refusals = 0;
    }

    /// Returns the next step at `now`, Unix seconds.
    pub fn step(&self, now: i64) -> LoginStep {
        match &self.token {
            _ if self.refusals > 1 => LoginStep::Refused,
            Some(token) if now < token.valid_until => {
                LoginStep::Ask(Authorization(format!("Bearer {}", token.bearer)))
            }
            _ => LoginStep::Fetch,
        }
    }

    /// Stores the token in the token endpoint's answer.
    pub fn granted(&mut self, now: i64, body: &[u8]) -> Result<(), NoToken> {
        // serde's own message may quote the answer.
        let Grant { access_token, expires_in } = serde_json::from_slice(body).or(Err(NoToken))?;
        if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoToken);
        }
        let lifetime = expires_in.unwrap_or(LIFETIME_SECONDS).clamp(1, LIFETIME_SECONDS_MAX);
        // The margin takes at most half of a short lifetime.
        let valid_until = now + lifetime - MARGIN_SECONDS.min(lifetime / 2);
        self.token = Some(Token { bearer: access_token, valid_until });
        Ok(())
    }

    /// Drops a token that the source refused. Another is tried once.
    pub fn refused(&mut self) {
        self.token = None;
        self.refusals += 1;
    }
}

/// Returns the form body that requests a token.
pub fn form(client_id: &str, client_secret: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", client_id)
        .append_pair("client_secret", client_secret)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(token: &str) -> LoginStep {
        LoginStep::Ask(Authorization(format!("Bearer {token}")))
    }

    #[test]
    fn a_request_carries_the_token() {
        let LoginStep::Ask(authorization) = ask("a.b-c") else { unreachable!("it asks") };
        assert_eq!(authorization.as_str(), "Bearer a.b-c");
    }

    #[test]
    fn a_token_is_kept_and_renewed_before_it_expires() {
        let mut login = Login::default();
        login.begin();
        assert_eq!(login.step(1_000), LoginStep::Fetch);
        login.granted(1_000, br#"{"access_token":"a","expires_in":1800,"x":1}"#).expect("a token");
        for now in [1_000, 1_500, 2_739] {
            login.begin();
            assert_eq!(login.step(now), ask("a"), "{now}");
        }
        assert_eq!(login.step(2_740), LoginStep::Fetch);
        login.granted(2_740, br#"{"access_token":"b"}"#).expect("a token");
        assert_eq!((login.step(2_979), login.step(2_980)), (ask("b"), LoginStep::Fetch));
    }

    #[test]
    fn a_refused_token_is_replaced_once_in_a_pull() {
        let mut login = Login::default();
        login.begin();
        login.granted(0, br#"{"access_token":"a","expires_in":1800}"#).expect("a token");
        login.refused();
        assert_eq!(login.step(1), LoginStep::Fetch);
        login.granted(1, br#"{"access_token":"b","expires_in":1800}"#).expect("a token");
        assert_eq!(login.step(1), ask("b"));
        login.refused();
        assert_eq!(login.step(1), LoginStep::Refused);
        login.begin();
        assert_eq!(login.step(61), LoginStep::Fetch, "the next pull begins afresh");
    }

    #[test]
    fn a_token_is_usable_for_any_lifetime() {
        for (expires_in, good) in [(-5, 1), (0, 1), (1, 1), (10, 5), (120, 60), (i64::MAX, 86_340)]
        {
            let mut login = Login::default();
            let body = format!(r#"{{"access_token":"a","expires_in":{expires_in}}}"#);
            login.granted(0, body.as_bytes()).expect("a token");
            assert_eq!(login.step(good - 1), ask("a"), "{expires_in}");
            assert_eq!(login.step(good), LoginStep::Fetch, "{expires_in}");
        }
    }

    #[test]
    fn no_error_and_no_debug_output_reveals_a_secret() {
        for body in [
            r#""secret""#,
            "secret",
            r#"{"token":"secret"}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":"secret\r\nX: y"}"#,
            r#"{"access_token":"secret","expires_in":"soon"}"#,
        ] {
            let error = Login::default().granted(0, body.as_bytes()).expect_err(body);
            assert!(!format!("{error} {error:?}").contains("secret"), "{body}");
        }
        assert_eq!(format!("{:?}", ask("secret")), "Ask(Bearer …)");
    }

    #[test]
    fn the_form_takes_any_secret() {
        assert_eq!(
            form("me@there", "a&b=c d"),
            "grant_type=client_credentials&client_id=me%40there&client_secret=a%26b%3Dc+d"
        );
    }
}
