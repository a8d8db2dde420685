//! Bytes per aircraft, as a client of the hub gets them.

use overflight::airspace::{Resolution, Snapshot};
use overflight::earth::Region;
use overflight::hub::{FrameFormat, Hub, Input, Message, Output, SessionId};
use overflight::wire::{ClientState, RegionSnapshot};

use super::snapshots::Snapshots;

/// Means over all regions and all snapshots but the first, which is a keyframe for all.
pub struct Sizes {
    /// Bytes of a keyframe per aircraft in it.
    pub keyframe: f64,
    /// Bytes of a delta per aircraft in the resulting live state.
    pub delta: f64,
    /// Aircraft in one snapshot.
    pub aircraft: f64,
}

/// A client that follows from the beginning, and one that connects anew at each snapshot.
const FOLLOWER: SessionId = 1;
const NEWCOMER: SessionId = 2;

/// Measures what the hubs of these regions send to a client that acknowledges every frame.
///
/// Asserts after every frame that the client's live state equals the hub's.
pub fn measure(snapshots: &Snapshots, regions: &[Region], resolution: Resolution) -> Sizes {
    let (mut keyframes, mut deltas, mut aircraft) = (0, 0, 0);
    for region in regions {
        let mut hub = Hub::default();
        let mut picture = ClientState::default();
        let open = |session| {
            let (format, caller, resume) = (FrameFormat::Binary, None, None);
            Input::Open { session, format, caller, resume }
        };
        let first =
            frame(&hub.handle(snapshots.minutes[0].snapshot.time, open(FOLLOWER)), FOLLOWER);
        picture.apply(&first).expect("a keyframe applies");
        for (index, minute) in snapshots.minutes.iter().enumerate() {
            let time = minute.snapshot.time;
            let region_snapshot =
                RegionSnapshot::new(1, resolution, region_snapshot(&minute.snapshot, region));
            let delta = frame(&hub.handle(time, Input::Snapshot(region_snapshot)), FOLLOWER);
            picture.apply(&delta).expect("the hub's frame applies");
            assert_eq!(picture.live(), hub.live(), "{} at {time}", region.name);
            let (sequence, digest) = (picture.sequence(), picture.digest());
            let text = Some(format!(r#"{{"ack":{sequence},"digest":{digest}}}"#));
            hub.handle(time, Input::Message { session: FOLLOWER, text });
            let keyframe = frame(&hub.handle(time, open(NEWCOMER)), NEWCOMER);
            hub.handle(time, Input::Close(NEWCOMER));
            if index > 0 {
                keyframes += keyframe.len();
                deltas += delta.len();
                aircraft += hub.live().aircraft.len();
            }
        }
    }
    let each = |bytes: usize| bytes as f64 / aircraft as f64;
    Sizes {
        keyframe: each(keyframes),
        delta: each(deltas),
        aircraft: aircraft as f64 / (snapshots.minutes.len() - 1) as f64,
    }
}

fn region_snapshot(snapshot: &Snapshot, region: &Region) -> Snapshot {
    let own = snapshot.aircraft().iter().filter(|state| region.holds(state.position));
    Snapshot::new(snapshot.time, own.cloned().collect())
}

/// Returns the frame that a client is sent.
fn frame(outputs: &[Output], client: SessionId) -> Vec<u8> {
    let mut frames = outputs.iter().filter_map(|output| match output {
        Output::FanOut(to, Message::Binary(bytes)) if to.contains(&client) => Some(bytes),
        _ => None,
    });
    frames.next().expect("a client that acknowledges is sent every frame").to_vec()
}
