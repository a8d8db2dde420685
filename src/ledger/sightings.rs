//! Which callsigns and addresses were seen on which day, for the search.
//!
//! A sighting is a row for each pair of callsign and address and each day of UTC, with the first
//! and the last minute. Only what changes is written: a pair that appears, and one that disappears.
//! The pairs of the newest minute are stored as one list, with which the next minute is compared.
//! Out of scope: the storage, and the answer's form.

use std::str::FromStr;

use crate::aircraft::{Callsign, Icao24, StateVector};
use crate::airspace::Snapshot;

/// The bytes of a pair: the address, big-endian, and the callsign, padded with zeros.
const PAIR_BYTES: usize = 12;

/// The pairs of a minute, ascending by address: 12 bytes each, so 140 kB for 12,000 aircraft and
/// 1.2 MB for 100,000, below the 2 MB of a row of SQLite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present(Vec<u8>);

/// A pair of callsign and address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The address.
    pub icao24: Icao24,
    /// The callsign; empty if the aircraft sends none.
    pub callsign: String,
}

/// What to write when a minute follows another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SightingChanges {
    /// The pairs that are new in this minute, or on this day.
    pub arrived: Vec<Pair>,
    /// The pairs that were last seen in the minute before.
    pub left: Vec<Pair>,
}

impl Present {
    /// The pairs of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut bytes = Vec::with_capacity(snapshot.aircraft().len() * PAIR_BYTES);
        for StateVector { icao24, callsign, .. } in snapshot.aircraft() {
            bytes.extend_from_slice(&icao24.get().to_be_bytes());
            let text = callsign.as_ref().map_or("", Callsign::as_str).as_bytes();
            bytes.extend_from_slice(text);
            bytes.resize(bytes.len() + 8 - text.len(), 0);
        }
        Self(bytes)
    }

    /// The pairs that [`Present::bytes`] returned; none if the bytes are of another length.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        if bytes.len().is_multiple_of(PAIR_BYTES) { Self(bytes) } else { Self::default() }
    }

    /// The bytes, to be stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What to write when this minute follows `before`. On a new day every pair is new, and the
    /// rows of the day before stay as they are: without a last minute they end with their day.
    pub fn changes(&self, before: &Self, is_same_day: bool) -> SightingChanges {
        let nobody = Self::default();
        let before = if is_same_day { before } else { &nobody };
        let (old, new) = (before.0.as_chunks().0, self.0.as_chunks().0);
        let without = |all: &[[u8; PAIR_BYTES]], others: &[[u8; PAIR_BYTES]]| {
            let mut others = others.iter().peekable();
            let only = all.iter().filter(|pair| {
                while others.next_if(|other| other < pair).is_some() {}
                others.peek() != Some(pair)
            });
            only.filter_map(pair).collect()
        };
        SightingChanges { arrived: without(new, old), left: without(old, new) }
    }
}

fn pair(bytes: &[u8; PAIR_BYTES]) -> Option<Pair> {
    let (address, text) = bytes.split_at(4);
    let icao24 = Icao24::new(u32::from_be_bytes(address.try_into().ok()?))?;
    let text = std::str::from_utf8(text).ok()?.trim_end_matches('\0');
    Some(Pair { icao24, callsign: text.to_owned() })
}

/// What a callsign or an address begins with: one to eight printable characters, in capitals.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SearchTerm(String);

impl SearchTerm {
    /// The callsigns that begin with it: from the first text to before the second, in the order of
    /// their bytes.
    pub fn callsigns(&self) -> (&str, String) {
        // Callsigns have characters below this one only.
        (&self.0, format!("{}\x7f", self.0))
    }

    /// The addresses that begin with it, first and last; `None` if it is not hexadecimal.
    pub fn addresses(&self) -> Option<(u32, u32)> {
        let shift = 24_u32.checked_sub(4 * u32::try_from(self.0.len()).ok()?)?;
        let is_hex = self.0.bytes().all(|byte| byte.is_ascii_hexdigit());
        let first = u32::from_str_radix(&self.0, 16).ok().filter(|_| is_hex)? << shift;
        Some((first, first + (1 << shift) - 1))
    }
}

impl FromStr for SearchTerm {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim_matches(' ').to_ascii_uppercase();
        let is_plain = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        ((1..=8).contains(&text.len()) && is_plain).then_some(Self(text)).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed;

    fn present(pairs: &[(&str, &str)]) -> Present {
        let row = |(icao24, callsign): &(&str, &str)| {
            format!(
                r#"{{"icao24":"{icao24}","callsign":"{callsign}","longitude":8,"latitude":50}}"#
            )
        };
        let rows: Vec<_> = pairs.iter().map(row).collect();
        let text = format!("[{}]", rows.join(","));
        let parsed = feed::parse(text.as_bytes(), 1_751_840_400).expect("a snapshot");
        Present::of(&Snapshot::new(parsed.time, parsed.aircraft))
    }

    fn names(pairs: &[Pair]) -> Vec<(String, &str)> {
        pairs.iter().map(|pair| (pair.icao24.to_string(), &*pair.callsign)).collect()
    }

    #[test]
    fn only_pairs_that_come_or_go_are_written() {
        let before = present(&[("3c6444", "DLH9LF"), ("3c6dd2", "DLH400"), ("4b1803", "")]);
        let after = present(&[("3c6444", "DLH9LF"), ("3c6dd2", "DLH401"), ("a00001", "N1 A")]);
        let stored = Present::from_bytes(before.bytes().to_vec());
        assert_eq!((&stored, stored.bytes().len()), (&before, 36));
        let changes = after.changes(&stored, true);
        let arrived = [("3c6dd2".to_owned(), "DLH401"), ("a00001".to_owned(), "N1 A")];
        assert_eq!(names(&changes.arrived), arrived);
        let left = [("3c6dd2".to_owned(), "DLH400"), ("4b1803".to_owned(), "")];
        assert_eq!(names(&changes.left), left);
        assert_eq!(before.changes(&before, true), SightingChanges::default());
        let next_day = before.changes(&before, false);
        assert_eq!((next_day.arrived.len(), next_day.left.len()), (3, 0));
        assert_eq!(Present::from_bytes(vec![0; 13]), Present::default());
    }

    #[test]
    fn a_term_is_the_beginning_of_a_callsign_and_perhaps_of_an_address() {
        let term = |text: &str| text.parse::<SearchTerm>();
        let found = |text: &str| term(text).expect(text).addresses();
        assert_eq!(term(" dlh ").expect("a term").callsigns(), ("DLH", "DLH\x7f".to_owned()));
        assert_eq!(found("3c6444"), Some((0x3c_6444, 0x3c_6444)));
        assert_eq!(found("3C"), Some((0x3c_0000, 0x3c_ffff)));
        assert_eq!(
            (found("f"), found("DLH"), found("+3C"), found("3c64445")),
            (Some((0xf0_0000, 0xff_ffff)), None, None, None)
        );
        for text in ["", "  ", "NINECHARS", "Ä", "a\nb"] {
            assert_eq!(term(text), Err(()), "{text}");
        }
    }
}
