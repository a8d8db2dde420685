//! One region, awake or dormant.
//!
//! In scope: when a region encodes frames and when it only keeps the latest snapshot; how either is
//! stored. Out of scope: frames and sessions, which belong to the hub.
//!
//! A region without sockets for a log's length becomes dormant: nobody can resume from its frames
//! any longer. It stores each snapshot's bytes and encodes nothing. Its first client wakes it.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteBuf, Bytes};

use super::{
    Commit, Hub, Input, LOG_FRAMES_MAX, Output, Place, Refusal, Session, SessionId, Visitor,
};
use crate::wire::{RegionSnapshot, SnapshotHeader, WireError};

/// A region: its hub while it has clients, otherwise only its place in its history.
#[derive(Debug)]
pub struct RegionEngine(State);

#[derive(Debug)]
enum State {
    Dormant(Dormant),
    Awake { hub: Box<Hub>, idle: u32 },
}

/// The state of a dormant region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dormant {
    /// The latest snapshot's header.
    latest: SnapshotHeader,
    /// The sequence of the last frame.
    sequence: u64,
}

/// The state stored beside the snapshot's bytes.
#[derive(Serialize)]
enum Row<'a> {
    Dormant(Dormant),
    /// The number of snapshots since there was a socket, and the live state.
    Awake(u32, &'a Bytes),
}

/// The same state as read.
#[derive(Debug, Deserialize)]
pub enum Stored {
    /// The region was dormant.
    Dormant(Dormant),
    /// The region was awake: the number of snapshots without a socket, and
    /// `wire::StoredLiveState`'s bytes.
    Awake(u32, ByteBuf),
}

impl Stored {
    /// Decodes the stored state.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        rmp_serde::from_slice(bytes).map_err(|error| WireError::NotAFrame(error.to_string()))
    }
}

impl Default for RegionEngine {
    /// A region before its first snapshot.
    fn default() -> Self {
        Self::dormant(Dormant::default())
    }
}

impl RegionEngine {
    /// A region that was stored dormant.
    pub fn dormant(dormant: Dormant) -> Self {
        Self(State::Dormant(dormant))
    }

    /// A region with no stored state, and the clients that wait for its first snapshot.
    pub fn waiting(sessions: &[(SessionId, Session)]) -> Self {
        match sessions {
            [] => Self::default(),
            _ => Self::awake(Hub::default().with_sessions(sessions), 0),
        }
    }

    /// A region that was stored awake, after `idle` snapshots without a socket.
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

    /// The region's place in its history; sequence 0 before the first frame.
    pub fn place(&self) -> Place {
        match &self.0 {
            State::Dormant(Dormant { latest, sequence }) => {
                Place { epoch: latest.epoch, sequence: *sequence }
            }
            State::Awake { hub, .. } => hub.place(),
        }
    }

    /// The header of the latest snapshot; time 0 before the first.
    pub fn latest(&self) -> SnapshotHeader {
        match &self.0 {
            State::Dormant(dormant) => dormant.latest,
            State::Awake { hub, .. } => hub.latest(),
        }
    }

    /// Wakes a dormant region for its first client. `region_snapshot` is the stored one; `None`
    /// before the first. The client's keyframe has the next sequence.
    pub fn wake(&mut self, region_snapshot: Option<RegionSnapshot>) -> Vec<Output> {
        let State::Dormant(Dormant { sequence, .. }) = self.0 else { return Vec::new() };
        let (hub, commit) = match region_snapshot {
            None => (Hub::default(), None),
            Some(region_snapshot) => {
                let (hub, commit) = Hub::begin(region_snapshot, sequence + 1);
                (hub, Some(Output::Commit(commit)))
            }
        };
        *self = Self::awake(hub, 0);
        self.wrap(commit.into_iter().collect())
    }

    /// Takes in a snapshot's bytes. One that is not newer changes nothing.
    pub fn deliver(&mut self, now: i64, bytes: Vec<u8>) -> Result<Vec<Output>, WireError> {
        if let State::Awake { hub, idle } = &mut self.0 {
            *idle = if hub.has_sockets() { 0 } else { *idle + 1 };
            if *idle <= LOG_FRAMES_MAX as u32 {
                let outputs = hub.handle(now, Input::Snapshot(RegionSnapshot::decode(bytes)?));
                return Ok(self.wrap(outputs));
            }
            self.0 =
                State::Dormant(Dormant { latest: hub.latest(), sequence: hub.place().sequence });
        }
        let State::Dormant(dormant) = &mut self.0 else { unreachable!("it fell dormant above") };
        let (header, _rows) = SnapshotHeader::decode(&bytes)?;
        if !header.follows(&dormant.latest) {
            return Ok(Vec::new());
        }
        dormant.latest = header;
        let commit = Commit {
            place: Place { epoch: header.epoch, sequence: dormant.sequence },
            region_snapshot: bytes,
            held: encode(&Row::Dormant(*dormant)),
            frame: None,
            forget_through: dormant.sequence,
        };
        Ok(vec![Output::Commit(commit)])
    }

    /// Admits a visitor and returns its socket's id. The region must be awake.
    pub fn admit(&mut self, now: i64, visitor: Visitor) -> Result<SessionId, Refusal> {
        self.hub_mut().expect("it was woken").admit(now, visitor)
    }

    /// Passes a client's event to the hub. A dormant region has no clients.
    pub fn handle(&mut self, now: i64, input: Input) -> Vec<Output> {
        let outputs = self.hub_mut().map(|hub| hub.handle(now, input));
        self.wrap(outputs.unwrap_or_default())
    }

    /// Adds the region's own state to the hub's commits.
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
