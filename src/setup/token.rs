//! Which token the account has, and where it came from.

use super::Problem;
use super::known::{Known, text};
use crate::secret::Secret;
use serde_json::Value;

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The operator gave it now.
    Given,
    /// The account's configuration.
    Config,
    /// The platform's variable, such as `MOCHAT_TOKEN`.
    Environment,
    /// A file with credentials.
    File,
    /// The server has just made it.
    Registered,
    /// The server's list of the owner's bots.
    Listed,
}

impl Source {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Given => "that you gave",
            Self::Config => "in the configuration",
            Self::Environment => "in the environment",
            Self::File => "in the credentials file",
            Self::Registered | Self::Listed => "that it has told itself",
        }
    }
}

/// The account's token.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) value: Secret<String>,
    pub(super) source: Source,
    /// What stands for it in the configuration, if it does not itself.
    pub(super) reference: Option<Value>,
}

impl Token {
    pub(super) fn new(value: &str, source: Source) -> Self {
        Self { value: Secret::new(value.to_owned()), source, reference: None }
    }

    pub(super) fn text(&self) -> &str {
        self.value.expose()
    }
}

/// A token as somebody put it there.
pub(super) fn read(known: &Known, found: &Value, source: Source) -> Result<Token, Problem> {
    let reference = found.get("reference").filter(|reference| reference.is_object()).cloned();
    let fault = match text(found, "token") {
        None => format!("can't be read: {}", text(found, "problem").unwrap_or("it is empty")),
        Some(token) => match known.taken_by(token) {
            None => return Ok(Token { reference, ..Token::new(token, source) }),
            Some(account) => format!("is that of account {account}. Give each account its own"),
        },
    };
    Err(Problem::new(format!("The token {} {fault}.", source.name()), &[]))
}
