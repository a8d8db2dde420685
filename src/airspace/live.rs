//! What a live client holds: aircraft rounded to a resolution, all as of one time.

use std::sync::Arc;

use super::{Motion, Resolution, Snapshot};
use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::CountryCode;

/// The sky as it is live: the rows in the order of their addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveSky {
    /// The feed's time, Unix seconds; 0 before the first feed.
    pub time: i64,
    /// How finely it is rounded.
    pub resolution: Resolution,
    /// The aircraft.
    pub aircraft: Vec<LiveAircraft>,
}

/// One aircraft as it is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAircraft {
    /// The transponder's address.
    pub icao24: Icao24,
    /// Who it is and what it says of itself.
    pub identity: Identity,
    /// How it moves.
    pub motion: Motion,
}

/// What seldom changes of an aircraft; the fields are those of a state vector.
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

impl LiveSky {
    /// The snapshot as it is live: every position where dead reckoning puts it at the feed's time.
    pub fn of(snapshot: &Snapshot, resolution: Resolution) -> Self {
        let time = snapshot.time;
        let aircraft = snapshot.aircraft().iter();
        let aircraft = aircraft.map(|state| LiveAircraft::of(state, time, resolution)).collect();
        Self { time, resolution, aircraft }
    }

    /// The snapshot that it stands for, as well as can be told from what was rounded.
    pub fn snapshot(&self) -> Snapshot {
        let states = self.aircraft.iter().map(|row| row.state(self.time, self.resolution));
        Snapshot::new(self.time, states.collect())
    }

    /// The aircraft with that address, if it is here.
    pub fn get(&self, icao24: Icao24) -> Option<&LiveAircraft> {
        let index = self.aircraft.binary_search_by_key(&icao24, |row| row.icao24).ok()?;
        Some(&self.aircraft[index])
    }
}

/// The longest name that is sent of an origin country, bytes.
const NAME_BYTES_MAX: usize = 255;

/// The name as it is sent: without its end where it is too long, and not at all where it is empty.
fn short(name: &Arc<str>) -> Option<Arc<str>> {
    match name.floor_char_boundary(NAME_BYTES_MAX) {
        0 => None,
        end if end == name.len() => Some(Arc::clone(name)),
        end => Some(name[..end].into()),
    }
}

impl LiveAircraft {
    /// The state as it is live at a time, Unix seconds.
    pub fn of(state: &StateVector, time: i64, resolution: Resolution) -> Self {
        Self {
            icao24: state.icao24,
            identity: Identity {
                callsign: state.callsign,
                origin_country: state.origin_country.as_ref().and_then(short),
                squawk: state.squawk,
                spi: state.spi,
                position_source: state.position_source,
                category: state.category,
                current_country: state.current_country,
            },
            motion: Motion::of(state, time, resolution),
        }
    }

    /// The aircraft as it is some seconds later if there is no news of it.
    pub fn after(&self, seconds: i64, resolution: Resolution) -> Self {
        Self { motion: self.motion.after(seconds, resolution), ..self.clone() }
    }

    /// Whether that is what it is.
    pub fn is_after(&self, seconds: i64, resolution: Resolution, now: &Self) -> bool {
        // The motion first: it is news more often, and quicker to compare.
        self.motion.is_after(seconds, resolution, &now.motion) && self.identity == now.identity
    }

    /// The state that it stands for: its position is set back to where it was when it was received.
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
