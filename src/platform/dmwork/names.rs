//! What people and groups are called, beside the lists of members.

use crate::time::{Millis, Time};

/// People whose names are known from direct messages.
const MOST_PEOPLE: usize = 500;
/// Groups whose names are known. A bot in more asks for some of them again.
const MOST_GROUPS: usize = 2_000;

/// Who is who, and which group is which.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) people: Roll,
    pub(super) groups: Roll,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            people: Roll { most: MOST_PEOPLE, known: Vec::new() },
            groups: Roll { most: MOST_GROUPS, known: Vec::new() },
        }
    }
}

/// Names by id, those that were asked for first at the beginning; they are forgotten first.
#[derive(Debug)]
pub(super) struct Roll {
    most: usize,
    known: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    id: String,
    /// Nothing if the server knows none, or was not asked in vain yet.
    name: Option<String>,
    /// Since when it is asked for.
    asked_at: Option<Time>,
    /// From when on to ask for it, again.
    ask_at: Time,
}

impl Roll {
    /// The entry of an id, a new one if there is none.
    fn of(&mut self, id: &str) -> Option<&mut Named> {
        if !self.known.iter().any(|named| named.id == id) {
            if self.known.len() >= self.most {
                self.known.remove(0);
            }
            self.known.push(Named { id: id.to_owned(), name: None, asked_at: None, ask_at: Time::default() });
        }
        self.known.iter_mut().find(|named| named.id == id)
    }

    /// Whether the server is to be asked about it now; it is, then.
    pub(super) fn ask(&mut self, now: Time, id: &str) -> bool {
        let Some(named) = self.of(id) else { return false };
        let is_due = named.asked_at.is_none() && named.ask_at <= now;
        if is_due {
            named.asked_at = Some(now);
        }
        is_due
    }

    /// Since when somebody without a name is asked for.
    pub(super) fn nameless_since(&self, id: &str) -> Option<Time> {
        self.known.iter().find(|named| named.id == id && named.name.is_none())?.asked_at
    }

    /// The server told a name, that it knows none, or nothing for now (`None`). It is asked again after `span`.
    pub(super) fn settle(&mut self, now: Time, id: &str, told: Option<Option<String>>, span: Millis) {
        let Some(named) = self.of(id) else { return };
        named.asked_at = None;
        named.ask_at = now.after(span);
        if let Some(Some(name)) = told {
            named.name = Some(name);
        }
    }

    /// What it is called, where that is known.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        self.known.iter().find(|named| named.id == id)?.name.as_deref()
    }

    /// It may be called otherwise by now.
    pub(super) fn doubt(&mut self, id: &str) {
        self.known.iter_mut().filter(|named| named.id == id).for_each(|named| named.ask_at = Time::default());
    }

    /// Its name is nobody's business any more, for so long at least.
    pub(super) fn lose(&mut self, now: Time, id: &str, span: Millis) {
        self.settle(now, id, Some(None), span);
        self.known.iter_mut().filter(|named| named.id == id).for_each(|named| named.name = None);
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.known.retain(|named| named.id != id);
    }

    /// The ids that have a name.
    pub(super) fn ids(&self) -> Vec<String> {
        self.known.iter().filter(|named| named.name.is_some()).map(|named| named.id.clone()).collect()
    }
}
