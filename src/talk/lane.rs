//! What one place has to hand over to the host, in order.

use super::Judged;
use super::absent::Absent;
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::time::Time;
use std::collections::VecDeque;

/// Work that is at hand. Of what waits behind it only the ids are: a flood of fifty thousand messages, in front of a host
/// that has stopped, must fit into memory.
const AT_HAND: usize = 8;
/// So little is left when more is read, so that a host that works never waits for it.
const FEW: usize = 4;

/// Messages that become one turn, and the context that goes with them.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) messages: Vec<Judged>,
    /// How many came before these and are left out.
    pub(super) omitted: u32,
    pub(super) context: Vec<Entry>,
    /// How often the host was offered it.
    pub(super) offers: u32,
}

/// The work of one place.
#[derive(Debug, Default)]
pub(super) struct Lane {
    waiting: VecDeque<Work>,
    /// Behind `waiting`.
    absent: VecDeque<Absent>,
    /// How many of those, from the first, the store is asked for.
    reading: usize,
    /// The store is not asked before this, after it could not be read.
    ask_again: Time,
    /// How many turns of this place the host holds without having adopted them.
    handed: usize,
    /// Nothing is offered before this, after an offer in vain.
    pub(super) not_before: Time,
}

impl Lane {
    pub(super) fn is_idle(&self) -> bool {
        !self.has_more() && self.handed == 0
    }

    /// Whether there is work, at hand or not.
    pub(super) fn has_more(&self) -> bool {
        self.has_work() || !self.absent.is_empty()
    }

    pub(super) fn handed(&self) -> usize {
        self.handed
    }

    /// A turn of this place went to the host.
    pub(super) fn given(&mut self) {
        self.handed = self.handed.saturating_add(1);
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

    pub(super) fn pop(&mut self) -> Option<Work> {
        self.waiting.pop_front()
    }

    /// Takes back what the host has let go of. It is older than everything that waits.
    pub(super) fn push_front(&mut self, work: Work) {
        self.waiting.push_front(work);
    }

    /// The messages that the store is to be asked for now, if any.
    pub(super) fn ask(&mut self, now: Time) -> Vec<EntryId> {
        if self.reading > 0 || self.waiting.len() > FEW || now < self.ask_again {
            return Vec::new();
        }
        self.reading = self.absent.len().min(AT_HAND.saturating_sub(self.waiting.len()));
        self.absent.iter().take(self.reading).flat_map(Absent::ids).cloned().collect()
    }

    /// The store could not be read: it is asked again then.
    pub(super) fn read_in_vain(&mut self, again: Time) {
        self.reading = 0;
        self.ask_again = again;
    }

    /// The store answered. What it doesn't know any more is left out. Answers with the context of messages that were
    /// taken back meanwhile.
    pub(super) fn read(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut found = VecDeque::from(entries);
        let asked = self.absent.drain(..std::mem::take(&mut self.reading).min(self.absent.len()));
        let mut left_over = Vec::new();
        for work in asked.map(|absent| absent.complete(&mut found)) {
            if work.messages.is_empty() {
                left_over.extend(work.context);
            } else {
                self.waiting.push_back(work);
            }
        }
        left_over
    }

    /// Takes a message out of what waits; work without a message is none. Answers with the context that is left over.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Vec<Entry>> {
        let is_this = |judged: &Judged| judged.entry.message.id == *id;
        if let Some(at) = self.waiting.iter().position(|work| work.messages.iter().any(is_this)) {
            let work = self.waiting.get_mut(at)?;
            work.messages.retain(|judged| !is_this(judged));
            let is_none = work.messages.is_empty();
            return Some(if is_none { self.waiting.remove(at)?.context } else { Vec::new() });
        }
        self.absent.iter_mut().any(|absent| absent.forget(id)).then(Vec::new)
    }
}
