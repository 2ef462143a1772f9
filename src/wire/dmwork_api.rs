//! The DMWork bot HTTP API: requests and answers.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use crate::json;
use crate::message::Place;
use serde::Deserialize;
use serde_json::{Value, json as object};

/// The answer of `POST /v1/bot/register`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Registration {
    /// The bot's uid.
    pub robot_id: String,
    /// Its display name.
    #[serde(default)]
    pub name: String,
    /// Token of the WebSocket; the same as the API's on the servers that were read.
    pub im_token: String,
    /// Where the WebSocket listens.
    pub ws_url: String,
    /// The uid of the person that the bot belongs to.
    #[serde(default)]
    pub owner_uid: String,
}

/// `channel_type` of a place. Mochat's places have none.
#[must_use]
pub fn channel_type(place: &Place) -> Option<u8> {
    match place {
        Place::Direct { .. } => Some(1),
        Place::Group { .. } => Some(2),
        Place::Thread { .. } => Some(5),
        Place::Session { .. } | Place::Panel { .. } => None,
    }
}

/// Body of `POST /v1/bot/sendMessage` for a text.
#[must_use]
pub fn send_text(place: &Place, channel_type: u8, text: &str) -> String {
    object!({
        "channel_id": place.wire_id(),
        "channel_type": channel_type,
        "payload": { "type": 1, "content": text },
    })
    .to_string()
}

/// Body of `POST /v1/bot/typing`.
#[must_use]
pub fn typing(place: &Place, channel_type: u8) -> String {
    object!({ "channel_id": place.wire_id(), "channel_type": channel_type }).to_string()
}

/// The id in the answer of `sendMessage`: an int64 that a JavaScript number can't hold.
#[must_use]
pub fn sent_id(body: &str) -> Option<String> {
    let answer = json::parse(body.as_bytes()).ok()?;
    match answer.get("message_id")? {
        Value::Number(id) => Some(id.to_string()),
        Value::String(id) => Some(id.clone()),
        _ => None,
    }
}

/// The message of an error answer, in either envelope: `{"msg"}` or `{"error":{"message"}}`.
#[must_use]
pub fn error_message(body: &str) -> Option<String> {
    let answer = json::parse(body.as_bytes()).ok()?;
    let message = answer.pointer("/error/message").or_else(|| answer.get("msg"))?;
    Some(crate::text::excerpt(message.as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_addressed_by_its_whole_id_and_type_5() {
        let place = Place::from_group_channel("g1____1234567890123456");
        let body: Value = serde_json::from_str(&send_text(&place, channel_type(&place).unwrap(), "hi")).unwrap();
        assert_eq!(body["channel_id"], "g1____1234567890123456");
        assert_eq!(body["channel_type"], 5);
    }

    #[test]
    fn an_id_beyond_2_to_53_stays_exact() {
        assert_eq!(sent_id(r#"{"message_id":9007199254740993,"message_seq":1}"#).as_deref(), Some("9007199254740993"));
        assert_eq!(sent_id("{}"), None);
    }

    #[test]
    fn both_error_envelopes_are_read() {
        assert_eq!(error_message(r#"{"msg":"bad token","status":400}"#).as_deref(), Some("bad token"));
        assert_eq!(error_message(r#"{"error":{"message":"slow down"},"status":429}"#).as_deref(), Some("slow down"));
    }
}
