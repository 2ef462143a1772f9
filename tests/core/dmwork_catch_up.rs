//! What was said while a DMWork bot was away, told as stories in virtual time.

use crate::support::absence::{mention, refused, talkative, world};
use crate::support::dmwork::{CONFIG, DmworkServer, dm, group};
use crate::support::{World, ok};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::reason::Verdict;
use mochat_dmwork::step::Lifecycle;
use mochat_dmwork::wire::wukong_packet::Flags;
use serde_json::json;

#[test]
fn the_very_first_start_answers_none_of_the_backlog_and_the_next_absence_is_made_up_for() {
    let mut server = DmworkServer { groups: vec!["g1"], ..DmworkServer::default() };
    server.queue = (1..=500).map(|id| dm(id, "ann", "old").number(id.unsigned_abs())).collect();
    server.log = vec![group(501, "bob", "old news").number(41)];
    let mut world = World::new("dmwork", &talkative(), server);
    assert!(world.turns.is_empty() && world.server.acked_events.is_empty());

    let missed: Vec<_> = (601..=603).map(|id| dm(id, "ann", &format!("new {id}")).number(0)).collect();
    world.away(&missed);
    world.away(&[group(604, "bob", "news").number(42)]);
    assert_eq!(world.texts(), ["new 601", "new 602", "new 603", "news"]);
    world.server.acked_events.sort_unstable();
    assert_eq!(world.server.acked_events, [501, 502, 503]);
}

#[test]
fn what_a_group_said_meanwhile_comes_back_in_order_with_its_mention() {
    let mut world = World::new("dmwork", CONFIG, DmworkServer { groups: vec!["g1"], ..DmworkServer::default() });
    world.away(&[group(1, "ann", "one").number(1), group(2, "bob", "two").number(2), mention(3, "three").number(3)]);
    assert_eq!(world.texts(), ["three"]);
    let history: Vec<_> = world.turns[0].history.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(history, ["one", "two"]);
}

#[test]
fn a_thread_that_called_the_bot_meanwhile_is_answered_in_the_thread() {
    let mut world = world();
    world.away(&[mention(1, "look").in_channel("g1____1234567890123456", 5).number(9)]);
    assert_eq!(world.turns[0].to, "thread:g1____1234567890123456");
}

#[test]
fn what_the_socket_delivers_meanwhile_waits_for_what_was_said_before() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1), dm(11, "bob", "hey").number(1)]);
    world.server.is_slow = true;
    world.away(&[group(2, "ann", "two").number(2), dm(12, "bob", "ho").number(2)]);
    world.keep_and_receive(&[group(3, "ann", "three").number(3), dm(13, "bob", "hum").number(3)]);
    let acks = world.server.acks.len();
    assert_eq!(world.turns.len(), 2, "nothing overtakes");
    for _ in 0..5 {
        world.hurry();
    }
    let of = |to: &str| -> Vec<&str> {
        world.turns.iter().filter(|turn| turn.to == to).map(|turn| turn.text.as_str()).collect()
    };
    assert_eq!(of("group:g1"), ["one", "two", "three"]);
    assert_eq!(of("user:bob"), ["hey", "ho", "hum"]);
    assert_eq!(world.server.acks.len(), acks + 2, "what came by the socket is acknowledged");
}

#[test]
fn a_server_without_an_answer_makes_nobody_wait_for_long() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.is_slow = true;
    world.away(&[group(2, "ann", "two").number(2)]);
    world.keep_and_receive(&[group(3, "ann", "three").number(3)]);
    world.after_secs(15);
    assert_eq!(world.texts(), ["one", "three"], "a listening bot is worth more than order");
    world.server.is_slow = false;
    world.crash();
    assert_eq!(world.texts(), ["one", "three", "two"]);
}

#[test]
fn what_comes_by_both_ways_is_answered_once() {
    let mut world = world();
    let said = [dm(1, "ann", "one").number(1), mention(2, "two").number(1)];
    world.keep_and_receive(&said);
    world.away(&[]);
    world.receive(&said);
    world.crash();
    assert_eq!(world.texts(), ["one", "two"]);
    assert_eq!(world.server.acked_events.len(), 2, "the queue is emptied all the same");
}

#[test]
fn a_long_absence_is_read_page_by_page() {
    let mut world = world();
    let talk = (1..=450).map(|id| group(id, "ann", &format!("g{id}")).number(id.unsigned_abs()));
    let direct = (1..=1_230).map(|id| dm(10_000 + id, "bob", &format!("d{id}")).number(id.unsigned_abs()));
    world.away(&talk.chain(direct).collect::<Vec<_>>());
    let texts = |from: &str| -> Vec<String> {
        world.turns.iter().filter(|turn| turn.sender.id == from).map(|turn| turn.text.clone()).collect()
    };
    assert_eq!(texts("ann"), (1..=450).map(|id| format!("g{id}")).collect::<Vec<_>>());
    assert_eq!(texts("bob"), (1..=1_230).map(|id| format!("d{id}")).collect::<Vec<_>>());
    assert_eq!(world.server.acked_events.len(), 1_230);
}

#[test]
fn a_flood_of_live_messages_does_not_wait_in_memory() {
    let mut world = world();
    world.server.is_slow = true;
    world.away(&[]);
    let flood: Vec<_> = (1..=1_200).map(|id| group(id, "ann", &format!("{id}")).number(id.unsigned_abs())).collect();
    world.keep_and_receive(&flood);
    assert_eq!(world.texts(), (1..=1_200).map(|id| id.to_string()).collect::<Vec<_>>());
    assert_eq!(world.server.acks.len(), 1_200);
}

#[test]
fn a_call_whose_connection_breaks_is_asked_again_at_once_and_costs_no_order() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    let broken = || CallOutcome::Failed { unsent: false, cause: "read ECONNRESET".to_owned() };
    world.server.past_answers = vec![broken(), broken(), broken()];
    world.away(&[group(2, "ann", "two").number(2)]);
    world.keep_and_receive(&[group(3, "ann", "three").number(3)]);
    assert_eq!(world.texts(), ["one", "two", "three"]);
}

#[test]
fn a_busy_server_is_left_alone_and_asked_again() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.past_answers = vec![refused(500, None), refused(429, Some(30)), refused(503, None)];
    world.away(&[group(2, "ann", "two").number(2), dm(3, "bob", "three").number(1)]);
    world.keep_and_receive(&[group(4, "ann", "four").number(3)]);
    assert_eq!(world.texts(), ["one", "four"]);
    world.after_secs(24);
    assert_eq!(world.turns.len(), 2, "Retry-After is heeded");
    world.after_secs(10);
    assert_eq!(world.texts(), ["one", "four", "three", "two"]);
    assert_eq!(world.server.connects, 2, "the connection lives on");
}

#[test]
fn a_first_start_that_the_server_interrupts_is_still_a_first_start() {
    let mut server = DmworkServer { groups: vec!["g1"], ..DmworkServer::default() };
    server.queue = (1..=150).map(|id| dm(id, "ann", "old").number(id.unsigned_abs())).collect();
    let page = json!({ "status": 1, "results": (1..=100).map(|id| json!({ "event_id": id })).collect::<Vec<_>>() });
    server.past_answers = vec![ok("[]".into()), ok(page.to_string()), refused(500, None)];
    let mut world = World::new("dmwork", &talkative(), server);
    world.after_secs(60);
    world.crash();
    assert!(world.turns.is_empty());
}

#[test]
fn a_gap_in_the_numbers_is_looked_up() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.keep(&[group(2, "ann", "two").number(2)]);
    world.keep_and_receive(&[group(3, "ann", "three").number(3)]);
    assert_eq!(world.texts(), ["one", "three"]);
    world.after_secs(11);
    assert_eq!(world.texts(), ["one", "three", "two"]);
    let reads = world.server.logs_read;
    world.after_secs(3_600);
    assert_eq!(world.server.logs_read, reads, "a gap that was filled is not looked up again");
}

#[test]
fn a_gap_that_nobody_can_fill_is_looked_up_once() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.receive(&[group(9, "ann", "nine").number(9), group(10, "ann", "ten").number(10)]);
    let reads = world.server.logs_read;
    world.after_secs(3_600);
    assert_eq!(world.server.logs_read, reads + 1);
    assert_eq!(world.texts(), ["one", "nine", "ten"]);
}

#[test]
fn commands_and_fleeting_messages_count_in_no_sequence() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.receive(&[
        group(2, "ann", "fleeting").number(0).flagged(Flags::NO_PERSIST),
        group(3, "ann", "once").number(700).flagged(Flags::SYNC_ONCE),
    ]);
    world.keep_and_receive(&[group(4, "ann", "two").number(2)]);
    let reads = world.server.logs_read;
    world.after_secs(60);
    assert_eq!(world.server.logs_read, reads, "no gap");
    assert_eq!(world.texts(), ["one", "fleeting", "once", "two"]);
    let echoed: Vec<_> = world.server.acks.iter().map(|ack| ack.flags).collect();
    assert_eq!(echoed, [Flags(0), Flags::NO_PERSIST, Flags::SYNC_ONCE, Flags(0)]);
}

#[test]
fn a_message_that_the_socket_never_delivers_is_found_within_minutes() {
    let mut world = world();
    world.keep(&[dm(1, "ann", "anybody there?").number(1)]);
    world.after_secs(301);
    assert_eq!(world.texts(), ["anybody there?"]);
    assert_eq!(world.server.acked_events, [1]);
}

#[test]
fn a_mention_out_of_the_queue_waits_for_the_talk_before_it() {
    let mut world = World::new("dmwork", CONFIG, DmworkServer { groups: vec!["g1"], ..DmworkServer::default() });
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    // The socket delivers neither, and nobody has noticed yet that it is dead.
    world.keep(&[group(2, "bob", "two").number(2), mention(3, "three").number(3)]);
    world.after_secs(5 * 60);
    assert_eq!(world.texts(), ["three"]);
    let history: Vec<_> = world.turns[0].history.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(history, ["one", "two"]);
}

#[test]
fn a_group_that_the_bot_has_left_is_passed_over() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.past_answers = vec![ok("[]".into()), ok(r#"{"status":1,"results":[]}"#.into()), refused(400, None)];
    world.away(&[dm(2, "bob", "hi").number(1)]);
    world.after_secs(3_600);
    assert_eq!(world.texts(), ["one", "hi"]);
    assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Ready);
    assert_eq!(world.log.iter().filter(|line| line.contains("g1 are refused")).count(), 1);
}

#[test]
fn a_group_that_is_neither_listed_nor_shown_is_asked_for_once_more_and_never_again() {
    let mut world = world();
    let thread = group(2, "ann", "two").in_channel("g1____7", 5).number(1);
    world.keep_and_receive(&[group(1, "ann", "one").number(1), thread, dm(3, "bob", "hi").number(1)]);
    let known = |world: &World<DmworkServer>| world.store.notes.keys().filter(|key| key.contains(":g1")).count();
    assert_eq!(known(&world), 2);
    // Neither is enough alone: a server in trouble lists too little, or shows too little.
    for is_listed in [false, true] {
        (world.server.groups, world.server.refuses_logs) = (if is_listed { vec!["g1"] } else { vec![] }, is_listed);
        world.away(&[]);
        world.after_secs(60);
        assert_eq!(known(&world), 2, "listed: {is_listed}");
    }
    world.server.groups.clear();
    world.away(&[]);
    world.after_secs(60);
    assert_eq!(known(&world), 0);
    for crashes in [false, true] {
        let asked = world.server.logs_read;
        if crashes {
            world.crash()
        } else {
            world.away(&[])
        }
        world.after_secs(3_600);
        assert_eq!(world.server.logs_read, asked);
    }
    // Invited again, it is a new place.
    (world.server.groups, world.server.refuses_logs) = (vec!["g1"], false);
    world.keep_and_receive(&[group(4, "ann", "again").number(9)]);
    assert_eq!(world.texts().last(), Some(&"again"));
}

#[test]
fn an_answer_that_is_too_long_is_asked_for_in_smaller_pages() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    let cut_off = || ok(r#"{"status":1,"results":[{"event_id"#.to_owned());
    world.server.past_answers =
        vec![ok("[]".into()), cut_off(), cut_off(), ok(r#"{"status":1,"results":[]}"#.into()), cut_off()];
    world.away(&[group(2, "ann", "two").number(2)]);
    assert_eq!(world.texts(), ["one", "two"]);
}

#[test]
fn a_server_without_a_queue_still_has_logs() {
    let mut server = DmworkServer { groups: vec!["g1"], ..DmworkServer::default() };
    server.past_answers = vec![ok(r#"[{"group_no":"g1"}]"#.into()), refused(404, None)];
    let mut world = World::new("dmwork", &talkative(), server);
    world.server.past_answers = vec![ok("[]".into()), refused(404, None)];
    world.away(&[group(1, "ann", "one").number(1)]);
    assert_eq!(world.texts(), ["one"]);
    assert_eq!(world.log.iter().filter(|line| line.contains("queue of events is refused")).count(), 1);
}

#[test]
fn a_crash_in_the_middle_loses_nothing_and_repeats_nothing() {
    for hurries in 0..6 {
        let mut world = world();
        world.keep_and_receive(&[group(1, "ann", "one").number(1), dm(11, "bob", "hey").number(1)]);
        world.server.is_slow = true;
        world.away(&[group(2, "ann", "two").number(2), dm(12, "bob", "ho").number(2)]);
        world.keep_and_receive(&[group(3, "ann", "three").number(3)]);
        for _ in 0..hurries {
            world.hurry();
        }
        world.server.is_slow = false;
        world.crash();
        let mut texts = world.texts();
        texts.sort_unstable();
        assert_eq!(texts, ["hey", "ho", "one", "three", "two"], "after {hurries} answers");
        assert_eq!(world.outcome("3").0, Verdict::Answer);
    }
}

#[test]
fn what_the_store_refuses_is_read_again() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.store.is_full = true;
    world.cut();
    world.keep(&[group(2, "ann", "two").number(2), dm(3, "bob", "three").number(1)]);
    world.after_secs(60);
    assert!(world.server.acked_events.is_empty());
    assert_eq!(world.turns.len(), 1);
    world.store.is_full = false;
    world.after_secs(90);
    assert_eq!(world.texts(), ["one", "three", "two"]);
    assert_eq!(world.server.acked_events, [1]);
}

#[test]
fn a_log_that_is_never_told_keeps_nobody_elses_back() {
    let broken = [
        ok(r#"{"msg":"internal error","status":400}"#.into()),
        ok(r#"{"status":0,"msg":"internal error"}"#.into()),
        ok(r#"{"error":{"message":"internal error","http_status":500},"status":500}"#.into()),
        ok("{}".into()),
        refused(500, None),
        refused(429, Some(1)),
    ];
    for answer in broken {
        let config = CONFIG.replace('}', r#","maxMessagesPerMinute":0,"requireMention":false}"#);
        let groups = ["g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8"];
        let mut world =
            World::new("dmwork", &config, DmworkServer { groups: groups.into(), ..DmworkServer::default() });
        let said = |id: i64, seq: u64| {
            let in_group = move |(more, group_no): (i64, &&'static str)| {
                group(id + more, "ann", group_no).in_channel(group_no, 2).number(seq)
            };
            (0..).zip(&groups).map(in_group).collect::<Vec<_>>()
        };
        world.keep_and_receive(&said(1, 1));
        world.server.broken_log = Some(("g1", answer.clone()));
        world.away(&said(101, 2));
        world.after_secs(60);
        let mut texts = world.texts()[groups.len()..].to_vec();
        texts.sort_unstable();
        assert_eq!(texts, groups[1..], "{answer:?}");
        let asked = world.server.logs_read;
        world.after_secs(3_600);
        assert!(world.server.logs_read - asked <= 12 * 10, "{}", world.server.logs_read - asked);
        world.server.broken_log = None;
        world.keep_and_receive(&[group(201, "ann", "again").in_channel("g1", 2).number(3)]);
        world.after_secs(600);
        assert!(world.texts().contains(&"again") && world.texts().iter().filter(|text| **text == "g1").count() == 2);
    }
}

#[test]
fn a_refusal_in_a_200_is_a_refusal_of_the_groups_and_of_the_queue() {
    let refusal = || ok(r#"{"msg":"not for this bot","status":403}"#.into());
    let mut world = world();
    world.keep_and_receive(&[dm(1, "ann", "one").number(1)]);
    world.server.past_answers = vec![refusal(), refusal()];
    world.away(&[dm(2, "ann", "two").number(2)]);
    assert_eq!(world.texts(), ["one", "two"], "without a queue the log of a direct conversation is read");
    for words in ["the list of groups is refused: HTTP 403", "the queue of events is refused: HTTP 403"] {
        assert!(world.log.iter().any(|line| line.contains(words)), "{words}");
    }
}
