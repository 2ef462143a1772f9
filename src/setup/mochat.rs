//! `openclaw mochat setup`: from whatever is there to an agent that is registered, belongs to its owner and is
//! configured.
//!
//! A machine like an account's: facts go in, and one order at a time comes out. It does the first thing that is missing
//! until nothing is, so a second run changes nothing that is right, and one that failed goes on where it stopped.

mod agent;
mod email;
mod remains;

use super::known::{Known, text};
use super::order::{Fact, Order, Question, Report};
use super::token::{self, Source, Token};
use super::{CALL_TIMEOUT, Problem};
use crate::call::{Call, Errand, Method};
use crate::config::{BaseUrl, ConfigError};
use crate::secret::Secret;
use agent::{Agent, Owner, Step};
use serde_json::{Value, json};

/// The server that is meant; the public one by default.
fn server(url: Option<&str>) -> Result<BaseUrl, ConfigError> {
    crate::config::mochat_server(url)
}

/// The setup of one account.
#[derive(Debug)]
pub(super) struct Mochat {
    known: Known,
    /// Where the agent lives, once the address is checked.
    server: Option<BaseUrl>,
    token: Option<Token>,
    agent: Agent,
    /// The last question, and what was wrong with its last answer.
    asked: Option<Question>,
    complaint: Option<String>,
    /// The person has been asked for a token and has none.
    has_no_token: bool,
    /// The call under way.
    calling: Option<Step>,
    /// What is being written.
    writing: Option<Writing>,
    saved: bool,
    configured: bool,
    report: Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    Credentials,
    Configuration,
}

impl Mochat {
    /// A setup that starts from these facts.
    pub(super) fn new(known: Known) -> Self {
        let account = known.text("account").unwrap_or_default().to_owned();
        let report = Report { account, ..Report::default() };
        Self {
            agent: Agent { id: known.text("agentId").map(str::to_owned), ..Agent::default() },
            known,
            server: None,
            token: None,
            asked: None,
            complaint: None,
            has_no_token: false,
            calling: None,
            writing: None,
            saved: false,
            configured: false,
            report,
        }
    }

    /// Takes a fact and says what is next.
    pub(super) fn handle(&mut self, fact: Fact) -> Order {
        let went = match fact {
            Fact::Started => Ok(()),
            Fact::Settled(outcome) => self.settled(&outcome),
            Fact::NotWritten(why) => self.not_written(&why),
            Fact::Answered(text) => {
                self.answered(&text);
                Ok(())
            }
            Fact::Written => {
                self.written();
                Ok(())
            }
        };
        went.and_then(|()| self.next()).unwrap_or_else(|problem| self.finish(Some(problem)))
    }

    /// The first thing that is missing.
    fn next(&mut self) -> Result<Order, Problem> {
        let configured = self.known.config("baseUrl");
        let of_config = server(configured)?;
        let server = server(self.known.text("baseUrl").or(configured))?;
        if self.token.is_none() {
            self.token = find_token(&self.known, &server, &of_config)?;
            self.agent.read(&self.known, self.token.as_ref());
        }
        self.server = Some(server);
        let Some(token) = &self.token else { return self.register() };
        if token.source == Source::Registered && !self.saved {
            return Ok(self.save());
        }
        if self.agent.owner == Owner::Unasked {
            return Ok(self.call(Step::Owner));
        }
        if self.agent.owner == Owner::Nobody && !self.known.flag("noOwner") {
            return self.bind();
        }
        self.check_owner()?;
        if self.wants_invite() {
            return Ok(self.call(Step::Invite));
        }
        if !self.agent.looked {
            return Ok(self.call(Step::Sessions));
        }
        if self.wants_saving() {
            return Ok(self.save());
        }
        if !self.configured
            && let Some(keys) = self.missing_keys(&of_config)
        {
            self.writing = Some(Writing::Configuration);
            return Ok(Order::configure(keys));
        }
        Ok(self.finish(None))
    }

    /// Without a token: everything that a new agent needs is asked before it is made.
    fn register(&mut self) -> Result<Order, Problem> {
        let interactive = self.known.flag("interactive");
        let nameless = self.known.text("name").is_none();
        if interactive && !self.has_no_token && nameless {
            return Ok(self.ask(Question::Token));
        }
        self.check_email()?;
        let ownerless = self.known.text("email").is_none() && !self.known.flag("noOwner");
        match (nameless, ownerless) {
            (false, false) => Ok(self.call(Step::Register)),
            (true, _) if interactive => Ok(self.ask(Question::Name)),
            (false, true) if interactive => Ok(self.ask(Question::Email)),
            (true, true) => Err(self.lacks(&["--name", "--email"])),
            (true, false) => Err(self.lacks(&["--name"])),
            (false, true) => Err(self.lacks(&["--email"])),
        }
    }

    fn bind(&mut self) -> Result<Order, Problem> {
        self.check_email()?;
        match self.known.text("email") {
            Some(_) => Ok(self.call(Step::Bind)),
            None if self.known.flag("interactive") => Ok(self.ask(Question::Email)),
            None => Err(self.lacks(&["--email"])),
        }
    }

    /// What to give on the command line where nobody can be asked. An address is never made up.
    fn lacks(&self, flags: &'static [&'static str]) -> Problem {
        let mut sentence = format!("Nobody can be asked here, so give {}.", flags.join(" and "));
        if self.token.is_none() {
            sentence.push_str(" For an agent that exists already, give its token by --token-file or MOCHAT_TOKEN.");
        }
        if flags.contains(&"--email") {
            sentence.push_str(" Ask the owner for their address; --no-owner leaves the agent without one.");
        }
        Problem::new(sentence, flags)
    }

    /// The address is one, or is asked for again.
    fn check_email(&mut self) -> Result<(), Problem> {
        let Some(address) = self.known.text("email") else { return Ok(()) };
        let Some(fault) = email::fault(address) else { return Ok(()) };
        let sentence = format!("--email: `{address}` {fault}.");
        if !self.known.flag("interactive") {
            return Err(Problem::new(sentence, &["--email"]));
        }
        self.known.learn("email", Value::Null);
        self.complaint = Some(sentence);
        Ok(())
    }

    /// An agent that belongs to somebody is not given to somebody else in passing.
    fn check_owner(&self) -> Result<(), Problem> {
        let (Owner::Person { email: Some(owner), .. }, Some(wanted)) = (&self.agent.owner, self.known.text("email"))
        else {
            return Ok(());
        };
        if owner.eq_ignore_ascii_case(wanted) {
            return Ok(());
        }
        let sentence = format!("This agent belongs to {owner} already. Leave --email out, or register another agent.");
        Err(Problem::new(sentence, &["--email"]))
    }

    fn ask(&mut self, question: Question) -> Order {
        self.asked = Some(question);
        Order::ask(question, self.complaint.take())
    }

    fn answered(&mut self, text: &str) {
        match self.asked.take() {
            Some(Question::Name) => self.known.learn("name", text.into()),
            Some(Question::Email) => self.known.learn("email", text.into()),
            Some(Question::Token) if text.trim().is_empty() => self.has_no_token = true,
            Some(Question::Token) => self.known.learn("given", json!({ "token": text })),
            Some(Question::ApiUrl | Question::Credential | Question::BotName | Question::Dms) | None => {}
        }
    }

    fn call(&mut self, step: Step) -> Order {
        self.calling = Some(step);
        let (path, body) = step.request(&self.known, &self.agent);
        // The call that makes an agent is made by nobody yet.
        let token = self.token.as_ref().map_or_else(|| Secret::new(String::new()), |token| token.value.clone());
        let call = Call {
            errand: Errand::Setup,
            method: Method::Post,
            url: self.server.as_ref().map(|server| server.join(path)).unwrap_or_default(),
            auth: ("X-Claw-Token", token),
            space: None,
            body: Some(body),
            timeout: CALL_TIMEOUT,
        };
        Order::Call { doing: step.doing(), call }
    }

    fn written(&mut self) {
        match self.writing.take() {
            Some(Writing::Credentials) => {
                self.saved = true;
                let sentence = format!("Saved its credentials in {}.", self.credentials_path());
                self.report.done.push(sentence);
            }
            Some(Writing::Configuration) => {
                self.configured = true;
                self.report.done.push(format!("Configured the Mochat account {}.", self.report.account));
            }
            None => {}
        }
    }

    /// The credentials are a second copy of what the configuration holds; without that nothing works.
    fn not_written(&mut self, why: &str) -> Result<(), Problem> {
        match self.writing.take() {
            Some(Writing::Credentials) => {
                self.saved = true;
                let sentence = format!("The credentials could not be saved in {}: {why}", self.credentials_path());
                self.report.warnings.push(sentence);
                Ok(())
            }
            Some(Writing::Configuration) | None => {
                Err(Problem::new(format!("The configuration could not be written: {why}"), &[]))
            }
        }
    }
}

/// The token that is there. One belongs to a server, and is shown to no other unless the operator gives it for that.
fn find_token(known: &Known, server: &BaseUrl, of_config: &BaseUrl) -> Result<Option<Token>, Problem> {
    if let Some(given) = known.0.get("given") {
        return token::read(known, given, Source::Given).map(Some);
    }
    if let Some(configured) = known.0.get("configured").filter(|_| server == of_config)
        // What another account has as well is the one beside `accounts`, taken over.
        && text(configured, "token").and_then(|token| known.taken_by(token)).is_none()
    {
        return token::read(known, configured, Source::Config).map(Some);
    }
    if let Some(environment) = known.0.get("environment")
        && let Ok(token) = token::read(known, environment, Source::Environment)
    {
        return Ok(Some(token));
    }
    let mut files = known.files().iter().filter_map(|file| {
        let keys = file.get("keys")?;
        let token = text(keys, "token")?;
        let home = self::server(text(keys, "baseUrl")).ok()?;
        let is_free = known.taken_by(token).is_none() && known.text("refused") != Some(token);
        (home == *server && is_free).then(|| Token::new(token, Source::File))
    });
    Ok(files.next())
}
