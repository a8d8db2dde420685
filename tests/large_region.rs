//! A region with too many aircraft for frames of text.

mod snapshots;

use overflight::airspace::{LiveState, Resolution, Snapshot};
use overflight::hub::{FrameFormat, Hub, Input, Message, Output, Report, merge};
use overflight::wire::{self, RegionSnapshot};
use snapshots::Traffic;

/// The most rows of which a region makes text: 8 MiB at 290 bytes a row.
const TEXT_ROWS_MAX: usize = 28_926;

#[test]
fn a_region_with_too_many_aircraft_for_text_keeps_no_rows_and_sends_the_same_frames() {
    let mut traffic = Traffic::new(1, TEXT_ROWS_MAX + 1, 1_000);
    let (mut hub, mut live) = (Hub::default(), LiveState::default());
    let (format, caller, resume) = (FrameFormat::Binary, None, None);
    hub.handle(0, Input::Open { session: 1, format, caller, resume });
    let mut before = Snapshot::default();
    for (seconds, rows) in [(0, 50), (60, usize::MAX), (16, usize::MAX), (16, TEXT_ROWS_MAX)] {
        let all = traffic.fly(seconds);
        let some = all.aircraft().iter().take(rows).cloned().collect();
        let after = Snapshot::new(all.time, some);
        let next = RegionSnapshot::new(1, Resolution::Fine, after.clone());
        let outputs = hub.handle(0, Input::Snapshot(next));
        let sequence = hub.place().sequence;
        if sequence == 1 {
            live = LiveState::of(&after, Resolution::Fine);
        } else {
            let delta = merge(&mut live, Report::all(&before), &after).delta;
            let frame = delta.into_frame(1, sequence - 1, sequence, &live);
            let keyframe = wire::encode_keyframe(1, sequence, &live);
            let smaller = if frame.len() < keyframe.len() { frame } else { keyframe };
            let sent = outputs.iter().find_map(|output| match output {
                Output::FanOut(_, Message::Binary(frame)) => Some(frame.to_vec()),
                _ => None,
            });
            assert_eq!(sent, Some(smaller), "{rows} rows");
        }
        assert_eq!(hub.live(), &live);
        let digest = wire::digest(&live.aircraft);
        let text = Some(format!("{{\"ack\":{sequence},\"digest\":{digest}}}"));
        hub.handle(0, Input::Message { session: 1, text });
        let whole = (after.aircraft().len() <= TEXT_ROWS_MAX).then_some(&after);
        assert_eq!(hub.snapshot(), whole, "{rows} rows");
        before = after;
    }
}
