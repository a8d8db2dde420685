//! Floor 3: one region's realtime engine, without input and output of its own.
//!
//! In scope: which sequence the region is at, what a new region snapshot changes, what a client
//! that connects or comes back must be sent, which clients are let in, are too slow or are wrong.
//! Out of scope: sockets, storage, clocks. `handle` is told what happened and answers with what to
//! do; the caller does it in the given order.

mod acknowledgement;
mod advance;
mod callers;
mod deadband;
mod fan_out;
mod history;
mod input;
mod log;
mod merge;
mod output;
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
use log::Log;
pub use merge::{Merged, merge};
pub use output::{CloseCode, Commit, Message, Output};
pub use region::{Dormant, Region, Stored};
pub use session::{Format, Session, SessionId, Slow};
use sessions::Sessions;
pub use sessions::{CROWDED_CALLER_MAX, CROWDED_SESSIONS, Refusal, SESSIONS_MAX, Visitor};
pub use text::{TEXT_BYTES_MAX, TEXT_LAGGING_MAX};

/// How many frames are kept for clients that come back, and how many bytes of them.
///
/// 30 updates are half an hour at one a minute. A whole-world frame of 11,500 aircraft is some
/// 30 kB: all of them are below 1 MiB, and 8 MiB is what a snapshot of 100,000 may need.
pub const LOG_FRAMES_MAX: usize = 30;
const LOG_BYTES_MAX: usize = 8 << 20;

/// How many frames a client may leave unacknowledged.
///
/// The runtime queues without bound what a socket does not take, and tells nobody. An
/// acknowledgement bears the frame's digest, so it comes from a client that has the frame.
pub const WINDOW_FRAMES: u64 = 8;

/// How many bytes of them, as bytes or as text. A frame is sent while at most one frame is under
/// way, or at most these bytes. So a client costs at most these or its largest frame, and a frame
/// beyond: for a world of 12,000 aircraft 1.2 MB as bytes (8 frames of 0.15 MB, the window's
/// count), and 8.8 MB as text (two frames of 4.4 MB).
pub const WINDOW_BYTES: usize = 4 << 20;

/// How long a client may leave its window full, seconds, before it is closed.
pub const SLOW_SECONDS_MAX: i64 = 120;

/// How many acknowledgements of nothing new may come in a row. Ours send none; another client may
/// acknowledge twice, or late. 20,000 of them cost 0.22 s of CPU time.
pub const STALE_MAX: u8 = 16;

/// One region's state.
#[derive(Debug)]
pub struct Hub {
    epoch: u64,
    sequence: u64,
    /// The header of what ingest delivered last.
    latest: SnapshotHeader,
    /// What ingest delivered, exact.
    snapshot: Snapshot,
    /// What clients hold, rounded and partly predicted.
    live: LiveState,
    /// The digest of `live`.
    digest: u32,
    /// The keyframe of `live`: made when it is first needed, and once for all.
    keyframe: OnceCell<Rc<Vec<u8>>>,
    /// The same for clients that read text, of `snapshot`.
    text: OnceCell<Rc<String>>,
    log: Log,
    history: History,
    sessions: Sessions,
}

impl Default for Hub {
    /// A region that has not been delivered anything yet.
    fn default() -> Self {
        let digest = wire::digest(&[]);
        Self {
            epoch: 0,
            sequence: 0,
            latest: SnapshotHeader::default(),
            snapshot: Snapshot::default(),
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

/// How finely a region's clients are told: `world` is looked at from afar.
pub fn resolution(region: &earth::Region) -> Resolution {
    if region.is_world() { Resolution::Display } else { Resolution::Fine }
}

impl Hub {
    /// The hub as it was: the region snapshot it held, what clients have of it, and the logged
    /// frames' sequences and sizes.
    ///
    /// Frames of another build's wire are not logged any longer: who comes back gets a keyframe.
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
            snapshot: region_snapshot.snapshot,
            history: History::new(sequence, frames, sent(digest, 0, 0)),
            live,
            digest,
            keyframe: OnceCell::new(),
            text: OnceCell::new(),
            log,
            sessions: Sessions::default(),
        })
    }

    /// A region that begins to code, under this sequence: clients shall hold what the region
    /// snapshot says.
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
            snapshot: region_snapshot.snapshot,
            live,
            digest,
            history,
            ..Self::default()
        };
        (hub, commit)
    }

    /// The same with a client whose socket the platform holds, as the socket remembers it.
    pub fn with_session(mut self, id: SessionId, session: Session) -> Self {
        self.sessions.insert(id, session);
        self
    }

    /// The same with all of these.
    pub fn with_sessions(self, sessions: &[(SessionId, Session)]) -> Self {
        sessions.iter().fold(self, |hub, &(id, session)| hub.with_session(id, session))
    }

    /// Whether the platform holds a socket of the region, closed ones included.
    pub fn has_sockets(&self) -> bool {
        self.sessions.iter().next().is_some()
    }

    /// The header of the latest region snapshot.
    pub fn latest(&self) -> SnapshotHeader {
        self.latest
    }

    /// Where the region is in its history; sequence 0 before the first region snapshot.
    pub fn place(&self) -> Place {
        Place { epoch: self.epoch, sequence: self.sequence }
    }

    /// What the region holds, exact.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What clients hold.
    pub fn live(&self) -> &LiveState {
        &self.live
    }

    /// How many clients are connected.
    pub fn subscribers(&self) -> usize {
        self.sessions.open()
    }

    /// Whether a visitor may open a socket now: then the socket's id. An id is never given twice,
    /// whether or not the object has slept in between.
    pub fn admit(&mut self, now: i64, visitor: Visitor) -> Result<SessionId, Refusal> {
        self.sessions.have_room(visitor)?;
        if visitor.format == Format::Json && !self.has_room_for_text() {
            return Err(Refusal::Text);
        }
        Ok(self.sessions.next_id(now))
    }

    /// Takes in what happened at a time, Unix seconds, and answers with what to do, in order.
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

    /// The frame that holds all that clients have: what a newcomer is sent.
    pub fn keyframe(&self) -> &Rc<Vec<u8>> {
        self.keyframe
            .get_or_init(|| wire::encode_keyframe(self.epoch, self.sequence, &self.live).into())
    }

    /// First load and resume: the frames that are missing, or a keyframe; never a part.
    fn open(&mut self, id: SessionId, new: Session, resume: Option<Place>) -> Vec<Output> {
        let resumed = resume.filter(|place| place.epoch == self.epoch).map(|place| place.sequence);
        let (session, output) = match resumed {
            Some(after) if after == self.sequence => (Session { acknowledged: after, ..new }, None),
            // The log's frames are bytes: who reads text starts afresh. So does who missed so much
            // that the keyframe is smaller.
            Some(after) if new.format == Format::Binary && self.is_cheaper_from(after) => {
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

    /// Sends a client, of whose frames none is under way, the keyframe: the client after that.
    fn start(&self, id: SessionId, session: Session) -> (Session, Output) {
        let (bytes, message) = match session.format {
            Format::Binary => (self.keyframe().len(), Message::Binary(Rc::clone(self.keyframe()))),
            Format::Json => (self.text().len(), Message::Json(Rc::clone(self.text()))),
        };
        let acknowledged = self.sequence.saturating_sub(1);
        let session = Session { acknowledged, bytes, slow: None, ..session };
        (session, Output::FanOut(vec![id], message))
    }

    /// An acknowledgement of a frame that was sent is all that a client has to say. A client that
    /// was too slow gets one keyframe instead of all that it missed, but only when it has
    /// acknowledged all that it was sent.
    fn message(&mut self, id: SessionId, text: Option<&str>) -> Vec<Output> {
        // What still comes from a socket that is closed changes nothing.
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
        // A frame that is forgotten cannot be checked: its acknowledgement is worth nothing.
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

    /// Closes a client that was sent the frames up to a sequence; its socket is counted until it is
    /// gone.
    fn close(&mut self, id: SessionId, code: CloseCode, last: u64) -> Vec<Output> {
        let Some(session) = self.sessions.get(id) else { return Vec::new() };
        let mut outputs = self.remember(id, session.closed(last, &self.history));
        outputs.push(Output::Close(id, code));
        outputs
    }
}

/// What is remembered of a frame that leads to a state with that digest.
fn sent(digest: u32, bytes: usize, text_bytes: usize) -> Sent {
    // No frame has 4 GiB: a snapshot is delivered in 16 MiB.
    let [bytes, text_bytes] = [bytes, text_bytes].map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    Sent { digest, bytes, text_bytes }
}
