//! Requests that wait for the outcome of a push or a pull.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures::channel::oneshot;

use crate::ask::Receipt;
use crate::ledger::{NotTaken, Taken, Ticket};

/// The outcome of a snapshot.
pub(super) type Settled = Result<Taken, NotTaken>;

/// The requests that wait, and the pull under way.
#[derive(Default)]
pub(super) struct Waiting {
    pushes: RefCell<BTreeMap<Ticket, oneshot::Sender<Settled>>>,
    next_ticket: Cell<Ticket>,
    pulls: RefCell<Vec<oneshot::Sender<()>>>,
    /// When the pull began, Unix milliseconds, and the receipt of its answer.
    asked: RefCell<(u64, Option<Receipt>)>,
}

impl Waiting {
    /// Returns a ticket for a push, and the receiver of its outcome.
    pub(super) fn push(&self) -> (Ticket, oneshot::Receiver<Settled>) {
        let (sender, receiver) = oneshot::channel();
        let ticket = self.next_ticket.get();
        self.next_ticket.set(ticket + 1);
        self.pushes.borrow_mut().insert(ticket, sender);
        (ticket, receiver)
    }

    /// Returns a receiver that is ready when the pull under way is settled.
    pub(super) fn pull(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.pulls.borrow_mut().push(sender);
        receiver
    }

    /// Reports the outcome of a push. A caller that hung up misses it.
    pub(super) fn settle_push(&self, ticket: Ticket, outcome: Settled) {
        if let Some(sender) = self.pushes.borrow_mut().remove(&ticket) {
            sender.send(outcome).unwrap_or_default();
        }
    }

    /// Reports that the pull is settled.
    pub(super) fn settle_pull(&self) {
        for sender in self.pulls.take() {
            sender.send(()).unwrap_or_default();
        }
    }

    /// Notes that a pull begins; `began` is in Unix milliseconds.
    pub(super) fn ask(&self, began: u64) {
        self.asked.replace((began, None));
    }

    /// Notes the receipt of the source's answer.
    pub(super) fn answer(&self, receipt: Receipt) {
        self.asked.borrow_mut().1 = Some(receipt);
    }

    /// Takes the time when the pull began, Unix milliseconds, and the receipt of its answer.
    pub(super) fn answered(&self) -> (u64, Option<Receipt>) {
        self.asked.take()
    }
}
