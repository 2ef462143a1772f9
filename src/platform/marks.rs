//! How far each conversation was read: on disk, and on its way there.

use crate::ids::CommitId;
use crate::step::Note;

/// A number for each conversation, which only grows and is noted in the transaction of the messages that it covers.
#[derive(Debug)]
pub(super) struct Marks {
    /// Prefix of the notes that keep it.
    prefix: &'static str,
    /// On disk.
    saved: Positions,
    /// On disk or on its way there.
    seen: Positions,
    /// Moved last, not yet tied to a commit.
    moved: Positions,
    /// Forgotten last, not yet tied to a commit. What of it is lost with one is forgotten once more after the next start.
    forgotten: Vec<String>,
    /// Commits that aren't on disk yet, with the marks that they carry. Only the first carries any: were it refused and
    /// a later one taken, a mark would be on disk ahead of its messages.
    pending: Vec<(CommitId, Positions)>,
}

impl Marks {
    /// Reads what was noted under this prefix.
    pub(super) fn read(prefix: &'static str, notes: &[Note]) -> Self {
        let mut saved = Positions::default();
        for note in notes {
            if let (Some(id), Ok(at)) = (note.key.strip_prefix(prefix), note.value.parse()) {
                saved.set(id, at);
            }
        }
        let seen = saved.clone();
        Self { prefix, saved, seen, moved: Positions::default(), forgotten: Vec::new(), pending: Vec::new() }
    }

    /// The conversations whose note under this prefix is no number: how far they were read is not known any more.
    pub(super) fn torn<'a>(prefix: &'a str, notes: &'a [Note]) -> impl Iterator<Item = &'a str> {
        let is_torn = |note: &&Note| note.value.parse::<u64>().is_err();
        notes.iter().filter(is_torn).filter_map(move |note| note.key.strip_prefix(prefix))
    }

    /// How far this conversation was read.
    pub(super) fn get(&self, id: &str) -> Option<u64> {
        self.seen.get(id)
    }

    /// All that were read, in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.seen.0.iter().map(|(id, at)| (id.as_str(), *at))
    }

    /// Moves a mark forward, never back.
    pub(super) fn advance(&mut self, id: &str, to: u64) {
        if self.get(id).is_none_or(|at| at < to) {
            self.put(id, to);
        }
    }

    /// Moves a mark wherever its conversation begins to count anew.
    pub(super) fn put(&mut self, id: &str, to: u64) {
        self.seen.set(id, to);
        self.moved.set(id, to);
    }

    /// A conversation that was never heard of begins here: what the store refuses is read again from here on, and not
    /// passed over as a past that was never ours. Forgotten with the process, or noted with the first message.
    pub(super) fn begin(&mut self, id: &str, first: u64) {
        if self.saved.get(id).is_none() {
            self.saved.set(id, first.saturating_sub(1));
        }
    }

    /// A conversation that is none of ours any more: should it come back, it is a new one.
    pub(super) fn forget(&mut self, id: &str) {
        for positions in [&mut self.saved, &mut self.seen, &mut self.moved] {
            positions.0.retain(|(known, _)| known != id);
        }
        self.forgotten.push(id.to_owned());
    }

    /// What moved since [`Marks::committing`], to be written with the messages that moved it, or after them.
    pub(super) fn notes(&self) -> Vec<Note> {
        if !self.pending.is_empty() {
            return Vec::new();
        }
        let note = |id: &String, value| Note { key: format!("{}{id}", self.prefix), value };
        // One that was heard of again is written after all.
        let forgotten = self.forgotten.iter().map(|id| note(id, String::new()));
        forgotten.chain(self.moved.0.iter().map(|(id, at)| note(id, at.to_string()))).collect()
    }

    /// Answers whether this commit carries what moved.
    pub(super) fn committing(&mut self, commit: CommitId) -> bool {
        let is_first = self.pending.is_empty();
        let carried = if is_first { std::mem::take(&mut self.moved) } else { Positions::default() };
        if is_first {
            self.forgotten.clear();
        }
        self.pending.push((commit, carried));
        is_first
    }

    pub(super) fn committed(&mut self, commit: CommitId) {
        let Some(at) = self.pending.iter().position(|(id, _)| *id == commit) else { return };
        for (id, to) in self.pending.remove(at).1.0 {
            self.saved.set(&id, to);
        }
    }

    /// The store refused, or what was read is dropped: it is asked for again.
    pub(super) fn rewind(&mut self) {
        self.pending.clear();
        self.moved = Positions::default();
        self.seen = self.saved.clone();
    }
}

/// Sorted by id, so that some thousand are found quickly.
#[derive(Clone, Debug, Default)]
struct Positions(Vec<(String, u64)>);

impl Positions {
    fn find(&self, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(id))
    }

    fn get(&self, id: &str) -> Option<u64> {
        self.find(id).ok().and_then(|at| self.0.get(at)).map(|(_, position)| *position)
    }

    fn set(&mut self, id: &str, to: u64) {
        match self.find(id) {
            Ok(at) => {
                if let Some((_, position)) = self.0.get_mut(at) {
                    *position = to;
                }
            }
            Err(at) => self.0.insert(at, (id.to_owned(), to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks() -> Marks {
        Marks::read("read/", &[Note { key: "read/a".into(), value: "5".into() }])
    }

    #[test]
    fn a_mark_is_noted_once_and_never_moves_back() {
        let mut marks = marks();
        marks.advance("a", 7);
        marks.advance("a", 6);
        marks.advance("b", 0);
        let notes: Vec<_> = marks.notes().into_iter().map(|note| (note.key, note.value)).collect();
        assert_eq!(notes, [("read/a".into(), "7".into()), ("read/b".into(), "0".to_owned())]);
        marks.committing(CommitId(1));
        assert!(marks.notes().is_empty());
        marks.advance("b", 0);
        assert!(marks.notes().is_empty());
    }

    #[test]
    fn what_the_store_refused_is_read_again() {
        let mut marks = marks();
        marks.advance("a", 7);
        marks.committing(CommitId(1));
        marks.committed(CommitId(1));
        marks.advance("a", 9);
        marks.committing(CommitId(2));
        marks.rewind();
        marks.committed(CommitId(2));
        assert_eq!(marks.get("a"), Some(7));
    }
}
