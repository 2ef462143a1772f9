//! From Mochat's events to messages.

use super::{Kind, Mochat, SINCE};
use crate::ids::{CommitId, EntryId};
use crate::message::{Author, Chat, Incoming, Place, Sender};
use crate::platform::Heard;
use crate::step::Note;
use crate::text;
use crate::time::Time;
use crate::wire::mochat_event::{EventBatch, Message, SYSTEM_AUTHOR};
use serde_json::Value;
use std::collections::BTreeMap;

/// Prefix of the notes that keep a session's cursor.
const CURSOR: &str = "cursor/";

/// How far each session was read, and when the account began to listen.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    /// On disk.
    saved: BTreeMap<String, u64>,
    /// On disk or on its way there.
    seen: BTreeMap<String, u64>,
    /// Read last, not yet tied to a commit.
    read: Vec<(String, u64)>,
    /// Tied to a commit that isn't on disk yet.
    pending: BTreeMap<CommitId, Vec<(String, u64)>>,
    since: Time,
}

impl Cursors {
    pub(super) fn read(now: Time, notes: &[Note]) -> Self {
        let since = notes.iter().find(|note| note.key == SINCE).and_then(|note| note.value.parse().ok());
        let saved: BTreeMap<String, u64> = notes
            .iter()
            .filter_map(|note| Some((note.key.strip_prefix(CURSOR)?.to_owned(), note.value.parse().ok()?)))
            .collect();
        Self { seen: saved.clone(), saved, since: Time(since.unwrap_or(now.0)), ..Self::default() }
    }

    /// The cursors of these sessions, as a subscription sends them.
    pub(super) fn of(&self, sessions: &[String]) -> BTreeMap<String, u64> {
        sessions.iter().filter_map(|id| Some((id.clone(), *self.seen.get(id)?))).collect()
    }

    pub(super) fn committing(&mut self, commit: CommitId) {
        self.pending.insert(commit, std::mem::take(&mut self.read));
    }

    pub(super) fn committed(&mut self, commit: CommitId) {
        self.saved.extend(self.pending.remove(&commit).unwrap_or_default());
    }

    /// The store refused: whatever isn't on disk is asked for again.
    pub(super) fn rewind(&mut self) {
        self.pending.clear();
        self.seen = self.saved.clone();
    }

    /// Moves a cursor forward, never back: the server's events may come out of order.
    fn advance(&mut self, session: &str, to: u64) -> Option<Note> {
        if self.seen.get(session).is_some_and(|seen| to <= *seen) {
            return None;
        }
        self.seen.insert(session.to_owned(), to);
        self.read.push((session.to_owned(), to));
        Some(Note { key: format!("{CURSOR}{session}"), value: to.to_string() })
    }

    /// A message from before this account's first start, in a session that it never read.
    fn is_history(&self, session: &str, message: &Message) -> bool {
        !self.seen.contains_key(session) && message.at.is_some_and(|at| at < self.since)
    }
}

impl Mochat {
    /// Reads a batch of events of one conversation, if it is one to listen to.
    pub(super) fn batch(&mut self, batch: Option<EventBatch>, kind: Kind) -> Heard {
        let Some(batch) = batch else { return Heard::default() };
        let listed = match kind {
            Kind::Session => &self.settings.sessions,
            Kind::Panel => &self.settings.panels,
        };
        if !listed.contains(&batch.target) {
            return Heard::default();
        }
        let messages = batch
            .events
            .iter()
            .filter_map(|event| {
                let message = event.message.as_ref()?;
                if kind == Kind::Session && self.cursors.is_history(&batch.target, message) {
                    return None;
                }
                self.incoming(&batch.target, kind, message, event.seq)
            })
            .collect();
        let newest = batch.events.iter().filter_map(|event| event.seq).max().max(batch.cursor);
        let note = match (kind, newest) {
            (Kind::Session, Some(newest)) => self.cursors.advance(&batch.target, newest),
            (Kind::Session, None) | (Kind::Panel, _) => None,
        };
        Heard { messages, notes: note.into_iter().collect() }
    }

    /// Reads a raw document. Those of panels repeat what `claw.panel.events` says, so their ids are dropped by the
    /// store; those of private conversations name a `converseId` instead of a session and come as session events.
    pub(super) fn document(&self, value: &Value) -> Heard {
        let Some(message) = Message::decode(value) else { return Heard::default() };
        let (Some(panel), Some(_)) = (message.converse.clone(), &message.group) else { return Heard::default() };
        if !self.settings.panels.contains(&panel) {
            return Heard::default();
        }
        let messages = self.incoming(&panel, Kind::Panel, &message, None).into_iter().collect();
        Heard { messages, notes: Vec::new() }
    }

    fn incoming(&self, target: &str, kind: Kind, message: &Message, seq: Option<u64>) -> Option<Incoming> {
        if message.recalled {
            return None;
        }
        let us = self.us.as_deref();
        let id = match (message.id.as_str(), seq) {
            ("", Some(seq)) => format!("{target}#{seq}"),
            ("", None) => return None,
            (id, _) => id.to_owned(),
        };
        let (place, chat) = match kind {
            Kind::Session => (Place::Session { session: target.to_owned() }, self.directory.chat(target)),
            Kind::Panel => (Place::Panel { panel: target.to_owned() }, Chat::Group),
        };
        let (name, agent) = self.directory.participant(target, &message.author);
        let author = match message.author.as_str() {
            author if Some(author) == us => Author::Us,
            SYSTEM_AUTHOR => Author::System,
            _ if message.by_agent || agent => Author::Agent,
            _ => Author::Person,
        };
        Some(Incoming {
            id: EntryId(id),
            place,
            group: message.group.clone().or_else(|| self.directory.group_of(target).map(str::to_owned)),
            chat,
            sender: Sender { id: message.author.clone(), name: message.author_name.clone().or(name), author },
            text: text::plain(&message.content, us),
            mentions_us: us.is_some_and(|us| self.mentions(message, us)),
            quote: message.quote.clone(),
            sent_at: message.at.unwrap_or_default(),
        })
    }

    /// Every form that clients and servers use; a longer id that begins like ours is somebody else's.
    fn mentions(&self, message: &Message, us: &str) -> bool {
        message.mentions_receiver
            || message.mentions.iter().any(|id| id == us)
            || text::mentioned_ids(&message.content).contains(&us)
            || message.content.contains(&format!("<@{us}>"))
            || text::mentions(&message.content, us)
    }
}
