//! Account configuration: what an operator writes, and the rules the core lives by. Every error names the key and the fix.
//!
//! The structs are the single source of the manifest's JSON schemas and of the TypeScript types; a test keeps both equal.

mod dmwork;
#[cfg(test)]
mod manifest;
mod mochat;
#[cfg(test)]
mod page;
mod places;
mod retired;
mod secret_input;
mod url;

pub use dmwork::{DmworkConfig, GroupConfig};
pub use mochat::{MentionConfig, MochatConfig, mochat_server};
pub use places::{GroupRules, PlaceConfig, PlaceRules, Places};
pub use secret_input::SecretInput;
pub use url::{BaseUrl, is_private};

use secret_input::token;

use crate::message::Place;
use crate::secret::Secret;
use crate::time::Millis;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Whoever answers the bot's own message talks to it, as in the gateway's other channels.
const MENTION_BY_QUOTE: bool = true;
/// Messages kept as context for the next answer in one place, unless configured.
pub const DEFAULT_HISTORY: usize = 20;
/// More context than this drowns the question and the model's window.
const MAX_HISTORY: usize = 200;

/// A configuration that can't work: which key, what is wrong with it, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}. {fix}")]
pub struct ConfigError {
    /// The key, relative to the account (`botToken`, `groups.g1.requireMention`).
    pub key: String,
    /// What is wrong, as a clause.
    pub problem: String,
    /// What to do, as a sentence.
    pub fix: String,
}

impl ConfigError {
    fn new(key: &str, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { key: key.to_owned(), problem: problem.into(), fix: fix.into() }
    }
}

/// Who may write to the bot directly. Decided by the host; named here so that the schema knows the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "lowercase")]
pub enum DmPolicy {
    /// Strangers get a code that the operator approves.
    Pairing,
    /// Only `allowFrom`.
    Allowlist,
    /// Anybody (needs `allowFrom: ["*"]`).
    Open,
    /// Nobody.
    Disabled,
}

/// In which groups the bot listens. Decided by the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "lowercase")]
pub enum GroupPolicy {
    /// Every group it is a member of.
    Open,
    /// Only senders in `groupAllowFrom`.
    Allowlist,
    /// None.
    Disabled,
}

/// When a message in a shared place is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "kebab-case")]
pub enum ReplyDelayMode {
    /// At once.
    Off,
    /// At once; the word nanobot's documentation uses for `off`.
    Never,
    /// Messages without a mention wait and are answered together; a mention answers everything that waits.
    NonMention,
    /// Mentions wait as well.
    Always,
}

/// When and how long a batch waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// What waits.
    pub mode: ReplyDelayMode,
    /// Quiet time after the last message.
    pub quiet: Millis,
    /// Longest wait of the first message, so that a busy panel can't starve it.
    pub longest: Millis,
}

/// Whether other bots are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "lowercase")]
pub enum AllowBots {
    /// Never.
    Off,
    /// When they mention this bot.
    Mentions,
    /// Like people.
    On,
}

/// What keeps a bot from being worn out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardRules {
    /// Messages of one sender that are answered within a minute; 0 for all.
    pub per_minute: u32,
    /// Turns that other bots may have in one place before a person speaks there.
    pub bot_turns: u32,
}

/// More would be no limit.
const MAX_PER_MINUTE: u32 = 1_000;
/// A dialogue of bots that is longer than this should not run unattended.
const MAX_BOT_TURNS: u32 = 100;

/// What keeps a bot from being worn out, unless configured: a person rarely writes ten messages a minute, and two bots
/// that have exchanged five have nothing more to say.
fn guard_rules(per_minute: Option<u32>, bot_turns: Option<u32>) -> Result<GuardRules, ConfigError> {
    let rules = GuardRules { per_minute: per_minute.unwrap_or(10), bot_turns: bot_turns.unwrap_or(5) };
    let range = |key, most| ConfigError::new(key, "is out of range", format!("Use a number from 0 to {most}."));
    if rules.per_minute > MAX_PER_MINUTE {
        return Err(range("maxMessagesPerMinute", MAX_PER_MINUTE));
    }
    if rules.bot_turns > MAX_BOT_TURNS {
        return Err(range("maxBotTurns", MAX_BOT_TURNS));
    }
    Ok(rules)
}

/// What both platforms have in common once a configuration is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What is set for single places.
    pub places: Places,
    /// Whether a group-like place needs a mention, where nothing is set for it.
    pub require_mention_default: bool,
    /// Remembered messages of a place for which nothing is set.
    pub history: usize,
    /// How the agent is told of them, if the operator has words for it: `{messages}` and `{count}` are filled in.
    pub history_template: Option<String>,
    /// How replies in shared places wait.
    pub delay: Delay,
    /// Whether other bots are heard.
    pub allow_bots: AllowBots,
    /// Limits of what is answered.
    pub guards: GuardRules,
    /// Limits of what is fetched.
    pub files: FileRules,
}

/// Which files of a message the agent gets to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRules {
    /// The size of one file.
    pub max_bytes: u32,
    /// The operator's own servers, that of the platform first. Their files are fetched also where their address is a
    /// private one.
    pub origins: Vec<String>,
    /// What the platform's own server wants to see for a guarded file, and for a voice.
    pub authorization: Option<Secret<String>>,
    /// Where the platform writes a voice down.
    pub transcriber: Option<String>,
}

/// More than a phone's photos and most documents have, little enough to be held in memory a few times.
const DEFAULT_FILE_MB: u32 = 20;
/// What the gateway itself takes for a document.
const MAX_FILE_MB: u32 = 100;

fn file_rules(max_mb: Option<u32>, server: &BaseUrl) -> Result<FileRules, ConfigError> {
    match max_mb.unwrap_or(DEFAULT_FILE_MB) {
        mb @ 1..=MAX_FILE_MB => {
            let max_bytes = mb.saturating_mul(1_024 * 1_024);
            Ok(FileRules {
                max_bytes,
                origins: vec![server.origin().to_owned()],
                authorization: None,
                transcriber: None,
            })
        }
        _ => Err(ConfigError::new("mediaMaxMb", "is out of range", format!("Use a number from 1 to {MAX_FILE_MB}."))),
    }
}

impl Rules {
    /// Whether a message needs a mention here. `ids` go from the most to the least special: thread, group; panel's
    /// group, panel.
    #[must_use]
    pub fn requires_mention(&self, ids: &[&str]) -> bool {
        self.places.find(ids, |place| place.require_mention).unwrap_or(self.require_mention_default)
    }

    /// How many messages of a place are remembered.
    #[must_use]
    pub fn history_of(&self, place: &Place) -> usize {
        self.places.of(place, |place| place.history).unwrap_or(self.history)
    }

    /// Whether this sender's messages are heard in this place, as far as the place has a say.
    #[must_use]
    pub fn hears(&self, place: &Place, sender: &str) -> bool {
        let listed = self.places.of(place, |place| place.allow_from.as_ref());
        listed.is_none_or(|listed| listed.iter().any(|id| id == sender || id == "*"))
    }
}

/// The account's own settings for its platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Platform {
    /// DMWork / Octo.
    Dmwork(DmworkSettings),
    /// Mochat / Claw IM.
    Mochat(MochatSettings),
}

/// How to reach a DMWork server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmworkSettings {
    /// Bot HTTP API.
    pub api: BaseUrl,
    /// `bf_…` or `app_…`; also the token of the WebSocket.
    pub token: Secret<String>,
    /// `uk_…`: makes and changes the owner's bots.
    pub user_key: Option<Secret<String>>,
    /// Overrides the `ws_url` that `register` answers.
    pub ws_url: Option<String>,
    /// Between two calls of `/v1/bot/heartbeat`.
    pub heartbeat: Millis,
    /// Whether answers in shared places are replies to their questions.
    pub reply_to_question: bool,
    /// Whether answers are shown while they are written.
    pub live_replies: bool,
    /// Whether they call whoever asked.
    pub mention_asker: bool,
    /// Where stored files are, if the server doesn't give them out itself.
    pub cdn: Option<BaseUrl>,
    /// What is set for single groups and threads.
    pub places: Places,
    /// What a group's own rules are to the agent, where nothing is set for it.
    pub group_rules: GroupRules,
    /// Whether a mention of everybody is one of the bot, where nothing is set for the group.
    pub answer_mention_all: bool,
    /// Whether a message that quotes one of the bot's is a mention.
    pub mention_by_quote: bool,
    /// Whether `@all` in the bot's own messages calls everybody.
    pub allow_mention_all: bool,
    /// Messages of a new place that are read as context, at most.
    pub past: u32,
}

impl DmworkSettings {
    /// Whether a mention of everybody in this place is one of the bot.
    #[must_use]
    pub fn answers_all(&self, place: &Place) -> bool {
        self.places.of(place, |place| place.answer_mention_all).unwrap_or(self.answer_mention_all)
    }
}

/// How to reach a Mochat server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MochatSettings {
    /// HTTP RPC; paths start with `/api/claw`.
    pub api: BaseUrl,
    /// Socket.IO server.
    pub socket_url: String,
    /// Socket.IO path.
    pub socket_path: String,
    /// `claw_…`.
    pub token: Secret<String>,
    /// The bot's own user id, where configured; else it is asked of the server.
    pub agent_user_id: Option<String>,
    /// Sessions to listen to.
    pub sessions: Listed,
    /// Panels to listen to.
    pub panels: Listed,
    /// Start with the JSON parser instead of msgpack.
    pub json_parser_first: bool,
    /// Between two looks at the list of sessions and panels.
    pub refresh: Millis,
    /// Whether a message that quotes one of the agent's is a mention.
    pub mention_by_quote: bool,
    /// Messages of a new panel that are read as context, at most.
    pub past: usize,
}

/// Which conversations an account listens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// `["*"]`: whatever the server lists.
    All,
    /// Exactly these; an empty list is none.
    Only(Vec<String>),
}

impl Listed {
    fn read(ids: Option<&[String]>) -> Self {
        match ids {
            Some(ids) if !ids.iter().any(|id| id == "*") => Self::Only(ids.to_vec()),
            _ => Self::All,
        }
    }

    /// Whether a conversation with this id is one to listen to.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.iter().any(|listed| listed == id),
        }
    }
}

/// A whole account configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What both platforms share.
    pub rules: Rules,
    /// The platform's own.
    pub platform: Platform,
    /// What to tell the operator of keys that have no effect.
    pub ignored: Vec<String>,
}

impl Settings {
    /// Reads an account's configuration (root keys already merged under it) as JSON.
    ///
    /// # Errors
    /// [`ConfigError`] with the first key that is unknown, missing or unusable.
    pub fn parse(channel: &str, json: &str) -> Result<Self, ConfigError> {
        let mut value = crate::json::parse(json.as_bytes())
            .map_err(|error| ConfigError::new("account", error.to_string(), "Write a JSON object."))?;
        let (ignored, (rules, platform)) = match channel {
            "dmwork" => (retired::take(&retired::DMWORK, &mut value), read::<DmworkConfig>(&value)?.settle()?),
            "mochat" => (retired::take(&retired::MOCHAT, &mut value), read::<MochatConfig>(&value)?.settle()?),
            other => {
                return Err(ConfigError::new("channel", format!("`{other}` is unknown"), "Use `mochat` or `dmwork`."));
            }
        };
        Ok(Self { rules, platform, ignored })
    }
}

/// Deserialises, naming the key at fault.
fn read<T: DeserializeOwned>(value: &Value) -> Result<T, ConfigError> {
    T::deserialize(value).map_err(|error| {
        let key = blame(value, &|value| T::deserialize(value).is_err()).unwrap_or_else(|| "account".to_owned());
        ConfigError { key, problem: error.to_string(), fix: "Correct or remove this key.".to_owned() }
    })
}

/// The path of the key without whose value nothing would be wrong: every key is optional, so each can be tried alone.
fn blame(value: &Value, fails: &dyn Fn(&Value) -> bool) -> Option<String> {
    let object = value.as_object()?;
    object.iter().find_map(|(key, inner)| {
        let alone = |inner: &Value| {
            let mut only = Map::new();
            only.insert(key.clone(), inner.clone());
            Value::Object(only)
        };
        fails(&alone(inner)).then(|| match blame(inner, &|inner| fails(&alone(inner))) {
            Some(rest) => format!("{key}.{rest}"),
            None => key.clone(),
        })
    })
}

fn history(key: &str, limit: Option<u32>) -> Result<Option<usize>, ConfigError> {
    match limit.map(usize::try_from) {
        None => Ok(None),
        Some(Ok(limit)) if limit <= MAX_HISTORY => Ok(Some(limit)),
        Some(_) => Err(ConfigError::new(key, "is out of range", format!("Use a number from 0 to {MAX_HISTORY}."))),
    }
}

/// A batch waits this many times its quiet time at most, unless configured.
const LONGEST_DELAY_FACTOR: u64 = 3;

fn delay(mode: ReplyDelayMode, quiet: u64, longest: Option<u64>) -> Result<Delay, ConfigError> {
    let quiet = Millis(quiet);
    let longest = longest.map_or_else(|| quiet.times(LONGEST_DELAY_FACTOR), Millis);
    if longest < quiet {
        return Err(ConfigError::new(
            "replyDelayMaxMs",
            "is shorter than replyDelayMs",
            "Make it at least as long, or leave it out.",
        ));
    }
    Ok(Delay { mode, quiet, longest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dmwork(json: &str) -> Result<Settings, ConfigError> {
        Settings::parse("dmwork", json)
    }

    fn mochat(json: &str) -> Result<Settings, ConfigError> {
        Settings::parse("mochat", json)
    }

    #[test]
    fn a_missing_or_blank_token_names_the_key_and_the_fix() {
        for json in [r#"{"apiUrl":"https://im.example"}"#, r#"{"apiUrl":"https://im.example","botToken":"  "}"#] {
            let error = dmwork(json).unwrap_err();
            assert_eq!(error.key, "botToken");
            assert!(error.fix.contains("BotFather"), "{error}");
        }
        assert_eq!(mochat(r#"{"baseUrl":"https://mochat.io"}"#).unwrap_err().key, "clawToken");
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = dmwork(r#"{"apiUrl":"https://im.example","botToken":"bf_1","bogus":1}"#).unwrap_err();
        assert!(error.to_string().contains("bogus"), "{error}");
        let nested =
            dmwork(r#"{"apiUrl":"https://im.example","botToken":"bf_1","groups":{"g1":{"requireMention":"x"}}}"#);
        assert_eq!(nested.unwrap_err().key, "groups.g1.requireMention");
    }

    #[test]
    fn an_unknown_delay_mode_names_the_four_that_exist() {
        let error = mochat(r#"{"clawToken":"claw_1","replyDelayMode":"sometimes"}"#).unwrap_err();
        assert_eq!(error.key, "replyDelayMode");
        for mode in ["off", "never", "non-mention", "always"] {
            assert!(error.problem.contains(mode), "{error}");
        }
    }

    #[test]
    fn an_unresolved_secret_reference_never_becomes_a_token() {
        let json = r#"{"clawToken":{"source":"env","provider":"default","id":"X"}}"#;
        assert!(mochat(json).unwrap_err().problem.contains("SecretRef"));
    }

    #[test]
    fn a_token_never_shows_in_debug_output() {
        let settings = dmwork(r#"{"apiUrl":"https://im.example","botToken":"bf_canary"}"#).unwrap();
        assert!(!format!("{settings:?}").contains("canary"));
    }

    #[test]
    fn the_most_special_rule_about_mentions_wins() {
        let json = r#"{"apiUrl":"https://im.example","botToken":"bf_1",
            "groups":{"g1":{"requireMention":false},"*":{"requireMention":true}}}"#;
        let rules = dmwork(json).unwrap().rules;
        assert!(!rules.requires_mention(&["g1____t1", "g1"]));
        assert!(rules.requires_mention(&["g2"]));
    }

    #[test]
    fn an_empty_list_listens_to_nothing_and_a_star_to_everything() {
        let Platform::Mochat(none) = mochat(r#"{"clawToken":"claw_1","panels":[]}"#).unwrap().platform else {
            panic!()
        };
        assert!(!none.panels.contains("p1"));
        assert!(none.sessions.contains("session_1"));
        let Platform::Mochat(all) = mochat(r#"{"clawToken":"claw_1","panels":["*"]}"#).unwrap().platform else {
            panic!()
        };
        assert!(all.panels.contains("p1"));
    }
}
