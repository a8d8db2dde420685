//! A row in whole numbers: what the coder codes, and what the next row is predicted from.

use std::sync::Arc;

use super::units::*;
use crate::aircraft::{Callsign, Icao24, Knots, Squawk, StateVector};
use crate::airspace::cosine_of_latitude;
use crate::earth::{CountryCode, Position};

/// A state vector in whole numbers.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) icao24: Icao24,
    pub(super) motion: Motion,
    pub(super) identity: Identity,
    pub(super) history: History,
}

/// The fields that change with each report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Motion {
    pub(super) last_contact: i64,
    pub(super) time_position: Option<i64>,
    pub(super) on_ground: bool,
    pub(super) forms: [u8; COLUMNS],
    /// Steps in the form's unit; for `BITS` the bits; for a vector knots east (of the velocity) and
    /// north (of the track); 0 for nil.
    pub(super) steps: [i64; COLUMNS],
}

/// The fields that seldom change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Identity {
    pub(super) callsign: Option<Callsign>,
    pub(super) origin_country: Option<Arc<str>>,
    pub(super) squawk: Option<Squawk>,
    pub(super) spi: bool,
    pub(super) position_source: Option<u8>,
    pub(super) category: Option<u8>,
    pub(super) current_country: Option<CountryCode>,
}

/// The sizes of an aircraft's last residuals, in classes 0 to 3, which its next ones resemble.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct History {
    pub(super) turned: u8,
    pub(super) strayed: u8,
    pub(super) climbed: u8,
}

impl Row {
    /// The row of a state, in the forms of the aircraft's row before where they are possible.
    pub(super) fn of(state: &StateVector, units: &Units, before: Option<&Row>) -> Self {
        let used = before.map_or([NIL; COLUMNS], |before| before.motion.forms);
        let (mut forms, mut steps) = ([NIL; COLUMNS], [0; COLUMNS]);
        let mut set = |column: usize, value: Option<f64>| {
            if let Some(value) = value {
                (forms[column], steps[column]) = units.number(column, value, used[column]);
            }
        };
        set(LONGITUDE, state.position.map(|position| position.longitude));
        set(LATITUDE, state.position.map(|position| position.latitude));
        set(BARO, state.baro_altitude);
        set(GEO, state.geo_altitude);
        set(RATE, state.vertical_rate);
        let knots = match (state.velocity, state.true_track) {
            // On the ground the pair is rarely of a vector, and then by chance.
            (Some(velocity), Some(track)) if !state.on_ground => vector(velocity, track),
            _ => None,
        };
        match knots {
            Some((form, Knots { east, north })) => {
                (forms[VELOCITY], forms[TRACK]) = (form, form);
                (steps[VELOCITY], steps[TRACK]) = (east.into(), north.into());
            }
            None => {
                set(VELOCITY, state.velocity);
                set(TRACK, state.true_track);
            }
        }
        Self {
            icao24: state.icao24,
            motion: Motion {
                last_contact: state.last_contact,
                time_position: state.time_position,
                on_ground: state.on_ground,
                forms,
                steps,
            },
            identity: Identity {
                callsign: state.callsign,
                origin_country: state.origin_country.clone(),
                squawk: state.squawk,
                spi: state.spi,
                position_source: state.position_source,
                category: state.category,
                current_country: state.current_country,
            },
            history: before.map(|before| before.history).unwrap_or_default(),
        }
    }

    /// The state; `None` if a number is not of its column.
    pub(super) fn state(&self, units: &Units) -> Option<StateVector> {
        let (motion, identity) = (&self.motion, &self.identity);
        let value = |column: usize| match motion.forms[column] {
            NIL => Some(None),
            form => units.value(column, form, motion.steps[column]).map(Some),
        };
        let position = match (value(LONGITUDE)?, value(LATITUDE)?) {
            (None, None) => None,
            (Some(longitude), Some(latitude)) => Some(Position::new(longitude, latitude)?),
            _ => return None,
        };
        let (velocity, true_track) = match motion.knots() {
            None => (value(VELOCITY)?, value(TRACK)?),
            Some(knots) => {
                let is_readsb = motion.forms[VELOCITY] == READSB_VECTOR;
                let velocity = if is_readsb { knots.readsb_velocity() } else { knots.velocity() };
                (Some(velocity), Some(knots.track()))
            }
        };
        Some(StateVector {
            icao24: self.icao24,
            callsign: identity.callsign,
            origin_country: identity.origin_country.clone(),
            time_position: motion.time_position,
            last_contact: motion.last_contact,
            position,
            baro_altitude: value(BARO)?,
            on_ground: motion.on_ground,
            velocity,
            true_track,
            vertical_rate: value(RATE)?,
            geo_altitude: value(GEO)?,
            squawk: identity.squawk,
            spi: identity.spi,
            position_source: identity.position_source,
            category: identity.category,
            current_country: identity.current_country,
        })
    }
}

impl Motion {
    /// The vector of velocity and track, if that is how they are written.
    pub(super) fn knots(&self) -> Option<Knots> {
        is_vector(self.forms[VELOCITY])
            .then_some(Knots { east: self.steps[VELOCITY] as i16, north: self.steps[TRACK] as i16 })
    }

    /// The number of a column in millionths, for predictions; 0 if it is unknown.
    pub(super) fn micro(&self, column: usize, units: &Units) -> i64 {
        units.micro(column, self.forms[column], self.steps[column])
    }

    /// The velocity in sixteenths of knots, east and north, for predictions; 0 if it is unknown.
    pub(super) fn sixteenths(&self, units: &Units) -> (i64, i64) {
        if is_vector(self.forms[VELOCITY]) {
            return (16 * self.steps[VELOCITY], 16 * self.steps[TRACK]);
        }
        let speed = self.micro(VELOCITY, units).clamp(0, 8_000_000_000);
        if speed == 0 {
            return (0, 0);
        }
        let track = self.micro(TRACK, units).rem_euclid(360_000_000);
        let speed = speed * 16 / 514_444;
        let part = |cosine: i64| speed * cosine / ONE;
        (part(cosine(track - 90_000_000)), part(cosine(track)))
    }
}

/// The vector of a velocity and a track, and its form.
fn vector(velocity: f64, track: f64) -> Option<(u8, Knots)> {
    let readsb = || Some((READSB_VECTOR, Knots::of_readsb(velocity, track)?));
    Knots::of(velocity, track).map(|knots| (VECTOR, knots)).or_else(readsb)
}

/// Whether a form is that of a vector.
pub(super) fn is_vector(form: u8) -> bool {
    matches!(form, VECTOR | READSB_VECTOR)
}

/// The number one as `cosine_of_latitude` has it.
pub(super) const ONE: i64 = 1 << 30;

/// The cosine of an angle in millionths of degrees, times `ONE`.
fn cosine(angle: i64) -> i64 {
    let angle = angle.rem_euclid(360_000_000);
    let folded = angle.min(360_000_000 - angle);
    match folded {
        0..=90_000_000 => cosine_of_latitude(folded),
        _ => -cosine_of_latitude(180_000_000 - folded),
    }
}
