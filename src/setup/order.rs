//! The vocabulary of the setup: facts in, orders out.

use crate::call::{Call, CallOutcome};
use crate::secret::Secret;
use serde::Serialize;

/// What the setup is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Begin.
    Started,
    /// What the person answered.
    Answered(String),
    /// The call ended.
    Settled(CallOutcome),
    /// What was to be written is on disk.
    Written,
    /// It is not, in the system's words.
    NotWritten(String),
}

/// What is to be done next; the next fact is how it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", rename = "SetupOrder"))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Order {
    /// Ask the person.
    Ask {
        /// What to say.
        message: &'static str,
        /// The answer is not to be seen.
        secret: bool,
        /// The answer may be left empty.
        optional: bool,
        /// What was wrong with the last answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        complaint: Option<String>,
    },
    /// Wait for a call of the driver's.
    Call {
        /// What is going on.
        doing: &'static str,
        /// The call. Stays in the driver.
        #[serde(skip)]
        call: Call,
    },
    /// Write the file, for its owner's eyes only.
    SaveCredentials {
        /// Where.
        path: String,
        /// Its text.
        text: Secret<String>,
    },
    /// Set keys of the account, and what belongs to it elsewhere in the configuration.
    Configure {
        /// The keys with their values, as JSON text.
        keys: String,
        /// Value for `session.dmScope`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        dm_scope: Option<&'static str>,
        /// The agent that gets the account, by a binding.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        agent: Option<String>,
    },
    /// It is over.
    Finish {
        /// How it went.
        report: Report,
    },
}

impl Order {
    pub(super) fn ask(question: Question, complaint: Option<String>) -> Self {
        let secret = matches!(question, Question::Token | Question::Credential);
        let optional = question == Question::Token;
        Self::Ask { message: question.message(), secret, optional, complaint }
    }

    pub(super) const fn configure(keys: String) -> Self {
        Self::Configure { keys, dm_scope: None, agent: None }
    }
}

/// What only a person knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The token of an agent that exists.
    Token,
    /// What a new agent is called.
    Name,
    /// Whom it belongs to.
    Email,
    /// DMWork: the server.
    ApiUrl,
    /// DMWork: a bot's token, or the owner's key.
    Credential,
    /// DMWork: which of the owner's bots, or what a new one is called.
    BotName,
    /// DMWork: who may write directly.
    Dms,
}

impl Question {
    const fn message(self) -> &'static str {
        match self {
            Self::Token => "Token of your agent (claw_…); leave it empty to register a new one",
            Self::Name => "What shall the agent be called?",
            Self::Email => "Your e-mail address on Mochat, which makes you its owner",
            Self::ApiUrl => "Address of your DMWork server's bot API, such as https://im.example.com",
            Self::Credential => {
                "Your bot's token (bf_…), or your user API key (uk_…) to make one; BotFather tells both"
            }
            Self::BotName => "What shall the bot be called? A name or id of a bot of yours takes that one",
            Self::Dms => "Who may write to the bot directly: owner, friends (with a code that you approve) or open",
        }
    }
}

/// How the setup went. What `--json` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", rename = "SetupReport"))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The account works now.
    pub ok: bool,
    /// The account.
    pub account: String,
    /// The agent's user id.
    pub agent_user_id: Option<String>,
    /// The owner's user id.
    pub owner_user_id: Option<String>,
    /// The conversation of agent and owner.
    pub session_id: Option<String>,
    /// The link by which a person joins the agent's group.
    pub invite: Option<String>,
    /// What was changed, in sentences. Empty if all was right.
    pub done: Vec<String>,
    /// What the server said when it was asked at the end.
    pub checked: Option<String>,
    /// What may not be as wanted.
    pub warnings: Vec<String>,
    /// What to do now.
    pub next: Vec<String>,
    /// Why it went no further.
    pub error: Option<String>,
    /// What to give on the command line to get further.
    pub flags: &'static [&'static str],
}
