//! The JSON inside a DMWork message: `{"type":1,"content":"…","mention":{…},"reply":{…}}`.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use super::dmwork_content::{FIRST_SYSTEM_TYPE, read};
use crate::message::{Media, Quote};
use serde_json::{Map, Value};

/// A decoded payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// What kind of content it is.
    pub kind: PayloadKind,
    /// The text, or a label for content that isn't text.
    pub text: String,
    /// Whom it calls.
    pub mention: Mention,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Uid of the author of what it answers.
    pub quoted_uid: Option<String>,
    /// The Space that a direct message belongs to. The server vouches for it; an id never tells.
    pub space: Option<String>,
    /// Files in it and in what it answers, with the addresses that stand there.
    pub files: Vec<Media>,
    /// Whether it says that GROUP.md or THREAD.md of its channel has changed. Anybody can say that.
    pub tells_of_rules: bool,
}

/// What a payload is, as far as it decides anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PayloadKind {
    /// Somebody says something.
    #[default]
    Content,
    /// The platform says something.
    System,
    /// An order to the client (`type` 99, or an `event`): never part of a conversation.
    Command,
}

/// Whom a message calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mention {
    /// Uids from `entities` and `uids`.
    pub uids: Vec<String>,
    /// Where each mention stands in the text: uid, offset and length in UTF-16 code units, the `@` included.
    pub entities: Vec<MentionEntity>,
    /// `@all`.
    pub all: bool,
    /// `@all bots` of newer clients.
    pub ais: bool,
    /// `@all people` of newer clients. Newer servers add it to each `@all`.
    pub humans: bool,
}

impl Mention {
    /// Whether it calls nobody. Old clients send no mention object, and some send an empty one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uids.is_empty() && !(self.all || self.ais || self.humans)
    }
}

/// One mention in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionEntity {
    /// Who.
    pub uid: String,
    /// First code unit.
    pub offset: usize,
    /// Number of code units.
    pub length: usize,
}

impl Payload {
    /// Decodes the plain bytes of a message; `None` if they are no JSON object.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_object(crate::json::parse_message(bytes).ok()?.as_object()?))
    }

    /// Reads a payload that is already JSON.
    #[must_use]
    pub fn from_object(object: &Map<String, Value>) -> Self {
        let kind = match object.get("type").and_then(Value::as_i64) {
            Some(99) => PayloadKind::Command,
            Some(kind) if kind >= FIRST_SYSTEM_TYPE => PayloadKind::System,
            _ if object.get("event").is_some_and(Value::is_object) => PayloadKind::Command,
            _ => PayloadKind::Content,
        };
        let reply = object.get("reply");
        let mut files = Vec::new();
        let text = read(object, &mut files);
        let event = object.get("event").and_then(|event| event.get("type")?.as_str()).unwrap_or_default();
        let space = object.get("space_id").and_then(Value::as_str).filter(|space| !space.is_empty());
        Self {
            kind,
            text,
            mention: mention(object.get("mention")),
            quote: quote(reply, &mut files),
            quoted_uid: reply.and_then(|reply| reply.get("from_uid")?.as_str()).map(str::to_owned),
            space: space.map(str::to_owned),
            files,
            tells_of_rules: event.starts_with("group_md_") || event.starts_with("thread_md_"),
        }
    }
}

fn mention(value: Option<&Value>) -> Mention {
    let Some(object) = value.and_then(Value::as_object) else { return Mention::default() };
    let entities: Vec<MentionEntity> = object
        .get("entities")
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(entity).collect())
        .unwrap_or_default();
    let mut uids: Vec<String> = entities.iter().map(|entity| entity.uid.clone()).collect();
    let listed = object.get("uids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    uids.extend(listed.iter().filter_map(|uid| Some(uid.as_str()?.to_owned())));
    let flag = |key| is_set(object.get(key));
    Mention { uids, entities, all: flag("all"), ais: flag("ais"), humans: flag("humans") }
}

fn entity(value: &Value) -> Option<MentionEntity> {
    let number = |key: &str| value.get(key)?.as_u64().and_then(|n| usize::try_from(n).ok());
    let uid = value.get("uid")?.as_str()?.to_owned();
    Some(MentionEntity { uid, offset: number("offset").unwrap_or(0), length: number("length").unwrap_or(0) })
}

/// Clients write `true` or `1`; anything else, `"1"` included, is no mention of everybody.
fn is_set(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true))) || value.and_then(Value::as_i64) == Some(1)
}

fn quote(value: Option<&Value>, files: &mut Vec<Media>) -> Option<Quote> {
    let reply = value?.as_object()?;
    let field = |key: &str| reply.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let before = files.len();
    let said = reply.get("payload").and_then(Value::as_object).map(|payload| read(payload, files)).unwrap_or_default();
    let id = match reply.get("message_id") {
        Some(Value::String(id)) if !id.is_empty() => Some(id.clone()),
        Some(Value::Number(id)) => Some(id.to_string()),
        _ => None,
    };
    let sender = field("from_name").or_else(|| field("from_uid"));
    for voice in files.iter_mut().skip(before).filter(|file| file.is_voice) {
        // A quoted voice is not the voice of whoever quotes it.
        voice.said_by = Some(field("from_uid").or_else(|| sender.clone()).unwrap_or_default());
    }
    // A client may name the message alone.
    (id.is_some() || sender.is_some()).then(|| Quote { id, sender: sender.unwrap_or_default(), text: said })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(json: &str) -> Payload {
        Payload::decode(json.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_no_json_object_is_no_payload() {
        for bytes in [&b"[1]"[..], b"\"x\"", b"\xff\xfe", b"{", b""] {
            assert_eq!(Payload::decode(bytes), None);
        }
    }

    #[test]
    fn a_mention_of_everybody_is_true_or_one_and_nothing_else() {
        for (all, set) in [("true", true), ("1", true), ("0", false), ("false", false), ("\"1\"", false), ("2", false)]
        {
            let json = format!(r#"{{"type":1,"content":"x","mention":{{"all":{all}}}}}"#);
            assert_eq!(decode(&json).mention.all, set, "{all}");
        }
    }

    #[test]
    fn uids_come_from_entities_and_from_the_list() {
        let payload = decode(
            r#"{"type":1,"content":"@A @B","mention":{"uids":["b"],"entities":[{"uid":"a","offset":0,"length":2},{"bad":1}]}}"#,
        );
        assert_eq!(payload.mention.uids, ["a", "b"]);
        assert!(!payload.mention.is_empty());
        assert!(decode(r#"{"type":1,"content":"x","mention":{"uids":[],"all":0}}"#).mention.is_empty());
    }

    #[test]
    fn a_forward_of_forwards_without_end_is_named() {
        let open = r#"{"type":11,"msgs":[{"from_uid":"a","payload":"#.repeat(50);
        let payload = decode(&format!(r#"{open}{{"type":1,"content":"hi"}}{}"#, "}]}".repeat(50)));
        assert_eq!(payload.text, "[forwarded conversation, 1 messages]\na: [forwarded conversation]");
        assert_eq!(Payload::decode("[".repeat(100_000).as_bytes()), None);
    }

    #[test]
    fn notices_and_client_orders_are_told_from_talk() {
        assert_eq!(decode(r#"{"type":1002}"#).kind, PayloadKind::System);
        assert_eq!(decode(r#"{"type":99,"cmd":"x"}"#).kind, PayloadKind::Command);
        assert_eq!(decode(r#"{"type":1,"content":"","event":{"type":"group_md_updated"}}"#).kind, PayloadKind::Command);
    }

    #[test]
    fn a_quote_can_be_an_id_alone_and_nothing_is_none() {
        let quote = |reply: &str| decode(&format!(r#"{{"type":1,"content":"yes","reply":{reply}}}"#)).quote;
        let alone = Quote { id: Some("7".into()), sender: String::new(), text: String::new() };
        assert_eq!(quote(r#"{"message_id":"7"}"#), Some(alone));
        assert_eq!(quote("{}"), None);
        assert_eq!(quote(r#"{"message_id":"","from_uid":""}"#), None);
    }

    #[test]
    fn a_quote_keeps_its_author_and_an_id_beyond_2_to_53() {
        let payload = decode(
            r#"{"type":1,"content":"yes","reply":{"message_id":1234567890123456789,"from_uid":"a","from_name":"Ann","payload":{"type":1,"content":"ok?"}}}"#,
        );
        assert_eq!(
            payload.quote,
            Some(Quote { id: Some("1234567890123456789".into()), sender: "Ann".into(), text: "ok?".into() })
        );
        assert_eq!(payload.quoted_uid.as_deref(), Some("a"));
    }
}
