//! What the setup leaves behind: the credentials, the configuration and the report.

use super::super::known::{list, text};
use super::super::order::{Order, Report};
use super::super::token::{Source, Token};
use super::agent::Owner;
use super::{Mochat, Problem, Writing, server};
use crate::config::BaseUrl;
use crate::secret::Secret;
use serde_json::{Map, Value};

impl Mochat {
    /// A new agent's owner has to find it. An owner of long ago has found it.
    pub(super) fn wants_invite(&self) -> bool {
        (self.agent.bound || self.known.flag("invite")) && !self.agent.invited
    }

    /// What is kept elsewhere by the operator's choice is not copied into a file.
    pub(super) fn wants_saving(&self) -> bool {
        let Some(token) = &self.token else { return false };
        let loose = self.credentials().and_then(|file| file.get("loose")) == Some(&Value::Bool(true));
        let wanted = match token.source {
            Source::Given | Source::Registered => token.reference.is_none(),
            // Also where the configuration holds it as well: others could read it there.
            Source::File | Source::Config | Source::Environment | Source::Listed => {
                loose && self.credentials().is_some_and(|file| self.is_ours(file))
            }
        };
        let kept = self.credentials().and_then(|file| file.get("keys")?.as_object());
        wanted && !self.saved && (loose || kept != Some(&self.credentials_keys()))
    }

    pub(super) fn save(&mut self) -> Order {
        self.writing = Some(Writing::Credentials);
        let text = Secret::new(Value::Object(self.credentials_keys()).to_string());
        Order::SaveCredentials { path: self.credentials_path().to_owned(), text }
    }

    pub(super) fn credentials_path(&self) -> &str {
        self.credentials().and_then(|file| text(file, "path")).unwrap_or_default()
    }

    /// The file of this agent: the one that names its token, else the shared one as long as there is none, else the
    /// account's own. The shared one is where other tools look.
    fn credentials(&self) -> Option<&Value> {
        let files = self.known.files();
        let unused = files.last().filter(|shared| shared.get("keys").is_none_or(Value::is_null));
        files.iter().find(|file| self.is_ours(file)).or(unused).or(files.first())
    }

    fn is_ours(&self, file: &Value) -> bool {
        let token = file.get("keys").and_then(|keys| text(keys, "token"));
        token.is_some() && token == self.token.as_ref().map(Token::text)
    }

    /// The documented keys over what is there of the same agent. The server is named only where it is not the public
    /// one.
    fn credentials_keys(&self) -> Map<String, Value> {
        let Some(token) = &self.token else { return Map::new() };
        let ours = self.credentials().filter(|file| self.is_ours(file));
        let mut keys = ours.and_then(|file| file.get("keys")?.as_object()).cloned().unwrap_or_default();
        let mut put = |key: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                keys.insert(key.to_owned(), value.into());
            }
        };
        put("token", Some(token.text()));
        put("botUserId", self.agent.id.as_deref());
        if let Some(made) = &self.agent.made {
            put("workspaceId", Some(&made.workspace));
            put("groupId", Some(&made.group));
            put("agentName", self.known.text("name"));
            put("registeredAt", self.known.text("now"));
        }
        if server(None).ok() != self.server {
            put("baseUrl", self.server.as_ref().map(BaseUrl::as_str));
        }
        keys
    }

    /// The account's keys that are not as they should be.
    pub(super) fn missing_keys(&self, of_config: &BaseUrl) -> Option<String> {
        let mut keys = Map::new();
        if let Some(token) = self.token.as_ref().filter(|token| !self.is_configured(token)) {
            let value = token.reference.clone().unwrap_or_else(|| token.text().into());
            keys.insert("clawToken".to_owned(), value);
        }
        if let Some(id) = self.agent.id.as_deref().filter(|id| self.known.config("agentUserId") != Some(id)) {
            keys.insert("agentUserId".to_owned(), id.into());
        }
        if let Some(server) = self.server.as_ref().filter(|server| *server != of_config) {
            keys.insert("baseUrl".to_owned(), server.as_str().into());
        }
        if let Some(allowed) = self.with_owner() {
            keys.insert("allowFrom".to_owned(), allowed);
        }
        (!keys.is_empty()).then(|| Value::Object(keys).to_string())
    }

    fn is_configured(&self, token: &Token) -> bool {
        let found = self.known.0.get("configured");
        found.is_some_and(|found| {
            text(found, "token") == Some(token.text()) && found.get("reference") == token.reference.as_ref()
        })
    }

    /// `allowFrom` with the owner, who needs no pairing code to speak to their own agent. `None` if they may anyway, or
    /// nobody may.
    fn with_owner(&self) -> Option<Value> {
        let Owner::Person { id, .. } = &self.agent.owner else { return None };
        if matches!(self.known.config("dmPolicy"), Some("open" | "disabled")) {
            return None;
        }
        let config = self.known.0.get("config")?;
        let mut allowed = list(config, "allowFrom").to_vec();
        let names = |entry: &Value| {
            entry.as_str().is_some_and(|entry| {
                entry == "*"
                    || entry.strip_suffix(id.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with(':'))
            })
        };
        if allowed.iter().any(names) {
            return None;
        }
        allowed.push(id.as_str().into());
        Some(Value::Array(allowed))
    }

    pub(super) fn finish(&mut self, problem: Option<Problem>) -> Order {
        let mut report = std::mem::take(&mut self.report);
        report.ok = problem.is_none();
        report.agent_user_id.clone_from(&self.agent.id);
        report.session_id.clone_from(&self.agent.session);
        if let Owner::Person { id, .. } = &self.agent.owner {
            report.owner_user_id = Some(id.clone());
        }
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
        if self.known.0.pointer("/config/enabled") == Some(&Value::Bool(false)) {
            report.warnings.push("The account is switched off: set `enabled` to true.".to_owned());
        }
        if self.agent.id.is_none() {
            let sentence =
                "The agent's user id is not known yet; the gateway asks the server for it, or give --agent-id.";
            report.warnings.push(sentence.to_owned());
        }
        if let Some(link) = &report.invite {
            let whom = match &self.agent.owner {
                Owner::Person { email: Some(email), .. } => format!(" with {email}"),
                Owner::Unasked | Owner::Nobody | Owner::Person { .. } => String::new(),
            };
            report.next.push(format!("Open {link} and sign in{whom}: the agent's greeting waits in your messages."));
        }
        if self.agent.owner == Owner::Nobody {
            report
                .next
                .push("Run this again with --email <the owner's address> to give the agent its owner.".to_owned());
        }
        if self.token.as_ref().is_some_and(|token| token.source == Source::Environment) {
            let sentence = "Give the gateway MOCHAT_TOKEN as well, for a service in ~/.openclaw/.env.";
            report.next.push(sentence.to_owned());
        }
        if self.configured {
            report.next.push("Restart the gateway if it runs: openclaw gateway restart".to_owned());
        }
        report.next.push("See whether it is connected: openclaw channels status --probe".to_owned());
    }
}
