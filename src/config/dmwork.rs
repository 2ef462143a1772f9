//! `channels.dmwork`: the keys of the old plugin that mean something, and the host's.

use super::{
    AllowBots, BaseUrl, ConfigError, DEFAULT_HISTORY, Delay, DmPolicy, DmworkSettings, FileRules, GroupPolicy,
    GroupRules, MENTION_BY_QUOTE, PlaceRules, Places, Platform, ReplyDelayMode, Rules, SecretInput, file_rules,
    guard_rules, history, token,
};
use crate::secret::Secret;
use crate::time::Millis;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The server forgets a bot's presence after 60 s, so half of it leaves room for one lost call.
const DEFAULT_HEARTBEAT_MS: u64 = 30_000;
/// More often would only spend the shared request budget.
const MIN_HEARTBEAT_MS: u64 = 5_000;

/// Rules for one group or thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts", optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupConfig {
    /// Whether messages here need a mention.
    pub require_mention: Option<bool>,
    /// Whether `@all` is no mention of this bot here.
    pub ignore_mention_all: Option<bool>,
    /// Unmentioned messages kept as context here, 0 to 200.
    #[cfg_attr(test, schemars(range(max = 200)))]
    pub history_limit: Option<u32>,
    /// What GROUP.md and THREAD.md are to the agent here.
    pub group_rules: Option<GroupRules>,
    /// Instructions for the agent here, in front of the group's own.
    pub system_prompt: Option<String>,
    /// Uids that are heard here; `*` for all.
    pub allow_from: Option<Vec<String>>,
}

impl GroupConfig {
    fn settle(self, id: &str) -> Result<PlaceRules, ConfigError> {
        Ok(PlaceRules {
            require_mention: self.require_mention,
            answer_mention_all: self.ignore_mention_all.map(|ignored| !ignored),
            history: history(&format!("groups.{id}.historyLimit"), self.history_limit)?,
            group_rules: self.group_rules,
            prompt: self.system_prompt.filter(|prompt| !prompt.trim().is_empty()),
            allow_from: self.allow_from.map(|listed| listed.iter().map(|entry| uid(entry)).collect()),
        })
    }
}

/// An entry as people write it: `ann`, `user:ann`, `dmwork:user:ann`.
fn uid(entry: &str) -> String {
    let entry = entry.trim();
    let entry = entry.strip_prefix("dmwork:").unwrap_or(entry);
    entry.strip_prefix("user:").unwrap_or(entry).to_owned()
}

/// One DMWork bot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts", optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DmworkConfig {
    /// Whether this bot runs.
    pub enabled: Option<bool>,
    /// A name for people; nothing depends on it.
    pub name: Option<String>,
    /// The bot's token from BotFather (`bf_…`).
    pub bot_token: Option<SecretInput>,
    /// The owner's user API key (`uk_…`), with which the agent may list, make, change and delete the owner's bots.
    pub user_api_key: Option<SecretInput>,
    /// The server's bot API, such as `https://im.example.com`.
    #[cfg_attr(test, schemars(regex(pattern = r"^\s*https?://[^\s@?#]+\s*$")))]
    pub api_url: Option<String>,
    /// Where stored files are, such as `https://cdn.example.com`, if the server redirects to a private address or gives
    /// none out.
    #[cfg_attr(test, schemars(regex(pattern = r"^\s*https?://[^\s@?#]+\s*$")))]
    pub cdn_url: Option<String>,
    /// WebSocket address, if it is not the one the server names itself.
    #[cfg_attr(test, schemars(regex(pattern = r"^\s*wss?://[^\s@?#]+\s*$")))]
    pub ws_url: Option<String>,
    /// Whether messages in groups and threads need a mention. Default `true`.
    pub require_mention: Option<bool>,
    /// Whether `@all` is no mention of this bot. Default `false`.
    pub ignore_mention_all: Option<bool>,
    /// Whether a person who quotes a message of this bot, and mentions nobody, mentions it. Default `true`.
    pub mention_by_quote: Option<bool>,
    /// Whether `@all` or `@所有人` in the bot's own messages calls everybody. Default `false`: it is plain text.
    pub allow_mention_all: Option<bool>,
    /// Whether an answer in a group or thread is a reply to the question, as clients show it. Default `true`.
    pub reply_to_question: Option<bool>,
    /// Whether an answer in a group or thread calls the person who asked. Default `true`.
    pub mention_asker: Option<bool>,
    /// Whether a long answer appears while it is written, as a message that grows. Default `true`.
    pub live_replies: Option<bool>,
    /// Unmentioned messages kept as context per group or thread, 0 to 200. Default 20.
    #[cfg_attr(test, schemars(range(max = 200)))]
    pub history_limit: Option<u32>,
    /// How the agent is told of them: a text in which `{messages}` becomes a JSON list of `sender`, `time` and `body`,
    /// and `{count}` their number. Left out, the gateway has its own way.
    pub history_prompt_template: Option<String>,
    /// Whether other bots are heard: `off`, `mentions` or `on`. Default `off`.
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
    /// Milliseconds between two heartbeats, at least 5,000. Default 30,000.
    #[cfg_attr(test, schemars(range(min = 5000)), ts(type = "number", optional))]
    pub heartbeat_interval_ms: Option<u64>,
    /// Who may write to the bot directly. Default `pairing`.
    pub dm_policy: Option<DmPolicy>,
    /// Uids that may write directly; `*` for all.
    pub allow_from: Option<Vec<String>>,
    /// In which groups the bot listens. Default `open`: only its members can add a bot to a group.
    pub group_policy: Option<GroupPolicy>,
    /// Uids that are heard in groups under `groupPolicy: "allowlist"`.
    pub group_allow_from: Option<Vec<String>>,
    /// What GROUP.md and THREAD.md are to the agent: `prompt` (default), a part of its system prompt; `context`, data;
    /// `off`, nothing.
    pub group_rules: Option<GroupRules>,
    /// Rules for one group or thread by its id; `*` for all others.
    pub groups: Option<BTreeMap<String, GroupConfig>>,
}

impl DmworkConfig {
    pub(super) fn settle(self) -> Result<(Rules, Platform), ConfigError> {
        let api_url = self.api_url.as_deref().unwrap_or_default();
        if api_url.trim().is_empty() {
            return Err(ConfigError::new(
                "apiUrl",
                "is missing",
                "Set it to your server, like https://im.example.com.",
            ));
        }
        let heartbeat = self.heartbeat_interval_ms.unwrap_or(DEFAULT_HEARTBEAT_MS);
        if heartbeat < MIN_HEARTBEAT_MS {
            return Err(ConfigError::new("heartbeatIntervalMs", "is too short", "Use at least 5000, or leave it out."));
        }
        let api = BaseUrl::parse("apiUrl", api_url)?;
        let cdn = self.cdn_url.as_deref().map(|url| BaseUrl::parse("cdnUrl", url)).transpose()?;
        let bot_token = token(
            "botToken",
            self.bot_token.as_ref(),
            "Ask BotFather for the bot's token (it starts with bf_) and set it here.",
        )?;
        let kept = history("historyLimit", self.history_limit)?.unwrap_or(DEFAULT_HISTORY);
        let places = groups(self.groups)?;
        let rules = Rules {
            places: places.clone(),
            require_mention_default: self.require_mention.unwrap_or(true),
            history: kept,
            history_template: self.history_prompt_template.filter(|template| !template.trim().is_empty()),
            // The platform's rule is an answer for each mention; nothing waits.
            delay: Delay { mode: ReplyDelayMode::Off, quiet: Millis(0), longest: Millis(0) },
            // The platform asks bots not to answer bots.
            allow_bots: self.allow_bots.unwrap_or(AllowBots::Off),
            guards: guard_rules(self.max_messages_per_minute, self.max_bot_turns)?,
            files: files(file_rules(self.media_max_mb, &api)?, &api, cdn.as_ref(), &bot_token),
        };
        let platform = DmworkSettings {
            api,
            token: bot_token,
            user_key: self
                .user_api_key
                .as_ref()
                .map(|key| {
                    token("userApiKey", Some(key), "Ask BotFather for it (it starts with uk_), or leave it out.")
                })
                .transpose()?,
            ws_url: self.ws_url.map(|url| web_socket_url(&url)).transpose()?,
            heartbeat: Millis(heartbeat),
            cdn,
            places,
            group_rules: self.group_rules.unwrap_or_default(),
            answer_mention_all: !self.ignore_mention_all.unwrap_or(false),
            mention_by_quote: self.mention_by_quote.unwrap_or(MENTION_BY_QUOTE),
            allow_mention_all: self.allow_mention_all.unwrap_or(false),
            reply_to_question: self.reply_to_question.unwrap_or(true),
            live_replies: self.live_replies.unwrap_or(true),
            mention_asker: self.mention_asker.unwrap_or(true),
            past: u32::try_from(kept).unwrap_or(0),
        };
        Ok((rules, Platform::Dmwork(platform)))
    }
}

fn groups(groups: Option<BTreeMap<String, GroupConfig>>) -> Result<Places, ConfigError> {
    let mut places = Vec::new();
    for (id, group) in groups.unwrap_or_default() {
        let rules = group.settle(&id)?;
        places.push((id, rules));
    }
    Ok(Places::new(places.into_iter()))
}

fn files(rules: FileRules, api: &BaseUrl, cdn: Option<&BaseUrl>, token: &Secret<String>) -> FileRules {
    let mut origins = rules.origins;
    origins.extend(cdn.map(|cdn| cdn.origin().to_owned()));
    let authorization = Some(Secret::new(format!("Bearer {}", token.expose())));
    FileRules { origins, authorization, transcriber: Some(api.join("/v1/bot/voice/transcribe")), ..rules }
}

fn web_socket_url(url: &str) -> Result<String, ConfigError> {
    let url = url.trim();
    if url.starts_with("wss://") || url.starts_with("ws://") {
        return Ok(url.to_owned());
    }
    Err(ConfigError::new("wsUrl", "is not a ws:// or wss:// URL", "Leave it out: the server names its own."))
}
