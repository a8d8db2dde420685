//! Laws of a region's JSON budget, and of what one client's frames may cost.

mod region;
mod snapshots;

use overflight::airspace::Snapshot;
use overflight::hub::{
    CloseCode, FrameFormat, Input, Message, Output, Refusal, SessionId, TEXT_BYTES_MAX,
    TEXT_LAGGING_MAX, Visitor, WINDOW_BYTES, WINDOW_FRAMES,
};
use region::{NOW, Region, TEXT, visitor};
use snapshots::{Random, Traffic};

/// Returns a snapshot whose JSON keyframe has several megabytes.
fn large(random: &mut Random, time: i64, aircraft: u32) -> Snapshot {
    let rows = (0..aircraft).map(|address| {
        let address = overflight::aircraft::Icao24::new(address * 7).expect("below 2^24");
        snapshots::state(random, address)
    });
    Snapshot::new(time, rows.collect())
}

/// Returns the unacknowledged bytes of JSON, as the test counted them; nobody acknowledges here.
fn text_under_way(region: &Region, text: &[SessionId]) -> usize {
    text.iter().filter_map(|id| region.bytes.get(id)).sum()
}

#[test]
fn no_client_costs_more_than_its_window_and_two_frames_in_binary_or_json() {
    for format in [FrameFormat::Binary, FrameFormat::Json] {
        let mut random = Random(5);
        let mut region = Region::default();
        region.deliver(&large(&mut random, NOW, 8_000));
        let id = region.admit(Visitor { format, ..visitor(None) }).expect("room");
        let (mut largest, mut sent) = (region.bytes[&id], region.bytes[&id]);
        for minute in 1..=WINDOW_FRAMES as i64 + 2 {
            region.deliver(&large(&mut random, NOW + minute, 8_000));
            let bytes = region.bytes[&id] - sent;
            (largest, sent) = (largest.max(bytes), region.bytes[&id]);
            if minute % 2 == 0 {
                region.sleep();
            }
        }
        assert!(sent <= largest.max(WINDOW_BYTES) + largest, "{format:?}: {sent} of {largest}");
        if format == FrameFormat::Json {
            assert!(sent >= WINDOW_BYTES, "frames of {largest} bytes prove nothing");
        }
        assert!(region.sockets[&id].slow.is_some());
    }
}

#[test]
fn unread_json_is_bounded_per_region_and_does_not_affect_binary_clients() {
    let mut random = Random(6);
    let mut region = Region::default();
    region.deliver(&large(&mut random, NOW, 8_000));
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
        region.deliver(&large(&mut random, NOW + minute, 8_000));
        assert!(region.bytes[&bytes] > before, "binary frames are sent as usual");
        region.ack(bytes, region.hub.place().sequence);
    }
    assert!(silent.len() > 8, "{} are enough", silent.len());
    assert!(silent.iter().any(|id| region.closed.get(id) == Some(&CloseCode::Slow)));
    // Their sockets are closed, but their unacknowledged bytes count until the sockets are gone.
    for id in silent {
        region.gone(id);
    }
    assert!(region.admit(TEXT).is_ok());
    assert!(!region.closed.contains_key(&bytes));
}

#[test]
fn json_clients_that_keep_up_stay_connected_beside_those_that_do_not_read() {
    let mut random = Random(7);
    let mut region = Region::default();
    region.deliver(&large(&mut random, NOW, 8_000));
    let reader = region.admit(TEXT).expect("room");
    region.ack(reader, 1);
    while region.admit(TEXT).is_ok() {}
    for minute in 1..=20 {
        region.deliver(&large(&mut random, NOW + minute, 8_000));
        assert_eq!(region.closed.get(&reader), None, "minute {minute}");
        region.ack(reader, region.hub.place().sequence);
    }
}

#[test]
fn json_clients_beyond_the_budget_are_closed_the_latest_first() {
    let mut random = Random(8);
    let mut region = Region::default();
    let first = large(&mut random, NOW, 100);
    region.deliver(&first);
    let readers: Vec<_> = (0..60).map(|_| region.admit(TEXT).expect("room")).collect();
    for &id in &readers {
        region.ack(id, 1);
    }
    let before = text_under_way(&region, &readers);
    region.deliver(&large(&mut random, NOW + 1, 8_000));
    let sent = text_under_way(&region, &readers) - before;
    assert!(sent <= TEXT_BYTES_MAX && sent > TEXT_BYTES_MAX / 2, "{sent} bytes");
    let served = readers.iter().take_while(|id| !region.closed.contains_key(id)).count();
    assert!(served > 8, "{served}");
    for id in &readers[served..] {
        assert_eq!(region.closed.get(id), Some(&CloseCode::TooMany));
    }
}

#[test]
fn a_json_keyframe_is_made_once_for_all_new_clients() {
    let mut region = Region::default();
    region.deliver(&Traffic::new(9, 20, NOW).fly(10));
    let texts: Vec<_> = (1..=2)
        .map(|session| {
            let open =
                Input::Open { session, format: FrameFormat::Json, caller: None, resume: None };
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
fn a_snapshot_too_large_for_json_is_sent_only_to_binary_clients() {
    let mut region = Region::default();
    let text = region.admit(TEXT).expect("an empty snapshot");
    let mut random = Random(10);
    let outputs = region.deliver(&large(&mut random, NOW, 120_000));
    assert_eq!(region.closed.get(&text), Some(&CloseCode::TooMany));
    let is_text = |output: &Output| matches!(output, Output::FanOut(_, Message::Json(_)));
    assert!(!outputs.iter().any(is_text));
    assert_eq!(region.admit(TEXT), Err(Refusal::Text));
    assert!(region.admit(visitor(None)).is_ok());
}
