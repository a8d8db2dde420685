//! How long a snapshot takes from the source's bytes to the archive's object and all regions'
//! frames.
//!
//! The first snapshot, which regions send as keyframes, does not count. Snapshots and regions are
//! written to `target/bench/` for the same measurement in workerd.

#![expect(clippy::disallowed_methods, reason = "a clock is what this is about")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use overflight::earth::country::Boundaries;
use overflight::earth::{Bbox, REGIONS};
use serde_json::{Value, json};

use super::pipeline::Ingest;
use super::snapshots::{BOUNDARIES, Snapshots};
use super::{Figures, OUT};

const ROUNDS: usize = 9;

pub fn measure(snapshots: &Snapshots) -> Result<Figures, Box<dyn Error>> {
    leave(snapshots)?;
    let boundaries = fs::read(BOUNDARIES)?;
    let (mut whole, mut cut) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut ingest = Ingest::new(Boundaries::decode(&boundaries)?, true);
        for minute in &snapshots.minutes {
            let start = Instant::now();
            let object = ingest.archive(&minute.json)?;
            let region_snapshots: Vec<_> =
                (0..REGIONS.len()).map(|region| ingest.region_snapshot(region)).collect();
            let until_cut = start.elapsed();
            for (region, region_snapshot) in region_snapshots.into_iter().enumerate() {
                black_box(ingest.deliver(region, region_snapshot)?);
            }
            whole.push(start.elapsed().as_secs_f64() * 1e3);
            cut.push(until_cut.as_secs_f64() * 1e3);
            black_box(object);
        }
        let first = whole.len() - snapshots.minutes.len();
        whole.remove(first);
        cut.remove(first);
    }
    let middle = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let aircraft: usize =
        snapshots.minutes.iter().map(|minute| minute.snapshot.aircraft().len()).sum();
    let bytes: usize = snapshots.minutes.iter().map(|minute| minute.json.len()).sum();
    let mean = |sum: usize| sum as f64 / snapshots.minutes.len() as f64;
    Ok(vec![
        ("ingest.aircraft", mean(aircraft)),
        ("ingest.response_bytes", mean(bytes)),
        ("ingest.ms_per_snapshot_native", middle(whole)),
        ("ingest.ms_per_snapshot_cut_native", middle(cut)),
    ])
}

fn leave(snapshots: &Snapshots) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(OUT)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snapshot-")) {
            fs::remove_file(path)?;
        }
    }
    for (index, minute) in snapshots.minutes.iter().enumerate() {
        fs::write(format!("{OUT}/snapshot-{index:02}.json"), &minute.json)?;
    }
    let regions = REGIONS.iter().map(|region| {
        let Bbox { west, south, east, north } = region.bbox;
        json!({ "name": region.name, "bbox": [west, south, east, north] })
    });
    fs::write(format!("{OUT}/regions.json"), regions.collect::<Value>().to_string())?;
    Ok(())
}
