//! An aircraft's schedule: an endless sequence of round trips from its base.
//!
//! Time is cut into periods of one tour each, so the tour at any time is found without earlier
//! ones. The aircraft spends the rest of a period on the ground, not received.

use super::airports::Field;
use super::fleet::Aircraft;
use super::haul::Haul;
use super::leg::Leg;
use super::path::offset;
use super::random::Random;

/// A flight that is under way or has just ended.
pub(super) struct Flight {
    pub(super) leg: Leg,
    /// When it leaves the gate, Unix seconds.
    pub(super) departure: i64,
    /// For what is random once per flight.
    pub(super) draw: Random,
}

/// Seconds for which the source still reports an aircraft that it no longer receives.
pub(super) const REMEMBERED: i64 = 315;

/// Minimum seconds on the ground at the destination: more than [`REMEMBERED`].
const TURNAROUND: f64 = 2_100.0;

impl Flight {
    /// Returns the aircraft's flight at this time, or the one that ended within [`REMEMBERED`].
    pub(super) fn at(aircraft: &Aircraft, time: i64) -> Option<Self> {
        let period = aircraft.haul.period();
        let since = time - aircraft.draw.of("phase").below(period as u64) as i64;
        let tour = aircraft.draw.of("tour").at(since.div_euclid(period));
        let elapsed = since.rem_euclid(period);
        let began = time - elapsed;
        let (base, destination) = fields(aircraft, tour)?;
        if stays_home(aircraft.haul, base, began, tour) {
            return None;
        }
        let performance = aircraft.haul.performance(aircraft.draw);
        let [out_draw, home_draw] = [tour.of("out"), tour.of("home")];
        let out = Leg::new(base, destination, performance, out_draw);
        let home = Leg::new(destination, base, performance, home_draw);
        let busy = out.duration() + TURNAROUND + home.duration() + REMEMBERED as f64;
        let spare = period as f64 - busy;
        if spare < 0.0 {
            return None;
        }
        let departure = tour.of("before").between(0.0, spare / 2.0);
        let wait = tour.of("between").between(0.0, spare / 2.0);
        let return_departure = departure + out.duration() + TURNAROUND + wait;
        let (leg, departure, draw) = if (elapsed as f64) < return_departure {
            (out, departure, out_draw)
        } else {
            (home, return_departure, home_draw)
        };
        let flight = Self { leg, departure: began + departure as i64, draw };
        let over = flight.departure + leg.duration() as i64 + REMEMBERED;
        (flight.departure..over).contains(&time).then_some(flight)
    }
}

/// Returns a tour's base and destination; `None` if no airport is in range.
fn fields(aircraft: &Aircraft, tour: Random) -> Option<(Field, Field)> {
    let base = aircraft.base();
    if aircraft.haul != Haul::Light {
        let destination = base.destination(aircraft.haul, tour.of("destination").unit())?;
        return Some((base.field, destination.field));
    }
    // Light aircraft are based on small fields near the airport of the table.
    let near = |field: Field, draw: Random, low: f64, high: f64| {
        let bearing = draw.of("bearing").between(0.0, 360.0);
        Field { place: offset(field.place, bearing, draw.of("far").between(low, high)), ..field }
    };
    let home = near(base.field, aircraft.draw.of("home"), 2e3, 120e3);
    let range = aircraft.haul.range();
    Some((home, near(home, tour.of("destination"), range.start, range.end)))
}

/// Whether the aircraft skips a tour: more often by night than by day.
fn stays_home(haul: Haul, base: Field, began: i64, tour: Random) -> bool {
    let middle = began + haul.period() / 2;
    let hour =
        (middle.rem_euclid(86_400) as f64 / 3_600.0 + base.longitude / 15.0).rem_euclid(24.0);
    let night = 0.5 + 0.5 * ((hour - 2.0) / 24.0 * std::f64::consts::TAU).cos();
    let swing = match haul {
        Haul::Light => 0.45,
        Haul::Short | Haul::Medium => 0.20,
        Haul::Long => 0.0,
    };
    tour.of("stays").chance(swing * night)
}
