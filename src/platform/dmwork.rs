//! DMWork / Octo: WuKongIM over a WebSocket in, bot HTTP API out.

mod answers;
mod api;
mod background;
mod catch_up;
mod connection;
mod edits;
mod files;
mod inbound;
mod login;
mod members;
mod names;
mod outgoing;
mod presence;
mod rules;
mod spaces;
mod tools;
mod uploads;
mod words;

use super::Heard;
use super::marks::Marks;
use super::own::OwnMessages;
use super::said::LastSaid;
use crate::call::Errand;
use crate::config::DmworkSettings;
use crate::ids::{CommitId, EntryId, Epoch};
use crate::link::{Due, Link, Loss, Pulse};
use crate::message::Incoming;
use crate::step::{Effect, Lifecycle, LogLevel, Note, Step};
use crate::time::{Time, earliest};
use crate::wire::wukong_packet::{Packet, Recvack, Version};
use catch_up::{CatchUp, EVENTS, SINCE};
use connection::{Connection, Happening, Received};
use edits::Edits;
use login::Login;
use members::Members;
use names::Names;
use presence::Typing;
use rules::Rules;
use spaces::Spaces;
#[cfg(test)]
pub(super) use tools::{HOST_TOOLS, TOOLS};
use uploads::Uploads;

/// Prefix of the notes that tell how far each place was read.
const MARK: &str = "read/";
/// Note: the device id. A new one per connection would make the server kick the old connection instead of closing it.
const DEVICE: &str = "device";

/// One DMWork bot.
#[derive(Debug)]
pub struct Dmwork {
    settings: DmworkSettings,
    link: Link,
    device: String,
    /// Whether the device id isn't on disk yet.
    is_device_new: bool,
    login: Login,
    connection: Option<Connection>,
    heartbeat_at: Option<Time>,
    /// How far each channel was read, by message sequence, and the queue of events.
    marks: Marks,
    catch_up: CatchUp,
    /// Whether it was connected before, in this life or an earlier one.
    was_there: bool,
    own: OwnMessages,
    /// Posts of which the server has told the id.
    certain: OwnMessages,
    pub(super) last_said: LastSaid,
    edits: Edits,
    members: Members,
    /// Tool calls under way.
    tools: Vec<tools::Pending>,
    names: Names,
    rules: Rules,
    spaces: Spaces,
    /// When a turn has waited long enough for names and rules.
    background_at: Option<Time>,
    /// Files on their way.
    pub(super) uploads: Uploads,
    /// Calls that this server doesn't know, by their paths.
    lacks: Vec<&'static str>,
    typing: Typing,
    /// Acknowledgements of what was read last, not yet tied to a commit.
    read_acks: Vec<Recvack>,
    /// Acknowledgements that wait for their commit.
    acks: Vec<(CommitId, Epoch, Vec<Recvack>)>,
    /// Messages that could not be read since the start.
    skipped: u32,
    /// Messages whose content is not to be looked at.
    pub(super) suspects: Vec<EntryId>,
    /// Faults that were said once; repeating them would flood the log.
    said: Vec<String>,
}

impl Dmwork {
    /// A bot that has not been started.
    #[must_use]
    pub fn new(settings: DmworkSettings) -> Self {
        Self {
            settings,
            link: Link::new(Pulse::Ours),
            device: String::new(),
            is_device_new: false,
            login: Login::default(),
            connection: None,
            heartbeat_at: None,
            marks: Marks::read(MARK, &[]),
            catch_up: CatchUp::default(),
            was_there: false,
            own: OwnMessages::default(),
            certain: OwnMessages::default(),
            last_said: LastSaid::default(),
            edits: Edits::default(),
            members: Members::default(),
            tools: Vec::new(),
            names: Names::default(),
            rules: Rules::default(),
            spaces: Spaces::default(),
            background_at: None,
            uploads: Uploads::default(),
            lacks: Vec::new(),
            typing: Typing::default(),
            read_acks: Vec::new(),
            acks: Vec::new(),
            skipped: 0,
            suspects: Vec::new(),
            said: Vec::new(),
        }
    }

    pub(super) fn start(&mut self, now: Time, notes: &[Note], entropy: &[u8], step: &mut Step) -> Heard {
        let known = Note::find(notes, DEVICE).map(str::to_owned);
        self.is_device_new = known.is_none();
        self.was_there = !self.is_device_new;
        self.marks = Marks::read(MARK, notes);
        if self.is_device_new {
            self.marks.put(SINCE, now.0);
        }
        self.spaces = Spaces::read(notes);
        // Half of the entropy names the device, the other half spreads retries.
        self.device = known
            .unwrap_or_else(|| entropy.iter().rev().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
        self.link.start(now, entropy);
        if !self.settings.api.is_private() {
            step.log(LogLevel::Warn, "apiUrl is http:// to another machine: the token crosses the network in clear");
        }
        step.status(Lifecycle::Starting, format!("connecting to {}", self.settings.api.as_str()));
        let notes = self.device_note().into_iter().chain(self.marks.notes()).collect();
        Heard { notes, ..Heard::default() }
    }

    pub(super) fn due(&mut self, now: Time, step: &mut Step) -> Heard {
        self.uploads.due(now, step);
        self.tools_due(now, step);
        while let Some(due) = self.link.due(now) {
            match due {
                Due::Connect(epoch) => self.connect(epoch, step),
                Due::Ping(epoch) => send(epoch, &[Packet::Ping], self.version(), step),
                Due::Lost(epoch, loss) => self.lose(now, epoch, &loss, step),
            }
        }
        self.background_at.take_if(|at| *at <= now);
        if self.link.up().is_some() && self.heartbeat_at.is_some_and(|at| now >= at) {
            self.heartbeat_at = Some(now.after(self.settings.heartbeat));
            step.call(self.post(Errand::Heartbeat, "/v1/bot/heartbeat", "{}".to_owned()));
        }
        let messages = match self.link.up() {
            Some(epoch) => self.due_to_catch_up(now, epoch, step),
            None => {
                let held = std::mem::take(&mut self.catch_up.held);
                self.deliver(now, held, step)
            }
        };
        self.heard(messages, step)
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        let listening = earliest(self.heartbeat_at, self.catch_up.deadline());
        let sending = earliest(self.link.deadline(), self.uploads.deadline());
        let asking = earliest(self.background_at, self.tools_deadline());
        earliest(asking, earliest(sending, self.link.up().and(listening)))
    }

    pub(super) fn frame_received(&mut self, now: Time, epoch: Epoch, bytes: &[u8], step: &mut Step) -> Heard {
        if !self.link.is_current(epoch) {
            return Heard::default();
        }
        let Some(connection) = &mut self.connection else { return Heard::default() };
        if self.link.heard(now) {
            step.push(Effect::Alive);
        }
        let (happenings, fault) = connection.read(now, bytes);
        let mut messages = Vec::new();
        for happening in happenings {
            match happening {
                Happening::Connected => self.connected(now, epoch, step),
                Happening::Refused { loss } => {
                    self.refused(now, epoch, &loss, step);
                    break;
                }
                Happening::Dismissed { loss } => {
                    self.lose(now, epoch, &loss, step);
                    break;
                }
                Happening::Pong => {}
                Happening::Message(received) => {
                    let received = self.placed(received);
                    self.introduce(now, epoch, &received, step);
                    if let Some(received) = self.catch_up.hold(received) {
                        messages.extend(self.receive(now, received, step));
                    }
                }
                Happening::Poison { ack, error } => {
                    self.read_acks.extend(ack);
                    self.skip(format!("skipped a packet ({error})"), step);
                }
            }
        }
        if let Some(error) = fault
            && self.link.is_current(epoch)
        {
            self.lose(now, epoch, &Loss::Fault(format!("the stream of packets is broken: {error}")), step);
        }
        self.heard(messages, step)
    }

    /// Takes a message that waits for no other.
    fn receive(&mut self, now: Time, received: Received, step: &mut Step) -> Option<Incoming> {
        if received.ack.is_some() && self.marks.get(EVENTS).is_none() {
            self.catch_up.heard_first(received.message_id);
        }
        self.read_acks.extend(received.ack);
        if let Some(place) = &received.place {
            self.hear(now, place, received.seq);
        }
        self.incoming(received, step)
    }

    /// What is to be written. Where that is nothing, everything is done with: commands, and packets that can't be read.
    fn heard(&mut self, messages: Vec<Incoming>, step: &mut Step) -> Heard {
        let mut heard = Heard { messages, notes: self.marks.notes(), ..Heard::default() };
        if !heard.is_empty() {
            heard.notes.extend(self.device_note());
            heard.notes.extend(self.spaces.take_notes());
        }
        if let (true, Some(epoch)) = (heard.is_empty(), self.link.up()) {
            let acks = std::mem::take(&mut self.read_acks);
            acknowledge(epoch, &acks, self.version(), step);
        }
        heard
    }

    /// Goes along with every commit until one succeeds: another id would kick our own connection.
    fn device_note(&self) -> Vec<Note> {
        let note = || Note { key: DEVICE.to_owned(), value: self.device.clone() };
        if self.is_device_new { vec![note()] } else { Vec::new() }
    }

    fn connected(&mut self, now: Time, epoch: Epoch, step: &mut Step) {
        self.login.succeeded();
        self.link.established(now);
        self.heartbeat_at = Some(now);
        self.rules.doubt_all();
        self.lacks.clear();
        self.say_ready(step);
        step.push(Effect::Alive);
        self.catch_up(now, epoch, step);
    }

    pub(super) fn socket_heard(&mut self, now: Time, epoch: Epoch, step: &mut Step) {
        if self.link.is_current(epoch) && self.link.heard(now) {
            step.push(Effect::Alive);
        }
    }

    pub(super) fn socket_closed(&mut self, now: Time, epoch: Epoch, reason: &str, step: &mut Step) {
        if self.link.is_current(epoch) {
            let loss = self.understand_close(now, reason);
            self.lose(now, epoch, &loss, step);
        }
    }

    pub(super) fn committing(&mut self, commit: CommitId) {
        if self.marks.committing(commit) {
            self.catch_up.committing(commit);
        }
        if let Some(epoch) = self.link.up() {
            self.acks.push((commit, epoch, std::mem::take(&mut self.read_acks)));
        }
    }

    pub(super) fn committed(&mut self, commit: CommitId, step: &mut Step) {
        self.marks.committed(commit);
        self.is_device_new = false;
        if self.catch_up.committed(commit) {
            self.ack_next_event(None, step);
        }
        let Some(at) = self.acks.iter().position(|(id, ..)| *id == commit) else { return };
        let (_, epoch, acks) = self.acks.remove(at);
        if self.link.is_current(epoch) {
            acknowledge(epoch, &acks, self.version(), step);
        }
    }

    pub(super) fn commit_failed(&mut self, now: Time, commit: CommitId, error: &str, step: &mut Step) {
        self.acks.retain(|(id, ..)| *id != commit);
        self.marks.rewind();
        self.catch_up.commit_failed(commit);
        if let Some(epoch) = self.link.current() {
            self.lose(now, epoch, &Loss::Fault(format!("the store refused a message: {error}")), step);
        }
    }

    pub(super) fn tokens(&self) -> [&str; 3] {
        /// A shorter one could be a word.
        const LEAST: usize = 16;
        let im_token = self.login.bot.as_ref().map(|bot| bot.im_token.as_str()).filter(|token| token.len() >= LEAST);
        let user_key = self.settings.user_key.as_ref().map(|key| key.expose().as_str());
        [self.settings.token.expose(), im_token.unwrap_or_default(), user_key.unwrap_or_default()]
    }

    fn version(&self) -> Version {
        self.connection.as_ref().map_or(Version::OURS, Connection::version)
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
