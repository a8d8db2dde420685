//! Floor 0: a hash that identifies bytes.
//!
//! In scope: distinguishing builds and queries. Out of scope: secrets, and bytes that an attacker
//! chose to collide. `build.rs` uses this file, too.

/// The 64-bit FNV-1a hash of the bytes.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of FNV's authors (draft-eastlake-fnv).
    #[test]
    fn it_is_the_hash_that_others_compute() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
