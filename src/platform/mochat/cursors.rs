//! How far each conversation was read, and since when the account listens.

use super::catch_up::OVERLAP;
use crate::ids::CommitId;
use crate::message::Place;
use crate::platform::marks::Marks;
use crate::step::Note;
use crate::time::{Millis, Time};

/// How much older than the first start a message may be, by the server's clock, and still be answered.
pub(super) const GRACE: Millis = Millis::secs(60);
/// Prefix of the notes that keep a session's cursor.
const CURSOR: &str = "cursor/";
/// Prefix of the notes that tell up to which moment everything said in a place is on disk.
const READ: &str = "read/";
/// Note: when this account was started for the first time. Whatever is older was not meant for it.
const SINCE: &str = "since";

/// Up to where a log counts as read with a message of this moment. A moment that is still to come, by our clock, would hide
/// what is said until then.
pub(super) fn before(now: Time, at: Time) -> Time {
    Time(at.min(now).0.saturating_sub(OVERLAP.0))
}

/// What is on disk of each conversation, or on its way there.
#[derive(Debug)]
pub(super) struct Cursors {
    /// Of sessions: the number of the newest event.
    events: Marks,
    /// Of sessions and panels: a moment by the server's clock, in milliseconds.
    read: Marks,
    since: Time,
    is_new: bool,
}

impl Cursors {
    pub(super) fn read(now: Time, notes: &[Note]) -> Self {
        let since = Note::find(notes, SINCE).and_then(|value| value.parse().ok());
        Self {
            events: Marks::read(CURSOR, notes),
            read: Marks::read(READ, notes),
            since: Time(since.unwrap_or(now.0)),
            is_new: since.is_none(),
        }
    }

    /// The conversations of which it is not readable any more how far they were read.
    pub(super) fn torn(notes: &[Note]) -> Vec<&str> {
        Marks::torn(CURSOR, notes).chain(Marks::torn(READ, notes)).collect()
    }

    /// The moment before which nothing was meant for this account.
    pub(super) fn start(&self) -> Time {
        Time(self.since.0.saturating_sub(GRACE.0))
    }

    pub(super) fn cursor(&self, session: &str) -> Option<u64> {
        self.events.get(session)
    }

    /// A session was read up to this event. Never goes back.
    pub(super) fn advance(&mut self, session: &str, to: u64) {
        self.events.advance(session, to);
    }

    /// A session's log was read, and with it everything up to this event, even if the server counts anew by now.
    pub(super) fn reach(&mut self, place: &Place, to: Option<u64>) {
        if let (Place::Session { session }, Some(to)) = (place, to) {
            self.events.put(session, to);
        }
    }

    /// Up to which moment everything said in a place is on disk. `None` of a panel that is new.
    pub(super) fn read_to(&self, place: &Place) -> Option<Time> {
        let known = self.read.get(&place.wire_id()).map(Time);
        known.or_else(|| matches!(place, Place::Session { .. }).then(|| self.start()))
    }

    /// A place was read from one moment, or its very beginning, up to another.
    pub(super) fn read_on(&mut self, place: &Place, from: Option<Time>, to: Time) {
        let id = place.wire_id();
        self.read.begin(&id, from.unwrap_or(to).0.saturating_add(1));
        self.read.advance(&id, to.0);
    }

    /// A message came with nothing missing before it.
    pub(super) fn said(&mut self, now: Time, place: &Place, at: Option<Time>) {
        if let Some(at) = at {
            self.read_on(place, None, before(now, at));
        }
    }

    /// When this account listened for certain, unless it never did.
    pub(super) fn listened(&self) -> Option<Time> {
        let newest = self.read.iter().map(|(_, at)| Time(at)).max();
        (!self.is_new).then_some(self.since.max(newest.unwrap_or_default()))
    }

    /// Panels that were read before.
    pub(super) fn panels(&self) -> Vec<Place> {
        let mut panels = Vec::new();
        for (id, _) in self.read.iter() {
            let place = Place::from_mochat_id(id);
            if matches!(place, Place::Panel { .. }) {
                panels.push(place);
            }
        }
        panels
    }

    /// What is to be written with the messages that moved it, or after them.
    pub(super) fn notes(&self) -> Vec<Note> {
        let mut notes = self.events.notes();
        notes.extend(self.read.notes());
        notes
    }

    /// When it all began. Goes along with every commit until one succeeds.
    pub(super) fn birth(&self) -> Option<Note> {
        self.is_new.then(|| Note { key: SINCE.to_owned(), value: self.since.0.to_string() })
    }

    pub(super) fn committing(&mut self, commit: CommitId) {
        self.events.committing(commit);
        self.read.committing(commit);
    }

    pub(super) fn committed(&mut self, commit: CommitId) {
        self.is_new = false;
        self.events.committed(commit);
        self.read.committed(commit);
    }

    /// The store refused.
    pub(super) fn rewind(&mut self) {
        self.events.rewind();
        self.read.rewind();
    }
}
