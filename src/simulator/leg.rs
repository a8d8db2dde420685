//! One flight from gate to gate: the aircraft's motion at each moment.

use super::airports::Field;
use super::haul::Performance;
use super::path::{Path, Stand, offset};
use super::random::Random;
use super::route::Route;
use super::stages::{EARLY, Stages, level, swayed};

/// Metres a second while taxiing.
const TAXI_SPEED: f64 = 8.0;

/// An aircraft's true motion at one moment, without measurement errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Motion {
    pub(super) longitude: f64,
    pub(super) latitude: f64,
    pub(super) altitude: f64,
    pub(super) velocity: f64,
    pub(super) track: f64,
    pub(super) vertical_rate: f64,
    pub(super) on_ground: bool,
}

/// One flight from gate to gate. Times are seconds since it left the gate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    route: Route,
    from: Field,
    to: Field,
    performance: Performance,
    draw: Random,
    /// When each phase ends, in order.
    ends: [f64; PHASES],
    /// The distance flown at each of these times, metres.
    distances: [f64; PHASES],
}

const PHASES: usize = 7;

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    TaxiOut,
    Roll,
    Climb,
    Cruise,
    Descent,
    Rollout,
    TaxiIn,
}

const ORDER: [Phase; PHASES] = [
    Phase::TaxiOut,
    Phase::Roll,
    Phase::Climb,
    Phase::Cruise,
    Phase::Descent,
    Phase::Rollout,
    Phase::TaxiIn,
];

impl Leg {
    pub(super) fn new(from: Field, to: Field, performance: Performance, draw: Random) -> Self {
        let route = Route::new(from, to, performance.handling, draw);
        let mut able = performance;
        // The jet stream: eastward flights are faster.
        able.cruise_speed *= 1.0 + 0.06 * route.eastward();
        let run = |speed: f64| speed * speed / (2.0 * able.acceleration);
        let runways = run(able.lift_speed) + run(able.approach_speed);
        let floor = from.elevation.max(to.elevation);
        able.altitude = able.altitude.max(floor + 600.0);
        // A flight that is too short for its cruising altitude stays lower and slower.
        let mut phases = able.climb_and_descent(from, to);
        while phases.climb_length + phases.descent_length > 0.9 * (route.length - runways)
            && able.altitude > floor + 100.0
        {
            able.altitude = floor + 0.8 * (able.altitude - floor);
            able.cruise_speed = able.lift_speed + 0.92 * (able.cruise_speed - able.lift_speed);
            phases = able.climb_and_descent(from, to);
        }
        let cruise = route.length - runways - phases.climb_length - phases.descent_length;
        let lengths = [
            0.0,
            run(able.lift_speed),
            phases.climb_length,
            cruise.max(0.0),
            phases.descent_length,
            run(able.approach_speed),
            0.0,
        ];
        let times = [
            draw.of("taxi out").between(240.0, 480.0),
            able.lift_speed / able.acceleration,
            phases.climb_time,
            cruise.max(0.0) / able.cruise_speed,
            phases.descent_time,
            able.approach_speed / able.acceleration,
            draw.of("taxi in").between(200.0, 300.0),
        ];
        let sums = |parts: [f64; PHASES]| {
            let mut sum = 0.0;
            parts.map(|part| {
                sum += part;
                sum
            })
        };
        let (ends, distances) = (sums(times), sums(lengths));
        Self { route, from, to, performance: able, draw, ends, distances }
    }

    /// Returns the seconds from gate to gate.
    pub(super) fn duration(&self) -> f64 {
        self.ends[PHASES - 1]
    }

    /// Returns the times of take-off and touchdown.
    pub(super) fn airborne(&self) -> (f64, f64) {
        (self.ends[Phase::Roll as usize], self.ends[Phase::Descent as usize])
    }

    /// Returns the aircraft's motion at this time.
    pub(super) fn at(&self, time: f64) -> Motion {
        let phase = self.ends.partition_point(|&end| end <= time).min(PHASES - 1);
        let (began, start) = match phase {
            0 => (0.0, 0.0),
            _ => (self.ends[phase - 1], self.distances[phase - 1]),
        };
        let elapsed = time - began;
        let lasts = self.ends[phase] - began;
        let able = &self.performance;
        let (from, to) = match ORDER[phase] {
            Phase::TaxiOut => return self.taxi(self.from, elapsed - lasts),
            Phase::TaxiIn => return self.taxi(self.to, elapsed),
            Phase::Roll => (0.0, able.lift_speed),
            Phase::Climb => (able.lift_speed, able.cruise_speed),
            Phase::Cruise => (able.cruise_speed, able.cruise_speed),
            Phase::Descent => (able.cruise_speed, able.approach_speed),
            Phase::Rollout => (able.approach_speed, 0.0),
        };
        let stages = Stages::new(self.draw.of("stages").at(phase as i64), lasts);
        let (sped, sum) = match ORDER[phase] {
            Phase::Climb => stages.sped(elapsed, EARLY),
            Phase::Descent => stages.sped(elapsed, -EARLY),
            _ => (elapsed / lasts, elapsed * elapsed / lasts / 2.0),
        };
        let speed = from + (to - from) * sped;
        let flown = start + from * elapsed + (to - from) * sum;
        let (bottom, top) = (self.from.elevation, able.altitude);
        let on_stages = |from: f64, to: f64, slopes| {
            let (share, rate) = stages.risen(elapsed, slopes);
            (from + (to - from) * share, (to - from) * rate)
        };
        let (altitude, vertical_rate) = match ORDER[phase] {
            Phase::Climb => on_stages(bottom, top, [1.55, 0.4]),
            Phase::Cruise => {
                let (above, rate) = level(self.draw.of("level"), elapsed, lasts);
                (top + above, rate)
            }
            Phase::Descent => on_stages(top, self.to.elevation, [1.25, 0.7]),
            Phase::Roll => (bottom, 0.0),
            _ => (self.to.elevation, 0.0),
        };
        let (takeoff, landing) = self.airborne();
        let (swayed, sway) = swayed(self.draw.of("wind"), time - takeoff, landing - time);
        let point = self.route.at(flown + swayed);
        Motion {
            longitude: point.longitude,
            latitude: point.latitude,
            altitude,
            velocity: (speed + sway) * point.stretch,
            track: point.track,
            vertical_rate,
            on_ground: matches!(ORDER[phase], Phase::Roll | Phase::Rollout),
        }
    }

    /// Returns the motion between gate and runway; `beside` is the time since it was at the runway.
    fn taxi(&self, field: Field, beside: f64) -> Motion {
        let draw = self.draw.of(if beside < 0.0 { "gate" } else { "other gate" });
        let length = draw.of("length").between(300.0, 1_500.0);
        let gate = offset(field.place, draw.of("bearing").between(0.0, 360.0), length);
        // It waits at the gate for the rest of the time.
        let moves = beside.abs() < length / TAXI_SPEED;
        let done = (beside.abs() * TAXI_SPEED).min(length);
        let point = match beside < 0.0 {
            true => Path::new(gate, field.place, 0.0).at(Stand::on(length - done)),
            false => Path::new(field.place, gate, 0.0).at(Stand::on(done)),
        };
        Motion {
            longitude: point.longitude,
            latitude: point.latitude,
            altitude: field.elevation,
            velocity: if moves { TAXI_SPEED } else { 0.0 },
            track: point.track,
            vertical_rate: 0.0,
            on_ground: true,
        }
    }
}

struct Slopes {
    climb_time: f64,
    climb_length: f64,
    descent_time: f64,
    descent_length: f64,
}

impl Performance {
    fn climb_and_descent(&self, from: Field, to: Field) -> Slopes {
        let climb_time = (self.altitude - from.elevation) / self.climb_rate;
        let descent_time = (self.altitude - to.elevation) / self.descent_rate;
        let mean = |low: f64, high: f64| low + (high - low) * (0.5 + EARLY);
        Slopes {
            climb_time,
            climb_length: climb_time * mean(self.lift_speed, self.cruise_speed),
            descent_time,
            descent_length: descent_time * mean(self.approach_speed, self.cruise_speed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Haul;
    use crate::simulator::airports::{EARTH_RADIUS, airports, cross, dot, vector};

    /// Returns flights of every haul between random airports.
    fn legs() -> impl Iterator<Item = Leg> {
        (0..400).filter_map(|index| {
            let draw = Random::seeded(11).at(index);
            let haul = [Haul::Short, Haul::Medium, Haul::Long][index as usize % 3];
            let from = &airports()[draw.of("from").below(airports().len() as u64) as usize];
            let to = from.destination(haul, draw.of("to").unit())?;
            let performance = haul.performance(draw);
            Some(Leg::new(from.field, to.field, performance, draw))
        })
    }

    /// Returns the metres between two moments, and between the later one and its dead reckoning.
    fn moved(before: Motion, after: Motion, seconds: f64) -> (f64, f64) {
        let [from, to] = [before, after].map(|motion| vector(motion.longitude, motion.latitude));
        let apart = |a, b| {
            let normal = cross(a, b);
            dot(normal, normal).sqrt().atan2(dot(a, b)) * EARTH_RADIUS
        };
        let expected = offset(from, before.track, before.velocity * seconds);
        (apart(from, to), apart(expected, to))
    }

    #[test]
    fn an_aircraft_moves_as_its_velocity_and_track_say() {
        for leg in legs() {
            let steps = 500;
            for step in 0..steps {
                let time = leg.duration() * f64::from(step) / f64::from(steps);
                let [before, after] = [time, time + 1.0].map(|time| leg.at(time));
                let (far, off) = moved(before, after, 1.0);
                // A turn from taxiing to the runway, and half of the acceleration.
                assert!(off < 17.0 && far < 300.0, "{far} m, {off} m off: {before:?} {after:?}");
                let climbed = after.altitude - before.altitude;
                let rates = [before.vertical_rate, after.vertical_rate];
                // At take-off and touchdown the rate jumps.
                let [low, high] = [rates[0].min(rates[1]) - 0.1, rates[0].max(rates[1]) + 0.1];
                assert!((low..=high).contains(&climbed), "{before:?} {after:?}");
            }
        }
    }

    #[test]
    fn a_flight_takes_off_cruises_and_lands_where_it_should() {
        let mut count = 0;
        for leg in legs() {
            count += 1;
            let [start, end] = [leg.at(0.0), leg.at(leg.duration())];
            assert!(start.on_ground && end.on_ground);
            assert_eq!((start.velocity, end.velocity), (0.0, 0.0));
            assert_eq!((start.altitude, end.altitude), (leg.from.elevation, leg.to.elevation));
            let (takeoff, landing) = leg.airborne();
            let middle = leg.at((takeoff + landing) / 2.0);
            assert!(!middle.on_ground && middle.velocity > 60.0, "{middle:?}");
            assert!(middle.altitude > leg.from.elevation.max(leg.to.elevation), "{middle:?}");
            let touchdown = leg.at(landing + 0.01);
            let runway = leg.to.place;
            let point = vector(touchdown.longitude, touchdown.latitude);
            let beside = dot(point, runway).clamp(-1.0, 1.0).acos() * EARTH_RADIUS;
            assert!(touchdown.on_ground && beside < 3_000.0, "{beside}");
        }
        assert!(count > 300, "{count}");
    }
}
