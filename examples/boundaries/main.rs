//! Builds the country boundaries from npm's world-atlas.
//!
//! `cargo run --release --no-default-features --example boundaries -- \
//!  node_modules/world-atlas/countries-10m.json dist/boundaries.bin`

#![allow(clippy::print_stdout, reason = "a command-line tool")]

mod build;
mod mend;
mod polygons;
mod topology;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [input, output] = &arguments[..] else {
        return Err("usage: boundaries countries-10m.json boundaries.bin".into());
    };
    let json = std::fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let built = build::build(&json).map_err(|error| format!("{input}: {error}"))?;
    let bytes = built.boundaries.encode();
    if let Some(folder) = std::path::Path::new(output).parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(output, &bytes).map_err(|error| format!("{output}: {error}"))?;
    let (mut rings, mut points) = (0, 0);
    for (_, outlines) in built.boundaries.outlines() {
        rings += outlines.len();
        points += outlines.iter().map(Vec::len).sum::<usize>();
    }
    let (size, countries) = (bytes.len(), built.boundaries.outlines().count());
    println!("{output}: {size} bytes, {countries} countries, {rings} rings, {points} points");
    let [before, after] = built.invalid;
    println!("{output}: {before} polygons were invalid, {after} are; {:?}", built.mended);
    Ok(())
}
