//! Which token the account has, and where it came from.

use super::Problem;
use super::known::{Known, text};
use crate::config::BaseUrl;
use crate::secret::Secret;
use serde_json::Value;

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The operator gave it now.
    Given,
    /// The account's configuration.
    Config,
    /// `MOCHAT_TOKEN`.
    Environment,
    /// A file with credentials.
    File,
    /// The server has just made it.
    Registered,
}

impl Source {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Given => "that you gave",
            Self::Config => "in clawToken",
            Self::Environment => "in MOCHAT_TOKEN",
            Self::File => "in the credentials file",
            Self::Registered => "that it has just made",
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

/// The token that is there. One belongs to a server, and is shown to no other unless the operator gives it for that.
pub(super) fn find(known: &Known, server: &BaseUrl, of_config: &BaseUrl) -> Result<Option<Token>, Problem> {
    if let Some(given) = known.0.get("given") {
        return read(known, given, Source::Given).map(Some);
    }
    if let Some(configured) = known.0.get("configured").filter(|_| server == of_config)
        // What another account has as well is the one beside `accounts`, taken over.
        && text(configured, "token").and_then(|token| known.taken_by(token)).is_none()
    {
        return read(known, configured, Source::Config).map(Some);
    }
    if let Some(environment) = known.0.get("environment")
        && let Ok(token) = read(known, environment, Source::Environment)
    {
        return Ok(Some(token));
    }
    let mut files = known.files().iter().filter_map(|file| {
        let keys = file.get("keys")?;
        let token = text(keys, "token")?;
        let home = super::server(text(keys, "baseUrl")).ok()?;
        let is_free = known.taken_by(token).is_none() && known.text("refused") != Some(token);
        (home == *server && is_free).then(|| Token::new(token, Source::File))
    });
    Ok(files.next())
}

fn read(known: &Known, found: &Value, source: Source) -> Result<Token, Problem> {
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
