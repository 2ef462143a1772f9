//! The Mochat HTTP RPC: `POST /api/claw/…`, answers in `{code: 200, data}`.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use super::iso_time;
use crate::call::CallOutcome;
use crate::message::Place;
use crate::time::Time;
use serde_json::{Map, Value, json};

/// Sessions per answer of `sessions/list`; its documented maximum.
pub const MAX_SESSIONS: usize = 500;
/// In the words for an agent that may not write in a group for a while. Upstream throws them as an error of its own
/// (Tailchat's `chat.message.sendMessage`), in the language of the server.
const MUTED: [&str; 2] = ["禁言", "muted"];

/// A session as `sessions/list` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `session_…`.
    pub id: String,
    /// Everybody in it.
    pub participants: Vec<Participant>,
    /// It is over.
    pub closed: bool,
    /// When it began.
    pub created_at: Option<Time>,
    /// The platform's conversation behind it.
    pub converse: Option<String>,
    /// When something last happened in it, as the server writes it.
    pub updated: String,
}

/// Somebody in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// User id.
    pub id: String,
    /// Display name, if told.
    pub name: Option<String>,
    /// Whether it is an agent, if told.
    pub agent: Option<bool>,
}

/// A panel of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Its id.
    pub id: String,
    /// Its name; empty if the server tells none.
    pub name: String,
    /// `text`, `folder`, `topic`, `web`, or `other`.
    pub kind: &'static str,
    /// Whether people talk in it: text panels and topics, not folders and web views.
    pub is_chat: bool,
    /// The folder that it is in.
    pub parent: Option<String>,
}

/// A group with its panels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its panels.
    pub panels: Vec<Panel>,
    /// Everybody in it, if the server tells.
    pub members: Vec<Participant>,
}

/// Path and body of the call that lists sessions; all, or those where something happened since. There are no pages.
#[must_use]
pub fn list_sessions(updated_after: Option<&str>) -> (&'static str, String) {
    let mut body = Map::new();
    body.insert("limit".to_owned(), MAX_SESSIONS.into());
    if let Some(moment) = updated_after {
        body.insert("updatedAfter".to_owned(), moment.into());
    }
    ("/api/claw/sessions/list", Value::Object(body).to_string())
}

/// Path and body of the call that describes the agent's group.
#[must_use]
pub fn group() -> (&'static str, String) {
    ("/api/claw/groups/get", json!({}).to_string())
}

/// Path and body of the call that tells whom the agent belongs to.
#[must_use]
pub fn owner() -> (&'static str, String) {
    ("/api/claw/agents/owner", json!({}).to_string())
}

/// Path and body of the call that tells who is in a session; its answer reads like one of the list.
#[must_use]
pub fn session_detail(session: &str) -> (&'static str, String) {
    ("/api/claw/sessions/detail", json!({ "sessionId": session }).to_string())
}

/// Path and body of the call that tells who users are.
#[must_use]
pub fn resolve(users: &[String]) -> (&'static str, String) {
    ("/api/claw/users/resolve", json!({ "userIds": users }).to_string())
}

/// The users in its answer.
#[must_use]
pub fn users(data: &Value) -> Vec<Participant> {
    list(data, "users").iter().filter_map(participant).collect()
}

/// The user id in its answer; `None` before somebody has bound the agent.
#[must_use]
pub fn read_owner(data: &Value) -> Option<String> {
    data.pointer("/owner/userId").and_then(Value::as_str).map(str::to_owned)
}

/// Path and body of the call that posts a text; `None` if the place is none of Mochat's. `mentions`: ids of whom it
/// calls, as clients send them.
#[must_use]
pub fn send(place: &Place, text: &str, reply_to: Option<&str>, mentions: &[String]) -> Option<(&'static str, String)> {
    let (path, key, id) = match place {
        Place::Session { session } => ("/api/claw/sessions/send", "sessionId", session),
        Place::Panel { panel } => ("/api/claw/groups/panels/send", "panelId", panel),
        Place::Direct { .. } | Place::Group { .. } | Place::Thread { .. } => return None,
    };
    let mut body = Map::new();
    body.insert(key.to_owned(), id.as_str().into());
    body.insert("content".to_owned(), text.into());
    if let Some(message) = reply_to {
        body.insert("replyTo".to_owned(), message.into());
    }
    if !mentions.is_empty() {
        body.insert("meta".to_owned(), json!({ "mentions": mentions }));
    }
    Some((path, Value::Object(body).to_string()))
}

/// An outcome as HTTP says it: servers also answer 200 with an error inside. What the server says about it is then the
/// body.
#[must_use]
pub fn in_http(outcome: &CallOutcome) -> CallOutcome {
    let CallOutcome::Answered { status, retry_after, body } = outcome else { return outcome.clone() };
    let Err(words) = data(body) else { return outcome.clone() };
    let Ok(answer) = crate::json::parse(body.as_bytes()) else { return outcome.clone() };
    let status = match *status {
        200..=299 => status_of(&answer).unwrap_or(*status),
        500 if MUTED.iter().any(|mark| words.contains(mark)) => 403,
        other => other,
    };
    CallOutcome::Answered { status, retry_after: *retry_after, body: words }
}

/// The status in an error's own words. One without is the server's own fault.
fn status_of(answer: &Value) -> Option<u16> {
    let code = answer.pointer("/error/code").or_else(|| answer.get("code"));
    match code.and_then(Value::as_str) {
        Some("UNAUTHORIZED") => Some(401),
        Some("FORBIDDEN") => Some(403),
        Some("NOT_FOUND") => Some(404),
        Some("RATE_LIMITED") => Some(429),
        Some(_) => Some(500),
        None => code.and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok()),
    }
}

/// The `data` of an answer.
///
/// # Errors
/// The server's words if the answer isn't JSON or carries an error in one of the three known shapes.
pub fn data(body: &str) -> Result<Value, String> {
    let mut answer = crate::json::parse(body.as_bytes()).map_err(|error| format!("no JSON: {error}"))?;
    if let Some(error) = answer.get("error") {
        return Err(words(error));
    }
    match answer.get("code").and_then(Value::as_i64) {
        Some(200) => Ok(answer.get_mut("data").map(Value::take).unwrap_or_default()),
        Some(code) => Err(format!("code {code}: {}", words(&answer))),
        // Un-enveloped answers exist; adapters take the object itself for the data.
        None => Ok(answer),
    }
}

fn words(error: &Value) -> String {
    let said = ["message", "name", "code"].iter().find_map(|key| error.get(key)?.as_str());
    crate::text::excerpt(said.unwrap_or("no reason given"))
}

/// Sessions in the `data` of `sessions/list`.
#[must_use]
pub fn sessions(data: &Value) -> Vec<Session> {
    list(data, "sessions").iter().filter_map(session).collect()
}

/// One session of that list; `sessions/detail` answers with the same.
#[must_use]
pub fn session(value: &Value) -> Option<Session> {
    Some(Session {
        id: value.get("sessionId")?.as_str()?.to_owned(),
        participants: list(value, "participants").iter().filter_map(participant).collect(),
        closed: value.get("status").and_then(Value::as_str) == Some("closed"),
        created_at: value.get("createdAt").and_then(Value::as_str).and_then(iso_time::parse),
        converse: value.get("converseId").and_then(Value::as_str).map(str::to_owned),
        updated: value.get("updatedAt").and_then(Value::as_str).unwrap_or_default().to_owned(),
    })
}

/// The one user who is in every session, if there is only one such: the agent whose sessions they are. Two sessions
/// with different people are enough to tell.
#[must_use]
pub fn common_participant(sessions: &[Session]) -> Option<String> {
    let (first, others) = sessions.split_first()?;
    let is_in = |session: &Session, id: &str| session.participants.iter().any(|participant| participant.id == id);
    let mut common = first.participants.iter().filter(|one| others.iter().all(|session| is_in(session, &one.id)));
    common.next().filter(|_| common.next().is_none()).map(|participant| participant.id.clone())
}

fn participant(value: &Value) -> Option<Participant> {
    let field = |key: &str| value.get(key).and_then(Value::as_str);
    match value {
        Value::String(id) => Some(Participant { id: id.clone(), name: None, agent: None }),
        _ => Some(Participant {
            id: field("userId").or_else(|| field("id")).or_else(|| field("_id"))?.to_owned(),
            name: field("nickname").or_else(|| field("name")).map(str::to_owned),
            agent: field("type").map(|kind| kind == "agent"),
        }),
    }
}

/// The group in the `data` of `groups/get`.
#[must_use]
pub fn read_group(data: &Value) -> Group {
    let field = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let panels = list(data, "panels").iter().filter_map(|panel| {
        let id = field(panel, "id").or_else(|| field(panel, "_id"))?;
        let (kind, name) = (kind(panel), field(panel, "name").unwrap_or_default());
        Some(Panel { id, name, kind, is_chat: matches!(kind, "text" | "topic"), parent: field(panel, "parentId") })
    });
    Group {
        id: field(data, "_id").or_else(|| field(data, "groupId")).unwrap_or_default(),
        panels: panels.collect(),
        members: list(data, "members").iter().filter_map(participant).collect(),
    }
}

/// Type 0 is text; type 2 is a plugin's, of which topics are talk and web views are not.
fn kind(panel: &Value) -> &'static str {
    let provider = panel.get("provider").and_then(Value::as_str);
    match (panel.get("type").and_then(Value::as_i64), provider) {
        (Some(0), _) => "text",
        (Some(1), _) => "folder",
        (Some(2), Some("com.msgbyte.topic")) => "topic",
        (Some(2), Some("com.msgbyte.webview")) => "web",
        _ => "other",
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The id in the `data` of a sent message.
#[must_use]
pub fn sent_id(data: &Value) -> Option<String> {
    data.pointer("/message/messageId").or_else(|| data.get("messageId"))?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_in_all_three_shapes() {
        assert_eq!(data(r#"{"code":500,"message":"boom"}"#), Err("code 500: boom".into()));
        assert_eq!(data(r#"{"error":{"code":"FORBIDDEN","message":"no"}}"#), Err("no".into()));
        assert!(data("<html>").is_err());
        assert_eq!(data(r#"{"code":200,"data":{"a":1}}"#), Ok(json!({ "a": 1 })));
        assert_eq!(data(r#"{"a":1}"#), Ok(json!({ "a": 1 })));
    }

    #[test]
    fn an_error_inside_of_a_success_is_one() {
        let answer =
            |status, body: &str| in_http(&CallOutcome::Answered { status, retry_after: None, body: body.into() });
        for (status, body, shown) in [
            (200, r#"{"code":403,"message":"muted"}"#, "HTTP 403: code 403: muted"),
            (200, r#"{"error":{"code":"RATE_LIMITED","message":"slow down"}}"#, "HTTP 429: slow down"),
            (200, r#"{"error":{"message":"boom"}}"#, "HTTP 200: boom"),
            (500, r#"{"code":400,"message":"x"}"#, "HTTP 500: code 400: x"),
            (502, "<html>", "HTTP 502: <html>"),
        ] {
            assert_eq!(answer(status, body).describe(), shown);
        }
        assert_eq!(answer(200, r#"{"code":200,"data":{}}"#).success(), Some(r#"{"code":200,"data":{}}"#));
    }

    #[test]
    fn participants_come_as_ids_or_as_objects() {
        let detail = json!({ "sessionId": "session_1", "participants": ["u1", { "userId": "u2", "nickname": "Bo", "type": "agent" }] });
        let participants = session(&detail).unwrap().participants;
        assert_eq!(participants[0], Participant { id: "u1".into(), name: None, agent: None });
        assert_eq!(participants[1], Participant { id: "u2".into(), name: Some("Bo".into()), agent: Some(true) });
    }

    #[test]
    fn folders_and_web_views_are_no_places_to_talk() {
        let group = read_group(&json!({ "_id": "g", "panels": [
            { "id": "text", "type": 0 }, { "id": "folder", "type": 1 },
            { "id": "topic", "type": 2, "provider": "com.msgbyte.topic" },
            { "id": "web", "type": 2, "provider": "com.msgbyte.webview" }] }));
        let chats: Vec<&str> =
            group.panels.iter().filter(|panel| panel.is_chat).map(|panel| panel.id.as_str()).collect();
        assert_eq!(chats, ["text", "topic"]);
    }

    #[test]
    fn a_panel_is_never_written_to_as_a_session() {
        assert_eq!(send(&Place::from_mochat_id("698a"), "x", None, &[]).unwrap().0, "/api/claw/groups/panels/send");
        assert_eq!(
            send(&Place::from_mochat_id("session_1"), "x", Some("m1"), &[]).unwrap().0,
            "/api/claw/sessions/send"
        );
        let (_, body) = send(&Place::from_mochat_id("p"), "x", None, &["u1".to_owned()]).unwrap();
        assert_eq!(body, r#"{"content":"x","meta":{"mentions":["u1"]},"panelId":"p"}"#);
        assert_eq!(send(&Place::Direct { user: "u".into() }, "x", None, &[]), None);
    }
}
