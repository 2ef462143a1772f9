//! Any bytes as the JSON that chat users and servers send: message payloads, answers of both APIs, events.
//!
//! Input: the JSON.

use mochat_dmwork::json;
use mochat_dmwork::text;
use mochat_dmwork::wire::dmwork_api::{self, Registration};
use mochat_dmwork::wire::dmwork_history;
use mochat_dmwork::wire::dmwork_payload::Payload;
use mochat_dmwork::wire::mochat_api;
use mochat_dmwork::wire::mochat_event::{EventBatch, Message};
use mochat_dmwork::wire::mochat_history;

use serde_json::Value;

use crate::gauge::{self, Limit};

/// What the operator's own server sends may have more values for its length: lists of small objects are what it
/// answers with.
const ANSWER: Limit = Limit { factor: 12, ..gauge::STRICT };

/// See the module.
pub fn run(input: &[u8]) {
    message(input);
    let Ok(body) = std::str::from_utf8(input) else { return };
    dmwork_answer(body);
    mochat_answer(body);
    let parsed = gauge::judge_by(ANSWER, "json::parse", input.len(), || json::parse(input));
    let Ok(value) = parsed else { return };
    dmwork_history(&value, input.len());
    mochat_event(&value, input.len());
}

/// What a chat user has written, from the payload to the text that is judged.
fn message(input: &[u8]) {
    let Some(payload) = gauge::judge("Payload::decode", input.len(), || Payload::decode(input)) else { return };
    let mention = &payload.mention;
    assert!(!mention.is_empty() || mention.entities.is_empty(), "{mention:?}");
    assert!(mention.entities.iter().zip(&mention.uids).all(|(entity, uid)| entity.uid == *uid), "{mention:?}");
    let len = payload.text.len();
    assert!(len <= input.len().saturating_mul(gauge::MEMORY_FACTOR).saturating_add(1_024), "{len} bytes of text");
    // The name is the owner's choice, and so never long.
    let name = mention.uids.first().filter(|uid| uid.len() <= 64).map_or("Bot", String::as_str);
    let names = [name, "rev_bot"];
    gauge::judge("text::mentions", len, || text::mentions(&payload.text, &names));
    let spans: Vec<_> = mention.entities.iter().map(|entity| (entity.offset, entity.length)).collect();
    let marked =
        gauge::judge("text::mark_spans", input.len(), || text::mark_spans(&payload.text, spans.clone(), "rev_bot"));
    assert!(marked.len() <= len.saturating_add(mention.entities.len().saturating_mul("<@rev_bot>".len())));
    let without = gauge::judge("text::without_own", len, || text::without_own(&payload.text, &["", "rev_bot"]));
    assert!(without.len() <= len);
}

fn dmwork_answer(body: &str) {
    let registration = gauge::judge_by(ANSWER, "Registration", body.len(), || json::read::<Registration>(body).is_ok());
    let sent = gauge::judge_by(ANSWER, "dmwork_api::sent_id", body.len(), || dmwork_api::sent_id(body));
    let error = gauge::judge_by(ANSWER, "dmwork_api::error_message", body.len(), || dmwork_api::error_message(body));
    assert!(error.is_none_or(|error| error.chars().count() <= 161), "an error message that fills a log");
    let is_json = json::parse(body.as_bytes()).is_ok();
    assert!(is_json || (!registration && sent.is_none()), "an answer was read from what is no JSON");
}

/// What the server has kept for a bot that was away.
fn dmwork_history(value: &Value, len: usize) {
    let events = gauge::judge_by(ANSWER, "dmwork_history::events", len, || dmwork_history::events(value));
    let messages = gauge::judge_by(ANSWER, "dmwork_history::messages", len, || dmwork_history::messages(value));
    let groups = gauge::judge_by(ANSWER, "dmwork_history::groups", len, || dmwork_history::groups(value));
    assert!(groups.is_none() || (events.is_none() && messages.is_none()), "one answer to two questions");
}

fn mochat_answer(body: &str) {
    let len = body.len();
    let Ok(data) = gauge::judge_by(ANSWER, "mochat_api::data", len, || mochat_api::data(body)) else { return };
    gauge::judge_by(ANSWER, "mochat_api::sessions", len, || mochat_api::sessions(&data));
    gauge::judge_by(ANSWER, "mochat_api::session", len, || mochat_api::session(&data));
    gauge::judge_by(ANSWER, "mochat_api::read_group", len, || mochat_api::read_group(&data));
    gauge::judge_by(ANSWER, "mochat_history::read_page", len, || mochat_history::read_page(&data));
    gauge::judge_by(ANSWER, "mochat_api::sent_id", len, || mochat_api::sent_id(&data));
}

fn mochat_event(value: &Value, len: usize) {
    gauge::judge_by(ANSWER, "EventBatch", len, || EventBatch::decode(value));
    let batches =
        gauge::judge_by(ANSWER, "EventBatch, of a subscription", len, || EventBatch::decode_subscription(value));
    assert!(batches.is_ok_and(|batches| batches.len() <= len) || value.is_object(), "only objects refuse");
    let message = gauge::judge_by(ANSWER, "Message", len, || Message::decode(value));
    assert_eq!(message.is_some(), value.is_object());
    let content = message.map(|message| message.content).unwrap_or_default();
    gauge::judge("text::read", content.len(), || text::read(&content, Some("Bot"), "https://mochat.example"));
}
