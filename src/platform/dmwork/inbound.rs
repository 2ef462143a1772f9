//! From WuKongIM's messages to ours.

use super::{Dmwork, connection::Received};
use crate::ids::EntryId;
use crate::message::{Author, Chat, Incoming, Place, Quote, Sender};
use crate::step::Step;
use crate::subject;
use crate::text;
use crate::time::Time;
use crate::wire::dmwork_payload::{Payload, PayloadKind};

/// WuKongIM channel types that DMWork uses.
const PERSON: u8 = 1;
const GROUP: u8 = 2;
const THREAD: u8 = 5;

impl Dmwork {
    /// Finds out where a message was said.
    pub(super) fn placed(&self, received: Received) -> Received {
        let place = match received.channel_type {
            // The wire's channel id is the peer or a made-up pair of both; the reply goes to whoever wrote.
            PERSON if self.is_us(&received.from_uid) => Some(Place::Direct { user: self.peer(&received.channel_id) }),
            PERSON => Some(Place::Direct { user: received.from_uid.clone() }),
            GROUP | THREAD => Some(Place::from_group_channel(&received.channel_id)),
            _ => None,
        };
        Received { place, ..received }
    }

    /// The other side of a direct channel, whose id is the other's uid or `<uid>@<uid>`.
    fn peer(&self, channel_id: &str) -> String {
        let mut uids = channel_id.split('@').filter(|uid| !uid.is_empty() && !self.is_us(uid));
        uids.next().unwrap_or(channel_id).to_owned()
    }

    pub(super) fn is_us(&self, uid: &str) -> bool {
        !uid.is_empty() && self.login.uid == uid
    }

    pub(super) fn is_owner(&self, uid: &str) -> bool {
        self.login.bot.as_ref().is_some_and(|bot| !uid.is_empty() && bot.owner_uid == uid)
    }

    /// Reads a message; `None` for what is no part of a conversation.
    pub(super) fn incoming(&mut self, mut received: Received, step: &mut Step) -> Option<Incoming> {
        let id = EntryId(received.message_id.to_string());
        if self.suspects.contains(&id) {
            received.payload = Payload::default();
        }
        subject::set(&id);
        let Some(place) = received.place.clone() else {
            self.say_once(format!("skipped a message of channel type {}", received.channel_type), step);
            return None;
        };
        if received.payload.kind == PayloadKind::Command {
            if received.payload.tells_of_rules {
                self.rules.doubt(&place);
            }
            return None;
        }
        let (group, chat) = match &place {
            Place::Thread { group, .. } | Place::Group { group } => (Some(group.clone()), Chat::Group),
            Place::Direct { .. } | Place::Session { .. } | Place::Panel { .. } => (None, Chat::Direct),
        };
        let author = self.author(&received);
        if let (PayloadKind::System, Some(group)) = (received.payload.kind, &group) {
            // Such notices tell who came and went, and what the group is called now.
            self.members.doubt(group);
            self.names.groups.doubt(group);
        }
        let (mentions_us, text) = self.address(&place, &received.payload, author);
        if author == Author::Us {
            self.own.remember(&id.0);
        }
        if let (Place::Direct { user }, Some(space), Author::Person, false) =
            (&place, &received.payload.space, author, received.is_past)
        {
            self.spaces.heard(user, space);
        }
        Some(Incoming {
            id,
            place,
            group,
            chat,
            access: chat,
            sender: Sender {
                author,
                // The owner is nobody special among others: a group's members see what is done there.
                is_owner: chat == Chat::Direct && self.is_owner(&received.from_uid),
                id: received.from_uid,
                name: None,
            },
            text,
            mentions_us,
            quote: received.payload.quote.map(|quote| self.attributed(quote)),
            media: self.located(&received.payload.files),
            space: received.payload.space.filter(|_| chat == Chat::Direct),
            sent_at: Time::from_secs(received.seconds),
            is_past: received.is_past,
        })
    }

    fn author(&self, received: &Received) -> Author {
        match received.from_uid.as_str() {
            // The platform's own accounts come without a uid.
            "" => Author::System,
            _ if received.payload.kind == PayloadKind::System => Author::System,
            uid if self.is_us(uid) => Author::Us,
            uid if uid.ends_with("_bot") || self.members.is_robot(uid) => Author::Agent,
            _ => Author::Person,
        }
    }

    /// Whether the message calls this bot, and its text as the model reads it.
    fn address(&self, place: &Place, payload: &Payload, author: Author) -> (bool, String) {
        let Some(bot) = &self.login.bot else { return (false, payload.text.clone()) };
        let mention = &payload.mention;
        let spans = mention.entities.iter().filter(|entity| entity.uid == bot.robot_id);
        let spans: Vec<_> = spans.map(|entity| (entity.offset, entity.length)).collect();
        let names = [bot.name.as_str(), &bot.robot_id];
        let text = text::mark_spans(&payload.text, spans, &bot.robot_id);
        // Clients without mention objects write the name; a client that has them and names others means others.
        let is_silent = mention.is_empty();
        let named = mention.uids.contains(&bot.robot_id) || (is_silent && text::mentions(&text, &names));
        // Who means people doesn't mean bots, although older readers are told `all` as well.
        let everybody = mention.ais || (mention.all && !mention.humans && self.settings.answers_all(place));
        // Two bots that quote each other would never end.
        let quoted = self.settings.mention_by_quote && is_silent && author == Author::Person && self.is_quoted(payload);
        let text = if named || quoted { text::without_own(&text, &names) } else { payload.text.clone() };
        (named || everybody || quoted, text)
    }

    /// A quote that names only its message: of the bot's own it is known who wrote them, and what they read by now.
    fn attributed(&self, mut quote: Quote) -> Quote {
        if let Some(text) = quote.id.as_ref().and_then(|id| self.edits.of(id)) {
            text.clone_into(&mut quote.text);
        }
        let is_own = quote.sender.is_empty() && quote.id.as_ref().is_some_and(|id| self.own.contains(id));
        match &self.login.bot {
            Some(bot) if is_own => Quote { sender: bot.name.clone(), ..quote },
            _ => quote,
        }
    }

    /// Whether the message answers one of this bot's own.
    fn is_quoted(&self, payload: &Payload) -> bool {
        let by_author = payload.quoted_uid.as_ref().is_some_and(|uid| self.is_us(uid));
        let id = payload.quote.as_ref().and_then(|quote| quote.id.as_deref());
        by_author || (payload.quoted_uid.is_none() && id.is_some_and(|id| self.own.contains(id)))
    }
}
