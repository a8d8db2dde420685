//! Laws of a region's sessions: which clients are let in, and that none costs more than its share.

mod skies;

use std::collections::BTreeMap;

use overflight::access::Caller;
use overflight::airspace::{Resolution, Snapshot};
use overflight::hub::{
    CROWDED_CALLER_MAX, CROWDED_SESSIONS, CloseCode, Format, Hub, Input, Message, Output, Refusal,
    SESSIONS_MAX, STALE_MAX, Session, SessionId, TEXT_BYTES_MAX, TEXT_LAGGING_MAX, Visitor,
    WINDOW_BYTES, WINDOW_FRAMES,
};
use overflight::wire::{self, Share};
use skies::{Random, Traffic};

const NOW: i64 = 1_767_225_600;

/// A region's object: its hub, what its sockets remember, and what it stored.
struct Region {
    now: i64,
    hub: Hub,
    sockets: BTreeMap<SessionId, Session>,
    stored: Option<(Vec<u8>, Vec<u8>)>,
    /// The digest of each sequence.
    digests: BTreeMap<u64, u32>,
    /// Bytes that each socket was sent.
    bytes: BTreeMap<SessionId, usize>,
    closed: BTreeMap<SessionId, CloseCode>,
}

impl Default for Region {
    fn default() -> Self {
        Self {
            now: NOW,
            hub: Hub::default(),
            sockets: BTreeMap::new(),
            stored: None,
            digests: BTreeMap::new(),
            bytes: BTreeMap::new(),
            closed: BTreeMap::new(),
        }
    }
}

impl Region {
    fn tell(&mut self, input: Input) -> Vec<Output> {
        let outputs = self.hub.handle(self.now, input);
        for output in &outputs {
            match output {
                Output::Commit(commit) => {
                    self.stored = Some((commit.share.clone(), commit.held.clone()));
                }
                Output::Remember(id, session) => {
                    self.sockets.insert(*id, *session);
                }
                Output::Close(id, code) => {
                    self.closed.insert(*id, *code);
                }
                Output::FanOut(ids, message) => {
                    let bytes = match message {
                        Message::Binary(frame) => frame.len(),
                        Message::Json(text) => text.len(),
                    };
                    for id in ids {
                        *self.bytes.entry(*id).or_default() += bytes;
                    }
                }
                Output::SendLog { .. } => {}
            }
        }
        self.digests.insert(self.hub.place().sequence, wire::digest(&self.hub.live().aircraft));
        outputs
    }

    fn share(&mut self, snapshot: &Snapshot) -> Vec<Output> {
        self.tell(Input::Share(Share::new(1, Resolution::Display, snapshot.clone())))
    }

    fn admit(&mut self, visitor: Visitor) -> Result<SessionId, Refusal> {
        let session = self.hub.admit(self.now, visitor)?;
        let Visitor { format, caller, .. } = visitor;
        self.tell(Input::Open { session, format, caller, resume: None });
        Ok(session)
    }

    fn text(&mut self, session: SessionId, text: &str) -> Vec<Output> {
        self.tell(Input::Message { session, text: Some(text.to_owned()) })
    }

    fn ack(&mut self, session: SessionId, sequence: u64) -> Vec<Output> {
        let digest = self.digests[&sequence];
        self.text(session, &format!(r#"{{"ack":{sequence},"digest":{digest}}}"#))
    }

    /// The socket is gone.
    fn gone(&mut self, session: SessionId) {
        self.sockets.remove(&session);
        self.tell(Input::Close(session));
    }

    /// What is in memory is lost, and read again a second later.
    fn sleep(&mut self) {
        self.now += 1;
        let hub = self.stored.clone().map_or_else(Hub::default, |(share, held)| {
            let share = Share::decode(share).expect("our own share");
            Hub::restore(share, &held, []).expect("our own bytes")
        });
        let sockets = self.sockets.iter();
        self.hub = sockets.fold(hub, |hub, (&id, &session)| hub.with_session(id, session));
    }
}

fn caller(text: &str) -> Option<Caller> {
    Some(text.parse().expect("an address"))
}

fn visitor(caller: Option<Caller>) -> Visitor {
    Visitor { format: Format::Binary, caller, caller_max: 1_000 }
}

const TEXT: Visitor = Visitor { format: Format::Json, caller: None, caller_max: 1_000 };

/// A sky whose keyframe of text has some megabytes.
fn large(random: &mut Random, time: i64, aircraft: u32) -> Snapshot {
    let rows = (0..aircraft).map(|address| {
        let address = overflight::aircraft::Icao24::new(address * 7).expect("below 2^24");
        skies::state(random, address)
    });
    Snapshot::new(time, rows.collect())
}

#[test]
fn no_two_sockets_have_the_same_id_whoever_leaves_and_sleeps_in_between() {
    skies::each_seed(1_000, |random| {
        let mut region = Region::default();
        let mut last = 0;
        for _ in 0..60 {
            match random.below(5) {
                0 => region.sleep(),
                1 => {
                    if let Some((&id, _)) = region.sockets.last_key_value() {
                        region.gone(id);
                    }
                }
                2 => {
                    if let Some((&id, _)) = region.sockets.last_key_value() {
                        region.text(id, "junk");
                        assert_eq!(region.closed.get(&id), Some(&CloseCode::Protocol));
                    }
                }
                _ => {
                    let id = region.admit(visitor(None)).expect("room");
                    assert!(id > last, "{id} after {last}");
                    assert!(id < 1 << 53, "{id} is beyond JavaScript's integers");
                    last = id;
                }
            }
        }
    });
}

#[test]
fn a_sleep_of_a_second_leaves_all_earlier_ids_behind() {
    let mut hub = Hub::default();
    let first = hub.admit(NOW, visitor(None)).expect("room");
    let second = hub.admit(NOW, visitor(None)).expect("room");
    assert!(second > first);
    assert!(hub.admit(NOW - 1_000, visitor(None)).expect("room") > second, "a clock set back");
    assert!(Hub::default().admit(NOW + 1, visitor(None)).expect("room") > second);
}

#[test]
fn what_comes_from_a_closed_socket_changes_nothing() {
    for sleeps in [false, true] {
        let mut region = Region::default();
        region.share(&Traffic::new(1, 20, NOW).fly(10));
        let thief = region.admit(visitor(None)).expect("room");
        region.text(thief, "junk");
        assert_eq!(region.hub.subscribers(), 0);
        if sleeps {
            region.sleep();
        }
        let visitor = region.admit(visitor(None)).expect("room");
        assert_ne!(thief, visitor);
        for text in ["junk", "", r#"{"ack":1,"digest":1}"#] {
            assert_eq!(region.text(thief, text), [], "{text}");
        }
        assert_eq!(region.ack(thief, 1), []);
        assert_eq!(region.hub.subscribers(), 1, "the closed one was not revived");
        region.gone(thief);
        region.gone(thief);
        assert_eq!(region.hub.subscribers(), 1);
        let outputs = region.share(&Traffic::new(1, 20, NOW + 60).fly(10));
        let sent = |output: &Output| matches!(output, Output::FanOut(ids, _) if *ids == [visitor]);
        assert!(outputs.iter().any(sent), "the visitor gets its frame");
    }
}

#[test]
fn only_the_digest_of_a_frame_that_was_sent_acknowledges_it() {
    for format in [Format::Binary, Format::Json] {
        let mut region = Region::default();
        let mut traffic = Traffic::new(2, 20, NOW);
        region.share(&traffic.fly(10));
        region.share(&traffic.fly(10));
        let lies = |right: u32| {
            [
                r#"{"ack":2}"#.to_owned(),
                format!(r#"{{"ack":2,"digest":{}}}"#, right ^ 1),
                format!(r#"{{"ack":2,"digest":{}}}"#, 0),
                // Another sequence's digest, and a sequence of the future.
                format!(r#"{{"ack":1,"digest":{right}}}"#),
                format!(r#"{{"ack":3,"digest":{right}}}"#),
                format!(r#"{{"ack":{},"digest":{right}}}"#, u64::MAX),
                format!(r#"{{"ack":2,"ack":2,"digest":{right}}}"#),
                format!(r#"[2,{right}]"#),
                "ping".to_owned(),
            ]
        };
        for lie in lies(region.digests[&2]) {
            let id = region.admit(Visitor { format, ..visitor(None) }).expect("room");
            region.text(id, &lie);
            assert_eq!(region.closed.get(&id), Some(&CloseCode::Protocol), "{lie}");
        }
        let honest = region.admit(Visitor { format, ..visitor(None) }).expect("room");
        region.ack(honest, 2);
        assert_eq!(region.sockets[&honest].acknowledged, 2);
        assert_eq!(region.sockets[&honest].bytes, 0);
    }
}

#[test]
fn text_and_bytes_bear_the_same_digest() {
    let mut region = Region::default();
    let mut traffic = Traffic::new(3, 20, NOW);
    let text = region.admit(TEXT).expect("room");
    for _ in 0..3 {
        let outputs = region.share(&traffic.fly(10));
        let place = region.hub.place();
        let digest = region.digests[&place.sequence];
        let sent = outputs.iter().find_map(|output| match output {
            Output::FanOut(ids, Message::Json(text)) if !ids.is_empty() => Some(text),
            _ => None,
        });
        let frame: serde_json::Value = serde_json::from_str(sent.expect("a frame")).expect("JSON");
        assert_eq!(frame["digest"], digest);
        region.ack(text, place.sequence);
    }
    assert_eq!(region.sockets[&text].acknowledged, 3);
}

#[test]
fn acknowledgements_of_nothing_new_are_taken_a_few_times_and_no_more() {
    let mut region = Region::default();
    let mut traffic = Traffic::new(4, 20, NOW);
    region.share(&traffic.fly(10));
    let id = region.admit(visitor(None)).expect("room");
    for sequence in 1..=3 {
        for _ in 0..=STALE_MAX {
            region.ack(id, sequence);
            region.sleep();
        }
        assert_eq!(region.closed.get(&id), None, "each frame allows as many");
        region.share(&traffic.fly(10));
    }
    for _ in 0..=STALE_MAX {
        region.ack(id, 3);
    }
    assert_eq!(region.closed.get(&id), Some(&CloseCode::Protocol));
}

#[test]
fn no_client_costs_more_than_its_window_and_two_frames_as_bytes_or_as_text() {
    for format in [Format::Binary, Format::Json] {
        let mut random = Random(5);
        let mut region = Region::default();
        region.share(&large(&mut random, NOW, 8_000));
        let id = region.admit(Visitor { format, ..visitor(None) }).expect("room");
        let (mut largest, mut sent) = (region.bytes[&id], region.bytes[&id]);
        for minute in 1..=WINDOW_FRAMES as i64 + 2 {
            region.share(&large(&mut random, NOW + minute, 8_000));
            let bytes = region.bytes[&id] - sent;
            (largest, sent) = (largest.max(bytes), region.bytes[&id]);
            if minute % 2 == 0 {
                region.sleep();
            }
        }
        assert!(sent <= largest.max(WINDOW_BYTES) + largest, "{format:?}: {sent} of {largest}");
        if format == Format::Json {
            assert!(sent >= WINDOW_BYTES, "frames of {largest} bytes prove nothing");
        }
        assert!(region.sockets[&id].slow.is_some());
    }
}

/// The text's bytes that are under way, by what the test counted; nobody acknowledges here.
fn text_under_way(region: &Region, text: &[SessionId]) -> usize {
    text.iter().filter_map(|id| region.bytes.get(id)).sum()
}

#[test]
fn text_that_nobody_reads_is_bounded_in_a_region_and_readers_of_bytes_notice_nothing() {
    let mut random = Random(6);
    let mut region = Region::default();
    region.share(&large(&mut random, NOW, 8_000));
    let bytes = region.admit(visitor(None)).expect("room");
    let mut silent = Vec::new();
    for minute in 1..=12 {
        while let Ok(id) = region.admit(TEXT) {
            silent.push(id);
        }
        assert_eq!(region.hub.admit(NOW, TEXT), Err(Refusal::Text));
        let under_way = text_under_way(&region, &silent);
        assert!(under_way <= TEXT_LAGGING_MAX, "{under_way} bytes");
        region.sleep();
        let before = region.bytes[&bytes];
        region.share(&large(&mut random, NOW + minute, 8_000));
        assert!(region.bytes[&bytes] > before, "bytes are sent as ever");
        region.ack(bytes, region.hub.place().sequence);
    }
    assert!(silent.len() > 8, "{} are enough", silent.len());
    assert!(silent.iter().any(|id| region.closed.get(id) == Some(&CloseCode::Slow)));
    // Their sockets are closed, but what is under way is only gone with them.
    for id in silent {
        region.gone(id);
    }
    assert!(region.admit(TEXT).is_ok());
    assert!(region.closed.get(&bytes).is_none());
}

#[test]
fn readers_of_text_that_keep_up_stay_beside_those_that_do_not_read() {
    let mut random = Random(7);
    let mut region = Region::default();
    region.share(&large(&mut random, NOW, 8_000));
    let reader = region.admit(TEXT).expect("room");
    region.ack(reader, 1);
    while region.admit(TEXT).is_ok() {}
    for minute in 1..=20 {
        region.share(&large(&mut random, NOW + minute, 8_000));
        assert_eq!(region.closed.get(&reader), None, "minute {minute}");
        region.ack(reader, region.hub.place().sequence);
    }
}

#[test]
fn so_many_readers_of_text_are_served_as_fit_and_the_last_to_come_are_closed() {
    let mut random = Random(8);
    let mut region = Region::default();
    let first = large(&mut random, NOW, 100);
    region.share(&first);
    let readers: Vec<_> = (0..60).map(|_| region.admit(TEXT).expect("room")).collect();
    for &id in &readers {
        region.ack(id, 1);
    }
    let before = text_under_way(&region, &readers);
    region.share(&large(&mut random, NOW + 1, 8_000));
    let sent = text_under_way(&region, &readers) - before;
    assert!(sent <= TEXT_BYTES_MAX && sent > TEXT_BYTES_MAX / 2, "{sent} bytes");
    let served = readers.iter().take_while(|id| !region.closed.contains_key(id)).count();
    assert!(served > 8, "{served}");
    for id in &readers[served..] {
        assert_eq!(region.closed.get(id), Some(&CloseCode::TooMany));
    }
}

#[test]
fn a_keyframe_of_text_is_made_once_for_all_that_come() {
    let mut region = Region::default();
    region.share(&Traffic::new(9, 20, NOW).fly(10));
    let texts: Vec<_> = (1..=2)
        .map(|session| {
            let open = Input::Open { session, format: Format::Json, caller: None, resume: None };
            let outputs = region.tell(open);
            let text = outputs.into_iter().find_map(|output| match output {
                Output::FanOut(_, Message::Json(text)) => Some(text),
                _ => None,
            });
            text.expect("a keyframe")
        })
        .collect();
    assert!(std::rc::Rc::ptr_eq(&texts[0], &texts[1]));
}

#[test]
fn a_sky_whose_text_no_region_could_send_is_for_readers_of_bytes_alone() {
    let mut region = Region::default();
    let text = region.admit(TEXT).expect("an empty sky");
    let mut random = Random(10);
    let outputs = region.share(&large(&mut random, NOW, 120_000));
    assert_eq!(region.closed.get(&text), Some(&CloseCode::TooMany));
    let is_text = |output: &Output| matches!(output, Output::FanOut(_, Message::Json(_)));
    assert!(!outputs.iter().any(is_text));
    assert_eq!(region.admit(TEXT), Err(Refusal::Text));
    assert!(region.admit(visitor(None)).is_ok());
}

#[test]
fn a_caller_has_so_many_sockets_and_no_more_across_sleep_and_close() {
    let mut region = Region::default();
    let few = |text| Visitor { caller_max: 3, ..visitor(caller(text)) };
    let mut ids: Vec<_> = (0..3).map(|_| region.admit(few("192.0.2.1")).expect("room")).collect();
    let refused = Err(Refusal::Caller { most: 3 });
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    region.sleep();
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    assert!(region.admit(few("192.0.2.2")).is_ok(), "another address");
    assert!((0..9).all(|_| region.admit(few("192.0.2.3")).is_ok() || ids.len() == 3));
    // A socket that was closed for its fault is counted until it is gone.
    region.text(ids[0], "junk");
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    region.sleep();
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    region.gone(ids.remove(0));
    assert!(region.admit(few("192.0.2.1")).is_ok());
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    // Nobody knows where these come from.
    assert!((0..50).all(|_| region.admit(Visitor { caller_max: 3, ..visitor(None) }).is_ok()));
}

#[test]
fn an_ipv6_network_is_one_caller_and_a_site_four() {
    let mut region = Region::default();
    let few = |text: &str| Visitor { caller_max: 2, ..visitor(caller(text)) };
    let mut admitted = 0;
    for network in 0..8 {
        for host in 1..=3 {
            admitted +=
                usize::from(region.admit(few(&format!("2001:db8:1:{network:x}::{host}"))).is_ok());
        }
        assert_eq!(admitted, ((network + 1) * 2).min(8), "network {network}");
    }
    assert!(region.admit(few("2001:db8:2::1")).is_ok(), "another site");
    region.sleep();
    assert!(region.admit(few("2001:db8:1:ff::1")).is_err());
}

#[test]
fn a_crowded_region_keeps_room_for_newcomers_until_it_is_full() {
    let session = |caller| Session {
        format: Format::Binary,
        caller,
        acknowledged: 0,
        bytes: 0,
        stale: 0,
        slow: None,
        is_closed: false,
    };
    let rich = caller("192.0.2.1");
    let crowd = CROWDED_SESSIONS - CROWDED_CALLER_MAX;
    let mut region = Region::default();
    for id in 0..crowd as u64 {
        region.hub = region.hub.with_session(id, session(None));
    }
    for _ in 0..CROWDED_CALLER_MAX {
        region.admit(visitor(rich)).expect("room");
    }
    let refused = Err(Refusal::Caller { most: CROWDED_CALLER_MAX });
    assert_eq!(region.admit(visitor(rich)), refused);
    assert!(region.admit(visitor(caller("192.0.2.2"))).is_ok(), "a newcomer");
    while region.hub.subscribers() < SESSIONS_MAX {
        region.admit(visitor(None)).expect("room");
    }
    assert_eq!(region.admit(visitor(caller("192.0.2.3"))), Err(Refusal::Full));
    // A socket that the region closed still takes up the platform's room.
    region.text(7, "junk");
    assert_eq!(region.admit(visitor(None)), Err(Refusal::Full));
    region.gone(7);
    assert!(region.admit(visitor(None)).is_ok());
}
