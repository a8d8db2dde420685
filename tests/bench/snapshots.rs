//! The snapshots that are measured: recorded ones, or simulated ones.

use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::{fmt, fs};

use flate2::read::GzDecoder;
use overflight::aircraft::StateVector;
use overflight::airspace::Snapshot;
use overflight::archive;
use overflight::earth::country::Boundaries;
use overflight::feed::opensky;
use overflight::simulator;

pub const BOUNDARIES: &str = "dist/boundaries.bin";

/// The simulator's seed, and the first simulated time: a Sunday evening in July 2025.
const SEED: u64 = 1;
const START: i64 = 1_751_840_376;
const COUNT: i64 = 11;

/// One response of the source.
pub struct Minute {
    /// The response's bytes.
    pub json: Vec<u8>,
    /// The parsed snapshot, with the countries below the aircraft.
    pub snapshot: Snapshot,
}

/// Responses in the order of their times.
pub struct Snapshots {
    source: String,
    is_recorded: bool,
    pub minutes: Vec<Minute>,
}

impl Snapshots {
    /// The `.json` and `.json.gz` files in a folder.
    pub fn recorded(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let named = |error| format!("BENCH_DATA {}: {error}", folder.display());
        let mut responses = Vec::new();
        for entry in fs::read_dir(folder).map_err(named)? {
            let path = entry?.path();
            let name = path.to_string_lossy();
            if name.ends_with(".json") {
                responses.push(fs::read(&path)?);
            } else if name.ends_with(".json.gz") {
                let mut json = Vec::new();
                GzDecoder::new(fs::File::open(&path)?).read_to_end(&mut json)?;
                responses.push(json);
            }
        }
        Self::new(format!("recorded, {}", folder.display()), true, responses)
    }

    /// Simulates a response every `seconds` seconds.
    pub fn simulated(seconds: i64) -> Result<Self, Box<dyn Error>> {
        let times = (0..COUNT).map(|index| START + index * seconds);
        let responses = times.map(|time| simulator::response(SEED, time)).collect();
        Self::new(format!("simulated, seed {SEED}"), false, responses)
    }

    fn new(
        source: String,
        is_recorded: bool,
        responses: Vec<Vec<u8>>,
    ) -> Result<Self, Box<dyn Error>> {
        let bytes = fs::read(BOUNDARIES).map_err(|error| format!("{BOUNDARIES}: {error}"))?;
        let boundaries = Boundaries::decode(&bytes)?;
        let mut minutes = Vec::new();
        for json in responses {
            let minute = archive::Minute::of(opensky::parse(&json)?, false, &boundaries);
            minutes.push(Minute { json, snapshot: minute.snapshot });
        }
        minutes.sort_by_key(|minute| minute.snapshot.time);
        minutes.dedup_by_key(|minute| minute.snapshot.time);
        match minutes.len() {
            0 | 1 => {
                Err(format!("{source}: {} snapshots, expected two or more", minutes.len()).into())
            }
            _ => Ok(Self { source, is_recorded, minutes }),
        }
    }

    /// The share of a snapshot's aircraft that the one before did not have, mean, percent.
    pub fn churn_percent(&self) -> f64 {
        let (mut new, mut all) = (0, 0);
        for pair in self.minutes.windows(2) {
            let [before, after] = [&pair[0].snapshot, &pair[1].snapshot];
            let is_new = |state: &&StateVector| before.get(state.icao24).is_none();
            new += after.aircraft().iter().filter(is_new).count();
            all += after.aircraft().len();
        }
        100.0 * new as f64 / all as f64
    }

    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// Returns the mean time between snapshots, seconds.
    pub fn seconds(&self) -> i64 {
        let time = |index: usize| self.minutes[index].snapshot.time;
        let last = self.minutes.len() - 1;
        (time(last) - time(0)) / last as i64
    }
}

impl fmt::Display for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aircraft: usize =
            self.minutes.iter().map(|minute| minute.snapshot.aircraft().len()).sum();
        let count = self.minutes.len();
        let mean = aircraft / count;
        write!(
            f,
            "{}: {count} snapshots of {mean} aircraft, {} s apart",
            self.source,
            self.seconds()
        )
    }
}
