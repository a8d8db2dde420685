//! Laws of the hub: what is resumed, restored, repeated or refused, on seeded snapshots.

mod snapshots;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

use overflight::access::Caller;
use overflight::airspace::{LiveState, Motion, Resolution, Snapshot};
use overflight::hub::{
    CloseCode, Commit, FrameFormat, Hub, Input, LOG_FRAMES_MAX, Message, Output, Place,
    SLOW_SECONDS_MAX, Session, SessionId, Visitor, WINDOW_BYTES, WINDOW_FRAMES,
};
use overflight::wire::{self, ClientState, RegionSnapshot};
use snapshots::{Random, Traffic, each_seed, later, snapshot};

const CASES: u64 = 10_000;

/// The state that a region's object keeps in storage and in its sockets' attachments.
#[derive(Clone, Default)]
struct Kept {
    region_snapshot: Option<Vec<u8>>,
    held: Vec<u8>,
    frames: BTreeMap<u64, Vec<u8>>,
    sessions: BTreeMap<SessionId, Session>,
}

impl Kept {
    fn keep(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Commit(Commit { place, region_snapshot, held, frame, forget_through }) => {
                    self.region_snapshot = Some(region_snapshot.clone());
                    self.held.clone_from(held);
                    self.frames.retain(|sequence, _| sequence > forget_through);
                    self.frames.extend(frame.clone().map(|frame| (place.sequence, frame.to_vec())));
                }
                Output::Remember(id, session) => {
                    self.sessions.insert(*id, *session);
                }
                // The socket stays until the client answers, or is gone.
                Output::Close(..) | Output::FanOut(..) | Output::SendLog { .. } => {}
            }
        }
    }

    fn wake(&self) -> Hub {
        let hub = self.region_snapshot.as_ref().map_or_else(Hub::default, |region_snapshot| {
            let region_snapshot =
                RegionSnapshot::decode(region_snapshot.clone()).expect("our own region snapshot");
            let log = self.frames.iter().map(|(sequence, frame)| (*sequence, frame.len()));
            Hub::restore(region_snapshot, &self.held, log).expect("our own bytes")
        });
        let sessions = self.sessions.iter();
        sessions.fold(hub, |hub, (&id, &session)| hub.with_session(id, session))
    }

    /// Returns the frames that a client is sent.
    fn sent(&self, outputs: &[Output], to: SessionId) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        for output in outputs {
            match output {
                Output::FanOut(ids, Message::Binary(frame)) if ids.contains(&to) => {
                    sent.push(frame.to_vec());
                }
                Output::SendLog { session, after } if *session == to => {
                    sent.extend(self.frames.range(after + 1..).map(|(_, frame)| frame.clone()));
                }
                _ => {}
            }
        }
        sent
    }
}

/// Returns the digest of the newest frame.
fn digest_of(hub: &Hub) -> u32 {
    wire::digest(&hub.live().aircraft)
}

fn input_region_snapshot(epoch: u64, snapshot: &Snapshot) -> Input {
    let snapshot = snapshot.clone();
    Input::Snapshot(RegionSnapshot::new(epoch, Resolution::Fine, snapshot))
}

fn input_open(session: SessionId, format: FrameFormat, resume: Option<Place>) -> Input {
    let caller = Some(caller(session));
    Input::Open { session, format, caller, resume }
}

/// Two clients share an address.
fn caller(number: u64) -> Caller {
    Caller::V4(Ipv4Addr::new(192, 0, 2, number as u8 / 2))
}

fn any_visitor(random: &mut Random) -> Visitor {
    let format = random.pick(&[FrameFormat::Binary, FrameFormat::Json]);
    Visitor { format, caller: Some(caller(random.below(6))), caller_max: 2 }
}

fn input_text(session: SessionId, text: &str) -> Input {
    Input::Message { session, text: Some(text.to_owned()) }
}

fn input_ack(session: SessionId, sequence: u64, digest: u32) -> Input {
    input_text(session, &format!("{{\"ack\":{sequence},\"digest\":{digest}}}"))
}

/// Returns any input that a hub may get.
fn any_input(
    random: &mut Random,
    hub: &Hub,
    next: &mut Snapshot,
    digests: &BTreeMap<u64, u32>,
) -> Input {
    let Place { epoch, sequence } = hub.place();
    let near = |random: &mut Random| (sequence + 2).saturating_sub(random.below(40));
    let session = random.below(6);
    match random.below(8) {
        0..3 => {
            *next = later(random, next, 12);
            input_region_snapshot(epoch.max(1) + u64::from(random.one_in(15)), next)
        }
        3 => {
            let format =
                random.pick(&[FrameFormat::Binary, FrameFormat::Binary, FrameFormat::Json]);
            let epoch = epoch + u64::from(random.one_in(9));
            let place = Place { epoch, sequence: near(random) };
            input_open(session, format, (!random.one_in(3)).then_some(place))
        }
        4 => Input::Close(session),
        _ => {
            let sequence = near(random).min(sequence);
            let digest = digests.get(&sequence).copied().unwrap_or(0);
            input_ack(session, sequence, digest + u32::from(random.one_in(9)))
        }
    }
}

#[test]
fn a_restored_hub_answers_like_one_that_never_hibernated() {
    each_seed(CASES, |random| {
        let (mut hub, mut kept) = (Hub::default(), Kept::default());
        let (mut next, mut now) = (snapshot(random, 100, 12), 0);
        let mut digests = BTreeMap::new();
        // Most faults show early; filling windows and logs takes longer.
        for _ in 0..if random.one_in(50) { 80 } else { 1 + random.below(10) } {
            now += random.below(90) as i64;
            digests.insert(hub.place().sequence, digest_of(&hub));
            let input = any_input(random, &hub, &mut next, &digests);
            let mut woken = kept.wake();
            let visitor = any_visitor(random);
            assert_eq!(woken.admit(now, visitor).err(), hub.admit(now, visitor).err());
            let outputs = hub.handle(now, input.clone());
            assert_eq!(woken.handle(now, input.clone()), outputs, "{input:?}");
            assert_eq!((woken.live(), woken.snapshot()), (hub.live(), hub.snapshot()));
            assert_eq!((woken.place(), woken.subscribers()), (hub.place(), hub.subscribers()));
            kept.keep(&outputs);
            if let Input::Close(session) = input {
                kept.sessions.remove(&session);
            }
        }
    });
}

#[test]
fn a_client_reaches_the_same_state_from_every_sequence() {
    let resumed = AtomicU64::new(0);
    each_seed(CASES, |random| {
        let (mut hub, mut kept) = (Hub::default(), Kept::default());
        let size = random.pick(&[3, 20]);
        let mut traffic = Traffic::new(random.next(), size, 1_000);
        let mut states: Vec<(Place, LiveState)> = Vec::new();
        let long = random.one_in(100);
        for _ in 0..if long { LOG_FRAMES_MAX as u64 + 5 } else { 1 + random.below(5) } {
            states.push((hub.place(), hub.live().clone()));
            let seconds = random.pick(&[5, 60]);
            let outputs = hub.handle(0, input_region_snapshot(1, &traffic.fly(seconds)));
            kept.keep(&outputs);
        }
        // The frames from the start, kept by a client that never left.
        for (place, _) in &states {
            let mut client = ClientState::default();
            let outputs = hub.handle(0, input_open(1, FrameFormat::Binary, Some(*place)));
            let frames = kept.sent(&outputs, 1);
            let is_log = outputs.iter().any(|output| matches!(output, Output::SendLog { .. }));
            if is_log {
                resumed.fetch_add(1, Ordering::Relaxed);
                assert_eq!(frames.len() as u64, hub.place().sequence - place.sequence);
                // A client that resumes holds the state of that sequence.
                let start = wire_keyframe(&states, *place);
                client.apply(&start).expect("a keyframe");
                let bytes: usize = frames.iter().map(Vec::len).sum();
                assert!(bytes <= hub.keyframe().len(), "a keyframe would have been smaller");
            } else {
                assert_eq!(frames, [hub.keyframe().to_vec()]);
            }
            for frame in frames {
                client.apply(&frame).expect("what a client is sent applies");
            }
            assert_eq!(client.live(), hub.live());
        }
    });
    let resumed = resumed.into_inner();
    assert!(resumed > CASES, "only {resumed} resumed by frames");
}

fn wire_keyframe(states: &[(Place, LiveState)], place: Place) -> Vec<u8> {
    let (_, live) = states.iter().find(|(known, _)| *known == place).expect("a place of ours");
    wire::encode_keyframe(place.epoch, place.sequence, live)
}

#[test]
fn newcomers_share_one_keyframe_in_memory() {
    let (mut hub, mut traffic) = (Hub::default(), Traffic::new(1, 20, 1_000));
    hub.handle(0, input_region_snapshot(1, &traffic.fly(10)));
    let mut keyframe = |session| {
        let outputs = hub.handle(0, input_open(session, FrameFormat::Binary, None));
        let frame = outputs.into_iter().find_map(|output| match output {
            Output::FanOut(_, Message::Binary(frame)) => Some(frame),
            _ => None,
        });
        frame.expect("a newcomer is sent a keyframe")
    };
    let (first, second) = (keyframe(1), keyframe(2));
    assert_eq!(first.as_ptr(), second.as_ptr(), "4,000 copies of a world would be 500 MB");
}

#[test]
fn no_frame_is_larger_than_the_keyframe_of_the_same_state() {
    each_seed(CASES, |random| {
        let mut hub = Hub::default();
        hub.handle(0, input_open(1, FrameFormat::Binary, None));
        let mut next = snapshot(random, 100, 15);
        for sequence in 1..=4 {
            let outputs = hub.handle(0, input_region_snapshot(1, &next));
            for frame in Kept::default().sent(&outputs, 1) {
                assert!(frame.len() <= hub.keyframe().len());
            }
            hub.handle(0, input_ack(1, sequence, digest_of(&hub)));
            next = later(random, &next, 15);
        }
    });
}

#[test]
fn a_repeated_or_late_delivery_changes_nothing() {
    each_seed(CASES, |random| {
        let mut hub = Hub::default();
        hub.handle(0, input_open(1, FrameFormat::Binary, None));
        let first = snapshot(random, 100, 15);
        let second = later(random, &first, 15);
        assert!(!hub.handle(0, input_region_snapshot(2, &first)).is_empty());
        assert!(!hub.handle(0, input_region_snapshot(2, &second)).is_empty());
        let place = hub.place();
        for old in [&first, &second] {
            assert_eq!(hub.handle(0, input_region_snapshot(2, old)), []);
        }
        // A history that has ended does not return, whatever its time.
        assert_eq!(hub.handle(0, input_region_snapshot(1, &later(random, &second, 15))), []);
        assert_eq!((hub.place(), hub.snapshot()), (place, Some(&second)));
    });
}

#[test]
fn a_client_that_stalls_gets_eight_frames_then_nothing_then_a_keyframe_or_is_closed() {
    for acknowledges in [true, false] {
        let (mut hub, mut traffic) = (Hub::default(), Traffic::new(1, 20, 1_000));
        let kept = Kept::default();
        hub.handle(0, input_region_snapshot(1, &traffic.fly(10)));
        let first = hub.handle(0, input_open(1, FrameFormat::Binary, None));
        assert_eq!(kept.sent(&first, 1).len(), 1);
        let mut digests = vec![0, digest_of(&hub)];
        for now in 1..WINDOW_FRAMES as i64 {
            let outputs = hub.handle(now, input_region_snapshot(1, &traffic.fly(10)));
            assert_eq!(kept.sent(&outputs, 1).len(), 1, "{now}");
            digests.push(digest_of(&hub));
        }
        let full = 20;
        let outputs = hub.handle(full, input_region_snapshot(1, &traffic.fly(10)));
        assert!(kept.sent(&outputs, 1).is_empty() && matches!(outputs[1], Output::Remember(1, _)));
        assert_eq!(hub.handle(full, input_region_snapshot(1, &traffic.fly(10))).len(), 1);
        if acknowledges {
            // Partial acknowledgements make no room: a keyframe for each would never end.
            for sequence in 2..WINDOW_FRAMES {
                let outputs = hub.handle(full, input_ack(1, sequence, digests[sequence as usize]));
                assert!(kept.sent(&outputs, 1).is_empty(), "{sequence}");
            }
            let digest = digests[WINDOW_FRAMES as usize];
            let outputs = hub.handle(full, input_ack(1, WINDOW_FRAMES, digest));
            let mut client = ClientState::default();
            for frame in kept.sent(&outputs, 1) {
                client.apply(&frame).expect("a keyframe");
            }
            assert_eq!(client.live(), hub.live());
        }
        let before =
            hub.handle(full + SLOW_SECONDS_MAX, input_region_snapshot(1, &traffic.fly(10)));
        let closed = |outputs: &[Output]| outputs.contains(&Output::Close(1, CloseCode::Slow));
        assert!(!closed(&before));
        let after =
            hub.handle(full + SLOW_SECONDS_MAX + 1, input_region_snapshot(1, &traffic.fly(10)));
        assert_eq!(closed(&after), !acknowledges);
        assert_eq!(hub.subscribers(), usize::from(acknowledges));
    }
}

#[test]
fn large_frames_fill_the_window_by_their_bytes() {
    let mut random = Random(3);
    let (mut hub, kept) = (Hub::default(), Kept::default());
    let mut snapshot = |time| {
        let rows = (0..60_000).map(|address| {
            let address = overflight::aircraft::Icao24::new(address * 250).expect("below 2^24");
            snapshots::state(&mut random, address)
        });
        Snapshot::new(time, rows.collect())
    };
    hub.handle(0, input_region_snapshot(1, &snapshot(1)));
    hub.handle(0, input_open(1, FrameFormat::Binary, None));
    let (mut bytes, mut largest) = (0, 0);
    for time in 2..=WINDOW_FRAMES as i64 {
        let outputs = hub.handle(time, input_region_snapshot(1, &snapshot(time)));
        let sent: usize = kept.sent(&outputs, 1).iter().map(Vec::len).sum();
        (bytes, largest) = (bytes + sent, largest.max(sent));
    }
    assert!(largest > WINDOW_BYTES / 8, "frames of {largest} bytes prove nothing");
    assert!(bytes <= WINDOW_BYTES + largest, "{bytes} bytes unacknowledged");
}

#[test]
fn between_quick_frames_clients_stay_within_the_dead_band() {
    // As many frames as other laws have cases.
    each_seed(CASES / 100, |random| {
        let resolution = random.pick(&[Resolution::Fine, Resolution::Display]);
        let mut traffic = Traffic::new(random.next(), 30, 1_000);
        let mut hub = Hub::default();
        for _ in 0..100 {
            let snapshot = traffic.fly(1 + random.below(14) as i64);
            let region_snapshot = RegionSnapshot::new(1, resolution, snapshot.clone());
            hub.handle(snapshot.time, Input::Snapshot(region_snapshot));
            let exact = LiveState::of(&snapshot, resolution);
            assert_eq!(hub.live().aircraft.len(), exact.aircraft.len());
            for (row, is) in hub.live().aircraft.iter().zip(&exact.aircraft) {
                assert_eq!(row.identity, is.identity);
                let facts = |motion: &Motion| (motion.age, motion.on_ground);
                assert_eq!(facts(&row.motion), facts(&is.motion));
                assert_near(&row.motion, &is.motion, resolution);
            }
        }
    });
}

fn assert_near(live: &Motion, is: &Motion, by: Resolution) {
    let apart = |a: Option<i32>, b: Option<i32>| {
        assert_eq!(a.is_some(), b.is_some(), "{live:?} {is:?}");
        i64::from((a.unwrap_or(0) - b.unwrap_or(0)).abs())
    };
    assert!(apart(live.altitude, is.altitude) * by.altitude_feet() <= 200, "{live:?} {is:?}");
    let (a, b) = (live.course, is.course);
    let turn = (a.in_si().1.unwrap_or(0.0) - b.in_si().1.unwrap_or(0.0)).abs();
    let is_near = a.knots() * b.knots() == 0 || turn.min(360.0 - turn) <= 10.02;
    assert!(is_near && (a.knots() - b.knots()).abs() <= 10, "{live:?} {is:?}");
    let rate = apart(live.vertical_rate, is.vertical_rate) * by.vertical_rate_fpm();
    assert!(rate <= 1_024 && a.known() == b.known(), "{live:?} {is:?}");
    assert_eq!(live.cell.is_some(), is.cell.is_some());
    if let (Some(a), Some(b)) = (live.cell, is.cell) {
        let [a, b] = [a, b].map(|cell| cell.centre(by));
        let parallel = (b.latitude as f64 / 1e6).to_radians().cos();
        let east = (a.longitude - b.longitude).abs();
        let east = east.min(360_000_000 - east) as f64 * parallel;
        let metres = ((a.latitude - b.latitude) as f64).hypot(east) * 0.1112;
        // A cell of slack, because cells are compared.
        let cell = by.position_microdegrees() as f64 * 0.1112;
        let feet = is.altitude.map_or(0, |steps| i64::from(steps) * by.altitude_feet());
        let most = if feet < 10_000 { 100.0 } else { 500.0 };
        assert!(metres <= most + 1.5 * cell, "{metres} m: {live:?} {is:?}");
    }
}

#[test]
fn frames_of_another_wire_version_are_dropped_and_the_snapshot_is_kept() {
    let (mut hub, mut kept) = (Hub::default(), Kept::default());
    let mut traffic = Traffic::new(1, 20, 1_000);
    for _ in 0..5 {
        kept.keep(&hub.handle(0, input_region_snapshot(1, &traffic.fly(60))));
    }
    let place = Place { sequence: 4, ..hub.place() };
    let resumes = |hub: &mut Hub| {
        let outputs = hub.handle(0, input_open(1, FrameFormat::Binary, Some(place)));
        outputs.iter().any(|output| matches!(output, Output::SendLog { .. }))
    };
    assert!(resumes(&mut kept.wake()));
    // The marker of an array of three, then the fingerprint: nine bytes, the first its length.
    kept.held[2] ^= 1;
    let mut woken = kept.wake();
    assert!(!resumes(&mut woken), "a client that resumes gets a keyframe");
    assert_eq!((woken.place(), woken.live()), (hub.place(), hub.live()));
}
