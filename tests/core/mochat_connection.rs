//! Mochat: how an account comes to its connection, and back to it.

use crate::support::World;
use crate::support::mochat::{MochatServer, config, session};
use mochat_dmwork::account::Account;
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::Epoch;
use mochat_dmwork::step::{Effect, Input, Lifecycle, SocketIoParser};
use mochat_dmwork::time::Time;
use serde_json::{Value, json};

/// The start of an account that remembers nothing.
fn started(entropy: u8) -> Input {
    Input::Started {
        entries: Vec::new(),
        notes: Vec::new(),
        turns: Vec::new(),
        inherited: Vec::new(),
        suspects: Vec::new(),
        entropy: vec![entropy; 32],
    }
}

/// Socket URL and path, and the URL of the first call, of an account with these keys.
fn addresses(keys: &Value) -> (String, String, String) {
    let mut config = json!({ "clawToken": "claw_0123456789abcdef0123", "agentUserId": "bot" });
    config.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let mut account = Account::open("mochat", &config.to_string()).unwrap();
    let opened = account.handle(Time(1), started(7)).effects;
    let socket = opened.iter().find_map(|effect| match effect {
        Effect::OpenSocketIo { url, path, .. } => Some((url.clone(), path.clone())),
        _ => None,
    });
    let (url, path) = socket.unwrap();
    assert!(!format!("{url}{path}").contains("claw_"), "no token in an address");
    let calls = account.handle(Time(2), Input::SocketOpened { epoch: Epoch(1), entropy: vec![9; 32] }).effects;
    let call = calls.iter().find_map(|effect| match effect {
        Effect::Call(call) => Some(call.url.clone()),
        _ => None,
    });
    (url, path, call.unwrap())
}

/// An account that is configured with its token alone.
fn nameless(sessions: Vec<Value>) -> World<MochatServer> {
    let settings = json!({ "baseUrl": "https://mochat.example", "clawToken": "claw_0123456789abcdef0123" });
    World::new("mochat", &settings.to_string(), MochatServer { sessions, ..MochatServer::default() })
}

#[test]
fn an_agent_knows_itself_in_the_only_session_with_its_owner() {
    assert!(nameless(vec![session("session_dm", &["owner"])]).is_ready());
    let world = nameless(vec![session("session_dm", &["ann"])]);
    assert!(!world.is_ready() && world.status.unwrap().detail.contains("set agentUserId"));
}

#[test]
fn a_server_that_quotes_the_token_does_not_have_it_shown() {
    let quoting = CallOutcome::Answered {
        status: 401,
        retry_after: None,
        body: json!({ "code": 401, "message": "Token claw_0123456789abcdef0123 is unknown" }).to_string(),
    };
    let server = MochatServer { faults: vec![("sessions/list", quoting)], ..MochatServer::default() };
    let world = World::new("mochat", &config(json!({})), server);
    let shown = format!("{:?} {:?}", world.status, world.log);
    assert!(shown.contains("Token [redacted] is unknown") && !shown.contains("claw_"), "{shown}");
}

#[test]
fn addresses_mean_the_same_with_and_without_a_slash_or_api_at_their_end() {
    let right = ("https://claw.example".to_owned(), "/socket.io".to_owned());
    for base in
        ["https://claw.example", "https://claw.example/", "https://claw.example/api", "https://claw.example/api/"]
    {
        let (url, path, call) = addresses(&json!({ "baseUrl": base }));
        assert_eq!((url, path), right, "{base}");
        assert_eq!(call, "https://claw.example/api/claw/sessions/list", "{base}");
    }
    for end in ["", "/", "/api", "/api/"] {
        let keys = json!({ "baseUrl": "https://claw.example", "socketUrl": format!("https://rt.example:8443{end}"),
            "socketPath": "/claw/socket" });
        let (url, path, call) = addresses(&keys);
        assert_eq!((url.as_str(), path.as_str()), ("https://rt.example:8443", "/claw/socket"), "{end}");
        assert_eq!(call, "https://claw.example/api/claw/sessions/list");
    }
    assert_eq!(addresses(&json!({})).0, "https://mochat.io");
}

#[test]
fn only_https_and_this_machine_get_the_token() {
    for (key, value, works) in [
        ("baseUrl", "http://127.0.0.1:11000", true),
        ("baseUrl", "http://localhost:11000/api", true),
        ("baseUrl", "http://claw.example", false),
        ("socketUrl", "http://10.0.0.1", false),
        ("socketUrl", "http://[::1]:11000", true),
        ("socketPath", "socket.io", false),
    ] {
        let opened = Account::open("mochat", &config(json!({ (key): value })));
        match opened {
            Ok(_) => assert!(works, "{key}: {value}"),
            Err(error) => assert_eq!((works, error.key.as_str()), (false, key), "{value}"),
        }
    }
}

fn unauthorized() -> CallOutcome {
    let body = r#"{"code":401,"name":"UnauthorizedError","message":"Token invalid"}"#.to_owned();
    CallOutcome::Answered { status: 401, retry_after: None, body }
}

#[test]
fn one_rejection_is_survived() {
    let mut world = World::mochat(json!({}));
    world.server.refuses = Some("Token invalid".into());
    world.cut("transport close");
    world.after_secs(5);
    assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Blocked);
    world.server.refuses = None;
    world.after_secs(61);
    assert!(world.is_ready());
}

#[test]
fn a_token_that_http_rejects_for_good_blocks_in_plain_words_without_hammering() {
    let faults = vec![("", unauthorized()); 1_000];
    let mut world = World::new("mochat", &config(json!({})), MochatServer { faults, ..MochatServer::default() });
    world.after_secs(3_600);
    let status = world.status.clone().unwrap();
    assert_eq!(status.lifecycle, Lifecycle::Blocked);
    assert!(
        status.detail.contains("rejects the token") && status.detail.contains("Token invalid"),
        "{}",
        status.detail
    );
    assert!(world.server.calls.len() <= 3 * 20, "{} calls in an hour", world.server.calls.len());
    world.server.faults.clear();
    world.after_secs(600);
    assert!(world.is_ready(), "a new token at the server is noticed");
}

#[test]
fn every_way_to_lose_a_connection_leads_back_to_it() {
    for reason in ["transport close", "io server disconnect", "ping timeout", "transport error", "parse error"] {
        let mut world = World::mochat(json!({}));
        let resubscribed = world.server.subscribed.len();
        world.cut(reason);
        assert_eq!(world.status.as_ref().unwrap().lifecycle, Lifecycle::Recovering, "{reason}");
        world.after_secs(3);
        assert!(world.is_ready(), "{reason}");
        assert_eq!(world.server.subscribed.len(), 2 * resubscribed, "{reason}");
    }
}

#[test]
fn agents_that_lose_one_server_do_not_come_back_in_step() {
    let waits: Vec<u64> = (0..8)
        .map(|seed| {
            let mut account = Account::open("mochat", &config(json!({}))).unwrap();
            account.handle(Time(0), started(seed));
            let closed = Input::SocketClosed { epoch: Epoch(1), reason: "ECONNREFUSED".into() };
            account.handle(Time(0), closed).wake_at.unwrap().0
        })
        .collect();
    let different: std::collections::BTreeSet<_> = waits.iter().collect();
    assert!(different.len() > 5, "{waits:?}");
}

#[test]
fn an_encoding_that_has_worked_is_not_given_up_for_a_server_that_restarts() {
    let sessions = vec![session("session_dm", &["owner"])];
    let mut world = World::new("mochat", &config(json!({})), MochatServer { sessions, ..MochatServer::default() });
    world.server.refuses = Some("transport close".into());
    world.cut("transport close");
    world.after_ms(600);
    world.server.refuses = None;
    world.after_secs(10);
    assert!(world.is_ready());
    assert!(world.server.opened.iter().all(|parser| *parser == SocketIoParser::Msgpack), "{:?}", world.server.opened);
    world.server.speaks_json = true;
    world.cut("transport close");
    world.after_secs(30);
    assert!(world.is_ready(), "a server that was changed is understood all the same");
    assert_eq!(world.server.opened.last(), Some(&SocketIoParser::Json));
}

#[test]
fn a_server_that_refuses_calls_is_no_reason_to_doubt_the_websocket() {
    let limited = CallOutcome::Answered { status: 429, retry_after: Some(1), body: "{}".to_owned() };
    let faults = vec![("sessions/list", limited); 4];
    let mut world = World::new("mochat", &config(json!({})), MochatServer { faults, ..MochatServer::default() });
    world.after_secs(60);
    assert!(world.is_ready());
    assert!(world.status.as_ref().unwrap().detail.starts_with("listening to"), "{:?}", world.status);
    assert!(!world.log.iter().any(|line| line.contains("no WebSocket")), "{:#?}", world.log);
}

#[test]
fn a_rate_limit_during_the_handshake_is_respected() {
    let limited = CallOutcome::Answered { status: 429, retry_after: Some(50), body: "{}".to_owned() };
    let faults = vec![("sessions/list", limited)];
    let mut world = World::new("mochat", &config(json!({})), MochatServer { faults, ..MochatServer::default() });
    let calls = world.server.calls.len();
    world.after_secs(49);
    assert_eq!(world.server.calls.len(), calls, "the server asked for fifty seconds");
    world.after_secs(20);
    assert!(world.is_ready());
}
