//! Who is called in Mochat, told as stories in virtual time.

use crate::support::World;
use crate::support::mochat::{BOT, LATER, MochatServer, PANEL, config, event, session, strict};
use mochat_dmwork::reason::{Reason, Verdict};
use serde_json::json;

#[test]
fn every_form_of_mention_calls_and_false_friends_do_not() {
    for (content, more, calls) in [
        (format!("[at={BOT}]Bot[/at] x"), json!({}), true),
        (format!("<@{BOT}> x"), json!({}), true),
        (format!("@{BOT} x"), json!({}), true),
        ("@Claw x".into(), json!({}), true),
        ("看@claw请".into(), json!({}), true),
        ("x".into(), json!({ "mentions": [BOT] }), true),
        ("x".into(), json!({ "mentions": BOT }), true),
        ("x".into(), json!({ "wasMentioned": true }), true),
        ("x".into(), json!({ "meta": { "mentions": [{ "id": BOT }] } }), true),
        ("x".into(), json!({ "meta": { "mentionIds": [{ "userId": BOT }] } }), true),
        ("x".into(), json!({ "meta": { "mentionedUserIds": [BOT] } }), true),
        ("x".into(), json!({ "meta": { "mentionedUsers": [{ "_id": BOT }] } }), true),
        ("x".into(), json!({ "meta": { "mentioned": true } }), true),
        (format!("@{BOT}99 x"), json!({}), false),
        (format!("[at={BOT}99]Claw99[/at] x"), json!({}), false),
        (format!("<@{BOT}99> x"), json!({}), false),
        ("x".into(), json!({ "mentions": [format!("{BOT}99")] }), false),
        ("mail ann@claw.example or npm i @claw/node".into(), json!({}), false),
        (format!("`[at={BOT}]Claw[/at]`"), json!({}), false),
        (format!("[code][at={BOT}]Claw[/at][/code]"), json!({}), false),
        (format!("[code]\nls\n\n[at={BOT}]Claw[/at] @Claw\n[/code]"), json!({}), false),
        (format!("[code]ls[/code] [at={BOT}]Claw[/at]"), json!({}), true),
        (format!("```\n<@{BOT}>\n@Claw\n```"), json!({}), false),
    ] {
        let bot = json!({ "userId": BOT, "nickname": "Claw", "type": "agent" });
        let sessions = vec![json!({ "sessionId": "session_dm", "participants": [bot, "owner"] })];
        let server = MochatServer { sessions, ..MochatServer::default() };
        let mut world = World::new("mochat", &config(json!({ "mention": { "requireInGroups": true } })), server);
        world.in_panel_with("m1", &content, more.clone());
        assert_eq!(world.turns.len(), usize::from(calls), "{content} {more}");
    }
}

#[test]
fn the_model_reads_a_sentence_without_the_calls_in_front_of_it() {
    let us = format!("[at={BOT}]Claw[/at]");
    for (content, text) in [
        (format!("{us} <@{BOT}>, deploy with [at=2]Bob[/at]"), "deploy with @Bob".to_owned()),
        (format!("{us}你好"), "你好".to_owned()),
        (format!("ask {us} about it"), format!("ask @{BOT} about it")),
    ] {
        let mut world = strict();
        world.in_panel_with("m1", &content, json!({}));
        assert_eq!(world.texts(), [text]);
    }
}

#[test]
fn a_quote_of_the_agents_message_calls_it_unless_it_calls_others_or_is_switched_off() {
    let quote = |author: &str| json!({ "reply": { "_id": "x", "author": author, "content": "done" } });
    for (meta, keys, calls) in [
        (quote(BOT), json!({}), true),
        (quote("bob"), json!({}), false),
        (quote(BOT), json!({ "mentionByQuote": false }), false),
        (json!({ "mentions": ["bob"], "reply": { "_id": "x", "author": BOT } }), json!({}), false),
    ] {
        let mut rules = json!({ "mention": { "requireInGroups": true } });
        rules.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let mut world = World::mochat(rules);
        world.in_panel_with("m1", "thanks", json!({ "meta": meta }));
        assert_eq!(world.turns.len(), usize::from(calls), "{meta} {keys}");
    }
}

#[test]
fn a_quote_that_names_only_a_message_is_known_by_what_the_agent_sent() {
    let mut world = strict();
    world.send(&format!("panel:{PANEL}"), "done");
    world.in_panel_with("m1", "thanks", json!({ "meta": { "reply": { "_id": "out1" } } }));
    world.in_panel_with("m2", "not you", json!({ "meta": { "reply": { "_id": "other" } } }));
    assert_eq!(world.texts(), ["thanks"]);
}

#[test]
fn an_agent_that_quotes_this_one_does_not_call_it() {
    let mut world = strict();
    let agent = json!({ "nickname": "Robo", "type": "agent" });
    let more = json!({ "authorInfo": agent, "meta": { "reply": { "_id": "x", "author": BOT } } });
    world.in_panel_with("m1", "you are welcome", more);
    assert_eq!(world.outcome("m1"), (Verdict::Ignore, Reason::OtherBot));
}

#[test]
fn a_message_that_is_remembered_is_answered_once_when_the_inbox_says_that_it_is_a_mention() {
    let mut world = strict();
    world.in_panel("m1", "bob", "before");
    world.in_panel("m2", "ann", "are you there?");
    assert!(world.turns.is_empty());
    world.in_inbox("m2", "ann", "are you there?");
    world.in_inbox("m2", "ann", "are you there?");
    world.after_secs(60);
    assert_eq!(world.texts(), ["are you there?"]);
    assert!(world.turns[0].mentioned);
    assert_eq!(world.turns[0].history[0].text, "before");
    assert_eq!(world.outcome("m2"), (Verdict::Answer, Reason::Mentioned));
}

#[test]
fn an_inbox_item_ahead_of_its_message_makes_it_a_mention() {
    let mut world = strict();
    world.in_inbox("m1", "ann", "are you there?");
    world.in_panel("m1", "ann", "are you there?");
    world.after_secs(60);
    assert_eq!(world.texts(), ["are you there?"]);
    assert_eq!(world.turns[0].sender.name.as_deref(), Some("ann"), "the message tells more than the inbox");
}

#[test]
fn an_inbox_item_whose_message_never_comes_is_the_message() {
    let mut world = strict();
    world.in_inbox("m1", "ann", &format!("[at={BOT}]Claw[/at] are you there?"));
    world.after_secs(4);
    assert!(world.turns.is_empty());
    world.after_secs(1);
    assert_eq!(world.texts(), ["are you there?"]);
    world.in_panel("m1", "ann", "are you there?");
    assert_eq!(world.turns.len(), 1);
}

#[test]
fn an_inbox_item_of_a_message_that_was_taken_back_is_no_message() {
    let mut world = strict();
    world.in_inbox("m1", "ann", "oops");
    world.event("notify:chat.message.delete", &json!({ "converseId": PANEL, "messageId": "m1" }));
    world.after_secs(60);
    assert!(world.turns.is_empty() && world.store.seen.is_empty());
}

#[test]
fn an_inbox_item_flushes_what_was_waiting() {
    let mut world = World::mochat(json!({}));
    world.in_panel("m1", "ann", "build is red");
    world.in_panel("m2", "bob", "look");
    world.in_inbox("m2", "bob", "look");
    let at = "[2026-06-01 00:00 UTC]";
    assert_eq!(world.texts(), [format!("{at} ann: build is red\n{at} bob: look")]);
    world.after_secs(600);
    assert_eq!(world.turns.len(), 1);
}

#[test]
fn messages_are_told_in_the_order_in_which_they_came_whichever_of_them_is_the_mention() {
    let mut world = World::mochat(json!({}));
    world.in_panel("m1", "ann", "look");
    world.in_panel("m2", "bob", "at what?");
    world.in_inbox("m1", "ann", "look");
    let at = "[2026-06-01 00:00 UTC]";
    assert_eq!(world.texts(), [format!("{at} ann: look\n{at} bob: at what?")]);
}

#[test]
fn a_mention_that_waits_like_others_does_not_end_their_wait_early() {
    let mut world = World::mochat(json!({ "replyDelayMode": "always" }));
    world.in_panel("m1", "ann", "look");
    world.after_secs(60);
    world.in_panel("m2", "bob", "at what?");
    world.in_inbox("m1", "ann", "look");
    world.after_secs(119);
    assert!(world.turns.is_empty(), "quiet for less than two minutes");
    world.after_secs(1);
    assert_eq!(world.turns.len(), 1);
}

#[test]
fn a_message_that_became_a_mention_stays_one_after_a_crash() {
    let mut world = strict();
    world.adopts = false;
    world.in_panel("m1", "ann", "are you there?");
    world.in_inbox("m1", "ann", "are you there?");
    world.crash();
    assert_eq!(world.texts(), ["are you there?", "are you there?"]);
    assert!(world.turns[1].mentioned);
}

#[test]
fn inbox_items_of_others_of_sessions_and_of_unlisted_panels_call_nobody() {
    let mut world = World::mochat(json!({ "panels": [], "replyDelayMode": "off" }));
    world.in_inbox("m1", "ann", "psst");
    let payload = json!({ "groupId": null, "converseId": "c", "messageId": "m2", "messageAuthor": "ann",
        "messageSnippet": "hi" });
    world.event("notify:chat.inbox.append", &json!({ "userId": BOT, "type": "message", "payload": payload }));
    world.after_secs(60);
    assert!(world.turns.is_empty() && world.store.seen.is_empty());
}

#[test]
fn a_mention_is_needed_in_every_delay_mode_and_the_inbox_counts_as_one() {
    for mode in ["off", "never", "non-mention", "always"] {
        let mut world = World::mochat(json!({ "replyDelayMode": mode, "mention": { "requireInGroups": true } }));
        world.in_panel("m1", "ann", "nobody asked");
        world.after_secs(3_600);
        assert!(world.turns.is_empty(), "{mode}");
        world.in_panel("m2", "ann", "asked");
        world.in_inbox("m2", "ann", "asked");
        world.after_secs(3_600);
        assert_eq!(world.texts(), ["asked"], "{mode}");
    }
}

#[test]
fn a_session_between_many_knows_quotes_too() {
    let sessions = vec![session("session_three", &["ann", "bob"])];
    let server = MochatServer { sessions, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(json!({ "mention": { "requireInGroups": true } })), server);
    let mut said = event(1, "m1", "ann", "thanks", LATER);
    said["payload"]["meta"] = json!({ "reply": { "_id": "x", "author": BOT } });
    world.event("claw.session.events", &json!({ "sessionId": "session_three", "cursor": 1, "events": [said] }));
    assert_eq!(world.texts(), ["thanks"]);
}
