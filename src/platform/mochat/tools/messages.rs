//! What was said in a place, as a model reads it.

use super::{Mochat, Pending};
use crate::text;
use crate::tools::{Utterance, newest};
use crate::wire::mochat_event::Message;
use crate::wire::mochat_history::{self, Page};

impl Mochat {
    /// The newest messages that fit, and how to read on.
    pub(super) fn said(&self, pending: &Pending) -> String {
        let Page { messages, next } = mochat_history::read_page(&pending.raw);
        let lines = messages.into_iter().rev().map(|message| (self.line(&message), message.id));
        let (mut shown, oldest) = newest(lines);
        if let Some(id) = oldest.or(next) {
            shown.push_str("Older ones: beforeMessageId ");
            shown.push_str(&id);
        }
        shown
    }

    fn line(&self, message: &Message) -> String {
        let Message { id, author, author_name, .. } = message;
        let text = (!message.recalled).then(|| text::plain(&message.content));
        let line = Utterance {
            at: message.at.unwrap_or_default(),
            name: author_name.as_deref().or_else(|| self.directory.name_of(author)).unwrap_or_default(),
            author,
            is_us: self.us.as_deref() == Some(author),
            id,
            quoted: message.quoted_id.as_deref(),
            text: text.as_deref(),
        };
        line.line()
    }
}
