//! The vocabulary of the boundary. Inputs are facts in the past tense, effects are orders.

mod lines;

use crate::call::{Call, CallOutcome, Errand};
use crate::ids::{CommitId, EmitId, EntryId, Epoch, RequestId};
use crate::message::{Chat, Quote, Sender};
use crate::reason::Outcome;
use crate::secret::Secret;
use crate::time::{SteadyClock, Time, earliest};
use serde::{Deserialize, Serialize};

/// A fact that the account is told.
///
/// JavaScript writes the variant's name into a field `kind`; its loader repeats it outside, where serde reads it without
/// a copy of the whole value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", tag = "kind"))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    /// The store was opened; the first input of a life.
    Started {
        /// Unresolved entries, in the order in which they were committed.
        entries: Vec<StoredEntry>,
        /// Everything noted earlier: cursors, device id.
        notes: Vec<Note>,
        /// Turns of an earlier life that the host still holds.
        turns: Vec<HeldTurn>,
        /// 32 bytes from the platform's CSPRNG, for jitter and ids.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array"))]
        entropy: Vec<u8>,
    },
    /// A deadline that the account had asked for has come.
    Woke {},
    /// A transport is open: the WebSocket's handshake is done, or Socket.IO's CONNECT was accepted.
    SocketOpened {
        /// Which.
        epoch: Epoch,
        /// 32 bytes from the platform's CSPRNG, for the key pair of this connection.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array"))]
        entropy: Vec<u8>,
    },
    /// The WebSocket delivered a binary message: any slice of the packet stream.
    FrameReceived {
        /// Which socket.
        epoch: Epoch,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array"))]
        bytes: Vec<u8>,
    },
    /// Socket.IO delivered an event.
    EventReceived {
        /// Which socket.
        epoch: Epoch,
        /// The event's name.
        name: String,
        /// Its first argument as JSON text.
        body: String,
    },
    /// An emit was acknowledged.
    EmitAcknowledged {
        /// Which socket.
        epoch: Epoch,
        /// Which emit.
        emit: EmitId,
        /// The acknowledgement as JSON text; nothing if the deadline passed.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        body: Option<String>,
    },
    /// Bytes without content came in (an Engine.IO ping): the other side lives.
    SocketHeard {
        /// Which socket.
        epoch: Epoch,
    },
    /// The transport is gone, or was never there.
    SocketClosed {
        /// Which.
        epoch: Epoch,
        /// What the transport said.
        reason: String,
    },
    /// A transaction is on disk.
    Committed {
        /// Which.
        commit: CommitId,
        /// Those of its entries that the store had not seen before.
        fresh: Vec<EntryId>,
    },
    /// A transaction was refused; nothing of it is on disk.
    CommitFailed {
        /// Which.
        commit: CommitId,
        /// Why.
        error: String,
    },
    /// The host judged whether a sender may speak in a place.
    AccessDecided {
        /// Which message.
        entry: EntryId,
        /// The judgement.
        access: Access,
    },
    /// The host took a turn over: from here its own recovery answers.
    TurnAdopted {
        /// Which turn.
        turn: EntryId,
    },
    /// The host queued a turn behind a running one. It is still ours.
    TurnDeferred {
        /// Which turn.
        turn: EntryId,
    },
    /// The host let go of a turn that it had not adopted.
    TurnAbandoned {
        /// Which turn.
        turn: EntryId,
    },
    /// The host's dispatch came back.
    TurnEnded {
        /// Which turn.
        turn: EntryId,
        /// Why it failed, if it did.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        error: Option<String>,
    },
    /// The host has a text to send: a part of a reply, or a message of its own accord.
    SendAsked {
        /// Echoed by [`Effect::SettleSend`].
        request: RequestId,
        /// Target in the place grammar.
        to: String,
        /// Markdown.
        text: String,
        /// The message to answer.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        reply_to: Option<String>,
        /// The turn that it is a part of the reply to, where the host says so.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        of_turn: Option<EntryId>,
    },
    /// The agent works on an answer for this place.
    TypingAsked {
        /// Target in the place grammar.
        to: String,
    },
    /// The host wants to know whether the account works.
    ProbeAsked {
        /// Echoed by [`Effect::SettleProbe`].
        request: RequestId,
    },
    /// A call ended. Comes from the driver, never from JavaScript.
    #[serde(skip)]
    CallSettled {
        /// What it was for.
        errand: Errand,
        /// How it ended.
        outcome: CallOutcome,
    },
}

/// An order that the account gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Effect {
    /// Open a WebSocket for binary messages.
    OpenWebSocket {
        /// Its epoch; whatever it reports carries it.
        epoch: Epoch,
        /// `ws://` or `wss://`.
        url: String,
    },
    /// Open a Socket.IO connection, WebSocket transport only, no reconnection of its own.
    OpenSocketIo {
        /// Its epoch.
        epoch: Epoch,
        /// The server.
        url: String,
        /// The Socket.IO path.
        path: String,
        /// `token` of the CONNECT payload.
        token: Secret<String>,
        /// The packet encoding.
        parser: SocketIoParser,
    },
    /// Close the transport of this epoch and forget it.
    CloseSocket {
        /// Which.
        epoch: Epoch,
    },
    /// Send bytes as one binary WebSocket message.
    SendFrame {
        /// On which socket.
        epoch: Epoch,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array"))]
        bytes: Vec<u8>,
    },
    /// Emit a Socket.IO event and report its acknowledgement.
    Emit {
        /// On which socket.
        epoch: Epoch,
        /// Echoed by [`Input::EmitAcknowledged`].
        emit: EmitId,
        /// The event's name.
        name: String,
        /// Its argument as JSON text.
        body: String,
        /// How long to wait for the acknowledgement.
        timeout_ms: u32,
    },
    /// Write entries and notes in one transaction.
    Commit {
        /// Echoed by [`Input::Committed`] or [`Input::CommitFailed`].
        commit: CommitId,
        /// New entries; one whose id is known is left alone.
        entries: Vec<NewEntry>,
        /// Values to overwrite.
        notes: Vec<Note>,
    },
    /// Note what a message was judged to be that isn't closed yet.
    Judged {
        /// Which.
        entry: EntryId,
        /// The judgement.
        outcome: Outcome,
        /// Until when it waits for its place to be quiet, as it looks now.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        until: Option<Time>,
    },
    /// Keep entries as context: they stay unresolved, but are judged.
    Keep {
        /// Which.
        entries: Vec<EntryId>,
    },
    /// Write unresolved entries anew: they are to be answered and not context any more.
    Reopen {
        /// With what is known about them now.
        entries: Vec<NewEntry>,
    },
    /// Close entries for good.
    Resolve {
        /// Which.
        entries: Vec<EntryId>,
        /// How they ended.
        outcome: Outcome,
        /// The turn that they went with.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        turn: Option<EntryId>,
        /// What the host said about it, in short.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        detail: Option<String>,
    },
    /// Ask the host whether a sender may speak.
    AskAccess {
        /// What there is to know.
        question: AccessQuestion,
    },
    /// Run the agent.
    StartTurn {
        /// What it is told.
        turn: TurnRequest,
    },
    /// Note that a text the host had us send is a part of the reply to a turn.
    AssignSend {
        /// Which text.
        request: RequestId,
        /// Which turn.
        turn: EntryId,
    },
    /// Tell the host what became of a text it had us send.
    SettleSend {
        /// Which.
        request: RequestId,
        /// Ids of the platform's messages, in order; fewer than needed if sending failed midway.
        message_ids: Vec<String>,
        /// Why it failed, in words, if it did.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        error: Option<String>,
    },
    /// Answer a probe.
    SettleProbe {
        /// Which.
        request: RequestId,
        /// What was found.
        probe: Probe,
    },
    /// Publish the account's state.
    Status {
        /// The state.
        status: Status,
    },
    /// The connection proved alive at this moment.
    Alive,
    /// Write a log line.
    Log {
        /// How loud.
        level: LogLevel,
        /// The line, without secrets.
        text: String,
    },
    /// Perform an HTTP call. Stays in the driver, never reaches JavaScript.
    #[serde(skip)]
    Call(Call),
}

/// Socket.IO packet encodings. Client and server must use the same and can't negotiate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum SocketIoParser {
    /// `socket.io-msgpack-parser`.
    Msgpack,
    /// Socket.IO's default.
    Json,
}

/// How loud a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum LogLevel {
    /// For whoever looks closely.
    Debug,
    /// A change of state.
    Info,
    /// Something to look at.
    Warn,
    /// Something to repair.
    Error,
}

/// A message to write to the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct NewEntry {
    /// Key of dedupe.
    pub id: EntryId,
    /// Where it was said, in the place grammar.
    pub place: String,
    /// The message as JSON on one line, opaque to the store. It crosses the boundary beside the step's own JSON
    /// ([`Step::to_lines`]).
    #[serde(skip_serializing)]
    pub record: String,
    /// When it reached us.
    pub received_at: Time,
}

/// A message that the store hands back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct StoredEntry {
    /// Its id.
    pub id: EntryId,
    /// What was committed.
    pub record: String,
    /// When it had reached us.
    pub received_at: Time,
    /// Whether it was kept as context, so that it isn't judged again.
    pub kept: bool,
}

/// A named value beside the entries: a cursor, the device id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Note {
    /// The value under a name.
    #[must_use]
    pub fn find<'a>(notes: &'a [Self], key: &str) -> Option<&'a str> {
        notes.iter().find(|note| note.key == key).map(|note| note.value.as_str())
    }
}

/// A turn that the host holds while the core is rebuilt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct HeldTurn {
    /// Its id.
    pub turn: EntryId,
    /// The messages in it.
    pub entries: Vec<EntryId>,
}

/// What the host is asked before a message is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct AccessQuestion {
    /// Which message.
    pub entry: EntryId,
    /// Where it was said, in the place grammar; also the target of a pairing code.
    pub to: String,
    /// Whose access rules hold: those of direct messages or of groups.
    pub chat: Chat,
    /// Who speaks.
    pub sender: Sender,
    /// What was said, for commands.
    pub text: String,
}

/// The host's judgement of a sender in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// The judgement.
    pub ruling: Ruling,
    /// The host's code, such as `dm_policy_not_allowlisted`, or why it could not tell.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub detail: Option<String>,
}

impl Access {
    /// A judgement without a word.
    #[must_use]
    pub const fn new(ruling: Ruling) -> Self {
        Self { ruling, detail: None }
    }
}

/// What the host can say about a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum Ruling {
    /// May speak.
    Allowed,
    /// May not.
    Denied,
    /// Unknown; the host started pairing.
    Pairing,
    /// The host could not tell.
    Unknown,
}

/// What the agent is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct TurnRequest {
    /// Its id: that of its last message, so that a rebuilt account knows it again.
    pub turn: EntryId,
    /// All messages in it, oldest first.
    pub entries: Vec<EntryId>,
    /// Where the reply goes, in the place grammar.
    pub to: String,
    /// Between two or among many.
    pub chat: Chat,
    /// Who wrote the last message.
    pub sender: Sender,
    /// The text: one message as it is, or several as labelled lines.
    pub text: String,
    /// Whether the bot was mentioned.
    pub mentioned: bool,
    /// What the last message answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub quote: Option<Quote>,
    /// Earlier messages of this place that nobody asked about, oldest first; none if `context` tells them.
    pub history: Vec<Line>,
    /// The same in the operator's words, by `historyPromptTemplate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub context: Option<String>,
    /// The Space that a direct message belongs to; each has its own conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub space: Option<String>,
    /// When the last message was sent.
    pub sent_at: Time,
}

/// One remembered message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Who said it.
    pub sender: String,
    /// What was said.
    pub text: String,
    /// When.
    pub sent_at: Time,
}

/// Where an account's life stands, in the host's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum Lifecycle {
    /// First connection under way.
    Starting,
    /// Connected, and the inbound path proven.
    Ready,
    /// Was connected or will be: a transient fault.
    Recovering,
    /// A person must do something.
    Blocked,
    /// At its end.
    Stopped,
}

/// What an operator sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Where its life stands.
    pub lifecycle: Lifecycle,
    /// One sentence about what is wrong, or about who is connected.
    pub detail: String,
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// Whether the API accepts the token.
    pub ok: bool,
    /// Whether the inbound path is up at this moment.
    pub connected: bool,
    /// The bot's id and name, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub bot: Option<String>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub error: Option<String>,
}

/// What an input leads to: orders, and the next moment at which the account wants to be woken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// To be carried out in this order.
    pub effects: Vec<Effect>,
    /// When [`Input::Woke`] is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub wake_at: Option<Time>,
}

impl Step {
    /// Adds an order.
    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Adds an HTTP call.
    pub fn call(&mut self, call: Call) {
        self.effects.push(Effect::Call(call));
    }

    /// Adds a log line.
    pub fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.effects.push(Effect::Log { level, text: text.into() });
    }

    /// Publishes the account's state.
    pub fn status(&mut self, lifecycle: Lifecycle, detail: String) {
        self.effects.push(Effect::Status { status: Status { lifecycle, detail } });
    }

    /// Closes entries, if there are any.
    pub fn resolve(&mut self, entries: Vec<EntryId>, outcome: Outcome) {
        if !entries.is_empty() {
            self.effects.push(Effect::Resolve { entries, outcome, turn: None, detail: None });
        }
    }

    /// Closes entries that went with a turn, if there are any.
    pub fn resolve_with(&mut self, turn: &EntryId, entries: impl Iterator<Item = EntryId>, outcome: Outcome) {
        let entries: Vec<EntryId> = entries.collect();
        if !entries.is_empty() {
            self.effects.push(Effect::Resolve { entries, outcome, turn: Some(turn.clone()), detail: None });
        }
    }

    /// Tells all moments by the machine's clock. Nobody else knows the other one.
    pub fn tell_wall_time(&mut self, clock: &SteadyClock) {
        self.wake_at = self.wake_at.map(|at| clock.wall(at));
        for effect in &mut self.effects {
            if let Effect::Commit { entries, .. } | Effect::Reopen { entries } = effect {
                entries.iter_mut().for_each(|entry| entry.received_at = clock.wall(entry.received_at));
            } else if let Effect::Judged { until: Some(until), .. } = effect {
                *until = clock.wall(*until);
            }
        }
    }

    /// Makes sure of being woken at `deadline` or before.
    pub fn wake(&mut self, deadline: Option<Time>) {
        self.wake_at = earliest(self.wake_at, deadline);
    }
}

#[cfg(test)]
#[path = "protocol_types.rs"]
mod protocol_types;
