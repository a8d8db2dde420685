//! An aircraft's motion as a transponder reports it: in steps, with noise.

use super::fleet::Aircraft;
use super::haul::Haul;
use super::leg::Motion;
use super::random::Random;
use super::row::Row;
use super::schedule::Flight;
use crate::aircraft::Knots;

/// 64 feet a minute, metres a second.
const RATE_STEP: f64 = 0.325_12;

/// Half a knot, metres a second.
const HALF_KNOT: f64 = 0.514444 / 2.0;

/// Returns the motion as a transponder reports it.
pub(super) fn as_reported(aircraft: &Aircraft, flight: &Flight, motion: Motion, time: i64) -> Row {
    let draw = aircraft.draw;
    let now = draw.of("noise").at(time);
    // The difference of two uniform numbers, from −1 to 1.
    let noise = |what| now.of(what).unit() - now.of(what).at(1).unit();
    let air = !motion.on_ground;
    let moving = motion.velocity > 0.0;
    let velocity = motion.velocity + if moving { 0.8 * noise("velocity") } else { 0.0 };
    let (velocity, track) = match air {
        true => {
            let knots = Knots::nearest(velocity.max(0.0), motion.track + 0.35 * noise("track"));
            (knots.velocity(), knots.track())
        }
        // On the ground it sends half knots, and 128 parts of a turn.
        false => (step(velocity.max(0.0), HALF_KNOT), step(motion.track, 2.8125).rem_euclid(360.0)),
    };
    let altitude_known = air && !draw.of("no altitude").chance(0.006);
    let altitude = step(motion.altitude, 7.62) + 7.62 * flicker(draw.of("altimeter"), now);
    // The air is mostly warmer than the standard atmosphere.
    let above = 40.0 + altitude * draw.of("warmth").between(0.005, 0.028);
    let geo_known = altitude_known && !draw.of("no geo").chance(0.006);
    let vertical_rate = match motion.vertical_rate {
        0.0 => RATE_STEP * f64::from(restless(aircraft, now)),
        rate => step(rate + 0.6 * noise("vertical rate"), RATE_STEP),
    };
    Row {
        icao24: aircraft.icao24,
        callsign: Some(aircraft.callsign(flight.draw)),
        origin_country: aircraft.origin_country,
        time_position: Some(time),
        last_contact: time,
        position: Some((motion.longitude, motion.latitude)),
        baro_altitude: altitude_known.then_some(altitude),
        on_ground: motion.on_ground,
        velocity: Some(velocity),
        true_track: Some(track),
        vertical_rate: altitude_known.then_some(vertical_rate),
        geo_altitude: geo_known.then_some(step(altitude + above, 7.62)),
        squawk: squawk(aircraft, flight),
        spi: now.of("spi").chance(0.0003),
        position_source: match draw.of("source").unit() {
            share if share < 0.003 => 2,
            share if share < 0.004 => 1,
            share if share < 0.02 && aircraft.haul == Haul::Light => 3,
            _ => 0,
        },
        category: aircraft.haul.category(draw),
    }
}

fn squawk(aircraft: &Aircraft, flight: &Flight) -> Option<u16> {
    let draw = flight.draw.of("squawk");
    match draw.unit() {
        // Hijack, radio failure, emergency.
        share if share < 0.0003 => Some([0o7500, 0o7600, 0o7700, 0o7700][draw.below(4) as usize]),
        share if share < 0.40 => None,
        // Visual flights share one code.
        share if share < 0.75 && aircraft.haul == Haul::Light => {
            Some(if aircraft.origin_country == "United States" { 0o1200 } else { 0o7000 })
        }
        _ => Some(draw.of("code").below(0o7400) as u16),
    }
}

fn step(value: f64, size: f64) -> f64 {
    (value / size).round() * size
}

/// Returns the steps of altitude off the flight level: the altimeter's bias and a passing error.
fn flicker(altimeter: Random, now: Random) -> f64 {
    let of = |draw: Random, share| {
        let side = if draw.of("below").chance(0.5) { -1.0 } else { 1.0 };
        if draw.chance(share) { side } else { 0.0 }
    };
    of(altimeter, 0.12) + of(now.of("altimeter"), 0.1)
}

/// Returns the steps of vertical rate in level flight: mostly 0; some aircraft vary.
fn restless(aircraft: &Aircraft, now: Random) -> i32 {
    let draw = now.of("restless");
    let share = if aircraft.draw.of("restless").chance(0.4) { 0.33 } else { 0.02 };
    if !draw.chance(share) {
        return 0;
    }
    // Their recorded frequencies above flight level 240, without 0.
    let steps = match draw.of("steps").unit() {
        share if share < 0.13 => 1,
        share if share < 0.38 => 2,
        share if share < 0.76 => 3,
        share if share < 0.89 => 4,
        _ => 5,
    };
    if draw.of("sinks").chance(0.4) { -steps } else { steps }
}
