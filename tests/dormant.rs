//! A region without clients: what it stores, when it wakes, and that clients notice nothing.

mod snapshots;

use std::collections::BTreeMap;

use overflight::airspace::{LiveState, Resolution, Snapshot};
use overflight::hub::{
    Commit, FrameFormat, Hub, Input, LOG_FRAMES_MAX, Message, Output, Place, RegionEngine, Session,
    SessionId, Stored, Visitor,
};
use overflight::wire::{ClientState, RegionSnapshot};
use snapshots::{Random, Traffic, each_seed};

const BY: Resolution = Resolution::Fine;

/// A region with its storage.
#[derive(Default)]
struct World {
    region: RegionEngine,
    region_snapshot: Option<Vec<u8>>,
    held: Option<Vec<u8>>,
    frames: BTreeMap<u64, Vec<u8>>,
    sessions: BTreeMap<SessionId, Session>,
    sent: Vec<(SessionId, Vec<u8>)>,
    commits: usize,
    now: i64,
}

impl World {
    fn perform(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Commit(Commit { place, region_snapshot, held, frame, forget_through }) => {
                    (self.region_snapshot, self.held) = (Some(region_snapshot), Some(held));
                    self.frames.retain(|&sequence, _| sequence > forget_through);
                    self.frames.extend(frame.map(|frame| (place.sequence, frame.to_vec())));
                    self.commits += 1;
                }
                Output::FanOut(to, Message::Binary(frame)) => {
                    self.sent.extend(to.into_iter().map(|id| (id, frame.to_vec())));
                }
                Output::SendLog { session, after } => {
                    let frames = self.frames.range(after + 1..);
                    self.sent.extend(frames.map(|(_, frame)| (session, frame.clone())));
                }
                Output::Remember(id, session) => {
                    self.sessions.insert(id, session);
                }
                Output::FanOut(_, Message::Json(_)) | Output::Close(..) => {}
            }
        }
    }

    fn deliver(&mut self, epoch: u64, snapshot: &Snapshot) {
        self.now = snapshot.time;
        let bytes = RegionSnapshot::encode(epoch, BY, snapshot);
        let outputs = self.region.deliver(self.now, bytes).expect("our own region snapshot");
        self.perform(outputs);
    }

    /// Wakes the region, admits the visitor and opens its session, as the object does.
    fn open(&mut self, resume: Option<Place>) -> SessionId {
        if self.region.hub().is_none() {
            let region_snapshot = self
                .region_snapshot
                .clone()
                .map(|bytes| RegionSnapshot::decode(bytes).expect("our own"));
            let outputs = self.region.wake(region_snapshot);
            self.perform(outputs);
        }
        let (format, caller) = (FrameFormat::Binary, None);
        let visitor = Visitor { format, caller, caller_max: 9 };
        let session = self.region.admit(self.now, visitor).expect("there is room");
        let outputs = self.region.handle(self.now, Input::Open { session, format, caller, resume });
        self.perform(outputs);
        session
    }

    fn close(&mut self, session: SessionId) {
        self.sessions.remove(&session);
        let outputs = self.region.handle(self.now, Input::Close(session));
        self.perform(outputs);
    }

    /// Restores the region from storage, as its object does after an eviction from memory.
    fn evict(&mut self) {
        let sessions: Vec<_> = self.sessions.iter().map(|(&id, &session)| (id, session)).collect();
        self.region = match self.held.as_deref().map(|held| Stored::decode(held).expect("ours")) {
            None => RegionEngine::waiting(&sessions),
            Some(Stored::Dormant(dormant)) => RegionEngine::dormant(dormant),
            Some(Stored::Awake(idle, held)) => {
                let region_snapshot =
                    self.region_snapshot.clone().expect("it is stored with what clients hold");
                let region_snapshot =
                    RegionSnapshot::decode(region_snapshot).expect("our own region snapshot");
                let log = self.frames.iter().map(|(&sequence, frame)| (sequence, frame.len()));
                let hub = Hub::restore(region_snapshot, &held, log).expect("our own bytes");
                RegionEngine::awake(hub.with_sessions(&sessions), idle)
            }
        };
    }
}

#[test]
fn a_region_with_nothing_stored_is_dormant_unless_clients_wait_for_it() {
    let mut world = World::default();
    let session = world.open(None);
    world.evict();
    assert_eq!(world.region.hub().map(Hub::subscribers), Some(1));
    world.close(session);
    world.evict();
    assert!(world.region.hub().is_none());
}

#[test]
fn a_region_without_clients_stores_each_snapshot_and_encodes_nothing() {
    let (mut world, mut traffic) = (World::default(), Traffic::new(1, 20, 1_000));
    for minute in 1..=3 {
        let snapshot = traffic.fly(60);
        world.deliver(7, &snapshot);
        assert_eq!((world.commits, world.frames.len(), world.sent.len()), (minute, 0, 0));
        assert_eq!(world.region_snapshot, Some(RegionSnapshot::encode(7, BY, &snapshot)));
        assert!(world.region.hub().is_none(), "nothing is held in memory");
        let latest = world.region.latest();
        assert_eq!((latest.time, latest.aircraft), (snapshot.time, 20));
        assert_eq!(world.region.place(), Place { epoch: 7, sequence: 0 });
        // Repeated and late deliveries change nothing.
        world.deliver(7, &snapshot);
        let other = Traffic::new(2, 5, snapshot.time).fly(60);
        world.deliver(6, &other);
        assert_eq!(world.commits, minute);
        world.evict();
    }
}

#[test]
fn the_first_client_gets_a_keyframe_of_the_latest_snapshot_under_the_next_sequence() {
    let (mut world, mut traffic) = (World::default(), Traffic::new(2, 50, 1_000));
    for round in 1..=3 {
        let snapshot = traffic.fly(60);
        world.deliver(7, &snapshot);
        let session = world.open(Some(Place { epoch: 7, sequence: world.region.place().sequence }));
        let (to, frame) = world.sent.pop().expect("a frame");
        let mut client = ClientState::default();
        client.apply(&frame).expect("a keyframe");
        let sequence = world.region.place().sequence;
        assert_eq!((to, client.epoch()), (session, 7), "round {round}");
        assert_eq!(client.sequence(), sequence);
        assert_eq!(client.live(), &LiveState::of(&snapshot, BY));
        world.evict();
        // Deltas follow it as they follow any other frame.
        world.deliver(7, &traffic.fly(60));
        let (_, frame) = world.sent.pop().expect("a frame");
        client.apply(&frame).expect("it follows");
        assert_eq!(world.region.place().sequence, sequence + 1);
        world.close(session);
        for _ in 0..LOG_FRAMES_MAX {
            assert!(world.region.hub().is_some(), "a client may come back and resume");
            world.deliver(7, &traffic.fly(60));
            world.evict();
        }
        let sequence = world.region.place().sequence;
        world.deliver(7, &traffic.fly(60));
        assert!(world.region.hub().is_none(), "no client can resume any more");
        assert_eq!(world.region.place().sequence, sequence, "nothing is encoded");
        assert!(world.frames.is_empty(), "no frame is kept");
    }
}

#[test]
fn a_client_that_resumes_within_the_logs_length_misses_nothing() {
    let (mut world, mut traffic) = (World::default(), Traffic::new(3, 40, 1_000));
    world.deliver(7, &traffic.fly(60));
    let session = world.open(None);
    let mut client = ClientState::default();
    client.apply(&world.sent.pop().expect("a keyframe").1).expect("ours");
    world.close(session);
    for _ in 0..5 {
        world.deliver(7, &traffic.fly(60));
        world.evict();
    }
    let (epoch, sequence) = (client.epoch(), client.sequence());
    world.open(Some(Place { epoch, sequence }));
    for (_, frame) in std::mem::take(&mut world.sent) {
        client.apply(&frame).expect("it follows");
    }
    assert_eq!(client.live(), world.region.hub().expect("awake").live());
}

#[test]
fn the_first_client_of_a_dormant_region_sees_only_the_new_history() {
    let (mut world, mut traffic) = (World::default(), Traffic::new(4, 10, 1_000));
    world.deliver(7, &traffic.fly(60));
    let earlier = Traffic::new(5, 10, 500).fly(60);
    world.deliver(8, &earlier);
    assert_eq!(world.region.place().epoch, 8, "a later history may begin at any time");
    world.open(Some(Place { epoch: 7, sequence: 1 }));
    let mut client = ClientState::default();
    client.apply(&world.sent.pop().expect("a keyframe").1).expect("ours");
    assert_eq!((client.epoch(), client.sequence()), (8, 1));
}

/// A client that acknowledges every frame.
#[derive(Default)]
struct Follower(Option<(SessionId, ClientState)>);

impl Follower {
    fn follow(&mut self, world: &mut World) {
        for (to, frame) in std::mem::take(&mut world.sent) {
            let Some((session, client)) = &mut self.0 else { panic!("sent to nobody") };
            assert_eq!(to, *session);
            client.apply(&frame).expect("it follows");
            let (sequence, digest) = (client.sequence(), client.digest());
            let text = Some(format!("{{\"ack\":{sequence},\"digest\":{digest}}}"));
            let input = Input::Message { session: to, text };
            let outputs = world.region.handle(world.now, input);
            world.perform(outputs);
        }
        if let Some((_, client)) = &self.0 {
            let live = world.region.hub().expect("it has a client").live();
            assert!(client.live() == live, "at {}", world.now);
        }
    }
}

/// In any order of events and evictions a follower's state equals the region's.
#[test]
fn a_client_cannot_tell_whether_a_region_was_dormant() {
    each_seed(300, |random: &mut Random| {
        let (mut world, mut traffic) = (World::default(), Traffic::new(random.below(99), 9, 500));
        let mut follower = Follower::default();
        for _ in 0..60 {
            match random.below(10) {
                0 if follower.0.is_none() => {
                    let session = world.open(None);
                    follower.0 = Some((session, ClientState::default()));
                }
                1 => {
                    if let Some((session, _)) = follower.0.take() {
                        world.close(session);
                    }
                }
                2 => world.evict(),
                quick => {
                    for _ in 0..if quick == 3 { random.below(40) } else { 1 } {
                        world.deliver(7, &traffic.fly(10));
                        follower.follow(&mut world);
                    }
                }
            }
            follower.follow(&mut world);
        }
    });
}
