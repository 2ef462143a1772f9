//! A Mochat server: lists, subscriptions, events, posted messages.

use super::{Server, World, opened};
use mochat_dmwork::call::{Call, CallOutcome, Errand};
use mochat_dmwork::ids::Epoch;
use mochat_dmwork::step::{Effect, Input, SocketIoParser};
use mochat_dmwork::time::Time;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub const BOT: &str = "6981000000000000000000b0";
pub const PANEL: &str = "6981000000000000000000a1";

/// The configuration of a test, with additional keys.
pub fn config(more: Value) -> String {
    let mut config = json!({ "clawToken": "claw_0123456789abcdef0123", "baseUrl": "https://mochat.example/api/",
        "agentUserId": BOT });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config.to_string()
}

/// What a post meets instead of a plain answer.
pub enum Trouble {
    /// It is not taken, and answered so.
    Refused(u16, Value),
    /// It is taken, and answered so.
    Taken(u16, Value),
    /// It is taken, and the answer lost.
    Unheard,
    /// It is lost.
    Lost,
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
    /// When each was posted, in milliseconds.
    pub sent_at: Vec<u64>,
    /// Its logs tell no times.
    pub is_timeless: bool,
    /// Posts are answered late.
    pub is_slow: bool,
    /// What the next posts meet.
    pub troubles: VecDeque<Trouble>,
    /// Looks and questions that fail before one works.
    pub blind: u32,
    /// Whom `users/resolve` and `sessions/detail` know; nobody if the server has neither.
    pub people: Vec<Value>,
    /// Keeps acknowledgements back.
    pub holds: bool,
    pub held: Vec<Input>,
    pub open: Option<Epoch>,
    pub seq: u64,
    /// What was said in panels and sessions, the oldest first.
    pub logs: BTreeMap<String, Vec<Value>>,
    /// More panels of the group.
    pub panels: Vec<Value>,
    /// No WebSocket gets through, although HTTP does.
    pub blocks_sockets: bool,
    /// Ids that can't be subscribed.
    pub refused: Vec<&'static str>,
    /// Answers to the next calls whose path ends like this, in place of the right ones.
    pub faults: Vec<(&'static str, CallOutcome)>,
    /// The newest number of this session as its queue tells it, whatever is left in the queue.
    pub newest: Option<(&'static str, u64)>,
    /// Calls that the first fault lets pass.
    pub skips: u32,
    /// Long polls are answered by [`World::hurry`] only.
    pub is_patient: bool,
    /// Pages of logs are answered by [`World::hurry`] only.
    pub keeps_pages: bool,
    /// Every call: when, path, body.
    pub calls: Vec<(Time, String, Value)>,
}

impl Server for MochatServer {
    fn hang_up(&mut self) {
        self.open = None;
    }

    fn is_slow(&self, call: &Call) -> bool {
        let waits = call.body.as_deref().is_some_and(|body| body.contains(r#""timeoutMs":25000"#));
        (self.keeps_pages && call.url.ends_with("/messages"))
            || (self.is_patient && waits)
            || (self.is_slow && matches!(call.errand, Errand::Send(_)))
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
                if self.blocks_sockets {
                    return closed("Unexpected server response: 403");
                }
                if let Some(reason) = &self.refuses {
                    return closed(reason);
                }
                if self.speaks_json != (*parser == SocketIoParser::Json) {
                    return closed("transport close");
                }
                opened(&mut self.open, *epoch)
            }
            Effect::CloseSocket { epoch } => {
                self.open.take_if(|open| open == epoch);
                Vec::new()
            }
            Effect::Emit { epoch, emit, body, .. } => {
                let body: Value = serde_json::from_str(body).unwrap();
                let is_refused = |ids: &Value| self.refused.iter().any(|id| ids.to_string().contains(id));
                let answer = if self.nacks > 0 {
                    self.nacks -= 1;
                    json!({ "result": false, "message": "busy" })
                } else if is_refused(&body["sessionIds"]) || is_refused(&body["panelIds"]) {
                    json!({ "result": false, "message": "not yours" })
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

    fn call(&mut self, now: Time, call: &Call) -> Option<CallOutcome> {
        assert_eq!((call.auth.0, call.auth.1.expose().as_str()), ("X-Claw-Token", self.token()));
        if self.is_down {
            return None;
        }
        let path = call.url.strip_prefix("https://mochat.example").unwrap();
        let body: Value = serde_json::from_str(call.body.as_deref().unwrap()).unwrap();
        self.calls.push((now, path.to_owned(), body.clone()));
        if let Some(at) = self.faults.iter().position(|(end, _)| path.ends_with(end)) {
            if self.skips == 0 {
                return Some(self.faults.remove(at).1);
            }
            self.skips -= 1;
        }
        if self.blind > 0 && matches!(call.errand, Errand::Look(_) | Errand::People) {
            self.blind -= 1;
            return Some(answer(502, &json!("bad gateway")));
        }
        let data = match path {
            "/api/claw/sessions/list" => {
                let after = body["updatedAfter"].as_str().unwrap_or_default();
                let is_later = |session: &&Value| session["updatedAt"].as_str().unwrap_or("~") > after;
                let limit = usize::try_from(body["limit"].as_u64().unwrap()).unwrap();
                json!({ "sessions": self.sessions.iter().filter(is_later).take(limit).collect::<Vec<_>>() })
            }
            _ if self.has_answer(call, path) => {
                self.sent.push((path.to_owned(), body));
                let (_, answer) = self.answers.iter().find(|(known, _)| path.ends_with(known)).unwrap();
                if let Some(token) = answer["token"].as_str() {
                    self.token = token.to_owned();
                }
                answer.clone()
            }
            "/api/claw/groups/panels/messages" | "/api/claw/sessions/messages" => self.page(&body),
            "/api/claw/sessions/watch" => self.queue(&body),
            "/api/claw/agents/owner" => json!({ "owner": { "userId": "owner", "nickname": "Olga" } }),
            "/api/claw/groups/get" => {
                let mut panels = vec![
                    json!({ "id": PANEL, "type": 0 }),
                    json!({ "id": "6981000000000000000000a2", "type": 0 }),
                    json!({ "id": "folder", "type": 1 }),
                ];
                panels.extend(self.panels.clone());
                json!({ "_id": "group1", "members": self.members, "panels": panels })
            }
            "/api/claw/users/resolve" | "/api/claw/sessions/detail" => {
                if self.people.is_empty() {
                    return Some(answer(404, &json!({ "code": 404, "message": "Service not found" })));
                }
                json!({ "users": self.people, "participants": self.people, "sessionId": body["sessionId"] })
            }
            _ => return Some(self.post(now, path, body)),
        };
        Some(answer(200, &json!({ "code": 200, "data": data })))
    }
}

fn answer(status: u16, body: &Value) -> CallOutcome {
    CallOutcome::Answered { status, retry_after: None, body: body.to_string() }
}

/// The token of the tests' configuration.
pub const TOKEN: &str = "claw_0123456789abcdef0123";

impl MochatServer {
    fn token(&self) -> &str {
        if self.token.is_empty() { TOKEN } else { &self.token }
    }

    /// Whether an answer for the agent's tools is laid down.
    fn has_answer(&self, call: &Call, path: &str) -> bool {
        matches!(call.errand, Errand::Tool(_)) && self.answers.iter().any(|(known, _)| path.ends_with(known))
    }

    /// A part of a log, the newest message first.
    fn page(&self, body: &Value) -> Value {
        let id = body["panelId"].as_str().or(body["sessionId"].as_str()).unwrap();
        let mut log = self.logs.get(id).cloned().unwrap_or_default();
        log.extend(self.posted(id));
        if let Some(before) = body["beforeMessageId"].as_str() {
            let end = log.iter().position(|message| message["messageId"] == before).unwrap();
            log.truncate(end);
        }
        let limit = usize::try_from(body["limit"].as_u64().unwrap()).unwrap().min(100);
        let page: Vec<_> = log.iter().rev().take(limit).collect();
        let next = page.last().filter(|_| log.len() > limit).map(|message| message["messageId"].clone());
        json!({ "messages": page, "nextCursor": next })
    }

    /// The events of a session behind a cursor.
    fn queue(&self, body: &Value) -> Value {
        let id = body["sessionId"].as_str().unwrap();
        let of = |session: &str| session == id;
        let all = self.replay.iter().filter(|(session, _)| of(session)).map(|(_, event)| event);
        let newest = all.clone().filter_map(|event| event["seq"].as_u64()).max().unwrap_or(0);
        let events: Vec<_> = all.filter(|event| event["seq"].as_u64() > body["cursor"].as_u64()).collect();
        let newest = self.newest.filter(|(session, _)| of(session)).map_or(newest, |(_, newest)| newest);
        json!({ "sessionId": id, "cursor": newest, "events": events })
    }

    /// What was asked of this path.
    pub fn asked(&self, path: &str) -> Vec<&Value> {
        self.calls.iter().filter(|(_, asked, _)| asked.ends_with(path)).map(|(.., body)| body).collect()
    }

    fn post(&mut self, now: Time, path: &str, body: Value) -> CallOutcome {
        let failed = || CallOutcome::Failed { unsent: false, cause: "ECONNRESET".to_owned() };
        let outcome = match self.troubles.pop_front() {
            Some(Trouble::Refused(status, said)) => return answer(status, &said),
            Some(Trouble::Lost) => return failed(),
            Some(Trouble::Taken(status, said)) => answer(status, &said),
            Some(Trouble::Unheard) => failed(),
            None => {
                let id = format!("out{}", self.sent.len() + 1);
                answer(200, &json!({ "code": 200, "data": { "message": { "messageId": id } } }))
            }
        };
        self.sent.push((path.to_owned(), body));
        self.sent_at.push(now.0);
        outcome
    }

    /// What the bot posted in this place.
    fn posted(&self, id: &str) -> impl Iterator<Item = Value> {
        let here =
            self.sent.iter().enumerate().filter(move |(_, (_, body))| body["sessionId"] == id || body["panelId"] == id);
        here.map(|(at, (_, body))| {
            let mut message =
                json!({ "messageId": format!("out{}", at + 1), "author": BOT, "content": body["content"] });
            if let Some(at) = self.sent_at.get(at).filter(|_| !self.is_timeless) {
                message["createdAt"] = (*at).into();
            }
            message
        })
    }

    fn replayed(&self, body: &Value) -> Vec<Value> {
        let asked = |id: &str| {
            body["sessionIds"].as_array().is_some_and(|ids| ids.iter().any(|asked| asked.as_str() == Some(id)))
        };
        let later = |id: &str, event: &Value| event["seq"].as_u64() > body["cursors"][id].as_u64();
        let limit = usize::try_from(body["limit"].as_u64().unwrap_or(0)).unwrap();
        let mut batches: Vec<Value> = Vec::new();
        for (id, event) in self.replay.iter().filter(|(id, event)| asked(id) && later(id, event)) {
            match batches.iter_mut().find(|batch| batch["sessionId"] == id.as_str()) {
                Some(batch) if batch["events"].as_array().unwrap().len() >= limit => {}
                Some(batch) => {
                    batch["cursor"] = event["seq"].clone();
                    batch["events"].as_array_mut().unwrap().push(event.clone());
                }
                None => batches.push(json!({ "sessionId": id, "cursor": event["seq"], "events": [event] })),
            }
        }
        if let Some((id, newest)) = self.newest.filter(|(id, _)| asked(id)) {
            match batches.iter_mut().find(|batch| batch["sessionId"] == id) {
                Some(batch) => batch["cursor"] = newest.into(),
                None => batches.push(json!({ "sessionId": id, "cursor": newest, "events": [] })),
            }
        }
        batches
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

/// A message of a log.
pub fn logged(id: &str, author: &str, content: &str, at: &str) -> Value {
    json!({ "messageId": id, "author": author, "authorInfo": { "nickname": author, "type": "user" },
        "content": content, "createdAt": at, "hasRecall": false })
}

/// Later than the start of every test.
pub const LATER: &str = "2026-06-01T00:00:00.000Z";

/// A panel where only mentions are answered.
pub fn strict() -> World<MochatServer> {
    World::mochat(json!({ "mention": { "requireInGroups": true } }))
}

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

    /// Ann writes in the first panel, with these additional fields of the message.
    pub fn in_panel_with(&mut self, id: &str, content: &str, more: Value) {
        let mut said = event(1, id, "ann", content, LATER);
        said["payload"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.event("claw.panel.events", &json!({ "sessionId": PANEL, "cursor": 1, "events": [said] }));
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
