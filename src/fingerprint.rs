//! Floor 0: a number that stands for bytes.
//!
//! In scope: telling apart what was built or asked at different times. Out of scope: secrets, and
//! bytes that somebody chose to deceive. `build.rs` uses this file, too.

/// The hash FNV-1a of the bytes, 64 bits.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
