//! `openclaw dmwork setup`: from a bot's token, or the owner's key, to a bot that is configured and has greeted its owner.

mod bot;
mod remains;

use super::known::{Known, text};
use super::order::{Fact, Order, Question, Report};
use super::token::{self, Source, Token};
use super::{CALL_TIMEOUT, Problem};
use crate::call::{Call, Errand, Method};
use crate::config::BaseUrl;
use crate::secret::Secret;
use bot::{Bot, Step};
use serde_json::{Value, json};

/// How the owner's keys begin. Everything else is taken for a bot's token.
const USER_KEY: &str = "uk_";

/// The setup of one account.
#[derive(Debug)]
pub(super) struct Dmwork {
    known: Known,
    server: Option<BaseUrl>,
    /// The owner's key, if a bot is to be found or made by it.
    key: Option<Token>,
    token: Option<Token>,
    /// The owner's bots, as the server lists them.
    bots: Option<Vec<Value>>,
    bot: Bot,
    /// The last question, and what was wrong with its last answer.
    asked: Option<Question>,
    complaint: Option<String>,
    /// The call under way.
    calling: Option<Step>,
    configured: bool,
    report: Report,
}

impl Dmwork {
    /// A setup that starts from these facts.
    pub(super) fn new(known: Known) -> Self {
        let account = known.text("account").unwrap_or_default().to_owned();
        Self {
            known,
            server: None,
            key: None,
            token: None,
            bots: None,
            bot: Bot::default(),
            asked: None,
            complaint: None,
            calling: None,
            configured: false,
            report: Report { account, ..Report::default() },
        }
    }

    /// Takes a fact and says what is next.
    pub(super) fn handle(&mut self, fact: Fact) -> Order {
        let went = match fact {
            Fact::Started => Ok(()),
            Fact::Settled(outcome) => self.settled(&outcome),
            Fact::NotWritten(why) => Err(Problem::new(format!("The configuration could not be written: {why}"), &[])),
            Fact::Answered(text) => {
                self.answered(&text);
                Ok(())
            }
            Fact::Written => {
                self.configured = true;
                self.report.done.push(format!("Configured the DMWork account {}.", self.report.account));
                Ok(())
            }
        };
        went.and_then(|()| self.next()).unwrap_or_else(|problem| self.finish(Some(problem)))
    }

    /// The first thing that is missing.
    fn next(&mut self) -> Result<Order, Problem> {
        // Before anything is made.
        self.check_agent()?;
        if self.bot.checked || !self.known.flag("interactive") {
            self.check_dms()?;
        }
        let of_config = self.known.config("apiUrl").and_then(|url| BaseUrl::parse("apiUrl", url).ok());
        let Some(server) = self.find_server(of_config.as_ref())? else {
            return self.ask(Question::ApiUrl, &["--api-url"]);
        };
        let is_home = of_config.as_ref() == Some(&server);
        self.server = Some(server);
        if self.token.is_none() && self.key.is_none() {
            self.find_credential(is_home)?;
        }
        let Some(token) = &self.token else { return self.find_bot() };
        if !self.bot.checked {
            // Registering closes the bot's connection, so a bot that is all right is only asked for its groups.
            let is_known = token.source == Source::Config && self.known.text("dms").is_none();
            return Ok(self.call(if is_known { Step::Groups } else { Step::Register }));
        }
        if self.lacks_dms() && self.known.flag("interactive") {
            return self.ask(Question::Dms, &["--dms"]);
        }
        if !self.configured
            && let Some(order) = self.configure(is_home)
        {
            return Ok(order);
        }
        let is_new = self.token.as_ref().is_some_and(|token| token.source != Source::Config);
        if is_new && self.bot.owner.is_some() && !self.known.flag("noGreeting") && !self.bot.greeted {
            return Ok(self.call(Step::Greet));
        }
        Ok(self.finish(None))
    }

    /// The server that is meant, if anybody has said.
    fn find_server(&mut self, of_config: Option<&BaseUrl>) -> Result<Option<BaseUrl>, Problem> {
        let Some(url) = self.known.text("apiUrl") else { return Ok(of_config.cloned()) };
        match BaseUrl::parse("apiUrl", url) {
            Ok(server) => Ok(Some(server)),
            Err(error) if self.known.flag("interactive") => {
                self.complaint = Some(error.to_string());
                self.known.learn("apiUrl", Value::Null);
                Ok(None)
            }
            Err(error) => Err(Problem::new(error.to_string(), &["--api-url"])),
        }
    }

    /// The token or key that is there. One belongs to a server, and is shown to no other unless it is given for that.
    fn find_credential(&mut self, is_home: bool) -> Result<(), Problem> {
        let wants_bot = self.known.text("bot").or(self.known.text("name")).is_some();
        let found = |name: &str| self.known.0.get(name);
        let places = [
            ("given", Source::Given, true),
            // Of another bot than the configured one, only the key helps.
            ("userKey", Source::Config, is_home && wants_bot),
            ("configured", Source::Config, is_home && self.known.text("bot").is_none()),
            ("environment", Source::Environment, !wants_bot),
            ("userKey", Source::Config, is_home),
        ];
        for (name, source, may) in places {
            let Some(value) = found(name).filter(|_| may) else { continue };
            let token = match token::read(&self.known, value, source) {
                Ok(token) => token,
                // What another account has as well is the one beside `accounts`, taken over.
                Err(_) if source != Source::Given => continue,
                Err(problem) => return Err(problem),
            };
            if token.text().starts_with(USER_KEY) {
                self.key = Some(token);
            } else {
                self.adopt(token);
            }
            return Ok(());
        }
        Ok(())
    }

    /// Takes a token. One that is configured already is no new one, wherever it comes from.
    fn adopt(&mut self, mut token: Token) {
        let configured = self.known.0.get("configured");
        let is_same = configured.is_some_and(|found| {
            let reference = token.reference.as_ref();
            text(found, "token") == Some(token.text()) && (reference.is_none() || found.get("reference") == reference)
        });
        if is_same {
            token.source = Source::Config;
        }
        self.token = Some(token);
    }

    /// Without a token: the bot that is meant, by the owner's key.
    fn find_bot(&mut self) -> Result<Order, Problem> {
        if self.key.is_none() {
            return self.ask(Question::Credential, &["--token-file"]);
        }
        if self.bots.is_none() {
            return Ok(self.call(Step::List));
        }
        let (id, name) = (self.known.text("bot"), self.known.text("name"));
        let Some(wanted) = id.or(name) else { return self.ask(Question::BotName, &["--name", "--bot"]) };
        let Some(bot) = self.listed(wanted)? else {
            return match id {
                None => Ok(self.call(Step::Create)),
                Some(id) => {
                    let sentence = format!("--bot: `{id}` is none of the owner's bots: {}.", self.names());
                    Err(Problem::new(sentence, &["--bot"]))
                }
            };
        };
        let token = bot.get("bot_token").cloned().unwrap_or_default();
        let token = token::read(&self.known, &json!({ "token": token }), Source::Listed)?;
        self.adopt(token);
        self.next()
    }

    fn ask(&mut self, question: Question, flags: &'static [&'static str]) -> Result<Order, Problem> {
        if !self.known.flag("interactive") {
            let mut sentence = format!("Nobody can be asked here, so give {}.", flags.join(" or "));
            if question == Question::Credential {
                sentence.push_str(" The file holds the bot's token (bf_…) or your user API key (uk_…) from BotFather.");
            } else if question == Question::BotName {
                sentence.push_str(&format!(" The owner's bots are: {}.", self.names()));
            }
            return Err(Problem::new(sentence, flags));
        }
        self.asked = Some(question);
        Ok(Order::ask(question, self.complaint.take()))
    }

    fn answered(&mut self, text: &str) {
        match self.asked.take() {
            Some(Question::ApiUrl) => self.known.learn("apiUrl", text.into()),
            Some(Question::Credential) => self.known.learn("given", json!({ "token": text })),
            Some(Question::BotName) => self.known.learn("name", text.into()),
            Some(Question::Dms) => self.known.learn("dms", text.trim().to_ascii_lowercase().into()),
            Some(Question::Token | Question::Name | Question::Email) | None => {}
        }
    }

    fn call(&mut self, step: Step) -> Order {
        self.calling = Some(step);
        let (method, path, body) = step.request(&self.known, &self.bot);
        let token = if step.is_owners() { &self.key } else { &self.token };
        let token = token.as_ref().map(Token::text).unwrap_or_default();
        let call = Call {
            errand: Errand::Setup,
            method,
            url: self.server.as_ref().map(|server| server.join(path)).unwrap_or_default(),
            auth: ("Authorization", Secret::new(["Bearer ", token].concat())),
            space: None,
            body: (method == Method::Post).then(|| body.to_string()),
            timeout: CALL_TIMEOUT,
        };
        Order::Call { doing: step.doing(), call }
    }
}
