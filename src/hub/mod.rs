//! Floor 3: one region's realtime engine, without input and output of its own.
//!
//! In scope: which sequence the region is at, what a new region snapshot changes, what a client
//! that connects or resumes must be sent, which clients are admitted, are too slow or violate the
//! protocol. Out of scope: sockets, storage, clocks. `handle` takes an event and returns effects;
//! the caller performs them in the given order.

mod acknowledgement;
mod advance;
mod callers;
mod deadband;
mod fan_out;
mod history;
mod input;
mod latest;
mod log;
mod merge;
mod output;
mod playback;
mod region;
mod session;
mod sessions;
mod text;

use std::cell::OnceCell;
use std::rc::Rc;

use crate::airspace::{LiveState, Resolution, Snapshot};
use crate::earth;
use crate::wire::{self, RegionSnapshot, Sent, SnapshotHeader, StoredLiveState, WireError};
use acknowledgement::Acknowledgement;
pub use acknowledgement::MESSAGE_LENGTH_MAX;
use history::History;
pub use input::{Input, Place};
use latest::Latest;
pub use latest::Report;
use log::Log;
pub use merge::{Merged, merge};
pub use output::{CloseCode, Commit, Message, Output};
pub use playback::Playback;
pub use region::{Dormant, RegionEngine, Stored};
pub use session::{FrameFormat, Session, SessionId, Slow};
use sessions::Sessions;
pub use sessions::{CROWDED_CALLER_MAX, CROWDED_SESSIONS, Refusal, SESSIONS_MAX, Visitor};
use text::TEXT_ROWS_MAX;
pub use text::{TEXT_BYTES_MAX, TEXT_LAGGING_MAX};

/// How many frames, and how many bytes of them, are kept for clients that resume.
///
/// 30 frames are half an hour at one a minute. A frame of the whole world with 11,500 aircraft has
/// some 30 kB, so 30 of them are below 1 MiB; those of 100,000 aircraft may need 8 MiB.
pub const LOG_FRAMES_MAX: usize = 30;
const LOG_BYTES_MAX: usize = 8 << 20;

/// How many frames a client may leave unacknowledged.
///
/// The runtime queues without bound what a socket does not take, and does not report it. An
/// acknowledgement carries the frame's digest, so it comes from a client that has the frame.
pub const WINDOW_FRAMES: u64 = 8;

/// How many bytes of frames a client may leave unacknowledged, binary or text.
///
/// A frame is sent while at most one frame, or at most this many bytes, are under way. So a client
/// costs at most this or its largest frame, and one more frame: for a world of 12,000 aircraft
/// 1.2 MB in binary (8 frames of 0.15 MB) and 8.8 MB in text (two frames of 4.4 MB).
pub const WINDOW_BYTES: usize = 4 << 20;

/// How long a client may leave its window full, seconds, before it is closed.
pub const SLOW_SECONDS_MAX: i64 = 120;

/// How many repeated acknowledgements may come in a row. Our client sends none; another one may
/// acknowledge twice, or late. 20,000 of them cost 0.22 s of CPU time.
pub const STALE_MAX: u8 = 16;

/// One region's state.
#[derive(Debug)]
pub struct Hub {
    epoch: u64,
    sequence: u64,
    /// The header of the latest region snapshot.
    latest: SnapshotHeader,
    /// The latest snapshot, exact as far as it is in memory.
    snapshot: Latest,
    /// What clients hold, rounded and partly predicted.
    live: LiveState,
    /// The digest of `live`.
    digest: u32,
    /// The keyframe of `live`, made once, when it is first needed.
    keyframe: OnceCell<Rc<Vec<u8>>>,
    /// The keyframe of `snapshot` as text, made likewise if it is whole.
    text: OnceCell<Rc<String>>,
    log: Log,
    history: History,
    sessions: Sessions,
}

impl Default for Hub {
    /// A region before its first snapshot.
    fn default() -> Self {
        let digest = wire::digest(&[]);
        Self {
            epoch: 0,
            sequence: 0,
            latest: SnapshotHeader::default(),
            snapshot: Latest::default(),
            keyframe: OnceCell::new(),
            text: OnceCell::new(),
            live: LiveState::default(),
            digest,
            log: Log::default(),
            history: History::new(0, Vec::new(), sent(digest, 0, 0)),
            sessions: Sessions::default(),
        }
    }
}

/// The resolution of a region's frames: coarse for `world`, which is seen from afar.
pub fn resolution(region: &earth::Region) -> Resolution {
    if region.is_world() { Resolution::Display } else { Resolution::Fine }
}

impl Hub {
    /// Restores the hub from its region snapshot, its stored live state, and the sequences and
    /// sizes of the logged frames.
    ///
    /// Frames of another build's wire leave the log: a client that resumes gets a keyframe.
    pub fn restore(
        region_snapshot: RegionSnapshot,
        held: &[u8],
        log: impl IntoIterator<Item = (u64, usize)>,
    ) -> Result<Self, WireError> {
        let rounded = LiveState::of(&region_snapshot.snapshot, region_snapshot.resolution);
        let StoredLiveState { sequence, sent: frames, frames_are_current, live } =
            StoredLiveState::decode(held, rounded)?;
        let (log, frames) = match frames_are_current {
            true => (log.into_iter().collect(), frames),
            false => (Log::default(), Vec::new()),
        };
        let digest = wire::digest(&live.aircraft);
        Ok(Self {
            epoch: region_snapshot.epoch,
            sequence,
            latest: region_snapshot.header(),
            snapshot: Latest::new(region_snapshot.snapshot, TEXT_ROWS_MAX),
            history: History::new(sequence, frames, sent(digest, 0, 0)),
            live,
            digest,
            keyframe: OnceCell::new(),
            text: OnceCell::new(),
            log,
            sessions: Sessions::default(),
        })
    }

    /// A hub that starts at this sequence with a region snapshot, and what to store of it.
    pub fn begin(region_snapshot: RegionSnapshot, sequence: u64) -> (Self, Commit) {
        let latest = region_snapshot.header();
        let live = LiveState::of(&region_snapshot.snapshot, region_snapshot.resolution);
        let digest = wire::digest(&live.aircraft);
        let history = History::new(sequence, Vec::new(), sent(digest, 0, 0));
        let commit = Commit {
            place: Place { epoch: region_snapshot.epoch, sequence },
            held: StoredLiveState::encode(sequence, history.frames(), &[], &live),
            region_snapshot: region_snapshot.bytes,
            frame: None,
            forget_through: sequence,
        };
        let hub = Self {
            epoch: region_snapshot.epoch,
            sequence,
            latest,
            snapshot: Latest::new(region_snapshot.snapshot, TEXT_ROWS_MAX),
            live,
            digest,
            history,
            ..Self::default()
        };
        (hub, commit)
    }

    /// Adds a client whose socket the platform holds, with the state attached to the socket.
    pub fn with_session(mut self, id: SessionId, session: Session) -> Self {
        self.sessions.insert(id, session);
        self
    }

    /// Adds all of these clients.
    pub fn with_sessions(self, sessions: &[(SessionId, Session)]) -> Self {
        sessions.iter().fold(self, |hub, &(id, session)| hub.with_session(id, session))
    }

    /// Whether the region has any socket, closed ones included.
    pub fn has_sockets(&self) -> bool {
        self.sessions.iter().next().is_some()
    }

    /// The header of the latest region snapshot.
    pub fn latest(&self) -> SnapshotHeader {
        self.latest
    }

    /// The region's place in its history; sequence 0 before the first region snapshot.
    pub fn place(&self) -> Place {
        Place { epoch: self.epoch, sequence: self.sequence }
    }

    /// The latest snapshot, exact; `None` if it has too many rows to keep them in memory.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.whole()
    }

    /// The live state.
    pub fn live(&self) -> &LiveState {
        &self.live
    }

    /// How many clients are connected.
    pub fn subscribers(&self) -> usize {
        self.sessions.open()
    }

    /// Admits a visitor and returns its socket's id. Ids are never reused, even across hibernation.
    pub fn admit(&mut self, now: i64, visitor: Visitor) -> Result<SessionId, Refusal> {
        self.sessions.have_room(visitor)?;
        if visitor.format == FrameFormat::Json && !self.has_room_for_text() {
            return Err(Refusal::Text);
        }
        Ok(self.sessions.next_id(now))
    }

    /// Handles an event at `now`, Unix seconds, and returns the effects in order.
    pub fn handle(&mut self, now: i64, input: Input) -> Vec<Output> {
        match input {
            Input::Snapshot(region_snapshot) => self.advance(now, region_snapshot),
            Input::Open { session, format, caller, resume } => {
                self.open(session, Session::new(format, caller, 0), resume)
            }
            Input::Message { session, text } => self.message(session, text.as_deref()),
            Input::Close(session) => {
                self.sessions.remove(session);
                Vec::new()
            }
        }
    }

    /// The frame with the whole live state, for newcomers.
    pub fn keyframe(&self) -> &Rc<Vec<u8>> {
        self.keyframe
            .get_or_init(|| wire::encode_keyframe(self.epoch, self.sequence, &self.live).into())
    }

    /// First load and resume: sends all missing frames, or a keyframe.
    fn open(&mut self, id: SessionId, new: Session, resume: Option<Place>) -> Vec<Output> {
        let resumed = resume.filter(|place| place.epoch == self.epoch).map(|place| place.sequence);
        let (session, output) = match resumed {
            Some(after) if after == self.sequence => (Session { acknowledged: after, ..new }, None),
            // The log has binary frames only, so clients of text start afresh. So does a client
            // that missed so much that the keyframe is smaller.
            Some(after) if new.format == FrameFormat::Binary && self.is_cheaper_from(after) => {
                let output = Output::SendLog { session: id, after };
                (Session { acknowledged: after, ..new }, Some(output))
            }
            _ => {
                let (session, output) = self.start(id, new);
                (session, Some(output))
            }
        };
        self.sessions.insert(id, session);
        [Some(Output::Remember(id, session)), output].into_iter().flatten().collect()
    }

    fn is_cheaper_from(&self, sequence: u64) -> bool {
        let is_logged = sequence.checked_add(1).is_some_and(|next| self.log.holds(next));
        is_logged && self.log.bytes_after(sequence) <= self.keyframe().len()
    }

    /// Sends the keyframe to a client that has no frames under way; returns its state after that.
    fn start(&self, id: SessionId, session: Session) -> (Session, Output) {
        let (bytes, message) = match session.format {
            FrameFormat::Binary => {
                (self.keyframe().len(), Message::Binary(Rc::clone(self.keyframe())))
            }
            FrameFormat::Json => (self.text().len(), Message::Json(Rc::clone(self.text()))),
        };
        let acknowledged = self.sequence.saturating_sub(1);
        let session = Session { acknowledged, bytes, slow: None, ..session };
        (session, Output::FanOut(vec![id], message))
    }

    /// Handles a client's message, which must acknowledge a frame that it was sent. A client that
    /// was too slow gets one keyframe instead of the frames that it missed, once it has
    /// acknowledged all that it was sent.
    fn message(&mut self, id: SessionId, text: Option<&str>) -> Vec<Output> {
        // Messages from a closed socket change nothing.
        let Some(session) = self.sessions.get(id) else { return Vec::new() };
        let last = session.slow.map_or(self.sequence, |slow| slow.sent);
        let acknowledgement = text.and_then(Acknowledgement::parse);
        let Some(Acknowledgement { sequence, digest }) =
            acknowledgement.filter(|acknowledgement| acknowledgement.sequence <= last)
        else {
            return self.close(id, CloseCode::Protocol, self.sequence);
        };
        let sent = self.history.get(sequence);
        if sent.is_some_and(|sent| sent.digest != digest) {
            return self.close(id, CloseCode::Protocol, self.sequence);
        }
        // The digest of a forgotten frame cannot be checked, so its acknowledgement does not count.
        if sent.is_none() || sequence <= session.acknowledged {
            let stale = session.stale + 1;
            if stale > STALE_MAX {
                return self.close(id, CloseCode::Protocol, self.sequence);
            }
            return self.remember(id, Session { stale, ..session });
        }
        let caught_up = session.slow.is_some_and(|slow| slow.sent <= sequence);
        let session = Session { acknowledged: sequence, bytes: 0, stale: 0, ..session };
        if !caught_up {
            return self.remember(id, session);
        }
        let (session, keyframe) = self.start(id, session);
        let mut outputs = self.remember(id, session);
        outputs.push(keyframe);
        outputs
    }

    fn remember(&mut self, id: SessionId, session: Session) -> Vec<Output> {
        self.sessions.insert(id, session);
        vec![Output::Remember(id, session)]
    }

    /// Closes a client that was sent the frames up to `last`; its socket counts until it is gone.
    fn close(&mut self, id: SessionId, code: CloseCode, last: u64) -> Vec<Output> {
        let Some(session) = self.sessions.get(id) else { return Vec::new() };
        let mut outputs = self.remember(id, session.closed(last, &self.history));
        outputs.push(Output::Close(id, code));
        outputs
    }
}

/// The record of a frame that leads to a state with this digest.
fn sent(digest: u32, bytes: usize, text_bytes: usize) -> Sent {
    // No frame has 4 GiB: a snapshot is delivered in 16 MiB.
    let [bytes, text_bytes] = [bytes, text_bytes].map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    Sent { digest, bytes, text_bytes }
}
