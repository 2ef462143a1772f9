//! Mentions that the server announces apart from their message, as items of the bot's inbox. They are the server's own
//! word, also where the message itself doesn't show a mention, and come before it, behind it or without it.

use crate::ids::EntryId;
use crate::message::Place;
use crate::time::{Millis, Time};
use crate::wire::mochat_event::Message;

/// Notices that are remembered for messages to come, the oldest are forgotten.
const MOST: usize = 64;
/// How long a notice waits for its message, which tells more: the author's name, what it answers.
const PATIENCE: Millis = Millis::secs(5);

#[derive(Debug)]
struct Notice {
    message: Message,
    /// When it is taken for the message; `None` once it was.
    until: Option<Time>,
}

#[derive(Debug, Default)]
pub(super) struct Notices {
    known: Vec<Notice>,
    /// Places and ids that nobody was told yet.
    calls: Vec<(Place, EntryId)>,
}

impl Notices {
    /// Takes a notice. One that comes again changes nothing.
    pub(super) fn announce(&mut self, now: Time, place: Place, message: Message) {
        if self.is_mention(&message.id) {
            return;
        }
        if self.known.len() >= MOST {
            self.known.remove(0);
        }
        self.calls.push((place, EntryId(message.id.clone())));
        self.known.push(Notice { message, until: Some(now.after(PATIENCE)) });
    }

    /// Whether this message was announced.
    pub(super) fn is_mention(&self, id: &str) -> bool {
        self.known.iter().any(|notice| notice.message.id == id)
    }

    /// Its message was taken back.
    pub(super) fn forget(&mut self, id: &str) {
        if let Some(at) = self.known.iter().position(|notice| notice.message.id == id) {
            self.known.remove(at);
        }
    }

    /// Messages that call the bot and may be here already; told once.
    pub(super) fn take_calls(&mut self) -> Vec<(Place, EntryId)> {
        std::mem::take(&mut self.calls)
    }

    /// Notices that waited long enough. A message that had come is known to the store and isn't taken twice.
    pub(super) fn due(&mut self, now: Time) -> Vec<Message> {
        let due = |notice: &mut Notice| notice.until.take_if(|at| now >= *at).map(|_| notice.message.clone());
        self.known.iter_mut().filter_map(due).collect()
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.known.iter().filter_map(|notice| notice.until).min()
    }
}
