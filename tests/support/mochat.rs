//! A Mochat server: lists, subscriptions, events, posted messages.

use super::{Server, World, ok};
use mochat_dmwork::call::{Call, CallOutcome};
use mochat_dmwork::ids::Epoch;
use mochat_dmwork::step::{Effect, Input, SocketIoParser};
use mochat_dmwork::time::Time;
use serde_json::{Value, json};

pub const BOT: &str = "6981000000000000000000b0";
pub const PANEL: &str = "6981000000000000000000a1";

/// The configuration of a test, with additional keys.
pub fn config(more: Value) -> String {
    let mut config = json!({ "clawToken": "claw_0123456789abcdef0123", "baseUrl": "https://mochat.example/api/",
        "agentUserId": BOT });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config.to_string()
}

#[derive(Default)]
pub struct MochatServer {
    /// The token that it takes; the one of the tests' configuration if empty.
    pub token: String,
    /// Answers to what else is asked, by path; without one it is taken for a post.
    pub answers: Vec<(&'static str, Value)>,
    pub is_down: bool,
    pub speaks_json: bool,
    pub refuses: Option<String>,
    /// Subscriptions to refuse before all are accepted.
    pub nacks: u32,
    pub sessions: Vec<Value>,
    /// Members of the group, as the server lists them.
    pub members: Vec<Value>,
    /// What a subscription to this session replays.
    pub replay: Vec<(String, Value)>,
    pub opened: Vec<SocketIoParser>,
    pub subscribed: Vec<Value>,
    pub sent: Vec<(String, Value)>,
    /// Keeps acknowledgements back.
    pub holds: bool,
    pub held: Vec<Input>,
    pub open: Option<Epoch>,
    pub seq: u64,
}

impl Server for MochatServer {
    fn hang_up(&mut self) {
        self.open = None;
    }

    fn transport(&mut self, _now: Time, effect: &Effect) -> Vec<Input> {
        match effect {
            Effect::OpenSocketIo { epoch, url, path, token, parser } => {
                assert_eq!((url.as_str(), path.as_str()), ("https://mochat.example", "/socket.io"));
                assert_eq!(token.expose(), self.token());
                self.opened.push(*parser);
                let closed = |reason: &str| vec![Input::SocketClosed { epoch: *epoch, reason: reason.into() }];
                if self.is_down {
                    return closed("ECONNREFUSED");
                }
                if let Some(reason) = &self.refuses {
                    return closed(reason);
                }
                if self.speaks_json != (*parser == SocketIoParser::Json) {
                    return closed("transport close");
                }
                assert_eq!(self.open, None, "a second socket while one is open");
                self.open = Some(*epoch);
                vec![Input::SocketOpened { epoch: *epoch, entropy: vec![9; 32] }]
            }
            Effect::CloseSocket { epoch } => {
                self.open.take_if(|open| open == epoch);
                Vec::new()
            }
            Effect::Emit { epoch, emit, body, .. } => {
                let body: Value = serde_json::from_str(body).unwrap();
                let answer = if self.nacks > 0 {
                    self.nacks -= 1;
                    json!({ "result": false, "message": "busy" })
                } else {
                    json!({ "result": true, "data": { "sessions": self.replayed(&body) } })
                };
                self.subscribed.push(body);
                let acknowledged =
                    Input::EmitAcknowledged { epoch: *epoch, emit: *emit, body: Some(answer.to_string()) };
                if self.holds {
                    self.held.push(acknowledged);
                    return Vec::new();
                }
                vec![acknowledged]
            }
            _ => Vec::new(),
        }
    }

    fn call(&mut self, _now: Time, call: &Call) -> Option<CallOutcome> {
        assert_eq!((call.auth.0, call.auth.1.expose().as_str()), ("X-Claw-Token", self.token()));
        if self.is_down {
            return None;
        }
        let path = call.url.strip_prefix("https://mochat.example").unwrap();
        let body: Value = serde_json::from_str(call.body.as_deref().unwrap()).unwrap();
        let data = match path {
            "/api/claw/sessions/list" => json!({ "sessions": self.sessions }),
            "/api/claw/agents/owner" => json!({ "owner": { "userId": "owner", "nickname": "Olga" } }),
            "/api/claw/groups/get" => {
                json!({ "_id": "group1", "members": self.members, "panels": [{ "id": PANEL, "type": 0 },
                { "id": "6981000000000000000000a2", "type": 0 }, { "id": "folder", "type": 1 }] })
            }
            _ if self.answers.iter().any(|(known, _)| path.ends_with(known)) => {
                self.sent.push((path.to_owned(), body));
                let (_, answer) = self.answers.iter().find(|(known, _)| path.ends_with(known)).unwrap();
                if let Some(token) = answer["token"].as_str() {
                    self.token = token.to_owned();
                }
                answer.clone()
            }
            _ => {
                self.sent.push((path.to_owned(), body));
                json!({ "message": { "messageId": format!("out{}", self.sent.len()) } })
            }
        };
        Some(ok(json!({ "code": 200, "data": data }).to_string()))
    }
}

/// The token of the tests' configuration.
pub const TOKEN: &str = "claw_0123456789abcdef0123";

impl MochatServer {
    fn token(&self) -> &str {
        if self.token.is_empty() { TOKEN } else { &self.token }
    }

    fn replayed(&self, body: &Value) -> Vec<Value> {
        let asked = |id: &str| {
            body["sessionIds"].as_array().is_some_and(|ids| ids.iter().any(|asked| asked.as_str() == Some(id)))
        };
        let later = |id: &str, event: &Value| event["seq"].as_u64() > body["cursors"][id].as_u64();
        self.replay
            .iter()
            .filter(|(id, event)| asked(id) && later(id, event))
            .map(|(id, event)| json!({ "sessionId": id, "cursor": event["seq"], "events": [event] }))
            .collect()
    }
}

/// A session between the bot and these users.
pub fn session(id: &str, users: &[&str]) -> Value {
    let mut participants = vec![BOT];
    participants.extend(users);
    json!({ "sessionId": id, "participants": participants, "status": "active" })
}

/// A `message.add` event.
pub fn event(seq: u64, id: &str, author: &str, content: &str, at: &str) -> Value {
    json!({ "seq": seq, "type": "message.add", "timestamp": at, "payload": {
        "messageId": id, "author": author, "authorInfo": { "nickname": author, "type": "user" }, "content": content } })
}

/// Later than the start of every test.
pub const LATER: &str = "2026-06-01T00:00:00.000Z";

impl World<MochatServer> {
    /// A connected agent with an owner session and a session of three.
    pub fn mochat(more: Value) -> Self {
        let sessions = vec![session("session_dm", &["owner"]), session("session_three", &["ann", "bob"])];
        Self::new("mochat", &config(more), MochatServer { sessions, ..MochatServer::default() })
    }

    pub fn event(&mut self, name: &str, body: &Value) {
        let epoch = self.server.open.expect("no open socket");
        self.tell(Input::EventReceived { epoch, name: name.into(), body: body.to_string() });
    }

    /// Somebody writes in a session.
    pub fn in_session(&mut self, session: &str, id: &str, author: &str, content: &str) {
        self.server.seq += 1;
        let seq = self.server.seq;
        let event = event(seq, id, author, content, LATER);
        self.event("claw.session.events", &json!({ "sessionId": session, "cursor": seq, "events": [event] }));
    }

    /// Somebody writes in the first panel.
    pub fn in_panel(&mut self, id: &str, author: &str, content: &str) {
        self.in_this_panel(PANEL, id, author, content, &[]);
    }

    pub fn in_this_panel(&mut self, panel: &str, id: &str, author: &str, content: &str, mentions: &[&str]) {
        self.server.seq += 1;
        let mut event = event(self.server.seq, id, author, content, LATER);
        event["payload"]["meta"] = json!({ "mentions": mentions });
        event["payload"]["groupId"] = json!("group1");
        self.event("claw.panel.events", &json!({ "sessionId": panel, "cursor": self.server.seq, "events": [event] }));
    }

    /// An item in the bot's inbox: it was mentioned by this message of the first panel.
    pub fn in_inbox(&mut self, id: &str, author: &str, content: &str) {
        let payload = json!({ "groupId": "group1", "converseId": PANEL, "messageId": id, "messageAuthor": author,
            "messageSnippet": content, "messagePlainContent": content });
        let item = json!({ "_id": format!("i{id}"), "userId": BOT, "type": "message", "readed": false,
            "createdAt": LATER, "payload": payload });
        self.event("notify:chat.inbox.append", &item);
    }

    /// The server answers the subscriptions that it kept back.
    pub fn release(&mut self) {
        self.server.holds = false;
        for acknowledged in std::mem::take(&mut self.server.held) {
            self.tell(acknowledged);
        }
    }

    pub fn cut(&mut self, reason: &str) {
        let epoch = self.server.open.take().expect("no open socket");
        self.tell(Input::SocketClosed { epoch, reason: reason.into() });
    }
}
