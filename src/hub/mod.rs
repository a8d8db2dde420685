//! Floor 3: one region's realtime engine, without input and output of its own.
//!
//! In scope: which sequence the region is at, what a new share changes, what a client that connects
//! or comes back must be sent, which of a client's messages are allowed.
//! Out of scope: sockets, storage, clocks. `handle` is told what happened and answers with what to
//! do; the caller does it in the given order.

mod log;

use serde_json::Value;

use crate::airspace::Snapshot;
use crate::wire::{self, Share};
use log::Log;

/// How many frames are kept for clients that come back, and how many bytes of them.
///
/// 30 updates are half an hour at one a minute. 8 MiB are about seven whole-world frames of
/// 11,500 aircraft at 100 bytes; a region's object must not fill the 128 MB that it shares with
/// others of its class.
const LOG_FRAMES_MAX: usize = 30;
const LOG_BYTES_MAX: usize = 8 << 20;

/// In which language a client is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `overflight.v1`: frames as bytes.
    Binary,
    /// `overflight.json`: frames as text.
    Json,
}

/// A place in a region's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which history.
    pub epoch: u64,
    /// The sequence of the last frame that was understood.
    pub sequence: u64,
}

/// What happened. `S` names a client's socket.
#[derive(Debug)]
pub enum Input<S> {
    /// Ingest delivered the region's share of a sky.
    Share {
        /// The share itself.
        share: Share,
        /// Whether anyone reads JSON; its frame is made only then.
        json_readers: bool,
    },
    /// A client connected.
    Open {
        /// Its socket.
        session: S,
        /// The subprotocol that it speaks.
        format: Format,
        /// Where it says it was before.
        resume: Option<Place>,
    },
    /// A client sent a message.
    Message {
        /// Its socket.
        session: S,
        /// The text, or `None` where the message was binary.
        text: Option<String>,
    },
}

/// What to do about it.
#[derive(Debug, PartialEq)]
pub enum Output<S> {
    /// Store all of this in one transaction, before anything is sent.
    Commit(Commit),
    /// Send a frame to everyone: the bytes, and the same as text to those who read JSON.
    FanOut {
        /// The frame of `overflight.v1`.
        binary: Vec<u8>,
        /// The frame of `overflight.json`, where someone reads it.
        json: Option<String>,
    },
    /// Send one client the bytes.
    SendBinary(S, Vec<u8>),
    /// Send one client the text.
    SendJson(S, String),
    /// Send one client the logged frames after a sequence, in their order.
    SendLog {
        /// The client's socket.
        session: S,
        /// The subprotocol that it speaks.
        format: Format,
        /// The sequence that it has.
        after: u64,
    },
    /// Close one client's socket.
    Close(S, CloseCode),
}

/// The stored state after a share.
#[derive(Debug, PartialEq)]
pub struct Commit {
    /// Where the region is now.
    pub place: Place,
    /// The share that it holds now.
    pub share: Vec<u8>,
    /// The frame that led here, for the log; `None` where it is not kept.
    pub frame: Option<Vec<u8>>,
    /// The log holds no sequence up to this one any longer.
    pub forget_through: u64,
}

/// Why a socket is closed, as its close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The client sent what the protocol does not know.
    Protocol = 4002,
}

/// One region's state.
#[derive(Debug, Default)]
pub struct Hub {
    epoch: u64,
    sequence: u64,
    snapshot: Snapshot,
    log: Log,
}

impl Hub {
    /// The hub as it was: its place, the share it held, and the logged frames' sequences and sizes.
    pub fn restore(
        sequence: u64,
        share: Share,
        log: impl IntoIterator<Item = (u64, usize)>,
    ) -> Self {
        let Share { epoch, snapshot } = share;
        Self { epoch, sequence, snapshot, log: log.into_iter().collect() }
    }

    /// Where the region is in its history; sequence 0 before the first share.
    pub fn place(&self) -> Place {
        Place { epoch: self.epoch, sequence: self.sequence }
    }

    /// What the region holds.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Takes in what happened and answers with what to do, in order.
    pub fn handle<S: Copy>(&mut self, input: Input<S>) -> Vec<Output<S>> {
        match input {
            Input::Share { share, json_readers } => self.share(share, json_readers),
            Input::Open { session, format, resume } => vec![self.open(session, format, resume)],
            Input::Message { session, text } => message(session, text).into_iter().collect(),
        }
    }

    /// A share of the same history that is not newer changes nothing, so that deliveries may be
    /// repeated. A share of another history starts afresh, with a keyframe for everyone.
    fn share<S>(&mut self, share: Share, json_readers: bool) -> Vec<Output<S>> {
        let restart = share.epoch != self.epoch;
        if !restart && share.snapshot.time <= self.snapshot.time {
            return Vec::new();
        }
        let next = share.snapshot;
        let sequence = self.sequence + 1;
        let base = (!restart).then_some((self.sequence, &self.snapshot));
        let binary = wire::encode(share.epoch, base, sequence, &next);
        let json = json_readers.then(|| wire::encode_json(share.epoch, base, sequence, &next));
        if restart {
            self.log = Log::default();
        } else {
            self.log.push(sequence, binary.len(), LOG_FRAMES_MAX, LOG_BYTES_MAX);
        }
        let commit = Commit {
            place: Place { epoch: share.epoch, sequence },
            share: Share::encode(share.epoch, &next),
            frame: self.log.holds(sequence).then(|| binary.clone()),
            forget_through: self.log.start().map_or(sequence, |start| start - 1),
        };
        (self.epoch, self.sequence, self.snapshot) = (share.epoch, sequence, next);
        vec![Output::Commit(commit), Output::FanOut { binary, json }]
    }

    /// First load and resume: the frames that are missing, or a keyframe; never a part.
    fn open<S>(&self, session: S, format: Format, resume: Option<Place>) -> Output<S> {
        if let Some(Place { epoch, sequence: after }) = resume
            && epoch == self.epoch
            && (after == self.sequence || self.log.holds(after + 1))
        {
            return Output::SendLog { session, format, after };
        }
        match format {
            Format::Binary => {
                let frame = wire::encode(self.epoch, None, self.sequence, &self.snapshot);
                Output::SendBinary(session, frame)
            }
            Format::Json => {
                let frame = wire::encode_json(self.epoch, None, self.sequence, &self.snapshot);
                Output::SendJson(session, frame)
            }
        }
    }
}

/// `{"ack":n}` is all that a client has to say. Acknowledgements are read and not yet acted upon.
fn message<S>(session: S, text: Option<String>) -> Option<Output<S>> {
    let parsed = text.as_deref().map(serde_json::from_str);
    let understood = match parsed {
        Some(Ok(Value::Object(map))) => map.len() == 1 && map.get("ack").is_some_and(Value::is_u64),
        _ => false,
    };
    (!understood).then_some(Output::Close(session, CloseCode::Protocol))
}
