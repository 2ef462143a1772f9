//! After a start: the turns that the host has, or had when it died.

use super::Account;
use crate::ids::EntryId;
use crate::inbox::{self, Entry};
use crate::policy;
use crate::reason::{Outcome, Verdict};
use crate::step::{HeldTurn, Ruling, Step, StoredEntry};
use crate::time::Time;

impl Account {
    /// Restores the turns that the host had: those that it still has, and those that it may resume. Answers with the
    /// messages that are in none.
    pub(super) fn resume(
        &mut self,
        now: Time,
        mut stored: Vec<StoredEntry>,
        held: &[HeldTurn],
        inherited: &[EntryId],
        step: &mut Step,
    ) -> Vec<StoredEntry> {
        for held in held {
            let is_in = |entry: &mut StoredEntry| match &entry.entrusted {
                Some(turn) => *turn == held.turn,
                None => held.entries.contains(&entry.id),
            };
            let mut entries: Vec<StoredEntry> = stored.extract_if(.., is_in).collect();
            for entry in entries.iter_mut().filter(|entry| entry.entrusted.is_some()) {
                // The host's word about it is told once more.
                entry.adoptions = entry.adoptions.saturating_sub(1);
            }
            let (messages, context) = self.judge_again(now, entries, step);
            let messages = messages.into_iter().map(|(outcome, entry)| (outcome.reason, entry)).collect();
            self.talk.restore_held(now, held.turn.clone(), messages, context);
        }
        while let Some(turn) = stored.iter().find_map(|entry| entry.entrusted.clone()) {
            let entries: Vec<StoredEntry> =
                stored.extract_if(.., |entry| entry.entrusted.as_ref() == Some(&turn)).collect();
            let mut ids: Vec<EntryId> = entries.iter().map(|entry| entry.id.clone()).collect();
            let (messages, context) = self.judge_again(now, entries, step);
            // What the operator wants answered no more isn't asked again.
            let wanted = messages.into_iter().filter(|(outcome, _)| outcome.verdict == Verdict::Answer);
            let messages: Vec<_> = wanted.map(|(outcome, entry)| (outcome.reason, entry)).collect();
            if !messages.is_empty() {
                ids.retain(|id| {
                    !messages.iter().map(|(_, entry)| entry).chain(&context).any(|entry| entry.id() == *id)
                });
            }
            step.release(ids);
            let is_inherited = inherited.contains(&turn);
            self.talk.restore_entrusted(now, turn, (messages, context), is_inherited, step);
        }
        stored
    }

    /// What the store kept of a turn: its messages, as they are judged now, and its context. Their senders were let in, or
    /// there would be no turn.
    fn judge_again(&self, now: Time, stored: Vec<StoredEntry>, step: &mut Step) -> (Vec<(Outcome, Entry)>, Vec<Entry>) {
        let (open, context) = inbox::restore(now, stored, &self.suspects, step);
        let outcome = |entry: &Entry| policy::judge(&entry.message, Ruling::Allowed, &self.rules);
        (open.into_iter().map(|entry| (outcome(&entry), entry)).collect(), context)
    }
}
