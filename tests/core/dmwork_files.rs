//! Files that come with messages from DMWork, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, Said, dm, group};
use mochat_dmwork::step::{Access, Ruling};
use serde_json::{Value, json};

const TOKEN: &str = "bf_0123456789abcdef0123";

fn world(keys: &str) -> World<DmworkServer> {
    World::dmwork(&CONFIG.replace('}', &format!("{keys}}}")))
}

fn shown(id: i64, payload: Value) -> Said {
    Said { payload, ..dm(id, "ann", "") }
}

#[test]
fn stored_files_are_fetched_with_the_token_and_others_without() {
    let mut world = world("");
    let content = json!([{ "type": "text", "text": "see" }, { "type": "image", "url": "file/preview/chat/1/图.png" },
        { "type": "image", "url": "https://cdn.example/2.png" }]);
    world.receive(&[shown(1, json!({ "type": 14, "plain": "see", "content": content }))]);
    let turn = &world.turns[0];
    assert_eq!(turn.text, "see\n[image: 图.png]\n[image: 2.png]");
    let downloads = turn.downloads.as_ref().unwrap();
    let files: Vec<_> = downloads.files.iter().map(|file| (file.url.as_str(), file.is_guarded)).collect();
    assert_eq!(
        files,
        [("https://im.example/v1/bot/file/download/chat/1/%E5%9B%BE.png", true), ("https://cdn.example/2.png", false)]
    );
    assert_eq!(downloads.authorization.as_ref().unwrap().expose(), &format!("Bearer {TOKEN}"));
    assert_eq!(downloads.origins, ["https://im.example"]);
    assert!(!format!("{turn:?}").contains(TOKEN));
}

#[test]
fn a_file_of_somebody_elses_server_never_comes_with_the_token() {
    let mut world = world("");
    for (id, url) in [
        "https://evil.example/a.txt",
        "https://im.example/v1/bot/groups",
        "https://im.example.evil.example/a.txt",
        "https://im.example@evil.example/a.txt",
    ]
    .iter()
    .enumerate()
    {
        world.receive(&[shown(i64::try_from(id).unwrap() + 1, json!({ "type": 8, "name": "a.txt", "url": url }))]);
        let downloads = world.turns[id].downloads.as_ref().unwrap();
        assert!(downloads.authorization.is_none() && !downloads.files[0].is_guarded, "{url}");
    }
}

#[test]
fn a_stored_file_by_its_whole_address_is_fetched_like_one_by_its_path() {
    let mut world = world("");
    for (id, (url, fetched)) in (1..).zip([
        ("https://im.example/v1/bot/file/download/chat/1.png?filename=1.png", Some("chat/1.png")),
        ("https://im.example/file/preview/chat/图.png", Some("chat/%E5%9B%BE.png")),
        ("https://im.example/v1/botfile/../groups", None),
        ("https://im.example/file/%2e%2e/v1/bot/groups", None),
    ]) {
        world.receive(&[shown(id, json!({ "type": 2, "url": url }))]);
        let downloads = world.turns.last().unwrap().downloads.as_ref();
        let files = downloads.map(|downloads| (downloads.files[0].url.clone(), downloads.files[0].is_guarded));
        let expected = fetched.map(|path| (format!("https://im.example/v1/bot/file/download/{path}"), true));
        assert_eq!(files, expected, "{url}");
        assert_eq!(downloads.is_some_and(|downloads| downloads.authorization.is_some()), fetched.is_some());
    }
}

#[test]
fn an_address_that_leads_out_of_the_stored_files_is_not_fetched() {
    let mut world = world("");
    world.receive(&[shown(1, json!({ "type": 8, "name": "a.txt", "url": "file/../../v1/bot/groups" }))]);
    assert_eq!((world.turns[0].text.as_str(), world.turns[0].downloads.is_none()), ("[file: a.txt]", true));
}

#[test]
fn files_are_fetched_from_the_cdn_without_the_token_where_there_is_one() {
    let mut world = world(r#","cdnUrl":"http://10.0.0.9:9000/bucket""#);
    world.receive(&[shown(1, json!({ "type": 5, "url": "file/preview/chat/v.mp4", "duration": 3 }))]);
    let downloads = world.turns[0].downloads.as_ref().unwrap();
    assert_eq!(world.turns[0].text, "[video: v.mp4, 3 s]");
    assert_eq!(downloads.files[0].url, "http://10.0.0.9:9000/bucket/chat/v.mp4");
    assert_eq!((downloads.authorization.is_none(), downloads.origins.len()), (true, 2));
    assert_eq!(downloads.origins[1], "http://10.0.0.9:9000");
}

#[test]
fn a_voice_is_written_down_by_the_platform() {
    let mut world = world("");
    world.receive(&[shown(1, json!({ "type": 4, "url": "https://cdn.example/v.amr", "duration": 3 }))]);
    let downloads = world.turns[0].downloads.as_ref().unwrap();
    assert_eq!(world.turns[0].text, "[voice message: v.amr, 3 s]");
    assert_eq!(downloads.transcriber.as_deref(), Some("https://im.example/v1/bot/voice/transcribe"));
    assert!(downloads.files[0].is_voice && !downloads.files[0].is_guarded && downloads.authorization.is_some());
}

#[test]
fn a_picture_that_a_question_quotes_or_follows_comes_with_it() {
    let mut world = world("");
    let picture = json!({ "type": 2, "url": "chat/1.png" });
    world.receive(&[Said { payload: picture.clone(), ..group(1, "ann", "") }]);
    assert!(world.turns.is_empty());
    let mut asked = group(2, "bob", "@Reviewer what is this?").number(2);
    asked.payload["reply"] = json!({ "from_uid": "ann", "payload": { "type": 2, "url": "chat/0.png" } });
    world.receive(&[asked]);
    let turn = &world.turns[0];
    let names: Vec<_> = turn.downloads.as_ref().unwrap().files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!((names, turn.quote.as_ref().unwrap().text.as_str()), (vec!["1.png", "0.png"], "[image: 0.png]"));
}

#[test]
fn a_voice_is_told_as_whose_it_is() {
    let mut world = world("");
    let voice = |url: &str| json!({ "type": 4, "url": url, "name": "v.amr", "duration": 2 });
    world.receive(&[Said { payload: voice("chat/1.amr"), ..group(1, "bob", "") }]);
    let mut asks = group(2, "ann", "@Reviewer what was said?").number(2);
    asks.payload["reply"] = json!({ "from_uid": "zoe", "from_name": "Ann", "payload": voice("chat/2.amr") });
    world.receive(&[asks]);
    world.receive(&[shown(3, voice("chat/3.amr"))]);
    let speakers = |turn: usize| {
        let files = &world.turns[turn].downloads.as_ref().unwrap().files;
        files.iter().map(|file| file.said_by.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(speakers(0), ["bob", "zoe"]);
    assert_eq!(speakers(1), [""], "whoever asks");
}

#[test]
fn nobody_who_may_not_speak_makes_us_fetch_anything() {
    let mut world = world("");
    world.access = |_| Access::new(Ruling::Denied);
    world.receive(&[shown(1, json!({ "type": 2, "url": "chat/1.png" }))]);
    assert!(world.turns.is_empty() && world.server.people_asked.is_empty());
}

#[test]
fn an_account_that_moved_to_another_server_does_not_show_its_token_to_the_old_one() {
    let mut world = world("");
    world.adopts = false;
    world.receive(&[shown(1, json!({ "type": 2, "url": "chat/1.png" }))]);
    world.crash_with(|store| {
        let record = &mut store.entries[0].record;
        assert!(record.contains("isGuarded"));
        *record = record.replace("https://im.example", "https://old.example");
    });
    let downloads = world.turns[1].downloads.as_ref().unwrap();
    assert_eq!(downloads.files[0].url, "https://old.example/v1/bot/file/download/chat/1.png");
    assert!(downloads.authorization.is_none() && !downloads.files[0].is_guarded);
}
