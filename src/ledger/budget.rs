//! How often a source may be asked that counts what it answers.
//!
//! OpenSky gives a day's credits: 400 without an account, 4,000 with one, 8,000 to who feeds it; a
//! world costs 4 of them, a small box less. Each answer says how many are left
//! (`X-Rate-Limit-Remaining`), and a refusal in how many seconds there will be some again
//! (`X-Rate-Limit-Retry-After-Seconds`; 60,394 has been seen). When the day begins is said nowhere:
//! it is taken for UTC's. Should it be another, every answer still tells what is left of it.
//!
//! So what is left is spread evenly over what is left of the day, anew with every answer. A source
//! that says nothing of credits is asked at the configured interval.

/// What a world costs; what it is thought to cost until the source has shown it.
const PULL_CREDITS: i64 = 4;

const DAY_SECONDS: i64 = 86_400;

/// How long after midnight the new day's credits are expected, seconds: the source's clock may be
/// behind ours.
const RESET_SECONDS: i64 = 30;

/// How long to wait, at most, where no credits are left but the source has not yet said until
/// when, seconds. The refusal that then comes costs nothing, and says it.
const UNTOLD_SECONDS_MAX: i64 = 3_600;

/// What is known of the credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many are left, and when that was said, Unix seconds.
    left: Option<(i64, i64)>,
    /// What one pull costs.
    cost: i64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: None, cost: PULL_CREDITS }
    }
}

impl Budget {
    /// The budget as it was recorded.
    pub(super) fn restore(left: Option<(i64, i64)>, cost: Option<i64>) -> Self {
        let cost = cost.filter(|cost| (1..=PULL_CREDITS).contains(cost)).unwrap_or(PULL_CREDITS);
        Self { left, cost }
    }

    /// What is to be recorded: what is left, since when, and the cost of a pull.
    pub(super) fn record(&self) -> (Option<(i64, i64)>, i64) {
        (self.left, self.cost)
    }

    /// How many credits are left today; `None` where the source has not said.
    pub fn credits(&self, now: i64) -> Option<i64> {
        let (credits, said_at) = self.left?;
        (now < reset_after(said_at)).then_some(credits)
    }

    /// Takes note of what an answer says is left.
    pub(super) fn said(&mut self, now: i64, credits: Option<i64>) {
        // What an answer has cost shows in two of them, unless somebody else asked in between.
        let spent = self.credits(now).zip(credits).map(|(before, after)| before - after);
        if let Some(cost) = spent.filter(|spent| (1..=PULL_CREDITS).contains(spent)) {
            self.cost = cost;
        }
        self.left = credits.map(|credits| (credits.max(0), now));
    }

    /// Whether the credits are known not to suffice for another pull.
    pub(super) fn is_spent(&self, now: i64) -> bool {
        self.credits(now).is_some_and(|credits| credits < self.cost)
    }

    /// How long to wait between pulls for the credits to last the day, seconds.
    pub(super) fn spread(&self, now: i64) -> i64 {
        let rest = reset_after(now) - now;
        match self.credits(now).map(|credits| credits / self.cost) {
            None => 0,
            Some(0) => rest.min(UNTOLD_SECONDS_MAX),
            Some(pulls) => (rest + pulls - 1) / pulls,
        }
    }
}

/// When the first new credits after that time are expected, Unix seconds.
fn reset_after(time: i64) -> i64 {
    let since = time.saturating_sub(RESET_SECONDS);
    since - since.rem_euclid(DAY_SECONDS) + DAY_SECONDS + RESET_SECONDS
}

#[cfg(test)]
mod tests;
