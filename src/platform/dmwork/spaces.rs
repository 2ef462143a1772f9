//! In which Space people write to the bot, so that it answers there. A bot of several Spaces answers in its first one
//! unless it says otherwise.

use crate::message::Place;
use crate::outbox::Part;
use crate::step::Note;

/// Prefix of the notes that keep it, one for each person as for how far that place was read.
const SPACE: &str = "space/";

/// People whose Space is known. Whoever has written nothing for longest is answered in the bot's first one.
const MOST: usize = 2_000;

/// The Space in which each person wrote last.
#[derive(Debug, Default)]
pub(super) struct Spaces {
    /// By uid, whoever wrote last at the end; after a restart in any order.
    known: Vec<(String, String)>,
    /// To be written with the message that told.
    notes: Vec<Note>,
}

impl Spaces {
    pub(super) fn read(notes: &[Note]) -> Self {
        let mut spaces = Self::default();
        for note in notes {
            if let Some(uid) = note.key.strip_prefix(SPACE) {
                spaces.set(uid, &note.value);
            }
        }
        spaces
    }

    /// Somebody wrote in this Space.
    pub(super) fn heard(&mut self, uid: &str, space: &str) {
        if may_be_header(space) {
            self.set(uid, space);
            self.note(uid, space);
        }
    }

    fn set(&mut self, uid: &str, space: &str) {
        if let Some(at) = self.find(uid) {
            self.known.remove(at);
        } else if self.known.len() >= MOST {
            let (forgotten, _) = self.known.remove(0);
            self.note(&forgotten, "");
        }
        self.known.push((uid.to_owned(), space.to_owned()));
    }

    fn note(&mut self, uid: &str, space: &str) {
        self.notes.push(Note { key: format!("{SPACE}{uid}"), value: space.to_owned() });
    }

    fn find(&self, uid: &str) -> Option<usize> {
        self.known.iter().position(|(known, _)| known == uid)
    }

    /// The Space in which a part is posted: an answer goes where it was asked for, wherever its asker went on to, and a text
    /// that answers nothing to where the person wrote last.
    pub(super) fn of(&self, part: &Part) -> Option<String> {
        let Place::Direct { user } = &part.place else { return None };
        if let Some(asked) = &part.space {
            return Some(asked.clone()).filter(|space| !space.is_empty() && may_be_header(space));
        }
        self.known.get(self.find(user)?).map(|(_, space)| space.clone())
    }

    pub(super) fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }
}

fn may_be_header(space: &str) -> bool {
    space.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}
