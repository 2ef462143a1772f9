//! What the answers of the HTTP API are for.

use super::Dmwork;
use super::presence::{RECEIPT, TYPING};
use crate::call::{CallOutcome, Errand};
use crate::platform::Heard;
use crate::step::Step;
use crate::time::Time;

impl Dmwork {
    /// A call of the platform's own ended.
    pub(in crate::platform) fn call_settled(
        &mut self,
        now: Time,
        errand: &Errand,
        outcome: &CallOutcome,
        step: &mut Step,
    ) -> Heard {
        let mut messages = Vec::new();
        match errand {
            Errand::Register(epoch) | Errand::Groups(epoch) | Errand::Events(epoch) | Errand::Messages(epoch, _)
                if !self.link.is_current(*epoch) => {}
            // Heard already; one connection has one socket.
            Errand::Register(epoch) if self.login.has_socket(*epoch) => {}
            Errand::Register(epoch) => self.registered(now, *epoch, outcome, step),
            Errand::Groups(epoch) => self.groups_listed(now, *epoch, outcome, step),
            Errand::Events(epoch) => messages = self.events_listed(now, *epoch, outcome, step),
            Errand::Messages(epoch, place) => messages = self.messages_listed(now, *epoch, place, outcome, step),
            Errand::Group(group) => self.group_told(now, group, outcome),
            Errand::Members(group) => self.members_listed(now, group, outcome, step),
            Errand::User(uid) => self.user_told(now, uid, outcome),
            Errand::Rules(place) => self.rules_told(now, place, outcome, step),
            Errand::Ticket(number) => self.ticket_came(now, *number, outcome, step),
            Errand::EventAck => self.ack_next_event(Some(outcome), step),
            // Nothing on the server depends on it, so a failure never touches the socket.
            Errand::Heartbeat if outcome.success().is_none() => {
                self.say_once(format!("heartbeat failed: {}", outcome.describe()), step);
            }
            Errand::Typing => self.learn(TYPING, outcome, step),
            Errand::Receipt => self.learn(RECEIPT, outcome, step),
            Errand::Heartbeat
            | Errand::Setup
            | Errand::Directory(_)
            | Errand::Owner(_)
            | Errand::People
            | Errand::Sessions(_)
            | Errand::Latest(_)
            | Errand::Watch(_)
            | Errand::Send(_)
            | Errand::Edit(_)
            | Errand::Look(_)
            | Errand::Tool(_)
            | Errand::Probe(_) => {}
        }
        self.heard(messages, step)
    }
}
