//! Mochat where no WebSocket gets through: HTTP stands in for it, within what the server allows, and goes when it can.

use crate::support::World;
use crate::support::mochat::{LATER, MochatServer, PANEL, config, event, logged, session};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::step::{Input, Lifecycle};
use mochat_dmwork::time::Time;
use serde_json::{Value, json};

/// Behind a proxy that lets no WebSocket through.
fn world(more: Value) -> World<MochatServer> {
    let sessions = vec![session("session_three", &["ann", "bob"]), session("session_dm", &["owner"])];
    let server = MochatServer { sessions, blocks_sockets: true, is_patient: true, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(more), server);
    world.after_secs(10);
    world
}

fn talkative() -> Value {
    json!({ "replyDelayMode": "off", "maxMessagesPerMinute": 0 })
}

impl World<MochatServer> {
    /// Somebody writes in a session; the server's long polls answer.
    fn queue(&mut self, session: &str, seq: u64, author: &str) {
        let id = format!("{session}{seq}");
        self.server.replay.push((session.to_owned(), event(seq, &id, author, &id, LATER)));
        self.hurry();
    }

    fn log(&mut self, id: &str) {
        let said = logged(id, "ann", id, LATER);
        self.server.logs.entry(PANEL.to_owned()).or_default().push(said);
    }
}

/// The most calls within a minute.
fn busiest_minute(world: &World<MochatServer>) -> usize {
    let times: Vec<Time> = world.server.calls.iter().map(|(at, ..)| *at).collect();
    let within = |from: &Time| times.iter().filter(|at| **at >= *from && at.0 < from.0 + 60_000).count();
    times.iter().map(within).max().unwrap_or(0)
}

#[test]
fn where_no_websocket_gets_through_messages_are_fetched_and_answered() {
    let mut world = world(talkative());
    let status = world.status.clone().unwrap();
    assert_eq!(status.lifecycle, Lifecycle::Ready);
    assert!(status.detail.contains("no WebSocket gets through"), "{}", status.detail);
    world.queue("session_dm", 1, "owner");
    world.after_secs(1);
    assert_eq!(world.texts(), ["session_dm1"]);
    world.log("p1");
    world.after_secs(31);
    assert_eq!(world.texts(), ["session_dm1", "p1"]);
    world.after_secs(2);
    world.queue("session_dm", 2, "owner");
    assert_eq!(world.texts(), ["session_dm1", "p1", "session_dm2"]);
}

#[test]
fn the_socket_takes_over_again_as_soon_as_it_works_and_repeats_nothing() {
    let mut world = world(talkative());
    world.queue("session_dm", 1, "owner");
    world.log("p1");
    world.after_secs(40);
    world.server.blocks_sockets = false;
    world.after_secs(61);
    assert!(world.server.open.is_some());
    assert!(world.status.as_ref().unwrap().detail.starts_with("listening to 2 sessions and 2 panels"));
    world.hurry();
    let calls = world.server.calls.len();
    let epoch = world.server.open.unwrap();
    for _ in 0..12 {
        world.after_secs(20);
        world.hurry();
        world.tell(Input::SocketHeard { epoch });
    }
    let polls =
        world.server.calls[calls..].iter().filter(|(_, path, _)| !path.ends_with("list") && !path.ends_with("get"));
    assert_eq!(polls.collect::<Vec<_>>(), Vec::<&(Time, String, Value)>::new(), "nothing is polled any more");
    world.in_session("session_dm", "m2", "owner", "m2");
    world.in_panel("p2", "ann", "p2");
    assert_eq!(world.texts(), ["session_dm1", "p1", "m2", "p2"]);
}

#[test]
fn the_owners_session_is_asked_first() {
    let mut world = world(json!({}));
    world.server.is_patient = false;
    world.hurry();
    let watched: Vec<_> = world.server.asked("sessions/watch").iter().map(|body| body["sessionId"].clone()).collect();
    assert_eq!((&watched[0], watched.last()), (&json!("session_dm"), Some(&json!("session_three"))));
}

#[test]
fn hundreds_of_conversations_share_the_budget_and_none_is_forgotten() {
    let mut sessions: Vec<Value> =
        (0..300).map(|n| session(&format!("session_{n}"), &[&format!("user{n}"), "ann"])).collect();
    sessions.push(session("session_dm", &["owner"]));
    let panels = (0..40).map(|n| json!({ "id": format!("panel{n}"), "type": 0 })).collect();
    let server = MochatServer { sessions, panels, blocks_sockets: true, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(json!({})), server);
    world.after_secs(1_200);
    let most = busiest_minute(&world);
    assert!(most <= 100, "{most} requests a minute");
    for n in 0..300 {
        let watched = world.server.asked("sessions/watch");
        assert!(watched.iter().any(|body| body["sessionId"] == format!("session_{n}")), "session_{n}");
    }
    for n in 0..40 {
        let read = world.server.asked("panels/messages");
        assert!(read.iter().any(|body| body["panelId"] == format!("panel{n}")), "panel{n}");
    }
    let of = |id: &str| world.server.asked("sessions/watch").iter().filter(|body| body["sessionId"] == id).count();
    assert!(of("session_dm") > 2 * of("session_7"), "{} and {}", of("session_dm"), of("session_7"));
}

#[test]
fn a_session_where_something_happens_does_not_wait_for_its_turn() {
    let mut sessions: Vec<Value> = (0..300).map(|n| session(&format!("session_{n}"), &["ann", "bob"])).collect();
    for session in &mut sessions {
        session["updatedAt"] = json!("2026-01-01T00:00:00Z");
    }
    let server = MochatServer { sessions, blocks_sockets: true, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(talkative()), server);
    world.after_secs(600);
    world.server.sessions[250]["updatedAt"] = json!("2026-01-01T00:10:00Z");
    world.queue("session_250", 1, "ann");
    world.after_secs(40);
    assert_eq!(world.texts(), ["session_2501"]);
}

#[test]
fn a_server_that_answers_at_once_with_nothing_is_not_asked_without_end() {
    let server = MochatServer {
        sessions: vec![session("session_dm", &["owner"])],
        blocks_sockets: true,
        ..MochatServer::default()
    };
    let mut world = World::new("mochat", &config(json!({ "panels": [] })), server);
    world.after_secs(10);
    let before = world.server.asked("sessions/watch").len();
    world.after_secs(600);
    let asked = world.server.asked("sessions/watch").len() - before;
    assert!((50..=65).contains(&asked), "{asked} times in ten minutes");
}

fn too_many(retry_after: Option<u32>) -> CallOutcome {
    CallOutcome::Answered { status: 429, retry_after, body: r#"{"code":429,"name":"RATE_LIMITED"}"#.to_owned() }
}

#[test]
fn a_rate_limit_is_waited_out_as_the_server_asks_or_longer_each_time() {
    for (retry_after, pauses) in [(Some(40), [40, 40, 40]), (None, [5, 10, 20])] {
        let mut world = world(json!({ "sessions": [], "panels": [PANEL] }));
        world.server.faults = vec![("panels/messages", too_many(retry_after)); 3];
        world.after_secs(300);
        let limited: Vec<Time> = world.server.calls.iter().map(|(at, ..)| *at).collect();
        assert!(world.server.faults.is_empty());
        // The first limited call is the first after the tenth second that reads a panel.
        let start =
            world.server.calls.iter().position(|(at, path, _)| at.0 > 1_767_225_610_000 && path.ends_with("messages"));
        let mut from = limited[start.unwrap()];
        for pause in pauses {
            let next = limited.iter().find(|at| **at > from).unwrap();
            assert!(next.0 - from.0 >= pause * 1_000, "{retry_after:?}: {} ms", next.0 - from.0);
            from = *next;
        }
    }
}

#[test]
fn a_server_that_is_down_altogether_is_not_hammered_and_is_found_again() {
    let server =
        MochatServer { is_down: true, sessions: vec![session("session_dm", &["owner"])], ..MochatServer::default() };
    let mut world = World::new("mochat", &config(json!({})), server);
    world.after_secs(3_600);
    assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Recovering);
    world.server.is_down = false;
    world.after_secs(65);
    assert!(world.is_ready());
    world.after_secs(60);
    assert!(world.server.open.is_some());
}

#[test]
fn http_that_fails_as_well_is_said_and_comes_back() {
    let mut world = world(talkative());
    world.server.is_down = true;
    world.after_secs(65);
    let status = world.status.clone().unwrap();
    assert_eq!(status.lifecycle, Lifecycle::Recovering);
    world.server.is_down = false;
    world.after_secs(65);
    assert!(world.is_ready());
    world.queue("session_dm", 1, "owner");
    world.after_secs(11);
    assert_eq!(world.texts(), ["session_dm1"]);
}

#[test]
fn a_token_that_http_does_not_accept_ends_the_polling_in_plain_words() {
    let mut world = world(json!({}));
    let refused = CallOutcome::Answered {
        status: 401,
        retry_after: None,
        body: r#"{"code":401,"message":"Token invalid"}"#.to_owned(),
    };
    world.server.faults = vec![("list", refused.clone()), ("get", refused.clone()), ("messages", refused)];
    world.after_secs(31);
    let status = world.status.clone().unwrap();
    assert_eq!(status.lifecycle, Lifecycle::Blocked);
    assert!(status.detail.contains("rejects the token"), "{}", status.detail);
    let calls = world.server.calls.len();
    world.after_secs(29);
    assert_eq!(world.server.calls.len(), calls, "the server is left alone");
    world.server.faults.clear();
    world.after_secs(600);
    assert!(world.is_ready(), "and asked again later");
}

#[test]
fn a_log_that_was_refused_once_is_asked_for_again() {
    let mut world = world(talkative());
    world.log("p1");
    let refused = CallOutcome::Answered { status: 403, retry_after: None, body: "{}".to_owned() };
    world.server.faults = vec![("panels/messages", refused); 6];
    world.after_secs(35);
    let asked = world.server.asked("panels/messages").len();
    world.after_secs(10);
    assert_eq!(world.server.asked("panels/messages").len(), asked);
    world.after_secs(900);
    assert!(world.server.faults.is_empty());
    assert_eq!(world.texts(), ["p1"]);
}

#[test]
fn many_questions_that_one_hiccup_rejects_count_once() {
    let sessions = (0..8).map(|n| session(&format!("session_{n}"), &["ann", "bob"])).collect();
    let server = MochatServer { sessions, blocks_sockets: true, is_patient: true, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(talkative()), server);
    world.after_secs(10);
    let rejected = CallOutcome::Answered { status: 401, retry_after: None, body: "{}".to_owned() };
    for _ in 0..4 {
        world.server.faults = vec![("sessions/watch", rejected.clone()); 8];
        world.hurry();
        assert!(world.server.faults.is_empty());
        assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Blocked);
        // A minute at most until the next attempt.
        world.after_secs(75);
        assert!(world.is_ready());
    }
}

#[test]
fn conversations_that_are_not_listed_are_not_polled() {
    let mut world = world(json!({ "sessions": ["session_dm"], "panels": [] }));
    world.hurry();
    world.after_secs(120);
    world.hurry();
    assert!(world.server.asked("messages").is_empty());
    assert!(world.server.asked("watch").iter().all(|body| body["sessionId"] == "session_dm"));
}

#[test]
fn of_a_polled_session_what_the_queue_has_lost_is_read_from_its_log() {
    let mut world = world(talkative());
    world.queue("session_dm", 1, "owner");
    for seq in 2..=300 {
        let id = format!("session_dm{seq}");
        world.server.logs.entry("session_dm".to_owned()).or_default().push(logged(&id, "owner", &id, LATER));
        if seq > 100 {
            world.server.replay.push(("session_dm".to_owned(), event(seq, &id, "owner", &id, LATER)));
        }
    }
    world.after_secs(2);
    world.hurry();
    world.after_secs(10);
    let all: Vec<String> = (1..=300).map(|seq| format!("session_dm{seq}")).collect();
    assert_eq!(world.texts(), all);
    assert_eq!(world.store.notes["cursor/session_dm"], "300");
}

#[test]
fn a_polled_server_that_counts_anew_and_has_passed_the_last_number_loses_nothing() {
    let mut world = world(talkative());
    world.server.is_patient = false;
    world.hurry();
    let log = |world: &mut World<MochatServer>, id: &str| {
        let log = world.server.logs.entry("session_dm".to_owned()).or_default();
        log.push(logged(id, "owner", id, LATER));
    };
    for seq in 1..3 {
        log(&mut world, &format!("m{seq}"));
        world.server.replay.push(("session_dm".to_owned(), event(seq, &format!("m{seq}"), "owner", "m", LATER)));
    }
    world.after_secs(30);
    world.server.is_down = true;
    world.server.replay.clear();
    for seq in 1..6 {
        log(&mut world, &format!("b{seq}"));
        let event = event(seq, &format!("b{seq}"), "owner", &format!("b{seq}"), LATER);
        world.server.replay.push(("session_dm".to_owned(), event));
    }
    world.after_secs(60);
    world.server.is_down = false;
    world.after_secs(120);
    assert_eq!(world.texts()[2..], ["b1", "b2", "b3", "b4", "b5"]);
    assert_eq!(world.store.notes["cursor/session_dm"], "5");
}

#[test]
fn a_server_without_a_queue_is_read_by_its_logs() {
    let mut world = world(talkative());
    world.server.is_patient = false;
    let missing = CallOutcome::Answered { status: 404, retry_after: None, body: "{}".to_owned() };
    world.server.faults = vec![("sessions/watch", missing); 100];
    world.hurry();
    world.server.logs.insert("session_dm".to_owned(), vec![logged("m1", "owner", "m1", LATER)]);
    world.after_secs(65);
    assert_eq!(world.texts(), ["m1"]);
}

#[test]
fn while_the_store_refuses_nothing_polled_is_lost_or_asked_without_end() {
    let mut world = world(talkative());
    world.server.is_patient = false;
    world.store.is_full = true;
    world.queue("session_dm", 1, "owner");
    world.log("p1");
    let calls = world.server.calls.len();
    world.after_secs(120);
    assert!(world.turns.is_empty());
    assert!(world.server.calls.len() - calls < 120, "{}", world.server.calls.len() - calls);
    world.store.is_full = false;
    world.after_secs(120);
    let mut texts = world.texts();
    texts.sort_unstable();
    assert_eq!(texts, ["p1", "session_dm1"]);
}

#[test]
fn what_the_server_does_not_let_the_socket_listen_to_is_polled_and_the_rest_is_not() {
    let sessions = vec![session("session_dm", &["owner"]), session("session_odd", &["ann", "bob"])];
    let refused = vec!["session_odd", PANEL];
    let server = MochatServer { sessions, refused, is_patient: true, ..MochatServer::default() };
    let mut world = World::new("mochat", &config(talkative()), server);
    assert!(world.is_ready());
    world.in_session("session_dm", "m1", "owner", "m1");
    world.queue("session_odd", 1, "ann");
    world.log("p1");
    world.after_secs(31);
    assert_eq!(world.texts(), ["m1", "session_odd1", "p1"]);
    assert!(world.server.asked("watch").iter().all(|body| body["sessionId"] == "session_odd"));
    world.server.refused.clear();
    world.after_secs(600);
    world.hurry();
    let calls = world.server.asked("watch").len();
    world.after_secs(120);
    world.hurry();
    assert_eq!(world.server.asked("watch").len(), calls, "the socket tells it now");
    assert!(world.server.subscribed.iter().any(|body| body["sessionIds"] == json!(["session_odd"])));
}

#[test]
fn an_agent_that_does_not_know_itself_does_not_poll() {
    let without_id = r#"{"clawToken":"claw_0123456789abcdef0123","baseUrl":"https://mochat.example"}"#;
    let server = MochatServer {
        sessions: vec![session("session_a", &["ann"])],
        blocks_sockets: true,
        ..MochatServer::default()
    };
    let mut world = World::new("mochat", without_id, server);
    world.after_secs(60);
    assert!(world.status.as_ref().unwrap().detail.contains("agentUserId"));
    assert!(world.server.asked("watch").is_empty());
}
