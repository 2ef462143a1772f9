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

/// Waiting messages. Within a place a slow answer about one sender can't let the next message overtake; places don't wait
/// for each other, and cost each other nothing.
#[derive(Debug, Default)]
pub struct Gatehouse {
    /// Sorted by place; in order of arrival in each.
    rooms: Vec<(Place, VecDeque<Waiting>)>,
    /// All that wait, in order of arrival. The host answers roughly in order, so what is looked for stands near the front.
    asked: VecDeque<(EntryId, Place)>,
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
        let place = entry.message.place.clone();
        self.asked.push_back((entry.id(), place.clone()));
        let waiting = Waiting { entry, questions: 1, ask_at: None, access: None };
        let at = self.find_room(&place);
        if let Err(at) = at {
            self.rooms.insert(at, (place, VecDeque::new()));
        }
        if let Some((_, room)) = self.rooms.get_mut(at.unwrap_or_else(|at| at)) {
            room.push_back(waiting);
        }
    }

    /// The host answered. Answers with what can be judged now, in order of arrival.
    pub fn decided(&mut self, now: Time, id: &EntryId, access: Access) -> Vec<(Entry, Access)> {
        let Some(waiting) = self.waiting(id) else { return Vec::new() };
        if access.ruling == Ruling::Unknown && waiting.questions < MAX_QUESTIONS {
            let ask_at = Some(now.after(ASK_AGAIN.doubled(waiting.questions.saturating_sub(1))));
            waiting.ask_at = ask_at;
            self.ask_at = earliest(self.ask_at, ask_at);
            return Vec::new();
        }
        waiting.access = Some(access);
        let place = waiting.entry.message.place.clone();
        self.release(&place)
    }

    /// Takes a message out, and answers with what can be judged now that it is gone.
    pub fn recall(&mut self, id: &EntryId) -> Option<(Entry, Vec<(Entry, Access)>)> {
        let place = self.let_go(id)?;
        let room = self.room(&place)?;
        let at = room.iter().position(|waiting| waiting.entry.message.id == *id)?;
        let entry = room.remove(at)?.entry;
        Some((entry, self.release(&place)))
    }

    /// Takes the first messages of a place up to one that the host hasn't answered for.
    fn release(&mut self, place: &Place) -> Vec<(Entry, Access)> {
        let mut ready = Vec::new();
        let Some(room) = self.room(place) else { return ready };
        while room.front().is_some_and(|first| first.access.is_some())
            && let Some(Waiting { entry, access: Some(access), .. }) = room.pop_front()
        {
            ready.push((entry, access));
        }
        if room.is_empty()
            && let Ok(at) = self.find_room(place)
        {
            self.rooms.remove(at);
        }
        for (entry, _) in &ready {
            self.let_go(&entry.message.id);
        }
        ready
    }

    /// A waiting message.
    pub fn find(&mut self, id: &EntryId) -> Option<&mut Entry> {
        self.waiting(id).map(|waiting| &mut waiting.entry)
    }

    fn waiting(&mut self, id: &EntryId) -> Option<&mut Waiting> {
        let (_, place) = self.asked.iter().find(|(asked, _)| asked == id)?;
        let at = self.find_room(place).ok()?;
        let (_, room) = self.rooms.get_mut(at)?;
        room.iter_mut().find(|waiting| waiting.entry.message.id == *id)
    }

    /// Forgets that it waits. Answers with its place.
    fn let_go(&mut self, id: &EntryId) -> Option<Place> {
        let at = self.asked.iter().position(|(asked, _)| asked == id)?;
        self.asked.remove(at).map(|(_, place)| place)
    }

    fn room(&mut self, place: &Place) -> Option<&mut VecDeque<Waiting>> {
        let at = self.find_room(place).ok()?;
        self.rooms.get_mut(at).map(|(_, room)| room)
    }

    fn find_room(&self, place: &Place) -> Result<usize, usize> {
        self.rooms.binary_search_by(|(known, _)| known.cmp(place))
    }

    /// Whether messages of this place wait to be judged.
    #[must_use]
    pub fn is_busy(&self, place: &Place) -> bool {
        self.find_room(place).is_ok()
    }

    /// Asks again where the host failed to answer and its pause is over.
    pub fn due(&mut self, now: Time, step: &mut Step) {
        if self.ask_at.is_none_or(|at| now < at) {
            return;
        }
        self.ask_at = None;
        for waiting in self.rooms.iter_mut().flat_map(|(_, room)| room) {
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
