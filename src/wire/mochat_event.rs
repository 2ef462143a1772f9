//! Events of Mochat's Socket.IO connection. Payloads vary between servers and adapters, so everything is optional.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use super::iso_time;
use crate::message::Quote;
use crate::time::Time;
use serde_json::Value;

/// `claw.session.events`, `claw.panel.events`, or one conversation of a subscription's acknowledgement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventBatch {
    /// The session's id; in panel events the panel's.
    pub target: String,
    /// The conversation's newest sequence number.
    pub cursor: Option<u64>,
    /// In the server's order.
    pub events: Vec<Event>,
}

/// One event of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its sequence number.
    pub seq: Option<u64>,
    /// `message.add` and others.
    pub kind: String,
    /// The message, if it is one.
    pub message: Option<Message>,
    /// The id of a message that it takes back.
    pub recalled: Option<String>,
}

/// A message of either form: `messageId`/`author` of the `claw` events, `_id`/`author` of the platform's documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its id; empty if the server gave none.
    pub id: String,
    /// User id of its author.
    pub author: String,
    /// Display name, if it came along.
    pub author_name: Option<String>,
    /// Whether the author is an agent, if the server says so.
    pub by_agent: Option<bool>,
    /// BBCode. Content that is no text is its JSON.
    pub content: String,
    /// Ids that it mentions, in any of the known fields.
    pub mentions: Vec<String>,
    /// The server says that it mentions the receiver.
    pub mentions_receiver: bool,
    /// The group of a panel.
    pub group: Option<String>,
    /// The platform's conversation: the panel's id where there is a group.
    pub converse: Option<String>,
    /// What it answers, in BBCode.
    pub quote: Option<Quote>,
    /// User id of the author of what it answers.
    pub quoted_author: Option<String>,
    /// Message id of what it answers; agents send nothing else.
    pub quoted_id: Option<String>,
    /// When it was written.
    pub at: Option<Time>,
    /// It was recalled.
    pub recalled: bool,
}

/// Author of "X joined" and the like (Tailchat's system user).
pub const SYSTEM_AUTHOR: &str = "000000000000000000000000";

impl EventBatch {
    /// Reads a batch; `None` if it names no conversation.
    #[must_use]
    pub fn decode(value: &Value) -> Option<Self> {
        let target = text(value, &["sessionId", "panelId", "id"])?;
        let events = value.get("events").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Some(Self {
            target,
            cursor: value.get("cursor").and_then(Value::as_u64),
            events: events.iter().map(event).collect(),
        })
    }

    /// The lowest and the highest number of its events, if the server numbers them.
    #[must_use]
    pub fn numbers(&self) -> Option<(u64, u64)> {
        let numbers = || self.events.iter().filter_map(|event| event.seq);
        numbers().min().zip(numbers().max())
    }

    /// Reads the acknowledgement of a subscription: `{result, data}` with the batches in one of three shapes.
    ///
    /// # Errors
    /// The server's words if it refused.
    pub fn decode_subscription(body: &Value) -> Result<Vec<Self>, String> {
        if body.get("result").and_then(Value::as_bool) == Some(false) {
            return Err(text(body, &["message"]).unwrap_or_else(|| "refused without a reason".to_owned()));
        }
        let data = body.get("data").unwrap_or(body);
        let list = data.get("sessions").unwrap_or(data);
        Ok(match list {
            Value::Array(batches) => batches.iter().filter_map(Self::decode).collect(),
            single => Self::decode(single).into_iter().collect(),
        })
    }
}

/// The message that a document takes back: an update of one that is marked as recalled; or a recall or deletion by its
/// event's name (`is_final`), which may name nothing but ids.
#[must_use]
pub fn recalled(value: &Value, is_final: bool) -> Option<String> {
    let is_recall = value.get("hasRecall") == Some(&Value::Bool(true));
    text(value, &["messageId", "_id"]).filter(|_| is_final || is_recall)
}

fn event(value: &Value) -> Event {
    let kind = text(value, &["type"]).unwrap_or_default();
    // The documents' own sample says "message", every adapter saw "message.add".
    let is_message = matches!(kind.as_str(), "message.add" | "message");
    let message = value.get("payload").filter(|_| is_message).and_then(Message::decode).map(|mut message| {
        message.at = message.at.or_else(|| time(value.get("timestamp")));
        message
    });
    let takes_back = |payload: &Value| match kind.as_str() {
        "message.recall" | "message.delete" | "message.remove" => recalled(payload, true),
        // A message can come back as recalled.
        _ => recalled(payload, false),
    };
    let recalled = value.get("payload").and_then(takes_back);
    Event { seq: value.get("seq").and_then(Value::as_u64), kind, message, recalled }
}

impl Message {
    /// When it was written, by the server's clock: as it says, or as the id of a Mongo document tells.
    #[must_use]
    pub fn said_at(&self) -> Option<Time> {
        self.at.or_else(|| object_time(&self.id))
    }

    /// Reads a message; missing fields stay empty.
    #[must_use]
    pub fn decode(value: &Value) -> Option<Self> {
        value.is_object().then(|| Self::read(value))
    }

    fn read(value: &Value) -> Self {
        let part = |key: &str| value.get(key).unwrap_or(&Value::Null);
        let (info, meta) = (part("authorInfo"), part("meta"));
        let reply = meta.get("reply").unwrap_or(&Value::Null);
        Self {
            id: text(value, &["messageId", "_id", "id"]).unwrap_or_default(),
            author: text(value, &["author", "messageAuthor"]).or_else(|| text(info, &["userId"])).unwrap_or_default(),
            author_name: text(info, &["nickname"]),
            by_agent: match (text(info, &["type"]), text(info, &["agentId"])) {
                (None, None) => None,
                (kind, id) => Some(id.is_some() || kind.as_deref() == Some("agent")),
            },
            content: match part("content") {
                Value::String(content) => content.clone(),
                Value::Null => text(value, &["messageSnippet", "messagePlainContent"]).unwrap_or_default(),
                other => other.to_string(),
            },
            mentions: mentions(value, meta),
            mentions_receiver: ["mentioned", "wasMentioned"]
                .iter()
                .any(|key| [meta, value].iter().any(|object| object.get(key) == Some(&Value::Bool(true)))),
            group: text(value, &["groupId"]),
            converse: text(value, &["converseId"]),
            quote: quote(reply),
            quoted_author: text(reply, &["author"]),
            quoted_id: text(reply, &["_id", "messageId"]).or_else(|| text(value, &["replyTo"])),
            at: time(value.get("createdAt")).or_else(|| time(value.get("timestamp"))),
            recalled: part("hasRecall") == &Value::Bool(true),
        }
    }
}

/// Reads an item of the receiver's inbox as the message that it tells of: somebody mentioned the receiver in a panel.
/// `None` for what else an inbox holds; those of private conversations repeat what comes as a session event.
#[must_use]
pub fn inbox_mention(item: &Value, us: &str) -> Option<Message> {
    let payload = item.get("payload")?;
    let is_ours = text(item, &["userId"]).is_none_or(|user| user == us);
    let is_message = text(item, &["type"]).is_none_or(|kind| kind == "message");
    let found = Message { mentions_receiver: true, at: time(item.get("createdAt")), ..Message::read(payload) };
    let is_whole = !found.id.is_empty() && found.group.is_some() && found.converse.is_some();
    (is_ours && is_message && is_whole).then_some(found)
}

/// Ids in all fields that servers and adapters use, at the top level and in `meta`: strings or objects, in a list or
/// alone.
fn mentions(message: &Value, meta: &Value) -> Vec<String> {
    let mut ids = Vec::new();
    let mut add = |item: &Value| {
        ids.extend(match item {
            Value::String(id) => Some(id.clone()),
            other => text(other, &["id", "userId", "_id"]),
        });
    };
    for key in ["mentions", "mentionIds", "mentionedUserIds", "mentionedUsers"] {
        for found in [message.get(key), meta.get(key)].into_iter().flatten() {
            match found {
                Value::Array(list) => list.iter().for_each(&mut add),
                alone => add(alone),
            }
        }
    }
    ids
}

fn quote(reply: &Value) -> Option<Quote> {
    Some(Quote {
        id: text(reply, &["_id", "messageId"]),
        sender: text(reply, &["author"])?,
        text: text(reply, &["content"]).unwrap_or_default(),
    })
}

/// The moment in the first four bytes of a Mongo id, in seconds.
#[must_use]
pub fn object_time(id: &str) -> Option<Time> {
    let mut seconds: u64 = 0;
    for (at, digit) in id.chars().enumerate() {
        let digit = digit.to_digit(16)?;
        if at < 8 {
            seconds = (seconds << 4) | u64::from(digit);
        }
    }
    (id.len() == 24).then(|| Time(seconds.saturating_mul(1_000)))
}

/// The first of these fields that is a non-empty string.
fn text(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| value.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
}

/// ISO 8601 text, or milliseconds.
fn time(value: Option<&Value>) -> Option<Time> {
    match value? {
        Value::String(text) => iso_time::parse(text),
        Value::Number(millis) => millis.as_u64().map(Time),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(value: Value) -> Message {
        Message::decode(&value).unwrap()
    }

    #[test]
    fn a_session_event_carries_its_message_author_and_time() {
        let batch = EventBatch::decode(&json!({
            "sessionId": "session_1", "cursor": 43,
            "events": [{ "seq": 43, "type": "message.add", "timestamp": "2026-02-03T15:20:08.904Z", "payload": {
                "messageId": "m1", "author": "u1", "authorInfo": { "nickname": "Ann", "agentId": null, "type": "user" },
                "content": "hi", "meta": { "mentions": ["bot"] } } }],
        }))
        .unwrap();
        assert_eq!((batch.target.as_str(), batch.cursor), ("session_1", Some(43)));
        let found = batch.events[0].message.clone().unwrap();
        assert_eq!(found.author_name.as_deref(), Some("Ann"));
        assert_eq!(found.at, Some(Time(1_770_132_008_904)));
        assert_eq!(found.by_agent, Some(false));
        assert_eq!(found.mentions, ["bot"]);
    }

    #[test]
    fn mentions_are_read_from_every_known_field_and_form() {
        let found = message(json!({ "mentions": ["a"], "meta": {
            "mentionIds": [{ "id": "b" }], "mentionedUsers": [{ "_id": "c" }], "mentionedUserIds": ["d"] } }));
        assert_eq!(found.mentions, ["a", "b", "d", "c"]);
        assert!(message(json!({ "meta": { "wasMentioned": true } })).mentions_receiver);
        assert!(!message(json!({ "meta": { "mentioned": "yes" } })).mentions_receiver);
        assert!(message(json!({ "mentioned": true })).mentions_receiver);
        assert_eq!(message(json!({ "mentions": "a", "meta": { "mentions": { "id": "b" } } })).mentions, ["a", "b"]);
    }

    #[test]
    fn an_inbox_item_is_a_mention_if_it_is_ours_and_from_a_panel() {
        let item = |group: Value, user: &str, kind: &str| {
            json!({ "_id": "i", "userId": user, "type": kind, "payload": { "groupId": group, "converseId": "p",
                "messageId": "m", "messageAuthor": "ann", "messageSnippet": "hi" } })
        };
        let found = inbox_mention(&item(json!("g"), "us", "message"), "us").unwrap();
        assert_eq!((found.id.as_str(), found.content.as_str(), found.mentions_receiver), ("m", "hi", true));
        assert_eq!(inbox_mention(&item(json!(null), "us", "message"), "us"), None);
        assert_eq!(inbox_mention(&item(json!("g"), "bob", "message"), "us"), None);
        assert_eq!(inbox_mention(&item(json!("g"), "us", "friend"), "us"), None);
    }

    #[test]
    fn a_message_without_a_time_has_that_of_its_id() {
        let said_at = |value| message(value).said_at();
        assert_eq!(said_at(json!({ "_id": "6982100000000000000000b0" })), Some(Time(1_770_131_456_000)));
        assert_eq!(said_at(json!({ "_id": "6982100000000000000000b0", "createdAt": 7 })), Some(Time(7)));
        assert_eq!((said_at(json!({ "_id": "69821000" })), said_at(json!({ "_id": "x".repeat(24) }))), (None, None));
    }

    #[test]
    fn odd_shapes_lose_nothing_but_their_oddity() {
        assert_eq!(message(json!({ "content": { "a": 1 } })).content, r#"{"a":1}"#);
        assert_eq!(message(json!({})), Message::default());
        assert_eq!(EventBatch::decode(&json!({ "events": "x" })), None);
        assert_eq!(event(&json!("x")), Event::default());
    }

    #[test]
    fn the_acknowledgement_of_a_subscription_comes_in_three_shapes() {
        let batch = json!({ "sessionId": "session_1", "events": [] });
        for data in [json!({ "sessions": [batch] }), json!([batch]), batch.clone()] {
            let body = json!({ "result": true, "data": data });
            assert_eq!(EventBatch::decode_subscription(&body).unwrap()[0].target, "session_1");
        }
        let refused = json!({ "result": false, "message": "no such session" });
        assert_eq!(EventBatch::decode_subscription(&refused), Err("no such session".into()));
    }
}
