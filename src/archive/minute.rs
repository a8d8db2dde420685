//! One archived minute: a whole snapshot, with the countries below it.

use std::collections::BTreeMap;

use crate::airspace::Snapshot;
use crate::earth::CountryCode;
use crate::earth::country::Boundaries;
use crate::feed::SourceSnapshot;
use crate::wire::{self, MinuteError};

/// A snapshot as the archive records it.
#[derive(Debug, PartialEq)]
pub struct Minute {
    /// All aircraft, and whether they are simulated.
    pub snapshot: Snapshot,
}

impl Minute {
    /// The minute of a source's snapshot, with the country below each aircraft.
    pub fn of(snapshot: SourceSnapshot, simulated: bool, boundaries: &Boundaries) -> Self {
        let SourceSnapshot { time, mut aircraft, .. } = snapshot;
        for state in &mut aircraft {
            state.current_country = state.position.and_then(|point| boundaries.country_at(point));
        }
        Self { snapshot: Snapshot::new(time, aircraft).marked(simulated) }
    }

    /// How many aircraft are over each country; countries without any are left out.
    pub fn count_by_country(&self) -> BTreeMap<CountryCode, u32> {
        let mut counts = BTreeMap::new();
        for code in self.snapshot.aircraft().iter().filter_map(|state| state.current_country) {
            *counts.entry(code).or_insert(0) += 1;
        }
        counts
    }

    /// Encodes the minute.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode_minute(&self.snapshot, self.snapshot.aircraft())
    }

    /// Encodes the minute in pieces of at most a column: `keep` gets them in order.
    pub fn encode_in_pieces(&self, keep: impl FnMut(&[u8])) {
        wire::encode_minute_in_pieces(&self.snapshot, keep);
    }

    /// Decodes a minute.
    pub fn decode(bytes: &[u8]) -> Result<Self, MinuteError> {
        wire::decode_minute(bytes).map(|snapshot| Self { snapshot })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aircraft::{Icao24, StateVector};
    use crate::feed;

    #[test]
    fn the_pieces_of_a_minute_are_its_bytes() {
        let text = r#"[{"icao24":"3c6444","callsign":"A"},{"icao24":"3c6445","callsign":"B"}]"#;
        let source = feed::parse(text.as_bytes(), 1_751_840_400).expect("a snapshot");
        let minute = Minute { snapshot: Snapshot::new(source.time, source.aircraft) };
        let mut pieces = Vec::new();
        minute.encode_in_pieces(|piece| pieces.push(piece.to_vec()));
        assert_eq!((pieces.len(), pieces.concat()), (19, minute.encode()));
    }

    #[test]
    fn aircraft_are_counted_by_the_country_that_they_are_over() {
        let text = r#"[{"icao24":"3c6444","callsign":"A","longitude":8,"latitude":50}]"#;
        let snapshot = feed::parse(text.as_bytes(), 1_751_840_400).expect("a snapshot");
        let over = |place: u32, code: Option<&str>| StateVector {
            icao24: Icao24::new(place).expect("below 2^24"),
            current_country: code.map(|code| code.parse().expect("a code")),
            ..snapshot.aircraft[0].clone()
        };
        let codes = [Some("DE"), Some("FR"), None, Some("DE"), Some("DE")];
        let aircraft = (1..).zip(codes).map(|(place, code)| over(place, code)).collect();
        let counts = Minute { snapshot: Snapshot::new(snapshot.time, aircraft) }.count_by_country();
        let counts: Vec<_> =
            counts.iter().map(|(code, count)| (code.to_string(), *count)).collect();
        assert_eq!(counts, [("DE".to_owned(), 3), ("FR".to_owned(), 1)]);
    }
}
