//! A region's object for tests: its hub, its sockets' attachments, and its storage.

use std::collections::BTreeMap;

use overflight::access::Caller;
use overflight::airspace::{Resolution, Snapshot};
use overflight::hub::{
    CloseCode, FrameFormat, Hub, Input, Message, Output, Refusal, Session, SessionId, Visitor,
};
use overflight::wire::{self, RegionSnapshot};

pub const NOW: i64 = 1_767_225_600;

/// A region's object: its hub, its sockets' attachments, and its storage.
pub struct Region {
    pub now: i64,
    pub hub: Hub,
    pub sockets: BTreeMap<SessionId, Session>,
    pub stored: Option<(Vec<u8>, Vec<u8>)>,
    /// The digest of each sequence.
    pub digests: BTreeMap<u64, u32>,
    /// The bytes that each socket was sent.
    pub bytes: BTreeMap<SessionId, usize>,
    pub closed: BTreeMap<SessionId, CloseCode>,
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
    pub fn tell(&mut self, input: Input) -> Vec<Output> {
        let outputs = self.hub.handle(self.now, input);
        for output in &outputs {
            match output {
                Output::Commit(commit) => {
                    self.stored = Some((commit.region_snapshot.clone(), commit.held.clone()));
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

    pub fn deliver(&mut self, snapshot: &Snapshot) -> Vec<Output> {
        self.tell(Input::Snapshot(RegionSnapshot::new(1, Resolution::Display, snapshot.clone())))
    }

    pub fn admit(&mut self, visitor: Visitor) -> Result<SessionId, Refusal> {
        let session = self.hub.admit(self.now, visitor)?;
        let Visitor { format, caller, .. } = visitor;
        self.tell(Input::Open { session, format, caller, resume: None });
        Ok(session)
    }

    pub fn text(&mut self, session: SessionId, text: &str) -> Vec<Output> {
        self.tell(Input::Message { session, text: Some(text.to_owned()) })
    }

    pub fn ack(&mut self, session: SessionId, sequence: u64) -> Vec<Output> {
        let digest = self.digests[&sequence];
        self.text(session, &format!(r#"{{"ack":{sequence},"digest":{digest}}}"#))
    }

    /// Removes the socket.
    pub fn gone(&mut self, session: SessionId) {
        self.sockets.remove(&session);
        self.tell(Input::Close(session));
    }

    /// Hibernates: memory is lost and restored a second later.
    pub fn sleep(&mut self) {
        self.now += 1;
        let hub = self.stored.clone().map_or_else(Hub::default, |(region_snapshot, held)| {
            let region_snapshot =
                RegionSnapshot::decode(region_snapshot).expect("our own region snapshot");
            Hub::restore(region_snapshot, &held, []).expect("our own bytes")
        });
        self.hub = self.sockets.iter().fold(hub, |hub, socket| {
            // The platform keeps a session as the text that is attached to its socket.
            let attached = serde_json::to_string(&socket).expect("a session is JSON");
            let (id, session) = serde_json::from_str(&attached).expect("our own text");
            hub.with_session(id, session)
        });
    }
}

/// Returns a binary client.
pub fn visitor(caller: Option<Caller>) -> Visitor {
    Visitor { format: FrameFormat::Binary, caller, caller_max: 1_000 }
}

/// A JSON client.
pub const TEXT: Visitor = Visitor { format: FrameFormat::Json, caller: None, caller_max: 1_000 };
