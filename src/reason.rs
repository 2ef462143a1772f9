//! Every way a message can end: a code for logs and counters, a sentence for people, the config key if one decides it.

use serde::{Deserialize, Serialize};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It starts a turn, or joins one.
    Answer,
    /// It is kept as context for the next turn of its place.
    Remember,
    /// Nothing is done with it.
    Ignore,
    /// It deserved a turn and didn't get one.
    Fail,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A message in a conversation of two.
    Direct,
    /// It mentions the bot.
    Mentioned,
    /// A message in a shared place where no mention is needed.
    NoMentionNeeded,
    /// A shared place needs a mention and there is none.
    NotMentioned,
    /// The bot's own message came back.
    OwnMessage,
    /// The platform wrote it: a join, a rename, a notice.
    SystemMessage,
    /// Another bot wrote it; bots that answer each other never end.
    OtherBot,
    /// Its sender writes faster than is answered.
    TooFast,
    /// Other bots have used up their turns in this place.
    BotLoop,
    /// There is nothing in it that a model could read.
    Empty,
    /// The host's access rules don't let this sender speak here.
    AccessDenied,
    /// The sender is a stranger and was given a pairing code.
    PairingAsked,
    /// The host could not be asked whether the sender may speak.
    AccessUnknown,
    /// It left the context window of its place before anybody asked.
    Forgotten,
    /// Too much was said in its place before there was time for an answer.
    Omitted,
    /// The conversation was ended before anybody asked.
    Cleared,
    /// Its author took it back, or somebody deleted it.
    Recalled,
    /// The host took it without running the agent: a command, or a repeat that it had seen.
    HandledByHost,
    /// The host refused or lost the turn again and again.
    TurnFailed,
    /// The stored record can't be read by this version.
    Unreadable,
}

impl Reason {
    /// The code: stable, for logs, counters and searches.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Mentioned => "mentioned",
            Self::NoMentionNeeded => "no-mention-needed",
            Self::NotMentioned => "not-mentioned",
            Self::OwnMessage => "own-message",
            Self::SystemMessage => "system-message",
            Self::OtherBot => "other-bot",
            Self::TooFast => "too-fast",
            Self::BotLoop => "bot-loop",
            Self::Empty => "empty",
            Self::AccessDenied => "access-denied",
            Self::PairingAsked => "pairing-asked",
            Self::AccessUnknown => "access-unknown",
            Self::Forgotten => "forgotten",
            Self::Omitted => "omitted",
            Self::Cleared => "cleared",
            Self::Recalled => "recalled",
            Self::HandledByHost => "handled-by-host",
            Self::TurnFailed => "turn-failed",
            Self::Unreadable => "unreadable",
        }
    }

    /// The sentence a person reads.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Direct => "A direct message is always answered.",
            Self::Mentioned => "The bot was mentioned.",
            Self::NoMentionNeeded => "This place needs no mention.",
            Self::NotMentioned => "This place needs a mention; the message is kept as context.",
            Self::OwnMessage => "The bot wrote it itself.",
            Self::SystemMessage => "The platform wrote it.",
            Self::OtherBot => "Another bot wrote it, and bots are not heard here.",
            Self::TooFast => "Its sender wrote more messages within a minute than are answered.",
            Self::BotLoop => "Other bots have had their turns here, and no person has spoken since.",
            Self::Empty => "It has no text.",
            Self::AccessDenied => "The sender may not speak to the bot here.",
            Self::PairingAsked => "The sender is unknown and was given a pairing code.",
            Self::AccessUnknown => "The host did not say whether the sender may speak.",
            Self::Forgotten => "Newer messages pushed it out of the context of its place.",
            Self::Omitted => "So much was said after it that it no longer fitted into the answer's prompt.",
            Self::Cleared => "A new conversation was begun before anybody asked.",
            Self::Recalled => "It was taken back or deleted before it was answered.",
            Self::HandledByHost => "The host handled it without running the agent.",
            Self::TurnFailed => "The host could not run the agent for it.",
            Self::Unreadable => "The stored record is not readable by this version.",
        }
    }

    /// The config key that decides this, relative to the account.
    #[must_use]
    pub const fn config_key(self) -> Option<&'static str> {
        match self {
            Self::NotMentioned | Self::NoMentionNeeded => Some("groups.<id>.requireMention"),
            Self::AccessDenied | Self::PairingAsked => Some("dmPolicy, allowFrom, groupPolicy, groupAllowFrom"),
            Self::OtherBot => Some("allowBots"),
            Self::TooFast => Some("maxMessagesPerMinute"),
            Self::BotLoop => Some("maxBotTurns"),
            Self::Forgotten => Some("historyLimit"),
            Self::Direct
            | Self::Mentioned
            | Self::OwnMessage
            | Self::SystemMessage
            | Self::Empty
            | Self::AccessUnknown
            | Self::Omitted
            | Self::Cleared
            | Self::Recalled
            | Self::HandledByHost
            | Self::TurnFailed
            | Self::Unreadable => None,
        }
    }
}

/// How a message ended: exactly one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

impl Outcome {
    /// Puts the two together.
    #[must_use]
    pub const fn new(verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, reason }
    }
}
