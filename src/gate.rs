//! How many expensive answers are made at once, and which.
//!
//! In scope: who may begin to make an answer. Out of scope: the clock, and how others wait.

/// What lets so many makers in at once, and one for each key.
#[derive(Debug)]
pub struct Gate {
    at_once: usize,
    lasts_millis: u64,
    inside: Vec<Permit>,
    next: u64,
}

/// That an answer is being made.
#[derive(Debug)]
struct Permit {
    number: u64,
    key: String,
    since: u64,
}

/// What the gate says to a maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It may begin, and leaves with this number.
    Entered(u64),
    /// The very same answer is being made.
    UnderWay,
    /// Enough others are being made.
    Full,
}

impl Gate {
    /// A gate for so many at once. One that has not left after `lasts_millis` counts no longer: its
    /// request was cancelled.
    pub const fn new(at_once: usize, lasts_millis: u64) -> Self {
        Self { at_once, lasts_millis, inside: Vec::new(), next: 0 }
    }

    /// Lets the maker of this answer in, if it may begin now, in milliseconds.
    pub fn enter(&mut self, key: &str, now: u64) -> Entry {
        let lasts = self.lasts_millis;
        self.inside.retain(|permit| now.saturating_sub(permit.since) < lasts);
        if self.is_under_way(key) {
            return Entry::UnderWay;
        }
        if self.inside.len() >= self.at_once {
            return Entry::Full;
        }
        self.next += 1;
        self.inside.push(Permit { number: self.next, key: key.to_owned(), since: now });
        Entry::Entered(self.next)
    }

    /// Whether that answer is being made.
    pub fn is_under_way(&self, key: &str) -> bool {
        self.inside.iter().any(|permit| permit.key == key)
    }

    /// Ends the making that was let in under this number.
    pub fn leave(&mut self, number: u64) {
        self.inside.retain(|permit| permit.number != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(gate: &mut Gate, key: &str, now: u64) -> u64 {
        match gate.enter(key, now) {
            Entry::Entered(number) => number,
            refused => panic!("{key} at {now}: {refused:?}"),
        }
    }

    #[test]
    fn one_answer_is_made_once_and_so_many_at_once() {
        let mut gate = Gate::new(2, 1_000);
        let first = entered(&mut gate, "a", 0);
        assert_eq!(gate.enter("a", 1), Entry::UnderWay);
        let second = entered(&mut gate, "b", 1);
        assert_eq!(gate.enter("c", 2), Entry::Full);
        assert_eq!(gate.enter("b", 2), Entry::UnderWay, "the same, though it is full");
        gate.leave(first);
        let third = entered(&mut gate, "c", 3);
        gate.leave(second);
        gate.leave(third);
        entered(&mut gate, "a", 4);
    }

    #[test]
    fn a_maker_that_never_leaves_is_in_the_way_for_a_while_only() {
        let mut gate = Gate::new(1, 1_000);
        let lost = entered(&mut gate, "a", 0);
        assert_eq!(gate.enter("b", 999), Entry::Full);
        let after = entered(&mut gate, "b", 1_000);
        // The lost one ends after all: it does not end its successor.
        gate.leave(lost);
        assert_eq!(gate.enter("c", 1_001), Entry::Full);
        gate.leave(after);
        entered(&mut gate, "c", 1_002);
    }
}
