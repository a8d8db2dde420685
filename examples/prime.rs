//! Makes the primed tables of the wire's codec: `cargo run --release --no-default-features
//! --example prime`. Learns from simulated traffic, and from the recorded OpenSky responses in the
//! folders given as arguments.
//!
//! New tables change the wire: raise the envelope's version once there are clients of the old one.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use overflight::aircraft::StateVector;
use overflight::airspace::{LiveState, Resolution, Snapshot};
use overflight::earth::country::Boundaries;
use overflight::earth::{REGIONS, Region};
use overflight::feed::opensky;
use overflight::hub::{Report, merge};
use overflight::simulator;
use overflight::wire::prime::BitCounts;

/// Made by `make build`.
const BOUNDARIES: &str = "dist/boundaries.bin";

/// How many times recorded traffic counts: the tables are made for real traffic.
const RECORDED_WEIGHT: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let boundaries = Boundaries::decode(&fs::read(BOUNDARIES)?)?;
    let snapshot = |bytes: &[u8]| snapshot(bytes, &boundaries);
    let mut runs: Vec<Vec<Snapshot>> = Vec::new();
    for folder in env::args().skip(1) {
        let run = recorded(folder.into(), snapshot)?;
        runs.extend(std::iter::repeat_n(run, RECORDED_WEIGHT));
    }
    // On each day six snapshots a minute apart, and six that are 10 s apart.
    for (seed, start) in [(2, 1_750_000_000), (3, 1_757_020_000), (4, 1_764_040_000)] {
        for seconds in [60, 10] {
            let times = (0..6).map(|index| start + index * seconds);
            runs.push(times.map(|time| snapshot(&simulator::response(seed, time))).collect());
        }
    }
    for (resolution, name) in [(Resolution::Fine, "fine"), (Resolution::Display, "display")] {
        let mut tally = BitCounts::new(resolution);
        for run in &runs {
            for region in &REGIONS {
                learn(&mut tally, run, region, resolution);
            }
        }
        let (own, shared) = tally.tables();
        fs::write(format!("src/wire/codec/{name}.bin"), own)?;
        if resolution == Resolution::Fine {
            fs::write("src/wire/codec/shared.bin", shared)?;
        }
    }
    Ok(())
}

fn learn(tally: &mut BitCounts, run: &[Snapshot], region: &Region, resolution: Resolution) {
    let mut held: Option<(Snapshot, LiveState)> = None;
    for snapshot in run {
        let own = |state: &&StateVector| region.holds(state.position);
        let states = snapshot.aircraft().iter().filter(own).cloned();
        let next = Snapshot::new(snapshot.time, states.collect());
        let live = match held {
            None => LiveState::of(&next, resolution),
            Some((before, old)) => {
                let mut live = old.clone();
                merge(&mut live, Report::all(&before), &next);
                tally.change(&old, &live);
                live
            }
        };
        tally.whole(&live);
        held = Some((next, live));
    }
}

fn recorded(
    folder: PathBuf,
    snapshot: impl Fn(&[u8]) -> Snapshot,
) -> Result<Vec<Snapshot>, Box<dyn Error>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    files.iter().map(|file| Ok(snapshot(&fs::read(file)?))).collect()
}

/// The snapshot in a response, with the country below each aircraft, which is sent as it changes.
fn snapshot(bytes: &[u8], boundaries: &Boundaries) -> Snapshot {
    let mut snapshot = opensky::parse(bytes).expect("a recorded or simulated response");
    for state in &mut snapshot.aircraft {
        state.current_country = state.position.and_then(|at| boundaries.country_at(at));
    }
    Snapshot::new(snapshot.time, snapshot.aircraft)
}
