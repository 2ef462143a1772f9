//! From a committed message to one outcome and the right turn, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, Said, dm, group};
use crate::support::mochat::{BOT, MochatServer, PANEL};
use mochat_dmwork::ids::{EntryId, RequestId};
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::{Access, Input, Ruling};
use mochat_dmwork::time::Millis;
use serde_json::json;

/// A bot whose host queues every turn until it is told otherwise, and which nobody can wear out.
fn holding() -> World<DmworkServer> {
    let mut world = World::dmwork(&CONFIG.replace('}', r#","maxMessagesPerMinute":0}"#));
    (world.adopts, world.queues) = (false, true);
    world
}

fn adopt(world: &mut World<DmworkServer>, turn: &str) {
    let turn = EntryId(turn.into());
    world.tell(Input::TurnAdopted { turn: turn.clone() });
    world.tell(Input::TurnEnded { turn, error: None });
}

fn dms(ids: std::ops::RangeInclusive<i64>, from: &'static str) -> Vec<Said> {
    ids.map(|id| dm(id, from, &format!("m{id}"))).collect()
}

#[test]
fn a_busy_place_hands_over_a_few_turns_and_the_rest_in_order() {
    let mut world = holding();
    world.receive(&dms(1..=30, "ann"));
    assert_eq!(world.turns.len(), 8);
    for id in 1..=30 {
        adopt(&mut world, &id.to_string());
    }
    let expected: Vec<String> = (1..=30).map(|id| format!("m{id}")).collect();
    assert_eq!(world.texts(), expected);
    assert!(world.store.entries.is_empty());
}

#[test]
fn the_host_says_what_it_does_with_a_turn_before_it_gets_the_next_of_that_place() {
    let mut world = holding();
    world.queues = false;
    world.receive(&dms(1..=2, "ann"));
    world.receive(&[dm(3, "ann", "/stop"), dm(4, "ann", "m4"), dm(5, "bob", "m5")]);
    assert_eq!(world.texts(), ["m1", "/stop", "m5"], "two at once would get in each other's way in their session");
    world.tell(Input::TurnAdopted { turn: EntryId("1".into()) });
    assert_eq!(world.texts()[3..], ["m2"]);
    world.tell(Input::TurnDeferred { turn: EntryId("2".into()) });
    assert_eq!(world.texts()[4..], ["m4"]);
}

#[test]
fn a_turn_of_which_the_host_never_says_a_word_holds_its_place_up_for_two_minutes() {
    let mut world = holding();
    world.queues = false;
    world.receive(&dms(1..=2, "ann"));
    world.after_secs(119);
    assert_eq!(world.texts(), ["m1"]);
    world.after_secs(1);
    assert_eq!(world.texts(), ["m1", "m2"]);
}

#[test]
fn a_stuck_place_delays_no_other() {
    let mut world = holding();
    world.receive(&dms(1..=100, "ann"));
    world.receive(&[dm(200, "bob", "hi")]);
    assert_eq!(world.texts().last(), Some(&"hi"));
}

#[test]
fn the_host_is_never_given_more_than_fifty_turns_at_once() {
    const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let mut world = holding();
    for (at, name) in (0_i64..).zip(NAMES) {
        world.receive(&dms(at * 100 + 1..=at * 100 + 10, name));
    }
    assert_eq!(world.turns.len(), 50);
    while !world.store.entries.is_empty() {
        let open = world.turns.iter().find(|turn| !world.store.outcomes.contains_key(&turn.turn)).unwrap();
        let id = open.turn.0.clone();
        adopt(&mut world, &id);
        let open = world.turns.iter().filter(|turn| !world.store.outcomes.contains_key(&turn.turn)).count();
        assert!(open <= 50);
    }
    assert_eq!(world.turns.len(), 100, "and each of them once");
}

#[test]
fn a_place_that_waits_for_room_goes_before_the_one_that_makes_room() {
    const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
    let mut world = holding();
    for (at, name) in (0_i64..).zip(NAMES) {
        world.receive(&dms(at * 100 + 1..=at * 100 + 20, name));
    }
    assert_eq!(world.turns.len(), 50);
    world.receive(&[dm(900, "late", "me too")]);
    for turn in ["1", "2"] {
        adopt(&mut world, turn);
    }
    assert_eq!(world.turns[50..].iter().map(|turn| turn.to.as_str()).collect::<Vec<_>>(), ["user:g", "user:late"]);
}

#[test]
fn a_turn_that_the_host_lets_go_keeps_its_place_in_the_order() {
    let mut world = holding();
    world.receive(&dms(1..=10, "ann"));
    world.tell(Input::TurnEnded { turn: EntryId("1".into()), error: Some("busy".into()) });
    adopt(&mut world, "2");
    assert_eq!(world.turns.len(), 8, "nothing new overtakes it");
    world.after_secs(2);
    assert_eq!(world.texts()[8..], ["m1", "m9"]);
}

#[test]
fn turns_that_the_host_lets_go_one_after_the_other_come_back_in_their_order() {
    let mut world = holding();
    world.receive(&dms(1..=3, "ann"));
    for turn in ["1", "2", "3"] {
        world.tell(Input::TurnEnded { turn: EntryId(turn.into()), error: Some("busy".into()) });
    }
    world.after_secs(2);
    assert_eq!(world.texts()[3..], ["m1", "m2", "m3"]);
}

#[test]
fn one_failure_does_not_shorten_the_pause_of_another_turn() {
    let mut world = holding();
    world.receive(&dms(1..=1, "ann"));
    let fail = |world: &mut World<DmworkServer>, turn: &str| {
        world.tell(Input::TurnEnded { turn: EntryId(turn.into()), error: Some("busy".into()) });
    };
    for pause in [1, 2, 4, 8] {
        fail(&mut world, "1");
        world.after_secs(pause);
    }
    assert_eq!(world.texts(), ["m1"; 5]);
    world.receive(&dms(2..=2, "ann"));
    fail(&mut world, "1");
    fail(&mut world, "2");
    world.after_secs(15);
    assert_eq!(world.turns.len(), 6, "the first is to be offered after sixteen seconds, and nothing before it");
    world.after_secs(1);
    assert_eq!(world.texts()[6..], ["m1", "m2"]);
}

#[test]
fn commands_pass_everything_that_waits() {
    let mut world = holding();
    world.receive(&dms(1..=20, "ann"));
    world.receive(&[dm(30, "ann", "/stop")]);
    assert_eq!(world.texts().last(), Some(&"/stop"));
}

#[test]
fn a_flood_in_front_of_a_stopped_host_survives_a_crash_in_order() {
    let mut world = holding();
    world.receive(&dms(1..=500, "ann"));
    world.crash();
    for id in 1..=500 {
        adopt(&mut world, &id.to_string());
    }
    assert_eq!(world.texts()[8..], (1..=500).map(|id| format!("m{id}")).collect::<Vec<_>>());
}

#[test]
fn what_waits_long_is_told_with_what_was_said_before_it() {
    let mut world = holding();
    for number in 1..=50 {
        let ask = format!("@Reviewer ask {number}");
        world.receive(&[group(number, "ann", &format!("talk {number}")), group(1_000 + number, "ann", &ask)]);
    }
    for number in 1..=50 {
        adopt(&mut world, &(1_000 + number).to_string());
    }
    let told = world.turns.iter().map(|turn| (turn.text.as_str(), turn.history[0].text.as_str()));
    let expected: Vec<_> = (1..=50).map(|number| (format!("ask {number}"), format!("talk {number}"))).collect();
    assert!(told.eq(expected.iter().map(|(ask, talk)| (ask.as_str(), talk.as_str()))));
    assert!(world.turns.iter().all(|turn| turn.history.len() == 1));
    assert!(world.store.entries.is_empty());
}

#[test]
fn while_the_store_cannot_be_read_what_waits_there_is_asked_for_again() {
    let mut world = holding();
    world.receive(&dms(1..=30, "ann"));
    world.store.is_broken = true;
    for id in 1..=16 {
        adopt(&mut world, &id.to_string());
    }
    assert_eq!(world.turns.len(), 16);
    world.after_secs(60);
    assert_eq!(world.turns.len(), 16);
    world.store.is_broken = false;
    world.after_secs(5);
    for id in 17..=30 {
        adopt(&mut world, &id.to_string());
    }
    assert_eq!(world.texts(), (1..=30).map(|id| format!("m{id}")).collect::<Vec<_>>());
    assert!(world.store.entries.is_empty());
}

#[test]
fn a_new_conversation_begins_without_what_was_said_before() {
    let mut world = World::dmwork(CONFIG);
    world.receive(&[group(1, "ann", "the build is red"), group(2, "ann", "@Reviewer /status")]);
    world.receive(&[group(3, "ann", "@Reviewer /new"), group(4, "ann", "@Reviewer hello")]);
    assert!(world.turns.iter().all(|turn| turn.history.is_empty()));
    assert_eq!(world.outcome("1"), (Verdict::Remember, Reason::Cleared));
    world.receive(&[
        group(5, "ann", "still red"),
        group(6, "ann", "@Reviewer /status"),
        group(7, "ann", "@Reviewer why?"),
    ]);
    assert_eq!(world.turns.last().unwrap().history.len(), 1, "other commands take no context away");
}

#[test]
fn the_history_can_be_told_in_the_operators_words() {
    let template = r#","historyPromptTemplate":"{count} before: {messages} -- {count}"}"#;
    let mut world = World::dmwork(&CONFIG.replace('}', template));
    world.receive(&[
        group(1, "ann", "costs $& {count} and ```"),
        group(2, "bob", "{messages}"),
        group(3, "ann", "@Reviewer so?"),
    ]);
    let turn = &world.turns[0];
    assert!(turn.history.is_empty());
    let time = r#""time":"2026-01-01 00:00 UTC""#;
    let told = format!(
        r#"2 before: [{{"body":"costs $& {{count}} and ```","sender":"ann",{time}}},{{"body":"{{messages}}","sender":"bob",{time}}}] -- 2"#
    );
    assert_eq!(turn.context, Some(told));
    world.receive(&[group(4, "ann", "@Reviewer and?")]);
    assert_eq!(world.turns[1].context, None);
}

#[test]
fn a_direct_message_names_its_space_and_a_uid_that_looks_like_one_stays_itself() {
    let mut world = World::dmwork(CONFIG);
    let mut said = dm(1, "sales_ann", "hi");
    said.payload["space_id"] = json!("A");
    world.receive(&[said, dm(2, "sales_ann", "hi")]);
    let seen: Vec<_> = world.turns.iter().map(|turn| (turn.to.as_str(), turn.space.as_deref())).collect();
    assert_eq!(seen, [("user:sales_ann", Some("A")), ("user:sales_ann", None)]);
}

#[test]
fn a_clock_that_is_set_back_keeps_nothing_waiting() {
    let mut world = panel();
    world.adopts = false;
    world.in_panel("m1", "ann", "good morning");
    world.in_session("session_dm", "m2", "owner", "hello");
    world.tell(Input::TurnEnded { turn: EntryId("m2".into()), error: Some("busy".into()) });
    world.set_clock_back(3_600);
    world.after_secs(1);
    assert_eq!(world.texts(), ["hello", "hello"]);
    let start = world.now;
    world.in_panel("m3", "ann", "anybody?");
    assert_eq!(world.judged.last().unwrap().2, Some(start.after(Millis::secs(120))), "told by the clock on the wall");
    world.after_secs(120);
    assert_eq!(world.turns.len(), 3);
}

#[test]
fn a_batch_keeps_its_deadline_through_a_crash_on_a_clock_that_was_set_back() {
    let mut world = panel();
    world.set_clock_back(3_600);
    world.in_panel("m1", "ann", "good morning");
    world.after_secs(60);
    world.crash();
    world.after_secs(60);
    assert_eq!(world.texts(), ["good morning"]);
}

#[test]
fn a_message_from_before_the_clock_was_set_back_waits_no_longer_after_a_crash() {
    let mut world = panel();
    world.in_panel("m1", "ann", "good morning");
    world.set_clock_back(3_600);
    world.crash();
    world.after_secs(120);
    assert_eq!(world.texts(), ["good morning"]);
}

fn panel() -> World<MochatServer> {
    World::mochat(json!({}))
}

#[test]
fn on_mochat_the_owner_is_the_owner_everywhere_whatever_others_call_themselves() {
    let mut world = panel();
    world.in_session("session_dm", "m1", "owner", "hi");
    world.in_this_panel(PANEL, "m2", "owner", "hey", &[BOT]);
    world.in_this_panel(PANEL, "m3", "Olga (owner)", "hey", &[BOT]);
    let owners: Vec<_> = world.turns.iter().map(|turn| turn.sender.is_owner).collect();
    assert_eq!(owners, [true, true, false]);
}

#[test]
fn a_message_that_is_taken_back_while_it_waits_is_not_told() {
    let mut world = panel();
    world.in_panel("m1", "ann", "the password is hunter2");
    world.in_panel("m2", "ann", "good morning");
    world.event("notify:chat.message.update", &json!({ "_id": "m1", "hasRecall": true }));
    world.after_secs(360);
    assert_eq!(world.texts(), ["good morning"]);
    assert_eq!(world.outcome("m1"), (Verdict::Ignore, Reason::Recalled));
}

#[test]
fn a_batch_whose_time_was_over_before_a_crash_waits_for_no_later_message() {
    let mut world = panel();
    (world.adopts, world.queues) = (false, true);
    world.in_panel("m1", "ann", "good morning");
    world.after_secs(120);
    world.in_panel("m2", "bob", "good evening");
    world.crash();
    assert_eq!(world.texts(), ["good morning", "good morning"]);
    world.after_secs(120);
    assert_eq!(world.texts()[2..], ["good evening"]);
}

/// A bot that is called in a group while the host closes a reply there: the question waits, its context with it.
fn question_that_waits() -> World<MochatServer> {
    let mut world = World::mochat(json!({ "mention": { "requireInGroups": true }, "historyLimit": 2 }));
    (world.adopts, world.queues) = (false, true);
    world.in_this_panel(PANEL, "m1", "ann", "hello", &[BOT]);
    world.tell(Input::TurnEnded { turn: EntryId("m1".into()), error: Some("busy".into()) });
    world.in_panel("m2", "bob", "the password is hunter2");
    world.in_panel("m3", "bob", "good morning");
    world.in_this_panel(PANEL, "m4", "ann", "so?", &[BOT]);
    world
}

fn take_back(world: &mut World<MochatServer>, id: &str) {
    world.event("notify:chat.message.delete", &json!({ "converseId": PANEL, "messageId": id }));
}

#[test]
fn what_is_taken_back_is_not_told_as_context_of_a_question_that_waits() {
    let mut world = question_that_waits();
    take_back(&mut world, "m2");
    assert_eq!(world.outcome("m2"), (Verdict::Ignore, Reason::Recalled));
    world.after_secs(1);
    let told: Vec<_> = world.turns.last().unwrap().history.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(told, ["good morning"]);
}

#[test]
fn nobody_waits_for_a_message_that_was_taken_back_before_it_was_offered_again() {
    let mut world = question_that_waits();
    take_back(&mut world, "m1");
    assert_eq!(world.texts(), ["hello", "so?"]);
}

#[test]
fn an_answer_to_what_is_taken_back_while_it_is_looked_for_is_not_sent() {
    let mut world = panel();
    world.adopts = false;
    world.in_this_panel(PANEL, "m1", "ann", "is it green?", &[BOT]);
    world.tell(Input::TurnAdopted { turn: EntryId("m1".into()) });
    world.finished = None;
    world.crash();
    world.after_secs(60);
    assert_eq!(world.searches, [format!("m1 in panel:{PANEL}")]);
    take_back(&mut world, "m1");
    let (to, text, of_turn) = (format!("panel:{PANEL}"), "it is".to_owned(), Some(EntryId("m1".into())));
    world.tell(Input::SendAsked { request: RequestId(1), to, text, media: Vec::new(), reply_to: None, of_turn });
    world.tell(Input::AnswerSought { turn: EntryId("m1".into()), found: true, error: None });
    assert!(matches!(&world.settled[..], [(RequestId(1), ids, Some(_))] if ids.is_empty()));
    assert!(world.server.sent.is_empty());
    world.in_this_panel(PANEL, "m2", "ann", "never mind", &[BOT]);
    assert_eq!(world.texts(), ["is it green?", "never mind"]);
}

#[test]
fn context_whose_question_was_taken_back_makes_the_history_no_longer_than_configured() {
    let mut world = question_that_waits();
    world.in_panel("m5", "bob", "anybody?");
    take_back(&mut world, "m4");
    assert_eq!(world.outcome("m2"), (Verdict::Remember, Reason::Forgotten));
    world.in_this_panel(PANEL, "m6", "ann", "and now?", &[BOT]);
    world.after_secs(1);
    let told: Vec<_> = world.turns.last().unwrap().history.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(told, ["good morning", "anybody?"]);
}

#[test]
fn a_batch_of_which_nothing_is_left_starts_no_turn() {
    let mut world = panel();
    world.in_panel("m1", "ann", "oops");
    world.event("notify:chat.message.delete", &json!({ "converseId": PANEL, "messageId": "m1" }));
    world.after_secs(1_000);
    assert!(world.turns.is_empty());
    assert!(world.store.entries.is_empty());
}

#[test]
fn a_message_that_is_taken_back_before_it_was_judged_holds_up_nothing() {
    let mut world = panel();
    world.access = |sender| Access::new(if sender == "ann" { Ruling::Unknown } else { Ruling::Allowed });
    world.in_panel("m1", "ann", "oops");
    world.in_panel("m2", "bob", "good morning");
    world.event("notify:chat.message.delete", &json!({ "converseId": PANEL, "messageId": "m1" }));
    world.after_secs(360);
    assert_eq!(world.texts(), ["good morning"]);
}

#[test]
fn reactions_and_edits_take_nothing_back() {
    let mut world = panel();
    world.in_panel("m1", "ann", "good morning");
    world.event("notify:chat.message.update", &json!({ "_id": "m1", "hasRecall": false }));
    world.event("notify:chat.message.addReaction", &json!({ "messageId": "m1" }));
    world.event("notify:chat.message.delete", &json!({ "converseId": PANEL, "messageId": "never seen" }));
    world.after_secs(360);
    assert_eq!(world.texts(), ["good morning"]);
}

#[test]
fn a_message_that_waits_long_can_be_taken_back_and_leaves_its_context_to_the_next_one() {
    let mut world = World::mochat(json!({ "replyDelayMode": "off", "mention": { "requireInGroups": true } }));
    (world.adopts, world.queues) = (false, true);
    for number in 1..=30 {
        world.in_panel(&format!("t{number}"), "ann", &format!("talk {number}"));
        let (id, ask) = (format!("m{number}"), format!("ask {number}"));
        world.in_this_panel(PANEL, &id, ["bob", "cleo", "dan", "eve"][number % 4], &ask, &[BOT]);
    }
    for gone in ["m5", "m25"] {
        world.event("notify:chat.message.delete", &json!({ "converseId": PANEL, "messageId": gone }));
    }
    assert_eq!(world.outcome("m25"), (Verdict::Ignore, Reason::Recalled));
    for number in 1..=30 {
        let turn = EntryId(format!("m{number}"));
        world.tell(Input::TurnAdopted { turn: turn.clone() });
        world.tell(Input::TurnEnded { turn, error: None });
    }
    assert!(!world.texts().contains(&"ask 25"));
    world.in_this_panel(PANEL, "last", "bob", "so?", &[BOT]);
    let history: Vec<_> = world.turns.last().unwrap().history.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(history, ["talk 25"]);
}

#[test]
fn what_stopped_the_core_before_is_given_up_and_those_behind_it_are_answered() {
    let mut world = holding();
    world.receive(&dms(3..=4, "ann"));
    world.turns.clear();
    world.suspects = vec![EntryId("1".into()), EntryId("3".into())];
    world.crash();
    world.receive(&dms(1..=2, "ann"));
    assert_eq!(world.texts(), ["m4", "m2"]);
    assert_eq!(world.outcome("1"), (Verdict::Fail, Reason::CoreFault));
    assert_eq!(world.outcome("3"), (Verdict::Fail, Reason::CoreFault));
}

#[test]
fn what_stopped_the_core_on_mochat_is_given_up_as_well() {
    let mut world = panel();
    world.suspects = vec![EntryId("m1".into())];
    world.crash();
    world.in_panel("m1", "u-ann", &format!("[at={BOT}]claw[/at] hi"));
    world.in_panel("m2", "u-ann", &format!("[at={BOT}]claw[/at] hello"));
    assert_eq!(world.outcome("m1"), (Verdict::Fail, Reason::CoreFault));
    assert_eq!(world.texts(), ["hello"]);
}
