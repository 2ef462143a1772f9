//! May a message become a turn? The host's word, the rules about mentions, the guards.

use super::host::Text;
use super::{Model, SECOND, Standing, Waiting};
use crate::conversation_model::script::{Bots, Platform, Spot, What, Who};
use crate::conversation_model::told::{Act, End};
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::Ruling;

/// The host is asked about a sender this often.
const MAX_QUESTIONS: u32 = 8;

impl Model {
    /// Dismisses a message, or asks the host about its sender.
    pub(super) fn admit(&mut self, id: usize) {
        if self.suspect == Some(id) {
            self.end(id, Verdict::Fail, Reason::CoreFault, None);
            return;
        }
        let entry = self.entry(id).unwrap();
        let is_heard = match self.settings.bots {
            Bots::Off => false,
            Bots::Mentions => entry.calls,
            Bots::On => true,
        };
        let line = entry.message.line;
        let reason = match line.0 {
            Who::Us => Some(Reason::OwnMessage),
            Who::System => Some(Reason::SystemMessage),
            Who::Robot if !is_heard => Some(Reason::OtherBot),
            _ => (line.2 == What::Nothing && !entry.calls).then_some(Reason::Empty),
        };
        if let Some(reason) = reason {
            self.end(id, Verdict::Ignore, reason, None);
            return;
        }
        self.acts.push(Act::Asks(id));
        self.waiting.push(Waiting { id, ruling: None, questions: 1, ask_at: None });
    }

    /// The host answered a question.
    pub fn ruled(&mut self, id: usize, ruling: Ruling) {
        let now = self.now;
        let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.id == id) else { return };
        if ruling == Ruling::Unknown && waiting.questions < MAX_QUESTIONS {
            waiting.ask_at = Some(now + ((2 * SECOND) << (waiting.questions - 1)));
            return;
        }
        waiting.ruling = Some(ruling);
        self.judge_what_can_be();
    }

    /// In each place the first message that is without an answer holds up those behind it.
    pub(super) fn judge_what_can_be(&mut self) {
        loop {
            let place = |waiting: &Waiting| self.entry(waiting.id).unwrap().message.place;
            let is_first = |at: usize| {
                let name = place(&self.waiting[at]);
                self.waiting[..at].iter().all(|other| place(other) != name)
            };
            let ready = |at: &usize| self.waiting[*at].ruling.is_some() && is_first(*at);
            let Some(at) = (0..self.waiting.len()).find(ready) else { return };
            let Waiting { id, ruling, .. } = self.waiting.remove(at);
            self.judge(id, ruling.unwrap());
        }
    }

    pub(super) fn judge(&mut self, id: usize, ruling: Ruling) {
        let refusal = match ruling {
            Ruling::Allowed => None,
            Ruling::Denied => Some((Verdict::Ignore, Reason::AccessDenied)),
            Ruling::Pairing => Some((Verdict::Ignore, Reason::PairingAsked)),
            Ruling::Unknown => Some((Verdict::Fail, Reason::AccessUnknown)),
        };
        if let Some((verdict, reason)) = refusal {
            self.end(id, verdict, reason, None);
            return;
        }
        let message = self.entry(id).unwrap().message.clone();
        if message.line.0 != Who::Robot {
            self.guards.a_person_speaks(message.place);
        }
        if let Some(reason) = self.reason(id) {
            self.answer(id, reason);
        } else {
            let end = End::new(Verdict::Remember, self.why_remembered(id));
            self.acts.push(Act::Judges { id, end, until: None });
            self.acts.push(Act::Keeps(id));
            self.entry_mut(id).standing = Standing::Kept;
            self.remember(id);
        }
    }

    pub(super) fn why_remembered(&self, id: usize) -> Reason {
        if self.entry(id).unwrap().message.is_past() { Reason::SaidBefore } else { Reason::NotMentioned }
    }

    /// Why a message is answered, if it is.
    pub(super) fn reason(&self, id: usize) -> Option<Reason> {
        let entry = self.entry(id).unwrap();
        if entry.message.is_past() {
            return None;
        }
        let settings = &self.settings;
        let Spot::Shared(spot) = entry.message.line.1 else { return Some(Reason::Direct) };
        let of_place = settings.place_asks.filter(|_| spot % 3 == 1);
        let of_group = settings.group_asks;
        let (first, second) = match (self.platform, spot % 3) {
            // A session belongs to no group, and the third place of DMWork to another one.
            (Platform::Mochat, 0) | (Platform::Dmwork, 2) => (None, None),
            (Platform::Mochat, _) => (of_group, of_place),
            (Platform::Dmwork, _) => (of_place, of_group),
        };
        let asks = first.or(second).or(settings.rest_asks).unwrap_or(settings.asks);
        match (entry.calls, asks) {
            (true, _) => Some(Reason::Mentioned),
            (false, true) => None,
            (false, false) => Some(Reason::NoMentionNeeded),
        }
    }

    /// Whether a turn at once is not too much.
    pub(super) fn admits(&mut self, id: usize, waits: bool) -> bool {
        let entry = self.entry(id).unwrap();
        let (message, received) = (entry.message.clone(), entry.received);
        let is_owner = message.line.0 == Who::Olga
            && (self.platform == Platform::Mochat || matches!(message.line.1, Spot::Direct(_)));
        let refusal = self.guards.refuse(&message, is_owner, received, waits, &self.settings);
        if let Some((reason, tells)) = refusal {
            self.end(id, Verdict::Ignore, reason, None);
            if tells {
                self.acts.push(Act::SaysTooFast(message.place.to_owned()));
                self.place(message.place).texts.push(Text::Notice);
            }
        }
        refusal.is_none()
    }
}
