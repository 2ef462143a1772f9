//! One bot account: routes each input to its layer and collects one step.

use crate::config::{ConfigError, Settings};
use crate::step::{Input, Step};
use crate::time::Time;

/// A bot account as a state machine. It owns everything that decides; whoever holds it owns the IO.
#[derive(Debug)]
pub struct Account {
    settings: Settings,
}

impl Account {
    /// An account of `channel` (`mochat` or `dmwork`) with this configuration as JSON.
    ///
    /// # Errors
    /// The configuration can't work; the error names the key and the fix.
    pub fn open(channel: &str, account_id: &str, config: &str) -> Result<Self, ConfigError> {
        let _ = account_id;
        Ok(Self { settings: Settings::parse(channel, config)? })
    }

    /// Takes a fact and answers with orders. Total: a panic in here is a bug of ours, never bad input.
    pub fn handle(&mut self, now: Time, input: Input) -> Step {
        let _ = (now, input, &self.settings);
        Step::default()
    }
}
