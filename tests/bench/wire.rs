//! How many bytes an aircraft costs on the wire, and how long things take: its coding, to say over
//! which country it is, and a whole sky from the source's bytes to all frames.
//!
//! Writes `target/bench.json`: name to number. The skies are OpenSky responses in the folder that
//! `BENCH_DATA` names, or simulated ones. `report.mjs` then measures the same as wasm, from the
//! frames and shares that are left in `target/bench/`, and prints the table.

#![allow(clippy::print_stdout, reason = "a command-line tool")]

mod baselines;
mod country;
mod forecast;
mod ingest;
#[path = "../encoder/src/ingest.rs"]
mod pipeline;
#[path = "../../examples/boundaries/polygons.rs"]
#[allow(dead_code, reason = "the bench only wants the polygons")]
mod polygons;
mod sizes;
mod skies;
mod times;

use std::error::Error;
use std::{env, fs};

use overflight::airspace::Resolution::{Display, Fine};
use overflight::earth::REGIONS;
use skies::Skies;

/// Names and values.
type Figures = Vec<(&'static str, f64)>;

const OUT: &str = "target/bench";

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` runs this too, and wants to know only whether it starts.
    if env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let skies = match env::var_os("BENCH_DATA") {
        Some(folder) => Skies::recorded(folder.as_ref())?,
        None => Skies::simulated(60)?,
    };
    println!("bench: {skies}");
    let quick = match skies.seconds() {
        ..15 => None,
        _ => Some(Skies::simulated(10)?),
    };
    if let Some(quick) = &quick {
        println!("bench: delta10_deadband: {quick}");
    }
    fs::create_dir_all(OUT)?;
    let mut figures = sizes(&skies, quick.as_ref().unwrap_or(&skies));
    figures.extend(baselines::measure(&skies)?);
    figures.extend(times::measure(&skies)?);
    figures.extend(ingest::measure(&skies)?);
    figures.extend(country::measure(&skies)?);
    figures.extend(forecast::measure(&skies)?);
    let object: serde_json::Map<String, serde_json::Value> =
        figures.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    fs::write("target/bench.json", serde_json::to_vec_pretty(&object)?)?;
    Ok(())
}

/// Bytes per aircraft, all included, with the sky cut into its regions, and with the sky as one.
fn sizes(skies: &Skies, quick: &Skies) -> Figures {
    let (world, parts) = REGIONS.split_at(1);
    let fine = sizes::measure(skies, parts, Fine);
    let display = sizes::measure(skies, parts, Display);
    let whole = sizes::measure(skies, world, Display);
    let quick = sizes::measure(quick, parts, Fine);
    vec![
        ("wire.recorded", f64::from(u8::from(skies.is_recorded()))),
        ("wire.aircraft", fine.aircraft),
        ("wire.keyframe_fine", fine.keyframe),
        ("wire.delta60_fine", fine.delta),
        ("wire.delta60_display", display.delta),
        ("wire.delta10_deadband", quick.delta),
        ("wire.world_keyframe_display", whole.keyframe),
        ("wire.world_delta60_display", whole.delta),
    ]
}
