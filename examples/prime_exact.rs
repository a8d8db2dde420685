//! Makes the primed table of the archive's codec from recorded OpenSky responses: `cargo run
//! --release --no-default-features --example prime_exact FOLDER COUNT` learns from the first COUNT
//! responses of a folder, so that the others can be used to measure.
//!
//! A new table makes stored packs unreadable: keep the old one beside it.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use overflight::aircraft::StateVector;
use overflight::airspace::Snapshot;
use overflight::earth::country::Boundaries;
use overflight::feed::opensky;
use overflight::wire::exact::prime::ExactCounts;
use overflight::wire::exact::{Minutes, Units};

/// Made by `make build`.
const BOUNDARIES: &str = "dist/boundaries.bin";

/// The minutes of a group.
const GROUP: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let [folder, count] = env::args().skip(1).collect::<Vec<_>>().try_into().or(Err("usage"))?;
    let boundaries = Boundaries::decode(&fs::read(BOUNDARIES)?)?;
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.sort();
    let mut minutes = Vec::new();
    for file in files.iter().take(count.parse()?) {
        let mut read = opensky::parse(&fs::read(file)?)?;
        for state in &mut read.aircraft {
            state.current_country = state.position.and_then(|at| boundaries.country_at(at));
        }
        minutes.push(Snapshot::new(read.time, read.aircraft));
    }
    let mut counts = ExactCounts::default();
    minutes.chunks(GROUP).for_each(|group| count_group(&mut counts, group));
    let times: Vec<_> = minutes.iter().map(|minute| minute.time).collect();
    let mut rows: Vec<(u16, StateVector)> = Vec::new();
    for (index, minute) in (0..).zip(&minutes) {
        rows.extend(minute.aircraft().iter().map(|state| (index, state.clone())));
    }
    rows.sort_by_key(|(index, state)| (state.icao24, *index));
    counts.tracks(&rows, &times, &Units::known());
    fs::write("src/wire/codec/exact/primed.bin", counts.table())?;
    Ok(())
}

/// Counts the bits of a group as a pack has it: from the middle minute in both directions.
fn count_group(counts: &mut ExactCounts, group: &[Snapshot]) {
    let (before, after) = group.split_at(group.len() / 2);
    let mut forward = Minutes::new(Units::known());
    for (index, minute) in after.iter().enumerate() {
        counts.minute(&mut forward, minute.time, minute.aircraft());
        if index == 0 {
            let mut backward = forward.clone();
            for minute in before.iter().rev() {
                counts.minute(&mut backward, minute.time, minute.aircraft());
            }
        }
    }
}
