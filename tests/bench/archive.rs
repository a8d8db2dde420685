//! What an hour takes in the archive, and how long a minute of it takes to read.

#![expect(clippy::disallowed_methods, reason = "a clock is what this is about")]

use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use flate2::{Compression, write::GzEncoder};
use overflight::airspace::Snapshot;
use overflight::archive::Minute;
use overflight::archive::pack::{HOUR_SECONDS, PackIndex, PackWriter};

use super::Figures;
use super::snapshots::Snapshots;

/// Measures one pack of all minutes, and the same minutes as other formats. The minutes are moved
/// so that the first is the first of an hour; those beyond the hour are left out.
pub fn measure(snapshots: &Snapshots) -> Result<Figures, Box<dyn Error>> {
    let start = snapshots.minutes[0].snapshot.time;
    let shift = start.rem_euclid(HOUR_SECONDS);
    let minutes: Vec<_> = snapshots
        .minutes
        .iter()
        .map(|minute| moved(&minute.snapshot, shift))
        .filter(|minute| minute.time < start - shift + HOUR_SECONDS)
        .collect();
    let rows: usize = minutes.iter().map(|minute| minute.aircraft().len()).sum();
    let begun = Instant::now();
    let (pack, index) = pack(&minutes)?;
    let pack_ms = begun.elapsed().as_secs_f64() * 1e3 / minutes.len() as f64;
    let mut times = Vec::new();
    for minute in &minutes {
        let range = index.minute(minute.time).ok_or("a minute of the pack")?;
        let bytes = &pack[range.start as usize..range.end as usize];
        let begun = Instant::now();
        let read = index.decode_minute(bytes, minute.time)?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(&read, minute);
        black_box(read);
    }
    times.sort_by(f64::total_cmp);
    let (mut json, mut msgpack) = (0, 0);
    for (minute, source) in minutes.iter().zip(&snapshots.minutes) {
        json += gzip(&source.json)?;
        msgpack += Minute { snapshot: minute.clone() }.encode().len();
    }
    let each = |bytes: usize| bytes as f64 / rows as f64;
    let blocks: u64 = index.blocks.iter().map(|block| block.range.end - block.range.start).sum();
    let mut groups: Vec<_> =
        minutes.iter().filter_map(|minute| index.group_range(minute.time)).collect();
    groups.dedup();
    let groups: u64 = groups.iter().map(|range| range.end - range.start).sum();
    Ok(vec![
        ("archive.group_bytes", each(groups as usize)),
        ("archive.block_bytes", each(blocks as usize)),
        ("archive.pack_bytes", each(pack.len())),
        ("archive.json_gzip_bytes", each(json)),
        ("archive.msgpack_bytes", each(msgpack)),
        ("archive.minute_decode_p50_ms", times[times.len() / 2]),
        ("archive.minute_decode_max_ms", times[times.len() - 1]),
        ("archive.pack_ms_a_minute", pack_ms),
    ])
}

fn pack(minutes: &[Snapshot]) -> Result<(Vec<u8>, PackIndex), Box<dyn Error>> {
    let mut writer = PackWriter::new(minutes.iter().map(|minute| minute.time).collect())?;
    let mut pack = Vec::new();
    while let Some(time) = writer.wants() {
        let minute = minutes.iter().find(|minute| minute.time == time);
        writer.give(minute.ok_or("the writer wants a minute that it was not offered")?)?;
        pack.extend(writer.take());
    }
    let (tail, index) = writer.finish()?;
    pack.extend(tail);
    Ok((pack, index))
}

/// The same snapshot, earlier.
fn moved(snapshot: &Snapshot, seconds: i64) -> Snapshot {
    let mut rows = snapshot.aircraft().to_vec();
    for row in &mut rows {
        row.last_contact -= seconds;
        row.time_position = row.time_position.map(|time| time - seconds);
    }
    Snapshot::new(snapshot.time - seconds, rows).marked(snapshot.simulated)
}

fn gzip(bytes: &[u8]) -> Result<usize, std::io::Error> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
