//! An account whose surroundings report anything in any order: late, twice, for connections that are long gone.

use super::canary::Canary;
use super::dmwork::encode;
use mochat_dmwork::account::Account;
use mochat_dmwork::call::{Call, CallOutcome, Errand};
use mochat_dmwork::ids::{CommitId, EmitId, EntryId, Epoch};
use mochat_dmwork::message::Place;
use mochat_dmwork::step::{Access, Effect, Input, Lifecycle, Ruling, Step};
use mochat_dmwork::time::{Millis, Time};
use mochat_dmwork::wire::wukong_packet::{Connack, Disconnect, Packet, ReasonCode, Version};

use std::collections::BTreeSet;

/// Pseudo-random numbers (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(usize::try_from(self.roll(of.len() as u64)).unwrap()) }
    }
}

/// The account and what it believes to have asked for.
pub struct Chaos {
    pub account: Account,
    canary: Canary,
    pub now: Time,
    pub wake_at: Option<Time>,
    /// The socket that is open or opening.
    pub socket: Option<Epoch>,
    pub times_ready: u32,
    dice: Dice,
    newest: Epoch,
    calls: Vec<Call>,
    commits: Vec<(CommitId, Vec<EntryId>)>,
    emits: Vec<(Epoch, EmitId)>,
    entries: Vec<EntryId>,
    seen: BTreeSet<EntryId>,
    /// Messages that a server says, as packets or events.
    said: fn(&mut Dice) -> Said,
}

/// A message as the transport reports it.
pub enum Said {
    Frame(Vec<u8>),
    Event(&'static str, String),
}

impl Chaos {
    pub fn new(channel: &str, config: &str, seed: u64, said: fn(&mut Dice) -> Said) -> Self {
        let mut chaos = Self {
            account: Account::open(channel, config).unwrap(),
            canary: Canary::of(config),
            now: Time(1_767_225_600_000),
            wake_at: None,
            socket: None,
            times_ready: 0,
            dice: Dice(seed),
            newest: Epoch(0),
            calls: Vec::new(),
            commits: Vec::new(),
            emits: Vec::new(),
            entries: Vec::new(),
            seen: BTreeSet::new(),
            said,
        };
        let entropy = seed.to_be_bytes().repeat(4);
        chaos.tell(Input::Started {
            entries: Vec::new(),
            notes: Vec::new(),
            turns: Vec::new(),
            inherited: Vec::new(),
            suspects: Vec::new(),
            entropy,
        });
        chaos
    }

    /// One fact of any kind; time passes, jumps or goes back.
    pub fn step(&mut self) {
        self.pass_time();
        let input = if self.dice.roll(2) == 0 { self.expected() } else { self.fact() };
        self.tell(input);
    }

    /// What a server and a transport without a fault would report next, or a message.
    fn expected(&mut self) -> Input {
        if let Some(call) = self.calls.pop() {
            let outcome =
                CallOutcome::Answered { status: 200, retry_after: None, body: good_answer(&call.errand).into() };
            return Input::CallSettled { errand: call.errand, outcome };
        }
        let Some(epoch) = self.socket else { return Input::Woke {} };
        match self.dice.roll(4) {
            0 => Input::SocketOpened { epoch, entropy: vec![9; 32] },
            1 => Input::FrameReceived { epoch, bytes: connack(ReasonCode::SUCCESS) },
            _ => self.message(epoch),
        }
    }

    fn message(&mut self, epoch: Epoch) -> Input {
        match (self.said)(&mut self.dice) {
            Said::Frame(bytes) => Input::FrameReceived { epoch, bytes },
            Said::Event(name, body) => Input::EventReceived { epoch, name: name.into(), body },
        }
    }

    fn pass_time(&mut self) {
        match self.dice.roll(100) {
            0..90 => self.now = self.now.after(Millis(self.dice.roll(50))),
            90..96 => self.now = self.wake_at.unwrap_or(self.now).max(self.now),
            96..98 => self.now = self.now.after(Millis(self.dice.roll(7_200_000))),
            98 => self.now = Time(self.now.0 - self.dice.roll(7_200_000)),
            _ => {}
        }
    }

    /// Mostly the present connection, sometimes one that is gone or was never there.
    fn epoch(&mut self) -> Epoch {
        match self.dice.roll(10) {
            0 => Epoch(self.newest.0.saturating_sub(u32::try_from(self.dice.roll(4)).unwrap())),
            1 => Epoch(self.newest.0 + 1),
            _ => self.newest,
        }
    }

    fn fact(&mut self) -> Input {
        let epoch = self.epoch();
        match self.dice.roll(20) {
            0..3 => Input::SocketOpened { epoch, entropy: vec![9; 32] },
            3 => Input::SocketClosed { epoch, reason: "ECONNRESET".into() },
            4 => Input::SocketHeard { epoch },
            5..7 => Input::FrameReceived { epoch, bytes: self.protocol_bytes() },
            7..10 => self.message(epoch),
            10..14 => match self.dice.pick(&self.calls).cloned() {
                Some(call) => {
                    // Most are told once, some again.
                    if self.dice.roll(4) > 0 {
                        self.calls.retain(|other| *other != call);
                    }
                    let outcome = self.outcome(&call.errand);
                    Input::CallSettled { errand: call.errand, outcome }
                }
                None => Input::Woke {},
            },
            14..16 => match self.commits.pop() {
                Some((commit, fresh)) if self.dice.roll(20) > 0 => Input::Committed { commit, fresh },
                Some((commit, _)) => Input::CommitFailed { commit, error: "disk full".into() },
                None => Input::Woke {},
            },
            16 => match self.dice.pick(&self.entries).cloned() {
                Some(entry) => {
                    let rulings = [Ruling::Allowed, Ruling::Denied, Ruling::Unknown];
                    let ruling = *self.dice.pick(&rulings).unwrap();
                    Input::AccessDecided { entry, access: Access::new(ruling) }
                }
                None => Input::Woke {},
            },
            17 => match self.dice.pick(&self.emits).copied() {
                Some((epoch, emit)) => {
                    let body = r#"{"result":true,"data":{"sessions":[]}}"#;
                    let body = (self.dice.roll(3) > 0).then(|| body.to_owned());
                    Input::EmitAcknowledged { epoch, emit, body }
                }
                None => Input::Woke {},
            },
            18 => match self.dice.pick(&self.entries).cloned() {
                Some(turn) => Input::TurnEnded { turn, error: None },
                None => Input::Woke {},
            },
            _ => Input::Woke {},
        }
    }

    /// What a WuKongIM server says about the connection, and nonsense.
    fn protocol_bytes(&mut self) -> Vec<u8> {
        let reasons = [ReasonCode::SUCCESS, ReasonCode::AUTH_FAILED, ReasonCode::KICKED, ReasonCode(15)];
        match self.dice.roll(12) {
            0..6 => connack(*self.dice.pick(&reasons).unwrap()),
            6..9 => encode(&Packet::Pong),
            9 => encode(&Packet::Disconnect(Disconnect { reason: ReasonCode::KICKED, text: "" })),
            10 => vec![0x50, 0xff, 0xff, 0xff, 0xff, 0x7f],
            _ => (0..self.dice.roll(40)).map(|_| u8::try_from(self.dice.roll(256)).unwrap()).collect(),
        }
    }

    fn outcome(&mut self, errand: &Errand) -> CallOutcome {
        let answered =
            |status, retry_after, body: &str| CallOutcome::Answered { status, retry_after, body: body.to_owned() };
        match self.dice.roll(10) {
            0 => answered(400, None, r#"{"msg":"token invalid"}"#),
            1 => answered(429, Some(u32::try_from(self.dice.roll(100_000)).unwrap()), "{}"),
            2 => answered(500, None, "<html>"),
            3 => CallOutcome::Failed { unsent: self.dice.roll(2) == 0, cause: "timeout".to_owned() },
            4 => answered(200, None, "nonsense"),
            _ => answered(200, None, good_answer(errand)),
        }
    }

    fn tell(&mut self, input: Input) {
        if let Input::SocketClosed { epoch, .. } = &input {
            self.socket.take_if(|open| open == epoch);
        }
        let Step { effects, wake_at } = self.account.handle(self.now, input);
        self.wake_at = wake_at;
        for effect in effects {
            self.canary.glance(&effect);
            self.note(effect);
        }
        // One timer, and it is always set: an account without one would never come back.
        let wake_at = wake_at.expect("an account without a timer");
        assert!(wake_at.since(self.now) <= Millis::secs(3_600), "sleeps for {:?}", wake_at.since(self.now));
    }

    fn note(&mut self, effect: Effect) {
        match effect {
            Effect::OpenWebSocket { epoch, .. } | Effect::OpenSocketIo { epoch, .. } => {
                assert_eq!(self.socket, None, "a second socket while one is open");
                self.socket = Some(epoch);
                self.newest = epoch;
            }
            Effect::CloseSocket { epoch } => {
                self.socket.take_if(|open| *open == epoch);
            }
            Effect::SendFrame { epoch, .. } => {
                assert_eq!(self.socket, Some(epoch), "a frame for a socket that is gone")
            }
            Effect::Emit { epoch, emit, .. } => {
                assert_eq!(self.socket, Some(epoch), "an emit for a socket that is gone");
                self.emits.push((epoch, emit));
                self.emits.drain(..self.emits.len().saturating_sub(8));
            }
            Effect::Call(call) => {
                if let Errand::Register(epoch) | Errand::Directory(epoch) = call.errand {
                    self.newest = epoch;
                }
                self.calls.push(call);
                self.calls.drain(..self.calls.len().saturating_sub(16));
            }
            Effect::Commit { commit, entries, .. } => {
                let fresh = entries.into_iter().map(|entry| entry.id).filter(|id| self.seen.insert(id.clone()));
                self.commits.push((commit, fresh.collect()));
            }
            Effect::AskAccess { question } => {
                self.entries.push(question.entry);
                self.entries.drain(..self.entries.len().saturating_sub(16));
            }
            Effect::Status { status } if status.lifecycle == Lifecycle::Ready => self.times_ready += 1,
            _ => {}
        }
    }
}

fn connack(reason: ReasonCode) -> Vec<u8> {
    encode(&Packet::Connack(Connack {
        server_version: Some(Version::OURS),
        time_diff: 0,
        reason,
        server_key: "",
        salt: "",
        node_id: Some(1),
    }))
}

fn good_answer(errand: &Errand) -> &'static str {
    match errand {
        Errand::Register(_) => {
            r#"{"robot_id":"rev_bot","name":"Reviewer","im_token":"bf_1","ws_url":"wss://im.example/ws"}"#
        }
        Errand::Groups(_) => r#"[{"group_no":"g1"},{"group_no":"g2"}]"#,
        Errand::Events(_) => {
            r#"{"status":1,"results":[{"event_id":3,"message":{"message_id":77,"message_seq":9,"from_uid":"ann",
            "payload":{"type":1,"content":"missed"}}}]}"#
        }
        Errand::Messages(_, Place::Session { .. } | Place::Panel { .. }) => {
            r#"{"code":200,"data":{"messages":[{"messageId":"m7","author":"ann","content":"missed",
            "createdAt":"2026-06-01T00:00:00Z"}],"nextCursor":null}}"#
        }
        Errand::Watch(_) => {
            r#"{"code":200,"data":{"sessionId":"session_1","cursor":9,"events":[{"seq":9,"type":"message.add",
            "payload":{"messageId":"m9","author":"ann","content":"hi"}}]}}"#
        }
        Errand::Messages(..) => {
            r#"{"messages":[{"message_id":78,"message_seq":5,"from_uid":"ann","channel_id":"g1","channel_type":2,
            "payload":"eyJ0eXBlIjoxLCJjb250ZW50IjoiaGkifQ=="}]}"#
        }
        Errand::Sessions(_) => {
            r#"{"code":200,"data":{"sessions":[{"sessionId":"session_1","participants":["ann","bot"]}]}}"#
        }
        Errand::Directory(_) => r#"{"code":200,"data":{"_id":"group1","panels":[{"id":"p1","type":0}]}}"#,
        _ => "{}",
    }
}
