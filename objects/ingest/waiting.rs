//! Requests that wait for what becomes of a push or a pull.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures::channel::oneshot;

use crate::ask::Receipt;
use crate::ledger::{NotTaken, Taken, Ticket};

/// What became of a snapshot.
pub(super) type Settled = Result<Taken, NotTaken>;

/// The requests that wait, and the pull that is under way.
#[derive(Default)]
pub(super) struct Waiting {
    pushes: RefCell<BTreeMap<Ticket, oneshot::Sender<Settled>>>,
    next_ticket: Cell<Ticket>,
    pulls: RefCell<Vec<oneshot::Sender<()>>>,
    /// When the source was asked, milliseconds, and what it answered.
    asked: RefCell<(u64, Option<Receipt>)>,
}

impl Waiting {
    /// A ticket for a push, and what will be said of it.
    pub(super) fn push(&self) -> (Ticket, oneshot::Receiver<Settled>) {
        let (sender, receiver) = oneshot::channel();
        let ticket = self.next_ticket.get();
        self.next_ticket.set(ticket + 1);
        self.pushes.borrow_mut().insert(ticket, sender);
        (ticket, receiver)
    }

    /// Ready when the pull that is under way is settled.
    pub(super) fn pull(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.pulls.borrow_mut().push(sender);
        receiver
    }

    /// Says what became of a push. A caller that hung up is no longer there to read it.
    pub(super) fn settle_push(&self, ticket: Ticket, outcome: Settled) {
        if let Some(sender) = self.pushes.borrow_mut().remove(&ticket) {
            sender.send(outcome).unwrap_or_default();
        }
    }

    /// Says that the pull is settled.
    pub(super) fn settle_pull(&self) {
        for sender in self.pulls.take() {
            sender.send(()).unwrap_or_default();
        }
    }

    /// Takes note that the source is asked; `began` is in milliseconds.
    pub(super) fn ask(&self, began: u64) {
        self.asked.replace((began, None));
    }

    /// Takes note of what the source answered.
    pub(super) fn answer(&self, receipt: Receipt) {
        self.asked.borrow_mut().1 = Some(receipt);
    }

    /// When the source was asked, milliseconds, and what it answered; forgets both.
    pub(super) fn answered(&self) -> (u64, Option<Receipt>) {
        self.asked.take()
    }
}
