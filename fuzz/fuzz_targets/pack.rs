//! A pack: its index, every minute, and every block.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::archive::pack::PackIndex;
use overflight::fingerprint::fingerprint;
use overflight::wire::exact::{Minutes, Units, read_tracks};

fuzz_target!(|bytes: &[u8]| {
    // Beneath the checksums, which random bytes do not pass.
    let mut minutes = Minutes::new(Units::known());
    for (time, part) in (0..).map(|index| 60 * index).zip(bytes.chunks(bytes.len() / 3 + 1)) {
        if minutes.read(time, part).is_none() {
            break;
        }
        let _states = minutes.states();
    }
    let _rows = read_tracks(bytes, &[0, 60, 120], &Units::known());
    // As an index, with a trailer that vouches for it.
    let length = (bytes.len() as u32).to_le_bytes();
    let tail = [bytes, &length, &fingerprint(bytes).to_le_bytes(), b"ovflpack"].concat();
    let Ok(index) = PackIndex::read(bytes).or_else(|_| PackIndex::read(&tail)) else { return };
    let slice = |range: &std::ops::Range<u64>| {
        let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).ok());
        bytes.get(start?..end?)
    };
    for minute in &index.minutes {
        let range = index.minute(minute.time).expect("a minute of the pack");
        if let Some(bytes) = slice(&range) {
            let _snapshot = index.decode_minute(bytes, minute.time);
        }
    }
    for block in &index.blocks {
        if let Some(bytes) = slice(&block.range) {
            let _rows = index.decode_block(bytes, block, None);
        }
    }
});
