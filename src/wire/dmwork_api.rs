//! The DMWork bot HTTP API: requests and answers.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use crate::call::CallOutcome;
use crate::ids::EntryId;
use crate::json;
use crate::message::Place;
use crate::text::Person;
use serde::Deserialize;
use serde_json::{Map, Value, json as object};

/// More ids in one receipt are an error to the server.
const MOST_RECEIPTS: usize = 100;

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

/// A text with its mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    content: String,
    units: usize,
    /// Everybody who is called, once.
    uids: Vec<String>,
    entities: Vec<Value>,
    all: bool,
}

impl Text {
    /// Adds words.
    pub fn say(&mut self, text: &str) {
        self.content.push_str(text);
        self.units = self.units.saturating_add(text.encode_utf16().count());
    }

    /// Adds `@name`, which calls somebody. The server delivers calls by `uids`; clients show `entities`.
    pub fn call(&mut self, uid: &str, name: &str) {
        let offset = self.units;
        self.say("@");
        self.say(name);
        self.entities.push(object!({ "uid": uid, "offset": offset, "length": self.units.saturating_sub(offset) }));
        if !self.uids.iter().any(|known| known == uid) {
            self.uids.push(uid.to_owned());
        }
    }

    /// Adds words that call everybody.
    pub fn call_all(&mut self, text: &str) {
        self.say(text);
        self.all = true;
    }

    /// The payload of a message that says this.
    #[must_use]
    pub fn payload(self) -> Value {
        let mut payload = Map::new();
        payload.insert("type".to_owned(), 1.into());
        payload.insert("content".to_owned(), self.content.into());
        if self.all || !self.uids.is_empty() {
            let mut mention = Map::new();
            mention.insert("uids".to_owned(), self.uids.into());
            mention.insert("entities".to_owned(), self.entities.into());
            if self.all {
                mention.insert("all".to_owned(), 1.into());
            }
            payload.insert("mention".to_owned(), mention.into());
        }
        payload.into()
    }
}

/// A payload that answers a message.
#[must_use]
pub fn replying(mut payload: Value, reply_to: Option<&str>) -> Value {
    if let (Some(id), Some(payload)) = (reply_to, payload.as_object_mut()) {
        payload.insert("reply".to_owned(), object!({ "message_id": id }));
    }
    payload
}

/// Body of `POST /v1/bot/sendMessage`.
#[must_use]
pub fn send(place: &Place, channel_type: u8, payload: &Value) -> String {
    object!({ "channel_id": place.wire_id(), "channel_type": channel_type, "payload": payload }).to_string()
}

/// An id that fits in a path or a query: of anything else it is not known where it would lead.
fn plain(id: &str) -> Option<&str> {
    let is_plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    is_plain.then_some(id)
}

/// Path of the call that tells about a group; `None` for one whose number fits in no path.
#[must_use]
pub fn group_path(group: &str) -> Option<String> {
    Some(format!("/v1/bot/groups/{}", plain(group)?))
}

/// The name in its answer.
#[must_use]
pub fn group_name(answer: &Value) -> Option<String> {
    answer.get("name")?.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Path of the call that lists a group's members; `None` for a group whose number fits in no path.
#[must_use]
pub fn members_path(group: &str) -> Option<String> {
    Some(format!("/v1/bot/groups/{}/members", plain(group)?))
}

/// The members in its answer, and the uids of the bots among them; `None` if that is no list.
#[must_use]
pub fn members(answer: &Value) -> Option<(Vec<Person>, Vec<String>)> {
    let members = answer.as_array()?;
    let field = |member: &Value, key: &str| member.get(key).and_then(Value::as_str).map(str::to_owned);
    let person = |member| Some(Person { id: field(member, "uid")?, name: field(member, "name").unwrap_or_default() });
    let robots = members.iter().filter(|member| member.get("robot").and_then(Value::as_i64) == Some(1));
    Some((members.iter().filter_map(person).collect(), robots.filter_map(|robot| field(robot, "uid")).collect()))
}

/// Path of the call that tells who somebody is.
#[must_use]
pub fn user_path(uid: &str) -> Option<String> {
    Some(format!("/v1/bot/user/info?uid={}", plain(uid)?))
}

/// The uid and the name in its answer.
#[must_use]
pub fn user(answer: &Value) -> Option<(String, String)> {
    let field = |key: &str| answer.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Some((field("uid")?, field("name")?))
}

/// GROUP.md or THREAD.md.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its text, empty if there is none.
    pub content: String,
    /// Grows with each change; 0 if there never was one.
    pub version: u64,
}

/// Path of the call that tells a group's or a thread's document.
#[must_use]
pub fn rules_path(place: &Place) -> Option<String> {
    match place {
        Place::Group { group } => Some(format!("/v1/bot/groups/{}/md", plain(group)?)),
        Place::Thread { group, thread } => {
            Some(format!("/v1/bot/groups/{}/threads/{}/md", plain(group)?, plain(thread)?))
        }
        Place::Direct { .. } | Place::Session { .. } | Place::Panel { .. } => None,
    }
}

/// The document in its answer; `None` if there is none in it, not even an empty one.
#[must_use]
pub fn document(answer: &Value) -> Option<Document> {
    let content = answer.get("content")?.as_str()?.to_owned();
    Some(Document { content, version: answer.get("version").and_then(Value::as_u64).unwrap_or_default() })
}

/// Body of `POST /v1/bot/typing`.
#[must_use]
pub fn typing(place: &Place, channel_type: u8) -> String {
    object!({ "channel_id": place.wire_id(), "channel_type": channel_type }).to_string()
}

/// Body of `POST /v1/bot/readReceipt`: the latest of these were read.
#[must_use]
pub fn receipt(place: &Place, channel_type: u8, messages: &[EntryId]) -> String {
    let latest = messages.get(messages.len().saturating_sub(MOST_RECEIPTS)..).unwrap_or_default();
    let ids: Vec<&str> = latest.iter().map(|id| id.0.as_str()).collect();
    object!({ "channel_id": place.wire_id(), "channel_type": channel_type, "message_ids": ids }).to_string()
}

/// Body of `POST /v1/bot/message/edit`: the payload that takes the place of a message's own.
#[must_use]
pub fn edit(place: &Place, channel_type: u8, id: &str, payload: &Value) -> String {
    let content = payload.to_string();
    object!({
        "message_id": id,
        "channel_id": place.wire_id(),
        "channel_type": channel_type,
        "content_edit": content,
    })
    .to_string()
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
    message_in(&json::parse(body.as_bytes()).ok()?)
}

fn message_in(answer: &Value) -> Option<String> {
    let message = answer.pointer("/error/message").or_else(|| answer.get("msg"))?;
    Some(crate::text::excerpt(message.as_str()?))
}

/// An answer in the words of HTTP: of an error the status, the server's sentence as the body, and how long to wait. There
/// are four shapes: `{"msg","status"}` of a handler, `{"msg"}` of what stands before it, the newer `{"error":{…}}`, and
/// the text of a proxy or of an unknown path.
#[must_use]
pub fn in_http(outcome: &CallOutcome) -> CallOutcome {
    let CallOutcome::Answered { body, .. } = outcome else { return outcome.clone() };
    let answer = json::parse(body.as_bytes()).ok();
    answer.and_then(|answer| in_words(outcome, &answer)).unwrap_or_else(|| outcome.clone())
}

/// The same of an answer that was read; `None` if there is no sentence in it.
fn in_words(outcome: &CallOutcome, answer: &Value) -> Option<CallOutcome> {
    let CallOutcome::Answered { status, retry_after, .. } = outcome else { return None };
    let body = message_in(answer)?;
    let number = |path: &str| answer.pointer(path).and_then(Value::as_u64);
    let named = number("/error/http_status").or_else(|| number("/status"));
    let named = named.and_then(|status| u16::try_from(status).ok()).filter(|status| *status >= 400);
    Some(CallOutcome::Answered {
        status: if (200..=299).contains(status) { named.unwrap_or(*status) } else { *status },
        retry_after: retry_after.or_else(|| number("/error/details/retry_after").and_then(|n| u32::try_from(n).ok())),
        body,
    })
}

/// What an answer says.
///
/// # Errors
/// The outcome in the words of HTTP, if it is no success, also where only its body says so; a body that is no JSON is an
/// answer that never came.
pub fn told(outcome: &CallOutcome) -> Result<Value, CallOutcome> {
    let Some(body) = outcome.success() else { return Err(in_http(outcome)) };
    let answer = json::parse(body.as_bytes()).map_err(|error| CallOutcome::Failed {
        unsent: false,
        cause: format!("the server answered something else: {error}"),
    })?;
    let is_no = answer.get("status").and_then(Value::as_u64) == Some(0) || answer.get("error").is_some();
    match in_words(outcome, &answer) {
        Some(words) if is_no || words.success().is_none() => Err(words),
        _ => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_addressed_by_its_whole_id_and_type_5() {
        let place = Place::from_group_channel("g1____1234567890123456");
        let mut text = Text::default();
        text.say("hi");
        let payload = replying(text.payload(), Some("9007199254740993"));
        let body = send(&place, channel_type(&place).unwrap(), &payload);
        let body: Value = serde_json::from_str(&body).unwrap();
        let reply = object!({ "message_id": "9007199254740993" });
        assert_eq!(body["payload"], object!({ "type": 1, "content": "hi", "reply": reply }));
        assert_eq!(body["channel_id"], "g1____1234567890123456");
        assert_eq!(body["channel_type"], 5);
    }

    #[test]
    fn mentions_count_utf16_units_and_name_each_uid_once() {
        let mut text = Text::default();
        text.say("你好😀 ");
        text.call("u1", "Ann");
        text.say(" ");
        text.call("u1", "Ann");
        assert_eq!(
            text.payload(),
            object!({ "type": 1, "content": "你好😀 @Ann @Ann", "mention": { "uids": ["u1"], "entities": [
                { "uid": "u1", "offset": 5, "length": 4 }, { "uid": "u1", "offset": 10, "length": 4 }] } })
        );
    }

    #[test]
    fn a_group_number_is_no_way_out_of_its_path() {
        assert_eq!(members_path("9f0c").as_deref(), Some("/v1/bot/groups/9f0c/members"));
        assert_eq!(members_path("../user"), None);
        let thread = |id: &str| Place::Thread { group: "9f0c".into(), thread: id.into() };
        assert_eq!(rules_path(&thread("17")).as_deref(), Some("/v1/bot/groups/9f0c/threads/17/md"));
        assert_eq!(rules_path(&thread("../../x")), None);
        assert_eq!(user_path("ann&x=1"), None);
        assert_eq!(members(&object!({})), None);
    }

    #[test]
    fn an_id_beyond_2_to_53_stays_exact() {
        assert_eq!(sent_id(r#"{"message_id":9007199254740993,"message_seq":1}"#).as_deref(), Some("9007199254740993"));
        assert_eq!(sent_id("{}"), None);
    }

    #[test]
    fn an_error_reads_alike_in_every_shape() {
        let limited = r#"{"error":{"code":"err.shared.rate.limited","message":"slow down","http_status":429,
            "details":{"retry_after":3}},"status":429}"#;
        for (status, body, shown, retry_after) in [
            (400, r#"{"msg":"not a friend","status":400}"#, "HTTP 400: not a friend", None),
            (401, r#"{"msg":"bad token"}"#, "HTTP 401: bad token", None),
            (403, r#"{"msg":"not an admin","status":403}"#, "HTTP 403: not an admin", None),
            (429, limited, "HTTP 429: slow down", Some(3)),
            (200, limited, "HTTP 429: slow down", Some(3)),
            (200, r#"{"msg":"no","status":400}"#, "HTTP 400: no", None),
            (200, r#"{"status":0,"msg":"failed"}"#, "HTTP 200: failed", None),
            (404, "404 page not found", "HTTP 404: 404 page not found", None),
            (502, "<html>", "HTTP 502: <html>", None),
        ] {
            let outcome = in_http(&CallOutcome::Answered { status, retry_after: None, body: body.to_owned() });
            assert_eq!(outcome.describe(), shown);
            assert!(
                matches!(outcome, CallOutcome::Answered { retry_after: after, .. } if after == retry_after),
                "{body}"
            );
        }
        let good = CallOutcome::Answered { status: 200, retry_after: None, body: r#"{"status":200}"#.to_owned() };
        assert_eq!(in_http(&good), good);
    }

    #[test]
    fn an_answer_is_told_unless_it_says_no_in_whatever_way() {
        let told = |body: &str| {
            told(&CallOutcome::Answered { status: 200, retry_after: None, body: body.to_owned() })
                .map_err(|outcome| outcome.describe())
        };
        assert_eq!(told(r#"{"msg":"done","status":200}"#), Ok(object!({ "msg": "done", "status": 200 })));
        assert_eq!(told("[]"), Ok(object!([])));
        for (body, words) in [
            (r#"{"msg":"no","status":400}"#, "HTTP 400: no"),
            (r#"{"msg":"no","status":0}"#, "HTTP 200: no"),
            (r#"{"error":{"message":"no"}}"#, "HTTP 200: no"),
            ("<html>", "the server answered something else: "),
        ] {
            assert!(told(body).unwrap_err().starts_with(words), "{body}");
        }
    }
}
