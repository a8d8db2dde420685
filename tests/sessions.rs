//! Laws of a region's sessions: ids, acknowledgements, and which clients are admitted.

mod region;
mod snapshots;

use overflight::access::Caller;
use overflight::hub::{
    CROWDED_CALLER_MAX, CROWDED_SESSIONS, CloseCode, FrameFormat, Hub, Input, Message, Output,
    Refusal, SESSIONS_MAX, STALE_MAX, Session, Visitor,
};
use region::{NOW, Region, TEXT, visitor};
use snapshots::Traffic;

fn caller(text: &str) -> Option<Caller> {
    Some(text.parse().expect("an address"))
}

#[test]
fn no_two_sockets_share_an_id_across_departures_and_hibernation() {
    snapshots::each_seed(1_000, |random| {
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
fn a_second_of_hibernation_makes_all_later_ids_larger() {
    let mut hub = Hub::default();
    let first = hub.admit(NOW, visitor(None)).expect("room");
    let second = hub.admit(NOW, visitor(None)).expect("room");
    assert!(second > first);
    assert!(hub.admit(NOW - 1_000, visitor(None)).expect("room") > second, "a clock set back");
    assert!(Hub::default().admit(NOW + 1, visitor(None)).expect("room") > second);
}

#[test]
fn a_message_from_a_closed_socket_changes_nothing() {
    for sleeps in [false, true] {
        let mut region = Region::default();
        region.deliver(&Traffic::new(1, 20, NOW).fly(10));
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
        let outputs = region.deliver(&Traffic::new(1, 20, NOW + 60).fly(10));
        let sent = |output: &Output| matches!(output, Output::FanOut(ids, _) if *ids == [visitor]);
        assert!(outputs.iter().any(sent), "the visitor gets its frame");
    }
}

#[test]
fn a_client_that_resumes_at_the_latest_frame_is_sent_only_the_next_one() {
    for format in [FrameFormat::Binary, FrameFormat::Json] {
        let mut region = Region::default();
        let mut traffic = Traffic::new(3, 20, NOW);
        region.deliver(&traffic.fly(10));
        region.deliver(&traffic.fly(10));
        let visitor = Visitor { format, ..visitor(None) };
        let session = region.hub.admit(NOW, visitor).expect("room");
        let resume = Some(region.hub.place());
        let open = Input::Open { session, format, caller: visitor.caller, resume };
        let outputs = region.tell(open);
        assert_eq!(outputs, [Output::Remember(session, region.sockets[&session])], "{format:?}");
        assert_eq!(region.sockets[&session].acknowledged, 2, "{format:?}");
        let outputs = region.deliver(&traffic.fly(10));
        let sent = |output: &Output| matches!(output, Output::FanOut(ids, _) if *ids == [session]);
        assert_eq!(outputs.iter().filter(|output| sent(output)).count(), 1, "{format:?}");
    }
}

#[test]
fn only_the_digest_of_a_frame_that_was_sent_acknowledges_it() {
    for format in [FrameFormat::Binary, FrameFormat::Json] {
        let mut region = Region::default();
        let mut traffic = Traffic::new(2, 20, NOW);
        region.deliver(&traffic.fly(10));
        region.deliver(&traffic.fly(10));
        let lies = |right: u32| {
            [
                r#"{"ack":2}"#.to_owned(),
                format!(r#"{{"ack":2,"digest":{}}}"#, right ^ 1),
                format!(r#"{{"ack":2,"digest":{}}}"#, 0),
                // Another sequence's digest, and future sequences.
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
fn json_and_binary_frames_have_the_same_digest() {
    let mut region = Region::default();
    let mut traffic = Traffic::new(3, 20, NOW);
    let text = region.admit(TEXT).expect("room");
    for _ in 0..3 {
        let outputs = region.deliver(&traffic.fly(10));
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
fn only_a_few_acknowledgements_of_nothing_new_are_tolerated() {
    let mut region = Region::default();
    let mut traffic = Traffic::new(4, 20, NOW);
    region.deliver(&traffic.fly(10));
    let id = region.admit(visitor(None)).expect("room");
    for sequence in 1..=3 {
        for _ in 0..=STALE_MAX {
            region.ack(id, sequence);
            region.sleep();
        }
        assert_eq!(region.closed.get(&id), None, "each frame allows as many");
        region.deliver(&traffic.fly(10));
    }
    for _ in 0..=STALE_MAX {
        region.ack(id, 3);
    }
    assert_eq!(region.closed.get(&id), Some(&CloseCode::Protocol));
}

#[test]
fn a_callers_sockets_are_limited_across_hibernation_and_close() {
    let mut region = Region::default();
    let few = |text| Visitor { caller_max: 3, ..visitor(caller(text)) };
    let mut ids: Vec<_> = (0..3).map(|_| region.admit(few("192.0.2.1")).expect("room")).collect();
    let refused = Err(Refusal::Caller { most: 3 });
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    region.sleep();
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    assert!(region.admit(few("192.0.2.2")).is_ok(), "another address");
    assert!((0..9).all(|_| region.admit(few("192.0.2.3")).is_ok() || ids.len() == 3));
    // A socket that was closed for a violation counts until it is gone.
    region.text(ids[0], "junk");
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    region.sleep();
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    region.gone(ids.remove(0));
    assert!(region.admit(few("192.0.2.1")).is_ok());
    assert_eq!(region.admit(few("192.0.2.1")), refused);
    // Clients without a known caller are not limited.
    assert!((0..50).all(|_| region.admit(Visitor { caller_max: 3, ..visitor(None) }).is_ok()));
}

#[test]
fn an_ipv6_64_network_is_one_caller_and_a_48_site_has_four_times_its_limit() {
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
        format: FrameFormat::Binary,
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
    // A socket that the region closed still takes up room.
    region.text(7, "junk");
    assert_eq!(region.admit(visitor(None)), Err(Refusal::Full));
    region.gone(7);
    assert!(region.admit(visitor(None)).is_ok());
}
