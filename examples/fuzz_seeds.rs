//! Writes the seeds of the fuzz targets from simulated snapshots: `fuzz/seeds/<target>/<name>`.
//!
//! `cargo run --release --no-default-features --example fuzz_seeds`

use std::error::Error;
use std::fs;

use overflight::airspace::{LiveState, Resolution, Snapshot};
use overflight::archive::Minute;
use overflight::archive::pack::PackWriter;
use overflight::earth::country::{Boundaries, Grid};
use overflight::feed::opensky;
use overflight::simulator;
use overflight::wire::{RegionSnapshot, StateObject, encode_delta, encode_keyframe};

const SEED: u64 = 1;
const TIME: i64 = 1_751_840_376;
const AIRCRAFT: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let world = simulator::World { seed: SEED, aircraft: AIRCRAFT };
    let [json, later] = [TIME, TIME + 60].map(|time| world.response(time));
    let snapshot = |json: &[u8]| {
        opensky::parse(json).map(|snapshot| Snapshot::new(snapshot.time, snapshot.aircraft))
    };
    let (before, after) = (snapshot(&json)?, snapshot(&later)?);
    let resolution = Resolution::Fine;
    let [old, new] = [&before, &after].map(|snapshot| LiveState::of(snapshot, resolution));
    write("frame_apply", "keyframe", &encode_keyframe(1, 1, &old))?;
    write("frame_apply", "delta", &encode_delta(1, (1, &old), 2, &new))?;
    write("region_snapshot", "fine", &RegionSnapshot::encode(1, resolution, &before))?;
    write("opensky", "response", &json)?;
    write("feed", "opensky", &json)?;
    write("feed", "readsb", &world.readsb(TIME))?;
    let adsbx = br#"{"ac":[{"hex":"3c6444","alt_baro":"ground","seen":1}],"now":1751840376000}"#;
    write("feed", "adsbx", adsbx)?;
    let states: Vec<_> =
        before.aircraft().iter().map(|state| StateObject::new(state, None)).collect();
    write("feed", "states", &serde_json::to_vec(&states)?)?;
    write("opensky", "null", br#"{"time":1751840376,"states":null}"#)?;
    write("pack", "simulated", &pack(&[before.clone(), after.clone()])?)?;
    write("minute", "simulated", &Minute { snapshot: before.marked(true) }.encode())?;
    let grid = Grid { columns: 360, south: -90.0, row_height: 1.0 };
    let square = vec![vec![(10, 10), (20, 10), (20, 20), (10, 20)]];
    let country = "FR".parse().ok().ok_or("FR is a country's code")?;
    let boundaries = Boundaries::new("a square", grid, vec![(country, square)])?;
    write("boundaries", "square", &boundaries.encode())?;
    for (name, text) in [
        ("flights", "GET\n/api/flights/latest\nbbox=170,-10,-170,10&country=FR&callsign=DLH"),
        ("forecast", "GET\n/api/countries/FR/flights\nwithin=30m"),
        ("history", "GET\n/api/countries/FR/history\nfrom=2025-07-06T22:19:36Z&step=1h"),
        ("live", "GET\n/api/live/world\nepoch=00000000000000ff&sequence=12"),
        ("dates", "GET\n/api/dates\nfrom=2025-07-06T22:19:36Z&limit=10"),
        ("file", "GET\n/api/archive/2025-07-06/221936.msgpack\n"),
        ("ingest", "POST\n/api/ingest\n"),
    ] {
        write("route", name, text.as_bytes())?;
    }
    Ok(())
}

fn pack(minutes: &[Snapshot]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = PackWriter::new(minutes.iter().map(|minute| minute.time).collect())?;
    while let Some(time) = writer.wants() {
        let minute = minutes.iter().find(|minute| minute.time == time);
        writer.give(minute.ok_or("a minute that the writer was not offered")?)?;
    }
    Ok(writer.finish()?.0)
}

fn write(target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = format!("fuzz/seeds/{target}");
    fs::create_dir_all(&folder)?;
    Ok(fs::write(format!("{folder}/{name}"), bytes)?)
}
