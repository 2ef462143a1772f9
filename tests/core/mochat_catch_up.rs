//! Mochat: what was said in panels while the agent was away, and what was said before it came.

use crate::support::World;
use crate::support::logs::{at, before, busy, ids, with_log, world};
use crate::support::mochat::{BOT, MochatServer, PANEL, config, logged};
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::Input;
use serde_json::{Value, json};

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
fn what_comes_ahead_of_the_answer_to_a_subscription_hides_nothing_that_was_missed() {
    let mut world = world();
    world.say("m0", 10);
    // Half-open: nobody knows yet that nothing comes through any more.
    let epoch = world.server.open.take().unwrap();
    for number in 1..4 {
        world.say(&format!("m{number}"), 10 + number);
    }
    world.after_secs(40);
    world.server.holds = true;
    world.tell(Input::SocketClosed { epoch, reason: "ping timeout".into() });
    while world.server.held.is_empty() {
        world.after_secs(1);
    }
    // The server tells an agent's messages to each of its connections from the first moment.
    world.say("m4", 55);
    world.release();
    world.after_secs(20);
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

/// Stamps a message.
type Clock = fn(u64) -> String;

fn ahead(seconds: u64) -> String {
    at(600 + seconds)
}

#[test]
fn of_a_panel_that_is_new_to_the_agent_the_last_words_are_context_and_never_questions() {
    let said = |number, clock: Clock| {
        let id = format!("m{number}");
        logged(&id, "ann", &id, &clock(number))
    };
    // The last one is a server whose clock is ahead.
    let cases: [(_, _, Clock); 4] =
        [(20, 130..150, before), (0, 0..0, before), (120, 30..150, before), (20, 130..150, ahead)];
    for (limit, told, clock) in cases {
        let log: Vec<Value> = (0..150).map(|number| said(number, clock)).collect();
        let mut world = with_log(json!({ "historyLimit": limit }), log);
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
        let answer = crate::support::ok(json!({ "code": 200, "data": nothing }).to_string());
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
fn a_first_question_that_the_log_tells_before_its_event_is_no_context() {
    let mut world = with_log(json!({ "replyDelayMode": "off" }), vec![logged("old", "ann", "old", &before(0))]);
    world.server.keeps_pages = true;
    world.crash_with(|store| (store.entries, store.seen, store.notes) = Default::default());
    world.server.logs.get_mut(PANEL).unwrap().push(logged("m0", "ann", "m0", &at(1)));
    world.after_secs(2);
    world.hurry();
    assert_eq!(world.texts(), ids(0..1));
    world.server.logs.get_mut(PANEL).unwrap().pop();
    world.say("m0", 1);
    assert_eq!(world.texts(), ids(0..1), "asked once");
}

#[test]
fn a_new_panel_where_much_is_said_is_looked_at_once() {
    let mut world = with_log(json!({ "replyDelayMode": "off" }), vec![logged("old", "ann", "old", &before(0))]);
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

#[test]
fn a_page_that_fails_or_is_not_readable_on_the_way_hides_nothing() {
    for answer in [busy(500, None), crate::support::ok("{".to_owned())] {
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
    let mut world = with_log(json!({ "replyDelayMode": "off" }), vec![logged("old", "ann", "old", &before(0))]);
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
    let answer = crate::support::ok(json!({ "code": 200, "data": page }).to_string());
    world.server.faults = vec![("panels/messages", answer); 1_000];
    world.back();
    assert!(world.server.faults.len() > 990, "asked {} times", 1_000 - world.server.faults.len());
    assert_eq!(world.texts(), ["m0", "m1", "m2"]);
}
