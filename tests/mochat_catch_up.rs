//! Mochat: what was said while the agent was away, and what was said before it came.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

mod support;

use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::reason::{Reason, Verdict};
use serde_json::{Value, json};
use support::World;
use support::mochat::{BOT, MochatServer, PANEL, config, event, logged, session};

/// The next minutes of every test.
fn at(seconds: u64) -> String {
    format!("2026-01-01T00:{:02}:{:02}.000Z", seconds / 60, seconds % 60)
}

fn world() -> World<MochatServer> {
    with_log(json!({ "replyDelayMode": "off", "maxMessagesPerMinute": 0 }), Vec::new())
}

/// An agent that finds this log in the first panel when it starts.
fn with_log(more: Value, log: Vec<Value>) -> World<MochatServer> {
    let sessions = vec![session("session_dm", &["owner"]), session("session_three", &["ann", "bob"])];
    let server = MochatServer { sessions, logs: [(PANEL.to_owned(), log)].into(), ..MochatServer::default() };
    World::new("mochat", &config(more), server)
}

impl World<MochatServer> {
    /// Somebody writes in the first panel; the server keeps it, and tells it if somebody listens.
    fn say(&mut self, id: &str, seconds: u64) {
        let said = logged(id, "ann", id, &at(seconds));
        self.server.logs.entry(PANEL.to_owned()).or_default().push(said);
        if self.server.open.is_some() {
            let mut event = event(seconds, id, "ann", id, &at(seconds));
            event["payload"]["groupId"] = json!("group1");
            self.event("claw.panel.events", &json!({ "sessionId": PANEL, "cursor": 1, "events": [event] }));
        }
    }

    fn away(&mut self) {
        self.server.is_down = true;
        self.cut("transport close");
    }

    fn back(&mut self) {
        self.server.is_down = false;
        self.after_secs(65);
        assert!(self.is_ready());
    }
}

/// `m0`, `m1`, …
fn ids(range: std::ops::Range<u64>) -> Vec<String> {
    range.map(|number| format!("m{number}")).collect()
}

#[test]
fn what_was_said_in_a_panel_while_the_agent_was_away_is_answered_once_in_order() {
    let mut world = world();
    world.say("m0", 10);
    world.away();
    for number in 1..4 {
        world.say(&format!("m{number}"), 10 + number);
    }
    world.back();
    world.say("m4", 100);
    assert_eq!(world.texts(), ids(0..5));
    world.cut("transport close");
    world.after_secs(5);
    world.crash();
    assert_eq!(world.texts(), ids(0..5));
}

#[test]
fn what_was_said_in_a_panel_while_the_process_was_down_is_answered_once_in_order() {
    let mut world = world();
    world.say("m0", 10);
    world.server.open = None;
    for number in 1..4 {
        world.say(&format!("m{number}"), 10 + number);
    }
    world.crash();
    assert_eq!(world.texts(), ids(0..4));
}

#[test]
fn a_log_of_many_pages_is_read_to_its_mark_and_answered_in_order() {
    for many in [99, 100, 101, 250, 1_000] {
        let mut world = world();
        world.say("m0", 1);
        world.away();
        for number in 1..=many {
            world.say(&format!("m{number}"), 2 + number / 5);
        }
        world.after_secs(many / 5);
        world.back();
        assert_eq!(world.texts(), ids(0..many + 1), "{many}");
        let asked = world.server.asked("groups/panels/messages");
        let pages = asked.iter().filter(|body| body["panelId"] == PANEL).count() as u64;
        assert!(pages <= 8 + 2 * many / 100, "{pages} pages");
    }
}

#[test]
fn of_a_panel_that_is_new_to_the_agent_the_last_words_are_context_and_never_questions() {
    let log: Vec<Value> =
        (0..150).map(|number| logged(&format!("m{number}"), "ann", &format!("m{number}"), &at(number))).collect();
    for (limit, told) in [(20, 130..150), (0, 0..0), (120, 30..150)] {
        let mut world = with_log(json!({ "historyLimit": limit }), log.clone());
        world.after_secs(600);
        assert!(world.turns.is_empty());
        world.in_this_panel(PANEL, "q", "bob", "and now?", &[BOT]);
        let history: Vec<_> = world.turns[0].history.iter().map(|line| line.text.clone()).collect();
        assert_eq!(history, ids(told));
        world.cut("transport close");
        world.after_secs(5);
        world.crash();
        world.after_secs(3_600);
        assert_eq!(world.turns.len(), 1, "nothing of it is ever a question");
        if limit == 20 {
            assert_eq!(world.outcome("m149"), (Verdict::Remember, Reason::SaidBefore));
            assert_eq!(world.store.seen.len(), 21, "no more than is wanted is stored");
        }
    }
}

#[test]
fn of_a_panel_that_was_made_while_the_agent_runs_not_even_the_first_message_is_lost() {
    let mut world = world();
    world.after_secs(5);
    let new = "6a000000000000000000a001";
    world.server.panels.push(json!({ "id": new, "type": 0 }));
    world.server.logs.insert(new.to_owned(), vec![logged("first", "ann", "hello, new panel", &at(6))]);
    world.event("notify:group.updateInfo", &json!({ "_id": "group1" }));
    world.after_secs(1);
    assert_eq!(world.texts(), ["hello, new panel"]);
}

/// The id of a panel that is made now.
fn made_now(world: &World<MochatServer>) -> String {
    format!("{:08x}000000000000a001", world.now.0 / 1_000)
}

#[test]
fn of_a_panel_that_was_made_while_the_process_was_down_nothing_is_lost_either() {
    let mut world = world();
    world.say("m0", 1);
    world.after_secs(3_600);
    let new = made_now(&world);
    world.server.panels.push(json!({ "id": new, "type": 0 }));
    world.server.logs.insert(new.clone(), vec![logged("first", "ann", "hello, new panel", &at(3_599))]);
    world.crash();
    world.after_secs(1);
    assert_eq!(world.texts(), ["m0", "hello, new panel"]);
}

#[test]
fn of_a_panel_without_a_word_the_first_one_is_not_lost_whenever_it_comes() {
    let mut world = world();
    world.after_secs(60);
    let new = made_now(&world);
    world.server.panels.push(json!({ "id": new, "type": 0 }));
    world.event("notify:group.updateInfo", &json!({ "_id": "group1" }));
    world.after_secs(3_000);
    world.say("m0", 3_000);
    world.server.logs.insert(new.clone(), vec![logged("first", "ann", "hello, new panel", &at(3_100))]);
    world.crash();
    world.after_secs(1);
    assert_eq!(world.texts(), ["m0", "hello, new panel"]);
}

#[test]
fn a_panel_that_was_made_before_the_agent_last_listened_is_context_when_it_is_seen_first() {
    let mut world = world();
    let new = made_now(&world);
    world.after_secs(3_500);
    world.say("m0", 3_500);
    world.server.panels.push(json!({ "id": new, "type": 0 }));
    world.server.logs.insert(new.clone(), vec![logged("old", "ann", "among others", &at(20))]);
    world.crash();
    world.after_secs(1);
    assert_eq!(world.texts(), ["m0"]);
}

#[test]
fn a_first_look_that_shows_nothing_by_mistake_makes_no_questions_of_what_is_old() {
    let old: Vec<Value> = (0..30).map(|n| logged(&format!("m{n}"), "ann", "old", "2025-06-01T00:00:00Z")).collect();
    for nothing in [json!({}), json!({ "messages": [], "nextCursor": null }), json!({ "messages": null })] {
        let answer = support::ok(json!({ "code": 200, "data": nothing }).to_string());
        let faults = vec![("panels/messages", answer); 2];
        let server = MochatServer { faults, logs: [(PANEL.to_owned(), old.clone())].into(), ..MochatServer::default() };
        let mut world = World::new("mochat", &config(json!({ "replyDelayMode": "off" })), server);
        world.after_secs(5);
        world.cut("transport close");
        world.after_secs(60);
        world.crash();
        world.after_secs(60);
        assert!(world.turns.is_empty(), "{nothing}: {}", world.turns.len());
    }
}

#[test]
fn an_old_panel_that_the_agent_comes_to_see_brings_context_and_no_questions() {
    let mut world = world();
    let old = "5a000000000000000000a001";
    world.server.panels.push(json!({ "id": old, "type": 0 }));
    world.server.logs.insert(old.to_owned(), vec![logged("old", "ann", "long ago", &at(1))]);
    world.after_secs(31);
    assert!(world.turns.is_empty());
    assert_eq!(world.store.seen.len(), 1);
}

#[test]
fn live_words_wait_for_older_ones_of_their_panel_but_never_for_long() {
    let mut world = world();
    world.say("m0", 10);
    world.away();
    world.say("m1", 11);
    world.server.faults = vec![("panels/messages", busy(500, None)); 8];
    world.server.is_down = false;
    world.after_secs(2);
    assert!(world.server.open.is_some());
    world.say("m2", 12);
    assert_eq!(world.texts(), ["m0"], "m1 comes first");
    world.after_secs(14);
    world.say("m3", 30);
    world.after_secs(2);
    assert_eq!(world.texts(), ["m0", "m2", "m3"], "a listening agent is worth more than order");
    world.after_secs(300);
    assert_eq!(world.texts(), ["m0", "m2", "m3", "m1"], "and nothing is lost");
}

#[test]
fn a_new_panel_where_much_is_said_is_looked_at_once() {
    let mut world = with_log(json!({ "replyDelayMode": "off" }), vec![logged("old", "ann", "old", &at(0))]);
    world.server.keeps_pages = true;
    world.crash_with(|store| (store.entries, store.seen, store.notes) = Default::default());
    let asked = world.server.asked("panels/messages").len();
    for number in 0..10 {
        world.say(&format!("m{number}"), 30 + number);
        world.hurry();
    }
    assert_eq!(world.texts(), ids(0..10));
    assert_eq!(world.server.asked("panels/messages").len(), asked + 2, "one for each panel");
}

fn busy(status: u16, retry_after: Option<u32>) -> CallOutcome {
    CallOutcome::Answered { status, retry_after, body: r#"{"code":500,"message":"not now"}"#.to_owned() }
}

#[test]
fn a_page_that_fails_or_is_not_readable_on_the_way_hides_nothing() {
    for answer in [busy(500, None), support::ok("{".to_owned())] {
        for nth in 0..9 {
            let mut world = world();
            world.say("m0", 1);
            world.away();
            (1..=350).for_each(|number| world.say(&format!("m{number}"), 2 + number / 10));
            world.after_secs(40);
            world.server.skips = nth;
            world.server.faults = vec![("panels/messages", answer.clone())];
            world.back();
            world.after_secs(60);
            assert!(world.server.faults.is_empty());
            assert_eq!(world.texts(), ids(0..351), "page {nth}: {answer:?}");
        }
    }
}

#[test]
fn a_crash_while_a_log_is_read_repeats_nothing_and_loses_nothing() {
    let mut world = world();
    world.say("m0", 1);
    world.away();
    (1..=350).for_each(|number| world.say(&format!("m{number}"), number));
    // Two pages back, the third, and then no more.
    world.server.faults = vec![("nothing", busy(500, None))];
    world.server.is_down = false;
    let mut crashed = false;
    for _ in 0..65 {
        world.after_secs(1);
        if !crashed && world.turns.len() > 1 {
            world.crash();
            crashed = true;
        }
    }
    assert_eq!(world.texts(), ids(0..351));
}

#[test]
fn what_the_store_refuses_of_a_log_is_read_again() {
    let mut world = world();
    world.say("m0", 1);
    world.away();
    (1..=150).for_each(|number| world.say(&format!("m{number}"), number));
    world.store.is_full = true;
    world.server.is_down = false;
    world.after_secs(120);
    assert_eq!(world.texts(), ["m0"]);
    world.store.is_full = false;
    world.after_secs(120);
    assert_eq!(world.texts(), ids(0..151));
}

#[test]
fn a_first_look_that_the_store_refuses_makes_no_context_of_what_was_said_live() {
    let mut world = with_log(json!({ "replyDelayMode": "off" }), vec![logged("old", "ann", "old", &at(0))]);
    world.slow_commits = Some(Vec::new());
    world.crash_with(|store| (store.entries, store.seen, store.notes) = Default::default());
    world.say("live", 30);
    world.settle_commits(&[false; 20]);
    world.slow_commits = None;
    assert!(world.turns.is_empty());
    world.after_secs(120);
    assert_eq!(world.texts(), ["live"]);
}

#[test]
fn a_panel_whose_log_is_refused_is_heard_live_all_the_same() {
    let mut world = world();
    world.away();
    world.server.faults = vec![("panels/messages", busy(403, None)); 2];
    world.back();
    let asked = world.server.asked("groups/panels/messages").len();
    world.say("m1", 100);
    world.say("m2", 101);
    assert_eq!(world.texts(), ["m1", "m2"]);
    assert_eq!(world.server.asked("groups/panels/messages").len(), asked, "not asked again for each message");
    assert!(world.log.iter().any(|line| line.contains("can't be read: HTTP 403")), "{:?}", world.log);
}

#[test]
fn what_was_taken_back_while_the_agent_was_away_is_not_answered_any_more() {
    let mut world = with_log(json!({}), Vec::new());
    world.say("m1", 10);
    world.away();
    world.say("m2", 11);
    for message in world.server.logs.get_mut(PANEL).unwrap() {
        message["hasRecall"] = json!(true);
    }
    world.back();
    world.after_secs(3_600);
    assert!(world.turns.is_empty(), "{:?}", world.texts());
    assert_eq!(world.outcome("m1"), (Verdict::Ignore, Reason::Recalled));
}

#[test]
fn a_server_that_gives_the_same_page_for_ever_is_not_asked_for_ever() {
    let mut world = world();
    world.say("m0", 1);
    world.away();
    let page = json!({ "messages": [logged("m2", "ann", "m2", &at(200)), logged("m1", "ann", "m1", &at(199))] });
    let answer = support::ok(json!({ "code": 200, "data": page }).to_string());
    world.server.faults = vec![("panels/messages", answer); 1_000];
    world.back();
    assert!(world.server.faults.len() > 990, "asked {} times", 1_000 - world.server.faults.len());
    assert_eq!(world.texts(), ["m0", "m1", "m2"]);
}

/// Events of a session: each is kept in the queue and in the log.
fn queue(world: &mut World<MochatServer>, numbers: std::ops::Range<u64>) {
    for seq in numbers {
        let id = format!("m{seq}");
        world.server.replay.push(("session_dm".to_owned(), event(seq, &id, "owner", &id, &at(seq))));
        let log = world.server.logs.entry("session_dm".to_owned()).or_default();
        log.push(logged(&id, "owner", &id, &at(seq)));
    }
}

/// The server keeps no more events than these.
fn trim(world: &mut World<MochatServer>, keep: usize) {
    let excess = world.server.replay.len().saturating_sub(keep);
    world.server.replay.drain(..excess);
}

#[test]
fn what_the_servers_queue_has_lost_of_a_session_is_read_from_its_log() {
    for many in [150, 201, 500] {
        let mut world = world();
        world.in_session("session_dm", "m1", "owner", "m1");
        world.away();
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
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", "m1");
    world.away();
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
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", "m1");
    world.away();
    queue(&mut world, 2..10);
    world.server.replay.clear();
    world.server.newest = Some(("session_dm", 9));
    world.back();
    assert_eq!(world.texts(), ids(1..10));
    assert_eq!(world.store.notes["cursor/session_dm"], "9");
}

#[test]
fn a_number_that_is_missing_while_the_log_is_read_has_it_read_once_more() {
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", "m1");
    world.away();
    queue(&mut world, 2..5);
    world.server.replay.clear();
    world.server.newest = Some(("session_dm", 4));
    world.server.keeps_pages = true;
    world.server.is_down = false;
    world.after_secs(5);
    let page = json!({ "messages": world.server.logs["session_dm"], "nextCursor": null });
    world.server.faults = vec![("sessions/messages", support::ok(json!({ "code": 200, "data": page }).to_string()))];
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
        let mut world = world();
        world.in_session("session_dm", "m1", "owner", "m1");
        world.away();
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
