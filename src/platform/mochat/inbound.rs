//! From Mochat's events to messages.

use super::cursors::GRACE;
use super::{Kind, Mochat, Source};
use crate::ids::EntryId;
use crate::message::{Author, Chat, Incoming, Media, Place, Quote, Sender};
use crate::step::{LogLevel, Step};
use crate::subject;
use crate::text::{self, Said};
use crate::time::Time;
use crate::wire::mochat_event::{self, Event, EventBatch, Message, SYSTEM_AUTHOR};
use serde_json::Value;

/// Kinds of events that are remembered as said; a server that invents new ones all the time is cut off.
const MOST_KINDS: usize = 64;

/// Messages that were taken back and are remembered, the oldest are forgotten. A page of a log, a notice or an event may be
/// overtaken for some seconds.
pub(super) const MOST_TAKEN_BACK: usize = 300;

/// What a message says to this agent.
#[derive(Default)]
struct Address {
    mentions_us: bool,
    text: String,
    quote: Option<Quote>,
    media: Vec<Media>,
}

impl Mochat {
    /// Reads a batch of events of one conversation, if it is one to listen to.
    pub(super) fn batch(&mut self, now: Time, batch: &EventBatch, kind: Kind, source: Source) -> Vec<Incoming> {
        let EventBatch { target, events, .. } = batch;
        let (listed, place) = match kind {
            Kind::Session => (&self.settings.sessions, Place::Session { session: target.clone() }),
            Kind::Panel => (&self.settings.panels, Place::Panel { panel: target.clone() }),
        };
        if !listed.contains(target) {
            return Vec::new();
        }
        let is_whole = kind == Kind::Panel || self.follow(now, batch, &place, source);
        let mut messages = Vec::new();
        for Event { message, seq, recalled, .. } in events {
            if let Some(id) = recalled {
                messages.retain(|message: &Incoming| message.id.0 != *id);
                self.take_back(id);
            }
            let Some(message) = message else { continue };
            messages.extend(match is_whole {
                true => self.hear(now, &place, message, *seq),
                false => self.take(&place, message, *seq, false),
            });
        }
        messages
    }

    /// Says which events of a batch nobody understands.
    pub(super) fn pass_over_unread(&mut self, batch: &EventBatch, step: &mut Step) {
        for event in batch.events.iter().filter(|event| event.message.is_none() && event.recalled.is_none()) {
            self.pass_over(&event.kind, step);
        }
    }

    /// An event that is not read: said once, for whoever wonders what the server sends.
    pub(super) fn pass_over(&mut self, kind: &str, step: &mut Step) {
        let kind = text::excerpt(kind);
        if self.passed_over.len() < MOST_KINDS && !self.passed_over.contains(&kind) {
            step.log(LogLevel::Debug, format!("events like {kind} are not read (said once)"));
            self.passed_over.push(kind);
        }
    }

    /// Its author took a message back, or a moderator: nothing that waits or is under way may bring it.
    pub(super) fn take_back(&mut self, id: &str) {
        self.notices.forget(id);
        self.catch_up.forget(id);
        self.recalled.push(EntryId(id.to_owned()));
        self.taken_back.remember(id);
    }

    /// Moves a session's cursor to the last event that came, whatever the server counts behind it. Answers whether nothing
    /// is missing before these events, or what is will be read first. What comes live ahead of the answer to the
    /// subscription moves nothing: the answer holds what lies between.
    fn follow(&mut self, now: Time, batch: &EventBatch, place: &Place, source: Source) -> bool {
        let session = &batch.target;
        let (known, numbers) = (self.position(session), batch.numbers());
        let Some(newest) = numbers.map(|(_, last)| last).max(batch.cursor) else { return true };
        // Those without a number count on from the last one.
        let count = u64::try_from(batch.events.len()).unwrap_or(u64::MAX);
        let last = numbers.map_or(known.unwrap_or(0).saturating_add(count).min(newest), |(_, last)| last);
        let (is_cut, skips) = (newest > last, self.skips(batch, place, known));
        let is_behind = self.catch_up.is_behind(place);
        if source == Source::Live {
            if self.is_catching_up(session) {
                return false;
            }
            if (skips || is_cut) && !is_behind {
                self.subscribe_anew(now, session, newest);
                return false;
            }
        }
        // The server lost its queue, and counts anew; or counts what it doesn't give.
        let is_lost = known.is_some_and(|known| newest < known) || (is_cut && numbers.is_none());
        let needs_log = match source {
            Source::Live => skips,
            Source::Queue => skips || is_lost,
            // A server that counts anew may have passed our number: then its log has what the queue does not show.
            Source::Replay => skips || is_lost || (!is_behind && known > Some(0) && count > 0),
        };
        if needs_log {
            self.want(now, place, Some(numbers.map_or(newest, |_| last)));
        } else if is_behind {
            self.catch_up.note_cursor(place, last);
        } else {
            self.cursors.advance(session, last);
        }
        true
    }

    /// The number of the last event of a session that came; it is its cursor once all before it is on disk.
    pub(super) fn position(&self, session: &str) -> Option<u64> {
        self.catch_up.cursor(session).or_else(|| self.cursors.cursor(session))
    }

    /// Whether events are missing before the first of a batch.
    fn skips(&self, batch: &EventBatch, place: &Place, known: Option<u64>) -> bool {
        let Some((first, _)) = batch.numbers() else { return false };
        let mut messages = batch.events.iter().filter_map(|event| event.message.as_ref());
        match known {
            Some(known) => first > known.saturating_add(1),
            // More was said in a new session than the queue holds.
            None => first > 1 && !messages.any(|message| self.is_history(place, message)),
        }
    }

    /// Whether a message is older than the account, or than its part in this session.
    fn is_history(&self, place: &Place, message: &Message) -> bool {
        let Place::Session { session } = place else { return false };
        let joined = self.directory.joined(session).map(|at| Time(at.0.saturating_sub(GRACE.0)));
        message.said_at().is_some_and(|at| at < joined.unwrap_or_default().max(self.cursors.start()))
    }

    /// Reads a message. `is_past`: it is context at most. What two have said to each other is no context for anybody; what
    /// many have said is.
    pub(super) fn take(
        &mut self,
        place: &Place,
        message: &Message,
        seq: Option<u64>,
        is_past: bool,
    ) -> Option<Incoming> {
        let is_past = is_past || self.is_history(place, message);
        let incoming = self.incoming(place, message, seq)?;
        (!is_past || incoming.access != Chat::Direct).then_some(Incoming { is_past, ..incoming })
    }

    /// Reads a raw document. Those of panels repeat what `claw.panel.events` says, so their ids are dropped by the
    /// store; those of private conversations name a `converseId` instead of a session and come as session events.
    pub(super) fn document(&mut self, now: Time, value: &Value) -> Option<Incoming> {
        let message = Message::decode(value)?;
        self.wonder(now, &message);
        let panel = self.panel_of(&message)?;
        self.hear(now, &Place::Panel { panel }, &message, None)
    }

    /// Takes a notice for the message that it tells of. That has waited long enough, even if it is here and waits for
    /// older ones.
    pub(super) fn announced(&mut self, message: Message) -> Option<Incoming> {
        let place = Place::Panel { panel: self.panel_of(&message)? };
        let message = self.catch_up.take_held(&place, &message.id).unwrap_or(message);
        self.take(&place, &message, None, false)
    }

    fn panel_of(&self, message: &Message) -> Option<String> {
        let panel = message.converse.as_ref().filter(|_| message.group.is_some())?;
        self.settings.panels.contains(panel).then(|| panel.clone())
    }

    /// Reads an item of the inbox: with a group it is the server's word that the bot was mentioned.
    pub(super) fn notice(&mut self, now: Time, item: &Value) {
        if let Some(message) = item.get("payload").and_then(Message::decode) {
            self.wonder(now, &message);
        }
        let Some(us) = self.us.as_deref() else { return };
        let mention = mochat_event::inbox_mention(item, us).filter(|message| message.author != us);
        let mention = mention.filter(|message| message.at.is_none_or(|at| at >= self.cursors.start()));
        if let Some(message) = mention
            && let Some(panel) = self.panel_of(&message)
        {
            self.notices.announce(now, Place::Panel { panel }, message);
        }
    }

    fn incoming(&mut self, place: &Place, message: &Message, seq: Option<u64>) -> Option<Incoming> {
        if message.recalled || self.taken_back.contains(&message.id) {
            return None;
        }
        let target = place.wire_id();
        let id = match (message.id.as_str(), seq) {
            ("", Some(seq)) => format!("{target}#{seq}"),
            ("", None) => return None,
            (id, _) => id.to_owned(),
        };
        let id = EntryId(id);
        subject::set(&id);
        let known = match place {
            Place::Session { .. } => self.directory.chat(&target),
            Place::Panel { .. } | Place::Direct { .. } | Place::Group { .. } | Place::Thread { .. } => {
                Some(Chat::Group)
            }
        };
        // Of a session that nobody told about yet the stricter side counts: a group's own session, so that a stranger
        // never ends up in somebody's private one, and the access rules of a direct message.
        let (chat, access) = (known.unwrap_or(Chat::Group), known.unwrap_or(Chat::Direct));
        self.directory.heard_of(&message.author, message.author_name.as_deref(), message.by_agent);
        if message.author != SYSTEM_AUTHOR {
            self.wonder_who(&target, &message.author);
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
            place: place.clone(),
            group: message.group.clone().or_else(|| self.directory.group_of(&target).map(str::to_owned)),
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
            sent_at: message.said_at().unwrap_or_default(),
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
