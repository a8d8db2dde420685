//! The export of an hour: from minutes to a file that was read back.

#[path = "parquet/memory.rs"]
mod memory;
mod snapshots;

use std::collections::BTreeMap;

use overflight::aircraft::Icao24;
use overflight::airspace::Snapshot;
use overflight::archive::{ExportError, HourExport, HourFile, PackExport, Provenance, Step};
use snapshots::{Random, each_seed, state};

const HOUR: i64 = 1_767_225_600;

type Minutes = BTreeMap<i64, Snapshot>;

/// Minutes of an hour, some of them missing or empty.
fn minutes(random: &mut Random) -> Minutes {
    let mut minutes = Minutes::new();
    for time in (0..60).map(|minute| HOUR + 60 * minute) {
        if random.one_in(6) {
            continue;
        }
        let addresses = (1..=random.below(40) as u32).filter(|_| !random.one_in(4));
        let addresses: Vec<_> = addresses.collect();
        let states = addresses.into_iter().map(|address| {
            let icao24 = Icao24::new(address * 977).expect("below 2^24");
            state(random, icao24)
        });
        minutes.insert(time, Snapshot::new(time, states.collect()));
    }
    minutes
}

fn provenance(simulated: bool) -> Provenance {
    Provenance { simulated, source: Some("push".to_owned()), license: None }
}

/// Plays the adapter; `change` may change what was stored. Returns the file, and how often a minute
/// was read.
fn export(
    minutes: &Minutes,
    change: impl FnOnce(&mut Vec<u8>),
) -> Result<(HourFile, Vec<u8>, usize), ExportError> {
    let mut export = HourExport::new(minutes.keys().copied().collect(), provenance(false));
    let (mut stored, mut reads, mut change) = (Vec::new(), 0, Some(change));
    loop {
        match export.step()? {
            Step::Read(time) => {
                reads += 1;
                export.minute(minutes[&time].clone())?;
            }
            Step::Append(bytes) => stored.extend(bytes),
            Step::Complete => {
                let written = stored.len() as u64;
                if let Some(change) = change.take() {
                    change(&mut stored);
                }
                export.stored(written)?;
            }
            Step::Fetch(range) => {
                let end = (range.end as usize).min(stored.len());
                let start = (range.start as usize).min(end);
                export.fetched(stored[start..end].to_vec())?;
            }
            Step::Done(exported) => return Ok((exported, stored, reads)),
        }
    }
}

#[test]
fn a_file_has_every_row_of_the_minutes() {
    each_seed(30, |random| {
        let minutes = minutes(random);
        let (exported, file, _) = export(&minutes, |_| {}).expect("it is exported");
        let rows: usize = minutes.values().map(|minute| minute.aircraft().len()).sum();
        assert_eq!((exported.rows, exported.bytes), (rows as u64, file.len() as u64));
        let (again, same, _) = export(&minutes, |_| {}).expect("it is exported");
        assert!(again == exported && same == file, "a repeated export makes the same bytes");
    });
}

#[test]
fn an_hour_without_rows_is_a_file_without_rows() {
    for minutes in [Minutes::new(), Minutes::from([(HOUR, Snapshot::new(HOUR, Vec::new()))])] {
        let (exported, file, _) = export(&minutes, |_| {}).expect("it is exported");
        assert_eq!((exported.rows, exported.bytes), (0, file.len() as u64));
    }
}

#[test]
fn a_stored_file_with_another_byte_is_noticed() {
    each_seed(60, |random| {
        let minutes = minutes(&mut Random(1));
        let place = random.next();
        let changed = export(&minutes, |file| {
            let place = place as usize % file.len();
            file[place] ^= 1 << (place % 8);
        });
        changed.expect_err("it is noticed");
        let cut = export(&minutes, |file| file.truncate(file.len() - 1));
        assert!(matches!(cut, Err(ExportError::Stored(_))), "{cut:?}");
    });
}

/// Makes the pack of the minutes; `change` may change what was stored. Returns the key, and what
/// is recorded of it.
fn pack(
    minutes: &Minutes,
    change: impl FnOnce(&mut Vec<u8>),
) -> Result<(String, HourFile), ExportError> {
    let mut export = PackExport::new(minutes.keys().copied().collect(), false)?;
    while let Some(time) = export.wants() {
        export.minute(&minutes[&time])?;
    }
    let (mut stored, made) = export.finish()?;
    change(&mut stored);
    made.verify(&stored).map(|file| (made.key, file))
}

#[test]
fn a_pack_has_every_row_of_the_minutes() {
    each_seed(30, |random| {
        let minutes = minutes(random);
        let made = pack(&minutes, |_| {}).expect("it is packed");
        let rows: usize = minutes.values().map(|minute| minute.aircraft().len()).sum();
        assert_eq!(made.1.rows, rows as u64);
        assert!(made.0.starts_with("hours/2026-01-01/00-"), "{}", made.0);
        assert_eq!(pack(&minutes, |_| {}).expect("it is packed"), made, "the same bytes");
    });
}

#[test]
fn a_stored_pack_with_another_byte_is_noticed() {
    each_seed(60, |random| {
        let minutes = minutes(&mut Random(1));
        let place = random.next();
        let changed = pack(&minutes, |file| {
            let place = place as usize % file.len();
            file[place] ^= 1 << (place % 8);
        });
        assert!(matches!(changed, Err(ExportError::Stored(_))), "{changed:?}");
        let cut = pack(&minutes, |file| file.truncate(file.len() - 1));
        assert!(matches!(cut, Err(ExportError::Stored(_))), "{cut:?}");
    });
}

#[test]
fn a_minute_that_changes_while_it_is_packed_is_noticed() {
    let mut random = Random(9);
    let icao24 = Icao24::new(7).expect("below 2^24");
    let mut minute = || Snapshot::new(HOUR, vec![state(&mut random, icao24)]);
    let mut export = PackExport::new(vec![HOUR], false).expect("an hour");
    while export.wants().is_some() {
        export.minute(&minute()).expect("only the end compares");
    }
    let (stored, made) = export.finish().expect("all minutes came");
    assert_eq!(made.verify(&stored), Err(ExportError::Differs(HOUR)));
}

#[test]
fn a_pack_of_simulated_and_real_minutes_is_refused() {
    let mut export = PackExport::new(vec![HOUR], false).expect("an hour");
    let error = export.minute(&Snapshot::new(HOUR, Vec::new()).marked(true)).expect_err("mixed");
    assert_eq!(error, ExportError::Simulated(HOUR));
    PackExport::new(Vec::new(), false).err().expect("it would have no minutes");
}

#[test]
fn a_minute_that_is_not_the_wanted_one_is_refused() {
    let (first, second) = (HOUR, HOUR + 60);
    let mut export = HourExport::new(vec![first, second], provenance(false));
    assert_eq!(export.step(), Ok(Step::Read(first)));
    let error = export.minute(Snapshot::new(second, Vec::new())).expect_err("another minute");
    let expected = "the minute is of 2026-01-01T00:01:00Z, expected 2026-01-01T00:00:00Z";
    assert_eq!(error.to_string(), expected);
    let error = export.minute(Snapshot::new(first, Vec::new()).marked(true)).expect_err("so");
    assert_eq!(error, ExportError::Simulated(first));
}

#[test]
fn a_minute_that_changes_while_it_is_exported_is_noticed() {
    let mut random = Random(9);
    let icao24 = Icao24::new(7).expect("below 2^24");
    let minute = |random: &mut Random| Snapshot::new(HOUR, vec![state(random, icao24)]);
    let mut export = HourExport::new(vec![HOUR], provenance(false));
    let mut stored = Vec::new();
    let error = loop {
        let outcome = match export.step() {
            Ok(Step::Read(_)) => export.minute(minute(&mut random)),
            Ok(Step::Append(bytes)) => {
                stored.extend(bytes);
                Ok(())
            }
            Ok(Step::Complete) => export.stored(stored.len() as u64),
            Ok(Step::Fetch(range)) => {
                export.fetched(stored[range.start as usize..range.end as usize].to_vec())
            }
            Ok(Step::Done(exported)) => panic!("{exported:?}"),
            Err(error) => break error,
        };
        outcome.expect("only the end compares");
    };
    assert_eq!(error, ExportError::Differs(HOUR));
}

#[test]
fn an_hour_with_more_rows_than_a_job_can_export_is_refused_at_once() {
    let template = state(&mut Random(4), Icao24::new(1).expect("below 2^24"));
    let states = (1..=100_000).map(|address| {
        let mut state = template.clone();
        state.icao24 = Icao24::new(address).expect("below 2^24");
        state
    });
    let mut minute = Snapshot::new(HOUR, states.collect());
    let times: Vec<_> = (0..60).map(|minute| HOUR + 60 * minute).collect();
    let mut export = HourExport::new(times.clone(), provenance(false));
    let mut read = 0;
    let error = loop {
        minute.time = times[read];
        read += 1;
        if let Err(error) = export.minute(minute.clone()) {
            break error.to_string();
        }
    };
    let expected = "the hour has 2100000 rows or more, expected at most 2000000";
    assert_eq!((error.as_str(), read), (expected, 21));
}

#[test]
fn an_hour_of_the_world_takes_bounded_memory() {
    /// Half of what an isolate has; 29 MB were measured.
    const BYTES_MAX: usize = 64 << 20;
    let mut random = Random(3);
    let template = state(&mut random, Icao24::new(1).expect("below 2^24"));
    let minute = |time: i64| {
        let mut random = Random(time as u64);
        let states = (1..=11_450).map(|address| {
            let mut state = template.clone();
            state.icao24 = Icao24::new(address * 1_000).expect("below 2^24");
            state.velocity = Some(random.unit());
            state
        });
        Snapshot::new(time, states.collect())
    };
    let times: Vec<_> = (0..60).map(|minute| HOUR + 60 * minute).collect();
    let (mut stored, mut reads) = (Vec::with_capacity(40 << 20), 0);
    let mut exported = HourFile::default();
    let peak = memory::peak(|| {
        let mut export = HourExport::new(times, provenance(false));
        loop {
            let outcome = match export.step().expect("it is exported") {
                Step::Read(time) => {
                    reads += 1;
                    export.minute(minute(time))
                }
                Step::Append(bytes) => {
                    stored.extend(bytes);
                    Ok(())
                }
                Step::Complete => export.stored(stored.len() as u64),
                Step::Fetch(range) => {
                    export.fetched(stored[range.start as usize..range.end as usize].to_vec())
                }
                Step::Done(done) => {
                    exported = done;
                    break;
                }
            };
            outcome.expect("it is exported");
        }
    });
    assert_eq!((exported.rows, reads), (60 * 11_450, 7 * 60));
    assert!(peak < BYTES_MAX, "{peak} bytes");
}
