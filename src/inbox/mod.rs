//! What arrived: committed to the store before anything is acknowledged, and rebuilt from it after a restart.

mod gatehouse;

pub use gatehouse::Gatehouse;

use crate::ids::{CommitId, EntryId};
use crate::json;
use crate::message::Incoming;
use crate::reason::{Outcome, Reason, Verdict};
use crate::step::{Effect, LogLevel, NewEntry, Note, Step, StoredEntry};
use crate::subject;
use crate::time::Time;

/// A message that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The message.
    pub message: Incoming,
    /// When it reached us. Deadlines count from here, also after a restart.
    pub received_at: Time,
    /// How often the host has taken it over.
    pub adoptions: u32,
}

impl Entry {
    /// The platform says now that it mentions the bot; the store must say so as well.
    pub fn call(&mut self, step: &mut Step) {
        if self.message.mentions_us {
            return;
        }
        self.message.mentions_us = true;
        step.push(Effect::Reopen { entries: record(self).into_iter().collect() });
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> EntryId {
        self.message.id.clone()
    }
}

/// Messages on their way to the store.
#[derive(Debug, Default)]
pub struct Inbox {
    last_commit: CommitId,
    /// Few at any moment: the store answers each in turn.
    uncommitted: Vec<(CommitId, Vec<Entry>)>,
    /// Those of them that were taken back meanwhile. What the store refuses is given again, and taken back still.
    recalled: Vec<EntryId>,
}

impl Inbox {
    /// Asks the store to write messages and notes in one transaction. `shown` is what the wall clock shows now: another
    /// life knows no other.
    pub fn commit(
        &mut self,
        now: Time,
        shown: Time,
        messages: Vec<Incoming>,
        notes: Vec<Note>,
        step: &mut Step,
    ) -> CommitId {
        self.last_commit = self.last_commit.next();
        let fresh = |message| Entry { message, received_at: now, adoptions: 0 };
        let entries: Vec<Entry> = messages.into_iter().map(fresh).collect();
        step.push(Effect::Commit {
            commit: self.last_commit,
            entries: entries.iter().filter_map(record).map(|entry| NewEntry { received_at: shown, ..entry }).collect(),
            notes,
        });
        self.uncommitted.push((self.last_commit, entries));
        self.last_commit
    }

    /// The transaction is on disk. Answers with the messages in it that the store had not seen before, and that count, and
    /// with those that were taken back.
    pub fn committed(&mut self, commit: CommitId, fresh: &[EntryId]) -> (Vec<Entry>, Vec<Entry>) {
        let Some(at) = self.uncommitted.iter().position(|(id, _)| *id == commit) else { return Default::default() };
        let (_, mut entries) = self.uncommitted.remove(at);
        let recalled: Vec<EntryId> =
            self.recalled.extract_if(.., |id| entries.iter().any(|entry| entry.message.id == *id)).collect();
        entries.retain(|entry| fresh.contains(&entry.message.id));
        // One transaction can carry a message twice (a notice and the event itself); the first of them counts.
        let mut seen = Vec::with_capacity(entries.len());
        entries.retain(|entry| {
            let first = !seen.contains(&entry.message.id);
            seen.push(entry.message.id.clone());
            first
        });
        entries.into_iter().partition(|entry| !recalled.contains(&entry.message.id))
    }

    /// A message on its way to the store was taken back.
    pub fn recall(&mut self, id: &EntryId) {
        if self.find(id).is_some() {
            self.recalled.push(id.clone());
        }
    }

    /// A message on its way to the store, if it is one.
    pub fn find(&mut self, id: &EntryId) -> Option<&mut Entry> {
        self.uncommitted.iter_mut().flat_map(|(_, entries)| entries).find(|entry| entry.message.id == *id)
    }

    /// The transaction failed: nothing of it exists, and the platform will give it again.
    pub fn commit_failed(&mut self, commit: CommitId) {
        self.uncommitted.retain(|(id, _)| *id != commit);
    }
}

/// Reads what the store kept. Records that this version can't read, or must not, are closed, and said.
pub fn restore(now: Time, stored: Vec<StoredEntry>, suspects: &[EntryId], step: &mut Step) -> (Vec<Entry>, Vec<Entry>) {
    let (mut open, mut kept) = (Vec::new(), Vec::new());
    for StoredEntry { id, record, received_at, kept: is_kept, adoptions, .. } in stored {
        if suspects.contains(&id) {
            step.log(LogLevel::Error, format!("{}: message {id} is given up", Reason::CoreFault.code()));
            step.resolve(vec![id], Outcome::new(Verdict::Fail, Reason::CoreFault));
            continue;
        }
        subject::set(&id);
        // Unless the clock was set back meanwhile, it came before.
        let received_at = received_at.min(now);
        match json::read::<Incoming>(&record) {
            Ok(message) if is_kept => kept.push(Entry { message, received_at, adoptions }),
            Ok(message) => open.push(Entry { message, received_at, adoptions }),
            Err(error) => {
                step.log(LogLevel::Error, format!("stored message {id} is not readable: {error}"));
                step.resolve(vec![id], Outcome::new(Verdict::Fail, Reason::Unreadable));
            }
        }
    }
    (open, kept)
}

/// An entry as the store keeps it.
pub fn record(entry: &Entry) -> Option<NewEntry> {
    subject::set(&entry.message.id);
    Some(NewEntry {
        id: entry.message.id.clone(),
        place: entry.message.place.to_string(),
        // A message is made of strings and numbers; serialising it can't fail.
        record: json::write(&entry.message).ok()?,
        received_at: entry.received_at,
    })
}
