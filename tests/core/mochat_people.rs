//! Who speaks on Mochat, where a message doesn't tell, told as stories in virtual time.

use crate::support::World;
use crate::support::mochat::{BOT, LATER, MochatServer, PANEL, config, session};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::message::{Author, Chat};
use serde_json::{Value, json};

fn person(id: &str, name: &str, kind: &str) -> Value {
    json!({ "userId": id, "nickname": name, "type": kind })
}

fn world(sessions: Vec<Value>, people: Vec<Value>) -> World<MochatServer> {
    let settings = config(json!({ "replyDelayMode": "off" }));
    World::new("mochat", &settings, MochatServer { sessions, people, ..MochatServer::default() })
}

/// A document of the platform: it says of its author nothing but the id.
fn document(world: &mut World<MochatServer>, id: &str, author: &str) {
    let message = json!({ "_id": id, "author": author, "content": id, "groupId": "group1", "converseId": PANEL,
        "createdAt": LATER });
    world.event("notify:chat.message.add", &message);
}

/// What was asked about whom.
fn asked(world: &World<MochatServer>) -> Vec<(&str, &Value)> {
    let about = |body: &'_ Value| if body["userIds"].is_null() { "sessionId" } else { "userIds" };
    let calls = world.server.calls.iter().map(|(_, path, body)| (path.rsplit('/').next().unwrap(), &body[about(body)]));
    calls.filter(|(call, _)| matches!(*call, "resolve" | "detail")).collect()
}

#[test]
fn whoever_is_in_a_session_is_known_by_name_before_the_first_word() {
    let people = vec![person(BOT, "Claw", "agent"), person("u1", "Ann", "user"), person("r1", "Robo", "agent")];
    let mut world = world(vec![session("session_three", &["u1", "r1"])], people);
    assert_eq!(asked(&world), [("resolve", &json!([BOT, "u1", "r1"]))]);
    let said = json!({ "seq": 1, "type": "message.add", "timestamp": LATER,
        "payload": { "messageId": "m1", "author": "r1", "content": "@Claw hi" } });
    world.event("claw.session.events", &json!({ "sessionId": "session_three", "cursor": 1, "events": [said] }));
    let sender = &world.turns[0].sender;
    assert_eq!((sender.name.as_deref(), sender.author), (Some("Robo"), Author::Agent));
    world.after_secs(300);
    assert_eq!(asked(&world).len(), 1, "nobody is asked about twice");
}

#[test]
fn an_author_of_whom_a_message_says_nothing_is_asked_about_once() {
    let mut world = world(Vec::new(), vec![person("u7", "Zoe", "user")]);
    for id in ["m1", "m2", "m3"] {
        document(&mut world, id, "u7");
    }
    let names: Vec<_> = world.turns.iter().map(|turn| turn.sender.name.as_deref()).collect();
    assert_eq!(names, [None, Some("Zoe"), Some("Zoe")]);
    document(&mut world, "m4", "000000000000000000000000");
    assert_eq!(asked(&world), [("resolve", &json!(["u7"]))]);
}

#[test]
fn a_quote_names_its_author() {
    let mut world = world(vec![session("session_dm", &["u7"])], vec![person("u7", "Zoe", "user")]);
    let meta = json!({ "reply": { "_id": "m0", "author": "u7", "content": "[b]tea?[/b]" } });
    let said = json!({ "seq": 1, "type": "message.add", "timestamp": LATER,
        "payload": { "messageId": "m1", "author": "u7", "content": "yes", "meta": meta } });
    world.event("claw.session.events", &json!({ "sessionId": "session_dm", "cursor": 1, "events": [said] }));
    let quote = world.turns[0].quote.as_ref().unwrap();
    assert_eq!((quote.sender.as_str(), quote.text.as_str()), ("Zoe", "tea?"));
}

#[test]
fn a_session_of_which_the_list_names_nobody_is_asked_about_itself() {
    let people = vec![person(BOT, "Claw", "agent"), person("u1", "Ann", "user")];
    let mut world = world(vec![json!({ "sessionId": "session_new", "status": "active" })], people);
    assert_eq!(asked(&world), [("detail", &json!("session_new"))]);
    world.after_secs(31);
    world.in_session("session_new", "m1", "u1", "hello");
    assert_eq!(world.turns[0].chat, Chat::Direct);
}

#[test]
fn on_a_server_without_a_directory_of_users_their_session_tells() {
    let mut world = world(vec![session("session_three", &["u1", "u2"])], Vec::new());
    assert_eq!(asked(&world).len(), 1);
    world.server.people = vec![person("u1", "Ann", "user"), person("u2", "Bob", "user"), person(BOT, "Claw", "agent")];
    let said = |seq: u64| {
        json!({ "seq": seq, "type": "message.add", "timestamp": LATER,
            "payload": { "messageId": format!("m{seq}"), "author": "u1", "content": "hi" } })
    };
    for seq in 1..4 {
        world.event(
            "claw.session.events",
            &json!({ "sessionId": "session_three", "cursor": seq, "events": [said(seq)] }),
        );
    }
    document(&mut world, "p1", "u9");
    assert_eq!(asked(&world)[1..], [("detail", &json!("session_three"))]);
    assert_eq!(world.turns[2].sender.name.as_deref(), Some("Ann"));
}

#[test]
fn a_crowd_is_asked_about_in_pieces() {
    let ids: Vec<String> = (0..250).map(|number| format!("u{number}")).collect();
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut world = world(vec![session("session_crowd", &members)], vec![person("u1", "Ann", "user")]);
    let sizes: Vec<_> = asked(&world).iter().map(|(_, ids)| ids.as_array().unwrap().len()).collect();
    assert_eq!(sizes, [100, 100, 51]);
    world.after_secs(300);
    assert_eq!(asked(&world).len(), 3);
}

#[test]
fn one_id_that_the_server_does_not_take_leaves_the_directory_open() {
    let mut world = world(Vec::new(), vec![person("u8", "Zoe", "user")]);
    let refused = CallOutcome::Answered { status: 400, retry_after: None, body: "{}".into() };
    world.server.faults = vec![("users/resolve", refused)];
    document(&mut world, "m1", "odd");
    document(&mut world, "m2", "u8");
    document(&mut world, "m3", "u8");
    let names: Vec<_> = world.turns.iter().map(|turn| turn.sender.name.as_deref()).collect();
    assert_eq!((asked(&world).len(), names), (2, vec![None, None, Some("Zoe")]));
}

#[test]
fn a_question_that_failed_is_asked_again_with_the_next_message() {
    let mut world = world(Vec::new(), vec![person("u7", "Zoe", "user")]);
    world.server.blind = 1;
    for id in ["m1", "m2", "m3"] {
        document(&mut world, id, "u7");
    }
    assert_eq!((asked(&world).len(), world.turns[2].sender.name.as_deref()), (2, Some("Zoe")));
}
