//! Which sessions and panels there are, and which of them the server tells us about.

use super::Mochat;
use crate::call::Errand;
use crate::ids::Epoch;
use crate::link::Loss;
use crate::step::{Effect, Lifecycle, Note, SocketIoParser, Step};
use crate::time::Time;
use crate::wire::mochat_api;

/// An emit without an acknowledgement is lost, although the connection may live. Shorter than a step of the handshake.
const EMIT_TIMEOUT_MS: u32 = 8_000;
/// Events of the past that a subscription asks for, per session.
const REPLAY_LIMIT: u32 = 100;

/// What a pending emit asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subscription {
    Sessions(Vec<String>),
    Panels(Vec<String>),
}

impl Mochat {
    /// Asks which sessions and panels there are, and so which sessions are direct and who we are.
    pub(super) fn look_around(&self, epoch: Epoch, step: &mut Step) {
        let (path, body) = mochat_api::list_sessions();
        step.call(self.call(Errand::Sessions(epoch), path, body));
        let (path, body) = mochat_api::group();
        step.call(self.call(Errand::Directory(epoch), path, body));
        // An agent may be bound at any time, and belongs to the same person from then on.
        if self.owner.is_none() {
            let (path, body) = mochat_api::owner();
            step.call(self.call(Errand::Owner(epoch), path, body));
        }
    }

    /// Subscribes to what is listed and not yet subscribed, once both lists are known.
    pub(super) fn subscribe(&mut self, now: Time, epoch: Epoch, step: &mut Step) -> Vec<Note> {
        if !self.directory.is_complete() {
            return Vec::new();
        }
        self.us = self.us.take().or_else(|| self.directory.common_participant());
        if self.us.is_none() && self.link.up().is_none() {
            let fix = "the server does not tell which user this agent is: set agentUserId";
            self.lose(now, epoch, &Loss::Unusable(fix.to_owned()), step);
            return Vec::new();
        }
        let sessions = self.directory.subscribe_sessions(&self.settings.sessions);
        if !sessions.is_empty() {
            let cursors = self.cursors.of(&sessions);
            let body = serde_json::json!({ "sessionIds": sessions, "cursors": cursors, "limit": REPLAY_LIMIT });
            self.emit(epoch, "com.claw.im.subscribeSessions", &body, Subscription::Sessions(sessions), step);
        }
        let panels = self.directory.subscribe_panels(&self.settings.panels);
        if !panels.is_empty() {
            let body = serde_json::json!({ "panelIds": panels });
            self.emit(epoch, "com.claw.im.subscribePanels", &body, Subscription::Panels(panels), step);
        }
        self.prove(now, step)
    }

    /// Whether a session's subscription waits for its acknowledgement, and with it for what was missed.
    pub(super) fn is_catching_up(&self, session: &str) -> bool {
        self.subscriptions.iter().any(|(_, subscription)| match subscription {
            Subscription::Sessions(ids) => ids.iter().any(|id| id == session),
            Subscription::Panels(_) => false,
        })
    }

    /// The inbound path is proven once every subscription is answered. Notes the parser that got us here.
    pub(super) fn prove(&mut self, now: Time, step: &mut Step) -> Vec<Note> {
        if self.link.up().is_some() || !self.subscriptions.is_empty() || !self.directory.is_complete() {
            return Vec::new();
        }
        self.link.established(now);
        self.refresh_at = Some(now.after(self.settings.refresh));
        let (sessions, panels) = self.directory.subscribed();
        step.status(Lifecycle::Ready, format!("listening to {sessions} sessions and {panels} panels"));
        step.push(Effect::Alive);
        let parser = if self.parser == SocketIoParser::Json { "json" } else { "msgpack" };
        vec![Note { key: super::PARSER.to_owned(), value: parser.to_owned() }]
    }

    pub(super) fn emit(
        &mut self,
        epoch: Epoch,
        name: &str,
        body: &serde_json::Value,
        subscription: Subscription,
        step: &mut Step,
    ) {
        self.last_emit = self.last_emit.next();
        self.subscriptions.push((self.last_emit, subscription));
        step.push(Effect::Emit {
            epoch,
            emit: self.last_emit,
            name: name.to_owned(),
            body: body.to_string(),
            timeout_ms: EMIT_TIMEOUT_MS,
        });
    }
}
