//! A DMWork server: registration, a WuKongIM connection without encryption, posted messages.

use super::{Server, World, ok};
use mochat_dmwork::call::{Call, CallOutcome, Errand};
use mochat_dmwork::ids::Epoch;
use mochat_dmwork::step::{Effect, Input};
use mochat_dmwork::time::Time;
use mochat_dmwork::wire::wukong_packet::{
    Connack, Disconnect, Flags, Packet, ReasonCode, Recv, Recvack, Setting, Version,
};
use mochat_dmwork::wire::wukong_stream::Framer;
use serde_json::{Value, json};

pub const CONFIG: &str = r#"{"apiUrl":"https://im.example","botToken":"bf_0123456789abcdef0123"}"#;

#[derive(Default)]
pub struct DmworkServer {
    pub is_down: bool,
    pub is_mute: bool,
    /// v2.2.5 answers a token that it doesn't know with nothing at all.
    pub is_silent: bool,
    pub rejects_token: bool,
    pub registrations: u32,
    pub connects: u32,
    pub acks: Vec<Recvack>,
    /// Number of acknowledgements in each message that came in.
    pub ack_messages: Vec<usize>,
    pub sent: Vec<Value>,
    pub typing: u32,
    pub heartbeats: u32,
    pub devices: Vec<String>,
    /// Answers for the next posts, before all are accepted.
    pub answers: Vec<CallOutcome>,
    pub open: Option<Epoch>,
}

/// A message as a test says it.
pub struct Said {
    pub id: i64,
    pub from: &'static str,
    pub channel: &'static str,
    pub channel_type: u8,
    pub payload: Value,
}

pub fn dm(id: i64, from: &'static str, text: &str) -> Said {
    Said { id, from, channel: from, channel_type: 1, payload: json!({ "type": 1, "content": text }) }
}

pub fn group(id: i64, from: &'static str, text: &str) -> Said {
    Said { id, from, channel: "g1", channel_type: 2, payload: json!({ "type": 1, "content": text }) }
}

impl Said {
    pub fn in_channel(mut self, channel: &'static str, channel_type: u8) -> Self {
        self.channel = channel;
        self.channel_type = channel_type;
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
        flags: Flags(0),
        setting: Setting(0),
        msg_key: "",
        from_uid: said.from,
        channel_id: said.channel,
        channel_type: said.channel_type,
        expire: 0,
        client_msg_no: "",
        stream: None,
        message_id: said.id,
        message_seq: 1,
        timestamp: 1_767_225_600,
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

    fn transport(&mut self, _now: Time, effect: &Effect) -> Vec<Input> {
        match effect {
            Effect::OpenWebSocket { epoch, .. } if self.is_down => {
                vec![Input::SocketClosed { epoch: *epoch, reason: "ECONNREFUSED".into() }]
            }
            Effect::OpenWebSocket { epoch, .. } => {
                assert_eq!(self.open, None, "a second socket while one is open");
                self.open = Some(*epoch);
                vec![Input::SocketOpened { epoch: *epoch, entropy: vec![9; 32] }]
            }
            Effect::CloseSocket { epoch } => {
                self.open.take_if(|open| open == epoch);
                Vec::new()
            }
            Effect::SendFrame { epoch, bytes } => self.read(*epoch, bytes),
            _ => Vec::new(),
        }
    }

    fn call(&mut self, _now: Time, call: &Call) -> Option<CallOutcome> {
        assert_eq!(call.auth.0, "Authorization");
        assert_eq!(call.auth.1.expose(), "Bearer bf_0123456789abcdef0123");
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
                self.sent.push(body);
            }
            Errand::Typing => self.typing += 1,
            Errand::Heartbeat => self.heartbeats += 1,
            _ => {}
        }
        Some(ok(format!(r#"{{"message_id":900719925474099{},"status":200}}"#, self.sent.len())))
    }
}

impl DmworkServer {
    fn read(&mut self, epoch: Epoch, bytes: &[u8]) -> Vec<Input> {
        let mut framer = Framer::default();
        framer.push(bytes);
        let mut answer = Vec::new();
        let mut acks = 0;
        while let Some(frame) = framer.next_frame().unwrap() {
            match Packet::decode(frame, Version::OURS).unwrap() {
                Packet::Connect(connect) => {
                    self.connects += 1;
                    self.devices.push(connect.device_id.to_owned());
                    if !self.is_silent {
                        answer.extend(encode(&Packet::Connack(Connack {
                            server_version: Some(Version::OURS),
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

impl World<DmworkServer> {
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
