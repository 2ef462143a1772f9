//! Messages of one place that nobody asked about yet, as context for whoever asks next.

use crate::ids::EntryId;
use crate::inbox::Entry;
use std::collections::VecDeque;

/// Bytes of text kept per place. Twenty long messages fit; a flood doesn't fill the model's window.
const MAX_BYTES: usize = 64 * 1024;

/// The latest messages of a place, oldest first. The oldest are thrown away.
#[derive(Debug, Default)]
pub(super) struct History {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl History {
    /// Adds a message; answers with those that no longer fit.
    pub(super) fn push(&mut self, entry: Entry, limit: usize) -> Vec<EntryId> {
        self.bytes = self.bytes.saturating_add(entry.message.text.len());
        self.entries.push_back(entry);
        let mut forgotten = Vec::new();
        while self.entries.len() > limit || self.bytes > MAX_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.message.text.len());
            forgotten.push(oldest.id());
        }
        forgotten
    }

    /// Everything, oldest first; nothing is left.
    pub(super) fn take(&mut self) -> Vec<Entry> {
        std::mem::take(self).entries.into()
    }

    /// What was said before this message, oldest first.
    pub(super) fn take_before(&mut self, question: &Entry) -> Vec<Entry> {
        let moment = |entry: &Entry| (entry.received_at, entry.message.sent_at);
        let is_newer = |entry: &Entry| moment(entry) > moment(question);
        let (newer, older): (Vec<_>, Vec<_>) = self.take().into_iter().partition(is_newer);
        self.bytes = newer.iter().map(|entry| entry.message.text.len()).sum();
        self.entries = newer.into();
        older
    }

    /// Puts back what was taken for a question that nobody asks any more. It is older than what came since.
    pub(super) fn restore(&mut self, older: Vec<Entry>, limit: usize) -> Vec<EntryId> {
        let newer = self.take();
        older.into_iter().chain(newer).flat_map(|entry| self.push(entry, limit)).collect()
    }

    /// Takes a message out.
    pub(super) fn remove(&mut self, id: &EntryId) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.message.id == *id)?;
        let entry = self.entries.remove(at)?;
        self.bytes = self.bytes.saturating_sub(entry.message.text.len());
        Some(entry)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
