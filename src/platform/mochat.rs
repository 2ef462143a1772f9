//! Mochat / Claw IM: Socket.IO in, HTTP RPC out.

mod directory;
mod inbound;
mod notices;
mod outbound;
mod subscriptions;
mod tools;

use super::Heard;
use super::own::OwnMessages;
use crate::call::{Call, CallOutcome, Errand, Method};
use crate::config::MochatSettings;
use crate::ids::{CommitId, EmitId, EntryId, Epoch, RequestId};
use crate::json;
use crate::link::{Due, Link, Loss, Pulse};
use crate::message::Place;
use crate::outbox::Part;
use crate::step::{Effect, Lifecycle, LogLevel, Note, Probe, SocketIoParser, Step};
use crate::time::{Millis, Time, earliest};
use crate::wire::mochat_api;
use crate::wire::mochat_event::{self, EventBatch};
use directory::Directory;
use inbound::Cursors;
use notices::Notices;
use subscriptions::Subscription;
use tools::Desk;
#[cfg(test)]
pub(super) use tools::{HOST_TOOLS, TOOLS};

/// A list of the RPC; shorter than a step of the handshake, so that a lost call shows as what it is.
const CALL_TIMEOUT: Millis = Millis::secs(9);
/// A post fans out before it is answered.
const SEND_TIMEOUT: Millis = Millis::secs(15);
/// Note: the parser that worked last.
const PARSER: &str = "parser";
/// Note: when this account was started for the first time. Whatever is older was not meant for it.
const SINCE: &str = "since";

/// One Mochat account.
#[derive(Debug)]
pub struct Mochat {
    settings: MochatSettings,
    link: Link,
    parser: SocketIoParser,
    /// The bot's own user id; without it it would answer itself.
    us: Option<String>,
    /// The user id of the person that the agent belongs to.
    owner: Option<String>,
    directory: Directory,
    cursors: Cursors,
    notices: Notices,
    own: OwnMessages,
    desk: Desk,
    /// Emits that wait for their acknowledgement.
    subscriptions: Vec<(EmitId, Subscription)>,
    last_emit: EmitId,
    refresh_at: Option<Time>,
    /// Messages whose content is not to be looked at.
    pub(super) suspects: Vec<EntryId>,
}

impl Mochat {
    /// An account that has not been started.
    #[must_use]
    pub fn new(settings: MochatSettings) -> Self {
        Self {
            parser: if settings.json_parser_first { SocketIoParser::Json } else { SocketIoParser::Msgpack },
            us: settings.agent_user_id.clone(),
            owner: None,
            settings,
            link: Link::new(Pulse::Theirs),
            directory: Directory::default(),
            cursors: Cursors::read(Time::default(), &[]),
            notices: Notices::default(),
            own: OwnMessages::default(),
            desk: Desk::default(),
            subscriptions: Vec::new(),
            last_emit: EmitId::default(),
            refresh_at: None,
            suspects: Vec::new(),
        }
    }

    pub(super) fn start(&mut self, now: Time, notes: &[Note], entropy: &[u8], step: &mut Step) -> Heard {
        self.cursors = Cursors::read(now, notes);
        if let Some(parser) = Note::find(notes, PARSER) {
            self.parser = if parser == "json" { SocketIoParser::Json } else { SocketIoParser::Msgpack };
        }
        self.link.start(now, entropy);
        step.status(Lifecycle::Starting, format!("connecting to {}", self.settings.socket_url));
        let is_first = Note::find(notes, SINCE).is_none();
        let since = Note { key: SINCE.to_owned(), value: now.0.to_string() };
        let notes = self.find_token(notes).into_iter().chain(is_first.then_some(since));
        Heard { notes: notes.collect(), ..Heard::default() }
    }

    pub(super) fn due(&mut self, now: Time, step: &mut Step) -> Heard {
        while let Some(due) = self.link.due(now) {
            match due {
                Due::Connect(epoch) => step.push(Effect::OpenSocketIo {
                    epoch,
                    url: self.settings.socket_url.clone(),
                    path: self.settings.socket_path.clone(),
                    token: self.settings.token.clone(),
                    parser: self.parser,
                }),
                // The server pings; nothing is due from us.
                Due::Ping(_) => {}
                Due::Lost(epoch, loss) => self.lose(now, epoch, &loss, step),
            }
        }
        if let (Some(epoch), Some(at)) = (self.link.up(), self.refresh_at)
            && now >= at
        {
            self.refresh_at = Some(now.after(self.settings.refresh));
            self.look_around(epoch, step);
        }
        self.keep_token(step);
        let messages = self.notices.due(now).iter().filter_map(|message| self.in_panel(message)).collect();
        Heard { messages, notes: self.cursors.marks().notes(), ..Heard::default() }
    }

    /// Messages that were heard earlier and are mentions, as it now turns out.
    pub(super) fn take_calls(&mut self) -> Vec<(Place, EntryId)> {
        self.notices.take_calls()
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        earliest(earliest(self.link.deadline(), self.link.up().and(self.refresh_at)), self.notices.deadline())
    }

    pub(super) fn socket_opened(&mut self, now: Time, epoch: Epoch, _entropy: &[u8], step: &mut Step) {
        if !self.link.is_current(epoch) {
            return;
        }
        self.link.extend_handshake(now);
        self.subscriptions.clear();
        self.directory.forget_subscriptions();
        self.look_around(epoch, step);
    }

    pub(super) fn event_received(&mut self, now: Time, epoch: Epoch, name: &str, body: &str, step: &mut Step) -> Heard {
        if !self.link.is_current(epoch) {
            return Heard::default();
        }
        self.link.heard(now);
        let Ok(value) = json::parse(body.as_bytes()) else {
            step.log(LogLevel::Warn, format!("event {name} carries no JSON"));
            return Heard::default();
        };
        let mut recalled = Vec::new();
        let messages = match name {
            "claw.session.events" | "notify:session" => self.batch(EventBatch::decode(&value), Kind::Session, true),
            "claw.panel.events" | "notify:panel" => self.batch(EventBatch::decode(&value), Kind::Panel, true),
            "notify:chat.message.add" => self.document(&value).into_iter().collect(),
            "notify:chat.inbox.append" => {
                self.notice(now, &value);
                Vec::new()
            }
            "notify:chat.message.update" | "notify:chat.message.recall" | "notify:chat.message.delete" => {
                recalled.extend(mochat_event::recalled(&value, !name.ends_with("update")).map(EntryId));
                recalled.iter().for_each(|id| self.notices.forget(&id.0));
                Vec::new()
            }
            "notify:chat.converse.updateDMConverse"
            | "notify:group.add"
            | "notify:group.remove"
            | "notify:group.updateInfo" => {
                // The directory changed: look at once instead of at the next refresh.
                self.refresh_at = Some(now);
                Vec::new()
            }
            _ => Vec::new(),
        };
        Heard { messages, notes: self.cursors.marks().notes(), recalled }
    }

    pub(super) fn emit_acknowledged(
        &mut self,
        now: Time,
        epoch: Epoch,
        emit: EmitId,
        body: Option<&str>,
        step: &mut Step,
    ) -> Heard {
        if !self.link.is_current(epoch) {
            return Heard::default();
        }
        let Some(at) = self.subscriptions.iter().position(|(id, _)| *id == emit) else { return Heard::default() };
        let (_, subscription) = self.subscriptions.remove(at);
        let answer = match body.map(|body| json::parse(body.as_bytes())) {
            Some(Ok(value)) => EventBatch::decode_subscription(&value),
            Some(Err(_)) => Err("the acknowledgement carries no JSON".to_owned()),
            None => Err("no acknowledgement in time".to_owned()),
        };
        let batches = match answer {
            Ok(batches) => batches,
            Err(error) => {
                step.log(LogLevel::Warn, format!("subscription refused, trying again at the next refresh: {error}"));
                self.directory.unsubscribe(&subscription);
                return Heard { notes: self.prove(now, step), ..Heard::default() };
            }
        };
        let mut heard = Heard::default();
        if let Subscription::Sessions(_) = subscription {
            for batch in batches {
                heard.messages.extend(self.batch(Some(batch), Kind::Session, false));
            }
        }
        heard.notes = self.cursors.marks().notes();
        heard.notes.extend(self.prove(now, step));
        heard
    }

    pub(super) fn socket_heard(&mut self, now: Time, epoch: Epoch, step: &mut Step) {
        if self.link.up() == Some(epoch) {
            self.link.heard(now);
            step.push(Effect::Alive);
        }
    }

    pub(super) fn socket_closed(&mut self, now: Time, epoch: Epoch, reason: &str, step: &mut Step) {
        if self.link.is_current(epoch) {
            let loss = if is_token_refusal(reason) {
                Loss::Rejected(reason.to_owned())
            } else {
                Loss::Fault(reason.to_owned())
            };
            self.lose(now, epoch, &loss, step);
        }
    }

    pub(super) fn committing(&mut self, commit: CommitId) {
        self.cursors.marks().committing(commit);
    }

    pub(super) fn committed(&mut self, commit: CommitId) {
        self.cursors.marks().committed(commit);
    }

    pub(super) fn commit_failed(&mut self, now: Time, _commit: CommitId, error: &str, step: &mut Step) {
        self.cursors.marks().rewind();
        if let Some(epoch) = self.link.current() {
            self.lose(now, epoch, &Loss::Fault(format!("the store refused a message: {error}")), step);
        }
    }

    pub(super) fn call_settled(&mut self, now: Time, errand: &Errand, outcome: &CallOutcome, step: &mut Step) -> Heard {
        if let Errand::Owner(_) = errand {
            // Servers before binding existed refuse; then nobody is the owner.
            self.owner = read(outcome).ok().and_then(|data| mochat_api::read_owner(&data)).or(self.owner.take());
            return Heard::default();
        }
        let (Errand::Sessions(epoch) | Errand::Directory(epoch)) = *errand else { return Heard::default() };
        if !self.link.is_current(epoch) {
            return Heard::default();
        }
        let data = match read(outcome) {
            Ok(data) => data,
            Err(error) => match outcome {
                // An agent outside of any group, or a server without this list: there is nothing to listen to.
                CallOutcome::Answered { status: 403 | 404, .. } if self.link.up().is_none() => {
                    step.log(LogLevel::Debug, format!("the server lists nothing: {error}"));
                    serde_json::Value::Null
                }
                CallOutcome::Answered { status: 401, .. } => {
                    self.lose(now, epoch, &Loss::Rejected(error), step);
                    return Heard::default();
                }
                // A connection that works is worth more than a fresh list.
                CallOutcome::Answered { .. } | CallOutcome::Failed { .. } => {
                    if self.link.up().is_none() {
                        self.lose(now, epoch, &Loss::Fault(error), step);
                    }
                    return Heard::default();
                }
            },
        };
        if self.link.up().is_none() {
            self.link.extend_handshake(now);
        }
        if matches!(errand, Errand::Sessions(_)) {
            self.directory.learn_sessions(mochat_api::sessions(&data));
        } else {
            self.directory.learn_group(&mochat_api::read_group(&data));
        }
        Heard { notes: self.subscribe(now, epoch, step), ..Heard::default() }
    }

    /// Posts a part. `false` if its place is on the other platform.
    pub(super) fn send(&self, part: &Part, step: &mut Step) -> bool {
        let (content, mentions) = self.with_mentions(part);
        let Some((path, body)) = mochat_api::send(&part.place, &content, part.reply_to.as_deref(), &mentions) else {
            return false;
        };
        step.call(Call { timeout: SEND_TIMEOUT, ..self.call(Errand::Send(part.number), path, body) });
        true
    }

    pub(super) fn sent_id(&mut self, outcome: &CallOutcome) -> Option<String> {
        let id = mochat_api::sent_id(&read(outcome).ok()?)?;
        self.own.remember(&id);
        Some(id)
    }

    pub(super) fn probe(&self, request: RequestId) -> Call {
        let (path, body) = mochat_api::list_sessions();
        self.call(Errand::Probe(request), path, body)
    }

    pub(super) fn probed(&self, outcome: &CallOutcome) -> Probe {
        let error = read(outcome).err();
        Probe { ok: error.is_none(), connected: self.link.up().is_some(), bot: self.us.clone(), error }
    }

    pub(super) fn tokens(&self) -> [&str; 2] {
        [self.settings.token.expose(), ""]
    }

    pub(super) fn place(&self, target: &str) -> Option<Place> {
        let target = target.trim();
        let target = target.strip_prefix("mochat:").unwrap_or(target);
        match Place::parse(target) {
            Some(place @ (Place::Session { .. } | Place::Panel { .. })) => Some(place),
            // Adapters write panels as `group:` and `channel:` too.
            Some(Place::Group { group }) => Some(Place::from_mochat_id(&group)),
            Some(Place::Direct { .. } | Place::Thread { .. }) => None,
            None => target.strip_prefix("channel:").or(Some(target)).filter(|id| is_id(id)).map(Place::from_mochat_id),
        }
    }

    /// Closes what is open and waits. A connection that never got through may speak the wrong parser: the next attempt
    /// tries the other, because neither side can tell.
    fn lose(&mut self, now: Time, epoch: Epoch, loss: &Loss, step: &mut Step) {
        let was_up = self.link.up().is_some();
        step.push(Effect::CloseSocket { epoch });
        if !was_up && self.directory.is_unseen() && is_parser_mismatch(loss) {
            self.parser = match self.parser {
                SocketIoParser::Msgpack => SocketIoParser::Json,
                SocketIoParser::Json => SocketIoParser::Msgpack,
            };
        }
        self.directory.forget_subscriptions();
        self.subscriptions.clear();
        let wait = self.link.lost(now, loss);
        super::report_loss(loss, wait, step);
    }

    fn call(&self, errand: Errand, path: &str, body: String) -> Call {
        Call {
            errand,
            method: Method::Post,
            url: self.settings.api.join(path),
            auth: ("X-Claw-Token", self.settings.token.clone()),
            body: Some(body),
            timeout: CALL_TIMEOUT,
        }
    }
}

/// Which list a conversation is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Session,
    Panel,
}

/// The data of an answer, or what went wrong.
fn read(outcome: &CallOutcome) -> Result<serde_json::Value, String> {
    match outcome.success() {
        Some(body) => mochat_api::data(body),
        None => Err(outcome.describe()),
    }
}

/// The middleware's words for a token it doesn't know. Any other refusal may be a hiccup.
fn is_token_refusal(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    reason.contains("token") || reason.contains("unauthorized")
}

/// With the wrong parser the server closes a connection that had opened, or says nothing; a server that is away refuses
/// it before.
fn is_parser_mismatch(loss: &Loss) -> bool {
    match loss {
        Loss::HandshakeTimeout => true,
        Loss::Fault(reason) => ["transport close", "parse error", "no answer"].iter().any(|end| reason.contains(end)),
        Loss::Busy(..) | Loss::Silence | Loss::Kicked(_) | Loss::Rejected(_) | Loss::Unusable(_) => false,
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
