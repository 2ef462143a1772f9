//! What leaves for Mochat, told as stories in virtual time.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::World;
use support::mochat::{BOT, MochatServer, PANEL, config, session};

/// A group of three people of whom the server tells the ids, and a session that tells names.
fn world() -> World<MochatServer> {
    let named = |id: &str, name: &str| json!({ "userId": id, "nickname": name, "type": "user" });
    let sessions = vec![
        session("session_dm", &["u1"]),
        json!({ "sessionId": "session_three", "participants": [named(BOT, "Claw"), named("u1", "Ann"), named("u9", "Zoe")] }),
    ];
    let members = ["u1", "u2", "u3", BOT].map(|id| json!({ "userId": id, "roles": [] })).to_vec();
    World::new("mochat", &config(json!({})), MochatServer { sessions, members, ..MochatServer::default() })
}

/// The content and the meta of the last post.
fn last(world: &World<MochatServer>) -> (&str, &Value) {
    let (_, body) = world.server.sent.last().unwrap();
    (body["content"].as_str().unwrap(), &body["meta"])
}

#[test]
fn a_mention_of_a_member_is_posted_in_the_platforms_form() {
    let mut world = world();
    let panel = format!("panel:{PANEL}");
    world.send(&panel, "@Ann and [at=u2]Bo[/at] and @[u3:Cy] and <@u1>");
    let content = "[at=u1]Ann[/at] and [at=u2]Bo[/at] and [at=u3]Cy[/at] and [at=u1]Ann[/at]";
    assert_eq!(last(&world), (content, &json!({ "mentions": ["u1", "u2", "u3"] })));
    world.in_panel("m1", "u2", "hi");
    world.after_secs(130);
    world.send(&panel, "@u2 yes");
    assert_eq!(last(&world).0, "[at=u2]u2[/at] yes");
}

#[test]
fn only_who_is_in_that_very_place_is_called() {
    let mut world = world();
    world.send(&format!("panel:{PANEL}"), "@Zoe [at=u9]Zoe[/at] @all @Claw `@Ann` @types/node");
    assert_eq!(last(&world), ("@Zoe @Zoe @all @Claw `@Ann` @types/node", &json!(null)));
    world.send("session:session_three", "@Zoe");
    assert_eq!(last(&world).0, "[at=u9]Zoe[/at]");
    world.send("session:session_three", "@[u2:Bo]");
    assert_eq!(last(&world).0, "@Bo");
    world.send("session:session_dm", "@Ann @[u1:Ann]");
    assert_eq!(last(&world), ("@Ann @Ann", &json!(null)));
}

#[test]
fn two_people_of_one_name_are_both_left_alone() {
    let mut world = world();
    let mut say = |id: &str, author: &str, name: &str| {
        let mut said = support::mochat::event(1, id, author, "hi", support::mochat::LATER);
        said["payload"]["authorInfo"]["nickname"] = name.into();
        world.event("claw.panel.events", &json!({ "sessionId": PANEL, "cursor": 1, "events": [said] }));
    };
    say("m1", "u2", "Bo");
    say("m2", "u3", "Ann");
    world.send(&format!("panel:{PANEL}"), "@Bo, @Ann");
    assert_eq!(last(&world), ("[at=u2]Bo[/at], @Ann", &json!({ "mentions": ["u2"] })));
}

#[test]
fn a_token_and_a_path_never_leave_whoever_reads_it() {
    let mut world = world();
    for to in ["session:session_dm", "session:session_three", &format!("panel:{PANEL}")] {
        world.send(to, "CLAW_0123456789abcdef0123 in ~/.openclaw/openclaw.json, or bf_0123456789abcdef0123");
        assert_eq!(last(&world).0, "[redacted] in …/openclaw.json, or [redacted]", "{to}");
    }
    let mut counted = world.log.iter().filter(|line| line.starts_with("secret-redacted: 2 in a message to"));
    assert!(counted.next_back().unwrap().ends_with("6 since start"));
}
