//! From messages to turns: what is remembered, what waits until a panel is quiet.

use super::{Batch, Model};
use crate::conversation_model::script::{Mode, What};
use mochat_dmwork::reason::{Reason, Verdict};

/// A batch or a context holds this much text, whatever its number of messages.
pub(super) const MAX_BYTES: usize = 64 * 1024;
/// A batch holds this many messages.
const MAX_BATCH: usize = 200;

impl Model {
    pub(super) fn remember(&mut self, id: usize) {
        let name = self.entry(id).unwrap().message.place;
        let limit = self.settings.history;
        self.place(name).context.push(id);
        self.trim(name, limit);
    }

    /// Forgets what no longer fits into the context of a place.
    pub(super) fn trim(&mut self, name: &'static str, limit: usize) {
        loop {
            let context = self.place(name).context.clone();
            if context.len() <= limit && self.bytes(&context) <= MAX_BYTES {
                return;
            }
            self.place(name).context.remove(0);
            self.end(context[0], Verdict::Remember, Reason::Forgotten, None);
        }
    }

    /// A command passes at once, a message of a panel may wait, everything else is a turn together with what waits.
    pub(super) fn answer(&mut self, id: usize, reason: Reason) {
        let entry = self.entry(id).unwrap();
        let (message, received, calls) = (entry.message.clone(), entry.received, entry.calls);
        let name = message.place;
        let is_command = matches!(message.line.2, What::Stop | What::New);
        let waits = name.starts_with("panel:")
            && !is_command
            && match self.settings.mode {
                Mode::Off | Mode::Never => false,
                Mode::NonMention => !calls,
                Mode::Always => true,
            };
        if !self.admits(id, waits) {
            return;
        }
        if is_command {
            self.judged(id, reason, None);
            if message.line.2 == What::New {
                for id in std::mem::take(&mut self.place(name).context) {
                    self.end(id, Verdict::Remember, Reason::Cleared, None);
                }
            }
            let turn = self.turn(vec![id], 0, Vec::new());
            self.commands.push(turn);
            return;
        }
        // What came when the batch's time was over belongs to the next one.
        if self.place(name).batch.as_ref().is_some_and(|batch| received >= batch.until) {
            self.flush(name);
        }
        if waits {
            let until = self.wait(id);
            self.judged(id, reason, Some(until));
        } else {
            self.judged(id, reason, None);
            let place = self.place(name);
            let batch = Batch { messages: Vec::new(), first: 0, until: 0, omitted: 0 };
            place.batch.get_or_insert(batch).messages.push(id);
            self.flush(name);
        }
    }

    /// Until the place has been quiet, but the first message no longer than configured. The oldest make room.
    pub(super) fn wait(&mut self, id: usize) -> u64 {
        let (quiet, longest) = (self.settings.quiet, self.settings.longest);
        let entry = self.entry(id).unwrap();
        let (name, received) = (entry.message.place, entry.received);
        let waiting = self.place(name).batch.take();
        let empty = Batch { messages: Vec::new(), first: received, until: 0, omitted: 0 };
        let mut batch = waiting.unwrap_or(empty);
        // One that was remembered until it was called may be older than those that wait; what comes last decides.
        let is_last = batch.messages.iter().all(|other| self.entry(*other).unwrap().received <= received);
        batch.first = batch.first.min(received);
        if is_last {
            batch.until = received + quiet;
        }
        batch.until = batch.until.min(batch.first + longest);
        batch.messages.push(id);
        self.sort(&mut batch.messages);
        while batch.messages.len() > MAX_BATCH || (self.bytes(&batch.messages) > MAX_BYTES && batch.messages.len() > 1)
        {
            let oldest = batch.messages.remove(0);
            batch.omitted += 1;
            self.end(oldest, Verdict::Ignore, Reason::Omitted, None);
        }
        let until = batch.until;
        self.place(name).batch = Some(batch);
        until
    }

    /// What waits becomes a turn, with all the context of its place.
    pub(super) fn flush(&mut self, name: &'static str) {
        let Some(batch) = self.place(name).batch.take() else { return };
        let mut messages = batch.messages;
        self.sort(&mut messages);
        // After a start, what was said behind a question is remembered before the question is judged.
        let moment = |model: &Self, id: usize| {
            let entry = model.entry(id).unwrap();
            (entry.received, entry.message.sent_at)
        };
        let asked = messages.last().map(|id| moment(self, *id));
        let context = std::mem::take(&mut self.place(name).context);
        let (newer, context) = context.into_iter().partition(|id| Some(moment(self, *id)) > asked);
        self.place(name).context = newer;
        let turn = self.turn(messages, batch.omitted, context);
        self.place(name).queue.push(turn);
    }
}
