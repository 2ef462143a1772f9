//! The delay scheduler: messages of one place that wait to be answered together.

use super::Judged;
use crate::config::{Delay, ReplyDelayMode};
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::message::{Incoming, Place};
use crate::time::Time;

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

/// Text that a batch holds; a flood is answered in parts that a model can read.
const MAX_BYTES: usize = 64 * 1024;

/// Messages that wait, oldest first, and until when.
#[derive(Debug, Default)]
pub(super) struct Batch {
    messages: Vec<Judged>,
    bytes: usize,
    deadline: Time,
}

impl Batch {
    /// Adds a message. The window slides with each one, but the first never waits longer than `delay.longest`.
    pub(super) fn push(&mut self, judged: Judged, delay: Delay) {
        let now = judged.entry.received_at;
        let first = self.messages.first().map_or(now, |first| first.entry.received_at);
        self.bytes = self.bytes.saturating_add(judged.entry.message.text.len());
        self.deadline =
            if self.bytes > MAX_BYTES { now } else { now.after(delay.quiet).min(first.after(delay.longest)) };
        self.messages.push(judged);
    }

    /// Takes one message out.
    pub(super) fn remove(&mut self, id: &EntryId) -> Option<Entry> {
        let at = self.messages.iter().position(|judged| judged.entry.message.id == *id)?;
        let Judged { entry, .. } = self.messages.remove(at);
        self.bytes = self.bytes.saturating_sub(entry.message.text.len());
        Some(entry)
    }

    pub(super) fn deadline(&self) -> Time {
        self.deadline
    }

    pub(super) fn flush(self) -> Vec<Judged> {
        self.messages
    }
}
