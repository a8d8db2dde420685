//! Aircraft of one minute in any format, written in chunks.
//!
//! 100,000 state objects are 41 MB of JSON, which is never in memory as a whole.

use super::Date;
use super::format::{self, Format, Heading};
use crate::aircraft::StateVector;
use crate::airspace::{LiveState, Resolution, Snapshot};
use crate::earth::CountryCode;
use crate::wire::{StateObject, encode_keyframe};

/// A chunk ends with the first row that brings it to this many bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// The sequence of a keyframe from the archive; its epoch is the minute's time.
const SEQUENCE: u64 = 1;

/// A list of aircraft; as an iterator, its bytes in chunks.
#[derive(Debug)]
pub struct Listing {
    snapshot: Snapshot,
    date: String,
    format: Format,
    /// Indices of rows and, in a list of arrivals, the seconds until each enters the country.
    rows: Vec<(u32, Option<u32>)>,
    /// How many rows are written; one more once the list is closed.
    written: usize,
    /// Whether only rows are written.
    is_continued: bool,
}

impl Listing {
    /// The wanted aircraft, by callsign, then by address.
    pub fn of(snapshot: Snapshot, format: Format, wanted: impl Fn(&StateVector) -> bool) -> Self {
        let rows = by_callsign(&snapshot, wanted).into_iter().map(|index| (index, None)).collect();
        Self::new(snapshot, format, rows)
    }

    /// The aircraft over the country by their report, by callsign, then by address; then those that
    /// will be, the earliest first. `enters_in` returns the seconds until then, `None` for never.
    pub fn over(
        snapshot: Snapshot,
        country: CountryCode,
        enters_in: impl Fn(&StateVector) -> Option<u32>,
    ) -> Self {
        let is_over = |state: &StateVector| state.current_country == Some(country);
        let mut rows: Vec<_> =
            by_callsign(&snapshot, is_over).into_iter().map(|index| (index, Some(0))).collect();
        let over = rows.len();
        let elsewhere = (0..).zip(snapshot.aircraft()).filter(|(_, state)| !is_over(state));
        rows.extend(elsewhere.filter_map(|(index, state)| Some((index, Some(enters_in(state)?)))));
        let callsign = |index: u32| snapshot.aircraft()[index as usize].callsign;
        rows[over..].sort_by_key(|&(index, enters_in)| (enters_in, callsign(index)));
        Self::new(snapshot, Format::Json, rows)
    }

    fn new(snapshot: Snapshot, format: Format, rows: Vec<(u32, Option<u32>)>) -> Self {
        Self {
            date: Date(snapshot.time).to_string(),
            snapshot,
            format,
            rows,
            written: 0,
            is_continued: false,
        }
    }

    /// The same without what stands around the rows, to follow another list of the same format.
    pub fn continued(self) -> Self {
        Self { is_continued: true, ..self }
    }

    /// The number of aircraft.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    fn heading(&self) -> Heading<'_> {
        let simulated = self.snapshot.simulated;
        Heading { time: Some(&self.date), simulated, rows: self.rows.len() }
    }

    fn object(&self, (index, enters_in): (u32, Option<u32>)) -> StateObject<'_> {
        let object = StateObject::new(&self.snapshot.aircraft()[index as usize], Some(&self.date));
        enters_in.map_or(object, |enters_in| object.entering(enters_in))
    }

    /// The keyframe of the rows. A frame's rows ascend by address.
    fn keyframe(&mut self) -> Vec<u8> {
        let Snapshot { time, simulated, .. } = self.snapshot;
        let mut wanted: Vec<_> = self.rows.iter().map(|(index, _)| *index).collect();
        wanted.sort_unstable();
        let live = LiveState::of_rows(
            wanted.into_iter().map(|index| &self.snapshot.aircraft()[index as usize]),
            (time, simulated),
            Resolution::Display,
        );
        encode_keyframe(time.unsigned_abs(), SEQUENCE, &live)
    }
}

impl Iterator for Listing {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.written > self.rows.len() {
            return None;
        }
        if self.format == Format::Frame {
            self.written = self.rows.len() + 1;
            return Some(self.keyframe());
        }
        // A row has some 420 bytes of JSON, and twice as many of GeoJSON.
        let mut bytes = Vec::with_capacity(CHUNK_BYTES + 1_024);
        if self.written == 0 && !self.is_continued {
            format::begin(self.format, &self.heading(), &mut bytes);
        }
        while bytes.len() < CHUNK_BYTES
            && let Some(&row) = self.rows.get(self.written)
        {
            format::row(self.format, self.written == 0, self.object(row), &mut bytes);
            self.written += 1;
        }
        if self.written == self.rows.len() {
            if !self.is_continued {
                format::end(self.format, &mut bytes);
            }
            self.written += 1;
        }
        Some(bytes)
    }
}

/// The indices of the wanted rows by callsign, then by address: the sort is stable, and snapshots
/// ascend by address.
fn by_callsign(snapshot: &Snapshot, wanted: impl Fn(&StateVector) -> bool) -> Vec<u32> {
    let wanted = (0_u32..).zip(snapshot.aircraft()).filter(|(_, state)| wanted(state));
    let mut places: Vec<_> = wanted.map(|(index, _)| index).collect();
    places.sort_by_key(|&index| snapshot.aircraft()[index as usize].callsign);
    places
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aircraft::Callsign;

    fn snapshot(count: u32) -> Snapshot {
        let text = r#"[{"icao24":"3c6444","callsign":"A","longitude":8,"latitude":50}]"#;
        let parsed = crate::feed::parse(text.as_bytes(), 1_751_840_400).expect("a snapshot");
        let state = |address: u32| StateVector {
            icao24: format!("{address:06x}").parse().expect("an address"),
            // Callsigns descend while addresses ascend.
            callsign: Callsign::parse(&format!("T{:06}", (count - address) / 2)).expect("one"),
            current_country: address.is_multiple_of(3).then(|| "DE".parse().expect("a code")),
            ..parsed.aircraft[0].clone()
        };
        Snapshot::new(parsed.time, (0..count).map(state).collect())
    }

    fn read(listing: Listing) -> (usize, Vec<(String, String, Option<u64>)>) {
        let chunks: Vec<_> = listing.collect();
        let rows: Vec<Value> = serde_json::from_slice(&chunks.concat()).expect("an array");
        let text = |row: &Value, name: &str| row[name].as_str().expect(name).to_owned();
        let row =
            |row: &Value| (text(row, "callsign"), text(row, "icao24"), row["enters_in"].as_u64());
        (chunks.len(), rows.iter().map(row).collect())
    }

    #[test]
    fn chunks_form_one_array_by_callsign_then_address() {
        for count in [0, 1, 2, 2_000] {
            let (chunks, rows) = read(Listing::of(snapshot(count), Format::Json, |_| true));
            assert_eq!(rows.len(), count as usize);
            assert!(rows.is_sorted(), "{count}");
            assert_eq!(chunks > 5, count == 2_000, "{chunks} chunks of {count}");
        }
    }

    #[test]
    fn aircraft_over_a_country_come_before_arrivals() {
        let enters_in = |state: &StateVector| match state.icao24.get() {
            7 | 8 => Some(5),
            4 => Some(2),
            _ => None,
        };
        let (_, rows) = read(Listing::over(snapshot(10), "DE".parse().expect("a code"), enters_in));
        let addresses: Vec<_> =
            rows.iter().map(|(_, icao24, enters_in)| (icao24.as_str(), *enters_in)).collect();
        let over = [("000009", 0), ("000006", 0), ("000003", 0), ("000000", 0)];
        let arriving = [("000004", 2), ("000007", 5), ("000008", 5)];
        let expected = over.into_iter().chain(arriving);
        let expected: Vec<_> = expected.map(|(icao24, seconds)| (icao24, Some(seconds))).collect();
        // 7 and 8 have the same callsign, T000001.
        assert_eq!(addresses, expected);
    }
}
