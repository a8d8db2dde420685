//! Makes the archive's Parquet files of OpenSky's responses: `day=DAY/hour=HH/states.parquet`.
//!
//! usage: cargo run --release --no-default-features --example parquet -- OUT_FOLDER
//! [FOLDER_OF_RESPONSES]. Without responses it simulates six minutes of two hours,
//! and writes the responses to OUT_FOLDER/responses/.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use overflight::archive::{self, Date, GROUP_ROWS, ParquetWriter, Provenance, Row};
use overflight::earth::country::Boundaries;
use overflight::feed::opensky;
use overflight::simulator;

/// Made by `make build`.
const BOUNDARIES: &str = "dist/boundaries.bin";

const SEED: u64 = 1;
/// Three minutes before the end of an hour.
const START: i64 = 1_751_842_800 - 180;
const MINUTES: i64 = 6;

/// The rows of an hour, by address, then by time.
type Hours = BTreeMap<i64, BTreeMap<(u32, i64), Row>>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let (out, folder) = match &arguments[..] {
        [out] => (Path::new(out), None),
        [out, folder] => (Path::new(out), Some(folder)),
        _ => return Err("usage: parquet OUT_FOLDER [FOLDER_OF_RESPONSES]".into()),
    };
    let responses = match folder {
        Some(folder) => recorded(folder.as_ref())?,
        None => simulated(&out.join("responses"))?,
    };
    let simulated = folder.is_none();
    let source = if simulated { "simulated" } else { "opensky" };
    let provenance = Provenance { simulated, source: Some(source.to_owned()), license: None };
    for (hour, rows) in hours(&responses)? {
        let date = Date(hour);
        let folder = out.join(format!("day={}/hour={:02}", date.day(), hour / 3_600 % 24));
        fs::create_dir_all(&folder)?;
        let mut writer = ParquetWriter::new(&provenance)?;
        let count = rows.len();
        for group in rows.into_values().collect::<Vec<_>>().chunks(GROUP_ROWS) {
            writer.write(group)?;
        }
        let bytes = writer.finish()?;
        eprintln!("{date}: {count} rows, {:.2} bytes each", bytes.len() as f64 / count as f64);
        fs::write(folder.join("states.parquet"), bytes)?;
    }
    Ok(())
}

fn recorded(folder: &Path) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let paths = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.into_iter();
    let paths =
        paths.map(|entry| entry.path()).filter(|path| path.extension() == Some("json".as_ref()));
    Ok(paths.map(fs::read).collect::<Result<_, _>>()?)
}

fn simulated(folder: &Path) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let times = (0..MINUTES).map(|minute| START + 60 * minute);
    let responses: Vec<_> = times.map(|time| simulator::response(SEED, time)).collect();
    for (index, response) in responses.iter().enumerate() {
        fs::write(folder.join(format!("{index:02}.json")), response)?;
    }
    Ok(responses)
}

fn hours(responses: &[Vec<u8>]) -> Result<Hours, Box<dyn Error>> {
    let boundaries = Boundaries::decode(&fs::read(BOUNDARIES)?)?;
    let mut hours = Hours::new();
    for response in responses {
        let minute = archive::Minute::of(opensky::parse(response)?, false, &boundaries);
        let time = minute.snapshot.time;
        let rows = hours.entry(time - time.rem_euclid(3_600)).or_default();
        for state in minute.snapshot.into_aircraft() {
            rows.insert((state.icao24.get(), time), (time, state));
        }
    }
    Ok(hours)
}
