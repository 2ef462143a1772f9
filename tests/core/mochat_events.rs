//! The forms in which Mochat tells of messages, as stories in virtual time.

use crate::support::World;
use crate::support::mochat::{LATER, MochatServer, PANEL, event, logged};
use mochat_dmwork::reason::{Reason, Verdict};
use serde_json::{Value, json};

fn world() -> World<MochatServer> {
    World::mochat(json!({ "replyDelayMode": "off" }))
}

fn in_dm(world: &mut World<MochatServer>, name: &str, events: &[Value]) {
    let newest = events.last().map(|event| event["seq"].clone());
    world.event(name, &json!({ "sessionId": "session_dm", "cursor": newest, "events": events }));
}

#[test]
fn every_name_and_form_of_an_event_brings_its_message_once() {
    let mut world = world();
    let mut older = event(1, "m1", "owner", "one", LATER);
    older["type"] = "message".into();
    in_dm(&mut world, "notify:session", &[older]);
    let mut said = event(1, "m2", "ann", "two", LATER);
    said["payload"]["groupId"] = "group1".into();
    world.event("notify:panel", &json!({ "panelId": PANEL, "events": [said] }));
    let document = json!({ "_id": "m3", "author": "ann", "content": "three", "groupId": "group1", "converseId": PANEL,
        "createdAt": LATER });
    world.event("notify:chat.message.add", &document);
    for _ in 0..2 {
        world.event("notify:chat.message.add", &document);
        in_dm(&mut world, "claw.session.events", &[event(1, "m1", "owner", "one", LATER)]);
    }
    assert_eq!(world.texts(), ["one", "two", "three"]);
}

#[test]
fn a_message_is_taken_back_by_any_of_the_words_for_it() {
    let document = json!({ "_id": "m1", "converseId": PANEL, "hasRecall": true, "content": "psst" });
    let ids = json!({ "converseId": PANEL, "messageId": "m1" });
    let typed = |kind: &str, payload: &Value| json!({ "sessionId": PANEL, "events": [{ "seq": 2, "type": kind, "payload": payload }] });
    for (name, body) in [
        ("notify:chat.message.update", document.clone()),
        ("notify:chat.message.recall", ids.clone()),
        ("notify:chat.message.delete", ids.clone()),
        ("claw.panel.events", typed("message.recall", &ids)),
        ("claw.panel.events", typed("message.delete", &ids)),
        ("claw.panel.events", typed("message.update", &document)),
        ("claw.panel.events", typed("message.add", &document)),
    ] {
        let mut world = World::mochat(json!({}));
        world.in_panel("m1", "ann", "psst");
        world.event(name, &body);
        world.after_secs(600);
        assert!(world.turns.is_empty(), "{name} {body}");
        assert_eq!(world.outcome("m1"), (Verdict::Ignore, Reason::Recalled));
    }
}

#[test]
fn a_message_that_is_taken_back_in_the_same_breath_was_never_there() {
    let mut world = world();
    let recall = json!({ "seq": 2, "type": "message.recall", "payload": { "messageId": "m1" } });
    in_dm(&mut world, "claw.session.events", &[event(1, "m1", "owner", "psst", LATER), recall]);
    assert!(world.turns.is_empty() && world.store.seen.is_empty());
    assert_eq!(world.store.notes["cursor/session_dm"], "2");
}

fn recall(world: &mut World<MochatServer>, id: &str) {
    world.event("notify:chat.message.recall", &json!({ "converseId": PANEL, "messageId": id }));
}

#[test]
fn a_recall_that_overtakes_its_message_is_not_forgotten() {
    let mut world = world();
    recall(&mut world, "m1");
    world.in_inbox("m1", "ann", "psst");
    world.after_secs(6);
    world.in_panel("m1", "ann", "psst");
    assert!(world.turns.is_empty() && world.store.seen.is_empty());
    world.in_panel("m2", "ann", "hello");
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn a_recall_that_overtakes_the_page_of_a_log_is_not_forgotten() {
    let mut world = world();
    world.in_panel("m0", "ann", "hello");
    world.cut("transport close");
    world.server.logs.insert(PANEL.to_owned(), vec![logged("m1", "ann", "psst", LATER)]);
    world.server.keeps_pages = true;
    world.after_secs(5);
    recall(&mut world, "m1");
    world.hurry();
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn a_message_that_is_taken_back_while_it_is_written_down_is_not_answered() {
    let mut world = world();
    world.slow_commits = Some(Vec::new());
    world.in_panel("m1", "ann", "psst");
    recall(&mut world, "m1");
    world.settle_commits(&[true; 9]);
    assert!(world.turns.is_empty());
    assert_eq!(world.outcome("m1"), (Verdict::Ignore, Reason::Recalled));
}

#[test]
fn reactions_and_what_nobody_understands_start_nothing_and_are_said_once() {
    let mut world = world();
    let reaction = json!({ "converseId": PANEL, "messageId": "m1", "reaction": { "name": ":+1:", "author": "ann" } });
    for _ in 0..3 {
        world.event("notify:chat.message.addReaction", &reaction);
        in_dm(&mut world, "claw.session.events", &[json!({ "seq": 1, "type": "session.renamed", "payload": {} })]);
    }
    assert!(world.turns.is_empty() && world.store.seen.is_empty());
    let said: Vec<_> = world.log.iter().filter(|line| line.contains("not read")).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(world.store.notes["cursor/session_dm"], "1");
}

#[test]
fn a_message_that_lacks_nearly_everything_is_still_one() {
    let mut world = world();
    for payload in [
        json!({ "author": "owner", "content": "no id" }),
        json!({ "messageId": "m2", "author": "owner", "content": { "text": "an object" } }),
        json!({ "messageId": "m3", "authorInfo": { "userId": "owner" }, "content": "author elsewhere" }),
        json!({ "messageId": "m4", "author": "owner", "content": null, "messagePlainContent": "a snippet" }),
        json!({ "messageId": "m5", "content": "nobody" }),
    ] {
        world.server.seq += 1;
        let seq = world.server.seq;
        in_dm(&mut world, "claw.session.events", &[json!({ "seq": seq, "type": "message.add", "payload": payload })]);
    }
    assert_eq!(world.texts(), ["no id", r#"{"text":"an object"}"#, "author elsewhere", "a snippet"]);
}
