//! Files that come with messages from Mochat, told as stories in virtual time.

use crate::support::World;
use crate::support::mochat::{BOT, LATER, MochatServer, event, strict};
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::{Input, TurnRequest};
use serde_json::json;

const PHOTO: &str = "https://cdn.example/photo.jpg";

fn world() -> World<MochatServer> {
    World::mochat(json!({}))
}

/// Names of the files that are fetched for a turn.
fn names(turn: &TurnRequest) -> Vec<&str> {
    let files = turn.downloads.iter().flat_map(|downloads| &downloads.files);
    files.map(|file| file.name.as_str()).collect()
}

#[test]
fn a_picture_and_a_document_reach_the_agent_with_their_names() {
    let mut world = world();
    let content = format!(
        "look [img height=3 width=4]{PHOTO}[/img] [card type=file url={{BACKEND}}/static/1.pdf]Q3 报告.pdf[/card]"
    );
    world.in_session("session_dm", "m1", "owner", &content);
    let turn = &world.turns[0];
    assert_eq!(turn.text, "look [image: photo.jpg] [file: Q3 报告.pdf]");
    let downloads = turn.downloads.as_ref().unwrap();
    let files: Vec<_> = downloads.files.iter().map(|file| file.url.as_str()).collect();
    assert_eq!(files, [PHOTO, "https://mochat.example/static/1.pdf"]);
    assert_eq!(
        (downloads.max_bytes, downloads.origins.as_slice()),
        (20 * 1024 * 1024, &["https://mochat.example".to_owned()][..])
    );
    assert_eq!(downloads.authorization, None);
}

#[test]
fn a_picture_alone_is_a_message_and_a_link_to_one_is_a_picture() {
    let mut world = world();
    world.in_session("session_dm", "m1", "owner", &format!("[img]{PHOTO}[/img]"));
    world.in_session("session_dm", "m2", "owner", &format!("and {PHOTO}?size=2, https://cdn.example/page"));
    assert_eq!(world.texts(), ["[image: photo.jpg]", &format!("and {PHOTO}?size=2, https://cdn.example/page")]);
    assert_eq!(world.turns.iter().map(names).collect::<Vec<_>>(), [["photo.jpg"], ["photo.jpg"]]);
}

#[test]
fn what_cannot_be_fetched_by_anybody_is_only_named() {
    let mut world = world();
    for (id, url) in
        [("m1", "data:image/png;base64,AAAA"), ("m2", "file:///etc/passwd"), ("m3", "ftp://x.example/a.png")]
    {
        world.in_session("session_dm", id, "owner", &format!("see [img]{url}[/img]"));
    }
    assert_eq!(world.texts(), ["see [image: data]", "see [image: passwd]", "see [image: a.png]"]);
    assert!(world.turns.iter().all(|turn| turn.downloads.is_none()));
}

#[test]
fn a_question_about_a_picture_that_was_shown_before_comes_with_the_picture() {
    let mut world = strict();
    world.in_panel("m1", "ann", &format!("[img]{PHOTO}[/img]"));
    world.in_panel("m2", "bob", &format!("[at={BOT}]claw[/at] what is this?"));
    assert_eq!(names(&world.turns[0]), ["photo.jpg"]);
    assert_eq!(world.turns[0].history[0].text, "[image: photo.jpg]");
    world.in_panel("m3", "bob", &format!("[at={BOT}]claw[/at] thanks"));
    assert!(world.turns[1].downloads.is_none(), "what was told once is not told again");
}

#[test]
fn a_question_in_a_quote_of_a_picture_comes_with_the_picture() {
    let mut world = world();
    let mut said = event(1, "m1", "owner", "what is this?", LATER);
    said["payload"]["meta"] =
        json!({ "reply": { "_id": "m0", "author": "ann", "content": format!("[b]my[/b] [img]{PHOTO}[/img]") } });
    world.event("claw.session.events", &json!({ "sessionId": "session_dm", "cursor": 1, "events": [said] }));
    let turn = &world.turns[0];
    assert_eq!((turn.quote.as_ref().unwrap().text.as_str(), names(turn)), ("my [image: photo.jpg]", vec!["photo.jpg"]));
}

#[test]
fn of_many_files_the_latest_are_fetched_and_the_rest_is_counted() {
    let mut world = world();
    let pictures: Vec<String> = (0..12).map(|number| format!("[img]https://x.example/{number}.png[/img]")).collect();
    world.in_session("session_dm", "m1", "owner", &pictures.join(" "));
    let turn = &world.turns[0];
    assert_eq!((names(turn).len(), names(turn)[0]), (8, "4.png"));
    assert!(turn.text.starts_with("[image: 0.png]") && turn.text.ends_with("(4 earlier files are not attached)"));
}

#[test]
fn nobody_who_may_not_speak_makes_us_fetch_anything() {
    let mut world = world();
    world.access = |_| mochat_dmwork::step::Access::new(mochat_dmwork::step::Ruling::Denied);
    world.in_session("session_dm", "m1", "owner", &format!("[img]{PHOTO}[/img]"));
    assert!(world.turns.is_empty());
    assert_eq!(world.outcome("m1"), (Verdict::Ignore, Reason::AccessDenied));
}

#[test]
fn a_message_behind_a_picture_waits_until_the_picture_is_there() {
    for reported in ["adopted", "deferred", "failed"] {
        let mut world = world();
        world.adopts = false;
        world.in_session("session_dm", "m1", "owner", &format!("[img]{PHOTO}[/img]"));
        world.in_session("session_dm", "m2", "owner", "what is this?");
        world.in_session("session_three", "m3", "ann", &format!("[at={BOT}]claw[/at] hello"));
        world.in_session("session_dm", "m4", "owner", "/stop");
        assert_eq!(world.texts(), ["[image: photo.jpg]", "hello", "/stop"], "other places and commands do not wait");
        let turn = world.turns[0].turn.clone();
        world.tell(match reported {
            "adopted" => Input::TurnAdopted { turn },
            "deferred" => Input::TurnDeferred { turn },
            _ => Input::TurnEnded { turn, error: None },
        });
        world.after_secs(3);
        assert_eq!(world.texts().last(), Some(&"what is this?"), "{reported}");
    }
}

#[test]
fn a_picture_survives_a_crash_in_its_record() {
    let mut world = world();
    world.in_panel("m1", "ann", &format!("[img]{PHOTO}[/img]"));
    world.crash();
    world.after_secs(130);
    assert_eq!(names(&world.turns[0]), ["photo.jpg"]);
    assert!(world.store.entries.is_empty());
}

#[test]
fn a_record_from_before_files_were_read_is_still_one() {
    let mut world = world();
    world.in_panel("m1", "ann", "no picture");
    assert!(!world.store.entries[0].record.contains("media"));
    world.crash();
    world.after_secs(130);
    assert_eq!(world.texts(), ["no picture"]);
}
