//! Committed messages wait here, in order, for the host's word about their sender.

use super::Entry;
use crate::ids::EntryId;
use crate::message::Place;
use crate::step::{Access, AccessQuestion, Effect, Ruling, Step};
use crate::time::{Millis, Time, earliest};
use std::collections::VecDeque;

/// The host failed to answer; first wait before it is asked again, doubled each time.
const ASK_AGAIN: Millis = Millis::secs(2);
/// Questions about one message, over about four minutes. Then the failure is its outcome.
const MAX_QUESTIONS: u32 = 8;

/// Waiting messages in order of arrival. Within a place a slow answer about one sender can't let the next message
/// overtake; places don't wait for each other.
#[derive(Debug, Default)]
pub struct Gatehouse {
    /// The host answers roughly in order, so what is looked for stands near the front.
    waiting: VecDeque<Waiting>,
    /// When the first of those is to be asked about again that the host failed to answer for. May be too early.
    ask_at: Option<Time>,
}

#[derive(Debug)]
struct Waiting {
    entry: Entry,
    questions: u32,
    ask_at: Option<Time>,
    access: Option<Access>,
}

impl Gatehouse {
    /// Asks about a message; its judgement waits for the answer.
    pub fn ask(&mut self, entry: Entry, step: &mut Step) {
        step.push(question(&entry));
        self.waiting.push_back(Waiting { entry, questions: 1, ask_at: None, access: None });
    }

    /// The host answered. Answers with what can be judged now, in order of arrival.
    pub fn decided(&mut self, now: Time, id: &EntryId, access: Access) -> Vec<(Entry, Access)> {
        let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.entry.message.id == *id) else {
            return Vec::new();
        };
        if access.ruling == Ruling::Unknown && waiting.questions < MAX_QUESTIONS {
            let times = waiting.questions.saturating_sub(1);
            waiting.ask_at = Some(now.after(ASK_AGAIN.doubled(times)));
            self.ask_at = earliest(self.ask_at, waiting.ask_at);
            return Vec::new();
        }
        waiting.access = Some(access);
        let place = waiting.entry.message.place.clone();
        self.release(&place)
    }

    /// Takes a message out, and answers with what can be judged now that it is gone.
    pub fn recall(&mut self, id: &EntryId) -> Option<(Entry, Vec<(Entry, Access)>)> {
        let at = self.waiting.iter().position(|waiting| waiting.entry.message.id == *id)?;
        let entry = self.waiting.remove(at)?.entry;
        let ready = self.release(&entry.message.place);
        Some((entry, ready))
    }

    /// Takes the first messages of a place up to one that the host hasn't answered for.
    fn release(&mut self, place: &Place) -> Vec<(Entry, Access)> {
        let mut ready = Vec::new();
        while let Some(first) = self.waiting.iter().position(|waiting| waiting.entry.message.place == *place) {
            let is_answered = |waiting: &Waiting| waiting.access.is_some();
            if !self.waiting.get(first).is_some_and(is_answered) {
                break;
            }
            let Some(Waiting { entry, access: Some(access), .. }) = self.waiting.remove(first) else { break };
            ready.push((entry, access));
        }
        ready
    }

    /// A waiting message.
    pub fn find(&mut self, id: &EntryId) -> Option<&mut Entry> {
        self.waiting.iter_mut().map(|waiting| &mut waiting.entry).find(|entry| entry.message.id == *id)
    }

    /// Whether messages of this place wait to be judged.
    #[must_use]
    pub fn is_busy(&self, place: &Place) -> bool {
        self.waiting.iter().any(|waiting| waiting.entry.message.place == *place)
    }

    /// Asks again where the host failed to answer and its pause is over.
    pub fn due(&mut self, now: Time, step: &mut Step) {
        if self.ask_at.is_none_or(|at| now < at) {
            return;
        }
        self.ask_at = None;
        for waiting in &mut self.waiting {
            if waiting.ask_at.is_some_and(|at| now >= at) {
                waiting.ask_at = None;
                waiting.questions = waiting.questions.saturating_add(1);
                step.push(question(&waiting.entry));
            }
            self.ask_at = earliest(self.ask_at, waiting.ask_at);
        }
    }

    /// When [`Gatehouse::due`] has something to ask.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.ask_at
    }
}

fn question(entry: &Entry) -> Effect {
    let message = &entry.message;
    Effect::AskAccess {
        question: AccessQuestion {
            entry: message.id.clone(),
            to: message.place.to_string(),
            chat: message.access,
            sender: message.sender.clone(),
            text: message.text.clone(),
        },
    }
}
