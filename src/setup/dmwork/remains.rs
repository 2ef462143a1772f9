//! What the setup leaves behind: the configuration and the report.

use super::super::known::list;
use super::super::order::{Order, Report};
use super::super::token::Source;
use super::{Dmwork, Problem};
use crate::config::BaseUrl;
use serde_json::{Map, Value};

/// Strangers meet bots, so direct conversations are apart.
const DM_SCOPE: &str = "per-account-channel-peer";
const DMS: [&str; 3] = ["owner", "friends", "open"];

impl Dmwork {
    /// One of the words, or asked for again.
    pub(super) fn check_dms(&mut self) -> Result<(), Problem> {
        let Some(dms) = self.known.text("dms").filter(|dms| !DMS.contains(dms)) else { return Ok(()) };
        let sentence = format!("--dms: `{}` is none of owner, friends and open.", crate::text::excerpt(dms));
        if !self.known.flag("interactive") {
            return Err(Problem::new(sentence, &["--dms"]));
        }
        self.complaint = Some(sentence);
        self.known.learn("dms", Value::Null);
        Ok(())
    }

    /// Nobody has said who may write to the bot.
    pub(super) fn lacks_dms(&self) -> bool {
        self.known.text("dms").is_none()
            && self.known.config("dmPolicy").is_none()
            && !self.configured
            && self.bot.owner.is_some()
    }

    /// An account that belongs to an agent is not given to another one in passing.
    pub(super) fn check_agent(&self) -> Result<(), Problem> {
        let (Some(agent), Some(other)) = (self.known.text("agent"), self.known.text("boundTo")) else { return Ok(()) };
        if agent == other {
            return Ok(());
        }
        let account = &self.report.account;
        let sentence = format!(
            "--agent: the account {account} belongs to the agent {other}, not {agent}. Remove that binding first: \
             openclaw agents unbind --agent {other} --bind dmwork:{account}"
        );
        Err(Problem::new(sentence, &["--agent"]))
    }

    /// What the configuration lacks, if anything.
    pub(super) fn configure(&self, is_home: bool) -> Option<Order> {
        let agent = self.known.text("agent").filter(|_| self.known.text("boundTo").is_none()).map(str::to_owned);
        let keys = self.missing_keys(is_home);
        let dm_scope = self.known.text("dmScope").is_none().then_some(DM_SCOPE);
        let is_needed = !keys.is_empty() || agent.is_some() || dm_scope.is_some();
        is_needed.then(|| Order::Configure { keys: Value::Object(keys).to_string(), dm_scope, agent })
    }

    fn missing_keys(&self, is_home: bool) -> Map<String, Value> {
        let mut keys = Map::new();
        if let Some(token) = self.token.as_ref().filter(|token| token.source != Source::Config) {
            let value = token.reference.clone().unwrap_or_else(|| token.text().into());
            keys.insert("botToken".to_owned(), value);
        }
        if let Some(server) = self.server.as_ref().filter(|_| !is_home) {
            keys.insert("apiUrl".to_owned(), server.as_str().into());
        }
        let policy = match self.known.text("dms") {
            Some("owner") => "allowlist",
            Some("open") => "open",
            Some(_) => "pairing",
            // It is that where nothing else stands.
            None => "",
        };
        if !policy.is_empty() && self.known.config("dmPolicy") != Some(policy) {
            keys.insert("dmPolicy".to_owned(), policy.into());
        }
        if let Some(allowed) = self.allowed(policy) {
            keys.insert("allowFrom".to_owned(), allowed);
        }
        keys
    }

    /// `allowFrom` with the owner, who needs no code to speak to their own bot, or with everybody. `None` if it is right.
    fn allowed(&self, policy: &str) -> Option<Value> {
        let config = self.known.0.get("config");
        let mut allowed = config.map(|config| list(config, "allowFrom").to_vec()).unwrap_or_default();
        let is_open = policy == "open" || (policy.is_empty() && self.known.config("dmPolicy") == Some("open"));
        let entry = if is_open { "*" } else { self.bot.owner.as_deref()? };
        if self.known.config("dmPolicy") == Some("disabled") && policy.is_empty() {
            return None;
        }
        let before = allowed.len();
        // What was for everybody is not for the owner alone.
        if policy == "allowlist" || policy == "pairing" {
            allowed.retain(|entry| entry.as_str() != Some("*"));
        }
        let is_there = allowed
            .iter()
            .any(|known| known.as_str().is_some_and(|known| known == "*" || known.rsplit(':').next() == Some(entry)));
        if is_there && allowed.len() == before {
            return None;
        }
        if !is_there {
            allowed.push(entry.into());
        }
        Some(Value::Array(allowed))
    }

    pub(super) fn finish(&mut self, problem: Option<Problem>) -> Order {
        let mut report = std::mem::take(&mut self.report);
        report.ok = problem.is_none();
        report.agent_user_id.clone_from(&self.bot.id);
        report.owner_user_id.clone_from(&self.bot.owner);
        match problem {
            Some(problem) => {
                report.error = Some(problem.sentence);
                report.flags = problem.flags;
            }
            None => self.advise(&mut report),
        }
        Order::Finish { report }
    }

    fn advise(&self, report: &mut Report) {
        let warnings = &mut report.warnings;
        if self.known.0.pointer("/config/enabled") == Some(&Value::Bool(false)) {
            warnings.push("The account is switched off: set `enabled` to true.".to_owned());
        }
        if let Some(scope) = self.known.text("dmScope").filter(|scope| *scope != DM_SCOPE) {
            warnings.push(format!(
                "session.dmScope is `{scope}`, so direct conversations of several people or bots may share one session. \
                 `{DM_SCOPE}` keeps them apart."
            ));
        }
        let token = self.token.as_ref();
        if token.is_some_and(|token| token.text().starts_with("app_")) {
            warnings.push("An App Bot speaks in direct messages only, not in groups or threads.".to_owned());
        }
        if self.server.as_ref().is_some_and(|server| !BaseUrl::is_private(server)) {
            warnings.push("apiUrl is http:// to another machine: the token crosses the network in clear.".to_owned());
        }
        if token.is_some_and(|token| token.source == Source::Environment) {
            let sentence = "Give the gateway DMWORK_BOT_TOKEN as well, for a service in ~/.openclaw/.env.";
            report.next.push(sentence.to_owned());
        }
        if self.configured {
            report.next.push("Restart the gateway if it runs: openclaw gateway restart".to_owned());
        }
        report.next.push("See whether it is connected: openclaw channels status --probe".to_owned());
        if let Some(owner) = &self.bot.owner {
            report.next.push(format!("Write to the bot on DMWork as {owner}, or add it to a group and mention it."));
        }
    }
}
