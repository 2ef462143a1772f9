//! What is known of the bot, and the calls by which more is learned.

use super::super::known::{Known, text};
use super::super::token::{Source, Token};
use super::{Dmwork, Problem};
use crate::call::{CallOutcome, Method};
use crate::json::object;
use crate::text::{self, redact};
use crate::wire::dmwork_api;
use serde_json::Value;

/// The bot, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Bot {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) owner: Option<String>,
    /// The server takes the token.
    pub(super) checked: bool,
    /// The owner was written to, or could not be.
    pub(super) greeted: bool,
}

/// A call to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    List,
    Create,
    Register,
    Groups,
    Greet,
}

impl Step {
    pub(super) const fn doing(self) -> &'static str {
        match self {
            Self::List => "Asking for your bots",
            Self::Create => "Making the bot",
            Self::Register => "Asking who the bot is",
            Self::Groups => "Checking the token",
            Self::Greet => "Greeting the owner",
        }
    }

    /// Whether the owner's key is shown, and not the bot's token.
    pub(super) fn is_owners(self) -> bool {
        matches!(self, Self::List | Self::Create)
    }

    /// Its answer, if that is what was asked for: of some proxies each answer is a success.
    fn checked(self, answer: Value) -> Result<Value, CallOutcome> {
        let is_right = match self {
            // An empty list may be none at all.
            Self::List | Self::Groups => answer.is_array() || answer.is_null(),
            Self::Create | Self::Register => text(&answer, "robot_id").is_some(),
            Self::Greet => true,
        };
        let cause = "the server answered something else".to_owned();
        if is_right { Ok(answer) } else { Err(CallOutcome::Failed { unsent: false, cause }) }
    }

    pub(super) fn request(self, known: &Known, bot: &Bot) -> (Method, &'static str, Value) {
        match self {
            Self::List => (Method::Get, "/v1/user/bots", Value::Null),
            Self::Groups => (Method::Get, "/v1/bot/groups", Value::Null),
            Self::Register => (Method::Post, "/v1/bot/register", object(&[])),
            Self::Create => {
                let mut fields = vec![("name", known.text("name").unwrap_or_default().into())];
                for (fact, field) in [("username", "username"), ("space", "space_id")] {
                    if let Some(text) = known.text(fact) {
                        fields.push((field, text.into()));
                    }
                }
                (Method::Post, "/v1/user/bots", object(&fields))
            }
            Self::Greet => {
                let usual = format!("Hello, I am {}. Write to me here at any time.", bot.name);
                let content = known.text("greeting").map_or(usual, str::to_owned);
                let payload = object(&[("type", 1.into()), ("content", content.into())]);
                let owner = bot.owner.as_deref().unwrap_or_default();
                let fields = [("channel_id", owner.into()), ("channel_type", 1.into()), ("payload", payload)];
                (Method::Post, "/v1/bot/sendMessage", object(&fields))
            }
        }
    }
}

impl Dmwork {
    /// Takes the answer to the call under way.
    pub(super) fn settled(&mut self, outcome: &CallOutcome) -> Result<(), Problem> {
        let Some(step) = self.calling.take() else { return Ok(()) };
        let answer = match dmwork_api::told(outcome).and_then(|answer| step.checked(answer)) {
            Ok(answer) => answer,
            Err(failure) => {
                let words = match outcome {
                    CallOutcome::Answered { body, .. } => dmwork_api::error_message(body),
                    CallOutcome::Failed { .. } => None,
                };
                let why = words.unwrap_or_else(|| failure.describe());
                // Everything else works without it.
                if step == Step::Greet {
                    self.bot.greeted = true;
                    self.report.warnings.push(format!("The owner could not be greeted: {}", self.clean(&why)));
                    return Ok(());
                }
                return Err(self.failed(step, &failure, &why));
            }
        };
        let at = self.server.as_ref().map(|server| server.as_str().to_owned()).unwrap_or_default();
        match step {
            Step::List => self.bots = Some(answer.as_array().cloned().unwrap_or_default()),
            Step::Create => {
                let name = text::name(self.known.text("name").unwrap_or_default());
                self.report.done.push(format!("Made the bot {name}."));
                self.bots.get_or_insert_default().push(answer.clone());
                let id = text(&answer, "robot_id").unwrap_or_default().to_owned();
                self.known.learn("bot", id.into());
            }
            Step::Register => {
                self.bot.id = text(&answer, "robot_id").map(str::to_owned);
                self.bot.owner = text(&answer, "owner_uid").map(str::to_owned);
                self.bot.name = text::name(text(&answer, "name").unwrap_or_default());
                let (id, owner) = (self.bot.id.as_deref().unwrap_or("?"), self.bot.owner.as_deref());
                let whose = owner.map_or_else(|| "nobody".to_owned(), str::to_owned);
                let name = &self.bot.name;
                self.report.checked =
                    Some(format!("{at} takes the token. The bot is {name} ({id}) and belongs to {whose}."));
                self.bot.checked = true;
            }
            Step::Groups => {
                let groups = answer.as_array().map_or(0, Vec::len);
                self.report.checked = Some(format!("{at} takes the token. Groups of the bot: {groups}."));
                self.bot.checked = true;
            }
            Step::Greet => {
                self.bot.greeted = true;
                self.report.done.push("Greeted the owner.".to_owned());
            }
        }
        Ok(())
    }

    /// The bot with this id or name among the owner's.
    pub(super) fn listed(&self, wanted: &str) -> Result<Option<&Value>, Problem> {
        let bots = self.bots.as_deref().unwrap_or_default();
        if let Some(bot) = bots.iter().find(|bot| text(bot, "robot_id") == Some(wanted)) {
            return Ok(Some(bot));
        }
        let mut named = bots.iter().filter(|bot| text(bot, "name") == Some(wanted));
        match (named.next(), named.next()) {
            (Some(_), Some(_)) => {
                let sentence =
                    format!("Several of the owner's bots are called {wanted}: {}. Give the id.", self.names());
                Err(Problem::new(sentence, &["--bot"]))
            }
            (found, _) => Ok(found),
        }
    }

    /// The owner's bots, for a sentence.
    pub(super) fn names(&self) -> String {
        let mut names = String::new();
        for bot in self.bots.as_deref().unwrap_or_default() {
            if !names.is_empty() {
                names.push_str(", ");
            }
            names.push_str(&text::name(text(bot, "name").unwrap_or_default()));
            names.push_str(" (");
            names.push_str(text(bot, "robot_id").unwrap_or_default());
            names.push(')');
        }
        if names.is_empty() { "none".to_owned() } else { names }
    }

    fn failed(&self, step: Step, outcome: &CallOutcome, why: &str) -> Problem {
        let (why, doing) = (self.clean(why), step.doing());
        let token = if step.is_owners() { &self.key } else { &self.token };
        let source = token.as_ref().map_or(Source::Given, |token| token.source).name();
        match outcome {
            // A bad token is a plain 400 at `register`, and the server words it in its own language.
            CallOutcome::Answered { status: 400 | 401 | 403, .. } if step != Step::Create => {
                let kind = if step.is_owners() { "key" } else { "token" };
                let sentence = format!("The server refuses the {kind} {source}. Give the right one. ({why})");
                Problem::new(sentence, &["--token-file"])
            }
            CallOutcome::Answered { status: 409, .. } => {
                Problem::new(format!("--username: is taken. ({why})"), &["--username"])
            }
            CallOutcome::Answered { status: 429, .. } => {
                Problem::new(format!("{doing} failed: {why}. Wait a minute and run it again."), &[])
            }
            CallOutcome::Failed { unsent: true, .. } => {
                Problem::new(format!("{doing} failed: {why}. Is that the server's address?"), &["--api-url"])
            }
            CallOutcome::Answered { .. } | CallOutcome::Failed { .. } => {
                Problem::new(format!("{doing} failed: {why}. What is done stays; run it again."), &[])
            }
        }
    }

    /// A server may quote what it was sent.
    fn clean(&self, why: &str) -> String {
        let own = |token: &Option<Token>| token.as_ref().map(|token| token.text().to_owned()).unwrap_or_default();
        redact(&redact(why, &own(&self.token)).0, &own(&self.key)).0
    }
}
