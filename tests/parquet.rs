//! An hour as a Parquet file: written in pieces, read back by us, equal by bits.
//!
//! tests/parquet/ reads such files with DuckDB, pyarrow and Polars.

#[path = "parquet/memory.rs"]
mod memory;
mod snapshots;

use overflight::aircraft::{Icao24, StateVector};
use overflight::archive::{
    GROUP_ROWS, ParquetError, ParquetFile, ParquetWriter, Provenance, Row, TAIL_BYTES,
};
use snapshots::{Random, each_seed, state};

fn provenance() -> Provenance {
    Provenance { simulated: true, source: Some("simulated".to_owned()), license: None }
}

/// Random rows in the order of a file.
fn rows(random: &mut Random, count: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut address = 0;
    while rows.len() < count {
        address += 1 + random.below(5) as u32;
        let icao24 = Icao24::new(address).expect("below 2^24");
        for minute in 0..60 {
            if rows.len() < count && !random.one_in(3) {
                rows.push((1_767_225_600 + 60 * minute, state(random, icao24)));
            }
        }
    }
    rows
}

fn written(provenance: &Provenance, rows: &[Row]) -> Vec<u8> {
    let mut writer = ParquetWriter::new(provenance).expect("a writer");
    let mut bytes = Vec::new();
    for group in rows.chunks(GROUP_ROWS) {
        writer.write(group).expect("ascending rows");
        bytes.extend(writer.take());
    }
    bytes.extend(writer.finish().expect("written"));
    bytes
}

fn read(bytes: &[u8]) -> Result<(Provenance, Vec<Row>), ParquetError> {
    let tail = bytes.len().saturating_sub(TAIL_BYTES);
    let footer = ParquetFile::footer_bytes(bytes[tail..].try_into().expect("eight bytes"))?;
    let file = ParquetFile::read(&bytes[bytes.len() - footer..])?;
    let mut rows = Vec::new();
    for (index, range) in file.groups().enumerate() {
        let bytes = bytes[range.start as usize..range.end as usize].to_vec();
        rows.extend(file.rows_of(index, bytes)?);
    }
    assert_eq!(file.rows(), rows.len() as u64);
    Ok((file.provenance().clone(), rows))
}

/// The bits of a row's numbers, which `==` does not tell apart.
fn bits(state: &StateVector) -> Vec<Option<u64>> {
    let position = state.position;
    let numbers = [
        position.map(|position| position.longitude),
        position.map(|position| position.latitude),
        state.baro_altitude,
        state.velocity,
        state.true_track,
        state.vertical_rate,
        state.geo_altitude,
    ];
    numbers.iter().map(|number| number.map(f64::to_bits)).collect()
}

#[test]
fn every_row_survives_its_file_by_bits() {
    each_seed(40, |random| {
        let count = random.pick(&[0, 1, 2, 100, 5_000]);
        let mut given = rows(random, count);
        for (_, state) in given.iter_mut().filter(|_| true).step_by(7) {
            let odd = [-0.0, f64::MIN_POSITIVE / 3.0, f64::INFINITY, f64::MAX, 0.1 + 0.2];
            state.velocity = Some(random.pick(&odd));
        }
        let (about, back) = read(&written(&provenance(), &given)).expect("our own file");
        assert_eq!(about, provenance());
        assert_eq!(back, given);
        let all_bits = |rows: &[Row]| rows.iter().map(|row| bits(&row.1)).collect::<Vec<_>>();
        assert_eq!(all_bits(&back), all_bits(&given));
    });
}

#[test]
fn a_file_comes_out_one_row_group_at_a_time() {
    let given = rows(&mut Random(5), 1_000);
    let mut writer = ParquetWriter::new(&provenance()).expect("a writer");
    let mut bytes = Vec::new();
    for group in given.chunks(300) {
        writer.write(group).expect("ascending rows");
        let part = writer.take();
        assert!(part.len() > 300, "{} bytes of a group", part.len());
        bytes.extend(part);
    }
    bytes.extend(writer.finish().expect("written"));
    let (_, back) = read(&bytes).expect("our own file");
    assert!(back == given, "the rows differ");
}

#[test]
fn groups_that_do_not_ascend_or_are_too_large_are_refused() {
    let given = rows(&mut Random(6), 2);
    let (first, second) = (given[0].clone(), given[1].clone());
    let mut writer = ParquetWriter::new(&provenance()).expect("a writer");
    writer.write(std::slice::from_ref(&second)).expect("the first row");
    for row in [second, first.clone()] {
        let error = writer.write(&[row]).expect_err("it does not ascend").to_string();
        assert!(error.contains("expected ascending rows"), "{error}");
    }
    let mut writer = ParquetWriter::new(&provenance()).expect("a writer");
    let error = writer.write(&[(i64::MAX, first.1.clone())]).expect_err("no time").to_string();
    assert_eq!(error, "time is 9223372036854775807, expected Unix seconds");
    let many: Vec<Row> = (0..=GROUP_ROWS as i64).map(|at| (at, first.1.clone())).collect();
    let error = writer.write(&many).expect_err("too many rows").to_string();
    assert_eq!(error, "the row group has 115001 rows, expected at most 115000");
}

#[test]
fn a_changed_file_is_an_error_or_other_rows_and_never_the_same() {
    let given = rows(&mut Random(7), 300);
    let bytes = written(&provenance(), &given);
    for length in [0, 3, TAIL_BYTES, 100] {
        let cut = [&bytes[..length], &bytes[bytes.len() - TAIL_BYTES..]].concat();
        assert!(ParquetFile::read(&cut).is_err(), "{length} bytes");
    }
    let other = Provenance { source: Some("x".to_owned()), ..provenance() };
    assert_ne!(written(&other, &given), bytes);
}

#[test]
fn a_row_group_is_written_and_read_back_in_bounded_memory() {
    /// Half of what an isolate has. Measured: 20 MB to write, beside the rows of 20 MB, and 46 MB
    /// to read with all rows kept.
    const BYTES_MAX: usize = 64 << 20;
    let mut random = Random(8);
    let mut given = rows(&mut random, GROUP_ROWS);
    for (_, state) in &mut given {
        // Numbers that do not repeat take the most memory.
        state.velocity = Some(random.unit());
        state.true_track = Some(random.unit());
    }
    let mut file = Vec::new();
    let peak = memory::peak(|| file = written(&provenance(), &given));
    assert!(peak < BYTES_MAX, "{peak} bytes to write");
    drop(given);
    let peak = memory::peak(|| assert!(read(&file).is_ok()));
    assert!(peak < BYTES_MAX, "{peak} bytes to read");
}
