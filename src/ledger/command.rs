//! An admin's commands to the ledger.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{FeedState, Ledger};

/// A command to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Stop pulling until the next `Resume`. Pushes are still accepted.
    Pause,
    /// Pull again.
    Resume,
    /// Pull now.
    Pull,
}

impl Command {
    /// All commands.
    pub const ALL: [Self; 3] = [Self::Pause, Self::Resume, Self::Pull];

    /// The command's name in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Pull => "pull",
        }
    }
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// The feed with this name is never pulled.
    NotPulled(&'static str),
    /// The simulator is off, since real minutes are stored.
    SimulationOver,
    /// The feed is paused.
    Paused,
    /// The source asked us to wait, for this many more seconds.
    RateLimited(i64),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPulled(feed) => {
                write!(f, "the feed is {feed:?}, which is never pulled")
            }
            Self::SimulationOver => f.write_str("the simulator is off: real minutes are stored"),
            Self::Paused => f.write_str("the feed is paused; resume it first"),
            Self::RateLimited(seconds) => {
                write!(f, "the source asked us to wait, for another {seconds} s")
            }
        }
    }
}

impl Ledger {
    /// Executes a command. After `Pull` a pull is due or under way.
    pub(super) fn execute(&mut self, command: Command, now: i64) -> Result<(), CommandError> {
        if !self.feed.is_pulled() {
            return Err(CommandError::NotPulled(self.feed.name()));
        }
        match command {
            Command::Pause => self.health.paused = true,
            Command::Resume => self.health.paused = false,
            Command::Pull if self.simulation_is_over() => return Err(CommandError::SimulationOver),
            Command::Pull if self.health.paused => return Err(CommandError::Paused),
            // A pull is under way; the time of the next was stored with it.
            Command::Pull if self.is_pulling() => {}
            Command::Pull => {
                if let Some(until) = self.health.refused_until.filter(|until| *until > now) {
                    return Err(CommandError::RateLimited(until - now));
                }
                self.health.next_pull_at = self.health.next_pull_at.min(now);
            }
        }
        Ok(())
    }

    /// The state of the feed; a pause overrides the source's last answer.
    pub fn state(&self) -> FeedState {
        let paused = self.health.paused && self.feed.is_pulled();
        if paused { FeedState::Paused } else { self.health.state }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Feed, Health, PullError, Records};
    use super::*;

    fn ledger(feed: Feed) -> Ledger {
        Ledger::restore(feed, Records::default())
    }

    fn opensky() -> Ledger {
        ledger(Feed::OpenSky { interval_seconds: 60 })
    }

    #[test]
    fn a_paused_feed_is_not_pulled_until_it_is_resumed() {
        let mut ledger = opensky();
        assert!(ledger.pull_due(0));
        ledger.execute(Command::Pause, 0).expect("it can be paused");
        assert_eq!((ledger.pull_due(i64::MAX), ledger.next_wake(0)), (false, None));
        assert_eq!(ledger.state(), FeedState::Paused);
        assert_eq!(ledger.execute(Command::Pull, 0), Err(CommandError::Paused));
        ledger.execute(Command::Resume, 10).expect("it can be resumed");
        assert!(ledger.pull_due(10));
        assert_eq!(ledger.state(), FeedState::Waiting);
    }

    #[test]
    fn a_push_to_a_paused_feed_is_accepted_and_does_not_resume_it() {
        let mut ledger = opensky();
        ledger.execute(Command::Pause, 0).expect("it can be paused");
        ledger.pushed(5);
        assert_eq!((ledger.state(), ledger.health().last_success), (FeedState::Paused, Some(5)));
        assert!(!ledger.pull_due(i64::MAX));
    }

    #[test]
    fn a_pull_is_due_at_once_but_never_before_the_source_allows_it() {
        let mut ledger = opensky();
        ledger.answered(1_000, Ok(None));
        assert!(!ledger.pull_due(1_001));
        ledger.execute(Command::Pull, 1_001).expect("it can be pulled");
        assert!(ledger.pull_due(1_001));
        let answer = PullError::RateLimited { retry_after_seconds: Some(500) };
        ledger.answered(1_002, Err(answer));
        assert_eq!(ledger.execute(Command::Pull, 1_101), Err(CommandError::RateLimited(401)));
        assert!(!ledger.pull_due(1_501));
        ledger.pushed(1_102);
        assert_eq!(ledger.state(), FeedState::Ok);
        assert_eq!(ledger.execute(Command::Pull, 1_103), Err(CommandError::RateLimited(399)));
        assert_eq!(ledger.execute(Command::Pull, 1_502), Ok(()));
    }

    #[test]
    fn pause_and_refusal_outlast_a_restart() {
        let mut ledger = opensky();
        let answer = PullError::RateLimited { retry_after_seconds: Some(500) };
        ledger.answered(1_000, Err(answer));
        ledger.execute(Command::Pause, 1_001).expect("it can be paused");
        let restored = Health::from_note(&ledger.health().to_note()).expect("its own note");
        assert_eq!((restored.refused_until, restored.paused), (Some(1_500), true));
        assert_eq!(restored, *ledger.health());
    }

    #[test]
    fn a_feed_that_is_never_pulled_refuses_commands() {
        for command in Command::ALL {
            let refused = ledger(Feed::Push).execute(command, 0);
            assert_eq!(refused, Err(CommandError::NotPulled("push")), "{}", command.name());
        }
    }

    #[test]
    fn a_pause_of_another_feed_does_not_show_on_one_that_is_pushed() {
        let health = Health { paused: true, ..Health::default() };
        let pushed = Ledger::restore(Feed::Push, Records { health, ..Records::default() });
        assert_eq!(pushed.state(), FeedState::Waiting);
    }
}
