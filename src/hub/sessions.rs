//! The clients of a region, and whether there is room for another.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::callers::{Callers, SITE_FACTOR};
use super::{FrameFormat, Session, SessionId};
use crate::access::Caller;

/// The most sockets of a region; beyond 32,768 the runtime would panic.
pub const SESSIONS_MAX: usize = 32_000;

/// A region with this many sockets is crowded: the last quarter is reserved for new callers.
pub const CROWDED_SESSIONS: usize = SESSIONS_MAX / 4 * 3;

/// The most sockets of one caller in a crowded region. So the last quarter, 8,000 sockets, serves
/// at least 250 callers.
pub const CROWDED_CALLER_MAX: usize = 32;

/// How many ids each second of the clock has: 2²⁰. Ids stay below 2⁵³, the limit of JavaScript's
/// exact integers, until the year 2242.
const IDS_PER_SECOND: u64 = 1 << 20;

/// A client that wants to follow the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// Its subprotocol.
    pub format: FrameFormat,
    /// Its caller; `None`, and not counted, if the platform does not report one.
    pub caller: Option<Caller>,
    /// The most sockets of one caller in the region.
    pub caller_max: usize,
}

/// Why a client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The region has its maximum of sockets.
    Full,
    /// The caller, or its IPv6 site, has its maximum of sockets.
    Caller {
        /// The current maximum of one caller.
        most: usize,
    },
    /// The region has so many aircraft, or so much text under way, that another client of text
    /// could exhaust the memory.
    Text,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(f, "the region has {SESSIONS_MAX} sockets already"),
            Self::Caller { most } => write!(
                f,
                "sockets in the region are at most {most} from one address or IPv6 /64 network, \
                 and {} from one /48",
                most.saturating_mul(SITE_FACTOR)
            ),
            Self::Text => write!(
                f,
                "the region has too many aircraft for text, or too much of it is under way: use \
                 overflight.v3, or come back later"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// The sockets of a region.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    all: BTreeMap<SessionId, Session>,
    open: usize,
    callers: Callers,
    next: SessionId,
}

impl Sessions {
    /// Adds a client, or replaces its state.
    pub(super) fn insert(&mut self, id: SessionId, session: Session) {
        // Each acknowledgement changes a session, and none changes its caller.
        if let Some(known) = self.all.get_mut(&id).filter(|it| it.caller == session.caller) {
            self.open -= usize::from(!known.is_closed);
            self.open += usize::from(!session.is_closed);
            *known = session;
            return;
        }
        self.remove(id);
        self.callers.add(session.caller);
        self.open += usize::from(!session.is_closed);
        self.next = self.next.max(id.saturating_add(1));
        self.all.insert(id, session);
    }

    /// Forgets a client whose socket is gone.
    pub(super) fn remove(&mut self, id: SessionId) {
        if let Some(session) = self.all.remove(&id) {
            self.callers.remove(session.caller);
            self.open -= usize::from(!session.is_closed);
        }
    }

    /// The session with this id; `None` if it is closed or unknown.
    pub(super) fn get(&self, id: SessionId) -> Option<Session> {
        self.all.get(&id).copied().filter(|session| !session.is_closed)
    }

    /// The number of sessions that are not closed.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// All sessions, closed ones too.
    pub(super) fn iter(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.all.iter().map(|(&id, session)| (id, session))
    }

    /// Returns an id that no socket of this region ever had: it is above all known ids, and follows
    /// the clock because a hibernating object forgets those of closed sockets.
    pub(super) fn next_id(&mut self, now: i64) -> SessionId {
        let id = self.next.max(now.unsigned_abs().saturating_mul(IDS_PER_SECOND));
        self.next = id + 1;
        id
    }

    /// Whether there is room for a visitor, in the region and within its caller's limit.
    pub(super) fn have_room(&self, visitor: Visitor) -> Result<(), Refusal> {
        let most = match self.all.len() {
            SESSIONS_MAX.. => return Err(Refusal::Full),
            CROWDED_SESSIONS.. => visitor.caller_max.min(CROWDED_CALLER_MAX),
            _ => visitor.caller_max,
        };
        match self.callers.have_room(visitor.caller, most) {
            true => Ok(()),
            false => Err(Refusal::Caller { most }),
        }
    }
}
