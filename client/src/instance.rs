//! One aircraft as the map's vertex shader reads it, and the blend from where it was drawn before.
//!
//! In scope: the numbers of an instance. Out of scope: drawing; `client/app/map/motion.ts` and
//! `shader.ts` evaluate these numbers, and `Instance::drawn` is their formula: change all or none.
//!
//! Places are web mercator, 0 to 1 from west to east and from north to south.

use std::f64::consts::{PI, TAU};

use overflight::aircraft::StateVector;
use overflight::airspace::AGE_SECONDS;
use overflight::earth::{EARTH_RADIUS_METRES, Position};
use wasm_bindgen::prelude::*;

/// The browser's own functions, which motion.ts uses too: Rust's would add 4 KB to the decoder.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Math)]
    fn sin(angle: f64) -> f64;
    #[wasm_bindgen(js_namespace = Math)]
    fn cos(angle: f64) -> f64;
    #[wasm_bindgen(js_namespace = Math)]
    fn log(value: f64) -> f64;
    #[wasm_bindgen(js_namespace = Math)]
    fn cosh(value: f64) -> f64;
}

/// Degrees: web mercator has no poles.
const LATITUDE_MAX: f64 = 89.9;

/// Seconds for which an aircraft in the air is dead-reckoned: later its track is a guess.
const HORIZON_AIR: f32 = AGE_SECONDS[2] as f32;
/// On the ground it turns at the next taxiway.
const HORIZON_GROUND: f32 = 15.0;

/// m/s. Faster reports are faults (1,684 m/s was seen): such an aircraft does not move.
const VELOCITY_MAX: f64 = 600.0;

/// m/s between two reports. Above it the second position is a jump, not a flight.
const JUMP_VELOCITY: f64 = 400.0;
/// Metres that rounding may add to that: more than a cell a frame, 20 of 100 m in 300 s, 109 m of a
/// vector that is not exact, and the 500 m of the dead-band between quick frames (PROTOCOL.md).
const JUMP_SLACK: f64 = 2_600.0;

const UNKNOWN_ALTITUDE: f32 = -9_999.0;

const STATUS_AIR: f32 = 0.0;
const STATUS_GROUND: f32 = 1.0;
const STATUS_EMERGENCY: f32 = 2.0;

const SHAPE_JET: f32 = 0.0;
const SHAPE_LIGHT: f32 = 1.0;
const SHAPE_ROTOR: f32 = 2.0;
const SHAPE_DOT: f32 = 3.0;

const EMERGENCY_SQUAWKS: [u16; 3] = [0o7500, 0o7600, 0o7700];

/// An aircraft in the map's buffer: 16 floats, in the order of `AT` in `client/app/map/motion.ts`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Instance {
    /// Each coordinate in two halves: a single float has steps of 2.4 m.
    x_high: f32,
    y_high: f32,
    x_low: f32,
    y_low: f32,
    /// Mercator units a second.
    rate: f32,
    /// Radians clockwise from north.
    track: f32,
    /// Radians of bend a second.
    bend: f32,
    /// The time of the place, seconds after the picture's time.
    time: f32,
    /// Metres, or `UNKNOWN_ALTITUDE`.
    altitude: f32,
    shape: f32,
    status: f32,
    /// Seconds for which it is dead-reckoned.
    horizon: f32,
    /// The offset that is added at the start of a blend.
    offset_x: f32,
    offset_y: f32,
    offset_track: f32,
    /// The opacity that is missing at the start of a blend, 1 for a new aircraft.
    birth: f32,
}

/// A blend's start: its time, and the remainder of the previous blend.
#[derive(Clone, Copy)]
pub struct Blend {
    /// Unix seconds.
    pub now: f64,
    /// From 1 at a blend's start to 0 at its end.
    pub left: f64,
}

/// Place and track as drawn at a moment.
struct Drawn {
    x: f64,
    y: f64,
    track: f64,
}

impl Instance {
    /// Returns the instance of a state at this position, in a picture of `base`, Unix seconds.
    pub fn of(state: &StateVector, position: Position, base: f64) -> Self {
        let latitude = position.latitude.clamp(-LATITUDE_MAX, LATITUDE_MAX).to_radians();
        let sine = sin(latitude);
        let cosine = (1.0 - sine * sine).sqrt();
        let x = (position.longitude + 180.0) / 360.0;
        // asinh(tan p) = ln((1 + sin p) / (1 - sin p)) / 2
        let y = 0.5 - log((1.0 + sine) / (1.0 - sine)) / (2.0 * TAU);
        let velocity = state.velocity.filter(|&velocity| velocity > 0.0);
        let velocity = velocity.filter(|&velocity| velocity <= VELOCITY_MAX);
        let angular =
            state.true_track.and(velocity).map_or(0.0, |metres| metres / EARTH_RADIUS_METRES);
        let altitude = state.baro_altitude.or(state.geo_altitude);
        let shape = state.true_track.map_or(SHAPE_DOT, |_| shape(state.category));
        Self {
            x_high: x as f32,
            y_high: y as f32,
            x_low: (x - f64::from(x as f32)) as f32,
            y_low: (y - f64::from(y as f32)) as f32,
            rate: (angular / (TAU * cosine)) as f32,
            track: state.true_track.map_or(0.0, |track| track.to_radians() as f32),
            bend: (angular * sine / cosine / 2.0) as f32,
            time: (state.time_position.unwrap_or(state.last_contact) as f64 - base) as f32,
            altitude: altitude.map_or(UNKNOWN_ALTITUDE, |metres| metres as f32),
            shape,
            status: status(state),
            horizon: if state.on_ground { HORIZON_GROUND } else { HORIZON_AIR },
            ..Self::default()
        }
    }

    /// Returns the instance fading in.
    pub fn born(self) -> Self {
        Self { birth: 1.0, ..self }
    }

    /// Returns the instance blended from where `old` was drawn; the pictures' times are `base` and
    /// `old_base`. An aircraft that cannot have flown from there is not blended.
    pub fn blended(self, base: f64, old: &Self, old_base: f64, blend: Blend) -> Self {
        let Blend { now, left } = blend;
        let seconds = base + f64::from(self.time) - old_base - f64::from(old.time);
        if self.is_jump(old, seconds.abs()) {
            return self;
        }
        let course = Course::of(self.track);
        let old_course = if old.track == self.track { course } else { Course::of(old.track) };
        let was = old.drawn(old_course, now - old_base, left);
        let is = self.drawn(course, now - base, 0.0);
        // The shorter way round, also across the antimeridian.
        let (dx, turn) = (was.x - is.x, was.track - is.track);
        Self {
            offset_x: (dx - dx.round()) as f32,
            offset_y: (was.y - is.y) as f32,
            offset_track: (turn - TAU * (turn / TAU).round()) as f32,
            birth: old.birth * left as f32,
            ..self
        }
    }

    fn is_jump(&self, old: &Self, seconds: f64) -> bool {
        let most = JUMP_VELOCITY * seconds + JUMP_SLACK;
        let dx = f64::from(self.x_high) - f64::from(old.x_high);
        let dx = dx - dx.round();
        let dy = f64::from(self.y_high) - f64::from(old.y_high);
        let metres = (dx * dx + dy * dy).sqrt() * TAU * EARTH_RADIUS_METRES;
        // Mercator only magnifies, so few need scaling. cos p = 1 / cosh of mercator's angle.
        if metres <= most {
            return false;
        }
        let angle = (0.5 - f64::from(self.y_high)) * 2.0 * PI;
        metres / cosh(angle) > most
    }

    /// Returns where it is drawn `seconds` after its picture's time, with `left` of the blend left.
    fn drawn(&self, course: Course, seconds: f64, left: f64) -> Drawn {
        let seconds = (seconds - f64::from(self.time)).clamp(0.0, f64::from(self.horizon));
        let Course { sine, cosine } = course;
        let along = f64::from(self.rate) * seconds;
        // sin 2t = 2 sin t cos t, and cos 2t = 1 - 2 sin² t
        let bend = f64::from(self.bend) * seconds;
        let place = |high: f32, low: f32| f64::from(high) + f64::from(low);
        Drawn {
            x: place(self.x_high, self.x_low)
                + along * (sine + bend * 2.0 * sine * cosine)
                + f64::from(self.offset_x) * left,
            y: place(self.y_high, self.y_low) - along * (cosine + bend * (1.0 - 2.0 * sine * sine))
                + f64::from(self.offset_y) * left,
            track: f64::from(self.track) + f64::from(self.offset_track) * left,
        }
    }
}

/// A track's sine and cosine.
#[derive(Clone, Copy)]
struct Course {
    sine: f64,
    cosine: f64,
}

impl Course {
    fn of(track: f32) -> Self {
        let track = f64::from(track);
        Self { sine: sin(track), cosine: cos(track) }
    }
}

fn status(state: &StateVector) -> f32 {
    if state.squawk.is_some_and(|squawk| EMERGENCY_SQUAWKS.contains(&squawk.get())) {
        STATUS_EMERGENCY
    } else if state.on_ground {
        STATUS_GROUND
    } else {
        STATUS_AIR
    }
}

/// OpenSky's categories: 2 light, 8 rotorcraft, 9 glider, 10 balloon, 11 parachutist, 12
/// ultralight, 16 and up vehicles and obstacles.
fn shape(category: Option<u8>) -> f32 {
    match category {
        Some(8) => SHAPE_ROTOR,
        Some(2 | 9 | 12) => SHAPE_LIGHT,
        Some(10 | 11 | 16..) => SHAPE_DOT,
        _ => SHAPE_JET,
    }
}
