//! An hour as a pack: what comes out is what went in, and damage is noticed.

mod snapshots;

use std::collections::BTreeMap;
use std::ops::Range;
use std::{env, fs};

use overflight::aircraft::StateVector;
use overflight::airspace::Snapshot;
use overflight::archive::Minute;
use overflight::archive::pack::{
    MinuteDigest, PackError, PackIndex, PackWriter, TAIL_BYTES, minute_digest,
};
use overflight::feed::opensky;
use overflight::fingerprint::fingerprint;
use overflight::simulator::World;
use overflight::wire::exact;
use serde_json::{Value, json};
use snapshots::{Random, each_seed, later, snapshot};

/// 2025-07-06T22:00:00Z.
const HOUR: i64 = 1_751_839_200;

fn pack(minutes: &[Snapshot]) -> Result<(Vec<u8>, PackIndex), PackError> {
    let mut writer = PackWriter::new(minutes.iter().map(|minute| minute.time).collect())?;
    let mut bytes = Vec::new();
    while let Some(time) = writer.wants() {
        writer.give(minutes.iter().find(|minute| minute.time == time).expect("our own times"))?;
        bytes.extend(writer.take());
    }
    let (tail, index) = writer.finish()?;
    bytes.extend(tail);
    Ok((bytes, index))
}

/// Minutes of simulated traffic; the places in `missing` are left out.
fn simulated(start: i64, count: i64, aircraft: usize, missing: &[i64]) -> Vec<Snapshot> {
    let world = World { seed: 7, aircraft };
    let minute = |index: i64| {
        let parsed = opensky::parse(&world.response(start + 60 * index)).expect("a response");
        Snapshot::new(parsed.time, parsed.aircraft).marked(true)
    };
    (0..count).filter(|index| !missing.contains(index)).map(minute).collect()
}

fn slice(bytes: &[u8], range: Range<u64>) -> &[u8] {
    &bytes[range.start as usize..range.end as usize]
}

/// Fails unless the pack holds exactly these minutes, bit for bit, by minute and by aircraft.
fn check(minutes: &[Snapshot]) {
    let (bytes, written) = pack(minutes).expect("one hour");
    let index = PackIndex::read(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..]).expect("our own");
    assert_eq!(index, written);
    for minute in minutes {
        let own = slice(&bytes, index.minute(minute.time).expect("a minute of the pack"));
        let read = index.decode_minute(own, minute.time).expect("our own minute");
        // `Debug` tells -0.0 from 0.0.
        assert_eq!(format!("{read:?}"), format!("{minute:?}"));
    }
    let mut grouped = Vec::new();
    for group in minutes.chunk_by(|a, b| (a.time - HOUR) / 600 == (b.time - HOUR) / 600) {
        let range = index.group_range(group[0].time).expect("a group of the pack");
        let each = |minute: Snapshot| grouped.push(minute);
        index.decode_group(slice(&bytes, range), group[0].time, each).expect("our own group");
    }
    grouped.sort_by_key(|minute| minute.time);
    assert_eq!(grouped, minutes);
    let mut digests: BTreeMap<i64, MinuteDigest> =
        minutes.iter().map(|minute| (minute.time, MinuteDigest::default())).collect();
    let mut rows: Vec<(i64, StateVector)> = Vec::new();
    for block in &index.blocks {
        let read = index.decode_block(slice(&bytes, block.range.clone()), block, None);
        rows.extend(read.expect("our own block"));
    }
    assert!(rows.is_sorted_by(|a, b| (a.1.icao24, a.0) < (b.1.icao24, b.0)));
    for (time, state) in &rows {
        digests.entry(*time).or_default().add(state);
    }
    for (minute, packed) in minutes.iter().zip(&index.minutes) {
        assert_eq!(packed.digest, minute_digest(minute));
        assert_eq!(digests[&minute.time].of(minute.time, minute.simulated), packed.digest);
        assert_eq!(packed.rows, minute.aircraft().len() as u64);
    }
    for track in rows.chunk_by(|a, b| a.1.icao24 == b.1.icao24).step_by(17) {
        let icao24 = track[0].1.icao24;
        let block = index.block(icao24).expect("the aircraft's block");
        let own = slice(&bytes, block.range.clone());
        let read = index.decode_block(own, block, Some(icao24)).expect("our own block");
        assert_eq!(format!("{read:?}"), format!("{track:?}"));
    }
}

#[test]
fn seventy_two_simulated_minutes_come_back_from_two_packs() {
    let minutes = simulated(HOUR, 72, 200, &[]);
    check(&minutes[..60]);
    // The second hour has begun.
    let (bytes, index) = pack(&minutes[60..]).expect("one hour");
    assert_eq!((index.head.hour, index.head.simulated), (HOUR + 3_600, true));
    assert_eq!(index.key(), format!("hours/2025-07-06/23-{:016x}.pack", index.fingerprint));
    assert!(bytes.len() > 1_000);
}

#[test]
fn minutes_may_be_missing_and_times_may_be_odd() {
    check(&simulated(HOUR, 60, 60, &[0, 1, 9, 10, 25, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 59]));
    check(&simulated(HOUR + 24, 1, 60, &[]));
    check(&simulated(HOUR + 1_187, 3, 60, &[]));
    // More aircraft than a block has, few of them in both minutes.
    check(&simulated(HOUR + 3_000, 2, 400, &[]));
    check(&[Snapshot::new(HOUR, Vec::new()), Snapshot::new(HOUR + 1, Vec::new())]);
}

#[test]
fn any_values_come_back() {
    each_seed(150, |random| {
        let mut minutes = vec![snapshot(random, HOUR + 540, 30).marked(false)];
        while minutes.len() < 4 {
            let next = later(random, &minutes[minutes.len() - 1], 30);
            if next.time >= HOUR + 3_600 {
                break;
            }
            minutes.push(next);
        }
        check(&minutes);
    });
}

#[test]
fn a_late_minute_makes_another_fingerprint_and_the_same_minutes_the_same_bytes() {
    let minutes = simulated(HOUR, 12, 40, &[]);
    let (bytes, index) = pack(&minutes).expect("one hour");
    assert_eq!(pack(&minutes).expect("one hour").0, bytes);
    let early = [&minutes[..5], &minutes[6..]].concat();
    let (_, without) = pack(&early).expect("one hour");
    assert_ne!(index.fingerprint, without.fingerprint);
    assert_ne!(index.key(), without.key());
    let mut changed = minutes.clone();
    let (time, mut rows) = (changed[3].time, changed[3].clone().into_aircraft());
    rows[0].spi = !rows[0].spi;
    changed[3] = Snapshot::new(time, rows).marked(true);
    assert_ne!(pack(&changed).expect("one hour").1.fingerprint, index.fingerprint);
}

#[test]
fn an_hour_of_simulated_and_real_minutes_is_refused() {
    let mut minutes = simulated(HOUR, 3, 10, &[]);
    minutes[2] = minutes[2].clone().marked(false);
    let refused = pack(&minutes).expect_err("a mixed hour");
    let text = "2025-07-06T22:02:00Z is simulated and its hour is real, or vice versa";
    assert_eq!(refused.to_string(), text);
}

#[test]
fn minutes_of_two_hours_or_out_of_order_are_refused() {
    let refused = |times: &[i64]| PackWriter::new(times.to_vec()).err().map(|why| why.to_string());
    let text = "2025-07-06T23:00:00Z is not of the pack's hour, or not in order";
    assert_eq!(refused(&[HOUR, HOUR + 3_600]).as_deref(), Some(text));
    assert!(refused(&[HOUR + 60, HOUR]).is_some() && refused(&[HOUR, HOUR]).is_some());
    assert!(refused(&[]).is_some() && refused(&[-1]).is_some() && refused(&[i64::MAX]).is_some());
    let minutes = simulated(HOUR, 2, 10, &[]);
    let mut writer = PackWriter::new(vec![HOUR, HOUR + 60]).expect("an hour");
    let other = minutes.iter().find(|minute| Some(minute.time) != writer.wants()).expect("one");
    assert!(matches!(writer.give(other), Err(PackError::Unexpected(_))));
    assert!(matches!(writer.finish(), Err(PackError::Absent(_))));
}

#[test]
fn a_short_tail_says_how_many_bytes_are_needed() {
    let (bytes, index) = pack(&simulated(HOUR, 11, 300, &[])).expect("one hour");
    let Err(PackError::Tail(least)) = PackIndex::read(&[]) else { panic!("no bytes are a pack") };
    let Err(PackError::Tail(needed)) = PackIndex::read(&bytes[bytes.len() - least..]) else {
        panic!("a trailer is not an index")
    };
    let tail = &bytes[bytes.len() - needed..];
    assert_eq!(PackIndex::read(tail), Ok(index));
    assert_eq!(PackIndex::read(&tail[1..]), Err(PackError::Tail(needed)));
}

#[test]
fn damage_anywhere_is_noticed() {
    let minutes = simulated(HOUR, 13, 40, &[]);
    let (bytes, index) = pack(&minutes).expect("one hour");
    let first = index.minute(HOUR).expect("a minute").start as usize;
    let last = index.blocks.last().expect("a block").range.end as usize;
    let random = &mut Random(1);
    for _ in 0..400 {
        let mut damaged = bytes.clone();
        let place = first + random.below((bytes.len() - first) as u64) as usize;
        damaged[place] ^= 1 << random.below(8);
        if place >= last {
            assert!(PackIndex::read(&damaged).is_err(), "{place}");
            continue;
        }
        // The last bits of a minute may change nothing: then it is still the minute.
        for minute in &minutes {
            let own = slice(&damaged, index.minute(minute.time).expect("a minute"));
            let read = index.decode_minute(own, minute.time);
            assert!(read.is_err() || read.as_ref() == Ok(minute), "{place}");
        }
        for block in &index.blocks {
            let own = slice(&damaged, block.range.clone());
            let is_hit = block.range.contains(&(place as u64));
            assert_eq!(index.decode_block(own, block, None).is_err(), is_hit, "{place}");
        }
    }
    let time = minutes[4].time;
    let own = slice(&bytes, index.minute(time).expect("a minute"));
    assert!(matches!(index.decode_minute(&own[1..], time), Err(PackError::Minute(_))));
    assert!(matches!(index.decode_minute(own, time + 1), Err(PackError::Absent(_))));
    assert!(matches!(index.decode_block(own, &index.blocks[0], None), Err(PackError::Block(_))));
}

/// The bytes as an index, with a trailer that vouches for them.
fn sealed(index: &[u8]) -> Vec<u8> {
    let length = (index.len() as u32).to_le_bytes();
    [index, &length, &fingerprint(index).to_le_bytes(), b"ovflpack"].concat()
}

#[test]
fn a_hostile_index_is_refused_or_harmless() {
    let (bytes, written) = pack(&simulated(HOUR, 4, 30, &[])).expect("one hour");
    let end = written.blocks.last().expect("a block").range.end as usize;
    let index = &bytes[end..bytes.len() - 20];
    assert_eq!(PackIndex::read(&sealed(index)).as_ref(), Ok(&written));
    let places = |range: &Range<u64>| {
        let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).ok());
        bytes.get(start?..end?)
    };
    each_seed(3_000, |random| {
        let mut index = index.to_vec();
        for _ in 0..1 + random.below(3) {
            let place = random.below(index.len() as u64) as usize;
            match random.below(3) {
                0 => index.truncate(place + 1),
                1 => index[place] = random.next() as u8,
                _ => index.insert(place, random.pick(&[0, 1, 0x7f, 0xff])),
            }
        }
        let Ok(index) = PackIndex::read(&sealed(&index)) else { return };
        for minute in &index.minutes {
            let range = index.minute(minute.time).expect("a minute of the pack");
            if let Some(bytes) = places(&range) {
                let _snapshot = index.decode_minute(bytes, minute.time);
            }
        }
        for block in &index.blocks {
            if let Some(bytes) = places(&block.range) {
                let _rows = index.decode_block(bytes, block, None);
            }
        }
    });
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().expect("hexadecimal digits");
    let byte = |place: usize| u8::from_str_radix(&hex[place..place + 2], 16).expect("a byte");
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// `BLESS=1` rewrites the file, from minutes of any values: only for an intended new version.
#[test]
fn the_golden_pack_is_read_and_written_as_ever() {
    let path = format!("{}/tests/golden/pack/example.json", env!("CARGO_MANIFEST_DIR"));
    if env::var_os("BLESS").is_some() {
        let mut minutes = simulated(HOUR + 420, 8, 12, &[3]);
        for minute in &mut minutes {
            let odd = snapshot(&mut Random(minute.time as u64), 0, 6);
            let rows = [minute.aircraft(), odd.aircraft()].concat();
            *minute = Snapshot::new(minute.time, rows).marked(true);
        }
        let (pack, _) = pack(&minutes).expect("one hour");
        let minutes: Vec<_> =
            minutes.into_iter().map(|snapshot| hex(&Minute { snapshot }.encode())).collect();
        let golden = json!({ "pack": hex(&pack), "minutes": minutes });
        fs::write(&path, serde_json::to_string_pretty(&golden).expect("text")).expect("written");
    }
    let golden: Value =
        serde_json::from_slice(&fs::read(&path).expect("the golden pack")).expect("JSON");
    let minutes = golden["minutes"].as_array().expect("minutes").iter();
    let minutes: Vec<_> =
        minutes.map(|minute| Minute::decode(&bytes(minute)).expect("a minute").snapshot).collect();
    assert_eq!(hex(&pack(&minutes).expect("one hour").0), golden["pack"], "writing has changed");
    check(&minutes);
}

/// Whoever changes the primed table, the airlines or the blocks of addresses makes stored packs
/// unreadable, unless the old ones stay beside them.
#[test]
fn the_models_of_stored_packs_are_known() {
    assert_eq!(format!("{:016x}", exact::fingerprint()), "722c00a6ae0c654e");
}
