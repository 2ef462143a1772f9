//! What may interrupt a DMWork bot that catches up, told as stories in virtual time.

use crate::support::absence::{refused, server, talkative, world};
use crate::support::dmwork::{DmworkServer, dm, group};
use crate::support::{World, ok};
use mochat_dmwork::call::Errand;
use mochat_dmwork::message::Place;
use mochat_dmwork::step::{Input, Lifecycle};
use mochat_dmwork::time::Time;
use serde_json::json;

#[test]
fn a_queue_that_is_refused_at_the_first_start_does_not_turn_the_backlog_into_news() {
    let mut server = server();
    server.queue = (1..=500).map(|id| dm(id, "ann", "old").number(id.unsigned_abs())).collect();
    server.past_answers = vec![ok("[]".into()), refused(400, None)];
    let mut world = World::new("dmwork", &talkative(), server);
    world.after_secs(3_600);
    assert_eq!(world.turns.len(), 0);
}

fn nested(depth: usize) -> serde_json::Value {
    (0..depth).fold(json!(0), |inner, _| json!([inner]))
}

#[test]
fn an_event_that_cannot_be_read_does_not_block_the_queue() {
    let mut world = world();
    let mut poison = dm(1, "eve", "x").number(1);
    poison.payload["deep"] = nested(126);
    world.away(&[poison, dm(2, "ann", "hello?").number(1)]);
    world.after_secs(3_600);
    world.crash();
    world.after_secs(3_600);
    assert_eq!(world.texts(), ["hello?"]);
}

#[test]
fn a_logged_message_that_cannot_be_read_does_not_block_its_place() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    // What is longer than any body that is read: whatever page holds number 2 is cut off.
    world.server.unreadable = Some(2);
    world.away(&[group(2, "eve", "endless").number(2), group(3, "ann", "three").number(3)]);
    world.after_secs(600);
    world.crash();
    world.after_secs(600);
    assert_eq!(world.texts(), ["one", "three"]);
}

#[test]
fn the_first_message_of_a_new_group_survives_a_store_that_refuses_it() {
    let mut world = world();
    world.server.groups.push("g2");
    world.store.is_full = true;
    world.keep_and_receive(&[group(1, "ann", "welcome").in_channel("g2", 2).number(7)]);
    world.store.is_full = false;
    world.after_secs(600);
    assert_eq!(world.texts(), ["welcome"]);
}

#[test]
fn the_first_message_of_a_new_thread_survives_a_store_that_refuses_it() {
    let mut world = world();
    world.store.is_full = true;
    world.keep_and_receive(&[group(1, "ann", "welcome").in_channel("g1____1234567890123456", 5).number(1)]);
    world.store.is_full = false;
    world.after_secs(600);
    assert_eq!(world.texts(), ["welcome"]);
}

#[test]
fn what_was_held_in_a_new_group_survives_the_end_of_the_connection() {
    let mut world = world();
    world.server.is_slow = true;
    world.cut();
    world.after_secs(5);
    world.server.groups.push("g2");
    world.keep_and_receive(&[group(1, "ann", "welcome").in_channel("g2", 2).number(7)]);
    world.server.is_slow = false;
    world.cut();
    world.after_secs(600);
    assert_eq!(world.texts(), ["welcome"]);
}

#[test]
fn a_group_message_on_the_first_start_survives_the_end_of_the_connection() {
    let mut world = World::new("dmwork", &talkative(), DmworkServer { is_slow: true, ..server() });
    world.keep_and_receive(&[group(1, "ann", "welcome").number(7)]);
    world.server.is_slow = false;
    world.cut();
    world.after_secs(600);
    assert_eq!(world.texts(), ["welcome"]);
}

#[test]
fn a_direct_message_on_the_first_start_survives_the_end_of_the_connection() {
    let mut world = World::new("dmwork", &talkative(), DmworkServer { is_slow: true, ..server() });
    world.keep_and_receive(&[dm(1, "ann", "hello").number(1)]);
    world.server.is_slow = false;
    world.cut();
    world.after_secs(600);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn a_gap_that_met_a_busy_server_is_looked_up_later() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.keep(&[group(2, "ann", "two").number(2)]);
    world.keep_and_receive(&[group(3, "ann", "three").number(3)]);
    world.server.past_answers = vec![ok(r#"{"status":1,"results":[]}"#.into()), refused(429, Some(1))];
    world.after_secs(3_600);
    assert_eq!(world.texts(), ["one", "three", "two"]);
}

#[test]
fn a_log_that_is_refused_is_not_asked_for_with_every_message() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.refuses_logs = true;
    let before = world.server.logs_read;
    for seq in 9..69_u32 {
        world.receive(&[group(i64::from(seq), "ann", "hi").number(seq.into())]);
        world.after_secs(20);
    }
    let asked = world.server.logs_read - before;
    assert!(asked <= 6, "{asked} questions in 20 minutes");
}

#[test]
fn a_message_without_a_shape_does_not_hide_those_behind_its_page() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.shapeless = Some(50);
    let talk: Vec<_> = (2..=450).map(|id| group(id, "ann", &format!("{id}")).number(id.unsigned_abs())).collect();
    world.keep(&talk);
    world.keep_and_receive(&[group(451, "ann", "451").number(451)]);
    world.after_secs(3_600);
    world.crash();
    world.after_secs(60);
    assert_eq!(world.texts().len(), 450);
}

#[test]
fn a_server_with_shorter_pages_loses_nothing() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.longest_page = Some(100);
    let talk: Vec<_> = (2..=450).map(|id| group(id, "ann", &format!("{id}")).number(id.unsigned_abs())).collect();
    world.away(&talk);
    world.keep_and_receive(&[group(451, "ann", "451").number(451)]);
    world.after_secs(3_600);
    assert_eq!(world.texts().len(), 451);
}

#[test]
fn a_server_with_shorter_pages_has_a_first_start_too() {
    let mut server = server();
    server.longest_page = Some(20);
    server.queue = (1..=500).map(|id| dm(id, "ann", "old").number(id.unsigned_abs())).collect();
    let mut world = World::new("dmwork", &talkative(), server);
    world.after_secs(3_600);
    assert_eq!(world.turns.len(), 0);
}

#[test]
fn an_answer_for_an_older_run_ends_no_job_of_the_present_one() {
    let mut server = server();
    server.groups.push("g2");
    let mut world = World::new("dmwork", &talkative(), server);
    world.keep_and_receive(&[group(1, "ann", "one").number(1), group(2, "ann", "uno").in_channel("g2", 2).number(1)]);
    world.server.slow_place = Some("g1");
    let epoch_of = |world: &World<DmworkServer>| world.epoch();
    world.cut();
    world.server.past_answers = vec![ok("[]".into()), ok(r#"{"status":1,"results":[]}"#.into()), refused(429, None)];
    world.after_secs(4);
    let epoch = epoch_of(&world);
    // The server has looked into g1, and its answer, that there is nothing new, is on its way.
    world.keep(&[group(3, "ann", "two").number(2)]);
    world.keep_and_receive(&[group(4, "ann", "three").number(3)]);
    world.after_secs(6);
    world.tell(Input::CallSettled {
        errand: Errand::Messages(epoch, Place::parse("group:g1").unwrap()),
        outcome: ok(r#"{"messages":[]}"#.into()),
    });
    world.server.slow_place = None;
    world.hurry();
    world.after_secs(3_600);
    world.crash();
    world.after_secs(60);
    assert_eq!(world.texts(), ["one", "uno", "three", "two"]);
}

#[test]
fn a_busy_server_is_left_alone_also_when_the_queue_is_long() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    let direct: Vec<_> =
        (1..=5_000).map(|id| dm(10_000 + id, "bob", &format!("d{id}")).number(id.unsigned_abs())).collect();
    world.cut();
    world.keep(&direct);
    world.server.busy_logs = true;
    let before = world.server.logs_read;
    world.after_secs(3);
    assert!(world.server.logs_read - before <= 1, "{}", world.server.logs_read - before);
}

#[test]
fn a_clock_that_is_set_back_does_not_put_off_what_was_missed() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.past_answers = vec![refused(500, None)];
    world.server.past_answers.push(refused(500, None));
    world.server.past_answers.push(refused(500, None));
    world.away(&[group(2, "ann", "two").number(2)]);
    world.now = Time(world.now.0 - 24 * 3_600_000);
    world.tell(Input::Woke {});
    world.after_secs(3_600);
    assert_eq!(world.texts(), ["one", "two"]);
}

#[test]
fn a_clock_that_is_set_back_does_not_hold_live_messages_for_hours() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.is_slow = true;
    world.away(&[]);
    world.keep_and_receive(&[group(2, "ann", "two").number(2)]);
    world.now = Time(world.now.0 - 24 * 3_600_000);
    world.tell(Input::Woke {});
    world.after_secs(60);
    assert_eq!(world.texts(), ["one", "two"]);
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_heartbeat() {
    let mut world = world();
    let beats = world.server.heartbeats;
    world.now = Time(world.now.0 - 24 * 3_600_000);
    world.tell(Input::Woke {});
    world.after_secs(3_600);
    assert!(world.server.heartbeats > beats);
}

#[test]
fn a_dead_token_is_named_after_the_clock_was_set_back() {
    let mut world = world();
    world.now = Time(world.now.0 - 365 * 24 * 3_600_000);
    world.tell(Input::Woke {});
    world.server.is_silent = true;
    world.server.closes_silently = true;
    world.cut();
    world.after_secs(3_600);
    assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Blocked, "{:?}", world.status);
}

#[test]
fn quick_ends_of_last_week_are_forgotten() {
    let mut world = world();
    for _ in 0..2 {
        world.cut();
        while world.server.open.is_none() {
            world.after_secs(1);
        }
    }
    for _ in 0..7 {
        world.after_secs(24 * 3_600);
        world.server.is_mute = true;
        world.after_secs(60);
        world.server.is_mute = false;
        world.after_secs(120);
        assert!(world.is_ready());
    }
    world.server.is_mute = true;
    world.after_secs(40);
    while world.server.open.is_some() {
        world.after_secs(1);
    }
    world.server.is_mute = false;
    while world.server.open.is_none() {
        world.after_secs(1);
    }
    world.cut();
    assert!(!world.status.as_ref().unwrap().detail.contains("another instance"), "{:?}", world.status);
}

#[test]
fn direct_messages_of_a_server_without_a_queue_come_back_from_their_logs() {
    let mut world = world();
    world.keep_and_receive(&[dm(1, "ann", "one").number(1)]);
    world.server.refuses_queue = true;
    world.away(&[dm(2, "ann", "two").number(2)]);
    world.after_secs(3_600);
    assert_eq!(world.texts(), ["one", "two"]);
}

#[test]
fn a_logged_message_stays_in_the_place_of_its_log() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.omits_channel = true;
    world.away(&[group(2, "ann", "two").number(2)]);
    assert_eq!(world.turns.last().unwrap().to, "group:g1");
}

#[test]
fn a_live_message_waits_for_all_of_a_long_queue() {
    let mut world = world();
    world.server.is_slow = true;
    let direct: Vec<_> = (1..=1_230).map(|id| dm(id, "bob", &format!("{id}")).number(id.unsigned_abs())).collect();
    world.away(&direct);
    world.keep_and_receive(&[dm(1_231, "bob", "1231").number(1_231)]);
    for _ in 0..40 {
        world.hurry();
    }
    assert_eq!(world.texts(), (1..=1_231).map(|id| id.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_mark_on_disk_is_never_ahead_of_a_message_that_was_refused() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.slow_commits = Some(Vec::new());
    world.keep_and_receive(&[group(2, "ann", "two").number(2)]);
    world.keep_and_receive(&[group(3, "ann", "three").number(3)]);
    world.settle_commits(&[false, true]);
    world.slow_commits = None;
    world.crash();
    assert_eq!(world.texts(), ["one", "three", "two"]);
}

#[test]
fn an_event_is_not_taken_out_of_the_queue_before_its_message_is_on_disk() {
    let mut world = world();
    world.keep_and_receive(&[group(1, "ann", "one").number(1)]);
    world.server.slow_place = Some("g1");
    world.slow_commits = Some(Vec::new());
    world.away(&[dm(2, "bob", "hello").number(1), group(3, "ann", "two").number(2)]);
    world.hurry();
    world.hurry();
    world.settle_commits(&[false, true, true, true]);
    world.slow_commits = None;
    world.server.slow_place = None;
    assert!(world.server.acked_events.is_empty(), "{:?}", world.server.acked_events);
    world.crash();
    let mut texts = world.texts();
    texts.sort_unstable();
    assert_eq!(texts, ["hello", "one", "two"]);
}

#[test]
fn a_server_that_never_lists_groups_has_a_queue_all_the_same() {
    let mut server = server();
    server.lists_no_groups = true;
    server.queue = vec![dm(1, "ann", "old").number(1)];
    let mut world = World::new("dmwork", &talkative(), server);
    world.after_secs(3_600);
    world.away(&[dm(2, "ann", "hello").number(2)]);
    world.after_secs(3_600);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn a_direct_message_on_the_first_start_survives_a_store_that_refuses_it() {
    let mut world = World::new("dmwork", &talkative(), DmworkServer { is_slow: true, ..server() });
    world.keep_and_receive(&[dm(1, "ann", "hello").number(1)]);
    world.store.is_full = true;
    for _ in 0..4 {
        world.hurry();
    }
    world.server.is_slow = false;
    world.store.is_full = false;
    world.after_secs(600);
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn the_device_is_noted_even_if_the_first_commit_was_refused() {
    let mut world = world();
    world.crash_with(|store| {
        store.notes.clear();
        store.is_full = true;
    });
    world.store.is_full = false;
    world.after_secs(600);
    assert!(world.store.notes.contains_key("device"), "{:?}", world.store.notes);
}
