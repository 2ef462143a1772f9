//! The delay scheduler: messages of one place that wait to be answered together.

use super::Judged;
use crate::config::{Delay, ReplyDelayMode};
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::message::{Incoming, Place};
use crate::time::Time;
use std::collections::VecDeque;

/// Whether a message waits. Only panels do: a direct message or a session is always answered at once.
pub(super) fn waits(message: &Incoming, mode: ReplyDelayMode) -> bool {
    if !matches!(message.place, Place::Panel { .. }) {
        return false;
    }
    match mode {
        ReplyDelayMode::Off | ReplyDelayMode::Never => false,
        ReplyDelayMode::NonMention => !message.mentions_us,
        ReplyDelayMode::Always => true,
    }
}

/// Text that a batch holds. More would crowd out everything else that the model is to think of.
pub(super) const MAX_BYTES: usize = 64 * 1024;
/// Messages that a batch holds. Who has written more meanwhile will not expect an answer to the first.
const MAX_MESSAGES: usize = 200;

/// Messages that wait, oldest first, and until when.
#[derive(Debug, Default)]
pub(super) struct Batch {
    messages: VecDeque<Judged>,
    bytes: usize,
    /// When the first message arrived, whether or not it is still here.
    since: Option<Time>,
    deadline: Time,
    /// How many no longer fit.
    omitted: u32,
}

impl Batch {
    /// Adds a message; answers with those that no longer fit. The window slides with each one, but the first never waits
    /// longer than `delay.longest`.
    pub(super) fn push(&mut self, judged: Judged, delay: Delay) -> Vec<EntryId> {
        let received_at = judged.entry.received_at;
        let since = *self.since.insert(self.since.map_or(received_at, |since| since.min(received_at)));
        if self.insert(judged) {
            self.deadline = received_at.after(delay.quiet);
        }
        self.deadline = self.deadline.min(since.after(delay.longest));
        let mut omitted = Vec::new();
        while self.messages.len() > MAX_MESSAGES || (self.bytes > MAX_BYTES && self.messages.len() > 1) {
            let Some(oldest) = self.messages.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.entry.message.text.len());
            self.omitted = self.omitted.saturating_add(1);
            omitted.push(oldest.entry.id());
        }
        omitted
    }

    /// Puts a message where it belongs by its arrival, since what turns out to be a mention may be older than others, and
    /// to where it is if it waits already. Answers whether it is new and the last.
    pub(super) fn insert(&mut self, judged: Judged) -> bool {
        let Entry { message, received_at, .. } = &judged.entry;
        let older = self.messages.partition_point(|other| other.entry.received_at < *received_at);
        let alike = self.messages.iter().skip(older).take_while(|other| other.entry.received_at == *received_at);
        let known = alike.clone().position(|other| other.entry.message.id == message.id);
        let at = older.saturating_add(known.unwrap_or_else(|| alike.count()));
        match self.messages.get_mut(at).filter(|_| known.is_some()) {
            Some(waiting) => *waiting = judged,
            None => {
                self.bytes = self.bytes.saturating_add(message.text.len());
                self.messages.insert(at, judged);
            }
        }
        known.is_none() && at.saturating_add(1) == self.messages.len()
    }

    /// Whether the time of this batch was over at that moment. What came then belongs to the next one.
    pub(super) fn is_over(&self, at: Time) -> bool {
        !self.is_empty() && self.deadline <= at
    }

    /// A message that waits.
    pub(super) fn find(&mut self, id: &EntryId) -> Option<&mut Entry> {
        self.messages.iter_mut().map(|judged| &mut judged.entry).find(|entry| entry.message.id == *id)
    }

    /// Takes it out.
    pub(super) fn remove(&mut self, id: &EntryId) -> Option<Entry> {
        let at = self.messages.iter().position(|judged| judged.entry.message.id == *id)?;
        let judged = self.messages.remove(at)?;
        self.bytes = self.bytes.saturating_sub(judged.entry.message.text.len());
        Some(judged.entry)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn deadline(&self) -> Time {
        self.deadline
    }

    /// Everything that waits, and how much was left out.
    pub(super) fn flush(self) -> (Vec<Judged>, u32) {
        (self.messages.into(), self.omitted)
    }
}
