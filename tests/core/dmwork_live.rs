//! What people on DMWork see before an answer is whole, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, dm, group};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::{EntryId, RequestId};
use mochat_dmwork::step::{HeldTurn, Input, Progress};
use serde_json::json;

fn turn() -> EntryId {
    EntryId("41".into())
}

/// Ann asks in the group, and the agent begins.
fn asked(keys: &str) -> World<DmworkServer> {
    let members = Some(vec![("u1", "Ann"), ("u2", "Bob"), ("rev_bot", "Reviewer")]);
    let server = DmworkServer { members, ..DmworkServer::default() };
    let mut world = World::new("dmwork", &CONFIG.replace('}', &format!("{keys}}}")), server);
    world.adopts = false;
    world.receive(&[group(41, "u1", "tell me").mentioning(json!({ "uids": ["rev_bot"] }))]);
    world.tell(Input::TurnAdopted { turn: turn() });
    world
}

fn writes(world: &mut World<DmworkServer>, text: &str) {
    world.tell(Input::PartWritten { turn: turn(), text: text.to_owned() });
}

fn answers(world: &mut World<DmworkServer>, text: &str) {
    let (request, to, text) = (RequestId(1), "group:g1".to_owned(), text.to_owned());
    world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: None, of_turn: Some(turn()) });
}

/// What people see.
fn seen(world: &World<DmworkServer>) -> Vec<&str> {
    world.server.sent.iter().map(|body| body["payload"]["content"].as_str().unwrap()).collect()
}

fn limited(seconds: u32) -> CallOutcome {
    CallOutcome::Answered { status: 429, retry_after: Some(seconds), body: String::new() }
}

fn lost() -> CallOutcome {
    CallOutcome::Failed { unsent: false, cause: "timeout".into() }
}

fn words(count: usize) -> String {
    "word ".repeat(count)
}

#[test]
fn a_long_answer_grows_in_one_message_and_ends_whole() {
    let mut world = asked("");
    assert_eq!(world.turns[0].progress, Progress::Edits);
    writes(&mut world, &words(30));
    assert!(seen(&world).is_empty(), "a short answer comes whole");
    writes(&mut world, &format!("{}half", words(50)));
    let first = format!("@Ann {} …", words(50).trim_end());
    assert_eq!(seen(&world), [&first], "half a word is not shown");
    assert_eq!(world.server.sent[0]["payload"]["reply"], json!({ "message_id": "41" }));
    for count in 51..60 {
        writes(&mut world, &words(count));
        world.after_ms(300);
    }
    assert_eq!(world.server.edits, 1, "edits keep a pace");
    let whole = format!("{}\n\nThe end.", words(120));
    answers(&mut world, &whole);
    assert_eq!(seen(&world), [format!("@Ann {whole}")]);
    let payload = &world.server.sent[0]["payload"];
    assert_eq!((&payload["reply"]["message_id"], &payload["mention"]["uids"]), (&json!("41"), &json!(["u1"])));
    world.tell(Input::TurnEnded { turn: turn(), error: None });
    world.after_secs(60);
    assert_eq!((seen(&world).len(), world.settled.len(), world.settled[0].1.len()), (1, 1, 1));
}

#[test]
fn an_answer_that_grew_is_quoted_and_read_whole() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    let whole = format!("{}\n\nThe end.", words(120));
    answers(&mut world, &whole);
    world.tell(Input::TurnEnded { turn: turn(), error: None });
    let id = crate::support::dmwork::POSTED.to_string();
    let mut quotes = group(42, "u1", "@Reviewer what end?").number(42);
    quotes.payload["reply"] = json!({ "message_id": id, "payload": { "type": 1, "content": "word word …" } });
    world.receive(&[quotes]);
    let quote = world.turns[1].quote.clone().unwrap();
    assert_eq!((quote.sender.as_str(), quote.text), ("Reviewer", format!("@Ann {whole}")));
    let mut ask = |parameters: serde_json::Value| {
        let caller = json!({ "channel": "dmwork", "to": "group:g1", "sender": "u1" });
        let ask = json!({ "tool": "dmwork_messages", "parameters": parameters, "caller": caller });
        world.tell(Input::ToolAsked { request: RequestId(9), ask: ask.to_string() });
        world.answers.last().unwrap().clone()
    };
    let (ok, told) = ask(json!({ "action": "search", "target": "group:g1", "query": "the end." }));
    assert!(ok && told.contains("The end.") && !told.contains('…'), "{told}");
    let edit = json!({ "action": "edit", "target": "group:g1", "messageId": id, "content": "Never mind." });
    assert!(ask(edit).0);
    let (_, told) = ask(json!({ "action": "read", "target": "group:g1" }));
    assert!(told.contains("Never mind.") && !told.contains("The end."), "{told}");
}

#[test]
fn an_edit_that_failed_is_not_told_as_made() {
    let mut world = asked("");
    let refusal =
        || CallOutcome::Answered { status: 200, retry_after: None, body: r#"{"msg":"no","status":400}"#.into() };
    writes(&mut world, &words(60));
    world.server.edit_answers = vec![refusal(); 9];
    answers(&mut world, "All of it.");
    let mut quotes = group(42, "u1", "@Reviewer this?").number(42);
    let id = crate::support::dmwork::POSTED.to_string();
    quotes.payload["reply"] = json!({ "message_id": id, "payload": { "type": 1, "content": "word word …" } });
    world.tell(Input::TurnEnded { turn: turn(), error: None });
    world.receive(&[quotes]);
    assert_eq!(world.turns[1].quote.as_ref().unwrap().text, "word word …");
}

#[test]
fn blocks_and_the_last_text_of_a_turn_come_in_order_and_none_twice() {
    let of = |word: &str, count: usize| word.repeat(count).trim_end().to_owned();
    let (a, b) = (of("a ", 150), of("b ", 150));
    for (keys, grows) in [("", true), ("", false), (r#","liveReplies":false"#, true)] {
        for refused in [None, Some(limited(5)), Some(lost())] {
            let mut world = asked(keys);
            for (word, text) in [("a ", &a), ("b ", &b)] {
                if grows {
                    writes(&mut world, &of(word, 120));
                    world.after_secs(3);
                    writes(&mut world, &of(word, 130));
                }
                world.server.edit_answers.extend(refused.clone());
                answers(&mut world, text);
            }
            answers(&mut world, "c");
            world.tell(Input::TurnEnded { turn: turn(), error: None });
            world.after_secs(60);
            assert_eq!(seen(&world), [&format!("@Ann {a}"), b.as_str(), "c"], "{keys} {grows} {refused:?}");
            assert_eq!((world.settled.len(), world.settled.iter().any(|(.., error)| error.is_some())), (3, false));
        }
    }
}

#[test]
fn of_an_answer_longer_than_a_message_the_rest_follows_in_order() {
    let mut world = asked("");
    writes(&mut world, &words(900));
    writes(&mut world, &words(700));
    assert_eq!(seen(&world).len(), 1);
    answers(&mut world, &words(1_500));
    let text = seen(&world).join(" ");
    assert_eq!((seen(&world).len(), text.matches("word").count(), text.matches('…').count()), (2, 1_500, 0));
    assert_eq!(world.settled[0].1, ["9007199254740993", "9007199254740994"]);
}

#[test]
fn the_whole_text_replaces_a_first_message_that_is_still_on_its_way_or_was_posted_without_an_answer() {
    let mut world = asked("");
    world.server.unheard = 1;
    writes(&mut world, &words(60));
    answers(&mut world, "All of it.");
    assert_eq!(world.server.sent.len(), 1);
    world.after_secs(5);
    assert_eq!((seen(&world), world.server.looks), (vec!["@Ann All of it."], 1));
}

#[test]
fn a_server_that_cannot_edit_gets_the_answer_whole_and_the_next_ones_in_blocks() {
    let mut world = asked("");
    world.server.lacks_edit = true;
    writes(&mut world, &words(60));
    answers(&mut world, "All of it.");
    assert_eq!(seen(&world)[1], "@Ann All of it.");
    assert_eq!((world.settled[0].2.as_deref(), world.server.edits_refused), (None, 1));
    world.receive(&[dm(42, "ann", "and now?")]);
    assert_eq!(world.turns[1].progress, Progress::Blocks);
}

#[test]
fn a_message_that_is_gone_takes_the_growing_from_no_other_answer() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    let body = r#"{"msg":"no such message","status":404}"#.to_owned();
    world.server.edit_answers = vec![CallOutcome::Answered { status: 404, retry_after: None, body }];
    answers(&mut world, "All of it.");
    assert_eq!(seen(&world)[1], "@Ann All of it.");
    world.receive(&[dm(42, "ann", "and now?")]);
    assert_eq!(world.turns[1].progress, Progress::Edits);
}

#[test]
fn an_edit_that_may_have_failed_is_repeated_and_one_that_is_refused_becomes_a_message() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.server.edit_answers = vec![lost(), limited(2)];
    answers(&mut world, "All of it.");
    world.after_secs(10);
    assert_eq!((seen(&world), world.settled.len()), (vec!["@Ann All of it."], 1));

    let refused =
        || CallOutcome::Answered { status: 400, retry_after: None, body: r#"{"msg":"not delivered"}"#.into() };
    for (refusals, messages) in [(1, 1), (3, 1), (4, 2)] {
        let mut world = asked("");
        writes(&mut world, &words(60));
        world.server.edit_answers = (0..refusals).map(|_| refused()).collect();
        world.after_secs(3);
        writes(&mut world, &words(80));
        answers(&mut world, "All of it.");
        world.after_secs(10);
        assert_eq!((seen(&world).len(), seen(&world).last()), (messages, Some(&"@Ann All of it.")), "{refusals}");
    }
}

#[test]
fn a_text_that_does_not_name_the_turn_is_none_of_its_answer() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.send("group:g1", "The nightly build is red.");
    answers(&mut world, "All of it.");
    assert_eq!(seen(&world), ["@Ann All of it.", "The nightly build is red."]);
    assert_eq!(world.server.sent[1]["payload"].get("reply"), None);
    assert_eq!(world.assigned[0].1, turn(), "whose it is in the books is a guess");
}

#[test]
fn a_reply_that_names_the_running_turn_is_its_answer() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    let (request, to, text) = (RequestId(1), "group:g1".to_owned(), "All of it.".to_owned());
    world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to: Some("41".into()), of_turn: None });
    assert_eq!(seen(&world), ["@Ann All of it."]);
}

#[test]
fn an_answer_that_is_being_written_ends_in_its_own_message_whatever_was_put_into_its_run() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.receive(&[group(42, "u2", "and me").mentioning(json!({ "uids": ["rev_bot"] }))]);
    world.after_secs(3);
    let second = EntryId("42".into());
    world.tell(Input::TurnDeferred { turn: second.clone() });
    world.tell(Input::TurnAdopted { turn: second.clone() });
    world.tell(Input::TurnSettled { turn: second.clone() });
    world.tell(Input::TurnEnded { turn: second, error: None });
    world.after_secs(10);
    answers(&mut world, "All of it.");
    assert_eq!(seen(&world), ["@Ann All of it."]);
}

#[test]
fn a_queued_turn_whose_end_nobody_tells_is_forgotten_with_the_next_one_of_its_place() {
    let mut world = asked("");
    world.receive(&[group(42, "u2", "and me").mentioning(json!({ "uids": ["rev_bot"] }))]);
    let (second, third) = (EntryId("42".into()), EntryId("43".into()));
    world.tell(Input::TurnDeferred { turn: second.clone() });
    world.tell(Input::TurnEnded { turn: turn(), error: None });
    world.tell(Input::TurnEnded { turn: second.clone(), error: None });
    world.tell(Input::TurnAdopted { turn: second });
    world.receive(&[group(43, "u1", "once more").mentioning(json!({ "uids": ["rev_bot"] }))]);
    world.after_secs(10);
    world.tell(Input::TurnAdopted { turn: third.clone() });
    world.tell(Input::TurnEnded { turn: third, error: None });
    world.send("group:g1", "Good morning.");
    assert!(world.assigned.is_empty(), "{:?}", world.assigned);
    assert_eq!(seen(&world), ["Good morning."]);
}

#[test]
fn an_edit_that_nobody_knows_of_is_repeated_and_never_posted_as_well() {
    for (unheard, messages, is_error) in [(6, ["@Ann All of it."].as_slice(), false), (20, &["@Ann word"], true)] {
        let mut world = asked("");
        writes(&mut world, &words(60));
        let late = || CallOutcome::Answered { status: 504, retry_after: None, body: String::new() };
        world.server.edit_answers = (0..unheard).map(|_| late()).collect();
        answers(&mut world, "All of it.");
        world.after_secs(600);
        assert_eq!(seen(&world).len(), 1);
        assert!(seen(&world)[0].starts_with(messages[0]), "{:?}", seen(&world));
        let error = world.settled[0].2.as_deref();
        assert_eq!(error.is_some_and(|error| error.contains("may have been sent or not")), is_error, "{error:?}");
    }
}

#[test]
fn whoever_is_called_late_in_an_answer_is_called_by_a_message_of_its_own() {
    for (end, first) in [("\n\n@Bob please look.", ""), (" and then @Bob looks.", " and then")] {
        let mut world = asked("");
        writes(&mut world, &words(60));
        let whole = format!("{}{end}", words(80).trim_end());
        writes(&mut world, &whole);
        answers(&mut world, &whole);
        let call = format!("@Bob {}", end.rsplit("@Bob ").next().unwrap());
        assert_eq!(seen(&world), [format!("@Ann {}{first}", words(80).trim_end()), call]);
        assert_eq!(world.server.sent[1]["payload"]["mention"]["uids"], json!(["u2"]));
        assert_eq!((world.settled.len(), world.settled[0].1.len()), (1, 2));
    }
    let mut world = asked("");
    world.server.unheard = 1;
    writes(&mut world, &words(60));
    answers(&mut world, "Well.\n@Bob knows.");
    world.after_secs(5);
    assert_eq!(seen(&world), ["@Ann Well.", "@Bob knows."], "also if its first message is still on its way");
}

#[test]
fn a_bot_that_asks_gets_its_answer_whole_for_it_would_not_hear_of_edits() {
    let mut world = asked(r#","allowBots":"on""#);
    world.receive(&[group(42, "other_bot", "and me").mentioning(json!({ "uids": ["rev_bot"] }))]);
    assert_eq!((world.turns[0].progress, world.turns[1].progress), (Progress::Edits, Progress::Whole));
}

#[test]
fn an_answer_that_is_broken_off_says_so() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.tell(Input::TurnEnded { turn: turn(), error: None });
    assert_eq!(seen(&world), [format!("@Ann {}\n\n[broken off]", words(60).trim_end())]);
    world.after_secs(60);
    assert_eq!(world.server.edits, 1);
}

#[test]
fn that_an_answer_is_broken_off_is_said_also_when_the_server_is_busy_but_not_in_a_message_of_its_own() {
    let gone = || CallOutcome::Answered { status: 404, retry_after: None, body: r#"{"msg":"no such message"}"#.into() };
    for (answer, end) in [(limited(5), "[broken off]"), (lost(), "[broken off]"), (gone(), "…")] {
        let mut world = asked("");
        writes(&mut world, &words(60));
        world.server.edit_answers = vec![answer];
        world.tell(Input::TurnEnded { turn: turn(), error: None });
        world.after_secs(60);
        assert_eq!(seen(&world).len(), 1);
        assert!(seen(&world)[0].ends_with(end), "{:?}", seen(&world));
    }
}

#[test]
fn a_secret_and_a_call_do_not_show_before_the_answer_is_whole() {
    let mut world = asked("");
    writes(&mut world, &format!("{} bf_0123456789abcd", words(60)));
    writes(&mut world, &format!("{} bf_0123456789abcdef0123 x", words(60)));
    world.after_secs(3);
    assert!(!seen(&world)[0].contains("bf_") && seen(&world)[0].contains("[redacted]"), "{:?}", seen(&world));
    let mut world = asked("");
    writes(&mut world, &format!("@Bob {}", words(60)));
    assert!(seen(&world).is_empty(), "a call that is edited in rings nobody");
    answers(&mut world, "@Bob look");
    assert_eq!(world.server.sent[0]["payload"]["mention"]["uids"], json!(["u1", "u2"]));
}

#[test]
fn an_operator_may_want_answers_whole() {
    let mut world = asked(r#","liveReplies":false"#);
    assert_eq!(world.turns[0].progress, Progress::Whole);
    writes(&mut world, &words(60));
    assert!(seen(&world).is_empty());
}

/// Ann and Bob ask in the group; both answers become long enough to show while another text is on its way there.
fn two_answers_that_wait_for_their_first_message() -> World<DmworkServer> {
    let members = Some(vec![("u1", "Ann"), ("u2", "Bob"), ("rev_bot", "Reviewer")]);
    let server = DmworkServer { members, tells_slowly: true, ..DmworkServer::default() };
    let mut world = World::new("dmwork", CONFIG, server);
    world.adopts = false;
    for (id, asker) in [(41, "u1"), (42, "u2")] {
        world.receive(&[group(id, asker, "tell me").mentioning(json!({ "uids": ["rev_bot"] }))]);
        world.hurry();
        world.tell(Input::TurnAdopted { turn: EntryId(id.to_string()) });
    }
    world.after_secs(400);
    world.send("group:g1", "@Bob wait.");
    for id in ["41", "42"] {
        world.tell(Input::PartWritten { turn: EntryId(id.into()), text: words(60) });
    }
    assert!(seen(&world).is_empty(), "who Bob is is still to be told");
    world.hurry();
    world
}

#[test]
fn each_of_two_answers_that_begin_at_once_grows_in_its_own_message_and_rings_whom_it_calls() {
    let mut world = two_answers_that_wait_for_their_first_message();
    let growing = |name: &str| format!("@{name} {} …", words(59).trim_end());
    assert_eq!(seen(&world), ["@Bob wait.".to_owned(), growing("Ann"), growing("Bob")]);
    for (request, id, text) in [(1, "41", "Well.\n@Bob knows."), (2, "42", "Done.")] {
        let (to, text, of_turn) = ("group:g1".to_owned(), text.to_owned(), Some(EntryId(id.into())));
        world.tell(Input::SendAsked {
            request: RequestId(request),
            to,
            text,
            media: Vec::new(),
            reply_to: None,
            of_turn,
        });
    }
    assert_eq!(seen(&world), ["@Bob wait.", "@Ann Well.", "@Bob Done.", "@Bob knows."]);
    assert_eq!(world.server.sent[3]["payload"]["mention"]["uids"], json!(["u2"]));
}

#[test]
fn a_growing_answer_waits_as_long_as_the_server_asks_and_so_does_its_whole_text() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.server.edit_answers = vec![limited(30)];
    world.after_secs(3);
    writes(&mut world, &words(80));
    assert!(world.server.edit_answers.is_empty(), "an edit was refused");
    world.after_secs(10);
    writes(&mut world, &words(100));
    answers(&mut world, "All of it.");
    world.after_ms(19_900);
    assert_eq!(world.server.edits, 0);
    world.after_ms(200);
    assert_eq!((world.server.edits, seen(&world), world.settled.len()), (1, vec!["@Ann All of it."], 1));
}

#[test]
fn a_growing_answer_goes_on_after_the_server_has_asked_for_a_pause() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.server.edit_answers = vec![limited(30)];
    world.after_secs(3);
    writes(&mut world, &words(80));
    writes(&mut world, &words(100));
    world.after_ms(29_900);
    assert_eq!(world.server.edits, 0);
    world.after_secs(3);
    assert_eq!((world.server.edits, seen(&world)[0].matches("word").count()), (1, 99));
}

#[test]
fn a_first_message_that_was_not_taken_makes_way_for_the_whole_text() {
    let mut world = asked("");
    world.server.answers = vec![limited(30)];
    writes(&mut world, &words(60));
    answers(&mut world, "@Bob look.");
    world.after_ms(29_900);
    assert!(seen(&world).is_empty());
    world.after_ms(200);
    assert_eq!((seen(&world), world.server.edits), (vec!["@Ann @Bob look."], 0), "an edit would ring nobody");
    assert_eq!(world.server.sent[0]["payload"]["mention"]["uids"], json!(["u1", "u2"]));
}

#[test]
fn a_first_message_in_doubt_holds_the_whole_text_back_for_some_seconds_at_most() {
    // Nobody can tell whether it stands there; it doesn't; and it does, as is seen late.
    for (blind, unheard, messages) in [(1_000, 0, 1), (0, 0, 1), (2, 1, 1), (1_000, 1, 2)] {
        let mut world = asked("");
        (world.server.blind, world.server.unheard) = (blind, unheard);
        if unheard == 0 {
            world.server.answers = vec![lost()];
        }
        writes(&mut world, &words(60));
        answers(&mut world, "All of it.");
        world.after_secs(6);
        let last = seen(&world).last().copied();
        assert_eq!((seen(&world).len(), last), (messages, Some("@Ann All of it.")), "{blind} {unheard}");
        assert_eq!((world.settled.len(), world.settled[0].2.as_deref()), (1, None));
    }
}

const RESUMED: &str = "I'm continuing your interrupted request now.";

#[test]
fn an_answer_that_a_crash_cut_short_becomes_whole_where_it_began() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.after_secs(3);
    writes(&mut world, &words(90));
    world.crash();
    world.after_secs(5);
    world.send("group:g1", RESUMED);
    world.after_secs(300);
    let whole = format!("{}\n\nThe end.", words(120));
    world.send("group:g1", &whole);
    assert_eq!(seen(&world), [&format!("@Ann {whole}"), RESUMED]);
    let payload = &world.server.sent[0]["payload"];
    assert_eq!((&payload["reply"]["message_id"], &payload["mention"]["uids"]), (&json!("41"), &json!(["u1"])));
    world.crash();
    world.send("group:g1", &whole);
    world.after_secs(3_600);
    assert_eq!(seen(&world), [&format!("@Ann {whole}"), RESUMED, whole.as_str()], "the next one is another answer");
}

#[test]
fn an_answer_that_is_another_one_after_a_crash_comes_whole_and_its_beginning_says_that_it_ends() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.crash();
    world.send("group:g1", RESUMED);
    world.send("group:g1", "In other words.");
    world.after_secs(590);
    let begun = format!("@Ann {}", words(59).trim_end());
    assert_eq!(seen(&world), [&format!("{begun} …"), RESUMED, "In other words."]);
    world.after_secs(20);
    assert_eq!(seen(&world)[0], format!("{begun}\n\n[broken off]"));
    world.crash();
    world.after_secs(3_600);
    assert_eq!((world.server.edits, seen(&world).len()), (1, 3));
}

#[test]
fn an_answer_whose_account_was_rebuilt_becomes_whole_where_it_began() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    world.rebuild(vec![HeldTurn { turn: turn(), entries: vec![turn()] }]);
    world.tell(Input::TurnAdopted { turn: turn() });
    writes(&mut world, &words(90));
    world.after_secs(60);
    answers(&mut world, "All of it.");
    assert_eq!(seen(&world), ["@Ann All of it."]);
    world.tell(Input::TurnEnded { turn: turn(), error: None });
    world.after_secs(3_600);
    assert_eq!(seen(&world), ["@Ann All of it."]);
}

#[test]
fn a_crash_while_the_whole_text_is_on_its_way_does_not_leave_the_beginning_beside_it() {
    let mut world = asked("");
    writes(&mut world, &words(60));
    let late = || CallOutcome::Answered { status: 504, retry_after: None, body: String::new() };
    world.server.edit_answers = (0..4).map(|_| late()).collect();
    answers(&mut world, &words(90));
    world.crash();
    world.server.edit_answers.clear();
    world.send("group:g1", &words(90));
    assert_eq!(seen(&world), [format!("@Ann {}", words(90).trim_end())]);
}

#[test]
fn typing_shows_for_as_long_as_the_server_passes_it_on_and_again_after_a_message() {
    let mut world = asked("");
    for _ in 0..100 {
        world.tell(Input::TypingAsked { to: "group:g1".into() });
        world.after_secs(3);
    }
    assert_eq!(world.server.typing, 30, "each six seconds, for ninety of each hundred and eighty");
    world.send("group:g1", "still at it");
    world.tell(Input::TypingAsked { to: "group:g1".into() });
    assert_eq!(world.server.typing, 31);
}

#[test]
fn typing_shows_again_in_a_turn_that_follows_one_without_a_word() {
    let mut world = asked("");
    for (pause, calls) in [(0, 1), (100, 1), (3_600, 2)] {
        world.after_secs(pause);
        world.tell(Input::TypingAsked { to: "group:g1".into() });
        assert_eq!(world.server.typing, calls, "{pause} s later");
    }
}

#[test]
fn a_question_is_marked_as_read_when_its_turn_begins() {
    let world = asked("");
    assert_eq!(world.server.receipts, [json!({ "channel_id": "g1", "channel_type": 2, "message_ids": ["41"] })]);
}
