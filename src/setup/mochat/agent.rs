//! What is known of the agent, and the calls by which more is learned.

use super::super::known::{Known, text};
use super::super::token::{Source, Token};
use super::{Mochat, Problem};
use crate::call::CallOutcome;
use crate::text::redact;
use crate::wire::mochat_agents::{self, Registered};
use crate::wire::mochat_api;
use serde_json::Value;

/// Whom the agent belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Owner {
    /// The server has not said yet.
    #[default]
    Unasked,
    /// To nobody.
    Nobody,
    /// To this person.
    Person { id: String, email: Option<String> },
}

/// The agent, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Agent {
    pub(super) id: Option<String>,
    pub(super) owner: Owner,
    pub(super) session: Option<String>,
    /// What registering answered.
    pub(super) made: Option<Registered>,
    /// It was bound just now.
    pub(super) bound: bool,
    /// An invite was asked for.
    pub(super) invited: bool,
    /// The sessions were listed.
    pub(super) looked: bool,
}

/// A call to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Register,
    Owner,
    Bind,
    Invite,
    Sessions,
}

impl Step {
    pub(super) const fn doing(self) -> &'static str {
        match self {
            Self::Register => "Registering the agent",
            Self::Owner => "Asking whom the agent belongs to",
            Self::Bind => "Binding the agent to its owner",
            Self::Invite => "Making an invite",
            Self::Sessions => "Checking the connection",
        }
    }

    /// Path and body.
    pub(super) fn request(self, known: &Known, agent: &Agent) -> (&'static str, String) {
        match self {
            Self::Register => mochat_agents::register(known.text("name").unwrap_or_default()),
            Self::Owner => mochat_api::owner(),
            Self::Bind => {
                let greeting = known.text("greeting").map_or_else(|| greeting(known, agent), str::to_owned);
                mochat_agents::bind(known.text("email").unwrap_or_default(), &greeting)
            }
            Self::Invite => mochat_agents::invite(),
            Self::Sessions => mochat_api::list_sessions(None),
        }
    }
}

fn greeting(known: &Known, agent: &Agent) -> String {
    let who = known.text("name").filter(|_| agent.made.is_some()).unwrap_or("your agent");
    format!("Hello, I am {who}. This is our own conversation: write to me here at any time.")
}

impl Agent {
    /// Learns who the agent is from where its token stands.
    pub(super) fn read(&mut self, known: &Known, token: Option<&Token>) {
        let Some(token) = token else { return };
        let keys = known.files().iter().filter_map(|file| file.get("keys"));
        let of_file =
            keys.filter(|keys| text(keys, "token") == Some(token.text())).find_map(|keys| text(keys, "botUserId"));
        let of_config = known.config("agentUserId").filter(|_| token.source == Source::Config);
        if self.id.is_none() {
            self.id = of_file.or(of_config).map(str::to_owned);
        }
    }

    /// Two in a session are the owner and the agent.
    fn learn_sessions(&mut self, data: &Value) {
        let Owner::Person { id: owner, .. } = &self.owner else { return };
        let sessions = mochat_api::sessions(data);
        let Some((session, agent)) = sessions.iter().find_map(|session| match session.participants.as_slice() {
            [one, other] if one.id == *owner => Some((&session.id, &other.id)),
            [one, other] if other.id == *owner => Some((&session.id, &one.id)),
            _ => None,
        }) else {
            return;
        };
        self.session.get_or_insert_with(|| session.clone());
        // Surer than what stands anywhere, which may be of another agent.
        self.id = Some(agent.clone());
    }
}

impl Mochat {
    /// Takes the answer to the call under way.
    pub(super) fn settled(&mut self, outcome: &CallOutcome) -> Result<(), Problem> {
        let Some(step) = self.calling.take() else { return Ok(()) };
        let answer = match outcome.success() {
            Some(body) => mochat_api::data(body),
            None => Err(outcome.describe()),
        };
        match (step, answer) {
            (Step::Register, Ok(data)) => self.registered(&data),
            (Step::Owner, Ok(data)) => {
                self.agent.owner = match mochat_api::read_owner(&data) {
                    Some(id) => Owner::Person { id, email: mochat_agents::read_owner_email(&data) },
                    None => Owner::Nobody,
                };
                Ok(())
            }
            // A server from before binding existed.
            (Step::Owner, Err(_)) if matches!(outcome, CallOutcome::Answered { status: 404, .. }) => {
                self.agent.owner = Owner::Nobody;
                Ok(())
            }
            // What lies in a file may be of long ago.
            (Step::Owner, Err(_)) if self.is_stale(outcome) => {
                self.pass_over_token();
                Ok(())
            }
            (Step::Bind, Ok(data)) => self.bound(&data),
            (Step::Invite, answer) => {
                self.invited(answer);
                Ok(())
            }
            (Step::Sessions, Ok(data)) => {
                self.agent.looked = true;
                self.agent.learn_sessions(&data);
                let sessions = mochat_api::sessions(&data).len();
                let at = self.server.as_ref().map(|server| server.as_str()).unwrap_or_default();
                self.report.checked = Some(format!("{at} takes the token. Sessions of the agent: {sessions}."));
                Ok(())
            }
            (Step::Register | Step::Owner | Step::Bind | Step::Sessions, Err(why)) => {
                Err(self.failed(step, outcome, &why))
            }
        }
    }

    fn is_stale(&self, outcome: &CallOutcome) -> bool {
        let is_refused = matches!(outcome, CallOutcome::Answered { status: 401, .. });
        is_refused && self.token.as_ref().is_some_and(|token| token.source == Source::File)
    }

    /// Goes on as if the token were not there, and says so.
    fn pass_over_token(&mut self) {
        let sentence = format!("The server refuses the token in {}; it was left aside.", self.credentials_path());
        self.report.warnings.push(sentence);
        if let Some(token) = self.token.take() {
            self.known.learn("refused", token.text().into());
        }
        self.agent = Agent { id: self.known.text("agentId").map(str::to_owned), ..Agent::default() };
    }

    fn registered(&mut self, data: &Value) -> Result<(), Problem> {
        let Some(made) = mochat_agents::read_registered(data) else {
            return Err(Problem::new("The server registered the agent, but told no token.".to_owned(), &[]));
        };
        self.report.done.push(format!("Registered the agent {}.", self.known.text("name").unwrap_or_default()));
        self.token = Some(Token::new(&made.token, Source::Registered));
        self.agent.id = Some(made.user.clone()).filter(|id| !id.is_empty());
        // It has just come into the world.
        self.agent.owner = Owner::Nobody;
        self.agent.made = Some(made);
        Ok(())
    }

    fn bound(&mut self, data: &Value) -> Result<(), Problem> {
        let Some((id, session)) = mochat_agents::read_bound(data) else {
            return Err(Problem::new("The server did not bind the agent to its owner.".to_owned(), &["--email"]));
        };
        let email = self.known.text("email").map(str::to_owned);
        self.report.done.push(format!("Bound it to {} and greeted them.", email.as_deref().unwrap_or_default()));
        self.agent.owner = Owner::Person { id, email };
        self.agent.session = session;
        self.agent.bound = true;
        Ok(())
    }

    /// Without an invite everything else works.
    fn invited(&mut self, answer: Result<Value, String>) {
        self.agent.invited = true;
        let path = answer.and_then(|data| mochat_agents::read_invite(&data).ok_or_else(|| "no code".to_owned()));
        match path {
            Ok(path) => self.report.invite = self.server.as_ref().map(|server| server.join(&path)),
            Err(why) => self.report.warnings.push(format!("The server made no invite: {}", self.without_token(&why))),
        }
    }

    fn failed(&self, step: Step, outcome: &CallOutcome, why: &str) -> Problem {
        let why = self.without_token(why);
        let doing = step.doing();
        let fix = match (outcome, &self.token) {
            (CallOutcome::Answered { status: 401, .. }, Some(token)) => {
                let source = token.source.name();
                return Problem::new(
                    format!("The server refuses the token {source}. Give the right one. ({why})"),
                    &["--token-file"],
                );
            }
            (CallOutcome::Answered { status: 429, .. }, _) => "Wait a minute and run it again.",
            (CallOutcome::Failed { unsent: true, .. }, _) => "Is that the server's address? See --base-url.",
            (CallOutcome::Failed { .. }, _) if step == Step::Register => {
                "It may have been registered all the same, and then nobody has its token: run it again for another."
            }
            _ => "What is done stays; run it again.",
        };
        Problem::new(format!("{doing} failed: {why}. {fix}"), &[])
    }

    /// A server may quote what it was sent.
    fn without_token(&self, text: &str) -> String {
        redact(text, self.token.as_ref().map_or("", Token::text)).0
    }
}
