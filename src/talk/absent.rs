//! Work that waits long: the store has its messages, and here is only what the store doesn't know.

use super::Judged;
use super::lane::Work;
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::reason::Reason;
use crate::time::Time;
use std::collections::VecDeque;

/// Work without its messages.
#[derive(Debug)]
pub(super) struct Absent {
    messages: Vec<(EntryId, Reason)>,
    omitted: u32,
    context: Vec<EntryId>,
    asked_at: Option<Time>,
}

impl Absent {
    pub(super) fn of(work: &Work) -> Self {
        Self {
            messages: work.messages.iter().map(|judged| (judged.entry.id(), judged.reason)).collect(),
            omitted: work.omitted,
            context: work.context.iter().map(Entry::id).collect(),
            asked_at: work.asked_at(),
        }
    }

    /// When it was asked.
    pub(super) fn asked_at(&self) -> Option<Time> {
        self.asked_at
    }

    /// All messages that belong to it.
    pub(super) fn ids(&self) -> impl Iterator<Item = &EntryId> {
        self.context.iter().chain(self.messages.iter().map(|(id, _)| id))
    }

    /// Whether no message is left to answer.
    pub(super) fn is_none(&self) -> bool {
        self.messages.is_empty()
    }

    /// Takes a message out. Answers with the context that is left over without a question.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Vec<EntryId>> {
        let before = self.ids().count();
        self.messages.retain(|(message, _)| message != id);
        self.context.retain(|message| message != id);
        let is_found = self.ids().count() < before;
        is_found.then(|| if self.is_none() { std::mem::take(&mut self.context) } else { Vec::new() })
    }

    /// The work itself, with those of its messages that were found, roughly in order.
    pub(super) fn complete(self, found: &mut VecDeque<Entry>) -> Work {
        let mut take = |id: &EntryId| found.remove(found.iter().position(|entry| entry.message.id == *id)?);
        let context = self.context.iter().filter_map(&mut take).collect();
        let judged = |(id, reason)| Some(Judged { entry: take(&id)?, reason });
        let messages = self.messages.into_iter().filter_map(judged).collect();
        Work { messages, omitted: self.omitted, context, ..Work::default() }
    }
}
