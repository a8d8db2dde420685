//! The ingest object's state: its ledger, its alarm, and what it has in memory.

use std::cell::{Cell, RefCell, RefMut};

use futures::lock::Mutex;
use worker::{Env, Result, State, console_error};

use super::jobs::{self, Jobs};
use super::newest::Newest;
use super::store;
use super::waiting::Waiting;
use crate::feed::opensky::token::Login;
use crate::ledger::Ledger;
use crate::platform::Config;
use crate::platform::clock::now;

/// The object's state, shared with the tasks that outlive a request.
pub(super) struct Ingest {
    pub(super) state: State,
    pub(super) env: Env,
    ledger: RefCell<Option<Ledger>>,
    /// The token for OpenSky; only in memory.
    pub(super) login: RefCell<Login>,
    /// Admits one push at a time: a pushed snapshot is large, and memory is short.
    pub(super) gate: Mutex<()>,
    /// The requests that wait for the outcome of a snapshot.
    pub(super) waiting: Waiting,
    /// The minute that was last archived or read back, until all regions have it.
    pub(super) newest: Mutex<Option<Newest>>,
    /// When the alarm that is set will fire, Unix seconds; `None` if that is unknown.
    pub(super) alarm_at: Cell<Option<i64>>,
}

impl Ingest {
    /// The state of an object that wakes: nothing is read yet.
    pub(super) fn new(state: State, env: Env) -> Self {
        Self {
            state,
            env,
            ledger: RefCell::new(None),
            login: RefCell::default(),
            gate: Mutex::new(()),
            waiting: Waiting::default(),
            newest: Mutex::new(None),
            alarm_at: Cell::new(None),
        }
    }

    /// The ledger, read from storage on first use after a wake.
    pub(super) fn ledger(&self) -> Result<RefMut<'_, Ledger>> {
        let mut ledger = self.ledger.borrow_mut();
        if ledger.is_none() {
            let feed = Config::read(&self.env)?.feed;
            *ledger = Some(store::load(&self.state.storage().sql(), feed)?);
        }
        Ok(RefMut::map(ledger, |ledger| ledger.as_mut().expect("it was just put there")))
    }

    /// The outbox.
    pub(super) fn jobs(&self) -> Jobs<'_> {
        Jobs { state: &self.state, env: &self.env }
    }

    /// Sets the alarm to the next time at which the ledger or the outbox has work.
    pub(super) fn arm_alarm(&self) -> Result<()> {
        let send = jobs::next_send(&self.state.storage().sql())?;
        let next = [self.ledger()?.next_wake(now()), send].into_iter().flatten().min();
        // Setting an alarm is a write to storage, and most requests do not change it.
        let Some(at) = next.filter(|_| next != self.alarm_at.get()) else { return Ok(()) };
        self.alarm_at.set(next);
        let storage = self.state.storage();
        // The alarm's time is an offset from now, in milliseconds.
        let offset = (at - now()).max(0) * 1_000;
        self.state.wait_until(async move {
            if let Err(error) = storage.set_alarm(offset).await {
                console_error!("the alarm is not set: {error}");
            }
        });
        Ok(())
    }
}
