//! What keeps a bot from being worn out and from talking to itself, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, dm, group};
use crate::support::mochat::{BOT, LATER, MochatServer, PANEL, config, event};
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::{Access, Ruling};
use serde_json::{Value, json};

fn dmwork(keys: &str) -> World<DmworkServer> {
    World::dmwork(&CONFIG.replace('}', &format!("{keys}}}")))
}

fn agent(mentions: &[&str]) -> Value {
    json!({ "author": "robo", "authorInfo": { "nickname": "Robo", "type": "agent" }, "mentions": mentions })
}

/// Says something in the first panel with these additional fields of the message.
fn say(world: &mut World<MochatServer>, id: &str, content: &str, more: Value) {
    let mut said = event(1, id, "ann", content, LATER);
    said["payload"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.event("claw.panel.events", &json!({ "sessionId": PANEL, "cursor": 1, "events": [said] }));
}

#[test]
fn on_mochat_another_agent_is_heard_when_it_calls_this_one_unless_configured() {
    for (keys, talk, call) in [
        (json!({}), false, true),
        (json!({ "allowBots": "off" }), false, false),
        (json!({ "allowBots": "mentions" }), false, true),
        (json!({ "allowBots": "on" }), true, true),
    ] {
        let mut rules = json!({ "replyDelayMode": "off" });
        rules.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let mut world = World::mochat(rules);
        say(&mut world, "m1", "talk", agent(&[]));
        say(&mut world, "m2", "call", agent(&[BOT]));
        let heard: Vec<_> = [("talk", talk), ("call", call)].into_iter().filter(|(_, heard)| *heard).collect();
        assert_eq!(world.texts(), heard.iter().map(|(text, _)| *text).collect::<Vec<_>>(), "{keys}");
    }
}

#[test]
fn an_agent_is_known_by_what_the_server_said_elsewhere() {
    let document = |id: &str, author: &str| json!({ "_id": id, "author": author, "content": "hello", "groupId": "group1", "converseId": PANEL });
    let robot = json!({ "userId": "listed", "nickname": "Robo", "type": "agent" });
    let sessions = vec![json!({ "sessionId": "session_three", "participants": [BOT, "ann", robot] })];
    let server = MochatServer { sessions, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(json!({ "replyDelayMode": "off" })), server);
    say(&mut world, "m1", "talk", agent(&[]));
    // A document tells nothing about its author.
    for (id, author) in [("m2", "robo"), ("m3", "listed"), ("m4", "ann")] {
        world.event("notify:chat.message.add", &document(id, author));
    }
    assert_eq!(world.outcome("m2"), (Verdict::Ignore, Reason::OtherBot));
    assert_eq!(world.outcome("m3"), (Verdict::Ignore, Reason::OtherBot));
    assert_eq!(world.outcome("m4").0, Verdict::Answer);
}

#[test]
fn a_person_who_was_named_before_keeps_the_name_where_an_event_tells_none() {
    let mut world = World::mochat(json!({ "replyDelayMode": "off" }));
    say(&mut world, "m1", "hi", json!({ "author": "u1", "authorInfo": { "nickname": "Ann" } }));
    let document = json!({ "_id": "m2", "author": "u1", "content": "hi", "groupId": "group1", "converseId": PANEL });
    world.event("notify:chat.message.add", &document);
    assert!(world.turns.iter().all(|turn| turn.sender.name.as_deref() == Some("Ann")));
}

#[test]
fn a_message_without_an_author_is_nobodys_word() {
    let mut world = World::mochat(json!({ "replyDelayMode": "off" }));
    say(&mut world, "m1", "hi", json!({ "author": Value::Null, "authorInfo": Value::Null, "mentions": [BOT] }));
    assert_eq!(world.outcome("m1"), (Verdict::Ignore, Reason::SystemMessage));
}

#[test]
fn the_platform_and_the_bot_itself_start_nothing_even_if_they_call_the_bot() {
    let mut world = World::mochat(json!({ "replyDelayMode": "off", "allowBots": "on" }));
    say(&mut world, "m1", "joined", json!({ "author": "000000000000000000000000", "mentions": [BOT] }));
    say(&mut world, "m2", "me", json!({ "author": BOT, "mentions": [BOT] }));
    let mut other = dmwork(r#","allowBots":"on""#);
    other.receive(&[group(1, "rev_bot", "@Reviewer me"), group(2, "", "@Reviewer hi")]);
    assert!(world.turns.is_empty() && other.turns.is_empty());
}

#[test]
fn a_slash_is_no_way_round_the_limits() {
    let mut world = dmwork(r#","allowBots":"mentions""#);
    for id in 1..=40 {
        world.receive(&[group(id, "other_bot", "@Reviewer /go on")]);
    }
    assert_eq!(world.turns.len(), 5);
    let mut world = dmwork("");
    let flood: Vec<_> = (1..=100).map(|id| dm(id, "ann", "/x tell me a story")).collect();
    world.receive(&flood);
    assert_eq!(world.turns.len(), 10);
    assert_eq!(world.server.sent.len(), 1, "told once");
}

#[test]
fn somebody_who_is_still_too_fast_is_told_again_only_after_ten_minutes() {
    let mut world = dmwork("");
    let mut id = 0;
    // Twenty messages a minute, for a quarter of an hour; the clock of the server says when.
    for _ in 0..300 {
        id += 1;
        let mut said = dm(id, "ann", "hello?");
        said.at = u32::try_from(world.now.0 / 1_000).unwrap();
        world.receive(&[said]);
        world.after_secs(3);
    }
    assert_eq!(world.server.sent.len(), 2);
    assert!((150..=170).contains(&world.turns.len()), "{}", world.turns.len());
}

#[test]
fn the_limits_can_be_lifted_and_closed() {
    let mut world = dmwork(r#","maxMessagesPerMinute":0,"allowBots":"on","maxBotTurns":0"#);
    let flood: Vec<_> = (1..=100).map(|id| dm(id, "ann", "hello?")).collect();
    world.receive(&flood);
    world.receive(&[group(200, "other_bot", "@Reviewer hi")]);
    assert_eq!(world.turns.len(), 100);
    assert_eq!(world.outcome("200"), (Verdict::Ignore, Reason::BotLoop));
}

#[test]
fn bots_have_a_budget_in_each_place_and_a_new_one_after_ten_minutes() {
    let mut world = dmwork(r#","allowBots":"mentions""#);
    let call = |id: i64, channel: &'static str, world: &mut World<DmworkServer>| {
        let mut said = group(id, "other_bot", "@Reviewer your turn").in_channel(channel, 2);
        said.at = u32::try_from(world.now.0 / 1_000).unwrap();
        world.receive(&[said]);
    };
    for id in 1..=8 {
        call(id, "g1", &mut world);
        call(100 + id, "g2", &mut world);
    }
    assert_eq!(world.turns.len(), 10);
    world.after_secs(601);
    call(20, "g1", &mut world);
    assert_eq!(world.turns.len(), 11);
}

#[test]
fn a_place_whose_access_nobody_can_judge_delays_no_other() {
    let mut world = dmwork("");
    world.access = |sender| Access::new(if sender == "mystery" { Ruling::Unknown } else { Ruling::Allowed });
    world.receive(&[dm(1, "mystery", "hi"), dm(2, "ann", "hello")]);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn a_stop_in_a_group_passes_turns_that_hang() {
    let mut world = dmwork(r#","maxMessagesPerMinute":0"#);
    (world.adopts, world.queues) = (false, true);
    for id in 1..=20 {
        world.receive(&[group(id, "ann", &format!("@Reviewer job {id}"))]);
    }
    assert_eq!(world.turns.len(), 8);
    for (id, text) in [(30, "@Reviewer /stop"), (31, "/stop @Reviewer")] {
        world.receive(&[group(id, "ann", text)]);
        assert_eq!(world.texts().last(), Some(&"/stop"));
    }
    assert_eq!(world.turns.len(), 10);
}
