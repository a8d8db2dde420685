//! A digest of a minute's content, whatever bytes it is stored as.

use crate::aircraft::StateVector;
use crate::airspace::Snapshot;

/// The digest of a minute, as its rows come, in any order.
///
/// It is a sum of a hash of each row. So a reader of rows by aircraft can check all minutes of an
/// hour at once. It reveals damage; it does not protect from forgery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MinuteDigest(u64);

impl MinuteDigest {
    /// Adds a row.
    pub fn add(&mut self, state: &StateVector) {
        self.0 = self.0.wrapping_add(hash(state));
    }

    /// The digest of the minute at this time that has the added rows.
    pub fn of(self, time: i64, simulated: bool) -> u64 {
        mix(mix(self.0, time as u64), simulated.into())
    }
}

/// The digest of a snapshot: equal for equal times, marks and rows, bit for bit.
pub fn minute_digest(snapshot: &Snapshot) -> u64 {
    let mut digest = MinuteDigest::default();
    snapshot.aircraft().iter().for_each(|state| digest.add(state));
    digest.of(snapshot.time, snapshot.simulated)
}

/// A word for each field, in the order of the API; absent values have words of their own.
fn hash(state: &StateVector) -> u64 {
    let number = |value: Option<f64>| (u64::from(value.is_some()), value.map_or(0, f64::to_bits));
    let byte = |value: Option<u8>| value.map_or(256, u64::from);
    let mut hash = mix(0, state.icao24.get().into());
    hash = text(hash, state.callsign.as_ref().map(|callsign| callsign.as_str()));
    hash = text(hash, state.origin_country.as_deref());
    hash = mix(hash, state.time_position.is_some().into());
    hash = mix(hash, state.time_position.unwrap_or(0) as u64);
    hash = mix(hash, state.last_contact as u64);
    for value in [
        state.position.map(|position| position.longitude),
        state.position.map(|position| position.latitude),
        state.baro_altitude,
        state.velocity,
        state.true_track,
        state.vertical_rate,
        state.geo_altitude,
    ] {
        let (is_known, bits) = number(value);
        hash = mix(mix(hash, is_known), bits);
    }
    hash = mix(hash, u64::from(state.on_ground) << 1 | u64::from(state.spi));
    hash = mix(hash, state.squawk.map_or(1 << 12, |squawk| squawk.get().into()));
    hash = mix(hash, byte(state.position_source) << 16 | byte(state.category));
    hash = text(hash, state.current_country.as_ref().map(|country| country.as_str()));
    // So that the sum of many rows depends on each bit of each.
    mix(hash, 0)
}

fn text(hash: u64, text: Option<&str>) -> u64 {
    let Some(text) = text else { return mix(hash, u64::MAX) };
    let words = text
        .as_bytes()
        .chunks(8)
        .map(|bytes| bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)));
    words.fold(mix(hash, text.len() as u64), mix)
}

/// Takes in a word: FNV-1a's multiplication, then the high half is folded into the low one.
fn mix(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 32
}
