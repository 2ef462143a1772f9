//! What the setup starts from: what was asked for, and what is there already.
//!
//! The facts stay JSON and are looked up by key: structs that are read from them would weigh as much as all steps.

use serde_json::Value;

/// A token that somebody put somewhere.
#[cfg(test)]
#[derive(ts_rs::TS)]
#[ts(export_to = "protocol.ts", optional_fields)]
pub struct Found {
    /// The token itself, if it could be read.
    pub token: Option<String>,
    /// The SecretRef by which the gateway finds it, if it is not to be written down.
    #[ts(type = "unknown", optional)]
    pub reference: Option<Value>,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// A file with credentials, or the place for one.
#[cfg(test)]
#[derive(ts_rs::TS)]
#[ts(export_to = "protocol.ts")]
pub struct CredentialsFile {
    /// Where.
    pub path: String,
    /// What it says; `null` if there is no file, and empty if it is no JSON object.
    #[ts(type = "Record<string, unknown> | null")]
    pub keys: Value,
    /// Others on this machine can read it.
    pub loose: bool,
}

/// What is known before anything is asked or done.
#[cfg(test)]
#[derive(ts_rs::TS)]
#[ts(export_to = "protocol.ts", optional_fields, rename_all = "camelCase")]
pub struct SetupFacts {
    /// `mochat` or `dmwork`.
    pub channel: String,
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
    /// DMWork, `--api-url`: the server.
    pub api_url: Option<String>,
    /// DMWork, `--bot`: a bot of the owner's, by id or name.
    pub bot: Option<String>,
    /// DMWork, `--username`: what the id of a new bot begins with.
    pub username: Option<String>,
    /// DMWork, `--space`: the Space that a new bot belongs to.
    pub space: Option<String>,
    /// DMWork, `--dms`: `owner`, `friends` or `open`.
    pub dms: Option<String>,
    /// DMWork, `--agent`: the agent that gets the account.
    pub agent: Option<String>,
    /// DMWork: the agent that has the account now, by a binding.
    pub bound_to: Option<String>,
    /// DMWork, `--no-greeting`: the owner is not written to.
    pub no_greeting: Option<bool>,
    /// DMWork: `session.dmScope`.
    pub dm_scope: Option<String>,
    /// DMWork: `userApiKey` of the account.
    pub user_key: Option<Found>,
    /// `MOCHAT_TOKEN` or `DMWORK_BOT_TOKEN`.
    pub environment: Option<Found>,
    /// `clawToken` or `botToken` of the account.
    pub configured: Option<Found>,
    /// The account's own file, then the one that all share.
    pub files: Vec<CredentialsFile>,
    /// The tokens of the other accounts with their ids.
    #[ts(type = "Record<string, string>")]
    pub others: Value,
    /// The account's configuration, root keys merged under it.
    #[ts(type = "Record<string, unknown>")]
    pub config: Value,
}

/// The facts, and what was learned by asking.
#[derive(Debug)]
pub(super) struct Known(pub(super) Value);

impl Known {
    /// A text that is not blank, without the white space around it.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        text(&self.0, key)
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A text of the account's configuration.
    pub(super) fn config(&self, key: &str) -> Option<&str> {
        text(self.0.get("config")?, key)
    }

    /// The other account that uses this token.
    pub(super) fn taken_by(&self, token: &str) -> Option<&str> {
        text(self.0.get("others")?, token)
    }

    pub(super) fn files(&self) -> &[Value] {
        list(&self.0, "files")
    }

    /// What a person said; nothing is forgotten by it but what they said before.
    pub(super) fn learn(&mut self, key: &str, value: Value) {
        if let Value::Object(facts) = &mut self.0 {
            facts.insert(key.to_owned(), value);
        }
    }
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
