//! Answers that appear while they are written: a first message early, edited as the text grows, and at last the whole text
//! in its place.

use super::MAX_PART_CHARS;
use crate::ids::EntryId;
use crate::message::Place;
use crate::text::{self, Person};
use crate::time::{Millis, Time};

/// A shorter answer is there in a moment anyway.
const LEAST_CHARS: usize = 200;
/// Between two edits. Each goes to everybody in the place, and nobody reads faster.
const PACE: Millis = Millis::secs(2);
/// Shows that there is more to come.
const MORE: &str = " …";
/// Behind an answer that was broken off.
const BROKEN_OFF: &str = "\n\n[broken off]";

/// The answer of a running turn, as far as it is written.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) turn: EntryId,
    pub(super) place: Place,
    /// What its message answers, and whom it calls.
    pub(super) reply_to: Option<String>,
    pub(super) asker: Option<Person>,
    /// The message that shows it, once there is one.
    pub(super) message: Option<String>,
    /// As the agent wrote it, without what must not leave.
    text: String,
    /// What people see of it.
    shown: String,
    next_at: Time,
    /// The agent is done.
    pub(super) is_over: bool,
}

impl Live {
    pub(super) fn new(now: Time, turn: EntryId, place: Place) -> Self {
        let (text, shown) = (String::new(), String::new());
        let (reply_to, asker, message) = (None, None, None);
        Self { turn, place, reply_to, asker, message, text, shown, next_at: now, is_over: false }
    }

    /// Whether there is enough to begin with. A call that is edited in rings nobody, so an answer that calls somebody waits
    /// until it is whole.
    pub(super) fn is_worth_showing(text: &str) -> bool {
        text.chars().nth(LEAST_CHARS).is_some() && !text::may_call(text)
    }

    pub(super) fn grow(&mut self, text: String) {
        self.text = text;
    }

    /// What is to be shown now, if that is news.
    pub(super) fn due(&mut self, now: Time) -> Option<String> {
        if self.is_over || now < self.next_at {
            return None;
        }
        let shown = self.showable()?;
        self.next_at = now.after(PACE);
        self.shown.clone_from(&shown);
        Some(shown)
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        (!self.is_over && self.showable().is_some()).then_some(self.next_at)
    }

    /// Whole words only: of a secret that is half written nobody could tell that it is one. Once the first message is full,
    /// the rest comes when it is whole.
    fn showable(&self) -> Option<String> {
        let end = self.text.trim_end().rfind(char::is_whitespace)?;
        let whole = self.text.get(..end)?.trim_end();
        if whole.chars().count() > MAX_PART_CHARS.saturating_sub(MORE.len()) {
            return None;
        }
        let shown = format!("{whole}{MORE}");
        (Live::is_worth_showing(whole) && shown != self.shown).then_some(shown)
    }

    /// It can't be shown as it grows: it comes when it is whole.
    pub(super) fn give_up(&mut self) {
        self.next_at = Time(u64::MAX);
    }

    /// What is left to see of an answer that nobody finished.
    pub(super) fn end(&self) -> String {
        let (first, room) = (text::split(&self.text, MAX_PART_CHARS.saturating_sub(BROKEN_OFF.len())), String::new());
        first.into_iter().next().unwrap_or(room) + BROKEN_OFF
    }
}
