//! Committed messages wait here, in order, for the host's word about their sender.

use super::Entry;
use crate::ids::EntryId;
use crate::message::Place;
use crate::step::{Access, AccessQuestion, Effect, Step};
use crate::time::{Millis, Time};
use std::collections::{BTreeMap, VecDeque};

/// The host failed to answer; first wait before it is asked again, doubled each time.
const ASK_AGAIN: Millis = Millis::secs(1);
/// Questions about one message, over about four minutes. Then the failure is its outcome.
const MAX_QUESTIONS: u32 = 8;

/// The queue of each place. A slow answer about one sender can't let the next message overtake.
#[derive(Debug, Default)]
pub struct Gatehouse {
    queues: BTreeMap<Place, VecDeque<Waiting>>,
    places: BTreeMap<EntryId, Place>,
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
        let place = entry.message.place.clone();
        self.places.insert(entry.id(), place.clone());
        let waiting = Waiting { entry, questions: 1, ask_at: None, access: None };
        self.queues.entry(place).or_default().push_back(waiting);
    }

    /// The host answered. Answers with what can be judged now, in order of arrival.
    pub fn decided(&mut self, now: Time, id: &EntryId, access: Access) -> Vec<(Entry, Access)> {
        let Some(place) = self.places.get(id).cloned() else { return Vec::new() };
        let Some(queue) = self.queues.get_mut(&place) else { return Vec::new() };
        if let Some(waiting) = queue.iter_mut().find(|waiting| waiting.entry.message.id == *id) {
            if matches!(access, Access::Unknown { .. }) && waiting.questions < MAX_QUESTIONS {
                let wait = ASK_AGAIN.times(1_u64.checked_shl(waiting.questions).unwrap_or(u64::MAX));
                waiting.ask_at = Some(now.after(wait));
            } else {
                waiting.access = Some(access);
            }
        }
        let mut ready = Vec::new();
        while queue.front().is_some_and(|waiting| waiting.access.is_some()) {
            let Some(Waiting { entry, access: Some(access), .. }) = queue.pop_front() else { break };
            self.places.remove(&entry.message.id);
            ready.push((entry, access));
        }
        if queue.is_empty() {
            self.queues.remove(&place);
        }
        ready
    }

    /// Whether messages of this place wait to be judged.
    #[must_use]
    pub fn is_busy(&self, place: &Place) -> bool {
        self.queues.contains_key(place)
    }

    /// Asks again where the host failed to answer and its pause is over.
    pub fn due(&mut self, now: Time, step: &mut Step) {
        for waiting in self.queues.values_mut().flatten() {
            if waiting.ask_at.is_some_and(|at| now >= at) {
                waiting.ask_at = None;
                waiting.questions = waiting.questions.saturating_add(1);
                step.push(question(&waiting.entry));
            }
        }
    }

    /// When [`Gatehouse::due`] has something to ask.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.queues.values().flatten().filter_map(|waiting| waiting.ask_at).min()
    }
}

fn question(entry: &Entry) -> Effect {
    let message = &entry.message;
    Effect::AskAccess {
        question: AccessQuestion {
            entry: message.id.clone(),
            to: message.place.to_string(),
            chat: message.chat,
            sender: message.sender.clone(),
            text: message.text.clone(),
        },
    }
}
