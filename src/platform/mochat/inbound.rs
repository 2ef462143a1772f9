//! From Mochat's events to messages.

use super::cursors::GRACE;
use super::{Kind, Mochat, Source};
use crate::ids::EntryId;
use crate::message::{Author, Chat, Incoming, Place, Sender};
use crate::subject;
use crate::text;
use crate::time::Time;
use crate::wire::mochat_event::{self, Event, EventBatch, Message, SYSTEM_AUTHOR};
use serde_json::Value;

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
        for Event { message, seq, .. } in events {
            let Some(message) = message else { continue };
            messages.extend(match is_whole {
                true => self.hear(now, &place, message, *seq),
                false => self.take(&place, message, *seq, false),
            });
        }
        messages
    }

    /// Moves a session's cursor. Answers whether nothing is missing before these events, or what is will be read first.
    /// What comes live ahead of the answer to the subscription moves nothing: the answer holds what lies between.
    fn follow(&mut self, now: Time, batch: &EventBatch, place: &Place, source: Source) -> bool {
        let session = &batch.target;
        let numbers = || batch.events.iter().filter_map(|event| event.seq);
        let Some(newest) = numbers().max().max(batch.cursor) else { return true };
        let known = self.cursors.cursor(session);
        let skips = numbers().min().is_some_and(|first| match known {
            Some(known) => first > known.saturating_add(1),
            // More was said in a new session than the queue holds.
            None => {
                first > 1
                    && !batch
                        .events
                        .iter()
                        .filter_map(|event| event.message.as_ref())
                        .any(|message| self.is_history(place, message))
            }
        });
        // The server lost its queue, and counts anew.
        let is_reset = known.is_some_and(|known| newest < known);
        match source {
            Source::Queue if skips || is_reset => self.want(now, place, Some(newest)),
            Source::Live if self.is_catching_up(session) => return false,
            Source::Live if skips && known.is_some() && !self.catch_up.is_behind(place) => {
                self.subscribe_anew(now, session, newest);
                return false;
            }
            Source::Queue | Source::Live if self.catch_up.is_behind(place) => self.catch_up.note_cursor(place, newest),
            Source::Queue | Source::Live => self.cursors.advance(session, newest),
        }
        true
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
        if message.recalled {
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
        let (mentions_us, text) =
            if self.suspects.contains(&id) { (false, String::new()) } else { self.address(&id.0, message, author) };
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
            text,
            mentions_us,
            quote: message.quote.clone(),
            space: None,
            sent_at: message.said_at().unwrap_or_default(),
            is_past: false,
        })
    }

    /// Whether the message calls this agent, in any of the forms that clients and servers use, and its text as the model
    /// reads it. A longer id that begins like ours is somebody else's.
    fn address(&self, id: &str, message: &Message, author: Author) -> (bool, String) {
        let us = self.us.as_deref();
        let text = text::plain(&message.content, us);
        let Some(us) = us else { return (false, text) };
        let name = self.directory.name_of(us).unwrap_or_default();
        let names = [name, us];
        let listed = message.mentions_receiver || message.mentions.iter().any(|id| id == us);
        let named = listed || text::mentions(&text, &names) || self.notices.is_mention(id);
        let quoted = author == Author::Person && message.mentions.is_empty() && self.is_quoted(message, us);
        (named || quoted, text::without_own(&text, &names))
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
