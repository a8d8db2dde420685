//! Laws of the picture, the wire and the hub, on seeded random skies against naive oracles.

use std::collections::{BTreeMap, VecDeque};

use overflight::aircraft::{Callsign, Icao24, Squawk, StateVector};
use overflight::airspace::{Snapshot, apply, diff};
use overflight::archive::Minute;
use overflight::earth::{Position, REGIONS};
use overflight::hub::{Format, Hub, Input, Output, Place};
use overflight::ledger::share;
use overflight::wire::{self, Frame, Picture, Share, WireError};

const CASES: u64 = 300;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn maybe(&mut self, value: impl FnOnce(&mut Self) -> f64) -> Option<f64> {
        (!self.one_in(5)).then(|| value(self))
    }
}

/// A state with every field drawn anew, nulls and extremes among them.
fn state(random: &mut Random, icao24: Icao24) -> StateVector {
    let longitude = [-180.0, 0.0, 180.0, random.unit() * 360.0 - 180.0][random.below(4) as usize];
    let latitude = [-90.0, 0.0, 90.0, random.unit() * 180.0 - 90.0][random.below(4) as usize];
    let text = format!("{:<8}", &"ABC1234 X"[..random.below(9) as usize]);
    StateVector {
        icao24,
        callsign: Callsign::parse(&text).expect("the test's own callsign"),
        origin_country: (!random.one_in(4))
            .then(|| ["Chad", "Peru"][random.below(2) as usize].into()),
        time_position: (!random.one_in(4)).then(|| random.below(2_000_000_000) as i64),
        last_contact: random.below(2_000_000_000) as i64,
        position: if random.one_in(6) { None } else { Position::new(longitude, latitude) },
        baro_altitude: random.maybe(|random| random.unit() * 12_000.0),
        on_ground: random.one_in(10),
        velocity: random.maybe(|random| random.unit() * 300.0),
        true_track: random.maybe(|random| random.unit() * 360.0),
        vertical_rate: random.maybe(|random| random.unit() * 40.0 - 20.0),
        geo_altitude: random.maybe(|random| random.unit() * 12_000.0),
        squawk: (!random.one_in(3)).then(|| Squawk::new(random.below(4096) as u16)).flatten(),
        spi: random.one_in(50),
        position_source: (!random.one_in(9)).then(|| random.below(4) as u8),
        category: (!random.one_in(3)).then(|| random.below(21) as u8),
        current_country: random.one_in(2).then(|| "PE".parse().expect("the test's own code")),
    }
}

/// A sky of up to `size` aircraft, of which many are also in other skies of the same size.
fn sky(random: &mut Random, time: i64, size: u64) -> Snapshot {
    let count = random.below(size + 1);
    let addresses = (0..count).map(|_| Icao24::new(random.below(2 * size) as u32));
    let addresses: Vec<_> = addresses.map(|address| address.expect("below 2^24")).collect();
    Snapshot::new(time, addresses.into_iter().map(|address| state(random, address)).collect())
}

/// The sky a little later: some rows are gone, some changed, some new.
fn later(random: &mut Random, before: &Snapshot, size: u64) -> Snapshot {
    let mut rows = sky(random, 0, size / 2).into_aircraft();
    rows.extend(before.aircraft().iter().filter(|_| !random.one_in(4)).cloned());
    Snapshot::new(before.time + 1 + random.below(60) as i64, rows)
}

fn each_case(law: impl Fn(&mut Random)) {
    for seed in 0..CASES {
        let run = std::panic::AssertUnwindSafe(|| law(&mut Random(seed)));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("the law breaks at seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn a_snapshot_holds_the_last_row_of_each_address_in_order() {
    each_case(|random| {
        let rows: Vec<_> = (0..random.below(40))
            .map(|_| {
                let address = Icao24::new(random.below(10) as u32).expect("below 2^24");
                state(random, address)
            })
            .collect();
        let naive: BTreeMap<_, _> = rows.iter().map(|row| (row.icao24, row.clone())).collect();
        let snapshot = Snapshot::new(1, rows);
        assert_eq!(snapshot.aircraft(), naive.values().cloned().collect::<Vec<_>>());
        for (icao24, row) in &naive {
            assert_eq!(snapshot.get(*icao24), Some(row));
        }
        assert_eq!(snapshot.get(Icao24::new(999).expect("below 2^24")), None);
    });
}

#[test]
fn apply_of_diff_leads_to_the_later_sky() {
    each_case(|random| {
        let before = sky(random, 100, 40);
        let after = later(random, &before, 40);
        let delta = diff(&before, &after);
        assert_eq!(apply(before.clone(), &delta), after);
        let unchanged = diff(&before, &before);
        assert!(unchanged.removals.is_empty() && unchanged.upserts.is_empty());
    });
}

#[test]
fn a_frame_reads_back_as_it_was_written() {
    each_case(|random| {
        let before = sky(random, 100, 40);
        let after = later(random, &before, 40);
        let base = random.one_in(2).then_some((7, &before));
        let bytes = wire::encode(0xdead_beef_dead_beef, base, 8, &after);
        let frame = Frame::decode(&bytes).expect("our own frame");
        assert_eq!((frame.epoch, frame.sequence), (0xdead_beef_dead_beef, 8));
        assert_eq!(frame.base, base.map(|(sequence, _)| sequence));
        let empty = Snapshot::default();
        assert_eq!(frame.delta, diff(base.map_or(&empty, |(_, before)| before), &after));
        let json = wire::encode_json(0xdead_beef_dead_beef, base, 8, &after);
        assert_eq!(frame.to_json(), json);
    });
}

#[test]
fn a_share_and_a_minute_read_back_as_they_were_written() {
    each_case(|random| {
        let snapshot = sky(random, 100, 40);
        let read = Share::decode(&Share::encode(9, &snapshot)).expect("our own share");
        assert_eq!(read, Share { epoch: 9, snapshot: snapshot.clone() });
        let minute = Minute { simulated: random.one_in(2), snapshot };
        assert_eq!(Minute::decode(&minute.encode()).as_ref(), Ok(&minute));
    });
}

#[test]
fn damaged_bytes_are_an_error_or_another_frame_but_never_a_panic() {
    each_case(|random| {
        let mut bytes = wire::encode(1, None, 1, &sky(random, 100, 10));
        for _ in 0..=random.below(3) {
            let place = random.below(bytes.len() as u64) as usize;
            bytes[place] = random.next() as u8;
        }
        bytes.truncate(random.below(bytes.len() as u64 * 2) as usize);
        let _error_or_frame = Picture::default().apply(&bytes);
        let _error_or_share = Share::decode(&bytes);
        let _error_or_minute = Minute::decode(&bytes);
    });
}

#[test]
fn the_regions_shares_together_are_the_positioned_world() {
    each_case(|random| {
        let sky = sky(random, 100, 60);
        assert_eq!(share(&REGIONS[0], &sky), sky);
        let cut = REGIONS[1..].iter().flat_map(|region| share(region, &sky).into_aircraft());
        let positioned = sky.aircraft().iter().filter(|state| state.position.is_some());
        let together = Snapshot::new(100, cut.collect());
        assert_eq!(together.aircraft(), positioned.cloned().collect::<Vec<_>>());
    });
}

/// A hub with what its object would store beside it.
#[derive(Default)]
struct Stored {
    hub: Hub,
    share: Option<Vec<u8>>,
    sequence: u64,
    log: VecDeque<(u64, Vec<u8>)>,
}

impl Stored {
    /// Delivers a share, stores what is to be stored, and returns the frame that is fanned out.
    fn deliver(&mut self, epoch: u64, snapshot: &Snapshot) -> Option<Vec<u8>> {
        let share = Share { epoch, snapshot: snapshot.clone() };
        let mut sent = None;
        for output in self.hub.handle(Input::<()>::Share { share, json_readers: false }) {
            match output {
                Output::Commit(commit) => {
                    self.sequence = commit.place.sequence;
                    self.share = Some(commit.share);
                    let forget = commit.forget_through;
                    self.log.retain(|&(sequence, _)| sequence > forget);
                    self.log.extend(commit.frame.map(|frame| (self.sequence, frame)));
                }
                Output::FanOut { binary, .. } => sent = Some(binary),
                other => panic!("a share leads to {other:?}"),
            }
        }
        sent
    }

    /// What a client that comes back is sent.
    fn resume(&mut self, resume: Option<Place>) -> Vec<Vec<u8>> {
        let input = Input::Open { session: (), format: Format::Binary, resume };
        match self.hub.handle(input).pop() {
            Some(Output::SendBinary((), frame)) => vec![frame],
            Some(Output::SendLog { after, .. }) => {
                let frames: Vec<_> =
                    self.log.iter().filter(|&&(sequence, _)| sequence > after).cloned().collect();
                assert!(frames.iter().map(|&(sequence, _)| sequence).eq(after + 1..=self.sequence));
                frames.into_iter().map(|(_, frame)| frame).collect()
            }
            other => panic!("a client that connects leads to {other:?}"),
        }
    }

    /// The object was evicted and wakes again.
    fn sleep_and_wake(&mut self) {
        let Some(share) = &self.share else { return };
        let share = Share::decode(share).expect("our own share");
        let log = self.log.iter().map(|(sequence, frame)| (*sequence, frame.len()));
        self.hub = Hub::restore(self.sequence, share, log.collect::<Vec<_>>());
    }
}

#[test]
fn clients_that_leave_and_come_back_end_with_the_hubs_sky() {
    each_case(|random| {
        let mut stored = Stored::default();
        let mut epoch = 1;
        let mut clients: Vec<(Picture, bool)> =
            (0..4).map(|_| (Picture::default(), false)).collect();
        let mut now = sky(random, 100, 20);
        for _ in 0..random.below(60) {
            now = later(random, &now, 20);
            if random.one_in(12) {
                epoch += 1;
                now.time = random.below(1_000) as i64;
            }
            if random.one_in(5) {
                stored.sleep_and_wake();
            }
            let frame = stored.deliver(epoch, &now).expect("a newer sky is fanned out");
            assert_eq!(stored.deliver(epoch, &now), None, "a repeated delivery changes nothing");
            for (picture, connected) in &mut clients {
                if *connected {
                    picture.apply(&frame).expect("a connected client understands each frame");
                    *connected = !random.one_in(6);
                } else if random.one_in(4) {
                    let place = Place { epoch: picture.epoch(), sequence: picture.sequence() };
                    for frame in stored.resume(Some(place)) {
                        picture.apply(&frame).expect("what a client is sent applies");
                    }
                    *connected = true;
                }
                if *connected {
                    assert_eq!(picture.snapshot(), &now);
                }
            }
        }
    });
}

#[test]
fn a_frame_for_another_state_asks_for_a_keyframe_and_changes_nothing() {
    let mut random = Random(1);
    let first = sky(&mut random, 100, 20);
    let second = later(&mut random, &first, 20);
    let third = later(&mut random, &second, 20);
    let mut picture = Picture::default();
    picture.apply(&wire::encode(1, None, 1, &first)).expect("a keyframe");
    let skipping = wire::encode(1, Some((2, &second)), 3, &third);
    let error = picture.apply(&skipping).expect_err("sequence 2 is missing");
    assert_eq!(error, WireError::WrongBase { frame: (1, 2), picture: (1, 1) });
    assert!(error.wants_keyframe());
    let other_history = wire::encode(2, Some((1, &first)), 2, &second);
    assert!(picture.apply(&other_history).expect_err("another epoch").wants_keyframe());
    assert_eq!(picture.snapshot(), &first);
    // The server's base was another sky than the client's: only the digest can tell.
    let drifted = wire::encode(1, Some((1, &second)), 2, &third);
    assert_eq!(picture.apply(&drifted), Err(WireError::Drifted { sequence: 2 }));
    assert_eq!(picture.snapshot(), &first);
}

#[test]
fn only_acknowledgements_are_understood() {
    let mut hub = Hub::default();
    let mut closes = |text: Option<&str>| {
        let text = text.map(str::to_owned);
        !hub.handle(Input::Message { session: (), text }).is_empty()
    };
    assert!(!closes(Some(r#"{"ack":7}"#)));
    for text in ["", "ack", "{}", r#"{"ack":-1}"#, r#"{"ack":1,"x":2}"#, r#"{"ack":"1"}"#, "[1]"] {
        assert!(closes(Some(text)), "{text}");
    }
    assert!(closes(None));
}
