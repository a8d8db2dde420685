//! The registration marks that follow from a transponder's address.
//!
//! The United States number their aircraft N1 to N99999, with up to two letters instead of the last
//! digits, and assign addresses in that order from a00001 on; a private flight's callsign is its
//! mark. The form of marks: FAA, 14 CFR 47.15; no mark has an I or an O.

use super::{Callsign, Icao24};

/// The addresses that have a mark.
pub const N_NUMBERS: std::ops::RangeInclusive<u32> = 0xa0_0001..=0xad_f7c7;

const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// How many marks end after given digits: with no, one or two letters.
const SUFFIXES: u32 = 1 + 24 * (1 + 24);
/// How many marks begin with given four, three, two and one digits.
const BUCKETS: [u32; 4] = [35, 35 * 10 + SUFFIXES, (350 + SUFFIXES) * 10 + SUFFIXES, 101_711];

/// The mark of an address of the United States, as a callsign; `None` for any other address.
pub fn n_number(icao24: Icao24) -> Option<Callsign> {
    if !N_NUMBERS.contains(&icao24.get()) {
        return None;
    }
    let mut rest = icao24.get() - N_NUMBERS.start();
    let mut mark = String::from("N");
    mark.push(digit(rest / BUCKETS[3] + 1));
    rest %= BUCKETS[3];
    for bucket in BUCKETS[..3].iter().rev() {
        // First come the marks that end after these digits, with their letters, then longer ones.
        let Some(longer) = rest.checked_sub(SUFFIXES) else {
            letters(rest, &mut mark);
            return parsed(&mark);
        };
        mark.push(digit(longer / bucket));
        rest = longer % bucket;
    }
    // Five characters are used: the last is nothing, a letter or a digit.
    match rest {
        0 => {}
        1..=24 => mark.push(char::from(LETTERS[rest as usize - 1])),
        _ => mark.push(digit(rest - 25)),
    }
    parsed(&mark)
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).expect("a bucket's quotient is a digit")
}

/// Appends the suffix at a place in their order: none, then each letter alone and with each second.
fn letters(place: u32, mark: &mut String) {
    let Some(place) = place.checked_sub(1) else { return };
    mark.push(char::from(LETTERS[(place / 25) as usize]));
    if let Some(second) = (place % 25).checked_sub(1) {
        mark.push(char::from(LETTERS[second as usize]));
    }
}

fn parsed(mark: &str) -> Option<Callsign> {
    Callsign::parse(mark).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_the_order_of_marks() {
        for (address, mark) in [
            ("a00001", "N1"),
            ("a00002", "N1A"),
            ("a00003", "N1AA"),
            ("a0001a", "N1AZ"),
            ("a00259", "N1ZZ"),
            ("a0025a", "N10"),
            ("a029d9", "N11"),
            ("a18d50", "N2"),
            ("adf7c7", "N99999"),
        ] {
            let icao24 = address.parse().expect("hex");
            assert_eq!(
                n_number(icao24).map(|mark| mark.to_string()).as_deref(),
                Some(mark),
                "{address}"
            );
        }
        assert_eq!(n_number("a00000".parse().expect("hex")), None);
        assert_eq!(n_number("adf7c8".parse().expect("hex")), None);
        assert_eq!(n_number("3c6752".parse().expect("hex")), None);
    }
}
