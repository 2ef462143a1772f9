//! Files that leave for DMWork, told as stories in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, dm};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::{EntryId, RequestId};
use mochat_dmwork::step::Input;
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0";

fn presigned(name: &str) -> Value {
    json!({ "method": "PUT", "uploadUrl": format!("https://store.example/{name}?sig=1"),
        "downloadUrl": format!("https://cdn.example/{name}"), "contentType": "image/png",
        "contentDisposition": "attachment; filename*=UTF-8''a" })
}

/// A server with a store, and some files.
fn world() -> World<DmworkServer> {
    let tickets = vec![("upload/presigned", 200, presigned("k1"))];
    let mut world = World::new("dmwork", CONFIG, DmworkServer { tickets, ..DmworkServer::default() });
    let gif = b"GIF89a\x10\0\x20\0".to_vec();
    let files = [
        ("/out/图 😀.png", PNG.to_vec()),
        ("/out/move.gif", gif),
        ("/out/x.py", b"print(1)".to_vec()),
        ("/out/a.exe", b"MZ\0\0".to_vec()),
        ("/out/empty.txt", Vec::new()),
        ("https://x.example/chart.png?v=1", PNG.to_vec()),
    ];
    world.files.extend(files.map(|(name, bytes)| (name.to_owned(), bytes)));
    world
}

fn payloads(world: &World<DmworkServer>) -> Vec<&Value> {
    world.server.sent.iter().map(|body| &body["payload"]).collect()
}

fn error(world: &World<DmworkServer>) -> &str {
    world.settled.last().unwrap().2.as_deref().unwrap_or_default()
}

#[test]
fn a_picture_goes_to_the_store_as_it_was_signed_and_is_posted_behind_its_text_with_its_size() {
    let mut world = world();
    world.send_with("group:g1", "Here:", &["/out/图 😀.png", "https://x.example/chart.png?v=1"]);
    let image = json!({ "type": 2, "url": "https://cdn.example/k1", "width": 640, "height": 480,
        "name": "图 😀.png", "size": PNG.len() });
    assert_eq!(
        payloads(&world),
        [&json!({ "type": 1, "content": "Here:" }), &image, &{
            let mut second = image.clone();
            second["name"] = "chart.png".into();
            second
        }]
    );
    let asked = format!("upload/presigned?filename=%E5%9B%BE%20%F0%9F%98%80.png&fileSize={}", PNG.len());
    assert_eq!(world.server.tickets_asked[0], asked);
    let headers = "content-type: image/png, content-disposition: attachment; filename*=UTF-8''a||";
    let put = ("PUT https://store.example/k1?sig=1".to_owned(), headers.to_owned(), PNG.len());
    assert_eq!(world.server.stored[0], put, "the token stays at home");
    assert_eq!((world.settled[0].1.len(), error(&world)), (3, ""));
    assert!(world.open_files.is_empty());
}

#[test]
fn a_gif_is_one_and_a_script_is_sent_as_text() {
    let mut world = world();
    world.send_with("thread:g1____1234567890123456", "", &["/out/move.gif", "/out/x.py"]);
    assert_eq!(*payloads(&world)[0], json!({ "type": 3, "url": "https://cdn.example/k1", "width": 16, "height": 32 }));
    assert_eq!(
        *payloads(&world)[1],
        json!({ "type": 8, "url": "https://cdn.example/k1", "name": "x.py.txt", "size": 8 })
    );
    assert!(world.server.sent.iter().all(|body| body["channel_id"] == "g1____1234567890123456"));
}

#[test]
fn a_file_whose_ending_the_server_refuses_or_that_has_none_goes_out_under_a_name_that_it_takes() {
    let mut world = world();
    let files =
        [("report.log", "report.log.txt"), ("x.py", "x.py.txt"), ("Makefile", "Makefile.txt"), ("報告", "報告.png")];
    for (name, _) in files {
        let bytes = if name == "報告" { PNG } else { b"all: build" };
        world.files.insert(format!("/out/{name}"), bytes.to_vec());
    }
    let media: Vec<String> = files.iter().map(|(name, _)| format!("/out/{name}")).collect();
    world.send_with("user:ann", "", &media.iter().map(String::as_str).collect::<Vec<_>>());
    let names: Vec<_> = payloads(&world).iter().map(|payload| payload["name"].as_str().unwrap()).collect();
    assert_eq!(names, files.map(|(_, stored)| stored));
    assert_eq!((world.settled[0].1.len(), error(&world)), (4, ""));
}

#[test]
fn a_server_without_signed_urls_is_asked_for_credentials_and_one_without_these_takes_a_form() {
    let mut world = world();
    let lent = json!({ "bucket": "b-1", "region": "ap-x", "key": "chat/1.png", "credentials": { "tmpSecretId": "id",
        "tmpSecretKey": "secret", "sessionToken": "lent" }, "startTime": 1, "expiredTime": 2,
        "cdnBaseUrl": "https://cdn.example" });
    world.server.tickets = vec![("upload/credentials", 200, lent)];
    world.send_with("user:ann", "", &["/out/move.gif"]);
    let (put, headers, _) = &world.server.stored[0];
    assert_eq!(put, "PUT https://b-1.cos.ap-x.myqcloud.com/chat/1.png");
    assert!(headers.contains("x-cos-security-token: lent") && !headers.contains("Bearer"), "{headers}");
    assert_eq!(payloads(&world)[0]["url"], "https://cdn.example/chat/1.png");

    world.server.tickets = vec![("upload/credentials", 400, json!({ "msg": "COS not configured", "status": 400 }))];
    world.send_with("user:ann", "", &["/out/x.py"]);
    let (post, form, _) = &world.server.stored[1];
    assert_eq!(post, "POST https://im.example/v1/bot/file/upload");
    assert!(form.contains("Authorization: Bearer bf_") && form.contains("filename=\"x.py.txt\""), "{form}");
    assert_eq!(payloads(&world)[1]["url"], "file/preview/chat/1");
    let asked: Vec<_> = world.server.tickets_asked.iter().map(|path| path.split('?').next().unwrap()).collect();
    assert_eq!(asked, ["upload/presigned", "upload/credentials", "upload/credentials"], "what it lacks is remembered");
    assert!(world.log.iter().any(|line| line == "this server has no /v1/bot/upload/presigned"));
}

#[test]
fn a_404_of_the_store_or_for_a_moment_takes_no_way_from_the_files_that_follow() {
    let mut world = world();
    world.server.transfers = vec![Some((404, "no such bucket".to_owned()))];
    world.send_with("user:ann", "", &["/out/move.gif"]);
    world.send_with("user:ann", "", &["/out/move.gif"]);
    let asked = |world: &World<DmworkServer>, way: &str| {
        world.server.tickets_asked.iter().filter(|path| path.starts_with(way)).count()
    };
    assert_eq!(asked(&world, "upload/presigned"), 2, "the store said it, and not the server");

    let tickets = std::mem::take(&mut world.server.tickets);
    world.server.transfers = vec![Some((404, "404 page not found".to_owned()))];
    world.send_with("user:ann", "", &["/out/move.gif"]);
    assert!(error(&world).starts_with("the server refuses it"), "{}", error(&world));
    world.server.tickets = tickets;
    world.send_with("user:ann", "", &["/out/move.gif"]);
    assert_eq!((asked(&world, "upload/presigned"), error(&world)), (4, ""), "none was left, so all are tried");

    world.server.tickets = Vec::new();
    world.send_with("user:ann", "", &["/out/move.gif"]);
    world.cut();
    world.after_secs(60);
    world.send_with("user:ann", "", &["/out/move.gif"]);
    assert_eq!(asked(&world, "upload/presigned"), 6, "a server that comes back may be another one");
}

#[test]
fn a_store_that_fails_is_tried_again_and_a_post_that_fails_uploads_nothing_twice() {
    let mut world = world();
    world.server.transfers = vec![None, Some((503, "busy".to_owned()))];
    world.server.answers = vec![CallOutcome::Answered { status: 429, retry_after: Some(2), body: String::new() }];
    world.send_with("user:ann", "", &["/out/move.gif"]);
    world.after_secs(20);
    assert_eq!((world.server.stored.len(), payloads(&world).len()), (3, 1));
    assert_eq!((world.settled.len(), error(&world)), (1, ""));
}

#[test]
fn a_store_that_asks_for_time_gets_it() {
    let mut world = world();
    world.server.transfers = vec![Some((429, "slow down".to_owned()))];
    world.server.store_retry_after = Some("40");
    world.send_with("user:ann", "", &["/out/move.gif"]);
    world.after_secs(39);
    assert_eq!((world.server.stored.len(), payloads(&world).len()), (1, 0));
    world.after_secs(2);
    assert_eq!((world.server.stored.len(), payloads(&world).len()), (2, 1));
}

#[test]
fn a_transfer_that_moves_nothing_is_given_up_and_begun_again() {
    let mut world = world();
    world.is_stuck = true;
    world.send_with("user:ann", "", &["/out/move.gif"]);
    world.after_secs(89);
    assert_eq!(world.open_files.len(), 1);
    world.is_stuck = false;
    world.after_secs(5);
    assert_eq!((payloads(&world).len(), world.open_files.len()), (1, 0));
}

#[test]
fn what_the_server_would_not_take_is_refused_before_anything_is_uploaded() {
    for (file, reason) in [
        ("/out/a.exe", "the server takes no .exe files, a zip of it would do"),
        ("/out/empty.txt", "it is empty"),
        ("/etc/passwd", "it is outside of the folders that the agent may send from"),
    ] {
        let mut world = world();
        world.send_with("user:ann", "", &[file]);
        assert_eq!(error(&world), reason);
        assert!(world.server.tickets_asked.is_empty() && world.server.sent.is_empty() && world.open_files.is_empty());
    }
    let mut world = world();
    world.files.insert("/out/backup.zip".to_owned(), vec![0; (100 << 20) + 1]);
    world.send_with("user:ann", "", &["/out/backup.zip"]);
    assert_eq!(error(&world), "it has 101 MB, and the server takes 100 MB at most");
    assert!(world.server.tickets_asked.is_empty() && world.open_files.is_empty());
}

#[test]
fn of_a_file_in_an_answer_that_cannot_be_sent_people_see_the_name_and_the_reason_and_then_the_rest() {
    let mut world = world();
    world.adopts = false;
    world.receive(&[dm(1, "ann", "send all")]);
    let turn = EntryId("1".into());
    world.tell(Input::TurnAdopted { turn: turn.clone() });
    let media = ["/etc/passwd", "/out/move.gif"].map(str::to_owned).into();
    let (request, to, of_turn) = (RequestId(1), "user:ann".to_owned(), Some(turn));
    world.tell(Input::SendAsked { request, to, text: "Both:".into(), media, reply_to: None, of_turn });
    let label = "[file: passwd, not sent: it is outside of the folders that the agent may send from]";
    assert_eq!(payloads(&world)[1]["content"], label);
    assert_eq!((payloads(&world)[2]["type"].clone(), error(&world)), (json!(3), ""));
    assert!(world.log.iter().any(|line| line.starts_with(label)));
}

#[test]
fn a_picture_whose_post_got_no_answer_is_found_and_not_posted_twice() {
    let mut world = world();
    world.server.unheard = 1;
    world.send_with("user:ann", "", &["/out/图 😀.png"]);
    world.after_secs(10);
    assert_eq!((payloads(&world).len(), world.server.looks, world.server.stored.len()), (1, 1, 1));
    assert_eq!(world.settled[0].1, ["9007199254740993"]);
}
