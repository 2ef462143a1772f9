//! One place, and everything that an account keeps for it.

use super::batch::Batch;
use super::history::History;
use super::lane::{Lane, Work};
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::time::Time;

/// What one place keeps: messages for context, messages that wait, turns to hand over.
#[derive(Debug, Default)]
pub(super) struct Corner {
    pub(super) history: History,
    pub(super) batch: Option<Batch>,
    pub(super) lane: Lane,
    /// Whether it is among the hungry.
    pub(super) is_hungry: bool,
    /// The appointment that the agenda has for this place.
    pub(super) appointment: Option<Time>,
}

impl Corner {
    pub(super) fn is_empty(&self) -> bool {
        self.history.is_empty() && self.batch.is_none() && self.lane.is_idle()
    }

    /// Takes a message out of what is remembered or waits for a quiet moment.
    pub(super) fn remove(&mut self, id: &EntryId) -> Option<Entry> {
        let waiting = self.batch.as_mut().and_then(|batch| batch.remove(id));
        self.batch.take_if(|batch| batch.is_empty());
        waiting.or_else(|| self.history.remove(id))
    }

    /// Puts messages in the lane. What was said in the place before goes with them, once: after a restart what was said since
    /// is remembered already, while they were still to be judged.
    pub(super) fn queue(&mut self, batch: Batch) {
        let (messages, omitted) = batch.flush();
        let context = messages.last().map(|last| self.history.take_before(&last.entry)).unwrap_or_default();
        self.lane.push(Work { messages, omitted, context, ..Work::default() });
    }
}
