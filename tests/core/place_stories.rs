//! Where things are said, which rules hold there and where the reply goes, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, dm, group};
use crate::support::mochat::{BOT, LATER, PANEL, event};
use mochat_dmwork::message::Chat;
use serde_json::{Value, json};

const THREAD: &str = "g1____1234567890123456";

#[test]
fn on_dmwork_a_rule_for_the_thread_outranks_its_groups_then_the_stars_then_the_accounts() {
    let rule = |needed: bool| json!({ "requireMention": needed });
    for (account, groups, answered) in [
        (true, json!({}), vec![]),
        (false, json!({}), vec!["group", "thread", "elsewhere"]),
        (false, json!({ "*": rule(true) }), vec![]),
        (true, json!({ "*": rule(false) }), vec!["group", "thread", "elsewhere"]),
        (true, json!({ "*": rule(true), "g1": rule(false) }), vec!["group", "thread"]),
        (true, json!({ "*": rule(false), "g1": rule(true) }), vec!["elsewhere"]),
        (true, json!({ "*": rule(true), "g1": rule(true), THREAD: rule(false) }), vec!["thread"]),
        (false, json!({ "*": rule(false), "g1": rule(false), THREAD: rule(true) }), vec!["group", "elsewhere"]),
        // An entry without a rule decides nothing.
        (true, json!({ "*": rule(false), "g1": {}, THREAD: {} }), vec!["group", "thread", "elsewhere"]),
    ] {
        let config = json!({ "apiUrl": "https://im.example", "botToken": "bf_0123456789abcdef0123",
            "requireMention": account, "groups": groups });
        let mut world = World::dmwork(&config.to_string());
        world.receive(&[
            group(1, "ann", "group"),
            group(2, "ann", "thread").in_channel(THREAD, 5),
            group(3, "ann", "elsewhere").in_channel("g2", 2),
        ]);
        assert_eq!(world.texts(), answered, "{account} {groups}");
    }
}

#[test]
fn on_mochat_a_rule_for_the_group_outranks_the_panels_then_the_stars_then_the_accounts() {
    let rule = |needed: bool| json!({ "requireMention": needed });
    for (account, groups, panel, session) in [
        (true, json!({}), false, false),
        (false, json!({}), true, true),
        (false, json!({ "*": rule(true) }), false, false),
        (true, json!({ "*": rule(false) }), true, true),
        (true, json!({ "*": rule(true), PANEL: rule(false) }), true, false),
        (true, json!({ PANEL: rule(false), "group1": rule(true) }), false, false),
        (false, json!({ PANEL: rule(true), "group1": rule(false), "*": rule(true) }), true, false),
        (true, json!({ "session_three": rule(false) }), false, true),
    ] {
        let rules = json!({ "replyDelayMode": "off", "mention": { "requireInGroups": account }, "groups": groups });
        let mut world = World::mochat(rules);
        world.in_panel("m1", "ann", "panel");
        world.in_session("session_three", "m2", "ann", "session");
        // A panel's event doesn't always name the group; the rules are the same.
        let nameless = event(1, "m3", "ann", "nameless", LATER);
        world.event("claw.panel.events", &json!({ "sessionId": PANEL, "cursor": 1, "events": [nameless] }));
        let all = [("panel", panel), ("session", session), ("nameless", panel)];
        let answered: Vec<_> = all.into_iter().filter_map(|(text, answered)| answered.then_some(text)).collect();
        assert_eq!(world.texts(), answered, "{account} {groups}");
    }
}

#[test]
fn on_dmwork_each_reply_goes_to_the_very_place_of_its_question() {
    let us = || json!({ "uids": ["rev_bot"] });
    let mut world = World::dmwork(CONFIG);
    world.receive(&[
        dm(1, "sales_ann", "a").in_channel("rev_bot@sales_ann", 1),
        dm(2, "s1_ann", "b"),
        group(3, "ann", "c").mentioning(us()),
        group(4, "ann", "d").in_channel(THREAD, 5).mentioning(us()),
        // Some servers name a thread by the type of a group.
        group(5, "ann", "e").in_channel(THREAD, 2).mentioning(us()),
    ]);
    let turns: Vec<_> = world.turns.iter().map(|turn| (turn.to.clone(), turn.text.clone())).collect();
    for (to, text) in turns {
        world.send(&to, &text);
    }
    let sent = |at: usize| {
        let body: &Value = &world.server.sent[at];
        (body["channel_id"].as_str().unwrap(), body["channel_type"].as_u64().unwrap())
    };
    assert_eq!((sent(0), sent(1), sent(2)), (("sales_ann", 1), ("s1_ann", 1), ("g1", 2)));
    assert_eq!((sent(3), sent(4)), ((THREAD, 5), (THREAD, 5)));
}

#[test]
fn on_mochat_each_reply_goes_to_the_very_place_of_its_question() {
    let mut world = World::mochat(json!({}));
    world.in_session("session_dm", "m1", "owner", "a");
    world.in_session("session_three", "m2", "ann", "b");
    world.in_this_panel("6981000000000000000000a2", "m3", "ann", "c", &[BOT]);
    assert_eq!(world.turns.iter().map(|turn| turn.chat).collect::<Vec<_>>(), [Chat::Direct, Chat::Group, Chat::Group]);
    for at in 0..3 {
        let turn = world.turns[at].clone();
        world.send(&turn.to, &turn.text);
    }
    let sent: Vec<_> = world.server.sent.iter().map(|(path, body)| (path.as_str(), body)).collect();
    assert_eq!((sent[0].0, &sent[0].1["sessionId"]), ("/api/claw/sessions/send", &json!("session_dm")));
    assert_eq!((sent[1].0, &sent[1].1["sessionId"]), ("/api/claw/sessions/send", &json!("session_three")));
    let panel = "6981000000000000000000a2";
    assert_eq!((sent[2].0, &sent[2].1["panelId"]), ("/api/claw/groups/panels/send", &json!(panel)));
}

#[test]
fn two_bots_in_one_panel_keep_their_own_context_and_their_own_clock() {
    let strict = json!({ "mention": { "requireInGroups": true } });
    let (mut one, mut other) = (World::mochat(strict), World::mochat(json!({})));
    for (id, content) in [("m1", "the build is red"), ("m2", "again")] {
        one.in_panel(id, "ann", content);
        other.in_panel(id, "ann", content);
    }
    one.in_this_panel(PANEL, "m3", "ann", "why?", &[BOT]);
    assert_eq!((one.texts(), one.turns[0].history.len()), (vec!["why?"], 2));
    assert!(other.turns.is_empty());
    other.after_secs(120);
    assert_eq!((other.turns.len(), other.turns[0].history.len()), (1, 0));
}
