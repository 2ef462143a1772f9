//! What the server is asked to tell us on the socket.

use super::{Kind, Mochat, Source};
use crate::ids::{EmitId, Epoch};
use crate::json;
use crate::link::Loss;
use crate::message::{Incoming, Place};
use crate::platform::Heard;
use crate::step::{Effect, Lifecycle, LogLevel, Note, Step};
use crate::time::{Millis, Time, earliest};
use crate::wire::mochat_event::EventBatch;
use serde_json::{Map, Value};

/// An emit without an acknowledgement is lost, although the connection may live. Shorter than a step of the handshake.
const EMIT_TIMEOUT_MS: u32 = 8_000;
/// Events of the past that a subscription asks for, per session.
const REPLAY_LIMIT: usize = 100;
/// Ids per emit: an acknowledgement with all their events stays readable.
const IDS_PER_EMIT: usize = 100;
/// From a gap in a session's numbers to the question for what is missing: more may be.
const MEND_AFTER: Millis = Millis::secs(5);

/// What a pending emit asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subscription {
    Sessions(Vec<String>),
    Panels(Vec<String>),
}

impl Subscription {
    fn ids(&self) -> &[String] {
        match self {
            Self::Sessions(ids) | Self::Panels(ids) => ids,
        }
    }

    fn with(&self, ids: &[String]) -> Self {
        match self {
            Self::Sessions(_) => Self::Sessions(ids.to_vec()),
            Self::Panels(_) => Self::Panels(ids.to_vec()),
        }
    }
}

impl Mochat {
    /// Subscribes to what is listed and not yet subscribed, once both lists are known.
    pub(super) fn subscribe(&mut self, now: Time, epoch: Epoch, step: &mut Step) -> Vec<Note> {
        if !self.directory.is_complete() || !self.knows_itself(now, step) {
            return Vec::new();
        }
        let sessions = self.directory.wanted_sessions(&self.settings.sessions);
        let sessions = self.directory.sessions_roll.enter(now, &sessions);
        let panels = self.directory.wanted_panels(&self.settings.panels);
        let panels = self.directory.panels_roll.enter(now, &panels);
        self.ask_for(epoch, &Subscription::Sessions(sessions), step);
        self.ask_for(epoch, &Subscription::Panels(panels), step);
        self.plan_polls(now);
        self.prove(now, step)
    }

    /// Whether we know who we are. An agent that doesn't would answer itself.
    pub(super) fn knows_itself(&mut self, now: Time, step: &mut Step) -> bool {
        let found = || self.directory.common_participant().or_else(|| self.directory.beside(self.owner.as_deref()?));
        self.us = self.us.clone().or_else(found);
        if self.us.is_none() && self.asks_owner {
            return false;
        }
        if self.us.is_none() && self.link.up().is_none() {
            let fix = "the server does not tell which user this agent is: set agentUserId";
            self.lose(now, &Loss::Unusable(fix.to_owned()), step);
            return false;
        }
        true
    }

    fn ask_for(&mut self, epoch: Epoch, subscription: &Subscription, step: &mut Step) {
        for ids in subscription.ids().chunks(IDS_PER_EMIT) {
            let mut body = Map::new();
            let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
            let listed = Value::Array(ids.iter().map(|id| Value::String(id.clone())).collect());
            let name = match subscription {
                Subscription::Sessions(_) => {
                    put("sessionIds", listed);
                    put("cursors", self.positions(ids));
                    put("limit", REPLAY_LIMIT.into());
                    "com.claw.im.subscribeSessions"
                }
                Subscription::Panels(_) => {
                    put("panelIds", listed);
                    "com.claw.im.subscribePanels"
                }
            };
            self.last_emit = self.last_emit.next();
            self.subscriptions.push((self.last_emit, subscription.with(ids)));
            step.push(Effect::Emit {
                epoch,
                emit: self.last_emit,
                name: name.to_owned(),
                body: Value::Object(body).to_string(),
                timeout_ms: EMIT_TIMEOUT_MS,
            });
        }
    }

    /// The cursors of these sessions, as a subscription sends them.
    fn positions(&self, sessions: &[String]) -> Value {
        let known = |id: &String| Some((id.clone(), Value::from(self.position(id)?)));
        Value::Object(sessions.iter().filter_map(known).collect())
    }

    pub(in crate::platform) fn emit_acknowledged(
        &mut self,
        now: Time,
        epoch: Epoch,
        emit: EmitId,
        body: Option<&str>,
        step: &mut Step,
    ) -> Heard {
        if !self.link.is_current(epoch) {
            return Heard::default();
        }
        let Some(at) = self.subscriptions.iter().position(|(id, _)| *id == emit) else { return Heard::default() };
        let (_, subscription) = self.subscriptions.remove(at);
        if self.link.up().is_none() {
            self.link.extend_handshake(now);
        }
        let mut heard = Heard::default();
        match body.map(|body| json::parse(body.as_bytes())) {
            Some(Ok(value)) => match EventBatch::decode_subscription(&value) {
                Ok(batches) => heard.messages = self.granted(now, epoch, &subscription, &batches, step),
                Err(error) => self.denied(now, epoch, &subscription, &error, step),
            },
            Some(Err(_)) => self.unanswered(now, &subscription, "the acknowledgement carries no JSON", step),
            None => self.unanswered(now, &subscription, "no acknowledgement in time", step),
        }
        heard.notes = self.prove(now, step);
        self.heard(heard)
    }

    fn granted(
        &mut self,
        now: Time,
        epoch: Epoch,
        subscription: &Subscription,
        batches: &[EventBatch],
        step: &mut Step,
    ) -> Vec<Incoming> {
        self.directory.roll(subscription).granted(subscription.ids());
        if let Subscription::Panels(ids) = subscription {
            for panel in ids {
                self.want(now, &Place::Panel { panel: panel.clone() }, None);
            }
            return Vec::new();
        }
        let source = if self.link.up().is_none() { Source::Replay } else { Source::Queue };
        let (mut messages, mut more) = (Vec::new(), Vec::new());
        for batch in batches {
            let before = self.position(&batch.target);
            messages.extend(self.batch(now, batch, Kind::Session, source));
            let reached = self.position(&batch.target);
            // There may be more where these came from.
            let is_cut = batch.events.len() >= REPLAY_LIMIT || batch.cursor > reached;
            if is_cut && !batch.events.is_empty() && reached > before {
                more.push(batch.target.clone());
            }
        }
        // From here on a number that is missing shows, the very first as well.
        for session in subscription.ids() {
            if self.cursors.cursor(session).is_none() {
                self.cursors.advance(session, 0);
            }
        }
        for (session, newest) in std::mem::take(&mut self.gaps) {
            if self.is_catching_up(&session) {
                self.gaps.push((session, newest));
            } else if self.position(&session) < Some(newest) {
                // What was asked for because of a gap did not come: the log has it.
                self.want(now, &Place::Session { session }, Some(newest));
            }
        }
        self.ask_for(epoch, &Subscription::Sessions(more), step);
        messages
    }

    /// One id that the server refuses has it refuse all that are asked for with it: each half is asked for by itself.
    fn denied(&mut self, now: Time, epoch: Epoch, subscription: &Subscription, error: &str, step: &mut Step) {
        let ids = subscription.ids();
        if let [one] = ids {
            step.log(LogLevel::Warn, format!("the server refuses to tell news of {one}, trying again later: {error}"));
            self.directory.roll(subscription).denied(now, ids, self.settings.refresh);
            self.plan_polls(now);
        } else {
            let (first, second) = ids.split_at(ids.len() / 2);
            self.ask_for(epoch, &subscription.with(first), step);
            self.ask_for(epoch, &subscription.with(second), step);
        }
    }

    /// Nobody knows whether the server heard: it is asked again.
    fn unanswered(&mut self, now: Time, subscription: &Subscription, why: &str, step: &mut Step) {
        step.log(LogLevel::Warn, format!("a subscription failed, trying again later: {why}"));
        self.directory.roll(subscription).denied(now, subscription.ids(), self.settings.refresh);
        self.plan_polls(now);
    }

    /// A number of this session is missing: its events are asked for from the last one before the gap.
    pub(super) fn subscribe_anew(&mut self, now: Time, session: &str, newest: u64) {
        self.gaps.push((session.to_owned(), newest));
        self.directory.sessions_roll.drop(session);
        self.subscribe_at = earliest(self.subscribe_at, Some(now.after(MEND_AFTER)));
    }

    /// Whether a session's subscription waits for its acknowledgement, and with it for what was missed.
    pub(super) fn is_catching_up(&self, session: &str) -> bool {
        !self.directory.sessions_roll.has(session)
            || self.subscriptions.iter().any(|(_, subscription)| match subscription {
                Subscription::Sessions(ids) => ids.iter().any(|id| id == session),
                Subscription::Panels(_) => false,
            })
    }

    /// Whether what comes of this panel comes ahead of the answer to its subscription: the server tells an agent's messages
    /// to every connection of it from the first moment, and what was said before that is still to be read.
    pub(super) fn is_ahead(&self, panel: &str) -> bool {
        let is_asked = |(_, subscription): &(EmitId, Subscription)| match subscription {
            Subscription::Panels(ids) => ids.iter().any(|id| id == panel),
            Subscription::Sessions(_) => false,
        };
        self.link.up().is_none() && (!self.directory.panels_roll.has(panel) || self.subscriptions.iter().any(is_asked))
    }

    /// The inbound path is proven once every subscription is answered. Notes the parser that got us here.
    pub(super) fn prove(&mut self, now: Time, step: &mut Step) -> Vec<Note> {
        if self.link.up().is_some() || !self.subscriptions.is_empty() || !self.directory.is_complete() {
            return Vec::new();
        }
        self.link.established(now);
        self.parser.worked();
        self.polls.stop();
        self.plan_polls(now);
        self.catch_up.reconnected();
        // Other groups' panels are on no list, but may have been heard.
        for place in self.cursors.panels() {
            if self.settings.panels.contains(&place.wire_id()) && !self.is_listed(&place) {
                self.want(now, &place, None);
            }
        }
        let (sessions, panels) = (self.directory.sessions_roll.len(), self.directory.panels_roll.len());
        step.status(Lifecycle::Ready, format!("listening to {sessions} sessions and {panels} panels"));
        step.push(Effect::Alive);
        let parser = if self.parser.is_json() { "json" } else { "msgpack" };
        vec![Note { key: super::PARSER.to_owned(), value: parser.to_owned() }]
    }

    /// Whether it is a panel that we subscribe to.
    pub(super) fn is_listed(&self, place: &Place) -> bool {
        self.directory.panels_roll.has(&place.wire_id())
    }
}
