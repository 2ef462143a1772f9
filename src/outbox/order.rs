//! One text for a place, message by message.

use super::{Earlier, Part, settle};
use crate::call::CallOutcome;
use crate::ids::{EntryId, RequestId};
use crate::message::Place;
use crate::step::Step;
use crate::text::{self, Person};
use crate::time::{Millis, Time};
use std::collections::VecDeque;

/// Tries for one part when the server certainly didn't take it: about two minutes with the waits between them. As many
/// looks at what was posted.
pub(super) const MAX_TRIES: u32 = 8;
/// A server that asks for shorter waits is tried for as long, more often.
const PATIENCE: Millis = Millis::secs(120);
/// A server that fails at a text itself, and not for being down, will not change its mind.
pub(super) const MAX_TRIES_IN_VAIN: u32 = 3;
/// Looks for a draft, over some five seconds.
const MAX_DRAFT_LOOKS: u32 = 3;

#[derive(Debug)]
pub(super) struct Order {
    pub(super) kind: Kind,
    /// Tells its text, all of it, from others.
    pub(super) fingerprint: String,
    pub(super) parts: VecDeque<Content>,
    /// What the first part answers, and whom it calls.
    pub(super) reply_to: Option<String>,
    pub(super) asker: Option<Person>,
    /// Where in the platform it was asked for.
    pub(super) space: Option<String>,
    /// The message that its first part replaces.
    pub(super) edit: Option<String>,
    /// Of an answer that a process that is gone may have sent: when it was asked for. The host may send it as well.
    pub(super) late: Option<Time>,
    pub(super) sent: Vec<String>,
    pub(super) front: Progress,
}

/// Whose words an order holds.
#[derive(Debug)]
pub(super) enum Kind {
    /// The bot's own, about something: nobody waits to hear how it went.
    Notice,
    /// The host's, and it waits. Maybe somebody waits for them as an answer, maybe as that of this turn; maybe they are none.
    Text { request: RequestId, is_reply: bool, is_answer: bool, turn: Option<EntryId> },
    /// What is written so far of this turn's answer.
    Draft { turn: EntryId },
}

/// What one message is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Text(String),
    /// A file, as the host names it.
    File(String),
}

/// How far the part in front has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// When it was first tried.
    pub(super) since: Option<Time>,
    pub(super) tries: u32,
    pub(super) looks: u32,
    /// How the last try ended, if nobody knows how.
    pub(super) last: Option<CallOutcome>,
    /// The post of a process that is gone, which is looked for before anything is posted.
    pub(super) earlier: Option<Earlier>,
}

impl Order {
    /// An order that answers nothing.
    pub(super) fn new(kind: Kind, parts: VecDeque<Content>) -> Self {
        let (reply_to, asker, space, edit) = (None, None, None, None);
        let words = parts.iter().map(|part| match part {
            Content::Text(words) | Content::File(words) => words.as_str(),
        });
        let fingerprint = text::fingerprint(words);
        let (late, sent, front) = (None, Vec::new(), Progress::default());
        Self { kind, fingerprint, parts, reply_to, asker, space, edit, late, sent, front }
    }

    /// For whom it is sent.
    pub(super) fn request(&self) -> Option<RequestId> {
        if let Kind::Text { request, .. } = self.kind { Some(request) } else { None }
    }

    /// The turn of which it shows what is written so far.
    pub(super) fn draft_of(&self) -> Option<&EntryId> {
        if let Kind::Draft { turn } = &self.kind { Some(turn) } else { None }
    }

    /// The question that it answers by the host's word: that of its turn, or the one that it quotes.
    pub(super) fn names(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text { turn: Some(turn), .. } => Some(&turn.0),
            Kind::Text { .. } | Kind::Notice | Kind::Draft { .. } => self.reply_to.as_deref(),
        }
    }

    /// Whether it is a part of this turn's answer, as that is to stay.
    pub(super) fn answers(&self, of: &EntryId) -> bool {
        matches!(&self.kind, Kind::Text { turn: Some(turn), .. } if turn == of)
    }

    pub(super) fn is_answer(&self) -> bool {
        matches!(self.kind, Kind::Text { is_answer: true, .. })
    }

    pub(super) fn is_reply(&self) -> bool {
        matches!(self.kind, Kind::Text { is_reply: true, .. })
    }

    /// The part in front, as the platform gets it under this number.
    pub(super) fn part(&self, number: u32, place: &Place, since: Time) -> Option<Part> {
        let (text, file) = match self.parts.front()?.clone() {
            Content::Text(text) => (text, None),
            Content::File(file) => (String::new(), Some(file)),
        };
        let is_first = self.sent.is_empty();
        Some(Part {
            number,
            place: place.clone(),
            text,
            file,
            request: self.request(),
            reply_to: self.reply_to.clone().filter(|_| is_first),
            asker: self.asker.clone().filter(|_| is_first),
            space: self.space.clone(),
            edit: self.replaces(),
            since,
            earlier: self.front.earlier.clone(),
        })
    }

    /// Whether the part in front, which the server did not take, is tried again.
    pub(super) fn has_patience(&self, now: Time) -> bool {
        let first = self.front.since.unwrap_or(now);
        self.front.tries < MAX_TRIES || now.since(first) < PATIENCE
    }

    /// The message that the part in front replaces.
    pub(super) fn replaces(&self) -> Option<String> {
        self.edit.clone().filter(|_| self.sent.is_empty())
    }

    /// How often the part in front may be posted that was looked for and not found. What is only a draft comes when it is
    /// whole.
    pub(super) fn most_tries(&self) -> u32 {
        match self.front.last {
            _ if self.draft_of().is_some() => 1,
            Some(CallOutcome::Answered { status: 500, .. }) => MAX_TRIES_IN_VAIN,
            Some(CallOutcome::Answered { .. } | CallOutcome::Failed { .. }) | None => MAX_TRIES,
        }
    }

    /// How often the part in front is looked for where nothing can be seen. The whole text waits behind a draft: better that
    /// a draft stands there as well than that it waits for minutes.
    pub(super) fn most_looks(&self) -> u32 {
        if self.draft_of().is_some() { MAX_DRAFT_LOOKS } else { MAX_TRIES }
    }

    /// Ends it, with what was sent of it.
    pub(super) fn close(self, error: Option<String>, step: &mut Step) {
        if let Some(request) = self.request() {
            settle(request, self.sent, error, step);
        }
    }
}
