//! What leaves for Mochat, told as stories in virtual time.

use crate::support::World;
use crate::support::logs::at;
use crate::support::mochat::{BOT, MochatServer, PANEL, Trouble, config, logged, session};
use mochat_dmwork::ids::{EntryId, RequestId};
use mochat_dmwork::step::Input;
use serde_json::{Value, json};

/// A group of three people of whom the server tells the ids, and a session that tells names.
fn world() -> World<MochatServer> {
    let named = |id: &str, name: &str| json!({ "userId": id, "nickname": name, "type": "user" });
    let sessions = vec![
        session("session_dm", &["u1"]),
        json!({ "sessionId": "session_three", "participants": [named(BOT, "Claw"), named("u1", "Ann"), named("u9", "Zoe")] }),
    ];
    let members = ["u1", "u2", "u3", BOT].map(|id| json!({ "userId": id, "roles": [] })).to_vec();
    World::new("mochat", &config(json!({})), MochatServer { sessions, members, ..MochatServer::default() })
}

/// The content and the meta of the last post.
fn last(world: &World<MochatServer>) -> (&str, &Value) {
    let (_, body) = world.server.sent.last().unwrap();
    (body["content"].as_str().unwrap(), &body["meta"])
}

/// How often the bot looked for its own post.
fn looks(world: &World<MochatServer>) -> usize {
    world.server.asked("/messages").iter().filter(|body| body["limit"] == 50).count()
}

#[test]
fn a_mention_of_a_member_is_posted_in_the_platforms_form() {
    let mut world = world();
    let panel = format!("panel:{PANEL}");
    world.send(&panel, "@Ann and [at=u2]Bo[/at] and @[u3:Cy] and <@u1>");
    let content = "[at=u1]Ann[/at] and [at=u2]Bo[/at] and [at=u3]Cy[/at] and [at=u1]Ann[/at]";
    assert_eq!(last(&world), (content, &json!({ "mentions": ["u1", "u2", "u3"] })));
    world.in_panel("m1", "u2", "hi");
    world.after_secs(130);
    world.send(&panel, "@u2 yes");
    assert_eq!(last(&world).0, "[at=u2]u2[/at] yes");
}

#[test]
fn only_who_is_in_that_very_place_is_called() {
    let mut world = world();
    world.send(&format!("panel:{PANEL}"), "@Zoe [at=u9]Zoe[/at] @all @Claw `@Ann` @types/node");
    assert_eq!(last(&world), ("@Zoe @Zoe @all @Claw `@Ann` @types/node", &json!(null)));
    world.send("session:session_three", "@Zoe");
    assert_eq!(last(&world).0, "[at=u9]Zoe[/at]");
    world.send("session:session_three", "@[u2:Bo]");
    assert_eq!(last(&world).0, "@Bo");
    world.send("session:session_dm", "@Ann @[u1:Ann]");
    assert_eq!(last(&world), ("@Ann @Ann", &json!(null)));
}

#[test]
fn two_people_of_one_name_are_both_left_alone() {
    let mut world = world();
    let mut say = |id: &str, author: &str, name: &str| {
        let mut said = crate::support::mochat::event(1, id, author, "hi", crate::support::mochat::LATER);
        said["payload"]["authorInfo"]["nickname"] = name.into();
        world.event("claw.panel.events", &json!({ "sessionId": PANEL, "cursor": 1, "events": [said] }));
    };
    say("m1", "u2", "Bo");
    say("m2", "u3", "Ann");
    world.send(&format!("panel:{PANEL}"), "@Bo, @Ann");
    assert_eq!(last(&world), ("[at=u2]Bo[/at], @Ann", &json!({ "mentions": ["u2"] })));
}

#[test]
fn a_token_and_a_path_never_leave_whoever_reads_it() {
    let mut world = world();
    for to in ["session:session_dm", "session:session_three", &format!("panel:{PANEL}")] {
        world.send(to, "CLAW_0123456789abcdef0123 in ~/.openclaw/openclaw.json, or bf_0123456789abcdef0123");
        assert_eq!(last(&world).0, "[redacted] in …/openclaw.json, or [redacted]", "{to}");
    }
    let mut counted = world.log.iter().filter(|line| line.starts_with("secret-redacted: 2 in a message to"));
    assert!(counted.next_back().unwrap().ends_with("6 since start"));
}

/// What was posted, in order.
fn contents(world: &World<MochatServer>) -> Vec<&str> {
    world.server.sent.iter().map(|(_, body)| body["content"].as_str().unwrap()).collect()
}

/// How the only text that was sent ended.
fn ended(world: &World<MochatServer>) -> (Vec<&str>, Option<&str>) {
    assert_eq!(world.settled.len(), 1);
    let (_, ids, error) = &world.settled[0];
    (ids.iter().map(String::as_str).collect(), error.as_deref())
}

#[test]
fn a_picture_and_a_link_go_along_in_the_platforms_markup() {
    let mut world = world();
    let files = ["https://x.example/a.png?v=1", "https://x.example/b[1].pdf"];
    world.send_with("session:session_dm", "Here:", &files);
    world.send_with("session:session_dm", "", &files[..1]);
    let picture = "[img]https://x.example/a.png?v=1[/img]";
    assert_eq!(contents(&world)[0], format!("Here:\n{picture}\n[url]https://x.example/b%5B1%5D.pdf[/url]"));
    assert_eq!(contents(&world)[1], picture);
}

#[test]
fn a_file_of_this_machine_is_named_with_the_reason_why_it_stays() {
    let mut world = world();
    let label = "[file: chart.png, not sent: Mochat takes links only]";
    world.send_with("session:session_dm", "Here:", &["/home/claw/out/chart.png"]);
    assert_eq!(contents(&world), [format!("Here:\n{label}")]);
    assert_eq!(ended(&world), (vec!["out1"], None), "a reply that people can see is one");
    assert!(world.log.iter().any(|line| line.starts_with(label)));
}

#[test]
fn a_file_that_is_all_there_is_to_send_is_refused_unless_somebody_waits_for_an_answer() {
    for of_turn in [None, Some(EntryId("m1".into()))] {
        let mut world = world();
        let (to, media) = ("session:session_dm".to_owned(), vec!["./out/chart.png".to_owned()]);
        let is_reply = of_turn.is_some();
        world.tell(Input::SendAsked { request: RequestId(1), to, text: String::new(), media, reply_to: None, of_turn });
        assert_eq!(contents(&world).len(), usize::from(is_reply));
        let error = ended(&world).1.map(str::to_owned);
        assert_eq!(error.is_none(), is_reply);
        assert!(error.is_none_or(|error| error == "[file: chart.png, not sent: Mochat takes links only]"));
    }
}

#[test]
fn a_reply_names_the_message_that_it_answers_in_its_first_part() {
    let mut world = world();
    let request = RequestId(1);
    let (to, text) = (format!("panel:{PANEL}"), "word ".repeat(1_500));
    let reply_to = Some("m1".to_owned());
    world.tell(Input::SendAsked { request, to, text, media: Vec::new(), reply_to, of_turn: None });
    let replies: Vec<_> = world.server.sent.iter().map(|(path, body)| (path.as_str(), &body["replyTo"])).collect();
    let path = "/api/claw/groups/panels/send";
    assert_eq!(replies, [(path, &json!("m1")), (path, &json!(null))]);
}

#[test]
fn a_post_whose_answer_was_lost_is_found_and_not_repeated() {
    for trouble in
        [Trouble::Unheard, Trouble::Taken(502, json!("bad gateway")), Trouble::Taken(200, json!({ "code": 200 }))]
    {
        let mut world = world();
        world.server.troubles.push_back(trouble);
        world.send(&format!("panel:{PANEL}"), "Hi @Ann\n\nbye");
        // The socket may be faster than the look.
        world.in_panel("out1", BOT, "Hi [at=u1]Ann[/at]\n\nbye");
        world.send(&format!("panel:{PANEL}"), "next");
        world.after_secs(10);
        assert_eq!(contents(&world), ["Hi [at=u1]Ann[/at]\n\nbye", "next"]);
        assert_eq!(looks(&world), 1);
        let settled: Vec<_> = world.settled.iter().map(|(_, ids, error)| (ids[0].as_str(), error.is_none())).collect();
        assert_eq!(settled, [("out1", true), ("out2", true)]);
    }
}

#[test]
fn a_post_that_was_lost_is_repeated_even_if_the_same_was_said_before() {
    let mut world = world();
    world.send("session:session_dm", "ok");
    world.server.troubles.push_back(Trouble::Lost);
    world.send("session:session_dm", "ok");
    world.after_secs(10);
    assert_eq!(contents(&world), ["ok", "ok"]);
    assert_eq!(world.settled[1].1, ["out2"]);
}

#[test]
fn what_cannot_be_looked_for_is_not_repeated_and_the_host_hears_why() {
    let mut world = world();
    world.server.troubles.push_back(Trouble::Unheard);
    world.server.blind = 2;
    world.send("session:session_dm", "hello");
    world.after_secs(30);
    assert_eq!((contents(&world), ended(&world)), (vec!["hello"], (vec!["out1"], None)), "it is looked for again");

    let mut world = self::world();
    world.server.troubles.push_back(Trouble::Lost);
    world.server.blind = 1_000;
    world.send("session:session_dm", "hello");
    world.after_secs(600);
    assert!(contents(&world).is_empty());
    assert!(ended(&world).1.unwrap().contains("may have been sent or not: ECONNRESET"));
}

#[test]
fn what_may_stand_before_the_messages_of_a_look_is_not_repeated() {
    let mut world = world();
    world.server.troubles.push_back(Trouble::Lost);
    world.send(&format!("panel:{PANEL}"), "hello");
    world.server.logs.insert(PANEL.to_owned(), talk());
    world.after_secs(600);
    assert!(contents(&world).is_empty());
    assert!(ended(&world).1.unwrap().contains("may have been sent or not"));
}

#[test]
fn a_post_that_the_process_died_over_is_found_when_the_gateway_sends_it_again() {
    for to in ["session:session_dm", &format!("panel:{PANEL}")] {
        let mut world = world();
        world.send(to, "Hi @Ann");
        world.server.troubles.push_back(Trouble::Unheard);
        world.send(to, "Hi @Ann");
        world.crash();
        world.after_secs(10);
        world.send(to, "I go on.");
        world.send(to, "Hi @Ann");
        world.after_secs(10);
        assert_eq!(contents(&world).len(), 3, "{:?}", contents(&world));
        assert_eq!(world.settled.last().unwrap().1, ["out2"]);
    }
}

#[test]
fn a_post_that_the_process_died_over_and_nobody_took_is_posted_when_the_gateway_sends_it_again() {
    let mut world = world();
    world.send("session:session_dm", "ok");
    world.server.troubles.push_back(Trouble::Lost);
    world.send("session:session_dm", "ok");
    world.crash();
    world.after_secs(10);
    world.send("session:session_dm", "ok");
    world.after_secs(10);
    assert_eq!((contents(&world), looks(&world)), (vec!["ok", "ok"], 1));
    assert_eq!(world.settled.last().unwrap().1, ["out2"]);
}

#[test]
fn a_post_that_was_lost_behind_much_talk_is_repeated() {
    let mut world = world();
    world.server.logs.insert(PANEL.to_owned(), talk());
    world.after_secs(600);
    world.server.troubles.push_back(Trouble::Lost);
    world.send(&format!("panel:{PANEL}"), "hello");
    world.after_secs(10);
    assert_eq!((contents(&world), ended(&world).1), (vec!["hello"], None));
}

/// More than a look shows, within the first minutes.
fn talk() -> Vec<Value> {
    (1..=110).map(|number: u64| logged(&format!("m{number}"), "u1", "and", &at(number))).collect()
}

#[test]
fn a_full_server_is_waited_for_and_the_order_of_a_place_is_kept() {
    let limited = json!({ "error": { "code": "RATE_LIMITED", "message": "slow down" } });
    for trouble in
        [Trouble::Refused(429, limited.clone()), Trouble::Refused(200, limited), Trouble::Refused(503, json!(""))]
    {
        let mut world = world();
        world.server.troubles.push_back(trouble);
        world.send("session:session_dm", "first");
        world.tell(Input::SendAsked {
            request: RequestId(2),
            to: "session:session_dm".into(),
            text: "second".into(),
            media: Vec::new(),
            reply_to: None,
            of_turn: None,
        });
        assert!(contents(&world).is_empty());
        world.after_secs(5);
        assert_eq!(contents(&world), ["first", "second"]);
        assert!(world.settled.iter().all(|(_, _, error)| error.is_none()));
    }
}

#[test]
fn a_place_where_the_agent_may_not_write_is_said_once_and_tried_once() {
    for (status, said) in [
        (403, json!({ "code": 403, "message": "no permission" })),
        (200, json!({ "code": 403, "message": "no permission" })),
        (400, json!({ "code": 400, "message": "session is closed" })),
        // Upstream throws a plain error for this.
        (500, json!({ "code": 500, "message": "您因为被禁言无法发送消息" })),
    ] {
        let mut world = world();
        world.server.troubles.push_back(Trouble::Refused(status, said.clone()));
        world.send(&format!("panel:{PANEL}"), &"a long text ".repeat(1_000));
        world.after_secs(600);
        assert!(contents(&world).is_empty() && looks(&world) == 0);
        let error = ended(&world).1.unwrap();
        assert!(error.contains(said["message"].as_str().unwrap()), "{error}");
    }
}

#[test]
fn a_server_that_fails_at_a_text_gives_up_after_some_tries() {
    let mut world = world();
    world.server.troubles.extend((0..20).map(|_| Trouble::Refused(500, json!({ "code": 500, "message": "boom" }))));
    world.send("session:session_dm", "hello");
    world.after_secs(600);
    assert_eq!(world.server.troubles.len(), 17);
    let error = ended(&world).1.unwrap();
    assert!(error.contains("was not sent: HTTP 500: code 500: boom"), "{error}");
}

#[test]
fn a_post_in_doubt_is_known_again_although_a_name_in_it_is_known_better_by_now() {
    let mut world = world();
    world.server.troubles.push_back(Trouble::Unheard);
    world.send(&format!("panel:{PANEL}"), "<@u2> done");
    assert_eq!(contents(&world), ["[at=u2]u2[/at] done"]);
    world.in_panel("m1", "u2", "I am Bob");
    world.after_secs(10);
    assert_eq!((contents(&world).len(), ended(&world)), (1, (vec!["out1"], None)));
}

#[test]
fn a_post_that_was_lost_is_not_taken_for_one_of_long_ago_that_nothing_dates() {
    let mut world = world();
    world.server.is_timeless = true;
    world.send("session:session_dm", "ok");
    world.crash();
    world.settled.clear();
    world.server.troubles.push_back(Trouble::Lost);
    world.send("session:session_dm", "ok");
    world.after_secs(1_000);
    let (ids, error) = ended(&world);
    assert!(ids.is_empty() && error.unwrap().contains("may have been sent or not"));
}

#[test]
fn a_reply_that_meets_a_renewed_token_on_its_way_is_sent_with_it() {
    let mut world = world();
    let renewed = json!({ "botUserId": BOT, "token": "claw_fedcba9876543210fedc" });
    world.server.answers = vec![("agents/rotateToken", renewed)];
    let ask =
        json!({ "tool": "mochat_account", "parameters": { "action": "rotate_token" }, "caller": { "operator": true } });
    world.tell(Input::ToolAsked { request: RequestId(77), ask: ask.to_string() });
    world.server.troubles.push_back(Trouble::Refused(401, json!({ "code": 401, "message": "unknown token" })));
    world.send("session:session_dm", "still here");
    world.after_secs(10);
    assert_eq!((last(&world).0, ended(&world).1), ("still here", None));
}

#[test]
fn a_question_behind_a_reply_that_is_still_on_its_way_waits_for_it() {
    let mut world = world();
    (world.adopts, world.server.is_slow) = (false, true);
    world.in_session("session_dm", "m1", "u1", "one");
    world.tell(Input::TurnAdopted { turn: EntryId("m1".into()) });
    world.server.troubles.push_back(Trouble::Unheard);
    world.send("session:session_dm", "answer");
    world.in_session("session_dm", "m2", "u1", "two");
    world.after_secs(10);
    assert_eq!(world.texts(), ["one"], "the host would say that it does not know whether it has answered");
    world.hurry();
    world.after_secs(10);
    assert_eq!((world.texts(), ended(&world)), (vec!["one", "two"], (vec!["out1"], None)));
}
