//! Simulated traffic is marked: in binary and JSON frames, and in what a region stores.

mod snapshots;

use overflight::airspace::{LiveState, Resolution};
use overflight::hub::{Commit, FrameFormat, Hub, Input, Message, Output};
use overflight::wire::{self, ClientState, Frame, RegionSnapshot};
use snapshots::{Random, Traffic, later, snapshot};

#[test]
fn binary_and_json_frames_say_whether_their_traffic_is_simulated() {
    for simulated in [true, false] {
        let first = snapshot(&mut Random(1), 100, 30).marked(simulated);
        let second = later(&mut Random(2), &first, 30);
        let (old, new) =
            (LiveState::of(&first, Resolution::Fine), LiveState::of(&second, Resolution::Fine));
        let mut client = ClientState::default();
        for bytes in [wire::encode_keyframe(9, 1, &old), wire::encode_delta(9, (1, &old), 2, &new)]
        {
            assert_eq!(Frame::decode(&bytes).expect("our own frame").simulated, simulated);
            client.apply(&bytes).expect("our own frame");
            assert_eq!(client.live().simulated, simulated);
            assert_eq!(client.live().snapshot().simulated, simulated);
        }
        for base in [None, Some((1, &first))] {
            let text = wire::encode_json(9, base, (2, 7), &second);
            let frame: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(frame["simulated"], simulated);
        }
    }
}

#[test]
fn the_subprotocol_has_the_envelopes_version_and_another_version_is_named() {
    assert_eq!(wire::BYTES_PROTOCOL, format!("overflight.v{}", wire::VERSION));
    let mut frame = wire::encode_keyframe(1, 1, &LiveState::default());
    assert_eq!(frame[..2], [0x99, 3]);
    frame[..2].copy_from_slice(&[0x99, 2]);
    let error = Frame::decode(&frame).expect_err("another version");
    assert_eq!(error.to_string(), "frame version is 2, expected 3");
    assert!(!error.wants_keyframe(), "a keyframe would not help");
}

/// Returns the hub restored from its commit, with a client of each kind.
fn woken(Commit { region_snapshot, held, .. }: Commit) -> Hub {
    let region_snapshot = RegionSnapshot::decode(region_snapshot).expect("our own region snapshot");
    let hub = Hub::restore(region_snapshot, &held, []).expect("our own bytes");
    with_clients(hub)
}

fn with_clients(mut hub: Hub) -> Hub {
    for (session, format) in [(1, FrameFormat::Binary), (2, FrameFormat::Json)] {
        hub.handle(0, Input::Open { session, format, caller: None, resume: None });
    }
    hub
}

#[test]
fn the_first_real_snapshot_removes_the_simulated_mark_for_every_client() {
    let (mut hub, mut traffic) = (with_clients(Hub::default()), Traffic::new(1, 20, 1_000));
    let mut client = ClientState::default();
    for (epoch, simulated) in [(1, true), (1, true), (2, false), (2, false)] {
        let snapshot = traffic.fly(10).marked(simulated);
        let region_snapshot = RegionSnapshot::new(epoch, Resolution::Fine, snapshot);
        let mut outputs = hub.handle(0, Input::Snapshot(region_snapshot));
        let mut messages = 0;
        for output in &outputs {
            let Output::FanOut(_, message) = output else { continue };
            messages += 1;
            match message {
                Message::Binary(frame) => client.apply(frame).expect("a frame of ours"),
                Message::Json(text) => {
                    assert!(text.contains(&format!("\"simulated\":{simulated}")), "{text}");
                }
            }
        }
        assert_eq!((messages, client.live().simulated), (2, simulated), "epoch {epoch}");
        let Output::Commit(commit) = outputs.swap_remove(0) else { panic!("the commit is first") };
        hub = woken(commit);
        assert_eq!((hub.latest().simulated, hub.live().simulated), (simulated, simulated));
    }
}
