//! What was said in a group or thread before a DMWork bot listened there, told as stories in virtual time.

use crate::support::World;
use crate::support::absence::{mention, refused, server, talkative};
use crate::support::dmwork::{CONFIG, DmworkServer, Said, dm, group};
use mochat_dmwork::reason::{Reason, Verdict};
use serde_json::json;

const THREAD: &str = "g1____1234567890123456";

/// Numbered in the channel, oldest first, a minute between two.
fn past(texts: &[&str]) -> Vec<Said> {
    let said = |(number, text): (u32, &&str)| {
        group(100 + i64::from(number), "ann", text).number(number.into()).ago(60 - number.min(50))
    };
    (1..).zip(texts).map(said).collect()
}

/// A first start in `g1`, where this was said before.
fn begin(config: &str, log: Vec<Said>) -> World<DmworkServer> {
    World::new("dmwork", config, DmworkServer { log, ..server() })
}

fn context(world: &World<DmworkServer>, turn: usize) -> Vec<&str> {
    world.turns[turn].history.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn the_first_question_in_a_group_comes_with_what_was_said_there_before() {
    let mut world = begin(CONFIG, past(&["one", "two", "three"]));
    assert!(world.turns.is_empty());
    world.keep_and_receive(&[mention(1, "and now?").number(4), mention(2, "more?").number(5)]);
    assert_eq!(world.texts(), ["and now?", "more?"]);
    assert_eq!(context(&world, 0), ["one", "two", "three"]);
    assert!(context(&world, 1).is_empty(), "told once");
    assert_eq!(world.outcome("101"), (Verdict::Remember, Reason::SaidBefore));
}

#[test]
fn a_question_of_the_past_is_context_and_no_question() {
    let mut world = begin(CONFIG, vec![mention(101, "anybody?").number(1).ago(30)]);
    world.after_secs(600);
    assert!(world.turns.is_empty());
    world.keep_and_receive(&[mention(1, "hello").number(2)]);
    assert_eq!(context(&world, 0), ["anybody?"]);
}

#[test]
fn the_past_of_a_group_that_needs_no_mention_is_context_as_well() {
    let mut world = begin(&talkative(), past(&["one", "two"]));
    assert!(world.turns.is_empty());
    world.keep_and_receive(&[group(1, "ann", "three").number(3)]);
    assert_eq!((world.texts(), context(&world, 0)), (vec!["three"], vec!["one", "two"]));
}

#[test]
fn no_more_of_the_past_is_asked_for_than_is_kept() {
    let config = CONFIG.replace('}', r#","historyLimit":2}"#);
    let mut world = begin(&config, past(&["one", "two", "three"]));
    world.keep_and_receive(&[mention(1, "and now?").number(4)]);
    assert_eq!(context(&world, 0), ["two", "three"]);
    assert!(!world.store.seen.iter().any(|id| id.0 == "101"));
}

#[test]
fn without_a_history_there_is_no_past() {
    let config = CONFIG.replace('}', r#","historyLimit":0}"#);
    let mut world = begin(&config, past(&["one", "two"]));
    world.keep_and_receive(&[mention(1, "and now?").number(3), mention(2, "here?").in_channel(THREAD, 5).number(7)]);
    assert!(context(&world, 0).is_empty() && context(&world, 1).is_empty());
    assert_eq!((world.server.logs_read, world.store.seen.len()), (1, 2));
}

#[test]
fn the_bots_own_words_and_the_platforms_are_not_in_it() {
    let mut log = past(&["one", "mine", "joined"]);
    log[1].from = "rev_bot";
    log[2].payload = json!({ "type": 1_005, "content": "joined" });
    let mut world = begin(CONFIG, log);
    world.keep_and_receive(&[mention(1, "and now?").number(4)]);
    assert_eq!(context(&world, 0), ["one"]);
}

#[test]
fn the_past_outlives_a_crash_and_is_told_once() {
    let mut world = begin(CONFIG, past(&["one", "two"]));
    world.crash();
    world.keep_and_receive(&[mention(1, "and now?").number(3)]);
    world.crash();
    world.keep_and_receive(&[mention(2, "more?").number(4)]);
    assert_eq!((context(&world, 0), context(&world, 1)), (vec!["one", "two"], vec![]));
}

#[test]
fn what_was_said_a_moment_before_the_first_start_is_news_if_the_socket_brings_it() {
    let mut world = begin(CONFIG, vec![mention(1, "hello").number(1)]);
    assert!(world.turns.is_empty());
    world.receive(&[mention(1, "hello").number(1)]);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn a_thread_that_calls_the_bot_for_the_first_time_tells_what_it_is_about() {
    let mut world = begin(CONFIG, past(&["of the group"]));
    let thread: Vec<_> = past(&["one", "two"]).into_iter().map(|said| said.in_channel(THREAD, 5)).collect();
    world.keep(&thread.into_iter().map(|said| Said { id: said.id + 100, ..said }).collect::<Vec<_>>());
    world.keep_and_receive(&[mention(1, "look").in_channel(THREAD, 5).number(3)]);
    assert_eq!((world.turns[0].to.as_str(), context(&world, 0)), ("thread:g1____1234567890123456", vec!["one", "two"]));
    let asked = world.server.logs_read;
    world.keep_and_receive(&[mention(2, "again").in_channel(THREAD, 5).number(4)]);
    assert_eq!((world.texts(), world.server.logs_read), (vec!["look", "again"], asked));
}

#[test]
fn a_group_that_the_bot_joined_while_it_was_away_begins_with_its_past() {
    let mut world = begin(CONFIG, Vec::new());
    world.server.groups.push("g2");
    let in_g2 = |said: Said| said.in_channel("g2", 2);
    world.away(&[
        in_g2(group(1, "ann", "one").number(1)),
        in_g2(mention(2, "look").number(2)),
        in_g2(group(3, "ann", "three").number(3)),
        in_g2(mention(4, "here").number(4)),
    ]);
    assert_eq!(world.texts(), ["look", "here"]);
    assert_eq!((context(&world, 0), context(&world, 1)), (vec!["one"], vec!["three"]));
}

#[test]
fn the_first_message_of_a_thread_waits_only_a_moment_for_its_past() {
    let mut world = begin(CONFIG, Vec::new());
    world.server.is_slow = true;
    let in_thread = |said: Said| said.in_channel(THREAD, 5);
    world.keep(&[in_thread(group(1, "ann", "one").number(1))]);
    world.keep_and_receive(&[in_thread(mention(2, "look").number(2))]);
    world.keep_and_receive(&[dm(3, "bob", "hi").number(0)]);
    assert_eq!(world.texts(), ["hi"], "nobody else waits");
    world.after_secs(3);
    world.keep_and_receive(&[in_thread(mention(4, "quick").number(3))]);
    assert_eq!(world.texts(), ["hi", "look", "quick"]);
    world.hurry();
    world.after_secs(600);
    assert_eq!(world.turns.len(), 3);
}

#[test]
fn the_first_message_of_a_thread_is_answered_without_its_past_if_nobody_tells() {
    for answer in [refused(400, None), refused(429, Some(30)), refused(500, None)] {
        let mut world = begin(CONFIG, Vec::new());
        world.server.past_answers.push(answer);
        world.keep_and_receive(&[mention(1, "look").in_channel(THREAD, 5).number(2)]);
        assert_eq!(world.texts(), ["look"]);
        world.keep_and_receive(&[mention(2, "again").in_channel(THREAD, 5).number(3)]);
        world.after_secs(600);
        assert_eq!(world.texts(), ["look", "again"]);
    }
}

#[test]
fn the_first_message_of_a_thread_survives_the_end_of_the_connection_and_a_store_that_refuses_it() {
    let mut world = begin(CONFIG, Vec::new());
    world.server.is_slow = true;
    world.keep_and_receive(&[mention(1, "look").in_channel(THREAD, 5).number(2)]);
    world.cut();
    world.server.is_slow = false;
    world.after_secs(600);
    assert_eq!(world.texts(), ["look"]);

    world.store.is_full = true;
    world.keep_and_receive(&[mention(2, "there?").in_channel("g1____1234567890123457", 5).number(2)]);
    world.store.is_full = false;
    world.after_secs(600);
    assert_eq!(world.texts(), ["look", "there?"]);
}

#[test]
fn new_threads_do_not_put_off_the_look_at_the_queue() {
    let mut world = begin(CONFIG, Vec::new());
    world.keep(&[dm(1, "bob", "lost on the way").number(0)]);
    for (id, thread) in (2..).zip(["g1____1", "g1____2", "g1____3"]) {
        world.after_secs(100);
        world.keep_and_receive(&[mention(id, "hi").in_channel(thread, 5).number(1)]);
    }
    world.after_secs(1);
    assert!(world.texts().contains(&"lost on the way"));
}

/// Dies in the middle of its first look, and people go on talking while it is gone.
fn die_young(said: &[Said]) -> World<DmworkServer> {
    let mut before = past(&["one", "two"]);
    before.push(mention(105, "anybody?").number(3).ago(20));
    let queue = vec![dm(201, "ann", "old").number(1).ago(30)];
    let mut world = World::new("dmwork", &talkative(), DmworkServer { log: before, queue, is_slow: true, ..server() });
    world.cut();
    world.server.is_down = true;
    world.after_secs(600);
    world.keep(said);
    world.after_secs(600);
    world.server.is_slow = false;
    world
}

#[test]
fn what_is_said_after_a_bot_died_in_its_first_look_is_no_backlog() {
    let said =
        [dm(301, "ann", "hello?").number(2), dm(302, "bob", "hi").number(1), group(303, "bob", "well?").number(4)];
    let check = |mut world: World<DmworkServer>| {
        world.after_secs(65);
        let mut texts = world.texts();
        texts.sort_unstable();
        assert_eq!(texts, ["hello?", "hi", "well?"]);
        let asked = world.turns.iter().position(|turn| turn.text == "well?").unwrap();
        assert_eq!(context(&world, asked), ["one", "two", "anybody?"]);
        world.keep_and_receive(&[dm(304, "ann", "and now?").number(3), group(305, "bob", "here?").number(5)]);
        assert_eq!(world.turns.len(), 5);
    };
    let mut crashed = die_young(&said);
    crashed.server.is_down = false;
    crashed.crash();
    check(crashed);
    // The same for a connection that breaks.
    let mut cut = die_young(&said);
    cut.server.is_down = false;
    check(cut);
}

#[test]
fn after_the_first_look_a_group_that_is_joined_begins_with_its_past_again() {
    let mut world = die_young(&[]);
    world.server.is_down = false;
    world.crash();
    world.after_secs(600);
    world.server.groups.push("g2");
    world.away(&[group(401, "ann", "among ourselves").in_channel("g2", 2).number(1).ago(5)]);
    world.crash();
    world.after_secs(65);
    assert!(world.turns.is_empty());
}
