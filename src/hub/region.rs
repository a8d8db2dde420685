//! One region, awake or dormant.
//!
//! In scope: when a region codes frames and when it only keeps the latest snapshot; what of that is
//! stored. Out of scope: frames and sessions; those are the hub's.
//!
//! A region without sockets for a log's length falls dormant: nobody can resume from its frames any
//! longer. It keeps each snapshot as bytes in storage and codes nothing. Its first client wakes it.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteBuf, Bytes};

use super::{
    Commit, Hub, Input, LOG_FRAMES_MAX, Output, Place, Refusal, Session, SessionId, Visitor,
};
use crate::wire::{Share, ShareHeader, WireError};

/// A region: its hub while anybody looks, and otherwise only where its history stands.
#[derive(Debug)]
pub struct Region(State);

#[derive(Debug)]
enum State {
    Dormant(Dormant),
    Awake { hub: Box<Hub>, idle: u32 },
}

/// What a dormant region remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dormant {
    /// The latest snapshot's header.
    latest: ShareHeader,
    /// The sequence of the last frame that was coded.
    sequence: u64,
}

/// What is stored beside the snapshot's bytes.
#[derive(Serialize)]
enum Row<'a> {
    Dormant(Dormant),
    /// For how many snapshots nobody has looked, and what clients hold.
    Awake(u32, &'a Bytes),
}

/// The same as it is read.
#[derive(Debug, Deserialize)]
pub enum Stored {
    /// The region was dormant.
    Dormant(Dormant),
    /// The region coded: for how many snapshots without a socket, and the bytes of `wire::Held`.
    Awake(u32, ByteBuf),
}

impl Stored {
    /// What is stored in these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        rmp_serde::from_slice(bytes).map_err(|error| WireError::NotAFrame(error.to_string()))
    }
}

impl Default for Region {
    /// A region that has not been delivered anything yet.
    fn default() -> Self {
        Self::dormant(Dormant::default())
    }
}

impl Region {
    /// A region that was stored dormant.
    pub fn dormant(dormant: Dormant) -> Self {
        Self(State::Dormant(dormant))
    }

    /// A region of which nothing is stored, with the clients that wait for its first snapshot.
    pub fn waiting(sessions: &[(SessionId, Session)]) -> Self {
        match sessions {
            [] => Self::default(),
            _ => Self::awake(Hub::default().with_sessions(sessions), 0),
        }
    }

    /// A region that was stored awake: for `idle` snapshots nobody had looked.
    pub fn awake(hub: Hub, idle: u32) -> Self {
        Self(State::Awake { hub: Box::new(hub), idle })
    }

    /// The hub; `None` while the region is dormant.
    pub fn hub(&self) -> Option<&Hub> {
        match &self.0 {
            State::Dormant(_) => None,
            State::Awake { hub, .. } => Some(hub),
        }
    }

    fn hub_mut(&mut self) -> Option<&mut Hub> {
        match &mut self.0 {
            State::Dormant(_) => None,
            State::Awake { hub, .. } => Some(hub),
        }
    }

    /// Where the region is in its history; sequence 0 before the first frame.
    pub fn place(&self) -> Place {
        match &self.0 {
            State::Dormant(Dormant { latest, sequence }) => {
                Place { epoch: latest.epoch, sequence: *sequence }
            }
            State::Awake { hub, .. } => hub.place(),
        }
    }

    /// The header of the latest snapshot; time 0 before the first.
    pub fn latest(&self) -> ShareHeader {
        match &self.0 {
            State::Dormant(dormant) => dormant.latest,
            State::Awake { hub, .. } => hub.latest(),
        }
    }

    /// Wakes a dormant region for its first client. `share` is the stored snapshot, `None` before
    /// the first. The keyframe that the client gets has the next sequence.
    pub fn wake(&mut self, share: Option<Share>) -> Vec<Output> {
        let State::Dormant(Dormant { sequence, .. }) = self.0 else { return Vec::new() };
        let (hub, commit) = match share {
            None => (Hub::default(), None),
            Some(share) => {
                let (hub, commit) = Hub::begin(share, sequence + 1);
                (hub, Some(Output::Commit(commit)))
            }
        };
        *self = Self::awake(hub, 0);
        self.wrap(commit.into_iter().collect())
    }

    /// Takes in the bytes of a snapshot. One that is not newer changes nothing.
    pub fn share(&mut self, now: i64, bytes: Vec<u8>) -> Result<Vec<Output>, WireError> {
        if let State::Awake { hub, idle } = &mut self.0 {
            *idle = if hub.has_sockets() { 0 } else { *idle + 1 };
            if *idle <= LOG_FRAMES_MAX as u32 {
                let outputs = hub.handle(now, Input::Share(Share::decode(bytes)?));
                return Ok(self.wrap(outputs));
            }
            self.0 =
                State::Dormant(Dormant { latest: hub.latest(), sequence: hub.place().sequence });
        }
        let State::Dormant(dormant) = &mut self.0 else { unreachable!("it fell dormant above") };
        let header = ShareHeader::decode(&bytes)?;
        if !header.follows(&dormant.latest) {
            return Ok(Vec::new());
        }
        dormant.latest = header;
        let commit = Commit {
            place: Place { epoch: header.epoch, sequence: dormant.sequence },
            share: bytes,
            held: encode(&Row::Dormant(*dormant)),
            frame: None,
            forget_through: dormant.sequence,
        };
        Ok(vec![Output::Commit(commit)])
    }

    /// Whether a visitor may open a socket now: then the socket's id. The region is woken before.
    pub fn admit(&mut self, now: i64, visitor: Visitor) -> Result<SessionId, Refusal> {
        self.hub_mut().expect("it was woken").admit(now, visitor)
    }

    /// Tells the hub what happened to a client. A dormant region has none.
    pub fn handle(&mut self, now: i64, input: Input) -> Vec<Output> {
        let outputs = self.hub_mut().map(|hub| hub.handle(now, input));
        self.wrap(outputs.unwrap_or_default())
    }

    /// What the hub stores, with what the region knows of itself.
    fn wrap(&self, mut outputs: Vec<Output>) -> Vec<Output> {
        if let State::Awake { idle, .. } = self.0 {
            for output in &mut outputs {
                if let Output::Commit(commit) = output {
                    commit.held = encode(&Row::Awake(idle, Bytes::new(&commit.held)));
                }
            }
        }
        outputs
    }
}

fn encode(row: &Row) -> Vec<u8> {
    rmp_serde::to_vec(row).expect("numbers and bytes always serialise")
}
