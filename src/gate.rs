//! Floor 3: limits how many expensive answers are made at once.
//!
//! In scope: whether a maker of an answer may begin. Out of scope: the clock, and how others wait.

/// Admits makers up to a total weight at once, and one for each key.
#[derive(Debug)]
pub struct Gate {
    weight_max: usize,
    lasts_millis: u64,
    inside: Vec<Permit>,
    next: u64,
}

/// An answer that is being made.
#[derive(Debug)]
struct Permit {
    number: u64,
    key: String,
    weight: usize,
    since: u64,
}

/// The gate's answer to a maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may begin, and must leave with this number.
    Entered(u64),
    /// The same answer is being made already.
    UnderWay,
    /// The gate's capacity is taken.
    Full,
}

impl Gate {
    /// A gate for makers of this total weight. A maker that has not left after `lasts_millis`
    /// counts no longer: its request was cancelled.
    pub const fn new(weight_max: usize, lasts_millis: u64) -> Self {
        Self { weight_max, lasts_millis, inside: Vec::new(), next: 0 }
    }

    /// Admits the maker of this answer if it may begin now; `now` is in milliseconds. A maker of
    /// the gate's whole weight is admitted alone.
    pub fn enter(&mut self, key: &str, weight: usize, now: u64) -> Admission {
        let lasts = self.lasts_millis;
        self.inside.retain(|permit| now.saturating_sub(permit.since) < lasts);
        if self.is_under_way(key) {
            return Admission::UnderWay;
        }
        let inside: usize = self.inside.iter().map(|permit| permit.weight).sum();
        if inside + weight > self.weight_max {
            return Admission::Full;
        }
        self.next += 1;
        self.inside.push(Permit { number: self.next, key: key.to_owned(), weight, since: now });
        Admission::Entered(self.next)
    }

    /// Whether the answer with this key is being made.
    pub fn is_under_way(&self, key: &str) -> bool {
        self.inside.iter().any(|permit| permit.key == key)
    }

    /// Releases the place of the maker with this number.
    pub fn leave(&mut self, number: u64) {
        self.inside.retain(|permit| permit.number != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(gate: &mut Gate, key: &str, now: u64) -> u64 {
        match gate.enter(key, 1, now) {
            Admission::Entered(number) => number,
            refused => panic!("{key} at {now}: {refused:?}"),
        }
    }

    #[test]
    fn each_answer_is_made_once_and_a_bounded_number_at_once() {
        let mut gate = Gate::new(2, 1_000);
        let first = entered(&mut gate, "a", 0);
        assert_eq!(gate.enter("a", 1, 1), Admission::UnderWay);
        let second = entered(&mut gate, "b", 1);
        assert_eq!(gate.enter("c", 1, 2), Admission::Full);
        assert_eq!(gate.enter("b", 1, 2), Admission::UnderWay, "the same, though it is full");
        gate.leave(first);
        let third = entered(&mut gate, "c", 3);
        gate.leave(second);
        gate.leave(third);
        entered(&mut gate, "a", 4);
    }

    #[test]
    fn a_maker_that_never_leaves_loses_its_place() {
        let mut gate = Gate::new(1, 1_000);
        let lost = entered(&mut gate, "a", 0);
        assert_eq!(gate.enter("b", 1, 999), Admission::Full);
        let after = entered(&mut gate, "b", 1_000);
        // The lost maker leaves after all: its successor keeps its place.
        gate.leave(lost);
        assert_eq!(gate.enter("c", 1, 1_001), Admission::Full);
        gate.leave(after);
        entered(&mut gate, "c", 1_002);
    }

    #[test]
    fn a_heavy_maker_is_alone() {
        let mut gate = Gate::new(2, 1_000);
        let light = entered(&mut gate, "a", 0);
        assert_eq!(gate.enter("b", 2, 0), Admission::Full);
        gate.leave(light);
        let Admission::Entered(heavy) = gate.enter("b", 2, 1) else { panic!("the gate is empty") };
        assert_eq!(gate.enter("c", 1, 1), Admission::Full);
        gate.leave(heavy);
        entered(&mut gate, "c", 2);
    }
}
