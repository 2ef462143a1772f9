//! What one place has to hand over to the host, in order.

use super::Judged;
use super::absent::Absent;
use super::batch::MAX_BYTES;
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::message::{Media, Sender};
use crate::time::Time;
use std::collections::VecDeque;

/// Work that is at hand: as much as the host is given at once, so that it never waits for the store. Of what waits behind it only the ids are: a flood of fifty thousand messages, in front of a host
/// that has stopped, must fit into memory.
const AT_HAND: usize = 8;

/// Messages that are asked again in one turn. No more are at hand.
const MOST_TOGETHER: usize = 8;

/// Messages that become one turn, and the context that goes with them.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) messages: Vec<Judged>,
    /// How many came before these and are left out.
    pub(super) omitted: u32,
    pub(super) context: Vec<Entry>,
    /// How often the host was offered it.
    pub(super) offers: u32,
    /// The host is not offered it before this, after an offer in vain.
    pub(super) not_before: Time,
    /// Which offer of its place was the first of it; 0 for none yet.
    pub(super) number: u64,
    /// A command passes everything that waits, also when the host let go of it.
    pub(super) is_command: bool,
}

impl Work {
    /// Whether that can be asked in one turn with this: both were asked before, as often, by one person, whose rights the turn
    /// has. What was said in between or quoted belongs to one question alone.
    fn goes_with(&self, next: &Self) -> bool {
        let is_new = |work: &Self| work.number == 0 && !work.is_command;
        let entries = || self.messages.iter().chain(&next.messages).map(|judged| &judged.entry);
        let Some(first) = entries().next().filter(|first| first.adoptions > 0 && is_new(self) && is_new(next)) else {
            return false;
        };
        let is_alike = |entry: &Entry| {
            let (one, other) = (&first.message, &entry.message);
            first.adoptions == entry.adoptions && one.sender.id == other.sender.id && one.space == other.space
        };
        let is_quoting = self.messages.iter().any(|judged| judged.entry.message.quote.is_some());
        let bytes: usize = entries().map(|entry| entry.message.text.len()).sum();
        let fits = entries().count() <= MOST_TOGETHER && bytes <= MAX_BYTES;
        entries().all(is_alike) && !is_quoting && next.context.is_empty() && fits
    }

    /// Whether this is to be offered before `other`, which the host has let go of. What was never offered is newer.
    fn goes_before(&self, other: &Self) -> bool {
        self.number > 0 && (!self.is_command, self.number) < (!other.is_command, other.number)
    }

    /// Takes a message out. Answers with the context that is left over without a question.
    fn recall(&mut self, id: &EntryId) -> Option<Vec<Entry>> {
        let messages = self.messages.len();
        self.messages.retain(|judged| judged.entry.message.id != *id);
        if self.messages.is_empty() {
            return Some(std::mem::take(&mut self.context));
        }
        let context = self.context.len();
        self.context.retain(|entry| entry.message.id != *id);
        (self.messages.len() < messages || self.context.len() < context).then(Vec::new)
    }
}

impl Work {
    /// All of it, in the order of its telling.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.context.iter().chain(self.messages.iter().map(|judged| &judged.entry))
    }

    /// The ids of all of it.
    pub(super) fn ids(&self) -> impl Iterator<Item = EntryId> {
        self.entries().map(Entry::id)
    }

    /// When it was asked, unless all of it was taken back.
    pub(super) fn asked_at(&self) -> Option<Time> {
        self.messages.iter().map(|judged| judged.entry.received_at).min()
    }

    /// Takes a message out, if it is in there. Answers with its id and those of the context that has no question any more.
    pub(super) fn withdraw(&mut self, id: &EntryId) -> Option<Vec<EntryId>> {
        self.ids().any(|part| part == *id).then_some(())?;
        let left_over = self.recall(id)?;
        Some(std::iter::once(id.clone()).chain(left_over.iter().map(Entry::id).filter(|other| other != id)).collect())
    }

    /// Ids of those who speak in it without a name, the last of them first, and of whom they answer.
    pub(super) fn people(&self) -> Vec<&str> {
        let mut people: Vec<&str> = Vec::new();
        let messages = self.messages.iter().rev().map(|judged| &judged.entry.message);
        for message in messages.chain(self.context.iter().rev().map(|entry| &entry.message)) {
            let quoted = message.quote.as_ref().map(|quote| quote.sender.as_str()).filter(|id| !id.is_empty());
            for id in message.sender.name.is_none().then_some(message.sender.id.as_str()).into_iter().chain(quoted) {
                if !people.contains(&id) {
                    people.push(id);
                }
            }
        }
        people
    }

    /// The files of its messages and of what was said before, oldest first, with who sent each. What was said before the
    /// bot listened is old.
    pub(super) fn files(&self) -> Vec<(&Sender, &Media)> {
        let context = self.context.iter().map(|entry| &entry.message).filter(|message| !message.is_past);
        let messages = context.chain(self.messages.iter().map(|judged| &judged.entry.message));
        messages.flat_map(|message| message.media.iter().map(|file| (&message.sender, file))).collect()
    }
}

/// The work of one place.
#[derive(Debug, Default)]
pub(super) struct Lane {
    waiting: VecDeque<Work>,
    /// Behind `waiting`.
    absent: VecDeque<Absent>,
    /// Context of absent work whose messages were all taken back. Once it is read, it is remembered again.
    orphans: Vec<EntryId>,
    /// Whether the store is asked.
    is_asked: bool,
    /// For how many of the first `absent`.
    absent_asked: usize,
    /// For how many of the first `orphans`.
    orphans_asked: usize,
    /// The store is not asked before this, after it could not be read.
    ask_again: Time,
    /// How many turns of this place the host holds without having adopted them.
    handed: usize,
    /// How many different ones it was offered.
    numbers: u64,
}

impl Lane {
    pub(super) fn is_idle(&self) -> bool {
        !self.has_work() && self.absent.is_empty() && self.orphans.is_empty() && self.handed == 0
    }

    pub(super) fn handed(&self) -> usize {
        self.handed
    }

    /// A turn of this place goes to the host.
    pub(super) fn give(&mut self, work: &mut Work) {
        self.handed = self.handed.saturating_add(1);
        if work.number == 0 {
            self.numbers = self.numbers.saturating_add(1);
            work.number = self.numbers;
        }
    }

    /// It came back, or is the host's own now.
    pub(super) fn returned(&mut self) {
        self.handed = self.handed.saturating_sub(1);
    }

    /// Whether there is work at hand.
    pub(super) fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, work: Work) {
        if self.absent.is_empty() && self.waiting.len() < AT_HAND {
            self.waiting.push_back(work);
        } else {
            self.absent.push_back(Absent::of(&work));
        }
    }

    /// Puts questions together that the host took over and forgot. Its session has them one behind the other, and an agent that
    /// is asked the first again answers all.
    pub(super) fn gather(&mut self) {
        let Some(mut work) = self.waiting.pop_front() else { return };
        while self.waiting.front().is_some_and(|next| work.goes_with(next))
            && let Some(next) = self.waiting.pop_front()
        {
            work.messages.extend(next.messages);
            work.omitted = work.omitted.saturating_add(next.omitted);
        }
        self.waiting.push_front(work);
    }

    /// The people in what is offered next.
    pub(super) fn people(&self) -> Vec<&str> {
        self.waiting.front().map(Work::people).unwrap_or_default()
    }

    pub(super) fn pop(&mut self) -> Option<Work> {
        self.waiting.pop_front()
    }

    /// Before when nothing may be offered: what stands behind the first must not overtake it.
    pub(super) fn not_before(&self) -> Time {
        self.waiting.front().map(|work| work.not_before).unwrap_or_default()
    }

    /// Takes back what the host has let go of, to where it was in the order.
    pub(super) fn take_back(&mut self, work: Work) {
        let at = self.waiting.iter().take_while(|other| other.goes_before(&work)).count();
        self.waiting.insert(at, work);
    }

    /// Takes in what a process that is gone had given to the host, to where it was asked.
    pub(super) fn take_in(&mut self, work: Work) {
        let asked_at = work.asked_at();
        let goes_before = |other: &&Work| other.goes_before(&work) || other.asked_at() < asked_at;
        let at = self.waiting.iter().take_while(goes_before).count();
        let older = self.absent.iter().take_while(|other| other.asked_at() < asked_at).count();
        if at < self.waiting.len() || older == 0 {
            self.waiting.insert(at, work);
        } else {
            // Not among those that the store is reading.
            self.absent.insert(older.max(self.absent_asked), Absent::of(&work));
        }
    }

    /// The messages that the store is to be asked for now, if any.
    pub(super) fn ask(&mut self, now: Time) -> Vec<EntryId> {
        if self.is_asked || now < self.ask_again {
            return Vec::new();
        }
        let absent = self.absent.iter().take(AT_HAND.saturating_sub(self.waiting.len()));
        (self.absent_asked, self.orphans_asked) = (absent.len(), self.orphans.len());
        let ids: Vec<EntryId> = absent.flat_map(Absent::ids).chain(&self.orphans).cloned().collect();
        self.is_asked = !ids.is_empty();
        ids
    }

    /// The store could not be read: it is asked again then.
    pub(super) fn read_in_vain(&mut self, again: Time) {
        self.is_asked = false;
        self.ask_again = again;
    }

    /// The store answered. What it doesn't know any more is left out. Answers with context that has no question any more.
    pub(super) fn read(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut found = VecDeque::from(entries);
        let mut left_over = Vec::new();
        self.is_asked = false;
        for absent in self.absent.drain(..std::mem::take(&mut self.absent_asked).min(self.absent.len())) {
            let work = absent.complete(&mut found);
            if work.messages.is_empty() {
                left_over.extend(work.context);
            } else {
                self.waiting.push_back(work);
            }
        }
        let asked = std::mem::take(&mut self.orphans_asked).min(self.orphans.len());
        let orphans: Vec<EntryId> = self.orphans.drain(..asked).collect();
        left_over.extend(found.into_iter().filter(|entry| orphans.contains(&entry.message.id)));
        left_over
    }

    /// Takes a message out of what waits; work without a message is none. Answers with the context that is left over.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Vec<Entry>> {
        if let Some(left_over) = self.waiting.iter_mut().find_map(|work| work.recall(id)) {
            self.waiting.retain(|work| !work.messages.is_empty());
            return Some(left_over);
        }
        if let Some(at) = self.orphans.iter().position(|orphan| orphan == id) {
            self.orphans.remove(at);
            self.orphans_asked = self.orphans_asked.saturating_sub(usize::from(at < self.orphans_asked));
            return Some(Vec::new());
        }
        let recalled = |(at, absent): (usize, &mut Absent)| absent.recall(id).map(|orphans| (at, orphans));
        let (at, orphans) = self.absent.iter_mut().enumerate().find_map(recalled)?;
        if self.absent.get(at).is_some_and(Absent::is_none) {
            self.absent.remove(at);
            self.absent_asked = self.absent_asked.saturating_sub(usize::from(at < self.absent_asked));
        }
        self.orphans.extend(orphans);
        Some(Vec::new())
    }
}
