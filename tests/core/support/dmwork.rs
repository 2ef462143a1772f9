//! A DMWork server: registration, a WuKongIM connection without encryption, posted messages, and what it keeps for a
//! bot that is away.

use super::{Server, World, ok, opened};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mochat_dmwork::call::{Call, CallOutcome, Errand, Method};
use mochat_dmwork::ids::Epoch;
use mochat_dmwork::step::{Effect, Input, Transfer};
use mochat_dmwork::time::Time;
use mochat_dmwork::wire::wukong_packet::{
    Connack, Disconnect, Flags, Packet, ReasonCode, Recv, Recvack, Setting, Version,
};
use mochat_dmwork::wire::wukong_stream::Framer;
use serde_json::{Value, json};

/// The id of the first post: no number of JavaScript's.
pub const POSTED: i64 = 9_007_199_254_740_993;

/// When a test begins, in seconds.
const START: u32 = 1_767_225_600;

/// The owner's key.
pub const USER_KEY: &str = "uk_0123456789abcdef0123";

pub const CONFIG: &str = r#"{"apiUrl":"https://im.example","botToken":"bf_0123456789abcdef0123"}"#;

#[derive(Default)]
pub struct DmworkServer {
    pub is_down: bool,
    /// The bot API answers, and its realtime endpoint is not where it was.
    pub has_moved: bool,
    pub is_mute: bool,
    /// Sockets neither open nor fail.
    pub hangs: bool,
    /// Sockets that were asked for.
    pub sockets: u32,
    /// The version that it speaks, if it is not ours.
    pub version: Option<Version>,
    /// v2.2.5 answers a token that it doesn't know with nothing at all.
    pub is_silent: bool,
    /// ... and closes the connection.
    pub closes_silently: bool,
    pub rejects_token: bool,
    /// What every registration is answered with instead.
    pub registers: Option<CallOutcome>,
    pub registrations: u32,
    pub connects: u32,
    pub acks: Vec<Recvack>,
    /// Number of acknowledgements in each message that came in.
    pub ack_messages: Vec<usize>,
    pub sent: Vec<Value>,
    /// In which Space each was posted.
    pub spaces: Vec<Option<String>>,
    pub typing: u32,
    pub heartbeats: u32,
    /// How every heartbeat is answered instead.
    pub refuses_heartbeats: Option<CallOutcome>,
    pub devices: Vec<String>,
    /// Answers for the next posts, before all are accepted.
    pub answers: Vec<CallOutcome>,
    /// How many of the next posts are taken without an answer.
    pub unheard: u32,
    /// How many are answered before these.
    pub heard: u32,
    /// How many of the next looks at a place fail.
    pub blind: u32,
    /// How often somebody looked for a post.
    pub looks: u32,
    /// Answers to the questions where to put a file, by the beginning of their paths behind `/v1/bot/`.
    pub tickets: Vec<(&'static str, u16, Value)>,
    /// Which of them were asked.
    pub tickets_asked: Vec<String>,
    /// How transfers end, before all succeed.
    pub transfers: Vec<Option<(u16, String)>>,
    /// `Retry-After` of the store.
    pub store_retry_after: Option<&'static str>,
    /// Where files were put, with all headers and what stands around them.
    pub stored: Vec<(String, String, usize)>,
    /// There is no call that edits.
    pub lacks_edit: bool,
    pub edits_refused: u32,
    /// How often a message was edited; `sent` holds what people see.
    pub edits: u32,
    /// How the next edits end instead.
    pub edit_answers: Vec<CallOutcome>,
    pub receipts: Vec<Value>,
    pub open: Option<Epoch>,
    /// Groups that the bot is in.
    pub groups: Vec<&'static str>,
    /// Logged messages of all channels, in order.
    pub log: Vec<Said>,
    /// Queued messages, in order; an event's id is its place here, from 1.
    pub queue: Vec<Said>,
    pub acked_events: Vec<u64>,
    /// What the next questions about the past are answered with.
    pub past_answers: Vec<CallOutcome>,
    /// Questions about the past wait until this is lifted.
    pub is_slow: bool,
    /// Questions about people and rules wait until this is lifted.
    pub tells_slowly: bool,
    /// Questions about people and groups come too fast, for so many seconds.
    pub busy_telling: Option<u32>,
    /// How many logs were asked for.
    pub logs_read: u32,
    /// Members of each group, by uid and name; nothing if the server refuses to tell.
    pub members: Option<Vec<(&'static str, &'static str)>>,
    /// How often they were asked for, and where.
    pub members_asked: Vec<String>,
    /// Uids of members that are bots.
    pub robots: Vec<&'static str>,
    /// Groups that were asked about one by one.
    pub groups_asked: Vec<String>,
    /// Names of groups.
    pub group_names: Vec<(&'static str, &'static str)>,
    /// Names of people.
    pub people: Vec<(&'static str, &'static str)>,
    /// Who was asked for.
    pub people_asked: Vec<String>,
    /// GROUP.md and THREAD.md by the id of their channel, with their versions.
    pub rules: Vec<(&'static str, String, u32)>,
    /// How often they were asked for, by path.
    pub rules_asked: Vec<String>,
    /// How every question for rules is answered instead.
    pub refuses_rules: Option<u16>,
    /// Number of a logged message that makes each answer with it too long to be read.
    pub unreadable: Option<u64>,
    /// Number of a logged message whose id is none.
    pub shapeless: Option<u64>,
    /// The most messages that one answer holds.
    pub longest_page: Option<usize>,
    /// No log is shown.
    pub refuses_logs: bool,
    /// Every question for a log comes too fast.
    pub busy_logs: bool,
    /// The channel whose log is always answered like this instead.
    pub broken_log: Option<(&'static str, CallOutcome)>,
    /// The list of groups is always at fault.
    pub lists_no_groups: bool,
    /// There is no queue of events.
    pub refuses_queue: bool,
    /// Logged messages don't name their channel.
    pub omits_channel: bool,
    /// What tools had called: method, path with query, body.
    pub tool_calls: Vec<(Method, String, Value)>,
    /// Answers to these, each with the beginning of its path; else all are well.
    pub tool_answers: Vec<(&'static str, CallOutcome)>,
    /// The channel whose log takes its time.
    pub slow_place: Option<&'static str>,
}

/// A message as a test says it.
#[derive(Clone)]
pub struct Said {
    pub id: i64,
    pub seq: u64,
    pub flags: Flags,
    pub from: &'static str,
    pub channel: &'static str,
    pub channel_type: u8,
    pub payload: Value,
    /// When, in seconds.
    pub at: u32,
}

pub fn dm(id: i64, from: &'static str, text: &str) -> Said {
    Said {
        id,
        seq: 1,
        flags: Flags(0),
        from,
        channel: from,
        channel_type: 1,
        payload: json!({ "type": 1, "content": text }),
        at: START,
    }
}

pub fn group(id: i64, from: &'static str, text: &str) -> Said {
    Said {
        id,
        seq: 1,
        flags: Flags(0),
        from,
        channel: "g1",
        channel_type: 2,
        payload: json!({ "type": 1, "content": text }),
        at: START,
    }
}

impl Said {
    pub fn in_channel(mut self, channel: &'static str, channel_type: u8) -> Self {
        self.channel = channel;
        self.channel_type = channel_type;
        self
    }

    /// Its number in the channel.
    pub fn number(mut self, seq: u64) -> Self {
        self.seq = seq;
        self
    }

    /// Said so many minutes before the test begins.
    pub fn ago(mut self, minutes: u32) -> Self {
        self.at = START - minutes * 60;
        self
    }

    pub fn flagged(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    pub fn mentioning(mut self, mention: Value) -> Self {
        self.payload["mention"] = mention;
        self
    }

    /// The RECV packet.
    pub fn bytes(&self) -> Vec<u8> {
        let payload = self.payload.to_string();
        encode(&recv(self, payload.as_bytes()))
    }
}

pub fn recv<'a>(said: &'a Said, payload: &'a [u8]) -> Packet<'a> {
    Packet::Recv(Recv {
        flags: said.flags,
        setting: Setting(0),
        msg_key: "",
        from_uid: said.from,
        channel_id: said.channel,
        channel_type: said.channel_type,
        expire: 0,
        client_msg_no: "",
        stream: None,
        message_id: said.id,
        message_seq: said.seq,
        timestamp: said.at.cast_signed(),
        topic: None,
        payload,
    })
}

pub fn encode(packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    packet.encode(Version::OURS, &mut bytes).unwrap();
    bytes
}

impl Server for DmworkServer {
    fn hang_up(&mut self) {
        self.open = None;
    }

    fn is_slow(&self, call: &Call) -> bool {
        let is_slow = self
            .slow_place
            .is_some_and(|slow| matches!(&call.errand, Errand::Messages(_, place) if place.wire_id() == slow));
        is_slow
            || self.is_slow && matches!(call.errand, Errand::Groups(_) | Errand::Events(_) | Errand::Messages(..))
            || self.tells_slowly
                && matches!(call.errand, Errand::Members(_) | Errand::Group(_) | Errand::User(_) | Errand::Rules(_))
    }

    fn transport(&mut self, _now: Time, effect: &Effect) -> Vec<Input> {
        self.sockets += u32::from(matches!(effect, Effect::OpenWebSocket { .. }));
        match effect {
            Effect::OpenWebSocket { epoch, .. } if self.hangs => {
                assert_eq!(self.open.replace(*epoch), None, "a second socket while one is open");
                Vec::new()
            }
            Effect::OpenWebSocket { epoch, .. } if self.is_down || self.has_moved => {
                vec![Input::SocketClosed { epoch: *epoch, reason: "ECONNREFUSED".into() }]
            }
            Effect::OpenWebSocket { epoch, .. } => opened(&mut self.open, *epoch),
            Effect::CloseSocket { epoch } => {
                self.open.take_if(|open| open == epoch);
                Vec::new()
            }
            Effect::SendFrame { epoch, bytes } => self.read(*epoch, bytes),
            _ => Vec::new(),
        }
    }

    fn upload(&mut self, transfer: &Transfer, bytes: &[u8]) -> Option<(u16, String)> {
        let headers: Vec<String> =
            transfer.headers.iter().map(|(name, value)| format!("{name}: {}", value.expose())).collect();
        let around = format!("{}|{}|{}", headers.join(", "), transfer.before, transfer.after);
        self.stored.push((format!("{} {}", transfer.method, transfer.url.expose()), around, bytes.len()));
        if !self.transfers.is_empty() {
            return self.transfers.remove(0);
        }
        Some((200, r#"{"url":"file/preview/chat/1","name":"x","size":1}"#.to_owned()))
    }

    fn store_retry_after(&self) -> Option<&'static str> {
        self.store_retry_after
    }

    fn call(&mut self, now: Time, call: &Call) -> Option<CallOutcome> {
        assert_eq!(call.auth.0, "Authorization");
        let path = call.url.strip_prefix("https://im.example").unwrap();
        let token = if path.starts_with("/v1/user/") { USER_KEY } else { "bf_0123456789abcdef0123" };
        assert_eq!(call.auth.1.expose(), &format!("Bearer {token}"));
        if self.is_down {
            return None;
        }
        let body = call.body.as_deref().map(|body| serde_json::from_str::<Value>(body).unwrap()).unwrap_or_default();
        match &call.errand {
            Errand::Register(_) if self.rejects_token => {
                self.registrations += 1;
                let body = r#"{"msg":"token invalid","status":400}"#.to_owned();
                return Some(CallOutcome::Answered { status: 400, retry_after: None, body });
            }
            Errand::Register(_) if self.registers.is_some() => {
                self.registrations += 1;
                return self.registers.clone();
            }
            Errand::Register(_) => {
                self.registrations += 1;
                let bot = json!({ "robot_id": "rev_bot", "name": "Reviewer", "im_token": "bf_0123456789abcdef0123",
                    "ws_url": "wss://im.example/ws", "api_url": "", "owner_uid": "owner", "owner_channel_id": "owner" });
                return Some(ok(bot.to_string()));
            }
            Errand::Send(_) => {
                if !self.answers.is_empty() {
                    return Some(self.answers.remove(0));
                }
                self.log_post(now, &body);
                self.sent.push(body);
                self.spaces.push(call.space.clone());
                if self.heard > 0 {
                    self.heard -= 1;
                } else if self.unheard > 0 {
                    self.unheard -= 1;
                    return Some(CallOutcome::Failed { unsent: false, cause: "ECONNRESET".into() });
                }
            }
            Errand::Ticket(_) => {
                let path = call.url.strip_prefix("https://im.example/v1/bot/").unwrap().to_owned();
                let known = self.tickets.iter().find(|(start, ..)| path.starts_with(start)).cloned();
                self.tickets_asked.push(path);
                let (_, status, body) = known.unwrap_or(("", 404, json!("404 page not found")));
                return Some(CallOutcome::Answered { status, retry_after: None, body: body.to_string() });
            }
            Errand::Look(_) => {
                self.looks += 1;
                if self.blind > 0 {
                    self.blind -= 1;
                    return Some(CallOutcome::Answered { status: 502, retry_after: None, body: String::new() });
                }
                return Some(ok(self.messages(&body).to_string()));
            }
            Errand::Groups(_) | Errand::Events(_) | Errand::Messages(..) if !self.past_answers.is_empty() => {
                return Some(self.past_answers.remove(0));
            }
            Errand::Groups(_) | Errand::Probe(_) if self.lists_no_groups => {
                return Some(CallOutcome::Answered { status: 500, retry_after: None, body: String::new() });
            }
            Errand::Groups(_) | Errand::Probe(_) => {
                let name =
                    |group: &str| self.group_names.iter().find(|(known, _)| *known == group).map(|(_, name)| *name);
                let groups = self.groups.iter().map(|group| json!({ "group_no": group, "name": name(group) }));
                let groups: Vec<_> = groups.collect();
                return Some(ok(Value::from(groups).to_string()));
            }
            Errand::Events(_) if self.refuses_queue => {
                return Some(CallOutcome::Answered { status: 404, retry_after: None, body: String::new() });
            }
            Errand::Events(_) => return Some(ok(self.events(&body).to_string())),
            Errand::Messages(..) => {
                self.logs_read += 1;
                if let Some((channel, answer)) = &self.broken_log
                    && body["channel_id"] == *channel
                {
                    return Some(answer.clone());
                }
                if self.refuses_logs || self.busy_logs {
                    let status = if self.busy_logs { 429 } else { 400 };
                    return Some(CallOutcome::Answered { status, retry_after: None, body: "{}".to_owned() });
                }
                let answer = self.messages(&body);
                let seqs = answer["messages"].as_array().unwrap().iter().map(|message| message["message_seq"].as_u64());
                if self.unreadable.is_some() && seqs.into_iter().any(|seq| seq == self.unreadable) {
                    return Some(ok(r#"{"messages":[{"message_seq":2,"payload":"AAAA"#.to_owned()));
                }
                return Some(ok(answer.to_string()));
            }
            Errand::Group(group) => {
                self.groups_asked.push(group.clone());
                if let Some(busy) = self.too_busy_to_tell() {
                    return Some(busy);
                }
                if !self.groups.contains(&group.as_str()) {
                    let body = r#"{"msg":"not a member","status":400}"#.to_owned();
                    return Some(CallOutcome::Answered { status: 400, retry_after: None, body });
                }
                let name = self.group_names.iter().find(|(known, _)| known == group).map(|(_, name)| *name);
                return Some(ok(json!({ "group_no": group, "name": name, "notice": "", "status": 1 }).to_string()));
            }
            Errand::Members(_) => {
                self.members_asked.push(call.url.clone());
                if let Some(busy) = self.too_busy_to_tell() {
                    return Some(busy);
                }
                let Some(members) = &self.members else {
                    return Some(CallOutcome::Answered { status: 400, retry_after: None, body: "{}".into() });
                };
                let robot = |uid: &str| u8::from(self.robots.contains(&uid));
                let member = |(uid, name): &(&str, &str)| json!({ "uid": uid, "name": name, "robot": robot(uid) });
                return Some(ok(Value::from(members.iter().map(member).collect::<Vec<_>>()).to_string()));
            }
            Errand::User(uid) => {
                self.people_asked.push(uid.clone());
                if let Some(busy) = self.too_busy_to_tell() {
                    return Some(busy);
                }
                return Some(match self.people.iter().find(|(known, _)| known == uid) {
                    Some((uid, name)) => ok(json!({ "uid": uid, "name": name, "avatar": "" }).to_string()),
                    None => CallOutcome::Answered { status: 404, retry_after: None, body: r#"{"msg":"no"}"#.into() },
                });
            }
            Errand::Rules(place) => {
                self.rules_asked.push(call.url.replace("https://im.example", ""));
                if let Some(status) = self.refuses_rules {
                    return Some(CallOutcome::Answered { status, retry_after: None, body: "{}".into() });
                }
                let known = self.rules.iter().find(|(channel, ..)| *channel == place.wire_id());
                let (content, version) = known.map_or(("", 0), |(_, content, version)| (content.as_str(), *version));
                return Some(ok(json!({ "content": content, "version": version, "updated_by": "" }).to_string()));
            }
            Errand::EventAck => {
                let id = call.url.split('/').rev().nth(1).unwrap();
                self.acked_events.push(id.parse().unwrap());
            }
            Errand::Tool(_) => {
                self.tool_calls.push((call.method, path.to_owned(), body.clone()));
                if let Some(at) = self.tool_answers.iter().position(|(start, _)| path.starts_with(start)) {
                    return Some(self.tool_answers.remove(at).1);
                }
                if path == "/v1/bot/messages/sync" {
                    return Some(ok(self.messages(&body).to_string()));
                }
                if let Some(members) = self.members.as_ref().filter(|_| path.ends_with("/members")) {
                    let member = |(uid, name): &(&str, &str)| json!({ "uid": uid, "name": name });
                    return Some(ok(members.iter().map(member).collect::<Value>().to_string()));
                }
            }
            Errand::Edit(_) if self.lacks_edit => {
                self.edits_refused += 1;
                return Some(CallOutcome::Answered {
                    status: 404,
                    retry_after: None,
                    body: "404 page not found".into(),
                });
            }
            Errand::Edit(_) => {
                if !self.edit_answers.is_empty() {
                    return Some(self.edit_answers.remove(0));
                }
                let payload = serde_json::from_str(body["content_edit"].as_str().unwrap()).unwrap();
                let id: i64 = body["message_id"].as_str().unwrap().parse().unwrap();
                let at = usize::try_from(id - POSTED).unwrap();
                self.sent[at]["payload"] = payload;
                self.edits += 1;
                return Some(ok(r#"{"status":200}"#.to_owned()));
            }
            Errand::Receipt => self.receipts.push(body),
            Errand::Typing => self.typing += 1,
            Errand::Heartbeat => {
                self.heartbeats += 1;
                if self.refuses_heartbeats.is_some() {
                    return self.refuses_heartbeats.clone();
                }
            }
            _ => {}
        }
        let id = POSTED + i64::try_from(self.sent.len()).unwrap() - 1;
        Some(ok(format!(r#"{{"message_id":{id},"status":200}}"#)))
    }
}

impl DmworkServer {
    /// A post of the bot's stands in its channel's log.
    fn log_post(&mut self, now: Time, body: &Value) {
        let channel = body["channel_id"].as_str().unwrap().to_owned().leak();
        let channel_type = u8::try_from(body["channel_type"].as_u64().unwrap()).unwrap();
        let id = POSTED + i64::try_from(self.sent.len()).unwrap();
        let payload = body["payload"].clone();
        let at = u32::try_from(now.0 / 1_000).unwrap();
        self.log.push(Said { payload, at, ..dm(id, "rev_bot", "").in_channel(channel, channel_type) });
    }

    fn events(&self, body: &Value) -> Value {
        let limit = body["limit"].as_u64().unwrap().min(self.longest_page.unwrap_or(100) as u64);
        let behind = usize::try_from(body["event_id"].as_u64().unwrap()).unwrap();
        let event = |(at, said): (usize, &Said)| {
            let mut message = json!({ "message_id": said.id, "message_seq": said.seq, "from_uid": said.from,
                "timestamp": said.at, "payload": said.payload });
            if said.channel_type != 1 {
                message["channel_id"] = said.channel.into();
                message["channel_type"] = said.channel_type.into();
            }
            json!({ "event_id": at + 1, "message": message })
        };
        let results = self.queue.iter().enumerate().skip(behind).take(usize::try_from(limit).unwrap()).map(event);
        json!({ "status": 1, "results": results.collect::<Vec<_>>() })
    }

    fn messages(&self, body: &Value) -> Value {
        let limit = usize::try_from(body["limit"].as_u64().unwrap().min(200)).unwrap();
        let limit = limit.min(self.longest_page.unwrap_or(limit));
        let start = body["start_message_seq"].as_u64().unwrap();
        let of_channel = |said: &&Said| {
            said.channel == body["channel_id"].as_str().unwrap()
                && u64::from(said.channel_type) == body["channel_type"].as_u64().unwrap()
                && (start == 0 || (said.seq >= start) == (body["pull_mode"] == 1) || said.seq == start)
        };
        let mut page: Vec<&Said> = self.log.iter().filter(of_channel).collect();
        if body["pull_mode"] == 1 {
            page.truncate(limit);
        } else {
            page.drain(..page.len().saturating_sub(limit));
        }
        let message = |said: &&Said| {
            let mut message = json!({ "message_id": said.id, "message_seq": said.seq, "from_uid": said.from,
                "timestamp": said.at, "payload": STANDARD.encode(said.payload.to_string()) });
            if !self.omits_channel {
                message["channel_id"] = said.channel.into();
                message["channel_type"] = said.channel_type.into();
            }
            if self.shapeless == Some(said.seq) {
                message["message_id"] = Value::Null;
            }
            message
        };
        json!({ "messages": page.iter().map(message).collect::<Vec<_>>() })
    }

    fn read(&mut self, epoch: Epoch, bytes: &[u8]) -> Vec<Input> {
        let mut framer = Framer::default();
        framer.push(bytes);
        let mut answer = Vec::new();
        let mut acks = 0;
        let version = self.version.unwrap_or(Version::OURS);
        while let Some(frame) = framer.next_frame().unwrap() {
            match Packet::decode(frame, version).unwrap() {
                Packet::Connect(connect) => {
                    self.connects += 1;
                    self.devices.push(connect.device_id.to_owned());
                    if self.is_silent && self.closes_silently {
                        self.open = None;
                        return vec![Input::SocketClosed { epoch, reason: "1006".into() }];
                    }
                    if !self.is_silent {
                        answer.extend(encode(&Packet::Connack(Connack {
                            server_version: Some(version),
                            time_diff: 0,
                            reason: ReasonCode::SUCCESS,
                            server_key: "",
                            salt: "",
                            node_id: Some(1),
                        })));
                    }
                }
                Packet::Recvack(ack) => {
                    acks += 1;
                    self.acks.push(ack);
                }
                Packet::Ping if !self.is_mute => answer.extend(encode(&Packet::Pong)),
                other => assert!(matches!(other, Packet::Ping), "unexpected {other:?}"),
            }
        }
        if acks > 0 {
            self.ack_messages.push(acks);
        }
        if answer.is_empty() { Vec::new() } else { vec![Input::FrameReceived { epoch, bytes: answer }] }
    }
}

impl DmworkServer {
    fn too_busy_to_tell(&self) -> Option<CallOutcome> {
        let body = "{}".to_owned();
        self.busy_telling.map(|seconds| CallOutcome::Answered { status: 429, retry_after: Some(seconds), body })
    }
}

impl World<DmworkServer> {
    /// The server keeps messages and, as it would, queues those that call the bot.
    pub fn keep(&mut self, said: &[Said]) {
        for said in said {
            self.server.log.push(said.clone());
            if said.channel_type == 1 || said.payload["mention"]["uids"][0] == "rev_bot" {
                self.server.queue.push(said.clone());
            }
        }
    }

    /// The same, and the socket delivers them.
    pub fn keep_and_receive(&mut self, said: &[Said]) {
        self.keep(said);
        self.receive(said);
    }

    /// A connected bot.
    pub fn dmwork(config: &str) -> Self {
        Self::new("dmwork", config, DmworkServer::default())
    }

    pub fn epoch(&self) -> Epoch {
        self.server.open.expect("no open socket")
    }

    /// Several messages in one WebSocket message.
    pub fn receive(&mut self, said: &[Said]) {
        let bytes = said.iter().flat_map(Said::bytes).collect();
        self.receive_bytes(bytes);
    }

    pub fn receive_bytes(&mut self, bytes: Vec<u8>) {
        let epoch = self.epoch();
        self.tell(Input::FrameReceived { epoch, bytes });
    }

    /// The server kicks the connection.
    pub fn kick(&mut self) {
        let bytes =
            encode(&Packet::Disconnect(Disconnect { reason: ReasonCode::KICKED, text: "login in other device" }));
        self.receive_bytes(bytes);
    }

    pub fn cut(&mut self) {
        let epoch = self.epoch();
        self.server.open = None;
        self.tell(Input::SocketClosed { epoch, reason: "ECONNRESET".into() });
    }
}
