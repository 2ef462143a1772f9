//! What the setup starts from: what was asked for, and what is there already.

use serde_json::{Map, Value};

/// A token that somebody put somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", optional_fields, rename_all = "camelCase"))]
pub struct Found {
    /// The token itself, if it could be read.
    pub token: Option<String>,
    /// The SecretRef by which the gateway finds it, if it is not to be written down.
    #[cfg_attr(test, ts(type = "unknown", optional))]
    pub reference: Option<Value>,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// A file with credentials, or the place for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", optional_fields, rename_all = "camelCase"))]
pub struct CredentialsFile {
    /// Where.
    pub path: String,
    /// What it says, if it is there.
    pub text: Option<String>,
    /// Others on this machine can read it.
    pub loose: bool,
}

/// An account that is configured beside this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
pub struct OtherAccount {
    /// Its id.
    pub account: String,
    /// Its token, as far as it can be read.
    pub token: String,
}

/// What is known before anything is asked or done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", optional_fields, rename_all = "camelCase"))]
pub struct SetupFacts {
    /// The account to set up.
    pub account: String,
    /// Somebody can be asked.
    pub interactive: bool,
    /// The present, as ISO 8601.
    pub now: String,
    /// `--name`: what a new agent is called.
    pub name: Option<String>,
    /// `--email`: the owner's address.
    pub email: Option<String>,
    /// `--greeting`: the agent's first words to its owner.
    pub greeting: Option<String>,
    /// `--base-url`: the server.
    pub base_url: Option<String>,
    /// `--agent-id`: the agent's own user id.
    pub agent_id: Option<String>,
    /// `--invite`: make an invite although the owner is bound.
    pub invite: bool,
    /// `--no-owner`: do not bind the agent to anybody.
    pub no_owner: bool,
    /// `--token-file` or `--token-ref`.
    pub given: Option<Found>,
    /// `MOCHAT_TOKEN`.
    pub environment: Option<Found>,
    /// `clawToken` of the account.
    pub configured: Option<Found>,
    /// The account's own file, then the one that all share.
    pub files: Vec<CredentialsFile>,
    /// The other accounts.
    pub others: Vec<OtherAccount>,
    /// The account's configuration, root keys merged under it.
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub config: Value,
}

impl SetupFacts {
    /// Reads them as JSON. By hand: what derives this would weigh more than the rest of the setup.
    pub(super) fn read(value: &Value) -> Self {
        let texts = |key: &str| list(value, key).iter();
        Self {
            account: text(value, "account").unwrap_or_default(),
            interactive: flag(value, "interactive"),
            now: text(value, "now").unwrap_or_default(),
            name: text(value, "name"),
            email: text(value, "email"),
            greeting: text(value, "greeting"),
            base_url: text(value, "baseUrl"),
            agent_id: text(value, "agentId"),
            invite: flag(value, "invite"),
            no_owner: flag(value, "noOwner"),
            given: found(value, "given"),
            environment: found(value, "environment"),
            configured: found(value, "configured"),
            files: texts("files").map(file).collect(),
            others: texts("others").filter_map(other).collect(),
            config: value.get("config").cloned().unwrap_or_default(),
        }
    }

    /// A text of the account's configuration that is not blank.
    pub(super) fn config_text(&self, key: &str) -> Option<String> {
        text(&self.config, key)
    }

    /// The other account that uses this token.
    pub(super) fn taken_by(&self, token: &str) -> Option<&str> {
        self.others.iter().find(|other| other.token == token).map(|other| other.account.as_str())
    }
}

impl CredentialsFile {
    /// What it says, if it is a JSON object.
    pub(super) fn keys(&self) -> Option<Map<String, Value>> {
        match crate::json::parse(self.text.as_ref()?.as_bytes()) {
            Ok(Value::Object(keys)) => Some(keys),
            Ok(_) | Err(_) => None,
        }
    }
}

/// A text that is not blank, without the white space around it.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn found(value: &Value, key: &str) -> Option<Found> {
    let found = value.get(key).filter(|found| found.is_object())?;
    let reference = found.get("reference").filter(|reference| reference.is_object()).cloned();
    Some(Found { token: text(found, "token"), reference, problem: text(found, "problem") })
}

fn file(value: &Value) -> CredentialsFile {
    CredentialsFile {
        path: text(value, "path").unwrap_or_default(),
        text: text(value, "text"),
        loose: flag(value, "loose"),
    }
}

fn other(value: &Value) -> Option<OtherAccount> {
    Some(OtherAccount { account: text(value, "account")?, token: text(value, "token")? })
}
