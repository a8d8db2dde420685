//! The interval of pulls from a source that limits requests by daily credits.
//!
//! OpenSky grants credits by the day: 400 without an account, 4,000 with one, 8,000 to those who
//! feed it. The whole world costs 4 of them, a small box less. Each answer reports the number left
//! (`X-Rate-Limit-Remaining`), and a refusal reports the seconds until new ones
//! (`X-Rate-Limit-Retry-After-Seconds`; 60,394 has been seen). The start of the day is not
//! documented; we assume UTC. If that is wrong, every answer still reports the true number left.
//!
//! So every answer spreads the credits left evenly over the rest of the day. A source that does not
//! report credits is pulled at the configured interval.

/// The cost of the whole world, and the assumed cost until the source has shown it.
const PULL_CREDITS: i64 = 4;

const DAY_SECONDS: i64 = 86_400;

/// How long after midnight the new day's credits are expected, seconds: the source's clock may be
/// behind ours.
const RESET_SECONDS: i64 = 30;

/// The longest pause when no credits are left and the source has not reported until when, seconds.
/// The refusal that follows costs nothing and reports it.
const UNREPORTED_SECONDS_MAX: i64 = 3_600;

/// The known state of the credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many are left, and when that was reported, Unix seconds.
    left: Option<(i64, i64)>,
    /// The cost of one pull.
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

    /// What to store: the credits left and when that was reported, and the cost of a pull.
    pub(super) fn record(&self) -> (Option<(i64, i64)>, i64) {
        (self.left, self.cost)
    }

    /// The credits left today; `None` if the source has not reported them.
    pub fn credits(&self, now: i64) -> Option<i64> {
        let (credits, reported_at) = self.left?;
        (now < reset_after(reported_at)).then_some(credits)
    }

    /// Notes the credits that an answer reports as left.
    pub(super) fn report(&mut self, now: i64, credits: Option<i64>) {
        // Two reports show the cost, unless another client spent credits in between.
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
            Some(0) => rest.min(UNREPORTED_SECONDS_MAX),
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
