//! From Mochat's events to messages.

use super::{Kind, Mochat, SINCE};
use crate::ids::EntryId;
use crate::message::{Author, Chat, Incoming, Media, Place, Quote, Sender};
use crate::platform::marks::Marks;
use crate::step::{LogLevel, Note, Step};
use crate::subject;
use crate::text::{self, Said};
use crate::time::{Millis, Time};
use crate::wire::mochat_event::{self, EventBatch, Message, SYSTEM_AUTHOR};
use serde_json::{Map, Value};

/// How much older than the first start a message may be, by the server's clock, and still be answered.
const GRACE: Millis = Millis::secs(60);
/// Kinds of events that are remembered as said; a server that invents new ones all the time is cut off.
const MOST_KINDS: usize = 64;
/// Prefix of the notes that keep a session's cursor.
const CURSOR: &str = "cursor/";

/// How far each session was read, and when the account began to listen.
#[derive(Debug)]
pub(super) struct Cursors {
    marks: Marks,
    since: Time,
}

impl Cursors {
    pub(super) fn read(now: Time, notes: &[Note]) -> Self {
        let since = Note::find(notes, SINCE).and_then(|value| value.parse().ok());
        Self { marks: Marks::read(CURSOR, notes), since: Time(since.unwrap_or(now.0)) }
    }

    /// The cursors of these sessions, as a subscription sends them.
    pub(super) fn of(&self, sessions: &[String]) -> Value {
        let mut cursors = Map::new();
        for id in sessions {
            if let Some(seen) = self.marks.get(id) {
                cursors.insert(id.clone(), Value::from(seen));
            }
        }
        Value::Object(cursors)
    }

    pub(super) fn marks(&mut self) -> &mut Marks {
        &mut self.marks
    }

    /// A message from before this account's first start. A little earlier is still meant for it, and clocks differ.
    fn is_history(&self, message: &Message) -> bool {
        message.at.is_some_and(|at| at.after(GRACE) < self.since)
    }
}

/// What a message says to this agent.
#[derive(Default)]
struct Address {
    mentions_us: bool,
    text: String,
    quote: Option<Quote>,
    media: Vec<Media>,
}

impl Mochat {
    /// Reads a batch of events of one conversation, if it is one to listen to. What comes live ahead of the answer to
    /// the subscription moves no cursor: the answer holds what lies between.
    pub(super) fn batch(&mut self, batch: Option<EventBatch>, kind: Kind, is_live: bool) -> Vec<Incoming> {
        let Some(batch) = batch else { return Vec::new() };
        let listed = match kind {
            Kind::Session => &self.settings.sessions,
            Kind::Panel => &self.settings.panels,
        };
        if !listed.contains(&batch.target) {
            return Vec::new();
        }
        let mut messages = Vec::new();
        for event in &batch.events {
            if let Some(id) = &event.recalled {
                messages.retain(|message: &Incoming| message.id.0 != *id);
                self.take_back(id);
            }
            let Some(message) = &event.message else { continue };
            let is_past = kind == Kind::Session && self.cursors.is_history(message);
            // What two have said to each other is no context for anybody; what many have said is.
            if let Some(incoming) = self.incoming(&batch.target, kind, message, event.seq)
                && !(is_past && incoming.access == Chat::Direct)
            {
                messages.push(Incoming { is_past, ..incoming });
            }
        }
        let newest = batch.events.iter().filter_map(|event| event.seq).max().max(batch.cursor);
        match (kind, newest) {
            (Kind::Session, Some(_)) if is_live && self.is_catching_up(&batch.target) => {}
            (Kind::Session, Some(newest)) => self.cursors.marks.advance(&batch.target, newest),
            (Kind::Session, None) | (Kind::Panel, _) => {}
        }
        messages
    }

    /// Reads the events of a conversation, and says which of them nobody understands.
    pub(super) fn events(&mut self, value: &Value, kind: Kind, step: &mut Step) -> Vec<Incoming> {
        let batch = EventBatch::decode(value);
        for event in batch.iter().flat_map(|batch| &batch.events) {
            if event.message.is_none() && event.recalled.is_none() {
                self.pass_over(&event.kind, step);
            }
        }
        self.batch(batch, kind, true)
    }

    /// An event that is not read: said once, for whoever wonders what the server sends.
    pub(super) fn pass_over(&mut self, kind: &str, step: &mut Step) {
        let kind = text::excerpt(kind);
        if self.passed_over.len() < MOST_KINDS && !self.passed_over.contains(&kind) {
            step.log(LogLevel::Debug, format!("events like {kind} are not read (said once)"));
            self.passed_over.push(kind);
        }
    }

    /// Its author took a message back, or a moderator.
    pub(super) fn take_back(&mut self, id: &str) {
        self.notices.forget(id);
        self.recalled.push(EntryId(id.to_owned()));
    }

    /// Reads a raw document. Those of panels repeat what `claw.panel.events` says, so their ids are dropped by the
    /// store; those of private conversations name a `converseId` instead of a session and come as session events.
    pub(super) fn document(&mut self, value: &Value) -> Option<Incoming> {
        self.in_panel(&Message::decode(value)?)
    }

    /// Reads a message that names its panel itself, if it is one to listen to.
    pub(super) fn in_panel(&mut self, message: &Message) -> Option<Incoming> {
        let panel = self.panel_of(message)?;
        self.incoming(&panel, Kind::Panel, message, None)
    }

    fn panel_of(&self, message: &Message) -> Option<String> {
        let panel = message.converse.as_ref().filter(|_| message.group.is_some())?;
        self.settings.panels.contains(panel).then(|| panel.clone())
    }

    /// Reads an item of the inbox: with a group it is the server's word that the bot was mentioned.
    pub(super) fn notice(&mut self, now: Time, item: &Value) {
        let Some(us) = self.us.as_deref() else { return };
        let mention = mochat_event::inbox_mention(item, us).filter(|message| message.author != us);
        let mention = mention.filter(|message| !self.cursors.is_history(message));
        if let Some(message) = mention
            && let Some(panel) = self.panel_of(&message)
        {
            self.notices.announce(now, Place::Panel { panel }, message);
        }
    }

    fn incoming(&mut self, target: &str, kind: Kind, message: &Message, seq: Option<u64>) -> Option<Incoming> {
        if message.recalled {
            return None;
        }
        let id = match (message.id.as_str(), seq) {
            ("", Some(seq)) => format!("{target}#{seq}"),
            ("", None) => return None,
            (id, _) => id.to_owned(),
        };
        let id = EntryId(id);
        subject::set(&id);
        let (place, known) = match kind {
            Kind::Session => (Place::Session { session: target.to_owned() }, self.directory.chat(target)),
            Kind::Panel => (Place::Panel { panel: target.to_owned() }, Some(Chat::Group)),
        };
        // Of a session that nobody told about yet the stricter side counts: a group's own session, so that a stranger
        // never ends up in somebody's private one, and the access rules of a direct message.
        let (chat, access) = (known.unwrap_or(Chat::Group), known.unwrap_or(Chat::Direct));
        self.directory.heard_of(&message.author, message.author_name.as_deref(), message.by_agent);
        if message.author != SYSTEM_AUTHOR {
            self.wonder(target, &message.author);
        }
        let author = match message.author.as_str() {
            author if Some(author) == self.us.as_deref() => Author::Us,
            // Nobody can be allowed to speak who has no id; it could be this agent itself.
            SYSTEM_AUTHOR | "" => Author::System,
            author if self.directory.is_agent(author) => Author::Agent,
            _ => Author::Person,
        };
        if author == Author::Us {
            self.own.remember(&id.0);
        }
        let said = if self.suspects.contains(&id) { Address::default() } else { self.address(&id.0, message, author) };
        Some(Incoming {
            id,
            place,
            group: message.group.clone().or_else(|| self.directory.group_of(target).map(str::to_owned)),
            chat,
            access,
            sender: Sender {
                id: message.author.clone(),
                name: message
                    .author_name
                    .clone()
                    .or_else(|| self.directory.name_of(&message.author).map(str::to_owned)),
                author,
                is_owner: self.owner.as_ref() == Some(&message.author),
            },
            text: said.text,
            mentions_us: said.mentions_us,
            quote: said.quote,
            media: said.media,
            space: None,
            sent_at: message.at.unwrap_or_default(),
            is_past: false,
        })
    }

    /// Whether the message calls this agent, in any of the forms that clients and servers use, and its text as the model
    /// reads it, with the files in it and in what it answers. A longer id that begins like ours is somebody else's.
    fn address(&self, id: &str, message: &Message, author: Author) -> Address {
        let (us, server) = (self.us.as_deref(), self.settings.api.origin());
        let Said { text, mut media } = text::read(&message.content, us, server);
        let quote = message.quote.as_ref().map(|quote| {
            let said = text::read(&quote.text, None, server);
            said.media.iter().for_each(|file| text::add_media(&mut media, &file.url, &file.name));
            let sender = self.directory.name_of(&quote.sender).unwrap_or(&quote.sender).to_owned();
            Quote { text: said.text, sender, id: quote.id.clone() }
        });
        let Some(us) = us else { return Address { mentions_us: false, text, quote, media } };
        let name = self.directory.name_of(us).unwrap_or_default();
        let names = [name, us];
        let listed = message.mentions_receiver || message.mentions.iter().any(|id| id == us);
        let named = listed || text::mentions(&text, &names) || self.notices.is_mention(id);
        let quoted = author == Author::Person && message.mentions.is_empty() && self.is_quoted(message, us);
        Address { mentions_us: named || quoted, text: text::without_own(&text, &names), quote, media }
    }

    /// Whether the message answers one of ours. Not where it calls others; and not between agents, whose adapters quote
    /// whatever they answer: two of them would never end.
    fn is_quoted(&self, message: &Message, us: &str) -> bool {
        self.settings.mention_by_quote
            && match (&message.quoted_author, &message.quoted_id) {
                (Some(author), _) => author == us,
                (None, Some(id)) => self.own.contains(id),
                (None, None) => false,
            }
    }
}
