//! Makes the tables that every frame of the wire starts from: `cargo run --release
//! --no-default-features --example prime`. What is learnt from is simulated traffic, and the
//! recorded OpenSky responses in the folders that are named as arguments.
//!
//! New tables are a new wire: raise the envelope's version once there are clients of the old one.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use overflight::airspace::{LiveSky, Resolution, Snapshot};
use overflight::earth::{REGIONS, Region};
use overflight::feed::{opensky, simulated};
use overflight::ledger::share;
use overflight::wire::prime::Tally;

fn main() -> Result<(), Box<dyn Error>> {
    let mut runs: Vec<Vec<Snapshot>> =
        env::args().skip(1).map(|it| recorded(it.into())).collect::<Result<_, _>>()?;
    // Six minutes each of different days.
    for (seed, start) in [(2, 1_750_000_000), (3, 1_757_020_000), (4, 1_764_040_000)] {
        let times = (0..6).map(|index| start + index * 60);
        runs.push(times.map(|time| sky(&simulated::response(seed, time))).collect());
    }
    for (resolution, name) in [(Resolution::Fine, "fine"), (Resolution::Display, "display")] {
        let mut tally = Tally::new(resolution);
        for run in &runs {
            for region in &REGIONS {
                learn(&mut tally, run, region, resolution);
            }
        }
        fs::write(format!("src/wire/codec/{name}.bin"), tally.table())?;
    }
    Ok(())
}

fn learn(tally: &mut Tally, run: &[Snapshot], region: &Region, resolution: Resolution) {
    let mut held: Option<LiveSky> = None;
    for sky in run {
        let sky = LiveSky::of(&share(region, sky), resolution);
        tally.whole(&sky);
        held = Some(match held {
            None => sky,
            Some(old) => tally.change(&old, &sky, |foreseen, is| foreseen == is),
        });
    }
}

fn recorded(folder: PathBuf) -> Result<Vec<Snapshot>, Box<dyn Error>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    files.iter().map(|file| Ok(sky(&fs::read(file)?))).collect()
}

fn sky(bytes: &[u8]) -> Snapshot {
    let sky = opensky::parse(bytes).expect("a recorded or simulated response");
    Snapshot::new(sky.time, sky.aircraft)
}
