//! The shared secrets for pushes.

use subtle::{Choice, ConstantTimeEq};

/// The shortest secret that is accepted: 16 random characters of base64 have 96 bits. The limit of
/// 120 attempts a minute and address does not protect a secret that is in a dictionary.
pub const SECRET_BYTES_MIN: usize = 16;

/// The accepted secrets: two while one replaces the other.
#[derive(Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Adds a secret. Returns false, and adds nothing, if it is too short.
    #[must_use]
    pub fn add(&mut self, secret: String) -> bool {
        let fits = secret.len() >= SECRET_BYTES_MIN;
        if fits {
            self.0.push(secret);
        }
        fits
    }

    /// Whether there are no secrets, so that no push is admitted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the value of the header `Authorization` is `Bearer` and one of the secrets.
    ///
    /// The duration reveals only their lengths: secrets of the given length are compared in full.
    pub fn admit(&self, authorization: &str) -> bool {
        let Some(given) = authorization.strip_prefix("Bearer ") else { return false };
        let same = |secret: &String| secret.as_bytes().ct_eq(given.as_bytes());
        self.0.iter().fold(Choice::from(0), |found, secret| found | same(secret)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(list: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        for secret in list {
            assert!(secrets.add((*secret).to_owned()), "{secret}");
        }
        secrets
    }

    #[test]
    fn only_the_secrets_themselves_are_admitted() {
        let (old, new) = ("the one of today!", "the one of tomorrow");
        for admitted in [secrets(&[old]), secrets(&[old, new]), secrets(&[new, old])] {
            assert!(admitted.admit(&format!("Bearer {old}")));
        }
        let both = secrets(&[old, new]);
        assert!(both.admit(&format!("Bearer {new}")));
        for wrong in ["", "Bearer", "Bearer ", old, &format!("bearer {old}")] {
            assert!(!both.admit(wrong), "{wrong}");
        }
        assert!(!both.admit(&format!("Bearer  {old}")) && !both.admit(&format!("Bearer {old} ")));
        for end in 0..old.len() {
            assert!(!both.admit(&format!("Bearer {}", &old[..end])), "{end} bytes of it");
        }
        for bit in 0..old.len() * 8 {
            let mut given = old.as_bytes().to_vec();
            given[bit / 8] ^= 1 << (bit % 8);
            let given = String::from_utf8_lossy(&given);
            assert!(!both.admit(&format!("Bearer {given}")), "bit {bit}");
        }
    }

    #[test]
    fn short_secrets_are_refused_and_no_secrets_admit_nobody() {
        let mut secrets = Secrets::default();
        assert!(!secrets.add("fifteen letters".to_owned()) && !secrets.add(String::new()));
        assert!(secrets.is_empty() && !secrets.admit("Bearer ") && !secrets.admit("Bearer"));
        assert!(!secrets.admit("Bearer fifteen letters"));
        assert!(secrets.add("sixteen letters!".to_owned()) && !secrets.is_empty());
    }
}
