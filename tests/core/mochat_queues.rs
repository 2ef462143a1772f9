//! Mochat: what was said in sessions while the agent was away: the numbers of their events, and their logs.

use crate::support::World;
use crate::support::logs::{at, busy, ids, world};
use crate::support::mochat::{MochatServer, PANEL, event, logged, session};
use serde_json::json;

/// Events of a session: each is kept in the queue and in the log.
fn queue(world: &mut World<MochatServer>, numbers: std::ops::Range<u64>) {
    for seq in numbers {
        let id = format!("m{seq}");
        world.server.replay.push(("session_dm".to_owned(), event(seq, &id, "owner", &id, &at(seq))));
        let log = world.server.logs.entry("session_dm".to_owned()).or_default();
        log.push(logged(&id, "owner", &id, &at(seq)));
    }
}

/// The agent has heard one message of a session, and is away.
fn away_after_one() -> World<MochatServer> {
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", "m1");
    world.away();
    world
}

/// The server keeps no more events than these.
fn trim(world: &mut World<MochatServer>, keep: usize) {
    let excess = world.server.replay.len().saturating_sub(keep);
    world.server.replay.drain(..excess);
}

#[test]
fn what_the_servers_queue_has_lost_of_a_session_is_read_from_its_log() {
    for many in [150, 201, 500] {
        let mut world = away_after_one();
        queue(&mut world, 2..many + 1);
        trim(&mut world, 200);
        world.back();
        assert_eq!(world.texts(), ids(1..many + 1), "{many}");
        assert_eq!(world.store.notes["cursor/session_dm"], many.to_string());
        world.cut("transport close");
        world.after_secs(5);
        assert_eq!(world.texts().len() as u64, many, "nothing twice");
    }
}

#[test]
fn a_session_that_began_while_the_process_was_down_is_answered_from_its_first_message() {
    let mut world = world();
    let mut began = session("session_new", &["zoe"]);
    began["createdAt"] = json!(at(100));
    world.server.sessions.push(began);
    for seq in 1..=250 {
        let id = format!("m{seq}");
        world.server.logs.entry("session_new".to_owned()).or_default().push(logged(&id, "zoe", &id, &at(100 + seq)));
        if seq > 50 {
            world.server.replay.push(("session_new".to_owned(), event(seq, &id, "zoe", &id, &at(100 + seq))));
        }
    }
    world.crash();
    world.after_secs(5);
    assert_eq!(world.texts(), ids(1..251));
}

#[test]
fn what_the_store_refuses_of_a_log_that_was_never_read_is_read_again() {
    let mut world = world();
    world.after_secs(400);
    let mut began = session("session_new", &["zoe"]);
    began["createdAt"] = json!(at(100));
    world.server.sessions.push(began);
    for seq in 1..=250 {
        let id = format!("m{seq}");
        world.server.logs.entry("session_new".to_owned()).or_default().push(logged(&id, "zoe", &id, &at(100 + seq)));
        if seq > 50 {
            world.server.replay.push(("session_new".to_owned(), event(seq, &id, "zoe", &id, &at(100 + seq))));
        }
    }
    world.server.faults = vec![("sessions/messages", busy(500, None))];
    world.crash();
    world.store.is_full = true;
    world.after_secs(60);
    world.store.is_full = false;
    world.after_secs(120);
    assert_eq!(world.texts(), ids(1..251));
}

#[test]
fn a_crash_before_the_log_of_a_session_is_read_keeps_its_cursor_before_the_gap() {
    let mut world = away_after_one();
    queue(&mut world, 2..301);
    trim(&mut world, 200);
    world.server.faults = vec![("sessions/messages", busy(503, None)); 3];
    world.server.is_down = false;
    world.after_secs(4);
    assert_eq!(world.store.notes["cursor/session_dm"], "1");
    world.crash();
    world.after_secs(60);
    assert_eq!(world.texts().len(), 300);
    assert_eq!(world.store.notes["cursor/session_dm"], "300");
}

#[test]
fn a_server_that_counts_anew_loses_nothing_and_repeats_nothing() {
    let mut world = world();
    queue(&mut world, 1..10);
    world.after_secs(20);
    world.cut("transport close");
    world.after_secs(5);
    assert_eq!((world.texts().len(), world.store.notes["cursor/session_dm"].as_str()), (9, "9"));
    world.away();
    // The log has all; of the queue only what came after the server's restart is left.
    let log = ["m9", "b1", "b2"].iter().enumerate();
    let log = log.map(|(number, id)| logged(id, "owner", id, &at(20 + number as u64)));
    world.server.logs.insert("session_dm".to_owned(), log.collect());
    world.server.newest = Some(("session_dm", 2));
    world.server.replay = vec![("session_dm".to_owned(), event(2, "b2", "owner", "b2", &at(22)))];
    world.back();
    assert_eq!(world.store.notes["cursor/session_dm"], "2");
    let event = event(3, "b3", "owner", "b3", &at(23));
    world.event("claw.session.events", &json!({ "sessionId": "session_dm", "cursor": 3, "events": [event] }));
    assert_eq!(world.texts()[8..], ["m9", "b1", "b2", "b3"]);
}

#[test]
fn events_that_the_queue_counts_and_does_not_give_are_read_from_the_log() {
    let mut world = away_after_one();
    queue(&mut world, 2..10);
    world.server.replay.clear();
    world.server.newest = Some(("session_dm", 9));
    world.back();
    assert_eq!(world.texts(), ids(1..10));
    assert_eq!(world.store.notes["cursor/session_dm"], "9");
}

#[test]
fn a_number_that_is_missing_while_the_log_is_read_has_it_read_once_more() {
    let mut world = away_after_one();
    queue(&mut world, 2..5);
    world.server.replay.clear();
    world.server.newest = Some(("session_dm", 4));
    world.server.keeps_pages = true;
    world.server.is_down = false;
    world.after_secs(5);
    let page = json!({ "messages": world.server.logs["session_dm"], "nextCursor": null });
    world.server.faults =
        vec![("sessions/messages", crate::support::ok(json!({ "code": 200, "data": page }).to_string()))];
    queue(&mut world, 5..7);
    let live = event(6, "m6", "owner", "m6", &at(6));
    world.event("claw.session.events", &json!({ "sessionId": "session_dm", "cursor": 6, "events": [live] }));
    for _ in 0..4 {
        world.hurry();
    }
    assert_eq!(world.texts(), ids(1..7));
    assert_eq!(world.store.notes["cursor/session_dm"], "6");
}

#[test]
fn more_events_than_an_answer_holds_are_asked_for_from_the_last_one_that_came() {
    for is_log_refused in [false, true] {
        let mut world = away_after_one();
        queue(&mut world, 2..251);
        world.server.newest = Some(("session_dm", 250));
        if is_log_refused {
            world.server.faults = vec![("sessions/messages", busy(403, None)); 9];
        }
        world.back();
        assert_eq!(world.texts(), ids(1..251));
        assert_eq!(world.store.notes["cursor/session_dm"], "250");
    }
}

#[test]
fn a_live_event_that_counts_more_than_it_brings_has_the_rest_asked_for() {
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", "m1");
    queue(&mut world, 2..4);
    let live = event(2, "m2", "owner", "m2", &at(2));
    world.event("claw.session.events", &json!({ "sessionId": "session_dm", "cursor": 3, "events": [live] }));
    world.after_secs(6);
    assert_eq!(world.texts(), ids(1..4));
    assert_eq!(world.store.notes["cursor/session_dm"], "3");
}

#[test]
fn a_server_that_counts_without_numbering_its_events_loses_nothing() {
    let mut world = world();
    let said = |id: &str, seconds| {
        let mut event = event(0, id, "owner", id, &at(seconds));
        event.as_object_mut().unwrap().remove("seq");
        event
    };
    let tell = |world: &mut World<MochatServer>, cursor: u64, id: &str| {
        let body = json!({ "sessionId": "session_dm", "cursor": cursor, "events": [said(id, cursor)] });
        world.event("claw.session.events", &body);
    };
    tell(&mut world, 1, "m1");
    tell(&mut world, 2, "m2");
    let log = (1..5).map(|number| logged(&format!("m{number}"), "owner", &format!("m{number}"), &at(number)));
    world.server.logs.insert("session_dm".to_owned(), log.collect());
    tell(&mut world, 4, "m4");
    world.after_secs(6);
    assert_eq!(world.texts(), ["m1", "m2", "m4", "m3"]);
    assert_eq!(world.store.notes["cursor/session_dm"], "4");
}

/// A session in which two messages were read, and five that came to a server that had forgotten its queue.
fn counting_anew(world: &mut World<MochatServer>) {
    queue(world, 1..3);
    world.after_secs(20);
    world.cut("transport close");
    world.after_secs(5);
    assert_eq!(world.store.notes["cursor/session_dm"], "2");
    world.away();
    world.server.replay.clear();
    for number in 1..6 {
        let id = format!("b{number}");
        let log = world.server.logs.get_mut("session_dm").unwrap();
        log.push(logged(&id, "owner", &id, &at(20 + number)));
        world.server.replay.push(("session_dm".to_owned(), event(number, &id, "owner", &id, &at(20 + number))));
    }
}

#[test]
fn a_server_that_counts_anew_and_has_passed_the_last_number_loses_nothing() {
    for is_process_down in [false, true] {
        let mut world = world();
        counting_anew(&mut world);
        if is_process_down {
            world.crash();
        }
        world.back();
        assert_eq!(world.texts(), ["m1", "m2", "b1", "b2", "b3", "b4", "b5"]);
        assert_eq!(world.store.notes["cursor/session_dm"], "5");
    }
}

#[test]
fn a_server_that_counts_anew_up_to_the_last_number_loses_nothing_if_it_tells_that_something_happened() {
    let mut world = world();
    world.server.sessions[0]["updatedAt"] = json!(at(2));
    counting_anew(&mut world);
    world.server.replay.truncate(2);
    world.server.logs.get_mut("session_dm").unwrap().truncate(4);
    world.server.sessions[0]["updatedAt"] = json!(at(22));
    world.back();
    assert_eq!(world.texts(), ["m1", "m2", "b1", "b2"]);
}

#[test]
fn a_gap_in_the_numbers_of_a_session_is_asked_for_from_the_last_one_before_it() {
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", "m1");
    queue(&mut world, 2..4);
    let live = event(3, "m3", "owner", "m3", &at(3));
    world.event("claw.session.events", &json!({ "sessionId": "session_dm", "cursor": 3, "events": [live] }));
    assert_eq!(world.store.notes["cursor/session_dm"], "1");
    world.after_secs(6);
    assert_eq!(world.texts(), ["m1", "m3", "m2"]);
    assert_eq!(world.store.notes["cursor/session_dm"], "3");
}

#[test]
fn a_gap_that_the_queue_does_not_fill_is_filled_from_the_log_and_asked_for_once() {
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", "m1");
    let log = (2..5).map(|seq| logged(&format!("m{seq}"), "owner", &format!("m{seq}"), &at(seq)));
    world.server.logs.insert("session_dm".to_owned(), log.collect());
    let live = event(4, "m4", "owner", "m4", &at(4));
    world.event("claw.session.events", &json!({ "sessionId": "session_dm", "cursor": 4, "events": [live] }));
    world.after_secs(6);
    assert_eq!(world.texts(), ["m1", "m4", "m2", "m3"]);
    assert_eq!(world.store.notes["cursor/session_dm"], "4");
    let emits = world.server.subscribed.len();
    world.after_secs(20);
    assert_eq!(world.server.subscribed.len(), emits);
}

#[test]
fn a_cursor_that_is_not_readable_costs_its_own_session_only() {
    let mut world = world();
    queue(&mut world, 1..6);
    world.in_session("session_three", "t1", "ann", "t1");
    world.cut("transport close");
    world.after_secs(5);
    let before = world.texts().len();
    world.crash_with(|store| {
        store.notes.insert("cursor/session_dm".into(), "\u{0}\u{0}".into());
        store.notes.insert(format!("read/{PANEL}"), "torn".into());
    });
    world.after_secs(5);
    let said: Vec<_> = world.log.iter().filter(|line| line.contains("session_dm") && line.contains(PANEL)).collect();
    assert_eq!(said.len(), 1, "{:?}", world.log);
    assert_eq!(world.texts().len(), before, "known messages are known by their ids");
    assert_eq!(world.store.notes["cursor/session_dm"], "5");
    let resubscribed = world.server.subscribed.iter().rev().find(|body| body.get("cursors").is_some()).unwrap();
    assert_eq!(resubscribed["cursors"], json!({ "session_three": 1 }));
}

#[test]
fn an_old_session_that_the_agent_is_invited_to_brings_context_and_no_questions() {
    let mut world = world();
    world.after_secs(3_600);
    let mut old = session("session_old", &["ann", "bob"]);
    old["createdAt"] = json!("2026-01-01T00:01:00Z");
    world.server.sessions.push(old);
    for seq in 1..4 {
        let event = event(seq, &format!("m{seq}"), "ann", "long talk", &at(60 * seq));
        world.server.replay.push(("session_old".to_owned(), event));
    }
    world.after_secs(31);
    assert!(world.turns.is_empty(), "{:?}", world.texts());
    assert_eq!(world.outcome_is_open("m3"), Some(true));
}

impl World<MochatServer> {
    /// Whether a stored message is context.
    fn outcome_is_open(&self, id: &str) -> Option<bool> {
        self.store.entries.iter().find(|entry| entry.id.0 == id).map(|entry| entry.kept)
    }
}
