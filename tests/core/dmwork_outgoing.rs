//! What leaves for DMWork, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, dm, group};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::{EntryId, RequestId};
use mochat_dmwork::step::Input;
use serde_json::{Value, json};

fn world(keys: &str) -> World<DmworkServer> {
    let members = Some(vec![("u1", "Ann Lee"), ("u2", "Bob"), ("u3", "Sam"), ("u4", "Sam"), ("rev_bot", "Reviewer")]);
    let server = DmworkServer { members, ..DmworkServer::default() };
    World::new("dmwork", &CONFIG.replace('}', &format!("{keys}}}")), server)
}

/// What was posted, in order.
fn payloads(world: &World<DmworkServer>) -> Vec<&Value> {
    world.server.sent.iter().map(|body| &body["payload"]).collect()
}

fn contents(world: &World<DmworkServer>) -> Vec<&str> {
    payloads(world).into_iter().map(|payload| payload["content"].as_str().unwrap()).collect()
}

#[test]
fn a_mention_of_a_member_is_posted_with_its_place_in_utf16() {
    let mut world = world("");
    world.send("thread:g1____1234567890123456", "@[u1:Ann] 你好😀 @bob, 看@Ann Lee请");
    let text = "@Ann Lee 你好😀 @Bob, 看@Ann Lee请";
    assert_eq!(
        *payloads(&world)[0],
        json!({ "type": 1, "content": text, "mention": { "uids": ["u1", "u2"], "entities": [
            { "uid": "u1", "offset": 0, "length": 8 }, { "uid": "u2", "offset": 14, "length": 4 },
            { "uid": "u1", "offset": 21, "length": 8 }] } })
    );
    let units: Vec<u16> = text.encode_utf16().collect();
    assert_eq!(String::from_utf16_lossy(&units[14..18]), "@Bob");
    assert_eq!(world.server.members_asked, ["https://im.example/v1/bot/groups/g1/members"]);
}

#[test]
fn whoever_is_not_in_the_group_or_shares_a_name_and_whatever_is_no_name_calls_nobody() {
    let mut world = world("");
    for text in
        ["@[u9:Eve] and @Eve", "@Sam", "npm i @types/node", "ann@bob.example", "`@Bob`", "```\n@Bob\n```", "@Reviewer"]
    {
        world.send("group:g1", text);
    }
    assert!(payloads(&world).iter().all(|payload| payload.get("mention").is_none()), "{:?}", payloads(&world));
    assert_eq!(contents(&world)[0], "@Eve and @Eve");
    assert_eq!(world.server.members_asked.len(), 1, "a list is good for some minutes");
    world.after_secs(301);
    world.send("group:g1", "@Bob");
    assert_eq!(world.server.members_asked.len(), 2);
}

#[test]
fn everybody_is_called_only_by_an_operator_who_allows_it() {
    for (keys, mention) in
        [("", json!(null)), (r#","allowMentionAll":true"#, json!({ "uids": [], "entities": [], "all": 1 }))]
    {
        for text in ["@all lunch", "大家@所有人"] {
            let mut world = world(keys);
            world.send("group:g1", text);
            assert_eq!((contents(&world)[0], &payloads(&world)[0]["mention"]), (text, &mention));
            world.send("user:ann", text);
            assert_eq!(payloads(&world)[1]["mention"], json!(null), "there is no everybody between two");
        }
    }
}

#[test]
fn a_text_that_waits_for_the_members_keeps_its_place_in_the_order() {
    let mut world = world("");
    world.server.tells_slowly = true;
    for (number, text) in [(1, "@Bob first"), (2, "second")] {
        let to = "group:g1".to_owned();
        world.tell(Input::SendAsked {
            request: RequestId(number),
            to,
            text: text.into(),
            media: Vec::new(),
            reply_to: None,
            of_turn: None,
        });
    }
    world.send("group:g2", "elsewhere");
    assert_eq!(contents(&world), ["elsewhere"], "another place does not wait");
    world.hurry();
    assert_eq!(contents(&world), ["elsewhere", "@Bob first", "second"]);
    assert_eq!(payloads(&world)[1]["mention"]["uids"], json!(["u2"]));
    assert_eq!(world.settled.len(), 3);
}

#[test]
fn without_the_members_a_text_goes_out_without_mentions() {
    let mut world = world("");
    world.server.members = None;
    world.send("group:g1", "@[u1:Ann] and @Bob");
    world.send("group:g1", "@Bob again");
    assert_eq!(contents(&world), ["@Ann and @Bob", "@Bob again"]);
    assert!(payloads(&world).iter().all(|payload| payload.get("mention").is_none()));
    assert_eq!(world.server.members_asked.len(), 1, "a refusal is not asked for again at once");
    assert!(world.settled.iter().all(|(_, ids, error)| ids.len() == 1 && error.is_none()));
}

#[test]
fn a_rate_limit_repeats_the_post_and_not_the_question_who_is_there() {
    let mut world = world("");
    world.server.answers = vec![CallOutcome::Answered { status: 429, retry_after: Some(2), body: String::new() }];
    world.send("group:g1", "@Bob hi");
    world.after_secs(3);
    assert_eq!(payloads(&world)[0]["mention"]["uids"], json!(["u2"]));
    assert_eq!((world.server.members_asked.len(), world.server.sent.len()), (1, 1));
}

#[test]
fn a_post_that_came_too_fast_is_repeated_when_the_server_wants_it_and_not_before() {
    let shared = r#"{"error":{"code":"err.shared.rate.limited","message":"slow down","http_status":429,
        "details":{"retry_after":2}},"status":429}"#;
    for (status, retry_after, body) in [(429, Some(2), ""), (200, None, shared)] {
        let mut world = world("");
        world.server.answers = vec![CallOutcome::Answered { status, retry_after, body: body.into() }];
        world.send("user:ann", "hello");
        world.after_ms(1_999);
        assert!(contents(&world).is_empty());
        world.after_ms(1);
        assert_eq!((contents(&world), ended(&world)), (vec!["hello"], vec![(vec!["9007199254740993"], None)]));
        assert_eq!(world.server.looks, 0, "a limiter answers before anything is posted");
    }
}

#[test]
fn each_part_of_a_long_answer_counts_from_its_own_beginning() {
    let mut world = world("");
    let text = format!("@Bob {}\n\n😀 @Bob again", "word ".repeat(799));
    world.send("group:g1", &text);
    let entities: Vec<_> = payloads(&world).iter().map(|payload| payload["mention"]["entities"].clone()).collect();
    assert_eq!(entities[0], json!([{ "uid": "u2", "offset": 0, "length": 4 }]));
    assert_eq!(entities[1], json!([{ "uid": "u2", "offset": 3, "length": 4 }]));
}

#[test]
fn a_long_block_of_code_comes_in_parts_that_each_render() {
    let mut world = world("");
    world.send("group:g1", &format!("Here:\n```rust\n{}```\nDone.", "let answer = 42;\n".repeat(600)));
    let parts = contents(&world);
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| part.chars().count() <= 4_000 && part.matches("```").count() == 2), "{parts:?}");
    assert!(parts[1].starts_with("```rust\nlet answer") && parts[2].ends_with("```\nDone."));
    assert_eq!(parts.iter().map(|part| part.matches("42").count()).sum::<usize>(), 600);
}

#[test]
fn a_token_never_leaves_whole_hidden_or_in_two_parts_and_the_log_does_not_show_it() {
    let token = "bf_0123456789abcdef0123";
    let hidden = "BF_0123\u{200b}456789\u{ad}ABCDEF0123";
    let mut world = world("");
    world.send("group:g1", &format!("{}{token} {hidden}", "x".repeat(3_990)));
    world.send("user:ann", &format!("claw_00112233445566778899 and {hidden}"));
    let sent = contents(&world).concat().to_lowercase();
    assert!(!sent.contains("456789") && !sent.contains("4556"), "{sent}");
    assert_eq!(sent.matches("[redacted]").count(), 4);
    let lines: Vec<_> = world.log.iter().filter(|line| line.starts_with("secret-redacted: 2 in a message")).collect();
    assert!(lines.len() == 2 && lines[1].ends_with("4 since start"), "{lines:?}");
    assert!(!world.log.concat().contains("0123456"));
}

#[test]
fn the_token_of_the_connection_is_a_secret_like_that_of_the_api() {
    let bot = json!({ "robot_id": "rev_bot", "name": "Reviewer", "im_token": "0123456789abcdef-for-the-socket",
        "ws_url": "wss://im.example/ws" });
    let server = DmworkServer { registers: Some(crate::support::ok(bot.to_string())), ..DmworkServer::default() };
    let mut world = World::new("dmwork", CONFIG, server);
    world.send("group:g1", "it is 0123456789ABCDEF-for-\u{200b}the-socket, and bf_0123456789abcdef0123");
    assert_eq!(contents(&world), ["it is [redacted], and [redacted]"]);
}

#[test]
fn paths_of_the_gateways_machine_are_not_posted() {
    let mut world = world("");
    world.send("group:g1", "See /home/claw/out/report.pdf, src/main.rs and /api/v1.\nMEDIA:/tmp/chart.png");
    assert_eq!(contents(&world), ["See …/report.pdf, src/main.rs and /api/v1.\n[file: chart.png]"]);
    assert!(world.log.iter().any(|line| line == "path-hidden: 2 in a message to group:g1"));
}

/// How the texts ended: ids, and whether there was an error.
fn ended(world: &World<DmworkServer>) -> Vec<(Vec<&str>, Option<&str>)> {
    let ends = world.settled.iter();
    ends.map(|(_, ids, error)| (ids.iter().map(String::as_str).collect(), error.as_deref())).collect()
}

#[test]
fn a_post_whose_answer_was_lost_is_found_and_not_repeated() {
    for to in ["user:ann", "group:g1", "thread:g1____1234567890123456"] {
        let mut world = world("");
        world.server.unheard = 1;
        world.send(to, "Hi @Bob\n\nbye");
        world.send(to, "next");
        world.after_secs(10);
        assert_eq!(contents(&world), ["Hi @Bob\n\nbye", "next"]);
        assert_eq!(world.server.looks, 1);
        assert_eq!(ended(&world), [(vec!["9007199254740993"], None), (vec!["9007199254740994"], None)]);
    }
}

/// A server that takes a post and answers that it may have failed, and doesn't say who the bot is.
fn nameless_server() -> DmworkServer {
    let busy = CallOutcome::Answered { status: 502, retry_after: None, body: String::new() };
    DmworkServer { registers: Some(busy), unheard: 1, ..DmworkServer::default() }
}

#[test]
fn a_post_is_found_while_the_server_does_not_say_again_who_the_bot_is() {
    let mut world = world("");
    world.after_secs(60);
    world.server = DmworkServer { has_moved: true, open: world.server.open, ..nameless_server() };
    world.cut();
    world.after_secs(300);
    assert!(world.server.registrations > 0, "it is in doubt");
    world.send("user:ann", "hello");
    world.after_secs(60);
    assert_eq!((contents(&world), ended(&world)), (vec!["hello"], vec![(vec!["9007199254740993"], None)]));
}

#[test]
fn a_post_in_doubt_waits_until_the_server_has_said_who_the_bot_is() {
    let mut world = World::new("dmwork", CONFIG, nameless_server());
    world.send("user:ann", "hello");
    world.after_secs(20);
    assert_eq!((contents(&world), world.settled.len()), (vec!["hello"], 0));
    world.server.registers = None;
    world.after_secs(200);
    assert_eq!((contents(&world), ended(&world)), (vec!["hello"], vec![(vec!["9007199254740993"], None)]));
}

#[test]
fn a_post_that_was_lost_is_repeated_even_if_the_same_was_said_before() {
    let mut world = world("");
    world.send("user:ann", "ok");
    world.server.answers = vec![CallOutcome::Answered { status: 500, retry_after: None, body: "oops".into() }];
    world.send("user:ann", "ok");
    world.after_secs(10);
    assert_eq!((contents(&world), world.server.looks), (vec!["ok", "ok"], 1));
    assert!(ended(&world).iter().all(|(ids, error)| ids.len() == 1 && error.is_none()));
}

#[test]
fn what_cannot_be_looked_for_is_not_repeated_and_the_host_hears_why() {
    let mut world = world("");
    world.server.answers = vec![CallOutcome::Failed { unsent: false, cause: "timeout".into() }];
    world.server.blind = 1_000;
    world.send("user:ann", "hello");
    world.after_secs(600);
    assert!(contents(&world).is_empty());
    assert!(ended(&world)[0].1.unwrap().contains("may have been sent or not: timeout"));
}

#[test]
fn what_may_stand_before_the_messages_of_a_look_is_not_repeated() {
    let mut world = world("");
    world.server.unheard = 1;
    world.send("group:g1", "hello");
    let talk: Vec<_> = (1..=110).map(|id| group(id, "bob", "and").number(1_000 + id.unsigned_abs())).collect();
    world.keep(&talk);
    world.after_secs(600);
    assert_eq!(contents(&world), ["hello"]);
    assert!(ended(&world)[0].1.unwrap().contains("may have been sent or not"));
}

/// The process dies while this is posted.
fn dies_over(world: &mut World<DmworkServer>, to: &str, text: &str) {
    world.server.unheard = 1;
    world.send(to, text);
    world.crash();
    world.after_secs(10);
}

#[test]
fn a_post_that_the_process_died_over_is_found_when_the_gateway_sends_it_again() {
    for to in ["user:ann", "group:g1", "thread:g1____1234567890123456"] {
        let mut world = world("");
        world.send(to, "Hi @Bob\n\nbye");
        dies_over(&mut world, to, "Hi @Bob\n\nbye");
        world.send(to, "I go on.");
        world.send(to, "Hi @Bob\n\nbye");
        world.after_secs(10);
        assert_eq!(contents(&world), ["Hi @Bob\n\nbye", "Hi @Bob\n\nbye", "I go on."]);
        assert_eq!(ended(&world).last(), Some(&(vec!["9007199254740994"], None)));
        world.send(to, "Hi @Bob\n\nbye");
        assert_eq!(contents(&world).len(), 4, "what is said once more later is no repetition");
    }
}

#[test]
fn a_post_that_the_process_died_over_and_nobody_took_is_posted_when_the_gateway_sends_it_again() {
    let mut world = world("");
    world.send("user:ann", "ok");
    world.server.answers = vec![CallOutcome::Failed { unsent: false, cause: "closed".into() }];
    world.send("user:ann", "ok");
    world.crash();
    world.after_secs(10);
    world.send("user:ann", "ok");
    world.after_secs(10);
    assert_eq!((contents(&world), world.server.looks), (vec!["ok", "ok"], 1));
    assert!(ended(&world).iter().all(|(ids, error)| ids.len() == 1 && error.is_none()));
}

#[test]
fn of_a_long_text_only_what_is_missing_is_posted_when_the_gateway_sends_it_again() {
    let mut world = world("");
    let long = format!("{}\n\n{}\n\n{}", "one ".repeat(900), "two ".repeat(900), "three ".repeat(600));
    world.send("user:ann", &long);
    let parts: Vec<String> = contents(&world).into_iter().map(str::to_owned).collect();
    assert_eq!(parts.len(), 3);
    let mut world = self::world("");
    world.server.heard = 1;
    dies_over(&mut world, "user:ann", &long);
    assert_eq!(contents(&world), parts[..2]);
    world.send("user:ann", &long);
    world.after_secs(10);
    assert_eq!(contents(&world), parts);
    let ids = vec!["9007199254740993", "9007199254740994", "9007199254740995"];
    assert_eq!(ended(&world).last(), Some(&(ids, None)));
}

#[test]
fn a_post_that_two_processes_died_over_is_found_as_well() {
    let mut world = world("");
    dies_over(&mut world, "user:ann", "hello");
    world.after_secs(60);
    world.server.blind = 1;
    world.send("user:ann", "I go on.");
    world.send("user:ann", "hello");
    world.send("user:bob", "and you?");
    world.crash();
    world.after_secs(10);
    world.send("user:ann", "hello");
    world.after_secs(10);
    assert_eq!(contents(&world), ["hello", "I go on.", "and you?"]);
}

#[test]
fn another_text_that_ends_alike_is_news() {
    let mut world = world("");
    let long = |start: &str| format!("{}\n\n{}", start.repeat(900), "the end ".repeat(400));
    world.server.heard = 1;
    dies_over(&mut world, "user:ann", &long("one "));
    assert_eq!(contents(&world).len(), 2);
    world.send("user:ann", &long("two "));
    world.after_secs(10);
    assert_eq!((contents(&world).len(), world.server.looks), (4, 0));
}

#[test]
fn the_same_words_long_after_a_death_are_news() {
    let mut world = world("");
    dies_over(&mut world, "user:ann", "ok");
    world.after_secs(601);
    world.send("user:ann", "ok");
    assert_eq!((contents(&world), world.server.looks), (vec!["ok", "ok"], 0));
}

#[test]
fn the_same_words_as_the_answer_of_a_turn_are_news() {
    let mut world = world("");
    dies_over(&mut world, "user:ann", "ok");
    let (to, text, turn) = ("user:ann".to_owned(), "ok".to_owned(), EntryId("41".into()));
    let request = RequestId(9);
    world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: None, of_turn: Some(turn) });
    assert_eq!((contents(&world), world.server.looks), (vec!["ok", "ok"], 0));
}

#[test]
fn a_refusal_is_said_once_in_the_servers_own_words() {
    for body in [r#"{"msg":"not a friend","status":400}"#, r#"{"error":{"code":"x","message":"not a friend"}}"#] {
        let mut world = world("");
        let refused = CallOutcome::Answered { status: 400, retry_after: None, body: body.into() };
        world.server.answers = vec![refused.clone(), refused];
        world.send("user:ann", &"a long text ".repeat(1_000));
        world.after_secs(600);
        assert_eq!(ended(&world), [(vec![], Some("user:ann: HTTP 400: not a friend"))]);
        assert_eq!((world.server.answers.len(), world.server.looks), (1, 0));
    }
}

/// Ann or somebody else asks in the group, and this is answered.
fn answered(keys: &str, from: &'static str, parts: &[&str]) -> World<DmworkServer> {
    let mut world = world(keys);
    world.adopts = false;
    world.receive(&[group(41, from, "help").mentioning(json!({ "uids": ["rev_bot"] }))]);
    let turn = EntryId("41".into());
    world.tell(Input::TurnAdopted { turn: turn.clone() });
    for (request, text) in (1..).map(RequestId).zip(parts) {
        let (to, text, of_turn) = ("group:g1".to_owned(), (*text).to_owned(), Some(turn.clone()));
        world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: None, of_turn });
    }
    world.tell(Input::TurnEnded { turn, error: None });
    world
}

#[test]
fn the_first_part_of_an_answer_in_a_group_replies_to_the_question_and_calls_the_asker() {
    let world = answered("", "u1", &["a", "b", "c"]);
    let mention = json!({ "uids": ["u1"], "entities": [{ "uid": "u1", "offset": 0, "length": 8 }] });
    assert_eq!(contents(&world), ["@Ann Lee a", "b", "c"]);
    assert_eq!(
        *payloads(&world)[0],
        json!({ "type": 1, "content": "@Ann Lee a", "mention": mention, "reply": { "message_id": "41" } })
    );
    assert!(payloads(&world)[1..].iter().all(|payload| payload.get("reply").is_none()));
    assert_eq!(ended(&world).len(), 3);
}

#[test]
fn whoever_is_called_in_the_answer_already_and_whoever_is_a_bot_is_not_called_before_it() {
    let world = answered("", "u1", &["Well, @Ann Lee, no."]);
    assert_eq!(contents(&world), ["Well, @Ann Lee, no."]);
    assert_eq!(payloads(&world)[0]["mention"]["uids"], json!(["u1"]));
    let world = answered(r#","allowBots":"on""#, "other_bot", &["hello"]);
    assert_eq!((contents(&world), &payloads(&world)[0]["mention"]), (vec!["hello"], &json!(null)));
    assert_eq!(payloads(&world)[0]["reply"], json!({ "message_id": "41" }));
}

#[test]
fn an_answer_goes_to_the_space_of_its_question_wherever_its_asker_writes_meanwhile() {
    let mut world = world("");
    world.adopts = false;
    let asked_in = |id, space: Option<&str>| {
        let mut said = dm(id, "ann", "help").number(id.cast_unsigned());
        said.payload["space_id"] = json!(space);
        said
    };
    let (in_a, nowhere) = (EntryId("1".into()), EntryId("2".into()));
    world.receive(&[asked_in(1, Some("A"))]);
    world.tell(Input::TurnAdopted { turn: in_a.clone() });
    world.receive(&[asked_in(2, None)]);
    world.tell(Input::TurnAdopted { turn: nowhere.clone() });
    world.receive(&[asked_in(3, Some("B"))]);
    let long = "word ".repeat(60);
    world.tell(Input::PartWritten { turn: in_a.clone(), text: long.clone() });
    for (request, of_turn) in [(1, Some(in_a.clone())), (2, Some(in_a)), (3, Some(nowhere)), (4, None)] {
        let (request, to, text) = (RequestId(request), "user:ann".to_owned(), long.clone());
        world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: None, of_turn });
    }
    let spaces: Vec<_> = world.server.spaces.iter().map(Option::as_deref).collect();
    assert_eq!(spaces, [Some("A"), Some("A"), None, None], "what names no turn goes to the one that runs");
    for turn in [EntryId("1".into()), EntryId("2".into())] {
        world.tell(Input::TurnEnded { turn, error: None });
    }
    let (request, to, text) = (RequestId(5), "user:ann".to_owned(), "queued".to_owned());
    world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: Some("1".into()), of_turn: None });
    assert_eq!(world.server.spaces.last().unwrap().as_deref(), Some("A"), "it quotes the turn that it waited for");
    world.send("user:ann", "Good morning.");
    assert_eq!(world.server.spaces.last().unwrap().as_deref(), Some("B"));
}

/// Ann's turn runs, and Bob's question is queued behind it.
fn asked_by_two() -> (World<DmworkServer>, EntryId, EntryId) {
    let mut world = world("");
    world.adopts = false;
    let (first, second) = (EntryId("41".into()), EntryId("42".into()));
    world.receive(&[group(41, "u1", "help").mentioning(json!({ "uids": ["rev_bot"] }))]);
    world.tell(Input::TurnAdopted { turn: first.clone() });
    world.receive(&[group(42, "u2", "me too").mentioning(json!({ "uids": ["rev_bot"] })).number(2)]);
    world.tell(Input::TurnDeferred { turn: second.clone() });
    (world, first, second)
}

/// Ann has her answer, and the host has taken Bob's question from its queue.
fn queued() -> World<DmworkServer> {
    let (mut world, first, second) = asked_by_two();
    world.tell(Input::TurnEnded { turn: second.clone(), error: None });
    world.send("group:g1", "by the way");
    let (request, to, text) = (RequestId(9), "group:g1".to_owned(), "for Ann".to_owned());
    world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: None, of_turn: Some(first.clone()) });
    world.tell(Input::TurnEnded { turn: first, error: None });
    world.tell(Input::TurnAdopted { turn: second });
    assert_eq!(contents(&world), ["by the way", "@Ann Lee for Ann"], "what is queued is not answered yet");
    world
}

#[test]
fn the_answer_of_a_queued_turn_replies_to_its_question_and_calls_its_asker_and_what_follows_does_not() {
    let mut world = queued();
    world.after_secs(500);
    world.send("group:g2", "elsewhere");
    for text in ["for Bob", "Good morning."] {
        world.send("group:g1", text);
    }
    assert_eq!(contents(&world)[2..], ["elsewhere", "@Bob for Bob", "Good morning."]);
    let sent = payloads(&world);
    assert_eq!((&sent[3]["reply"]["message_id"], &sent[3]["mention"]["uids"]), (&json!("42"), &json!(["u2"])));
    assert!(sent[2].get("reply").is_none() && sent[4].get("reply").is_none());
}

#[test]
fn the_answer_of_a_queued_turn_that_comes_through_the_turn_before_replies_to_its_own_question() {
    for is_over in [false, true] {
        let (mut world, first, second) = asked_by_two();
        let answers = |world: &mut World<DmworkServer>, number: u32, text: &str| {
            let (request, to, text) = (RequestId(number), "group:g1".to_owned(), text.to_owned());
            let (reply_to, of_turn) = (Some("41".to_owned()), Some(EntryId("41".into())));
            world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to, of_turn });
        };
        // As the host does it: it takes the next turn before it has handed over all of the first one's answer.
        world.tell(Input::TurnAdopted { turn: second.clone() });
        answers(&mut world, 1, "a");
        answers(&mut world, 2, "b");
        world.tell(Input::TurnEnded { turn: second, error: None });
        world.after_secs(3);
        if is_over {
            world.tell(Input::TurnEnded { turn: first, error: None });
        }
        answers(&mut world, 3, "for Bob");
        answers(&mut world, 4, "more");
        assert_eq!(contents(&world), ["@Ann Lee a", "b", "@Bob for Bob", "more"]);
        let replies: Vec<_> = payloads(&world).iter().map(|payload| payload["reply"]["message_id"].clone()).collect();
        assert_eq!(replies[..3], ["41", "41", "42"]);
        assert_eq!(world.assigned[2].1, EntryId("42".into()));
    }
}

#[test]
fn a_text_behind_a_run_answers_nothing_that_was_put_into_it() {
    let (mut world, first, second) = asked_by_two();
    world.tell(Input::TurnAdopted { turn: second.clone() });
    world.tell(Input::TurnSettled { turn: second.clone() });
    world.tell(Input::TurnEnded { turn: second, error: None });
    let (request, to, text) = (RequestId(9), "group:g1".to_owned(), "for both".to_owned());
    world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: None, of_turn: Some(first.clone()) });
    world.tell(Input::TurnEnded { turn: first, error: None });
    world.after_secs(10);
    world.send("group:g1", "Good morning.");
    assert_eq!(contents(&world), ["@Ann Lee for both", "Good morning."]);
    assert!(payloads(&world)[1].get("reply").is_none());
}

#[test]
fn a_gateway_that_has_queued_a_message_does_not_say_that_it_has_no_answer() {
    let (mut world, first, second) = asked_by_two();
    let regrets = |world: &mut World<DmworkServer>, number: u32, turn: &EntryId| {
        let (request, to) = (RequestId(number), "group:g1".to_owned());
        let text = "⚠️ OpenClaw couldn't produce or deliver a reply. Please try again.".to_owned();
        let of_turn = Some(turn.clone());
        world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: None, of_turn });
    };
    regrets(&mut world, 1, &second);
    world.tell(Input::TurnAdopted { turn: second.clone() });
    regrets(&mut world, 2, &second);
    assert!(contents(&world).is_empty(), "it may still answer");
    assert!(world.settled.iter().all(|(_, ids, error)| ids.is_empty() && error.is_none()));
    assert_eq!(world.settled.len(), 2);
    world.tell(Input::TurnEnded { turn: second, error: None });
    regrets(&mut world, 3, &first);
    assert_eq!(contents(&world), ["@Ann Lee ⚠️ OpenClaw couldn't produce or deliver a reply. Please try again."]);
}

#[test]
fn a_text_long_after_a_queued_turn_that_said_nothing_is_not_its_answer() {
    let mut world = queued();
    world.after_secs(601);
    world.send("group:g1", "Good morning.");
    assert_eq!((contents(&world)[2], payloads(&world)[2].get("reply")), ("Good morning.", None));
}

#[test]
fn a_text_without_a_name_answers_no_queued_turn_while_another_one_runs() {
    let mut world = queued();
    world.receive(&[group(43, "u1", "/status").mentioning(json!({ "uids": ["rev_bot"] })).number(3)]);
    world.after_secs(5);
    world.tell(Input::TurnAdopted { turn: EntryId("43".into()) });
    world.send("group:g1", "by the way");
    assert_eq!((contents(&world)[2], payloads(&world)[2].get("reply")), ("by the way", None));
}

#[test]
fn an_operator_may_want_answers_without_reply_and_call() {
    let world = answered(r#","replyToQuestion":false,"mentionAsker":false"#, "u1", &["a"]);
    assert_eq!(*payloads(&world)[0], json!({ "type": 1, "content": "a" }));
}

#[test]
fn a_target_as_other_adapters_write_it_is_the_group_and_calls_whom_it_names() {
    let server = DmworkServer { members: Some(vec![("ann", "Ann Lee"), ("bob", "")]), ..DmworkServer::default() };
    let mut world = World::new("dmwork", CONFIG, server);
    for (target, content, uids) in [
        ("channel:g1", "hi", json!(null)),
        ("group:g1@ann,bob", "@Ann Lee @bob hi", json!(["ann", "bob"])),
        ("dmwork:channel:g1@eve", "@eve hi", json!(null)),
    ] {
        world.send(target, "hi");
        let sent = world.server.sent.last().unwrap();
        assert_eq!((&sent["channel_id"], &sent["channel_type"]), (&json!("g1"), &json!(2)), "{target}");
        assert_eq!((&sent["payload"]["content"], &sent["payload"]["mention"]["uids"]), (&json!(content), &uids));
    }
    world.send("user:ann@bob", "hi");
    assert_eq!(world.server.sent.last().unwrap()["channel_id"], "ann@bob");
}
