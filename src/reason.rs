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
    /// It deserved a turn and didn't get one: a dead letter. The store keeps its record, so that it can be tried again.
    Fail,
}

/// Makes the reasons of one table: the enum, and what there is to say about each. A reason stands in one place, so that two
/// that are added at the same time are no conflict.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident {
        code: $code:literal,
        verdicts: [$($verdict:ident),+],
        sentence: $sentence:literal,
        $(key: $key:literal,)?
        $(fix: $fix:literal,)?
    })*) => {
        /// Why.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Reason {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code: stable, for logs, counters and searches.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The verdicts that it can explain.
            #[must_use]
            pub const fn verdicts(self) -> &'static [Verdict] {
                match self { $(Self::$name => &[$(Verdict::$verdict),+]),* }
            }

            /// The sentence a person reads.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence),* }
            }

            /// The config key that decides this, relative to the account.
            #[must_use]
            pub const fn config_key(self) -> Option<&'static str> {
                match self { $(Self::$name => reasons!(@optional $($key)?)),* }
            }

            /// What an operator can do about it, in a sentence.
            #[must_use]
            pub const fn fix(self) -> Option<&'static str> {
                match self { $(Self::$name => reasons!(@optional $($fix)?)),* }
            }
        }
    };
    (@optional) => { None };
    (@optional $value:literal) => { Some($value) };
}

reasons! {
    /// A message in a conversation of two.
    Direct {
        code: "direct",
        verdicts: [Answer],
        sentence: "A direct message is always answered.",
    }
    /// It mentions the bot.
    Mentioned {
        code: "mentioned",
        verdicts: [Answer],
        sentence: "The bot was mentioned.",
    }
    /// A message in a shared place where no mention is needed.
    NoMentionNeeded {
        code: "no-mention-needed",
        verdicts: [Answer],
        sentence: "This place needs no mention.",
        key: "groups.<id>.requireMention",
        fix: "Set `requireMention: true` for this place if the bot should only answer when it is called.",
    }
    /// A shared place needs a mention and there is none.
    NotMentioned {
        code: "not-mentioned",
        verdicts: [Remember],
        sentence: "This place needs a mention; the message is kept as context.",
        key: "groups.<id>.requireMention",
        fix: "Mention the bot, or set `requireMention: false` for this place.",
    }
    /// It was said before the bot was there.
    SaidBefore {
        code: "said-before",
        verdicts: [Remember],
        sentence: "It was said before the bot listened in this place; it is kept as context.",
    }
    /// The bot's own message came back.
    OwnMessage {
        code: "own-message",
        verdicts: [Ignore],
        sentence: "The bot wrote it itself.",
    }
    /// The platform wrote it: a join, a rename, a notice.
    SystemMessage {
        code: "system-message",
        verdicts: [Ignore],
        sentence: "The platform wrote it.",
    }
    /// The place has a list of senders, and this one is not on it.
    NotListedHere {
        code: "not-listed-here",
        verdicts: [Ignore],
        sentence: "Its sender is not on the list of this group.",
        key: "groups.<id>.allowFrom",
        fix: "Add the sender's uid to the group's `allowFrom`, or remove the list.",
    }
    /// Another bot wrote it; bots that answer each other never end.
    OtherBot {
        code: "other-bot",
        verdicts: [Ignore],
        sentence: "Another bot wrote it, and bots are not heard here.",
        key: "allowBots",
        fix: "Set `allowBots` if this bot should hear other bots.",
    }
    /// Its sender writes faster than is answered.
    TooFast {
        code: "too-fast",
        verdicts: [Ignore],
        sentence: "Its sender wrote more messages within a minute than are answered.",
        key: "maxMessagesPerMinute",
        fix: "Raise `maxMessagesPerMinute`; 0 lifts the limit.",
    }
    /// Other bots have used up their turns in this place.
    BotLoop {
        code: "bot-loop",
        verdicts: [Ignore],
        sentence: "Other bots have had their turns here, and no person has spoken since.",
        key: "maxBotTurns",
        fix: "A person's message or ten quiet minutes let the bots go on. Raise `maxBotTurns` for longer exchanges.",
    }
    /// Too much was said in its place before there was time for an answer.
    Omitted {
        code: "omitted",
        verdicts: [Ignore],
        sentence: "So much was said after it that it no longer fitted into the answer's prompt.",
        key: "replyDelayMs",
        fix: "Shorten `replyDelayMs` or `replyDelayMaxMs`, so that less has time to gather.",
    }
    /// The conversation was ended before anybody asked.
    Cleared {
        code: "cleared",
        verdicts: [Remember],
        sentence: "A new conversation was begun before anybody asked.",
    }
    /// Its author took it back, or somebody deleted it.
    Recalled {
        code: "recalled",
        verdicts: [Ignore],
        sentence: "It was taken back or deleted before it was answered.",
    }
    /// There is nothing in it that a model could read.
    Empty {
        code: "empty",
        verdicts: [Ignore],
        sentence: "It has no text.",
    }
    /// The host's access rules don't let this sender speak here.
    AccessDenied {
        code: "access-denied",
        verdicts: [Ignore],
        sentence: "The sender may not speak to the bot here.",
        key: "dmPolicy, allowFrom, groupPolicy, groupAllowFrom",
        fix: "Add the sender to `allowFrom` (direct messages) or `groupAllowFrom` (shared places), or open the policy.",
    }
    /// The sender is a stranger and was given a pairing code.
    PairingAsked {
        code: "pairing-asked",
        verdicts: [Ignore],
        sentence: "The sender is unknown and was given a pairing code.",
        key: "dmPolicy, allowFrom, groupPolicy, groupAllowFrom",
        fix: "Run `openclaw pairing approve <channel> <code> --account <id>`, or add the sender to `allowFrom`.",
    }
    /// The host could not be asked whether the sender may speak.
    AccessUnknown {
        code: "access-unknown",
        verdicts: [Fail],
        sentence: "The host did not say whether the sender may speak.",
        fix: "The gateway's log tells what failed at that time. Then `openclaw <channel> dead-letters --replay <id>` tries it again.",
    }
    /// It left the context window of its place before anybody asked.
    Forgotten {
        code: "forgotten",
        verdicts: [Remember],
        sentence: "Newer messages pushed it out of the context of its place.",
        key: "historyLimit",
        fix: "Raise `historyLimit` if the agent should read further back.",
    }
    /// The host took it without running the agent: a command, or a repeat that it had seen.
    HandledByHost {
        code: "handled-by-host",
        verdicts: [Answer],
        sentence: "The host handled it without running the agent.",
    }
    /// The host refused or lost the turn again and again.
    TurnFailed {
        code: "turn-failed",
        verdicts: [Fail],
        sentence: "The host could not run the agent for it.",
        fix: "The gateway's log tells what failed at that time; look at the model and its credentials first. Then `openclaw <channel> dead-letters --replay <id>` tries it again.",
    }
    /// The host died before it handed the answer over, and the platform did not take what was found of it.
    AnswerUnsent {
        code: "answer-unsent",
        verdicts: [Fail],
        sentence: "Its answer was found when the gateway was back, and could not be sent.",
        fix: "The gateway's log tells what failed at that time, and the agent's session holds the answer. `openclaw <channel> dead-letters --replay <id>` asks the agent again.",
    }
    /// The core stopped over it, and once more when it tried again.
    CoreFault {
        code: "core-fault",
        verdicts: [Fail],
        sentence: "Reading it stopped the plugin's core twice, so it was given up.",
        fix: "This is a fault of the plugin: please report it with the lines about `core trapped` in the gateway's log.",
    }
    /// The stored record can't be read by this version.
    Unreadable {
        code: "unreadable",
        verdicts: [Fail],
        sentence: "The stored record is not readable by this version.",
        fix: "Update the plugin: a newer version has written it.",
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

#[cfg(test)]
mod page;
