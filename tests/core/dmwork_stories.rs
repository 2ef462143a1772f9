//! DMWork, told as stories in virtual time.

use crate::support::dmwork::{CONFIG, DmworkServer, Said, dm, encode, group, recv};
use crate::support::{World, ok};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::EntryId;
use mochat_dmwork::message::Chat;
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::{Access, HeldTurn, Input, Lifecycle, Ruling};
use mochat_dmwork::wire::wukong_packet::{Flags, Packet, Version};
use serde_json::json;

fn world() -> World<DmworkServer> {
    World::dmwork(CONFIG)
}

#[test]
fn a_bot_registers_once_connects_and_says_hello_to_nobody() {
    let world = world();
    assert!(world.is_ready());
    assert_eq!((world.server.registrations, world.server.connects, world.server.heartbeats), (1, 1, 1));
    assert!(world.turns.is_empty() && world.server.sent.is_empty());
}

#[test]
fn a_token_that_would_cross_the_network_in_clear_is_said_in_the_log_and_in_the_status() {
    for (url, is_said) in [("ws://im.example:5200", true), ("wss://im.example/ws", false), ("ws://127.0.0.1:1", false)]
    {
        let mut world = World::dmwork(&CONFIG.replace('}', &format!(r#","wsUrl":"{url}"}}"#)));
        let words = "the token crosses the network in clear";
        let shown = &world.status.as_ref().unwrap().detail;
        assert_eq!(shown.contains(words), is_said, "{url}: {shown}");
        world.cut();
        world.after_secs(60);
        assert_eq!(world.log.iter().filter(|line| line.contains(words)).count(), usize::from(is_said), "{url}");
    }
}

#[test]
fn a_direct_message_is_a_turn_and_its_reply_goes_to_its_author() {
    let mut world = world();
    world.receive(&[dm(1, "sales_ann", "hello").in_channel("rev_bot@sales_ann", 1)]);
    assert_eq!(world.texts(), ["hello"]);
    assert_eq!((world.turns[0].to.as_str(), world.turns[0].chat), ("user:sales_ann", Chat::Direct));
    let to = world.turns[0].to.clone();
    world.send(&to, "hi Ann");
    assert_eq!(
        world.server.sent,
        [json!({ "channel_id": "sales_ann", "channel_type": 1, "payload": { "type": 1, "content": "hi Ann" } })]
    );
    assert_eq!(world.outcome("1"), (Verdict::Answer, Reason::Direct));
}

#[test]
fn a_reply_in_a_thread_goes_to_the_thread() {
    let mut world = world();
    let mention = json!({ "uids": ["rev_bot"] });
    world.receive(&[group(1, "ann", "@Reviewer look").in_channel("g1____1234567890123456", 5).mentioning(mention)]);
    let to = world.turns[0].to.clone();
    world.send(&to, "looking");
    assert_eq!(world.server.sent[0]["channel_id"], "g1____1234567890123456");
    assert_eq!(world.server.sent[0]["channel_type"], 5);
}

#[test]
fn the_model_does_not_read_the_bots_own_mention() {
    let mut world = world();
    let mention = json!({ "uids": ["rev_bot"], "entities": [{ "uid": "rev_bot", "offset": 3, "length": 9 }] });
    world.receive(&[group(1, "ann", "😀 @Reviewer is this ok?").mentioning(mention)]);
    assert_eq!(world.texts(), ["😀 is this ok?"]);
}

#[test]
fn without_a_mention_a_group_message_is_remembered_and_told_with_the_next_question() {
    let mut world = world();
    world.receive(&[group(1, "ann", "the build is red"), group(2, "bob", "costs $& and ```")]);
    assert!(world.turns.is_empty());
    world.receive(&[group(3, "ann", "@Reviewer why?")]);
    let turn = &world.turns[0];
    assert_eq!(turn.text, "why?");
    let history: Vec<_> = turn.history.iter().map(|line| (line.sender.as_str(), line.text.as_str())).collect();
    assert_eq!(history, [("ann", "the build is red"), ("bob", "costs $& and ```")]);
    world.receive(&[group(4, "ann", "@Reviewer and now?")]);
    assert!(world.turns[1].history.is_empty(), "told once");
    assert_eq!(world.outcome("1"), (Verdict::Remember, Reason::NotMentioned));
    assert_eq!(world.outcome("3"), (Verdict::Answer, Reason::Mentioned));
}

#[test]
fn history_forgets_the_oldest_and_says_so() {
    let mut world = World::dmwork(&CONFIG.replace('}', r#","historyLimit":2}"#));
    for id in 1..=3 {
        world.receive(&[group(id, "ann", &format!("note {id}"))]);
    }
    assert_eq!(world.outcome("1"), (Verdict::Remember, Reason::Forgotten));
    world.receive(&[group(4, "ann", "@Reviewer sum up")]);
    assert_eq!(world.turns[0].history.len(), 2);
}

#[test]
fn a_group_can_be_freed_of_mentions_and_its_threads_inherit_that() {
    let mut world = World::dmwork(&CONFIG.replace('}', r#","groups":{"g1":{"requireMention":false}}}"#));
    world.receive(&[group(1, "ann", "a"), group(2, "ann", "b").in_channel("g1____1234567890123456", 5)]);
    world.receive(&[group(3, "ann", "c").in_channel("g2", 2)]);
    assert_eq!(world.texts(), ["a", "b"]);
}

#[test]
fn own_messages_system_notices_and_other_bots_start_nothing() {
    let mut world = world();
    let notice = Said { payload: json!({ "type": 1002, "content": "joined" }), ..group(3, "", "") };
    let order = Said { payload: json!({ "type": 99, "cmd": "x" }), ..group(4, "ann", "") };
    world.receive(&[dm(1, "rev_bot", "me"), dm(2, "", "system"), notice, order, dm(5, "other_bot", "hi")]);
    assert!(world.turns.is_empty());
    assert_eq!(world.outcome("1"), (Verdict::Ignore, Reason::OwnMessage));
    assert_eq!(world.outcome("2"), (Verdict::Ignore, Reason::SystemMessage));
    assert_eq!(world.outcome("3"), (Verdict::Ignore, Reason::SystemMessage));
    assert_eq!(world.outcome("5"), (Verdict::Ignore, Reason::OtherBot));
    assert_eq!(world.server.acks.len(), 5);
}

#[test]
fn other_bots_are_heard_as_configured() {
    let call = || group(1, "other_bot", "@Reviewer look");
    let talk = || group(2, "other_bot", "looking around");
    for (allow, turns) in [("off", 0), ("mentions", 1), ("on", 2)] {
        let more = format!(r#","allowBots":"{allow}","requireMention":false}}"#);
        let mut world = World::dmwork(&CONFIG.replace('}', &more));
        world.receive(&[call(), talk()]);
        assert_eq!(world.turns.len(), turns, "{allow}");
    }
}

#[test]
fn two_bots_do_not_answer_each_other_for_ever() {
    let mut world = World::dmwork(&CONFIG.replace('}', r#","allowBots":"mentions"}"#));
    for id in 1..=30 {
        world.receive(&[group(id, "other_bot", "@Reviewer your turn")]);
    }
    assert_eq!(world.turns.len(), 5);
    assert_eq!(world.outcome("6"), (Verdict::Ignore, Reason::BotLoop));
    world.receive(&[group(40, "ann", "@Reviewer stop it"), group(41, "other_bot", "@Reviewer your turn")]);
    assert_eq!(world.turns.len(), 7, "people are not concerned, and give bots a new start");
}

#[test]
fn who_writes_too_fast_is_told_once_and_commands_still_pass() {
    let mut world = world();
    let flood: Vec<_> = (1..=30).map(|id| dm(id, "ann", "hello?")).collect();
    world.receive(&flood);
    assert_eq!(world.turns.len(), 10);
    assert_eq!(world.outcome("30"), (Verdict::Ignore, Reason::TooFast));
    assert_eq!(world.server.sent.len(), 1);
    assert_eq!(world.server.sent[0]["channel_id"], "ann");
    assert!(world.settled.is_empty(), "nobody asked for it");
    world.receive(&[dm(31, "ann", "/stop"), dm(32, "bob", "hi")]);
    assert_eq!(world.texts()[10..], ["/stop", "hi"]);
}

#[test]
fn the_owner_is_known_by_uid_and_only_in_a_direct_message() {
    let mut world = world();
    let mention = json!({ "uids": ["rev_bot"] });
    world.receive(&[
        dm(1, "owner", "hi"),
        dm(2, "ann", "I am the owner"),
        group(3, "owner", "hey").mentioning(mention),
    ]);
    let owners: Vec<_> = world.turns.iter().map(|turn| turn.sender.is_owner).collect();
    assert_eq!(owners, [true, false, false]);
}

#[test]
fn all_acknowledgements_of_one_read_leave_in_one_message_and_only_after_the_commit() {
    let mut world = world();
    world.receive(&[dm(1, "ann", "a"), dm(2, "ann", "b"), dm(3, "ann", "c")]);
    assert_eq!(world.server.ack_messages, [3]);
    world.store.is_full = true;
    world.receive(&[dm(4, "ann", "d")]);
    assert_eq!(world.server.acks.len(), 3, "nothing is acknowledged that isn't on disk");
    assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Recovering);
}

#[test]
fn a_number_of_64_bits_comes_back_exactly_in_its_acknowledgement() {
    let version = Version(6);
    let server = DmworkServer { version: Some(version), ..DmworkServer::default() };
    let mut world = World::new("dmwork", CONFIG, server);
    let seq = u64::from(u32::MAX) + 7;
    let said = dm(i64::MAX, "ann", "hello").number(seq);
    let mut bytes = Vec::new();
    recv(&said, said.payload.to_string().as_bytes()).encode(version, &mut bytes).unwrap();
    world.receive_bytes(bytes);
    assert_eq!(world.texts(), ["hello"]);
    let acks: Vec<_> = world.server.acks.iter().map(|ack| (ack.message_id, ack.message_seq)).collect();
    assert_eq!(acks, [(i64::MAX, seq)]);
}

#[test]
fn a_connection_that_does_not_open_is_closed_within_15_seconds_and_tried_again() {
    let mut world = World::new("dmwork", CONFIG, DmworkServer { hangs: true, ..DmworkServer::default() });
    assert_eq!((world.server.sockets, world.server.open.is_some()), (1, true));
    world.after_secs(15);
    assert!(world.server.sockets > 1 || world.server.open.is_none(), "the first one is closed");
    world.after_secs(60);
    assert!(world.server.sockets >= 4, "{}", world.server.sockets);
    world.server.hangs = false;
    world.after_secs(75);
    assert!(world.is_ready());
}

#[test]
fn a_kick_followed_by_a_server_that_cannot_register_is_survived_unaided() {
    let mut world = world();
    world.kick();
    world.server.has_moved = true;
    for (status, retry_after) in [(429, Some(20)), (500, None)] {
        let body = r#"{"msg":"busy"}"#.into();
        world.server.registers = Some(CallOutcome::Answered { status, retry_after, body });
        world.after_secs(150);
        let shown = world.status.clone().unwrap();
        assert_eq!(shown.lifecycle, Lifecycle::Recovering);
        assert!(shown.detail.contains(&format!("HTTP {status}: busy")), "{}", shown.detail);
    }
    assert!((3..=30).contains(&world.server.registrations), "{}", world.server.registrations);
    (world.server.registers, world.server.has_moved) = (None, false);
    world.after_secs(61);
    assert!(world.is_ready());
    world.receive(&[dm(1, "ann", "still here?")]);
    assert_eq!(world.texts(), ["still here?"]);
}

#[test]
fn a_person_in_two_spaces_has_two_conversations_and_a_target_that_was_kept_reaches_them() {
    let mut world = world();
    let in_space = |id: i64, space: &str| {
        let mut said = dm(id, "sales_ann", "hi").in_channel("rev_bot@sales_ann", 1).number(id.unsigned_abs());
        said.payload["space_id"] = space.into();
        said
    };
    world.receive(&[in_space(1, "A"), in_space(2, "B")]);
    let spaces: Vec<_> = world.turns.iter().map(|turn| turn.space.as_deref()).collect();
    assert_eq!(spaces, [Some("A"), Some("B")]);
    let kept = world.turns[0].to.clone();
    world.crash();
    world.send(&kept, "good morning");
    let sent = world.server.sent.last().unwrap();
    assert_eq!((&sent["channel_id"], &sent["channel_type"]), (&json!("sales_ann"), &json!(1)));
}

#[test]
fn a_message_that_comes_twice_is_answered_once() {
    let mut world = world();
    world.receive(&[dm(1, "ann", "hello")]);
    world.receive(&[dm(1, "ann", "hello")]);
    world.crash();
    world.receive(&[dm(1, "ann", "hello")]);
    assert_eq!(world.texts(), ["hello"]);
    assert_eq!(world.server.acks.len(), 3, "a repeat is acknowledged, or it never ends");
}

#[test]
fn packets_that_cannot_be_read_are_acknowledged_said_once_and_skipped() {
    let mut world = world();
    let said = dm(1, "ann", "x");
    for payload in [&b"no json"[..], b"[1]", b"\xff\xfe", b""] {
        world.receive_bytes(encode(&recv(&said, payload)));
    }
    world.receive_bytes([0xf0, 2, 1, 2].to_vec());
    assert_eq!(world.server.acks.len(), 4);
    assert_eq!(world.log.iter().filter(|line| line.contains("JSON object")).count(), 1);
    assert!(world.status.as_ref().unwrap().detail.contains("could not be read: 4"), "{:?}", world.status);
    world.receive(&[dm(2, "ann", "still here?")]);
    assert_eq!(world.texts(), ["still here?"]);
    assert_eq!(world.server.connects, 1);
}

#[test]
fn a_packet_as_long_as_may_be_and_full_of_zeros_is_acknowledged_and_skipped() {
    let mut world = world();
    world.receive_bytes([&[0x50, 0x80, 0x80, 0x40], [0; 1 << 20].as_slice()].concat());
    assert_eq!(world.server.acks.len(), 1);
    world.receive(&[dm(2, "ann", "still here?")]);
    assert_eq!(world.texts(), ["still here?"]);
    assert_eq!(world.server.connects, 1);
}

#[test]
fn a_realtime_endpoint_that_moved_is_asked_for_again() {
    let mut world = world();
    world.server.has_moved = true;
    world.cut();
    world.after_secs(10 * 60);
    let asked = world.server.registrations;
    assert!((3..=20).contains(&asked), "asked again, and not for each attempt: {asked}");
    world.server.has_moved = false;
    world.after_secs(60);
    assert!(world.is_ready());
}

#[test]
fn a_packet_that_never_ends_costs_the_connection_and_not_the_bot() {
    let mut world = world();
    // Announces almost 1 MiB: the pongs that follow are taken for a part of it.
    world.receive_bytes(vec![0x50, 0xfe, 0xff, 0x3f]);
    world.receive(&[dm(1, "ann", "swallowed")]);
    world.after_secs(90);
    assert_eq!((world.server.connects, world.is_ready()), (1, true), "a slow line is no fault");
    world.after_secs(90);
    assert_eq!((world.server.connects, world.is_ready()), (2, true));
    world.receive(&[dm(2, "ann", "still here?")]);
    assert_eq!(world.texts(), ["still here?"]);
}

#[test]
fn a_long_packet_over_a_slow_line_is_read() {
    let mut world = world();
    let bytes = dm(1, "ann", &"x".repeat(100_000)).bytes();
    for part in bytes.chunks(bytes.len() / 10) {
        world.receive_bytes(part.to_vec());
        world.after_secs(10);
    }
    assert_eq!((world.turns.len(), world.server.connects), (1, 1));
}

#[test]
fn any_split_of_the_bytes_delivers_the_same_messages() {
    let bytes: Vec<u8> = [dm(1, "ann", "one"), dm(2, "bob", "two")].iter().flat_map(Said::bytes).collect();
    for at in 1..bytes.len() {
        let mut world = world();
        world.receive_bytes(bytes[..at].to_vec());
        world.receive_bytes(bytes[at..].to_vec());
        assert_eq!(world.texts(), ["one", "two"], "split at {at}");
    }
}

#[test]
fn a_broken_stream_ends_the_connection_and_not_the_bot() {
    let mut world = world();
    world.receive_bytes([0x50, 0xff, 0xff, 0xff, 0xff, 0x7f].to_vec());
    assert_eq!(world.server.open, None);
    world.after_secs(61);
    assert!(world.is_ready());
}

#[test]
fn a_lost_connection_comes_back_with_the_same_device_and_without_registering_again() {
    let mut world = world();
    world.cut();
    assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Recovering);
    world.after_secs(5);
    assert!(world.is_ready());
    world.crash();
    assert_eq!(world.server.registrations, 2, "once for each life");
    assert_eq!(world.server.devices.len(), 3);
    assert!(world.server.devices.iter().all(|device| *device == world.server.devices[0]));
}

#[test]
fn a_failing_heartbeat_leaves_the_connection_alone_and_is_said_once() {
    let limited = CallOutcome::Answered { status: 429, retry_after: Some(2), body: r#"{"msg":"slow"}"#.into() };
    let lost = CallOutcome::Failed { unsent: false, cause: "timeout".into() };
    for failure in [limited, lost] {
        let mut world = world();
        world.server.refuses_heartbeats = Some(failure);
        world.after_secs(10 * 60);
        assert!(world.server.heartbeats > 10, "{}", world.server.heartbeats);
        world.receive(&[dm(1, "ann", "hi")]);
        assert_eq!(world.texts(), ["hi"]);
        assert_eq!((world.server.registrations, world.server.connects), (1, 1));
        assert_eq!(world.log.iter().filter(|line| line.contains("heartbeat failed")).count(), 1);
    }
}

#[test]
fn a_kick_is_named_in_the_status_and_not_answered_by_a_war() {
    let mut world = world();
    world.kick();
    assert!(world.status.as_ref().unwrap().detail.contains("another instance"));
    world.after_secs(59);
    assert_eq!(world.server.connects, 1);
    world.after_secs(70);
    assert!(world.is_ready());
}

#[test]
fn each_further_kick_is_answered_later() {
    let mut world = world();
    let mut waits = Vec::new();
    for _ in 0..4 {
        world.kick();
        let (kicked, connects) = (world.now, world.server.connects);
        while world.server.connects == connects {
            world.after_secs(1);
        }
        waits.push(world.now.since(kicked).0 / 1_000);
        // The other client does the same, so the connection holds for a while.
        world.after_secs(90);
    }
    assert!(waits.iter().zip([60, 120, 240, 480]).all(|(wait, least)| *wait >= least), "{waits:?}");
    assert_eq!(world.server.registrations, 1, "registering again would kick the other client");
}

#[test]
fn a_server_that_closes_each_connection_right_after_the_login_is_not_fought() {
    let mut world = world();
    for _ in 0..3 {
        while world.server.open.is_none() {
            world.after_secs(1);
        }
        world.cut();
    }
    assert!(world.status.as_ref().unwrap().detail.contains("another instance"), "{:?}", world.status);
    let connects = world.server.connects;
    world.after_secs(59);
    assert_eq!(world.server.connects, connects);
    world.after_secs(120);
    assert!(world.is_ready());
}

#[test]
fn a_server_that_cannot_register_for_minutes_is_left_alone_and_waited_for() {
    for (status, retry_after) in [(500, None), (429, Some(20)), (502, None)] {
        let answer = CallOutcome::Answered { status, retry_after, body: r#"{"msg":"busy"}"#.into() };
        let server = DmworkServer { registers: Some(answer), ..DmworkServer::default() };
        let mut world = World::new("dmwork", CONFIG, server);
        world.after_secs(300);
        assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Recovering);
        assert!(world.status.as_ref().unwrap().detail.contains(&status.to_string()));
        assert!(world.server.registrations <= 30, "{}", world.server.registrations);
        world.server.registers = None;
        world.after_secs(61);
        assert!(world.is_ready(), "{status}");
    }
}

#[test]
fn a_server_without_a_word_for_the_token_blocks_the_account_in_plain_words() {
    let server = DmworkServer { is_silent: true, closes_silently: true, ..DmworkServer::default() };
    let mut world = World::new("dmwork", CONFIG, server);
    world.after_secs(300);
    let status = world.status.clone().unwrap();
    assert_eq!(status.lifecycle, Lifecycle::Blocked);
    assert!(status.detail.contains("without a word"), "{}", status.detail);
    assert!(world.server.registrations >= 2, "a fresh registration was tried before");
    let connects = world.server.connects;
    world.after_secs(3_600);
    assert!(world.server.connects <= connects + 13);
    world.server.is_silent = false;
    world.after_secs(601);
    assert!(world.is_ready());
}

#[test]
fn a_machine_that_slept_asks_the_server_before_it_gives_the_connection_up() {
    let mut world = world();
    world.sleep_secs(3_600);
    assert!(world.is_ready());
    assert_eq!(world.server.connects, 1);
    world.server.is_mute = true;
    world.sleep_secs(3_600);
    world.after_secs(15);
    assert!(world.log.iter().any(|line| line.contains("stopped answering")));
}

#[test]
fn a_rejected_token_blocks_the_account_in_plain_words_and_is_tried_slowly() {
    let server = DmworkServer { rejects_token: true, ..DmworkServer::default() };
    let mut world = World::new("dmwork", CONFIG, server);
    let status = world.status.clone().unwrap();
    assert_eq!(status.lifecycle, Lifecycle::Blocked);
    assert!(status.detail.contains("token invalid"), "{}", status.detail);
    world.after_secs(3_600);
    assert!(world.server.registrations <= 16);
    world.server.rejects_token = false;
    world.after_secs(600);
    assert!(world.is_ready());
}

#[test]
fn a_registration_that_fails_in_a_200_is_what_its_body_says() {
    for (body, lifecycle, words) in [
        (r#"{"msg":"token invalid","status":401}"#, Lifecycle::Blocked, "token invalid"),
        (r#"{"msg":"token invalid","status":400}"#, Lifecycle::Blocked, "token invalid"),
        (r#"{"error":{"message":"slow down","http_status":429}}"#, Lifecycle::Recovering, "HTTP 429: slow down"),
        (r#"{"msg":"no database","status":0}"#, Lifecycle::Recovering, "no database"),
        ("<html>", Lifecycle::Recovering, "the server answered something else"),
        (r#"{"robot_id":"rev_bot"}"#, Lifecycle::Recovering, "missing field"),
    ] {
        let server = DmworkServer { registers: Some(ok(body.to_owned())), ..DmworkServer::default() };
        let mut world = World::new("dmwork", CONFIG, server);
        let status = world.status.clone().unwrap();
        assert_eq!(status.lifecycle, lifecycle, "{body}: {}", status.detail);
        assert!(status.detail.contains(words), "{body}: {}", status.detail);
        world.server.registers = None;
        world.after_secs(600);
        assert!(world.is_ready(), "{body}");
    }
}

#[test]
fn silence_after_connect_is_taken_for_a_dead_token_after_three_times() {
    let server = DmworkServer { is_silent: true, ..DmworkServer::default() };
    let mut world = World::new("dmwork", CONFIG, server);
    world.after_secs(60);
    assert!(world.server.connects >= 3);
    assert!(world.server.registrations >= 2);
}

#[test]
fn a_stranger_is_told_apart_and_the_reason_is_kept() {
    let mut world = world();
    world.access = |sender| match sender {
        "eve" => Access::new(Ruling::Denied),
        "new" => Access::new(Ruling::Pairing),
        _ => Access::new(Ruling::Allowed),
    };
    let lines = world.log.len();
    world.receive(&[dm(1, "eve", "hi")]);
    assert_eq!(world.log[lines..].len(), 1, "one line tells who was not let in: {:?}", &world.log[lines..]);
    assert!(world.log[lines].contains("eve") && world.server.sent.is_empty());
    world.receive(&[dm(2, "new", "hi"), dm(3, "ann", "hi")]);
    assert_eq!(world.turns.len(), 1);
    assert_eq!(world.outcome("1"), (Verdict::Ignore, Reason::AccessDenied));
    assert_eq!(world.outcome("2"), (Verdict::Ignore, Reason::PairingAsked));
}

#[test]
fn a_host_that_cannot_judge_is_asked_again() {
    let mut world = world();
    world.access = |_| Access::new(Ruling::Unknown);
    world.receive(&[dm(1, "ann", "hi")]);
    assert!(world.turns.is_empty());
    world.access = |_| Access::new(Ruling::Allowed);
    world.after_secs(10);
    assert_eq!(world.texts(), ["hi"]);
}

#[test]
fn a_message_that_was_not_adopted_is_offered_again_after_a_crash() {
    let mut world = world();
    world.adopts = false;
    world.receive(&[group(1, "ann", "context"), group(2, "ann", "@Reviewer go")]);
    assert_eq!(world.turns.len(), 1);
    world.crash();
    assert_eq!(world.turns.len(), 2);
    assert_eq!(world.turns[0], world.turns[1], "the same turn with the same history");
    world.tell(Input::TurnAdopted { turn: EntryId("2".into()) });
    world.crash();
    assert_eq!(world.turns.len(), 2, "an adopted turn is the host's");
}

#[test]
fn a_turn_that_the_host_still_holds_is_not_offered_twice_when_the_core_is_rebuilt() {
    let mut world = world();
    world.adopts = false;
    world.receive(&[dm(1, "ann", "go")]);
    let held = HeldTurn { turn: EntryId("1".into()), entries: vec![EntryId("1".into())] };
    world.rebuild(vec![held]);
    assert_eq!(world.turns.len(), 1);
    world.tell(Input::TurnAdopted { turn: EntryId("1".into()) });
    assert_eq!(world.outcome("1").0, Verdict::Answer);
}

#[test]
fn a_turn_that_the_host_lets_go_is_offered_again_until_patience_ends() {
    let mut world = world();
    world.adopts = false;
    world.receive(&[dm(1, "ann", "go")]);
    for _ in 0..8 {
        world.tell(Input::TurnEnded { turn: EntryId("1".into()), error: Some("boom".into()) });
        world.after_secs(300);
    }
    assert_eq!(world.turns.len(), 8);
    assert_eq!(world.outcome("1"), (Verdict::Fail, Reason::TurnFailed));
}

#[test]
fn a_deferred_turn_stays_ours_until_the_host_adopts_it() {
    let mut world = world();
    world.adopts = false;
    world.receive(&[dm(1, "ann", "go")]);
    let turn = EntryId("1".into());
    world.tell(Input::TurnDeferred { turn: turn.clone() });
    world.tell(Input::TurnEnded { turn: turn.clone(), error: None });
    assert_eq!(world.store.entries.len(), 1);
    world.tell(Input::TurnAdopted { turn });
    assert!(world.store.entries.is_empty());
}

#[test]
fn a_message_right_behind_a_reply_waits_until_the_host_has_closed_that_turn() {
    for ends in [true, false] {
        let mut world = world();
        world.adopts = false;
        let first = EntryId("1".into());
        world.receive(&[dm(1, "ann", "one")]);
        world.tell(Input::TurnAdopted { turn: first.clone() });
        world.queues = true;
        world.receive(&[dm(2, "ann", "while it runs")]);
        assert_eq!(world.turns.len(), 2, "the host queues what comes while a turn runs");
        world.send("user:ann", "answer");
        world.receive(&[dm(3, "ann", "thanks"), dm(4, "ann", "/stop"), dm(5, "bob", "hello")]);
        world.receive(&[dm(6, "ann", "again")]);
        assert_eq!(world.texts()[2..], ["/stop", "hello"]);
        if ends {
            world.tell(Input::TurnEnded { turn: first, error: None });
        } else {
            world.after_secs(2);
        }
        assert_eq!(world.texts()[4..], ["thanks", "again"], "ends: {ends}");
    }
}

#[test]
fn a_command_that_the_host_answers_itself_is_done() {
    let mut world = world();
    world.adopts = false;
    world.receive(&[dm(1, "ann", "/status")]);
    world.tell(Input::TurnEnded { turn: EntryId("1".into()), error: None });
    assert_eq!(world.outcome("1"), (Verdict::Answer, Reason::HandledByHost));
}

#[test]
fn a_token_in_a_reply_is_cut_out() {
    let mut world = world();
    world.send("user:ann", "my token is bf_0123456789abcdef0123, keep it");
    assert_eq!(world.server.sent[0]["payload"]["content"], "my token is [redacted], keep it");
}

#[test]
fn replies_to_one_place_keep_their_order_through_a_rate_limit() {
    let mut world = world();
    world.server.answers = vec![CallOutcome::Answered { status: 429, retry_after: Some(2), body: String::new() }];
    world.send("group:g1", "first");
    world.tell(Input::SendAsked {
        request: mochat_dmwork::ids::RequestId(2),
        to: "group:g1".into(),
        text: "second".into(),
        media: Vec::new(),
        reply_to: None,
        of_turn: None,
    });
    assert!(world.server.sent.is_empty());
    world.after_secs(3);
    let texts: Vec<_> = world.server.sent.iter().map(|body| body["payload"]["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["first", "second"]);
}

#[test]
fn a_target_that_names_no_place_is_refused_without_a_call() {
    let mut world = world();
    for target in ["", "session:session_1", "panel:p", "nobody"] {
        world.send(target, "x");
        assert!(world.settled.last().unwrap().2.is_some(), "{target}");
    }
    world.send("dmwork:user:ann", "x");
    assert_eq!(world.settled.last().unwrap().1.len(), 1);
}

#[test]
fn a_probe_tells_who_the_bot_is_without_touching_the_connection() {
    let mut world = world();
    world.tell(Input::ProbeAsked { request: mochat_dmwork::ids::RequestId(1) });
    let probe = &world.probes[0];
    assert!(probe.ok && probe.connected);
    assert_eq!(probe.bot.as_deref(), Some("Reviewer (rev_bot)"));
    assert_eq!(probe.owner.as_deref(), Some("owner"));
    assert_eq!(probe.places.as_deref(), Some("groups: 0"));
    assert!(probe.lacks.is_empty());
    assert_eq!(world.server.registrations, 1);
}

#[test]
fn a_probe_names_the_calls_that_the_server_turned_out_not_to_have() {
    let mut world = world();
    world.server.refuses_queue = true;
    world.server.groups = vec!["g1", "g2"];
    world.after_secs(3_600);
    world.tell(Input::ProbeAsked { request: mochat_dmwork::ids::RequestId(1) });
    assert_eq!(world.probes[0].lacks, ["/v1/bot/events"]);
    assert_eq!(world.probes[0].places.as_deref(), Some("groups: 2"));
}

#[test]
fn packets_for_senders_are_passed_over() {
    let mut world = world();
    world.receive_bytes(encode(&Packet::Pong));
    world.receive(&[dm(1, "ann", "hi")]);
    assert_eq!(world.texts(), ["hi"]);
}

#[test]
fn a_message_whose_texts_can_not_be_read_is_acknowledged_said_once_and_skipped() {
    let from = |sender: &[u8], id: i64| {
        let packet = dm(id, "ann", "hi").flagged(Flags::SYNC_ONCE).bytes();
        // Behind the header: the settings and an empty key, then the sender.
        let (before, after) = (&packet[2..5], &packet[10..]);
        let body = [before, &u16::try_from(sender.len()).unwrap().to_be_bytes(), sender, after].concat();
        let low = |shift: usize| u8::try_from(body.len() >> shift & 0x7F).unwrap();
        [&[packet[0], low(0) | 0x80, low(7) | 0x80, low(14)], body.as_slice()].concat()
    };
    let mut world = world();
    world.receive_bytes(from(b"bob", 1));
    for (id, sender) in [(2, b"b\xffb".as_slice()), (3, b"\xff"), (4, &[b'b'; 40_000])] {
        world.receive_bytes(from(sender, id));
    }
    world.receive(&[dm(5, "ann", "after")]);
    assert_eq!(world.texts(), ["hi", "after"]);
    let acks: Vec<_> = world.server.acks.iter().map(|ack| (ack.message_id, ack.flags)).collect();
    let echoed = Flags::SYNC_ONCE;
    assert_eq!(acks, [(1, echoed), (2, echoed), (3, echoed), (4, echoed), (5, Flags(0))]);
    assert_eq!(world.server.connects, 1);
    assert_eq!(world.log.iter().filter(|line| line.contains("skipped a packet (text is not UTF-8)")).count(), 1);
}
