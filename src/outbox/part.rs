//! What is to be sent: as the host asks for it, and piece by piece on its way.

use crate::ids::{EntryId, RequestId};
use crate::message::Place;
use crate::text::{self, Person};
use crate::time::Time;

/// A piece of a message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number; comes back with the outcome.
    pub number: u32,
    /// Where it goes.
    pub place: Place,
    /// What it says.
    pub text: String,
    /// The file that it is instead, as the host names it: a URL, or a path of this machine.
    pub file: Option<String>,
    /// For whom the host sends it.
    pub request: Option<RequestId>,
    /// The message it answers; only a reply's first part has one.
    pub reply_to: Option<String>,
    /// Whom it is meant for, to be called; only a reply's first part has somebody.
    pub asker: Option<Person>,
    /// The part of the platform in which it was asked for; empty for none, nothing if it answers nobody.
    pub space: Option<String>,
    /// The message that it replaces, instead of being one of its own.
    pub edit: Option<String>,
    /// When it was first tried.
    pub since: Time,
    /// The post of a process that is gone, which may be this part.
    pub earlier: Option<Earlier>,
}

/// A post of a process that is gone, or one that was made in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Whether it may be among the posts of which this process knows what they are.
    pub may_be_known: bool,
    /// The fingerprint of what people read.
    pub said: String,
    /// The message that was posted before it in the same place, if that is known.
    pub behind: Option<String>,
}

impl Part {
    /// Whether these are the words under which it was posted; `last` are those of the last post in its place. `is_certain`
    /// are posts of which it is known what they are: others of this process.
    #[must_use]
    pub fn is_said(&self, words: &str, last: Option<&str>, is_certain: bool) -> bool {
        match &self.earlier {
            Some(earlier) => (earlier.may_be_known || !is_certain) && text::fingerprint([words]) == earlier.said,
            None => !is_certain && last == Some(words),
        }
    }

    /// Whether it can't stand at this message of the bot's or before it. Of the posts that are certain all stand before it
    /// if it was made in this process, and some may stand behind it if an earlier one made it.
    #[must_use]
    pub fn is_behind(&self, id: &str, is_certain: bool) -> bool {
        self.earlier.as_ref().map_or(is_certain, |earlier| earlier.behind.as_deref() == Some(id))
    }
}

/// What a platform is to do for a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Post it.
    Post(Part),
    /// It may have been posted: look for it among the place's latest messages.
    Look(Part),
}

/// What the host wants sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// Who waits to hear how it went.
    pub request: RequestId,
    /// Where it goes.
    pub place: Place,
    /// Markdown.
    pub text: &'a str,
    /// Files in the platform's own markup, one each.
    pub files: Vec<String>,
    /// Files that become messages of their own, as the host names them.
    pub uploads: Vec<String>,
    /// The message that it answers.
    pub reply_to: Option<String>,
    /// Whom it is meant for, to be called.
    pub asker: Option<Person>,
    /// The part of the platform in which it was asked for; empty for none, nothing if it answers nobody.
    pub space: Option<String>,
    /// Whether somebody waits for it as an answer: of a file that can't be sent he sees a label.
    pub is_reply: bool,
    /// Whether it may be an answer. What the host says about itself is none.
    pub is_answer: bool,
    /// The turn that it is a part of the reply to.
    pub turn: Option<EntryId>,
    /// Of an answer that a process that is gone may have sent, or begun to: when it was asked for.
    pub late: Option<Time>,
}

impl<'a> Outgoing<'a> {
    /// A text without files. It answers what the host means by `reply_to`.
    #[must_use]
    pub fn new(request: RequestId, place: Place, text: &'a str, reply_to: Option<String>) -> Self {
        let (files, uploads) = (Vec::new(), Vec::new());
        let reply_to = reply_to.map(|id| EntryId::meant(&id).to_owned());
        Self {
            request,
            place,
            text,
            files,
            uploads,
            reply_to,
            asker: None,
            space: None,
            is_reply: false,
            is_answer: true,
            turn: None,
            late: None,
        }
    }
}
