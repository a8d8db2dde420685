//! What every client of a region holds: aircraft rounded to a resolution, all at one time.

use std::sync::Arc;

use super::{Motion, Resolution, Snapshot};
use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::CountryCode;

/// What every client of a region holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveState {
    /// The feed's time, Unix seconds; 0 before the first feed.
    pub time: i64,
    /// The grid to which it is rounded.
    pub resolution: Resolution,
    /// Whether the traffic is simulated.
    pub simulated: bool,
    /// The aircraft, ascending by address.
    pub aircraft: Vec<LiveAircraft>,
}

/// One aircraft of the live state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAircraft {
    /// The transponder's address.
    pub icao24: Icao24,
    /// The fields that seldom change.
    pub identity: Identity,
    /// Its motion.
    pub motion: Motion,
}

/// The fields of a state vector that seldom change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in StateVector")]
pub struct Identity {
    pub callsign: Option<Callsign>,
    pub origin_country: Option<Arc<str>>,
    pub squawk: Option<Squawk>,
    pub spi: bool,
    pub position_source: Option<u8>,
    pub category: Option<u8>,
    pub current_country: Option<CountryCode>,
}

impl LiveState {
    /// Rounds a snapshot, with every position dead-reckoned to the feed's time.
    pub fn of(snapshot: &Snapshot, resolution: Resolution) -> Self {
        Self::of_rows(snapshot.aircraft(), (snapshot.time, snapshot.simulated), resolution)
    }

    /// Rounds some rows of a snapshot with this time and mark; they ascend by address.
    pub fn of_rows<'a>(
        rows: impl IntoIterator<Item = &'a StateVector>,
        (time, simulated): (i64, bool),
        resolution: Resolution,
    ) -> Self {
        let aircraft = rows.into_iter().map(|state| LiveAircraft::of(state, time, resolution));
        Self { time, resolution, simulated, aircraft: aircraft.collect() }
    }

    /// Converts it back to a snapshot, as far as rounding allows.
    pub fn snapshot(&self) -> Snapshot {
        let states = self.aircraft.iter().map(|row| row.state(self.time, self.resolution));
        Snapshot::new(self.time, states.collect()).marked(self.simulated)
    }

    /// The aircraft with this address; `None` if there is none.
    pub fn get(&self, icao24: Icao24) -> Option<&LiveAircraft> {
        let index = self.aircraft.binary_search_by_key(&icao24, |row| row.icao24).ok()?;
        Some(&self.aircraft[index])
    }
}

/// The longest name of an origin country that is sent, bytes.
const NAME_BYTES_MAX: usize = 255;

/// The name as it is sent: cut if it is too long; `None` if it is empty.
fn short(name: &str) -> Option<&str> {
    Some(&name[..name.floor_char_boundary(NAME_BYTES_MAX)]).filter(|name| !name.is_empty())
}

impl Identity {
    /// The identity of a state.
    pub fn of(state: &StateVector) -> Self {
        let whole = |name: &Arc<str>| match short(name)? {
            part if part.len() == name.len() => Some(Arc::clone(name)),
            part => Some(part.into()),
        };
        Self {
            callsign: state.callsign,
            origin_country: state.origin_country.as_ref().and_then(whole),
            squawk: state.squawk,
            spi: state.spi,
            position_source: state.position_source,
            category: state.category,
            current_country: state.current_country,
        }
    }

    /// Whether it is the identity of a state. Compares without copying.
    pub fn is_of(&self, state: &StateVector) -> bool {
        let Self { callsign, squawk, spi, position_source, category, current_country, .. } = *self;
        callsign == state.callsign
            && squawk == state.squawk
            && spi == state.spi
            && position_source == state.position_source
            && category == state.category
            && current_country == state.current_country
            && self.origin_country.as_deref() == state.origin_country.as_deref().and_then(short)
    }
}

impl LiveAircraft {
    /// Rounds a state at a time, Unix seconds.
    pub fn of(state: &StateVector, time: i64, resolution: Resolution) -> Self {
        Self {
            icao24: state.icao24,
            identity: Identity::of(state),
            motion: Motion::of(state, time, resolution),
        }
    }

    /// The predicted aircraft some seconds later.
    pub fn after(&self, seconds: i64, resolution: Resolution) -> Self {
        Self { motion: self.motion.after(seconds, resolution), ..self.clone() }
    }

    /// Converts it back to a state, with the position set back to when it was received.
    pub fn state(&self, time: i64, resolution: Resolution) -> StateVector {
        let Identity { callsign, squawk, spi, position_source, category, current_country, .. } =
            self.identity;
        let si = self.motion.in_si(time, resolution);
        StateVector {
            icao24: self.icao24,
            callsign,
            origin_country: self.identity.origin_country.clone(),
            time_position: si.position.map(|_| si.time_position),
            last_contact: si.time_position,
            position: si.position,
            baro_altitude: si.baro_altitude,
            on_ground: self.motion.on_ground,
            velocity: si.velocity,
            true_track: si.true_track,
            vertical_rate: si.vertical_rate,
            geo_altitude: None,
            squawk,
            spi,
            position_source,
            category,
            current_country,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::earth::Position;

    const TIME: i64 = 1_751_840_376;

    fn state(icao24: u32, age: i64) -> StateVector {
        StateVector {
            icao24: Icao24::new(icao24).expect("below 2^24"),
            callsign: Callsign::parse("DLH9LF").expect("a callsign"),
            origin_country: Some("Germany".into()),
            time_position: Some(TIME - age),
            last_contact: TIME - age,
            position: Position::new(8.5, 50.0),
            baro_altitude: Some(10_972.8),
            on_ground: false,
            velocity: Some(231.5),
            true_track: Some(90.0),
            vertical_rate: Some(-6.5),
            geo_altitude: None,
            squawk: Squawk::new(0o1000),
            spi: true,
            position_source: Some(2),
            category: Some(4),
            current_country: "DE".parse().ok(),
        }
    }

    #[test]
    fn a_row_converted_to_a_state_and_back_is_the_same() {
        // The typical age of each bucket.
        for (age, typical) in [(0, 0), (21, 40), (61, 120), (301, 301), (9_999, 301)] {
            for by in [Resolution::Fine, Resolution::Display] {
                let live = LiveAircraft::of(&state(1, age), TIME, by);
                let stands_for = live.state(TIME, by);
                assert_eq!(stands_for.time_position, Some(TIME - typical));
                assert_eq!(stands_for.last_contact, TIME - typical);
                let mut again = LiveAircraft::of(&stands_for, TIME, by);
                let cells = [live.motion.cell, again.motion.cell].map(|cell| cell.expect("known"));
                assert!(cells[0].row.abs_diff(cells[1].row) <= 1, "{age} {cells:?}");
                assert!(cells[0].column.abs_diff(cells[1].column) <= 2, "{age} {cells:?}");
                again.motion.cell = live.motion.cell;
                assert_eq!(again, live, "{age}");
                assert_eq!(live.identity.squawk, Squawk::new(0o1000));
            }
        }
        let lost = StateVector { position: None, time_position: None, ..state(1, 25) };
        let live = LiveAircraft::of(&lost, TIME, Resolution::Fine).state(TIME, Resolution::Fine);
        assert_eq!((live.position, live.time_position), (None, None));
    }

    #[test]
    fn a_live_state_has_one_row_per_address() {
        let snapshot = Snapshot::new(TIME, vec![state(3, 0), state(1, 0), state(7, 0)]);
        let live = LiveState::of(&snapshot, Resolution::Fine);
        let get = |icao24| live.get(Icao24::new(icao24).expect("below 2^24"));
        assert_eq!(get(3), Some(&live.aircraft[1]));
        assert_eq!(get(2), None);
        let back = live.snapshot();
        assert_eq!((back.time, back.aircraft().len()), (TIME, 3));
    }

    #[test]
    fn a_row_without_updates_flies_on_and_keeps_its_identity() {
        let row = LiveAircraft::of(&state(1, 0), TIME, Resolution::Fine);
        let after = row.after(60, Resolution::Fine);
        assert_eq!(after.motion, row.motion.after(60, Resolution::Fine));
        assert_ne!(after.motion, row.motion);
        assert_eq!(after.identity, row.identity);
    }

    #[test]
    fn an_identity_is_that_of_a_state_only_if_every_field_is() {
        let all = state(1, 0);
        let identity = Identity::of(&all);
        assert!(identity.is_of(&all));
        let changes: [fn(&mut StateVector); 7] = [
            |it| it.callsign = None,
            |it| it.origin_country = None,
            |it| it.squawk = None,
            |it| it.spi = false,
            |it| it.position_source = None,
            |it| it.category = None,
            |it| it.current_country = None,
        ];
        for change in changes {
            let mut other = all.clone();
            change(&mut other);
            assert!(!identity.is_of(&other) && Identity::of(&other).is_of(&other), "{other:?}");
        }
        for name in ["", &"é".repeat(200)] {
            let state = StateVector { origin_country: Some(name.into()), ..all.clone() };
            assert!(Identity::of(&state).is_of(&state), "{name:?}");
        }
    }

    #[test]
    fn a_name_is_cut_to_the_length_that_a_frame_can_code() {
        assert_eq!(short(""), None);
        assert_eq!(short("Côte d'Ivoire"), Some("Côte d'Ivoire"));
        let (a, e) = ("a".repeat(256), "é".repeat(200));
        assert_eq!(short(&a[..255]), Some(&a[..255]));
        assert_eq!(short(&a), Some(&a[..255]));
        assert_eq!(short(&e), Some(&e[..254]), "no half of a character");
    }
}
