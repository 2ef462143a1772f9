//! Calls of the bot API: how they are made, which of them the server has, and the probe.

use super::Dmwork;
use super::catch_up::QUEUE;
use crate::call::{Call, CallOutcome, Errand, Method};
use crate::ids::RequestId;
use crate::message::Place;
use crate::secret::Secret;
use crate::step::{LogLevel, Probe, Step};
use crate::time::Millis;
use crate::wire::{dmwork_api, dmwork_history};

/// A call of the bot API; shorter than the handshake's deadline, so that a lost call shows as what it is.
const CALL_TIMEOUT: Millis = Millis::secs(9);

impl Dmwork {
    /// Lists groups: it needs the token and, unlike `register`, closes no connection.
    pub(in crate::platform) fn probe(&self, request: RequestId) -> Call {
        self.get(Errand::Probe(request), "/v1/bot/groups")
    }

    pub(in crate::platform) fn probed(&self, outcome: &CallOutcome) -> Probe {
        let told = dmwork_api::told(outcome);
        let groups = told.as_ref().ok().and_then(dmwork_history::groups);
        let owner = self.login.bot.as_ref().map(|bot| bot.owner_uid.as_str()).filter(|uid| !uid.is_empty());
        let queue = self.catch_up.lacks_queue.then_some(QUEUE);
        Probe {
            ok: told.is_ok(),
            connected: self.link.up().is_some(),
            bot: self.bot_name(),
            owner: owner.map(|uid| match self.names.people.name(uid) {
                Some(name) => format!("{name} ({uid})"),
                None => uid.to_owned(),
            }),
            places: groups.map(|groups| format!("groups: {}", groups.len())),
            lacks: self.lacks.iter().copied().chain(queue).collect(),
            error: told.err().map(|outcome| outcome.describe()),
        }
    }

    pub(in crate::platform) fn place(&self, target: &str) -> Option<Place> {
        let target = target.trim();
        let target = target.strip_prefix("dmwork:").unwrap_or(target);
        Place::parse(target).filter(|place| dmwork_api::channel_type(place).is_some())
    }

    pub(super) fn get(&self, errand: Errand, path: &str) -> Call {
        Call { method: Method::Get, body: None, ..self.post(errand, path, String::new()) }
    }

    pub(super) fn post(&self, errand: Errand, path: &str, body: String) -> Call {
        Call {
            errand,
            method: Method::Post,
            url: self.settings.api.join(path),
            auth: ("Authorization", Secret::new(format!("Bearer {}", self.settings.token.expose()))),
            space: None,
            body: Some(body),
            timeout: CALL_TIMEOUT,
        }
    }

    /// Whether the server has a call, as far as is known.
    pub(super) fn has(&self, path: &str) -> bool {
        !self.lacks.contains(&path)
    }

    /// Remembers a call that the server doesn't know, until it is connected to anew. What a handler doesn't find, it says in
    /// a sentence of its own.
    pub(super) fn learn(&mut self, path: &'static str, outcome: &CallOutcome, step: &mut Step) {
        if let CallOutcome::Answered { status: 404, body, .. } = outcome
            && dmwork_api::error_message(body).is_none()
            && self.has(path)
        {
            self.lacks.push(path);
            step.log(LogLevel::Info, format!("this server has no {path}"));
        }
    }
}
