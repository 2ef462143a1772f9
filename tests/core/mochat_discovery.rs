//! Mochat: which sessions and panels are listened to, how new ones are found and old ones dropped.

use crate::support::World;
use crate::support::mochat::{BOT, LATER, MochatServer, PANEL, config, event, logged, session};
use mochat_dmwork::step::{Input, Lifecycle};
use serde_json::{Value, json};

fn world(more: Value) -> World<MochatServer> {
    let sessions = vec![session("session_dm", &["owner"]), session("session_three", &["ann", "bob"])];
    World::new("mochat", &config(more), MochatServer { sessions, ..MochatServer::default() })
}

/// Everything that was subscribed under this key, in order.
fn subscribed(world: &World<MochatServer>, key: &str) -> Vec<String> {
    let ids = world.server.subscribed.iter().filter_map(|body| body[key].as_array());
    ids.flatten().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_event_of_something_that_is_not_listed_leads_to_nothing_at_all() {
    let mut world = world(json!({ "sessions": ["session_dm"], "panels": [], "replyDelayMode": "off" }));
    let calls = world.server.calls.len();
    world.in_session("session_three", "s1", "ann", "psst");
    world.in_panel("p1", "ann", "psst");
    world.in_inbox("p2", "ann", "psst");
    world.event(
        "notify:chat.message.add",
        &json!({ "_id": "p3", "author": "ann", "content": "psst", "groupId": "group1", "converseId": PANEL }),
    );
    let private = json!({ "messageId": "s2", "messageAuthor": "ann", "messageSnippet": "psst", "converseId": "c9" });
    world.event("notify:chat.inbox.append", &json!({ "userId": BOT, "type": "message", "payload": private }));
    world.after_secs(20);
    assert!(world.turns.is_empty() && world.store.seen.is_empty() && world.questions.is_empty());
    assert_eq!(world.server.calls.len(), calls, "nothing is asked because of it");
    assert_eq!(subscribed(&world, "sessionIds"), ["session_dm"]);
    assert!(subscribed(&world, "panelIds").is_empty());
    assert!(!world.store.notes.keys().any(|key| key.contains("session_three") || key.contains(PANEL)));
}

#[test]
fn what_the_configuration_lists_is_subscribed_once_even_if_the_server_does_not_list_it() {
    let elsewhere = "6981000000000000000000ff";
    let mut world = world(json!({ "sessions": ["session_x"], "panels": [elsewhere] }));
    world.after_secs(40);
    assert_eq!(subscribed(&world, "sessionIds"), ["session_x"]);
    assert_eq!(subscribed(&world, "panelIds"), [elsewhere]);
}

#[test]
fn with_empty_lists_the_agent_connects_and_subscribes_to_nothing() {
    let world = world(json!({ "sessions": [], "panels": [] }));
    assert!(world.is_ready() && world.server.subscribed.is_empty());
    assert_eq!(world.status.unwrap().detail, "listening to 0 sessions and 0 panels");
}

#[test]
fn the_directorys_own_events_bring_new_places_at_once() {
    for name in ["notify:chat.converse.updateDMConverse", "notify:group.updateInfo", "notify:group.add"] {
        let mut world = world(json!({}));
        world.after_secs(4);
        let new = "6a00000000000000000000d1";
        world.server.sessions.push(session("session_new", &["zoe"]));
        world.server.panels.push(json!({ "id": new, "type": 0 }));
        world.event(name, &json!({}));
        world.after_ms(1);
        assert!(subscribed(&world, "sessionIds").contains(&"session_new".to_owned()), "{name}");
        assert!(subscribed(&world, "panelIds").contains(&new.to_owned()), "{name}");
    }
}

#[test]
fn a_flood_of_directory_events_is_one_look_every_three_seconds() {
    let mut world = world(json!({}));
    let before = world.server.asked("sessions/list").len();
    for _ in 0..300 {
        world.event("notify:group.updateInfo", &json!({}));
        world.after_ms(100);
    }
    let looks = world.server.asked("sessions/list").len() - before;
    assert!((9..=11).contains(&looks), "{looks} looks in 30 s");
}

#[test]
fn a_private_message_of_a_conversation_that_nobody_listed_makes_the_agent_look_at_once() {
    let mut dm = session("session_dm", &["owner"]);
    dm["converseId"] = json!("c1");
    let mut world =
        World::new("mochat", &config(json!({})), MochatServer { sessions: vec![dm], ..MochatServer::default() });
    world.after_secs(4);
    let mut new = session("session_new", &["zoe"]);
    new["converseId"] = json!("c2");
    world.server.sessions.push(new);
    world.server.replay = vec![("session_new".to_owned(), event(1, "m1", "zoe", "hello", LATER))];
    let payload = json!({ "messageId": "m1", "messageAuthor": "zoe", "messageSnippet": "hello", "converseId": "c2" });
    world.event("notify:chat.inbox.append", &json!({ "userId": BOT, "type": "message", "payload": payload }));
    world.after_ms(1);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn the_configured_interval_is_kept_between_looks() {
    for (more, looks) in [(json!({}), 3), (json!({ "refreshIntervalMs": 10_000 }), 9)] {
        let mut world = world(more);
        let epoch = world.server.open.unwrap();
        let before = world.server.asked("sessions/list").len();
        for _ in 0..91 {
            world.after_secs(1);
            world.tell(Input::SocketHeard { epoch });
        }
        assert_eq!(world.server.asked("sessions/list").len() - before, looks);
    }
}

#[test]
fn topics_are_listened_to_and_folders_and_web_views_are_not() {
    let topic = json!({ "id": "topic1", "type": 2, "provider": "com.msgbyte.topic",
        "pluginPanelName": "com.msgbyte.topic/grouppanel" });
    let web = json!({ "id": "web1", "type": 2, "provider": "com.msgbyte.webview" });
    let server = MochatServer { panels: vec![topic, web], ..MochatServer::default() };
    let mut world = World::new("mochat", &config(json!({ "replyDelayMode": "off" })), server);
    let panels = subscribed(&world, "panelIds");
    assert!(panels.contains(&"topic1".to_owned()) && !panels.contains(&"web1".to_owned()));
    world.in_this_panel("topic1", "t1", "ann", "a topic", &[]);
    assert_eq!(world.texts(), ["a topic"]);
    assert_eq!(world.turns[0].to, "panel:topic1");
}

#[test]
fn what_is_closed_or_left_is_dropped_and_not_subscribed_again() {
    let mut world = world(json!({ "replyDelayMode": "off" }));
    world.server.panels.push(json!({ "id": "panel9", "type": 0 }));
    world.after_secs(31);
    assert!(subscribed(&world, "panelIds").contains(&"panel9".to_owned()));
    world.server.sessions[0]["status"] = json!("closed");
    world.server.sessions.pop();
    world.server.panels.clear();
    world.after_secs(13);
    let epoch = world.server.open.unwrap();
    world.tell(Input::SocketHeard { epoch });
    world.after_secs(18);
    world.server.subscribed.clear();
    world.cut("transport close");
    world.after_secs(5);
    assert!(subscribed(&world, "sessionIds").is_empty());
    assert!(!subscribed(&world, "panelIds").contains(&"panel9".to_owned()));
    assert_eq!(world.status.unwrap().detail, "listening to 0 sessions and 2 panels");
}

#[test]
fn a_session_that_the_configuration_lists_and_that_is_closed_is_not_subscribed() {
    let mut closed = session("session_dm", &["owner"]);
    closed["status"] = json!("closed");
    let server = MochatServer { sessions: vec![closed], ..MochatServer::default() };
    let world = World::new("mochat", &config(json!({ "sessions": ["session_dm"] })), server);
    assert!(world.is_ready() && subscribed(&world, "sessionIds").is_empty());
}

#[test]
fn more_sessions_than_a_list_holds_are_found_when_something_happens_in_them() {
    let mut sessions: Vec<Value> = (0..450).map(|n| session(&format!("session_{n}"), &["ann"])).collect();
    for session in &mut sessions {
        session["updatedAt"] = json!("2026-01-01T00:00:00Z");
    }
    let mut world = World::new("mochat", &config(json!({})), MochatServer { sessions, ..MochatServer::default() });
    assert_eq!(subscribed(&world, "sessionIds").len(), 450);
    assert!(
        world.server.subscribed.iter().all(|body| body["sessionIds"].as_array().is_none_or(|ids| ids.len() <= 100))
    );
    for n in 450..600 {
        let mut more = session(&format!("session_{n}"), &["ann"]);
        more["updatedAt"] = json!("2026-01-01T00:00:00Z");
        world.server.sessions.push(more);
    }
    world.after_secs(31);
    assert_eq!(subscribed(&world, "sessionIds").len(), 500);
    world.server.sessions[599]["updatedAt"] = json!("2026-01-01T00:01:00Z");
    let epoch = world.server.open.unwrap();
    world.tell(Input::SocketHeard { epoch });
    world.after_secs(31);
    let all = subscribed(&world, "sessionIds");
    assert_eq!((all.len(), all.last().map(String::as_str)), (501, Some("session_599")));
    assert!(world.status.unwrap().detail.contains("sessions"));
}

#[test]
fn one_id_that_the_server_refuses_costs_no_other() {
    let sessions: Vec<Value> = (0..30).map(|n| session(&format!("session_{n:02}"), &["ann", "bob"])).collect();
    let refused = vec!["session_17"];
    let mut world =
        World::new("mochat", &config(json!({})), MochatServer { sessions, refused, ..MochatServer::default() });
    assert!(world.is_ready());
    assert_eq!(world.status.as_ref().unwrap().detail, "listening to 29 sessions and 2 panels");
    world.in_session("session_16", "m1", "ann", "hello");
    assert_eq!(world.texts(), ["hello"]);
    assert!(world.log.iter().any(|line| line.contains("session_17")), "{:?}", world.log);
}

#[test]
fn a_subscription_without_an_answer_is_asked_again_and_the_account_listens_meanwhile() {
    let sessions = vec![session("session_dm", &["owner"])];
    let server = MochatServer { sessions, holds: true, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(json!({ "panels": [] })), server);
    let Some(Input::EmitAcknowledged { epoch, emit, .. }) = world.server.held.pop() else { panic!("an emit") };
    world.server.holds = false;
    world.tell(Input::EmitAcknowledged { epoch, emit, body: None });
    assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Ready);
    world.server.replay = vec![("session_dm".to_owned(), event(1, "m1", "owner", "hello", LATER))];
    world.after_secs(31);
    assert_eq!(subscribed(&world, "sessionIds"), ["session_dm", "session_dm"]);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn panels_of_other_groups_that_were_heard_are_caught_up_with_too() {
    let other = "6981000000000000000000ee";
    let mut world = world(json!({ "replyDelayMode": "off" }));
    world.in_this_panel(other, "m1", "ann", "from the other group", &[]);
    world.cut("transport close");
    let said = |id: &str| logged(id, "ann", id, LATER);
    world.server.logs.insert(other.to_owned(), vec![said("m1"), said("m2")]);
    world.after_secs(5);
    assert_eq!(world.texts(), ["from the other group", "m2"]);
}

#[test]
fn no_emit_waits_for_a_connection() {
    let mut world = world(json!({}));
    world.server.is_down = true;
    world.cut("transport close");
    let emits = world.server.subscribed.len();
    for _ in 0..600 {
        world.after_secs(1);
    }
    assert_eq!(world.server.subscribed.len(), emits);
}
