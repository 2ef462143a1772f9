//! What a Mochat server still knows: the log of a session or panel, and the queue of a session's events.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use super::mochat_event::Message;
use crate::message::Place;
use crate::time::Millis;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// A part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The oldest first, whatever order the server has.
    pub messages: Vec<Message>,
    /// The message before which the next older page ends, unless this is the oldest.
    pub next: Option<String>,
}

/// Path and body of the call that reads a page of a place's log: the newest messages, or those before one. `None` if the
/// place is none of Mochat's.
#[must_use]
pub fn ask_page(place: &Place, before: Option<&str>, limit: u32) -> Option<(&'static str, String)> {
    let (path, key, id) = match place {
        Place::Session { session } => ("/api/claw/sessions/messages", "sessionId", session),
        Place::Panel { panel } => ("/api/claw/groups/panels/messages", "panelId", panel),
        Place::Direct { .. } | Place::Group { .. } | Place::Thread { .. } => return None,
    };
    let mut body = Map::new();
    body.insert(key.to_owned(), id.as_str().into());
    body.insert("limit".to_owned(), limit.into());
    if let Some(message) = before {
        body.insert("beforeMessageId".to_owned(), message.into());
    }
    Some((path, Value::Object(body).to_string()))
}

/// Path and body of the call that waits for events of a session behind `cursor`, at most this long.
#[must_use]
pub fn watch(session: &str, cursor: Option<u64>, wait: Millis, limit: u32) -> (&'static str, String) {
    let mut body = Map::new();
    body.insert("sessionId".to_owned(), session.into());
    body.insert("cursor".to_owned(), cursor.unwrap_or(0).into());
    body.insert("timeoutMs".to_owned(), wait.0.into());
    body.insert("limit".to_owned(), limit.into());
    ("/api/claw/sessions/watch", Value::Object(body).to_string())
}

/// Whether the `data` of an answer holds a page, be it an empty one.
#[must_use]
pub fn is_page(data: &Value) -> bool {
    data.get("messages").is_some_and(Value::is_array)
}

/// The page in the `data` of an answer. Documented is the newest message first and a `nextCursor` that is null at the end;
/// a server without that has no end but an empty page.
#[must_use]
pub fn read_page(data: &Value) -> Page {
    let listed = data.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut messages: Vec<Message> = listed.iter().filter_map(Message::decode).collect();
    let order = match (messages.first(), messages.last()) {
        (Some(first), Some(last)) => first.said_at().cmp(&last.said_at()),
        _ => Ordering::Equal,
    };
    if order != Ordering::Less {
        messages.reverse();
    }
    let oldest = messages.first().map(|message| message.id.clone()).filter(|id| !id.is_empty());
    let next = match data.get("nextCursor") {
        Some(Value::String(next)) => Some(next.clone()),
        Some(_) => None,
        None => oldest,
    };
    Page { messages, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_comes_oldest_first_whatever_order_the_server_has() {
        let said = |id: &str, at: u64| json!({ "messageId": id, "createdAt": at });
        for list in [[said("b", 2), said("a", 1)], [said("a", 1), said("b", 2)]] {
            let page = read_page(&json!({ "messages": list, "nextCursor": null }));
            assert_eq!(page.messages.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        }
    }

    #[test]
    fn a_log_goes_on_where_the_server_says_or_before_its_oldest_message() {
        let next = |cursor: &Value| {
            let mut data = json!({ "messages": [{ "messageId": "b" }, { "messageId": "a" }] });
            if !cursor.is_boolean() {
                data["nextCursor"] = cursor.clone();
            }
            read_page(&data).next
        };
        assert_eq!(next(&json!("x")).as_deref(), Some("x"));
        assert_eq!(next(&json!(null)), None);
        assert_eq!(next(&json!(false)).as_deref(), Some("a"), "no word about an end");
        assert_eq!(read_page(&json!({ "messages": [] })), Page::default());
    }

    #[test]
    fn a_log_is_asked_for_by_the_kind_of_its_place() {
        let (path, body) = ask_page(&Place::from_mochat_id("698a"), Some("m1"), 7).unwrap();
        assert_eq!(path, "/api/claw/groups/panels/messages");
        assert_eq!(body, r#"{"beforeMessageId":"m1","limit":7,"panelId":"698a"}"#);
        assert_eq!(ask_page(&Place::from_mochat_id("session_1"), None, 7).unwrap().0, "/api/claw/sessions/messages");
        assert_eq!(ask_page(&Place::Direct { user: "u".into() }, None, 7), None);
    }
}
