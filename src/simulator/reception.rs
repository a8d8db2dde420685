//! What ground receivers report of a flight: the last reception, its age, and its faults. What a
//! transponder sends is `report`'s.
//!
//! The figures follow recordings of the real source; the simulator's tests list them.

use super::airports::vector;
use super::fleet::Aircraft;
use super::haul::Haul;
use super::path::{Path, Stand, offset};
use super::random::Random;
use super::report::as_reported;
use super::row::Row;
use super::schedule::{Flight, REMEMBERED};

/// Seconds of a window in which reception may break once.
const WINDOW: i64 = 600;

/// A break that begins in one window lasts into at most this many later ones.
const WINDOWS: i64 = 4;

/// Returns the source's row of the aircraft at this time; `None` if it has none.
pub(super) fn row(aircraft: &Aircraft, time: i64) -> Option<Row> {
    let flight = Flight::at(aircraft, time)?;
    let last_contact = last_received(aircraft, &flight, time)?;
    let draw = aircraft.draw;
    let lag = i64::from(draw.of("lag").at(last_contact).chance(0.2));
    let mut time_position = (last_contact - lag).max(flight.departure);
    // Some transponders keep sending but lose their position.
    let lost = flight.departure + flight.leg.duration() as i64 / 5;
    if flight.draw.of("lost").chance(0.0006) && lost < time_position {
        time_position = lost;
    }
    // Times are whole seconds. Positions are taken in between, and some arrive late.
    let fraction = draw.of("fraction").at(time_position);
    let late = fraction.of("late").chance(0.2);
    let late = if late { fraction.of("later").between(0.0, 1.6) } else { 0.0 };
    let moment = (time_position - flight.departure) as f64 + fraction.unit() - late;
    let motion = flight.leg.at(moment.max(0.0));
    let mut row = as_reported(aircraft, &flight, motion, time_position);
    row.last_contact = last_contact;
    Some(spoilt(row, aircraft, &flight, draw.of("minute").at(time_position.div_euclid(60))))
}

/// Returns when the flight was last received; `None` if it was not, or too long ago.
fn last_received(aircraft: &Aircraft, flight: &Flight, time: i64) -> Option<i64> {
    let (takeoff, landing) = flight.leg.airborne();
    // Few small fields, and not all airports, have a receiver that covers the ground.
    let covered = if aircraft.haul == Haul::Light { 0.3 } else { 0.6 };
    let draw = flight.draw;
    let begins = match draw.of("seen out").chance(covered) {
        true => 0.0,
        false => takeoff + draw.of("first").between(20.0, 200.0),
    };
    let ends = match draw.of("seen in").chance(covered) {
        true => flight.leg.duration(),
        false => landing - draw.of("last").between(20.0, 200.0),
    };
    let begins = flight.departure + begins as i64;
    let mut second = time.min(flight.departure + ends as i64);
    let breaks = breaks(aircraft.draw.of("break"), second);
    // The probability that a message is received in one second.
    let quality = match aircraft.draw.of("quality").unit() {
        share if share < 0.80 => 0.75,
        share if share < 0.96 => 0.25,
        _ => 0.05,
    };
    loop {
        if second < begins || time - second > REMEMBERED {
            return None;
        }
        if let Some(&(start, _)) =
            breaks.iter().find(|(start, end)| (start..end).contains(&&second))
        {
            second = start - 1;
        } else if aircraft.draw.of("heard").at(second).chance(quality) {
            return Some(second);
        } else {
            second -= 1;
        }
    }
}

/// Returns the breaks, start and end, that may cover this second or the few minutes before it.
fn breaks(draw: Random, second: i64) -> [(i64, i64); WINDOWS as usize + 1] {
    let last = second.div_euclid(WINDOW);
    std::array::from_fn(|back| {
        let window = last - back as i64;
        let draw = draw.at(window);
        let start = window * WINDOW + draw.of("start").below(WINDOW as u64) as i64;
        let lasts = match draw.unit() {
            share if share < 0.28 => draw.of("lasts").between(30.0, 330.0),
            // Over a sea or a desert.
            share if share < 0.325 => draw.of("lasts").between(400.0, (WINDOWS * WINDOW) as f64),
            _ => 0.0,
        };
        (start, start + lasts as i64)
    })
}

/// Adds the faults of the real source to a row; `minute` decides the passing ones.
fn spoilt(mut row: Row, aircraft: &Aircraft, flight: &Flight, minute: Random) -> Row {
    match flight.draw.of("nameless").unit() {
        share if share < 0.012 => row.callsign = Some(" ".repeat(8)),
        share if share < 0.015 => row.callsign = None,
        share if share < 0.016 => row.callsign = Some(String::new()),
        _ => {}
    }
    if aircraft.draw.of("stateless").chance(0.0003) {
        row.origin_country = "";
    }
    if flight.draw.of("unlocated").chance(0.006) {
        (row.position, row.time_position) = (None, None);
    }
    // Elsewhere for one minute: a false decode, a reused address, a jammed GPS. There and back is
    // two jumps, so 40 jumps a minute among 11,500 aircraft need 20 that are received in three
    // consecutive minutes.
    if let Some((longitude, latitude)) = row.position.filter(|_| minute.of("jump").chance(0.0022)) {
        let away = minute.of("away").between(60e3, 900e3);
        let place = vector(longitude, latitude);
        let false_place = offset(place, minute.of("bearing").between(0.0, 360.0), away);
        let end = Path::new(place, false_place, 0.0).at(Stand::on(away));
        row.position = Some((end.longitude, end.latitude));
    }
    if minute.of("too fast").chance(0.000_05) {
        row.velocity = Some(minute.of("speed").between(600.0, 1_684.0));
    }
    if row.baro_altitude.is_some() && minute.of("too high").chance(0.000_05) {
        row.baro_altitude = Some(minute.of("height").between(20_000.0, 28_560.0));
    }
    row
}
