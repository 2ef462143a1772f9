//! DMWork / Octo: WuKongIM over a WebSocket in, bot HTTP API out.

mod connection;
mod inbound;

use super::Heard;
use crate::call::{Call, CallOutcome, Errand, Method};
use crate::config::DmworkSettings;
use crate::ids::{CommitId, Epoch, RequestId};
use crate::json;
use crate::link::{Due, Link, Loss, Pulse};
use crate::message::Place;
use crate::outbox::Part;
use crate::step::{Effect, Lifecycle, LogLevel, Note, Probe, Step};
use crate::time::{Millis, Time, earliest};
use crate::wire::dmwork_api::{self, Registration};
use crate::wire::wukong_packet::{Packet, Recvack, Version};
use connection::{Connection, Happening};

/// A call of the bot API; shorter than the handshake's deadline, so that a lost call shows as what it is.
const CALL_TIMEOUT: Millis = Millis::secs(9);
/// Posting may upload nothing yet, but the server checks membership and fans out before it answers.
const SEND_TIMEOUT: Millis = Millis::secs(20);
/// WuKongIM v2.2.5 answers a dead token with silence. Three silent handshakes in a row are one, not an accident.
const SILENT_HANDSHAKES: u32 = 3;
/// Note: the device id. A new one per connection would make the server kick the old connection instead of closing it.
const DEVICE: &str = "device";

/// One DMWork bot.
#[derive(Debug)]
pub struct Dmwork {
    settings: DmworkSettings,
    answer_mention_all: bool,
    link: Link,
    device: String,
    bot: Option<Registration>,
    silent_handshakes: u32,
    connection: Option<Connection>,
    heartbeat_at: Option<Time>,
    /// Acknowledgements of what was read last, not yet tied to a commit.
    read_acks: Vec<Recvack>,
    /// Acknowledgements that wait for their commit.
    acks: Vec<(CommitId, Epoch, Vec<Recvack>)>,
    /// Faults that were said once; repeating them would flood the log.
    said: Vec<String>,
}

impl Dmwork {
    /// A bot that has not been started. `answer_mention_all`: whether `@all` calls it.
    #[must_use]
    pub fn new(settings: DmworkSettings, answer_mention_all: bool) -> Self {
        Self {
            settings,
            answer_mention_all,
            link: Link::new(Pulse::Ours),
            device: String::new(),
            bot: None,
            silent_handshakes: 0,
            connection: None,
            heartbeat_at: None,
            read_acks: Vec::new(),
            acks: Vec::new(),
            said: Vec::new(),
        }
    }

    pub(super) fn start(&mut self, now: Time, notes: &[Note], entropy: &[u8], step: &mut Step) -> Heard {
        let known = Note::find(notes, DEVICE).map(str::to_owned);
        let is_new = known.is_none();
        // Half of the entropy names the device, the other half spreads retries.
        self.device = known
            .unwrap_or_else(|| entropy.iter().rev().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
        self.link.start(now, entropy);
        if !self.settings.api.is_private() {
            step.log(LogLevel::Warn, "apiUrl is http:// to another machine: the token crosses the network in clear");
        }
        step.status(Lifecycle::Starting, format!("connecting to {}", self.settings.api.as_str()));
        let note = Note { key: DEVICE.to_owned(), value: self.device.clone() };
        Heard { messages: Vec::new(), notes: if is_new { vec![note] } else { Vec::new() } }
    }

    pub(super) fn due(&mut self, now: Time, step: &mut Step) {
        while let Some(due) = self.link.due(now) {
            match due {
                Due::Connect(epoch) => self.connect(epoch, step),
                Due::Ping(epoch) => send(epoch, &[Packet::Ping], self.version(), step),
                Due::Lost(epoch, loss) => self.lose(now, epoch, &loss, step),
            }
        }
        if self.link.up().is_some() && self.heartbeat_at.is_some_and(|at| now >= at) {
            self.heartbeat_at = Some(now.after(self.settings.heartbeat));
            step.call(self.post(Errand::Heartbeat, "/v1/bot/heartbeat", "{}".to_owned()));
        }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        earliest(self.link.deadline(), self.link.up().and(self.heartbeat_at))
    }

    /// Registers if the server's answer isn't known: it re-announces the token, which closes the bot's other
    /// connections, so it isn't repeated for each reconnect.
    fn connect(&self, epoch: Epoch, step: &mut Step) {
        match &self.bot {
            Some(bot) => step.push(Effect::OpenWebSocket { epoch, url: self.web_socket(bot) }),
            None => step.call(self.post(Errand::Register(epoch), "/v1/bot/register", "{}".to_owned())),
        }
    }

    fn web_socket(&self, bot: &Registration) -> String {
        self.settings.ws_url.clone().unwrap_or_else(|| bot.ws_url.clone())
    }

    pub(super) fn socket_opened(&mut self, now: Time, epoch: Epoch, entropy: &[u8], step: &mut Step) {
        if !self.link.is_current(epoch) {
            return;
        }
        let (Some(bot), Ok(entropy)) = (&self.bot, <[u8; 32]>::try_from(entropy)) else {
            self.lose(now, epoch, &Loss::Fault("the socket opened without a registration or entropy".into()), step);
            return;
        };
        let connection = Connection::open(entropy);
        let hello = connection.hello(&self.device, &bot.robot_id, &bot.im_token, now);
        match hello {
            Ok(bytes) => step.push(Effect::SendFrame { epoch, bytes }),
            Err(error) => step.log(LogLevel::Error, format!("cannot say hello: {error}")),
        }
        self.connection = Some(connection);
    }

    pub(super) fn frame_received(&mut self, now: Time, epoch: Epoch, bytes: &[u8], step: &mut Step) -> Heard {
        if !self.link.is_current(epoch) {
            return Heard::default();
        }
        let Some(connection) = &mut self.connection else { return Heard::default() };
        self.link.heard(now);
        let (happenings, fault) = connection.read(bytes);
        let mut heard = Heard::default();
        for happening in happenings {
            match happening {
                Happening::Connected => self.connected(now, step),
                Happening::Refused { loss } | Happening::Dismissed { loss } => {
                    self.lose(now, epoch, &loss, step);
                    break;
                }
                Happening::Pong => step.push(Effect::Alive),
                Happening::Message(recv) => {
                    self.read_acks.push(recv.ack);
                    heard.messages.extend(self.incoming(recv, step));
                }
                Happening::Poison { ack, error } => {
                    self.read_acks.extend(ack);
                    self.say_once(format!("skipped a packet: {error}"), step);
                }
            }
        }
        if let Some(error) = fault
            && self.link.is_current(epoch)
        {
            self.lose(now, epoch, &Loss::Fault(format!("the stream of packets is broken: {error}")), step);
        }
        if heard.is_empty() {
            // Nothing to write: commands, notices and packets that can't be read are done with.
            let acks = std::mem::take(&mut self.read_acks);
            acknowledge(epoch, &acks, self.version(), step);
        }
        heard
    }

    fn connected(&mut self, now: Time, step: &mut Step) {
        self.silent_handshakes = 0;
        self.link.established(now);
        self.heartbeat_at = Some(now);
        let name = self.bot_name().unwrap_or_default();
        step.status(Lifecycle::Ready, format!("connected as {name}"));
        step.push(Effect::Alive);
    }

    pub(super) fn socket_heard(&mut self, now: Time, epoch: Epoch, _step: &mut Step) {
        if self.link.is_current(epoch) {
            self.link.heard(now);
        }
    }

    pub(super) fn socket_closed(&mut self, now: Time, epoch: Epoch, reason: &str, step: &mut Step) {
        if self.link.is_current(epoch) {
            self.lose(now, epoch, &Loss::Fault(reason.to_owned()), step);
        }
    }

    pub(super) fn committing(&mut self, commit: CommitId) {
        if let Some(epoch) = self.link.up() {
            self.acks.push((commit, epoch, std::mem::take(&mut self.read_acks)));
        }
    }

    pub(super) fn committed(&mut self, commit: CommitId, step: &mut Step) {
        let Some(at) = self.acks.iter().position(|(id, ..)| *id == commit) else { return };
        let (_, epoch, acks) = self.acks.remove(at);
        if self.link.is_current(epoch) {
            acknowledge(epoch, &acks, self.version(), step);
        }
    }

    pub(super) fn commit_failed(&mut self, now: Time, commit: CommitId, error: &str, step: &mut Step) {
        self.acks.retain(|(id, ..)| *id != commit);
        if let Some(epoch) = self.link.current() {
            self.lose(now, epoch, &Loss::Fault(format!("the store refused a message: {error}")), step);
        }
    }

    pub(super) fn call_settled(&mut self, now: Time, errand: &Errand, outcome: &CallOutcome, step: &mut Step) -> Heard {
        match errand {
            Errand::Register(epoch) if self.link.is_current(*epoch) => self.registered(now, *epoch, outcome, step),
            Errand::Heartbeat if outcome.success().is_none() => {
                // Nothing on the server depends on it, so a failure never touches the socket.
                self.say_once(format!("heartbeat failed: {}", outcome.describe()), step);
            }
            Errand::Register(_)
            | Errand::Heartbeat
            | Errand::Typing
            | Errand::Directory(_)
            | Errand::Sessions(_)
            | Errand::Send(_)
            | Errand::Probe(_) => {}
        }
        Heard::default()
    }

    fn registered(&mut self, now: Time, epoch: Epoch, outcome: &CallOutcome, step: &mut Step) {
        let loss = match outcome {
            CallOutcome::Answered { status: 200..=299, body, .. } => match json::read::<Registration>(body) {
                Ok(bot) => {
                    self.link.extend_handshake(now);
                    step.push(Effect::OpenWebSocket { epoch, url: self.web_socket(&bot) });
                    self.bot = Some(bot);
                    return;
                }
                Err(error) => Loss::Fault(format!("register answered something else: {error}")),
            },
            // A bad or revoked token is a plain 400 on this server, 401 and 403 on others.
            CallOutcome::Answered { status: 400 | 401 | 403, body, .. } => {
                Loss::Rejected(dmwork_api::error_message(body).unwrap_or_else(|| outcome.describe()))
            }
            CallOutcome::Answered { .. } | CallOutcome::Failed { .. } => {
                Loss::Fault(format!("register: {}", outcome.describe()))
            }
        };
        self.lose(now, epoch, &loss, step);
    }

    pub(super) fn send(&self, part: &Part) -> Option<Call> {
        let channel_type = dmwork_api::channel_type(&part.place)?;
        let body = dmwork_api::send_text(&part.place, channel_type, &part.text);
        let call = self.post(Errand::Send(part.number), "/v1/bot/sendMessage", body);
        Some(Call { timeout: SEND_TIMEOUT, ..call })
    }

    pub(super) fn sent_id(&self, outcome: &CallOutcome) -> Option<String> {
        dmwork_api::sent_id(outcome.success()?)
    }

    pub(super) fn typing(&self, place: &Place) -> Option<Call> {
        let channel_type = dmwork_api::channel_type(place)?;
        Some(self.post(Errand::Typing, "/v1/bot/typing", dmwork_api::typing(place, channel_type)))
    }

    /// Lists groups: it needs the token and, unlike `register`, closes no connection.
    pub(super) fn probe(&self, request: RequestId) -> Call {
        Call { method: Method::Get, body: None, ..self.post(Errand::Probe(request), "/v1/bot/groups", String::new()) }
    }

    pub(super) fn probed(&self, outcome: &CallOutcome) -> Probe {
        let error = outcome.success().is_none().then(|| outcome.describe());
        Probe { ok: error.is_none(), connected: self.link.up().is_some(), bot: self.bot_name(), error }
    }

    /// `name (uid)`, once the server told.
    fn bot_name(&self) -> Option<String> {
        self.bot.as_ref().map(|bot| format!("{} ({})", bot.name, bot.robot_id))
    }

    pub(super) fn token(&self) -> &str {
        self.settings.token.expose()
    }

    pub(super) fn place(&self, target: &str) -> Option<Place> {
        let target = target.trim();
        let target = target.strip_prefix("dmwork:").unwrap_or(target);
        Place::parse(target).filter(|place| dmwork_api::channel_type(place).is_some())
    }

    /// Closes what is open and waits. Handshakes that end without a word make the registration suspect.
    fn lose(&mut self, now: Time, epoch: Epoch, loss: &Loss, step: &mut Step) {
        if self.connection.take().is_some_and(|connection| !connection.is_established()) {
            self.silent_handshakes = self.silent_handshakes.saturating_add(1);
        }
        let is_refused = matches!(loss, Loss::Rejected(_));
        if is_refused || self.silent_handshakes >= SILENT_HANDSHAKES {
            self.bot = None;
            self.silent_handshakes = 0;
        }
        self.read_acks.clear();
        step.push(Effect::CloseSocket { epoch });
        let wait = self.link.lost(now, loss);
        super::report_loss(loss, wait, step);
    }

    fn say_once(&mut self, text: String, step: &mut Step) {
        /// Different faults that are said; a server that invents new ones all the time is cut off.
        const MOST: usize = 64;
        if self.said.len() < MOST && !self.said.contains(&text) {
            self.said.push(text.clone());
            step.log(LogLevel::Warn, format!("{text} (said once)"));
        }
    }

    fn version(&self) -> Version {
        self.connection.as_ref().map_or(Version::OURS, Connection::version)
    }

    fn post(&self, errand: Errand, path: &str, body: String) -> Call {
        let token = crate::secret::Secret::new(format!("Bearer {}", self.settings.token.expose()));
        Call {
            errand,
            method: Method::Post,
            url: self.settings.api.join(path),
            auth: ("Authorization", token),
            body: Some(body),
            timeout: CALL_TIMEOUT,
        }
    }
}

/// Acknowledges all of a read in one WebSocket message: WuKongIM v2.2.5 drops the rest of a read that ends inside a
/// frame, so many tiny messages are a risk.
fn acknowledge(epoch: Epoch, acks: &[Recvack], version: Version, step: &mut Step) {
    if acks.is_empty() {
        return;
    }
    let packets: Vec<Packet<'_>> = acks.iter().map(|ack| Packet::Recvack(*ack)).collect();
    send(epoch, &packets, version, step);
}

fn send(epoch: Epoch, packets: &[Packet<'_>], version: Version, step: &mut Step) {
    let mut bytes = Vec::new();
    for packet in packets {
        if let Err(error) = packet.encode(version, &mut bytes) {
            step.log(LogLevel::Error, format!("cannot encode a packet: {error}"));
            return;
        }
    }
    step.push(Effect::SendFrame { epoch, bytes });
}
