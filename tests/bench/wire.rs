//! How many bytes an aircraft costs on the wire, and how long the work takes: coding, finding its
//! country, and a whole snapshot from the source's bytes to all frames.
//!
//! Writes `target/bench.json`: name to number. The snapshots are OpenSky responses in the folder
//! that `BENCH_DATA` names, or simulated ones. `report.mjs` then measures the same as wasm, with
//! the frames and region snapshots in `target/bench/`, and prints the table.

#![allow(clippy::print_stdout, reason = "a command-line tool")]

mod archive;
mod baselines;
mod country;
mod forecast;
mod ingest;
mod parquet;
#[path = "../encoder/src/ingest.rs"]
mod pipeline;
#[path = "../../examples/boundaries/polygons.rs"]
#[allow(dead_code, reason = "the bench only wants the polygons")]
mod polygons;
mod sizes;
mod snapshots;
mod times;

use std::error::Error;
use std::{env, fs};

use overflight::airspace::Resolution::{Display, Fine};
use overflight::earth::REGIONS;
use snapshots::Snapshots;

/// Names and values.
type Figures = Vec<(&'static str, f64)>;

const OUT: &str = "target/bench";

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` runs this too, only to see that it starts.
    if env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let snapshots = match env::var_os("BENCH_DATA") {
        Some(folder) => Snapshots::recorded(folder.as_ref())?,
        None => Snapshots::simulated(60)?,
    };
    println!("bench: {snapshots}");
    let quick = match snapshots.seconds() {
        ..15 => None,
        _ => Some(Snapshots::simulated(10)?),
    };
    if let Some(quick) = &quick {
        println!("bench: delta10_deadband: {quick}");
    }
    fs::create_dir_all(OUT)?;
    let mut figures = sizes(&snapshots, quick.as_ref().unwrap_or(&snapshots));
    figures.extend(baselines::measure(&snapshots)?);
    figures.extend(times::measure(&snapshots)?);
    figures.extend(archive::measure(&snapshots)?);
    figures.extend(ingest::measure(&snapshots)?);
    figures.extend(country::measure(&snapshots)?);
    figures.extend(forecast::measure(&snapshots)?);
    figures.extend(parquet::measure(&snapshots)?);
    let object: serde_json::Map<String, serde_json::Value> =
        figures.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    fs::write("target/bench.json", serde_json::to_vec_pretty(&object)?)?;
    Ok(())
}

/// Measures bytes per aircraft, all included: with the snapshot cut into regions, and as one.
fn sizes(snapshots: &Snapshots, quick: &Snapshots) -> Figures {
    let (world, parts) = REGIONS.split_at(1);
    let fine = sizes::measure(snapshots, parts, Fine);
    let display = sizes::measure(snapshots, parts, Display);
    let whole = sizes::measure(snapshots, world, Display);
    let quick = sizes::measure(quick, parts, Fine);
    vec![
        ("wire.recorded", f64::from(u8::from(snapshots.is_recorded()))),
        ("wire.aircraft", fine.aircraft),
        ("wire.keyframe_fine", fine.keyframe),
        ("wire.delta60_fine", fine.delta),
        ("wire.delta60_display", display.delta),
        ("wire.churn_percent", snapshots.churn_percent()),
        ("wire.delta10_deadband", quick.delta),
        ("wire.world_keyframe_display", whole.keyframe),
        ("wire.world_delta60_display", whole.delta),
    ]
}
