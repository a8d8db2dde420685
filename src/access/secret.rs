//! A shared secret, compared.

/// Whether the two are the same, without telling by the duration where they differ: every byte of
/// what is expected is looked at, whatever was given.
pub fn is_same(given: &[u8], expected: &[u8]) -> bool {
    let differing = (0..expected.len()).fold(given.len() ^ expected.len(), |differing, index| {
        let byte = given.get(index).copied().unwrap_or(0);
        differing | usize::from(byte ^ expected[index])
    });
    std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_the_same() {
        let secret = b"Bearer a token";
        assert!(is_same(secret, secret) && is_same(b"", b""));
        for end in 0..secret.len() {
            assert!(!is_same(&secret[..end], secret), "{end} bytes of it");
            assert!(!is_same(secret, &secret[..end]), "more than the {end} bytes of it");
        }
        for bit in 0..secret.len() * 8 {
            let mut given = secret.to_vec();
            given[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_same(&given, secret), "bit {bit}");
        }
        // A missing byte is compared as zero, so the length alone must tell these apart.
        assert!(!is_same(b"a", b"a\0") && !is_same(b"a\0", b"a"));
        // Lengths whose difference has no low bits.
        assert!(!is_same(&[0; 256], b"") && !is_same(b"", &[0; 256]));
    }
}
