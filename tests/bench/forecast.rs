//! How well the forecast predicts which aircraft enter a country, and how long it takes.
//!
//! The forecast is made from the first snapshot and compared with those after it. An aircraft
//! counts if it has a position in the first and the last snapshot and is not over the country in
//! the first. It has entered if it is over the country in any later one. An aircraft that enters
//! and leaves between two snapshots is missed.

#![expect(clippy::disallowed_methods, reason = "a clock is what this is about")]

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use overflight::aircraft::{Icao24, StateVector};
use overflight::airspace::{Forecast, Snapshot};
use overflight::archive;
use overflight::earth::CountryCode;
use overflight::earth::country::{self, Boundaries};

use super::snapshots::{BOUNDARIES, Snapshots};
use super::{Figures, OUT};

/// The longest forecast that the API gives, seconds.
const LONGEST: u32 = 3_600;

/// The fastest of these runs counts: a disturbance only slows a run down.
const RUNS: usize = 3;

/// How far beyond the forecast's end the last snapshot may be, seconds.
const TOLERANCE: i64 = 20;

pub fn measure(snapshots: &Snapshots) -> Result<Figures, Box<dyn Error>> {
    let boundaries = Boundaries::decode(&fs::read(BOUNDARIES)?)?;
    let (five, ten) =
        (Score::of(snapshots, &boundaries, 300), Score::of(snapshots, &boundaries, 600));
    let snapshot = &snapshots.minutes[snapshots.minutes.len() / 2].snapshot;
    let (worst, millis) = slowest(snapshot, &boundaries);
    println!("bench: the slowest forecast is that of {worst}");
    // The input of the same measurement in wasm.
    let minute = archive::Minute { snapshot: snapshot.clone().marked(true) };
    fs::write(format!("{OUT}/minute.msgpack"), minute.encode())?;
    fs::write(format!("{OUT}/forecast.country"), worst.as_str())?;
    Ok(vec![
        ("country.forecast_precision_5m", five.precision()),
        ("country.forecast_recall_5m", five.recall()),
        ("country.forecast_entries_5m", five.entered as f64),
        ("country.forecast_precision_10m", ten.precision()),
        ("country.forecast_recall_10m", ten.recall()),
        ("country.forecast_entries_10m", ten.entered as f64),
        ("country.forecast_ms", millis),
    ])
}

/// How many aircraft were predicted to enter some country, how many did, and how many are both.
#[derive(Default)]
struct Score {
    predicted: usize,
    entered: usize,
    both: usize,
}

impl Score {
    /// Scores the forecast from the first snapshot for the next `seconds`.
    fn of(snapshots: &Snapshots, boundaries: &Boundaries, seconds: u32) -> Self {
        let snapshots: Vec<_> = snapshots.minutes.iter().map(|minute| &minute.snapshot).collect();
        let end = snapshots[0].time + i64::from(seconds) + TOLERANCE;
        let later: Vec<_> =
            snapshots[1..].iter().copied().filter(|snapshot| snapshot.time <= end).collect();
        let mut score = Self::default();
        for country in country::countries() {
            score.add(boundaries, country.code, snapshots[0], &later);
        }
        score
    }

    fn add(&mut self, by: &Boundaries, country: CountryCode, now: &Snapshot, later: &[&Snapshot]) {
        let Some(last) = later.last() else { return };
        let forecast = Forecast::new(by, country);
        let predicted = forecast.arrivals(now, (last.time - now.time) as u32);
        let predicted: HashSet<Icao24> = predicted.map(|(state, _)| state.icao24).collect();
        let is_placed =
            |snapshot: &Snapshot, icao24| snapshot.get(icao24).is_some_and(has_position);
        for state in now.aircraft().iter().filter(|state| has_position(state)) {
            let is_over = |snapshot: &&Snapshot| {
                snapshot.get(state.icao24).is_some_and(|is| is.current_country == Some(country))
            };
            if is_over(&now) || !is_placed(last, state.icao24) {
                continue;
            }
            let has_entered = later.iter().any(is_over);
            let was_predicted = predicted.contains(&state.icao24);
            self.predicted += usize::from(was_predicted);
            self.entered += usize::from(has_entered);
            self.both += usize::from(was_predicted && has_entered);
        }
    }

    fn precision(&self) -> f64 {
        self.both as f64 / self.predicted as f64
    }

    fn recall(&self) -> f64 {
        self.both as f64 / self.entered as f64
    }
}

fn has_position(state: &StateVector) -> bool {
    state.position.is_some()
}

/// Returns the country whose forecast takes the longest, and its milliseconds.
fn slowest(snapshot: &Snapshot, boundaries: &Boundaries) -> (CountryCode, f64) {
    let mut times = country::countries().iter().map(|country| {
        let run = |_| {
            let start = Instant::now();
            black_box(Forecast::new(boundaries, country.code).arrivals(snapshot, LONGEST).count());
            start.elapsed().as_secs_f64() * 1e3
        };
        (country.code, (0..RUNS).map(run).fold(f64::INFINITY, f64::min))
    });
    let first = times.next().expect("there are countries");
    times.fold(first, |worst, next| if next.1 > worst.1 { next } else { worst })
}
