//! What the bot API keeps for a bot that was away: its queue of events, and the log of each channel.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use super::base64;
use super::dmwork_payload::Payload;
use serde_json::{Value, json as object};

/// A message that the server kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The platform's id, beyond 2^53.
    pub message_id: i64,
    /// Its number in the channel; 0 if it has none.
    pub seq: u64,
    /// Who wrote it.
    pub from_uid: String,
    /// Channel id and type; the queue leaves them out for direct messages.
    pub channel: Option<(String, u8)>,
    /// When, in seconds.
    pub seconds: i64,
    /// What it says; `None` if that can't be read.
    pub payload: Option<Payload>,
}

/// One item of the queue. Newer servers queue other things than messages; of these only the id counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the queue.
    pub id: u64,
    /// The message, if it is one.
    pub message: Option<Kept>,
}

/// Body of `POST /v1/bot/events`: what is queued behind this id.
#[must_use]
pub fn ask_events(behind: u64, limit: u32) -> String {
    object!({ "event_id": behind, "limit": limit }).to_string()
}

/// Body of `POST /v1/bot/messages/sync`: messages from `start` on, oldest first; without a start the newest ones.
#[must_use]
pub fn ask_messages(channel: &str, channel_type: u8, start: Option<u64>, limit: u32) -> String {
    object!({
        "channel_id": channel,
        "channel_type": channel_type,
        "start_message_seq": start.unwrap_or(0),
        "end_message_seq": 0,
        "limit": limit,
        "pull_mode": u8::from(start.is_some()),
    })
    .to_string()
}

/// The answer of `/v1/bot/events`; `None` if it is something else. Its failures are HTTP 200 with `status` 0.
#[must_use]
pub fn events(answer: &Value) -> Option<Vec<Event>> {
    match answer.get("results")? {
        Value::Null => Some(Vec::new()),
        Value::Array(results) => Some(results.iter().filter_map(event).collect()),
        _ => None,
    }
}

/// The answer of `/v1/bot/messages/sync`; `None` if it is something else.
#[must_use]
pub fn messages(answer: &Value) -> Option<Vec<Kept>> {
    match answer.get("messages")? {
        Value::Null => Some(Vec::new()),
        Value::Array(messages) => Some(messages.iter().filter_map(kept).collect()),
        _ => None,
    }
}

/// The `group_no`s and names in the answer of `GET /v1/bot/groups`; `None` if it is something else.
#[must_use]
pub fn groups(answer: &Value) -> Option<Vec<(String, String)>> {
    let field = |group: &Value, key: &str| group.get(key)?.as_str().map(str::to_owned);
    let read = |group| Some((field(group, "group_no")?, field(group, "name").unwrap_or_default()));
    match answer {
        Value::Null => Some(Vec::new()),
        Value::Array(groups) => Some(groups.iter().filter_map(read).collect()),
        _ => None,
    }
}

/// The id of the first event in an answer that can't be read: servers write it in front of the message, whose payload
/// is a user's.
#[must_use]
pub fn event_id(unreadable: &str) -> Option<u64> {
    first_number(unreadable, "\"event_id\":")
}

/// The number of the first message in an answer that can't be read.
#[must_use]
pub fn message_seq(unreadable: &str) -> Option<u64> {
    first_number(unreadable, "\"message_seq\":")
}

fn first_number(text: &str, key: &str) -> Option<u64> {
    let (_, rest) = text.split_once(key)?;
    let rest = rest.trim_start();
    let (digits, _) = rest.split_once(|c: char| !c.is_ascii_digit())?;
    digits.parse().ok()
}

fn event(value: &Value) -> Option<Event> {
    Some(Event { id: value.get("event_id")?.as_u64()?, message: value.get("message").and_then(kept) })
}

fn kept(value: &Value) -> Option<Kept> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let written = value.get("payload")?;
    let channel_type = value.get("channel_type").and_then(Value::as_u64).and_then(|kind| u8::try_from(kind).ok());
    Some(Kept {
        message_id: match value.get("message_id")? {
            Value::Number(id) => id.as_i64()?,
            Value::String(id) => id.parse().ok()?,
            _ => return None,
        },
        seq: value.get("message_seq").and_then(Value::as_u64).unwrap_or(0),
        from_uid: text("from_uid"),
        channel: channel_type.map(|kind| (text("channel_id"), kind)).filter(|(id, _)| !id.is_empty()),
        seconds: value.get("timestamp").and_then(Value::as_i64).unwrap_or(0),
        payload: edited(value).or_else(|| payload(written)),
    })
}

/// What was put in the place of a message's payload, where a server tells it: the same text that the edit was asked with.
fn edited(value: &Value) -> Option<Payload> {
    Payload::decode(value.get("content_edit")?.as_str()?.as_bytes())
}

/// The queue holds payloads as objects, the log as base64 of their JSON.
fn payload(value: &Value) -> Option<Payload> {
    match value {
        Value::Object(object) => Some(Payload::from_object(object)),
        Value::String(text) => {
            let mut bytes = Vec::new();
            base64::decode(text.as_bytes(), &mut bytes)?;
            Payload::decode(&bytes)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(body: &str) -> Value {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn a_queued_direct_message_has_no_channel_and_an_exact_id() {
        let body = r#"{"status":1,"results":[{"event_id":7,"message":{"message_id":9007199254740993,"message_seq":3,
            "from_uid":"ann","timestamp":1767225600,"payload":{"type":1,"content":"hi"}}},
            {"event_id":8,"event_type":"card_action","event_data":{}},{"no":"id"}]}"#;
        let events = events(&json(body)).unwrap();
        assert_eq!(events.len(), 2);
        let message = events[0].message.as_ref().unwrap();
        assert_eq!((message.message_id, message.seq, &message.channel), (9_007_199_254_740_993, 3, &None));
        assert_eq!(message.payload.as_ref().unwrap().text, "hi");
        assert_eq!((events[1].id, &events[1].message), (8, &None));
    }

    #[test]
    fn a_logged_message_carries_its_payload_as_base64() {
        let payload = base64::encode(br#"{"type":1,"content":"hi"}"#);
        let body = format!(
            r#"{{"messages":[{{"message_id":1,"message_seq":2,"from_uid":"ann","channel_id":"g1","channel_type":2,
                "timestamp":5,"payload":"{payload}"}},{{"message_id":"2","message_seq":3,"payload":"%"}}]}}"#
        );
        let messages = messages(&json(&body)).unwrap();
        assert_eq!(messages[0].channel, Some(("g1".to_owned(), 2)));
        assert_eq!(messages[0].payload.as_ref().unwrap().text, "hi");
        assert_eq!((messages[1].message_id, &messages[1].payload), (2, &None));
    }

    #[test]
    fn a_message_that_was_edited_reads_as_its_edit_where_the_server_tells_it() {
        let kept = |edit: Value| {
            let payload = object!({ "type": 1, "content": "first" });
            let log = object!({ "messages": [{ "message_id": 1, "payload": payload, "content_edit": edit }] });
            messages(&log).unwrap()[0].payload.as_ref().unwrap().text.clone()
        };
        assert_eq!(kept(r#"{"type":1,"content":"second"}"#.into()), "second");
        assert_eq!([kept("".into()), kept(Value::Null), kept("no JSON".into())], ["first"; 3]);
    }

    #[test]
    fn what_is_no_answer_is_told_from_an_empty_one() {
        assert_eq!(events(&json(r#"{"status":1,"results":null}"#)), Some(Vec::new()));
        assert_eq!(events(&json(r#"{"status":0,"msg":"failed"}"#)), None);
        assert_eq!(messages(&json(r#"{"messages":[]}"#)), Some(Vec::new()));
        assert_eq!(messages(&json("[]")), None);
        assert_eq!(groups(&json("null")), Some(Vec::new()));
        let listed = groups(&json(r#"[{"group_no":"g1","name":"研发"},{"group_no":"g2"},{}]"#));
        assert_eq!(listed, Some(vec![("g1".to_owned(), "研发".to_owned()), ("g2".to_owned(), String::new())]));
        assert_eq!(groups(&json("{}")), None);
    }
}
