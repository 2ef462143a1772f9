//! `openclaw mochat setup` and `openclaw dmwork setup`: from whatever is there to an account that works.
//!
//! Machines like an account's: facts go in, and one order at a time comes out. Each does the first thing that is missing
//! until nothing is, so a second run changes nothing that is right, and one that failed goes on where it stopped.

mod dmwork;
mod known;
mod mochat;
mod order;
mod token;

#[cfg(test)]
pub use known::{CredentialsFile, Found, SetupFacts};
pub use order::{Fact, Order, Question, Report};

use crate::config::ConfigError;
use crate::time::Millis;
use known::Known;

/// Nobody waits longer for an answer at a prompt, and binding sends a message before it is answered.
const CALL_TIMEOUT: Millis = Millis::secs(20);

/// Why it can't go on, for the operator.
#[derive(Debug)]
struct Problem {
    sentence: String,
    /// What to give on the command line.
    flags: &'static [&'static str],
}

impl Problem {
    const fn new(sentence: String, flags: &'static [&'static str]) -> Self {
        Self { sentence, flags }
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self::new(error.to_string(), &[])
    }
}

/// The setup of one account.
#[derive(Debug)]
pub struct Setup(Machine);

#[derive(Debug)]
enum Machine {
    Mochat(Box<mochat::Mochat>),
    Dmwork(Box<dmwork::Dmwork>),
}

impl Setup {
    /// A setup that starts from these facts (`SetupFacts` in `protocol.ts`) as JSON.
    ///
    /// # Errors
    /// The text is no JSON.
    pub fn new(facts: &str) -> Result<Self, serde_json::Error> {
        let known = Known(crate::json::parse(facts.as_bytes())?);
        Ok(Self(match known.text("channel") {
            Some("dmwork") => Machine::Dmwork(Box::new(dmwork::Dmwork::new(known))),
            _ => Machine::Mochat(Box::new(mochat::Mochat::new(known))),
        }))
    }

    /// Takes a fact and says what is next.
    pub fn handle(&mut self, fact: Fact) -> Order {
        match &mut self.0 {
            Machine::Mochat(mochat) => mochat.handle(fact),
            Machine::Dmwork(dmwork) => dmwork.handle(fact),
        }
    }
}
