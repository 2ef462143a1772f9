//! Which token the account has, and where it came from.

use super::Problem;
use super::known::{Found, SetupFacts, text};
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) value: Secret<String>,
    pub(super) source: Source,
    /// What stands for it in the configuration.
    pub(super) reference: Option<Value>,
}

impl Token {
    pub(super) fn new(value: &str, source: Source) -> Self {
        Self { value: Secret::new(value.to_owned()), source, reference: None }
    }
}

/// The token that is there. One belongs to a server, and is shown to no other unless the operator gives it for that.
pub(super) fn find(known: &SetupFacts, server: &BaseUrl, of_config: &BaseUrl) -> Result<Option<Token>, Problem> {
    if let Some(given) = &known.given {
        return read(known, given, Source::Given).map(Some);
    }
    // What another account has as well is the one beside `accounts`, taken over.
    let is_own = |found: &&Found| found.token.as_deref().and_then(|token| known.taken_by(token)).is_none();
    if let Some(configured) = known.configured.as_ref().filter(|_| server == of_config).filter(is_own) {
        return read(known, configured, Source::Config).map(Some);
    }
    if let Some(environment) = &known.environment
        && let Ok(token) = read(known, environment, Source::Environment)
    {
        return Ok(Some(token));
    }
    let mut files = known.files.iter().filter_map(|file| {
        let keys = Value::Object(file.keys()?);
        let token = text(&keys, "token")?;
        let home = super::server(text(&keys, "baseUrl").as_deref()).ok()?;
        (home == *server && known.taken_by(&token).is_none()).then(|| Token::new(&token, Source::File))
    });
    Ok(files.next())
}

fn read(known: &SetupFacts, found: &Found, source: Source) -> Result<Token, Problem> {
    let Some(value) = &found.token else {
        let why = found.problem.as_deref().unwrap_or("it is empty");
        return Err(Problem::new(format!("The token {} can't be read: {why}.", source.name()), &[]));
    };
    if let Some(account) = known.taken_by(value) {
        let sentence = format!("The token {} is that of account {account}. Give each account its own.", source.name());
        return Err(Problem::new(sentence, &[]));
    }
    if value.contains(|c: char| c.is_whitespace() || !c.is_ascii_graphic()) {
        return Err(Problem::new(format!("The token {} is none: it has white space in it.", source.name()), &[]));
    }
    Ok(Token { value: Secret::new(value.clone()), source, reference: found.reference.clone() })
}
