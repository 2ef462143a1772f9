//! From WuKongIM's messages to ours.

use super::{Dmwork, connection::Received};
use crate::ids::EntryId;
use crate::message::{Author, Chat, Incoming, Place, Sender};
use crate::step::Step;
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

    fn is_us(&self, uid: &str) -> bool {
        self.login.bot.as_ref().is_some_and(|bot| bot.robot_id == uid)
    }

    fn is_owner(&self, uid: &str) -> bool {
        self.login.bot.as_ref().is_some_and(|bot| !uid.is_empty() && bot.owner_uid == uid)
    }

    /// Reads a message; `None` for what is no part of a conversation.
    pub(super) fn incoming(&mut self, received: Received, step: &mut Step) -> Option<Incoming> {
        let Some(place) = received.place.clone() else {
            self.say_once(format!("skipped a message of channel type {}", received.channel_type), step);
            return None;
        };
        if received.payload.kind == PayloadKind::Command {
            return None;
        }
        let (group, chat) = match &place {
            Place::Thread { group, .. } | Place::Group { group } => (Some(group.clone()), Chat::Group),
            Place::Direct { .. } | Place::Session { .. } | Place::Panel { .. } => (None, Chat::Direct),
        };
        let (mentions_us, text) = self.address(&received.payload);
        let seconds = u64::try_from(received.seconds).unwrap_or(0);
        Some(Incoming {
            id: EntryId(received.message_id.to_string()),
            place,
            group,
            chat,
            access: chat,
            sender: Sender {
                author: self.author(&received),
                // The owner is nobody special among others: a group's members see what is done there.
                is_owner: chat == Chat::Direct && self.is_owner(&received.from_uid),
                id: received.from_uid,
                name: None,
            },
            text,
            mentions_us,
            quote: received.payload.quote,
            space: received.payload.space.filter(|_| chat == Chat::Direct),
            sent_at: Time(seconds.saturating_mul(1_000)),
        })
    }

    fn author(&self, received: &Received) -> Author {
        match received.from_uid.as_str() {
            // The platform's own accounts come without a uid.
            "" => Author::System,
            _ if received.payload.kind == PayloadKind::System => Author::System,
            uid if self.is_us(uid) => Author::Us,
            uid if uid.ends_with("_bot") => Author::Agent,
            _ => Author::Person,
        }
    }

    /// Whether the message calls this bot, and its text without that call.
    fn address(&self, payload: &Payload) -> (bool, String) {
        let Some(bot) = &self.login.bot else { return (false, payload.text.clone()) };
        let mention = &payload.mention;
        let named = mention.uids.contains(&bot.robot_id);
        // Clients without mention objects write the name; a client that has them and names others means others.
        let written = !mention.present && text::mentions(&payload.text, &bot.name);
        let everybody = mention.ais || (mention.all && self.answer_mention_all);
        let text = match mention.entities.iter().find(|entity| entity.uid == bot.robot_id) {
            Some(entity) => text::without_span(&payload.text, entity.offset, entity.length),
            None if named || written => text::without_mention(&payload.text, &bot.name),
            None => payload.text.clone(),
        };
        (named || written || everybody, text)
    }
}
