//! `channels.mochat`: the keys of the existing adapters, and the host's.

use super::places::place_rules;
use super::{
    AllowBots, BaseUrl, ConfigError, DEFAULT_HISTORY, DmPolicy, GroupPolicy, Listed, MENTION_BY_QUOTE, MochatSettings,
    PlaceConfig, Platform, ReplyDelayMode, Rules, SecretInput, delay, file_rules, guard_rules, history, token,
};
use crate::time::Millis;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The public server.
const DEFAULT_BASE_URL: &str = "https://mochat.io";
/// The Socket.IO path of the platform.
const DEFAULT_SOCKET_PATH: &str = "/socket.io";
/// The platform's recommendation: two minutes of quiet before a panel's small talk is answered.
const DEFAULT_DELAY_MS: u64 = 120_000;
/// Between two looks at the directory, as the existing adapters do.
const DEFAULT_REFRESH_MS: u64 = 30_000;
/// More often would eat the 120 requests a minute that an agent has.
const MIN_REFRESH_MS: u64 = 1_000;

/// One Mochat agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts", optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MochatConfig {
    /// Whether this agent runs.
    pub enabled: Option<bool>,
    /// A name for people; nothing depends on it.
    pub name: Option<String>,
    /// The agent's token (`claw_…`).
    pub claw_token: Option<SecretInput>,
    /// The server, `https://mochat.io` by default; with or without `/api` at its end.
    #[cfg_attr(test, schemars(regex(pattern = r"^\s*https?://[^\s@?#]+\s*$")))]
    pub base_url: Option<String>,
    /// Socket.IO server, if it is not `baseUrl`.
    #[cfg_attr(test, schemars(regex(pattern = r"^\s*https?://[^\s@?#]+\s*$")))]
    pub socket_url: Option<String>,
    /// Socket.IO path. Default `/socket.io`.
    #[cfg_attr(test, schemars(regex(pattern = r"^/")))]
    pub socket_path: Option<String>,
    /// Start with the JSON parser. Either is recognised; this only saves one attempt.
    pub socket_disable_msgpack: Option<bool>,
    /// The agent's own user id. Asked of the server if left out.
    pub agent_user_id: Option<String>,
    /// Sessions to listen to: ids, `["*"]` for all (default), `[]` for none.
    pub sessions: Option<Vec<String>>,
    /// Panels to listen to: ids, `["*"]` for all (default), `[]` for none.
    pub panels: Option<Vec<String>>,
    /// Milliseconds between two looks at the list of sessions and panels, at least 1,000. Default 30,000.
    #[cfg_attr(test, schemars(range(min = 1000)), ts(type = "number", optional))]
    pub refresh_interval_ms: Option<u64>,
    /// Mention rules.
    pub mention: Option<MentionConfig>,
    /// Whether a person who quotes a message of this agent, and mentions nobody, mentions it. Default `true`.
    pub mention_by_quote: Option<bool>,
    /// Rules for one group or panel by its id; `*` for all others.
    pub groups: Option<BTreeMap<String, PlaceConfig>>,
    /// When messages in panels are answered: `off`, `never`, `non-mention` (default) or `always`.
    pub reply_delay_mode: Option<ReplyDelayMode>,
    /// Quiet milliseconds after the last message before a panel is answered. Default 120,000.
    #[cfg_attr(test, ts(type = "number", optional))]
    pub reply_delay_ms: Option<u64>,
    /// Longest wait of a panel's first message. Default three times `replyDelayMs`.
    #[cfg_attr(test, ts(type = "number", optional))]
    pub reply_delay_max_ms: Option<u64>,
    /// Unmentioned messages kept as context per panel, 0 to 200. Default 20.
    #[cfg_attr(test, schemars(range(max = 200)))]
    pub history_limit: Option<u32>,
    /// Whether other bots are heard: `off`, `mentions` or `on`. Default `mentions`.
    pub allow_bots: Option<AllowBots>,
    /// Messages of one sender that are answered within a minute; 0 for all. Default 10.
    #[cfg_attr(test, schemars(range(max = 1000)))]
    pub max_messages_per_minute: Option<u32>,
    /// Turns that other bots may have in one place before a person speaks there. Default 5.
    #[cfg_attr(test, schemars(range(max = 100)))]
    pub max_bot_turns: Option<u32>,
    /// Megabytes of one file that the agent gets to see, 1 to 100. Default 20.
    #[cfg_attr(test, schemars(range(min = 1, max = 100)))]
    pub media_max_mb: Option<u32>,
    /// Who may write to the agent directly. Default `pairing`.
    pub dm_policy: Option<DmPolicy>,
    /// User ids that may write directly; `*` for all.
    pub allow_from: Option<Vec<String>>,
    /// In which panels and group sessions the agent listens. Default `open`.
    pub group_policy: Option<GroupPolicy>,
    /// User ids that are heard in panels under `groupPolicy: "allowlist"`.
    pub group_allow_from: Option<Vec<String>>,
}

/// Mention rules of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts", optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MentionConfig {
    /// Whether panels and group sessions need a mention. Default `false`.
    pub require_in_groups: Option<bool>,
}

impl MochatConfig {
    pub(super) fn settle(self) -> Result<(Rules, Platform), ConfigError> {
        let api = mochat_server(self.base_url.as_deref())?;
        let socket_url = match self.socket_url.as_deref().filter(|url| !url.trim().is_empty()) {
            Some(url) => server("socketUrl", url)?.without_suffix("/api"),
            None => api.clone(),
        };
        // Socket.IO takes a path in its URL for a namespace.
        if self.socket_url.is_some() && socket_url.origin() != socket_url.as_str() {
            return Err(ConfigError::new("socketUrl", "has a path", "Leave the path out; Socket.IO's is socketPath."));
        }
        let socket_path = self.socket_path.unwrap_or_else(|| DEFAULT_SOCKET_PATH.to_owned());
        if !socket_path.starts_with('/') {
            return Err(ConfigError::new("socketPath", "does not start with /", "Write it like /socket.io."));
        }
        let refresh = self.refresh_interval_ms.unwrap_or(DEFAULT_REFRESH_MS);
        if refresh < MIN_REFRESH_MS {
            return Err(ConfigError::new("refreshIntervalMs", "is too short", "Use at least 1000, or leave it out."));
        }
        let rules = Rules {
            places: place_rules(self.groups),
            require_mention_default: self.mention.and_then(|mention| mention.require_in_groups).unwrap_or(false),
            history: history("historyLimit", self.history_limit)?.unwrap_or(DEFAULT_HISTORY),
            history_template: None,
            delay: delay(
                self.reply_delay_mode.unwrap_or(ReplyDelayMode::NonMention),
                self.reply_delay_ms.unwrap_or(DEFAULT_DELAY_MS),
                self.reply_delay_max_ms,
            )?,
            allow_bots: self.allow_bots.unwrap_or(AllowBots::Mentions),
            guards: guard_rules(self.max_messages_per_minute, self.max_bot_turns)?,
            files: file_rules(self.media_max_mb, &api)?,
        };
        let platform = MochatSettings {
            api,
            socket_url: socket_url.origin().to_owned(),
            socket_path,
            token: token(
                "clawToken",
                self.claw_token.as_ref(),
                "Register an agent at the server and set its token (it starts with claw_) here.",
            )?,
            agent_user_id: self.agent_user_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()),
            sessions: Listed::read(self.sessions.as_deref()),
            panels: Listed::read(self.panels.as_deref()),
            json_parser_first: self.socket_disable_msgpack.unwrap_or(false),
            refresh: Millis(refresh),
            mention_by_quote: self.mention_by_quote.unwrap_or(MENTION_BY_QUOTE),
            past: rules.history,
        };
        Ok((rules, Platform::Mochat(platform)))
    }
}

/// The HTTP server of `baseUrl`, the public one by default. Both spellings that documents use mean the same.
///
/// # Errors
/// It is no address, or one that the token may not be sent to.
pub fn mochat_server(base_url: Option<&str>) -> Result<BaseUrl, ConfigError> {
    Ok(server("baseUrl", base_url.unwrap_or(DEFAULT_BASE_URL))?.without_suffix("/api"))
}

/// A server that may see the token: encrypted or on this machine.
fn server(key: &str, url: &str) -> Result<BaseUrl, ConfigError> {
    let url = BaseUrl::parse(key, url)?;
    if url.is_private() {
        return Ok(url);
    }
    Err(ConfigError::new(
        key,
        "would send the token unencrypted",
        "Use https:// (http:// only works for this machine).",
    ))
}
