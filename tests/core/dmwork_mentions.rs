//! Who is called in DMWork, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, Said, dm, group};
use mochat_dmwork::reason::{Reason, Verdict};
use serde_json::{Value, json};

fn world(keys: &str) -> World<DmworkServer> {
    World::dmwork(&CONFIG.replace('}', &format!("{keys}}}")))
}

/// A group message that answers another.
fn quoting(mut said: Said, reply: Value) -> Said {
    said.payload["reply"] = reply;
    said
}

#[test]
fn forms_of_mention_that_count_and_forms_that_do_not() {
    for (mention, text, counts) in [
        (json!({ "all": 1 }), "hey", true),
        (json!({ "all": "1" }), "hey", false),
        (json!({ "ais": 1 }), "hey", true),
        (json!({ "ais": true, "all": 1, "humans": 1 }), "hey", true),
        (json!({ "humans": 1 }), "hey", false),
        (json!({ "humans": 1, "all": 1 }), "hey", false),
        (json!({ "uids": ["rev_bot"] }), "hey", true),
        (json!({ "entities": [{ "uid": "rev_bot", "offset": 0, "length": 9 }] }), "@Reviewer hey", true),
        (json!({ "uids": ["ann"] }), "@Reviewer hey", false),
        (json!({ "uids": ["rev_bot2"] }), "hey", false),
        (json!({ "uids": [] }), "@Reviewer hey", true),
        (json!(null), "@Reviewer hey", true),
        (json!(null), "@reviewer hey", true),
        (json!(null), "大家看@Reviewer请", true),
        (json!(null), "@rev_bot hey", true),
        (json!(null), "<@rev_bot> hey", true),
        (json!(null), "a@Reviewer.com", false),
        (json!(null), "@Reviewer2 hey", false),
        (json!(null), "@rev_bot2 hey", false),
        (json!(null), "npm i @Reviewer/node", false),
        (json!(null), "`@Reviewer` hey", false),
        (json!(null), "```sh\necho @Reviewer <@rev_bot>\n```", false),
    ] {
        let mut world = world("");
        world.receive(&[group(1, "ann", text).mentioning(mention.clone())]);
        assert_eq!(world.turns.len(), usize::from(counts), "{mention} {text}");
    }
}

#[test]
fn a_mention_of_everybody_can_be_ignored() {
    let mut world = world(r#","ignoreMentionAll":true"#);
    world.receive(&[group(1, "ann", "hey").mentioning(json!({ "all": 1 }))]);
    assert!(world.turns.is_empty());
    world.receive(&[group(2, "ann", "hey").mentioning(json!({ "ais": 1 }))]);
    assert_eq!(world.turns.len(), 1, "bots were meant");
}

#[test]
fn the_model_reads_a_sentence_without_the_calls_in_front_of_it() {
    for (mention, text, left) in [
        (json!({ "uids": ["rev_bot"] }), "@Reviewer @Reviewer, is this ok?", "is this ok?"),
        (
            json!({ "entities": [{ "uid": "rev_bot", "offset": 14, "length": 9 }, { "uid": "rev_bot", "offset": 0, "length": 3 }] }),
            "@Re ask 😀 and @Reviewer now",
            "ask 😀 and @Reviewer now",
        ),
        (json!(null), "/status @Reviewer", "/status"),
        (json!(null), "is that so, @Reviewer?", "is that so?"),
    ] {
        let mut world = world("");
        world.receive(&[group(1, "ann", text).mentioning(mention)]);
        assert_eq!(world.texts(), [left]);
    }
}

#[test]
fn a_quote_of_the_bots_message_calls_it_unless_it_calls_others_or_is_switched_off() {
    let reply = |uid: &str| json!({ "message_id": "9", "from_uid": uid, "from_name": "x", "payload": { "type": 1 } });
    for (mention, uid, keys, calls) in [
        (json!(null), "rev_bot", "", true),
        (json!(null), "bob", "", false),
        (json!({ "uids": ["bob"] }), "rev_bot", "", false),
        (json!({ "humans": 1 }), "rev_bot", "", false),
        (json!(null), "rev_bot", r#","mentionByQuote":false"#, false),
        (json!({ "uids": ["rev_bot"] }), "rev_bot", r#","mentionByQuote":false"#, true),
    ] {
        let mut world = world(keys);
        world.receive(&[quoting(group(1, "ann", "thanks").mentioning(mention.clone()), reply(uid))]);
        assert_eq!(world.turns.len(), usize::from(calls), "{mention} {uid} {keys}");
    }
}

#[test]
fn a_quote_that_names_only_a_message_is_known_by_what_the_bot_sent() {
    let mut world = world("");
    world.send("group:g1", "done");
    let sent = world.settled[0].1[0].clone();
    world.receive(&[quoting(group(1, "ann", "thanks"), json!({ "message_id": sent, "from_name": "Reviewer" }))]);
    world.receive(&[quoting(group(2, "ann", "not you"), json!({ "message_id": "1", "from_name": "Reviewer" }))]);
    assert_eq!(world.texts(), ["thanks"]);
}

#[test]
fn a_quote_may_name_nothing_but_its_message() {
    let mut world = world("");
    world.send("group:g1", "done");
    let sent = world.settled[0].1[0].clone();
    world.receive(&[quoting(group(1, "ann", "thanks"), json!({ "message_id": sent }))]);
    world.receive(&[quoting(dm(2, "ann", "and this?"), json!({ "message_id": 7 }))]);
    let quotes: Vec<_> = world.turns.iter().map(|turn| turn.quote.clone().unwrap()).collect();
    assert_eq!((quotes[0].id.as_deref(), quotes[0].sender.as_str()), (Some(sent.as_str()), "Reviewer"));
    assert_eq!((quotes[1].id.as_deref(), quotes[1].sender.as_str()), (Some("7"), ""));
}

#[test]
fn a_bot_that_quotes_this_one_does_not_call_it() {
    let mut world = world("");
    world.receive(&[quoting(group(1, "other_bot", "you are welcome"), json!({ "from_uid": "rev_bot" }))]);
    assert_eq!(world.outcome("1"), (Verdict::Ignore, Reason::OtherBot));
}

#[test]
fn a_direct_message_needs_no_mention_and_loses_the_one_it_has() {
    let mut world = world("");
    world.receive(&[dm(1, "ann", "@Reviewer hello")]);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn which_place_needs_a_mention_is_what_the_gateway_is_told() {
    // tests/js/accounts.test.ts reads the same table.
    let table: Value = serde_json::from_str(include_str!("../vectors/require-mention.json")).unwrap();
    for case in table["cases"].as_array().unwrap() {
        let mut config: Value = serde_json::from_str(CONFIG).unwrap();
        config.as_object_mut().unwrap().extend(case["keys"].as_object().unwrap().clone());
        let mut world = World::dmwork(&config.to_string());
        let place: &'static str = case["place"].as_str().unwrap().to_owned().leak();
        let channel_type = if place.contains("____") { 5 } else { 2 };
        world.receive(&[group(1, "ann", "hello").in_channel(place, channel_type)]);
        assert_eq!(world.turns.is_empty(), case["needed"], "{case}");
    }
}
