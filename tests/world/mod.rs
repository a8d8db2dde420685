//! A fake platform for the simulation: storage, sockets, hibernation, and a clock.
//!
//! A socket keeps the order of its messages and loses those under way when it breaks. A commit is
//! stored completely or not at all. An object that hibernates keeps its storage, sockets and their
//! attachments; one that crashes keeps only its storage.

mod client;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use client::{Client, Reader};
use overflight::airspace::Resolution;
use overflight::hub::{
    CloseCode, Commit, Hub, Input, LOG_FRAMES_MAX, Message, Output, Session, SessionId,
    WINDOW_BYTES, WINDOW_FRAMES,
};
use overflight::wire::{self, RegionSnapshot};

use super::snapshots::{Random, Traffic};

/// The storage of a region's object.
#[derive(Default)]
struct Storage {
    region_snapshot: Option<Vec<u8>>,
    held: Vec<u8>,
    frames: BTreeMap<u64, Rc<Message>>,
}

/// One socket, from the server's side.
struct Socket {
    client: usize,
    remembered: Option<Session>,
    /// Frames under way to the client, with the time at which they arrive.
    down: VecDeque<(i64, Rc<Message>)>,
    /// Acknowledgements under way to the server.
    up: VecDeque<(i64, u64, u32)>,
    /// Sequences and sizes of the unacknowledged frames.
    unacknowledged: VecDeque<(u64, usize)>,
    largest: usize,
    was_sent_log: bool,
}

/// How often each event happened, by name.
#[derive(Debug, Default)]
pub struct Totals(BTreeMap<&'static str, u64>);

const EVENTS: [&str; 11] = [
    "frames",
    "keyframes",
    "logs",
    "repeated shares",
    "lost commits",
    "crashes",
    "evictions",
    "broken sockets",
    "restarted histories",
    "closed slow",
    "resumes",
];

impl Totals {
    pub fn count(&mut self, event: &'static str) {
        *self.0.entry(event).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (event, count) in &other.0 {
            *self.0.entry(event).or_default() += count;
        }
    }

    pub fn closed(&self, code: CloseCode) -> u64 {
        self.0.get(closed(code)).copied().unwrap_or(0)
    }

    pub fn all_happened(&self) -> bool {
        EVENTS.iter().all(|event| self.0.get(event).is_some_and(|&count| count > 0))
    }
}

fn closed(code: CloseCode) -> &'static str {
    match code {
        CloseCode::Protocol => "closed for the protocol",
        CloseCode::Slow => "closed slow",
        CloseCode::TooMany => "closed for too many",
    }
}

pub struct World {
    random: Random,
    now: i64,
    traffic: Traffic,
    epoch: u64,
    hub: Option<Hub>,
    storage: Storage,
    sockets: BTreeMap<SessionId, Socket>,
    next_session: SessionId,
    reader: Reader,
    is_calm: bool,
    pub clients: Vec<Client>,
    pub totals: Totals,
}

impl World {
    pub fn new(seed: u64, clients: usize) -> Self {
        let mut random = Random(seed);
        let size = 20 + random.below(20) as usize;
        let traffic = Traffic::new(random.next(), size, 1_000_000);
        let clients = (0..clients).map(|_| Client::new(&mut random)).collect();
        Self {
            random,
            now: 0,
            traffic,
            epoch: 1,
            hub: None,
            storage: Storage::default(),
            sockets: BTreeMap::new(),
            next_session: 1,
            reader: Reader::default(),
            is_calm: false,
            clients,
            totals: Totals::default(),
        }
    }

    /// Returns the hub; restores it from storage if it hibernates.
    pub fn hub(&mut self) -> &mut Hub {
        let Self { hub, storage, sockets, .. } = self;
        hub.get_or_insert_with(|| {
            let hub =
                storage.region_snapshot.as_ref().map_or_else(Hub::default, |region_snapshot| {
                    let region_snapshot = RegionSnapshot::decode(region_snapshot.clone())
                        .expect("our own region snapshot");
                    let log =
                        storage.frames.iter().map(|(sequence, frame)| (*sequence, size(frame)));
                    Hub::restore(region_snapshot, &storage.held, log).expect("our own bytes")
                });
            let remembered =
                sockets.iter().filter_map(|(&id, socket)| Some((id, socket.remembered?)));
            remembered.fold(hub, |hub, (id, session)| hub.with_session(id, session))
        })
    }

    /// Returns the state that every JSON client must end with.
    pub fn text(&mut self) -> client::Text {
        let (place, snapshot) =
            (self.hub().place(), self.hub().snapshot().expect("few rows").clone());
        let text = wire::encode_json(place.epoch, None, (place.sequence, 0), &snapshot);
        self.reader.text(&Rc::new(Message::Json(text.into())), &Rc::default()).expect("a keyframe")
    }

    /// Passes some seconds in which anything may happen.
    pub fn step(&mut self) {
        let seconds = self.random.pick(&[5, 10, 20]);
        self.now += seconds;
        match self.random.below(16) {
            0 => {
                self.hub = None;
                self.totals.count("evictions");
            }
            1 if self.random.one_in(4) => self.crash(),
            2 if self.random.one_in(3) => {
                self.epoch += 1;
                let time = 1_000_000 + self.random.below(1_000_000) as i64;
                self.traffic.set_time(time);
                self.totals.count("restarted histories");
            }
            _ => {}
        }
        self.traffic.fly(seconds);
        self.deliver();
        self.move_messages();
    }

    /// Heals the network: all clients read and acknowledge, and deliveries continue for a while.
    pub fn calm_down(&mut self) {
        self.is_calm = true;
        for client in &mut self.clients {
            client.calm_down();
        }
        for _ in 0..8 {
            self.now += 30;
            self.traffic.fly(30);
            self.deliver();
            for _ in 0..3 {
                self.move_messages();
            }
        }
    }

    /// Crashes the server: its sockets and everything that is not stored are gone.
    fn crash(&mut self) {
        self.hub = None;
        for (_, socket) in std::mem::take(&mut self.sockets) {
            self.clients[socket.client].disconnected();
        }
        self.totals.count("crashes");
    }

    /// Delivers the region snapshot until it is answered, which may be once too often.
    fn deliver(&mut self) {
        let snapshot = self.traffic.snapshot().clone();
        let region_snapshot = RegionSnapshot::new(self.epoch, Resolution::Fine, snapshot);
        self.tell(Input::Snapshot(region_snapshot.clone()));
        if self.hub.is_none() || self.random.one_in(4) {
            let place = self.hub().place();
            let is_stored = self.hub().snapshot() == Some(&region_snapshot.snapshot);
            self.tell_safely(Input::Snapshot(region_snapshot));
            assert!(!is_stored || self.hub().place() == place, "a repetition changes nothing");
            self.totals.count("repeated shares");
        }
    }

    fn tell(&mut self, input: Input) {
        let now = self.now;
        let mut fails = !self.is_calm && self.random.one_in(30);
        for output in self.hub().handle(now, input) {
            if let Output::Commit(_) = output
                && std::mem::take(&mut fails)
            {
                // Nothing is stored; the hub, which is ahead, is dropped, or the server crashes.
                self.hub = None;
                self.totals.count("lost commits");
                if self.random.one_in(2) {
                    self.crash();
                }
                return;
            }
            self.perform(output);
        }
    }

    fn tell_safely(&mut self, input: Input) {
        let is_calm = std::mem::replace(&mut self.is_calm, true);
        self.tell(input);
        self.is_calm = is_calm;
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Commit(commit) => self.commit(commit),
            Output::FanOut(to, message) => {
                let sequence = self.hub().place().sequence;
                let message = self.reader.shared(message);
                for id in to {
                    self.send(id, sequence, &message);
                }
            }
            Output::SendLog { session, after } => {
                let frames: Vec<_> = self.storage.frames.range(after + 1..).collect();
                let frames: Vec<_> = frames.into_iter().map(|(s, f)| (*s, Rc::clone(f))).collect();
                self.sockets.get_mut(&session).expect("an open socket").was_sent_log = true;
                for (sequence, frame) in frames {
                    self.send(session, sequence, &frame);
                }
                self.totals.count("logs");
            }
            Output::Remember(id, session) => {
                self.sockets.get_mut(&id).expect("of an open socket").remembered = Some(session);
            }
            Output::Close(id, code) => {
                let socket = self.sockets.remove(&id).expect("an open socket");
                self.clients[socket.client].disconnected();
                self.totals.count(closed(code));
                let gone = self.hub().handle(0, Input::Close(id));
                assert_eq!(gone, [], "closing a closed socket has no outputs");
            }
        }
    }

    fn commit(&mut self, commit: Commit) {
        let Commit { place, region_snapshot, held, frame, forget_through } = commit;
        self.storage.region_snapshot = Some(region_snapshot);
        self.storage.held = held;
        self.storage.frames.retain(|&sequence, _| sequence > forget_through);
        let frame = frame.map(Message::Binary).map(|frame| self.reader.shared(frame));
        let frame = frame.map(|frame| (place.sequence, frame));
        self.storage.frames.extend(frame);
    }

    fn send(&mut self, id: SessionId, sequence: u64, message: &Rc<Message>) {
        let socket = self.sockets.get_mut(&id).expect("the hub knows open sockets only");
        let client = &self.clients[socket.client];
        let arrives = self.now + client.latency(&mut self.random);
        socket.down.push_back((arrives, Rc::clone(message)));
        socket.unacknowledged.push_back((sequence, size(message)));
        socket.largest = socket.largest.max(size(message));
        let bytes: usize = socket.unacknowledged.iter().map(|(_, size)| size).sum();
        let frames = socket.unacknowledged.len();
        // A client that was just sent the log is bounded by the log's length.
        assert!(frames <= LOG_FRAMES_MAX.max(WINDOW_FRAMES as usize), "{frames} under way");
        assert!(bytes <= WINDOW_BYTES + 2 * socket.largest, "{bytes} bytes under way");
        // A client that resumed may have been sent the whole log at once.
        if !socket.was_sent_log {
            assert!(frames <= WINDOW_FRAMES as usize, "{frames} under way");
        }
        self.totals.count("frames");
    }

    /// Lets clients read, acknowledgements arrive, sockets break and clients reconnect.
    fn move_messages(&mut self) {
        let ids: Vec<_> = self.sockets.keys().copied().collect();
        for id in ids {
            let socket = self.sockets.get_mut(&id).expect("listed");
            let client = &mut self.clients[socket.client];
            let is_broken = !self.is_calm && self.random.one_in(40);
            let reads = !is_broken && client.reads(&mut self.random);
            let mut understood = true;
            while reads && socket.down.front().is_some_and(|&(at, _)| at <= self.now) {
                let (_, message) = socket.down.pop_front().expect("there is one");
                understood &= client.take_in(&message, &mut self.reader, &mut self.totals);
                if !understood {
                    break;
                }
                let arrives = self.now + client.latency(&mut self.random);
                socket.up.push_back((arrives, client.sequence(), client.digest()));
            }
            if is_broken || !understood {
                self.sockets.remove(&id);
                client.disconnected();
                self.totals.count("broken sockets");
                self.tell(Input::Close(id));
                continue;
            }
            self.hear(id);
        }
        for index in 0..self.clients.len() {
            if !self.clients[index].is_connected && (self.is_calm || self.random.one_in(3)) {
                self.connect(index);
            }
        }
    }

    /// Passes the acknowledgements that have arrived to the hub.
    fn hear(&mut self, id: SessionId) {
        while let Some(socket) = self.sockets.get_mut(&id)
            && socket.up.front().is_some_and(|&(at, ..)| at <= self.now)
        {
            let (_, sequence, digest) = socket.up.pop_front().expect("there is one");
            while socket.unacknowledged.front().is_some_and(|&(sent, _)| sent <= sequence) {
                socket.unacknowledged.pop_front();
            }
            let text = Some(format!("{{\"ack\":{sequence},\"digest\":{digest}}}"));
            self.tell(Input::Message { session: id, text });
        }
    }

    fn connect(&mut self, index: usize) {
        let id = self.next_session;
        self.next_session += 1;
        let client = &mut self.clients[index];
        client.is_connected = true;
        let (format, resume) = (client.format, client.place());
        if resume.is_some() {
            self.totals.count("resumes");
        }
        let socket = Socket {
            client: index,
            remembered: None,
            down: VecDeque::new(),
            up: VecDeque::new(),
            unacknowledged: VecDeque::new(),
            largest: 0,
            was_sent_log: false,
        };
        self.sockets.insert(id, socket);
        self.tell(Input::Open { session: id, format, caller: None, resume });
    }
}

fn size(message: &Message) -> usize {
    match message {
        Message::Binary(frame) => frame.len(),
        Message::Json(text) => text.len(),
    }
}
