//! Floor 3: one region's realtime engine, without input and output of its own.
//!
//! In scope: which sequence the region is at, what a new share changes, what a client that connects
//! or comes back must be sent, who is too slow, which of a client's messages are allowed.
//! Out of scope: sockets, storage, clocks. `handle` is told what happened and answers with what to
//! do; the caller does it in the given order.

mod deadband;
mod log;
mod output;
mod session;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::airspace::{LiveSky, Resolution, Snapshot};
use crate::earth::Region;
use crate::wire::{self, Held, Share, WireError};
pub use deadband::next_live;
use log::Log;
pub use output::{CloseCode, Commit, Message, Output};
pub use session::{Format, Session, SessionId, Slow};

/// How many frames are kept for clients that come back, and how many bytes of them.
///
/// 30 updates are half an hour at one a minute. A whole-world frame of 11,500 aircraft is some
/// 30 kB: all of them are below 1 MiB, and 8 MiB is what a sky of 100,000 may need.
pub const LOG_FRAMES_MAX: usize = 30;
const LOG_BYTES_MAX: usize = 8 << 20;

/// How many frames a client may leave unacknowledged, and how many bytes of them.
///
/// The runtime queues without bound what a socket does not take, and tells nobody. So a client
/// costs at most these bytes and two frames: the keyframe that it began with, and the frame that
/// went beyond. Text is not counted by its bytes: who reads it costs at most 8 messages.
pub const WINDOW_FRAMES: u64 = 8;
/// See `WINDOW_FRAMES`.
pub const WINDOW_BYTES: usize = 4 << 20;

/// How long a client may leave its window full, seconds, before it is closed.
pub const SLOW_SECONDS_MAX: i64 = 120;

/// A keyframe takes some 12 bytes an aircraft. A delta of fewer than this is taken for the smaller
/// one unseen.
const SMALL_BYTES: usize = 4;

/// How many sockets a region takes; beyond 32,768 the runtime would panic.
pub const SESSIONS_MAX: usize = 32_000;

/// A place in a region's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which history.
    pub epoch: u64,
    /// The sequence of the last frame that was understood.
    pub sequence: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// Ingest delivered the region's share of a sky.
    Share(Share),
    /// A client connected.
    Open {
        /// Its socket.
        session: SessionId,
        /// The subprotocol that it speaks.
        format: Format,
        /// Where it says it was before.
        resume: Option<Place>,
    },
    /// A client sent a message.
    Message {
        /// Its socket.
        session: SessionId,
        /// The text, or `None` where the message was binary.
        text: Option<String>,
    },
    /// A client's socket is closed.
    Close(SessionId),
}

/// One region's state.
#[derive(Debug)]
pub struct Hub {
    epoch: u64,
    sequence: u64,
    /// What ingest delivered, exact.
    snapshot: Snapshot,
    /// What clients hold, rounded and partly foreseen.
    live: LiveSky,
    /// The keyframe of `live`: made when it is first needed, and once for all.
    keyframe: OnceCell<Vec<u8>>,
    log: Log,
    sessions: BTreeMap<SessionId, Session>,
}

impl Default for Hub {
    /// A region that has not been delivered anything yet.
    fn default() -> Self {
        Self {
            epoch: 0,
            sequence: 0,
            snapshot: Snapshot::default(),
            keyframe: OnceCell::new(),
            live: LiveSky::default(),
            log: Log::default(),
            sessions: BTreeMap::new(),
        }
    }
}

/// How finely a region's clients are told: `world` is looked at from afar.
pub fn resolution(region: &Region) -> Resolution {
    if region.is_world() { Resolution::Display } else { Resolution::Fine }
}

impl Hub {
    /// The hub as it was: the share it held, what clients have of it, and the logged frames'
    /// sequences and sizes.
    ///
    /// Frames of another build's wire are not logged any longer: who comes back gets a keyframe.
    pub fn restore(
        share: Share,
        held: &[u8],
        log: impl IntoIterator<Item = (u64, usize)>,
    ) -> Result<Self, WireError> {
        let rounded = LiveSky::of(&share.snapshot, share.resolution);
        let Held { sequence, frames_are_current, live } = Held::decode(held, rounded)?;
        let log = if frames_are_current { log.into_iter().collect() } else { Log::default() };
        Ok(Self {
            epoch: share.epoch,
            sequence,
            snapshot: share.snapshot,
            live,
            keyframe: OnceCell::new(),
            log,
            sessions: BTreeMap::new(),
        })
    }

    /// The same with a client that stayed connected, as its socket remembers it.
    pub fn with_session(mut self, id: SessionId, session: Session) -> Self {
        self.sessions.insert(id, session);
        self
    }

    /// Where the region is in its history; sequence 0 before the first share.
    pub fn place(&self) -> Place {
        Place { epoch: self.epoch, sequence: self.sequence }
    }

    /// What the region holds, exact.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What clients hold.
    pub fn live(&self) -> &LiveSky {
        &self.live
    }

    /// How many clients are connected.
    pub fn subscribers(&self) -> usize {
        self.sessions.len()
    }

    /// Takes in what happened at a time, Unix seconds, and answers with what to do, in order.
    pub fn handle(&mut self, now: i64, input: Input) -> Vec<Output> {
        match input {
            Input::Share(share) => self.share(now, share),
            Input::Open { session, format, resume } => self.open(session, format, resume),
            Input::Message { session, text } => self.message(session, text.as_deref()),
            Input::Close(session) => {
                self.sessions.remove(&session);
                Vec::new()
            }
        }
    }

    /// A share of the same history that is not newer changes nothing, so that deliveries may be
    /// repeated, and one of an earlier history neither, however late it comes. A share of a later
    /// history starts afresh, with a keyframe for everyone.
    fn share(&mut self, now: i64, share: Share) -> Vec<Output> {
        let Share { epoch, resolution, snapshot: next, bytes } = share;
        let restart = epoch != self.epoch || resolution != self.live.resolution;
        if epoch < self.epoch || (!restart && next.time <= self.snapshot.time) {
            return Vec::new();
        }
        let sequence = self.sequence + 1;
        let before = (!restart).then_some((self.sequence, &self.snapshot));
        // Text is made only where someone reads it.
        let has_readers = self.sessions.values().any(|session| session.format == Format::Json);
        let json = has_readers.then(|| wire::encode_json(epoch, before, sequence, &next));
        let rounded = LiveSky::of(&next, resolution);
        let (delta, live, held) = if restart {
            self.log = Log::default();
            let held = Held::encode(sequence, &rounded, &rounded);
            (None, rounded, held)
        } else {
            let live = next_live(&self.live, &self.snapshot, &next, rounded.clone());
            let delta = wire::encode_delta(epoch, (self.sequence, &self.live), sequence, &live);
            let held = Held::encode(sequence, &rounded, &live);
            (Some(delta), live, held)
        };
        (self.epoch, self.sequence, self.snapshot, self.live) = (epoch, sequence, next, live);
        self.keyframe = OnceCell::new();
        let frame = self.smaller(delta);
        if !restart {
            self.log.push(sequence, frame.len(), LOG_FRAMES_MAX, LOG_BYTES_MAX);
        }
        let commit = Commit {
            place: self.place(),
            share: bytes,
            held,
            frame: self.log.holds(sequence).then(|| frame.clone()),
            forget_through: self.log.start().map_or(sequence, |start| start - 1),
        };
        let mut outputs = vec![Output::Commit(commit)];
        outputs.extend(self.fan_out(now, frame, json));
        outputs
    }

    /// The delta, or the keyframe where there is none or it is smaller: where nearly all is new, a
    /// delta may be the larger one, by what it says of the old rows.
    fn smaller(&self, delta: Option<Vec<u8>>) -> Vec<u8> {
        let rows = self.live.aircraft.len();
        match delta {
            // Far below any keyframe of so many: to make one would take longer than all the rest.
            Some(delta) if delta.len() <= rows * SMALL_BYTES => delta,
            Some(delta) if delta.len() < self.keyframe().len() => delta,
            _ => self.keyframe().to_vec(),
        }
    }

    /// The frame that holds all that clients have: what a newcomer is sent.
    pub fn keyframe(&self) -> &[u8] {
        self.keyframe.get_or_init(|| wire::encode_keyframe(self.epoch, self.sequence, &self.live))
    }

    /// The frame for those who keep up; nothing for the others, until they are too slow.
    fn fan_out(&mut self, now: i64, binary: Vec<u8>, json: Option<String>) -> Vec<Output> {
        let (mut outputs, mut binaries, mut readers) = (Vec::new(), Vec::new(), Vec::new());
        let sequence = self.sequence;
        for (&id, session) in &mut self.sessions {
            match session.slow {
                Some(Slow { since, .. }) if now - since > SLOW_SECONDS_MAX => {
                    outputs.push(Output::Close(id, CloseCode::Slow));
                }
                Some(_) => {}
                None if session.is_full(sequence, &self.log) => {
                    session.slow = Some(Slow { since: now, sent: sequence - 1 });
                    outputs.push(Output::Remember(id, *session));
                }
                None if session.format == Format::Binary => binaries.push(id),
                None => readers.push(id),
            }
        }
        for output in &outputs {
            if let Output::Close(id, _) = output {
                self.sessions.remove(id);
            }
        }
        if !binaries.is_empty() {
            outputs.push(Output::FanOut(binaries, Message::Binary(binary)));
        }
        if let Some(text) = json.filter(|_| !readers.is_empty()) {
            outputs.push(Output::FanOut(readers, Message::Json(text)));
        }
        outputs
    }

    /// First load and resume: the frames that are missing, or a keyframe; never a part.
    fn open(&mut self, id: SessionId, format: Format, resume: Option<Place>) -> Vec<Output> {
        if self.sessions.len() >= SESSIONS_MAX {
            return vec![Output::Close(id, CloseCode::TooMany)];
        }
        let resumed = resume.filter(|place| place.epoch == self.epoch).map(|place| place.sequence);
        let (acknowledged, output) = match resumed {
            Some(after) if after == self.sequence => (after, None),
            // The log's frames are bytes: who reads text starts afresh. So does who missed so much
            // that the keyframe is smaller.
            Some(after) if format == Format::Binary && self.is_cheaper_from(after) => {
                (after, Some(Output::SendLog { session: id, after }))
            }
            _ => (self.sequence.saturating_sub(1), Some(self.whole(id, format))),
        };
        let session = Session { format, acknowledged, slow: None };
        self.sessions.insert(id, session);
        [Some(Output::Remember(id, session)), output].into_iter().flatten().collect()
    }

    fn is_cheaper_from(&self, sequence: u64) -> bool {
        let is_logged = sequence.checked_add(1).is_some_and(|next| self.log.holds(next));
        is_logged && self.log.bytes_after(sequence) <= self.keyframe().len()
    }

    /// The keyframe for one client.
    fn whole(&self, id: SessionId, format: Format) -> Output {
        let message = match format {
            Format::Binary => Message::Binary(self.keyframe().to_vec()),
            Format::Json => {
                Message::Json(wire::encode_json(self.epoch, None, self.sequence, &self.snapshot))
            }
        };
        Output::FanOut(vec![id], message)
    }

    /// `{"ack":n}` is all that a client has to say. Who was too slow gets one keyframe instead of
    /// all that it missed, but only when it has acknowledged all that it was sent.
    fn message(&mut self, id: SessionId, text: Option<&str>) -> Vec<Output> {
        let acknowledged =
            text.and_then(acknowledged).filter(|&sequence| sequence <= self.sequence);
        let Some(acknowledged) = acknowledged else {
            self.sessions.remove(&id);
            return vec![Output::Close(id, CloseCode::Protocol)];
        };
        let sequence = self.sequence;
        let Some(session) = self.sessions.get_mut(&id) else { return Vec::new() };
        if acknowledged <= session.acknowledged {
            return Vec::new();
        }
        session.acknowledged = acknowledged;
        let caught_up = session.slow.take_if(|slow| slow.sent <= acknowledged).is_some();
        if caught_up {
            session.acknowledged = sequence.saturating_sub(1);
        }
        let session = *session;
        let mut outputs = vec![Output::Remember(id, session)];
        outputs.extend(caught_up.then(|| self.whole(id, session.format)));
        outputs
    }
}

fn acknowledged(text: &str) -> Option<u64> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) if map.len() == 1 => map.get("ack")?.as_u64(),
        _ => None,
    }
}
