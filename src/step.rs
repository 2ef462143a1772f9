//! The vocabulary of the boundary. Inputs are facts in the past tense, effects are orders.

mod lines;
mod parts;

pub use parts::{
    About, Access, AccessQuestion, Downloads, HeldTurn, Lifecycle, Line, LogLevel, NewEntry, Note, Probe, Progress,
    Ruling, SocketIoParser, Status, StoredEntry, ToolAsk, ToolCaller, Transfer, TurnRequest,
};

use crate::call::{Call, CallOutcome, Errand};
use crate::ids::{CommitId, EmitId, EntryId, Epoch, RequestId};
use crate::message::{Chat, Place};
use crate::reason::Outcome;
use crate::secret::Secret;
use crate::time::Time;
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
        /// Entries that are unresolved or with the host, in the order in which they were committed.
        entries: Vec<StoredEntry>,
        /// Everything noted earlier: cursors, device id.
        notes: Vec<Note>,
        /// Turns of an earlier life that the host still holds.
        turns: Vec<HeldTurn>,
        /// Turns that a host before this one had taken over: this one may resume them. What else is with the host and not in
        /// `turns` it has ended itself.
        inherited: Vec<EntryId>,
        /// Messages that stopped the core more than once: given up.
        suspects: Vec<EntryId>,
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
    /// The store was asked for entries.
    EntriesRead {
        /// Where they were said.
        #[cfg_attr(test, ts(type = "string"))]
        place: Place,
        /// Those that are still unresolved.
        entries: Vec<StoredEntry>,
        /// Why none could be read, if that is so.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        error: Option<String>,
    },
    /// The operator wants messages tried again that had ended as failed. The store holds them as open.
    Replayed {
        /// Which, in the order in which they were committed.
        entries: Vec<StoredEntry>,
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
    /// The run of a turn that the host had queued and then adopted is over, whatever became of it.
    TurnSettled {
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
    /// The host has looked for an answer, and has had it sent if there was one.
    AnswerSought {
        /// Which turn's.
        turn: EntryId,
        /// Whether the agent had finished it.
        found: bool,
        /// Why it could not be sent, if it couldn't.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        error: Option<String>,
    },
    /// The host has a text to send: a part of a reply, or a message of its own accord.
    SendAsked {
        /// Echoed by [`Effect::SettleSend`].
        request: RequestId,
        /// Target in the place grammar; behind a blank the host's id of a thread in there.
        to: String,
        /// Markdown.
        text: String,
        /// Files to send along: URLs, and paths of this machine.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
        media: Vec<String>,
        /// The message to answer.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        reply_to: Option<String>,
        /// The turn that it is a part of the reply to, where the host says so.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        of_turn: Option<EntryId>,
    },
    /// The agent writes: so far it is this.
    PartWritten {
        /// In which turn.
        turn: EntryId,
        /// Markdown, from the beginning of the message.
        text: String,
    },
    /// The agent works on an answer for this place.
    TypingAsked {
        /// Target in the place grammar.
        to: String,
    },
    /// A file is open, or can't be had.
    FileOpened {
        /// Echo of [`Effect::OpenFile`].
        file: u32,
        /// Its length in bytes.
        #[serde(default)]
        #[cfg_attr(test, ts(type = "number", optional))]
        size: u64,
        /// Its first bytes, as base64.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<String>"))]
        head: String,
        /// Its last bytes, as base64, if there are more than those.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<String>"))]
        tail: String,
        /// Why it can't be had, without a path.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        error: Option<String>,
    },
    /// More of a file is on its way.
    FileMoved {
        /// Which.
        file: u32,
        /// How many bytes by now.
        #[cfg_attr(test, ts(type = "number"))]
        bytes: u64,
    },
    /// A file's transfer ended.
    FileUploaded {
        /// Which.
        file: u32,
        /// HTTP status; none without an answer.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        status: Option<u16>,
        /// The answer's `Retry-After`.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        retry_after: Option<String>,
        /// The answer's body, or why there is none.
        body: String,
    },
    /// The host wants to know whether the account works.
    ProbeAsked {
        /// Echoed by [`Effect::SettleProbe`].
        request: RequestId,
    },
    /// The agent, or the host for it, wants something done on the platform.
    ToolAsked {
        /// Echoed by [`Effect::SettleTool`], or by [`Effect::SettleSend`] for a text that was posted.
        request: RequestId,
        /// What, and for whom: a [`ToolAsk`] as JSON text. Read by hand, which is less code than by serde.
        ask: String,
    },
    /// The host could write the account's new token down, or the host has done so.
    TokenKept {
        /// Which [`Effect::KeepToken`].
        request: RequestId,
        /// Why not, if not.
        #[serde(default)]
        #[cfg_attr(test, ts(optional))]
        problem: Option<String>,
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
    /// Take entries back that the host was entrusted with and seems to have dropped: they are what they were before.
    Reclaim {
        /// Which.
        entries: Vec<EntryId>,
    },
    /// Hand unresolved entries back that the core has let go of.
    ReadEntries {
        /// Echoed by [`Input::EntriesRead`].
        #[cfg_attr(test, ts(type = "string"))]
        place: Place,
        /// Which.
        entries: Vec<EntryId>,
    },
    /// Forget what entries said that the host was entrusted with: it has answered, or its turn is over.
    Release {
        /// Which.
        entries: Vec<EntryId>,
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
        /// The host took the turn over and has not answered: what they say is kept until [`Effect::Release`].
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        entrusted: bool,
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
    /// Look whether the agent had finished its answer to a turn that was interrupted, and have it sent: by
    /// [`Input::SendAsked`] in the turn's name, before [`Input::AnswerSought`].
    SeekAnswer {
        /// Which turn.
        turn: EntryId,
        /// The id by which the host knows its last message.
        message_id: String,
        /// Where it was asked, in the place grammar.
        to: String,
        /// Between two or among many.
        chat: Chat,
        /// Who wrote its last message.
        sender_id: String,
        /// The Space that a direct message belongs to.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        space: Option<String>,
    },
    /// Note that a text the host had us send is a part of the reply to a turn.
    AssignSend {
        /// Which text.
        request: RequestId,
        /// Which turn.
        turn: EntryId,
    },
    /// Open a file that the host wants sent, if whoever wants it may read it.
    OpenFile {
        /// Echoed by [`Input::FileOpened`].
        file: u32,
        /// The text that it goes along with.
        request: RequestId,
        /// A URL, or a path of this machine.
        source: String,
        /// More is not fetched.
        #[cfg_attr(test, ts(type = "number"))]
        max_bytes: u64,
        /// The only server that may have a private address: the platform itself.
        origin: String,
    },
    /// Send an open file.
    Upload {
        /// Which; echoed by [`Input::FileMoved`] and [`Input::FileUploaded`].
        file: u32,
        /// Where to and how.
        transfer: Transfer,
    },
    /// Close a file and break off its transfer, if one is under way.
    CloseFile {
        /// Which.
        file: u32,
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
    /// Answer a tool call.
    SettleTool {
        /// Which.
        request: RequestId,
        /// Whether it was done.
        ok: bool,
        /// Words for the model: the answer, or why it was not done.
        text: String,
    },
    /// Write the account's new token in place of the configured one; without a token, say whether that could be done.
    KeepToken {
        /// Echoed by [`Input::TokenKept`].
        request: RequestId,
        /// The new token.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        token: Option<Secret<String>>,
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
        self.close(entries, outcome, None, false);
    }

    /// Closes entries that went with a turn, if there are any.
    pub fn resolve_with(&mut self, turn: &EntryId, entries: impl Iterator<Item = EntryId>, outcome: Outcome) {
        self.close(entries.collect(), outcome, Some(turn), false);
    }

    /// The same, and the host has taken the turn over.
    pub fn entrust(&mut self, turn: &EntryId, entries: impl Iterator<Item = EntryId>, outcome: Outcome) {
        self.close(entries.collect(), outcome, Some(turn), true);
    }

    fn close(&mut self, entries: Vec<EntryId>, outcome: Outcome, turn: Option<&EntryId>, entrusted: bool) {
        if !entries.is_empty() {
            self.effects.push(Effect::Resolve { entries, outcome, turn: turn.cloned(), detail: None, entrusted });
        }
    }

    /// Where the account's life stands, if the operator is told so.
    pub fn lifecycle(&self) -> Option<Lifecycle> {
        let status =
            |effect: &Effect| if let Effect::Status { status } = effect { Some(status.lifecycle) } else { None };
        self.effects.iter().rev().find_map(status)
    }

    /// Forgets what these entries said, if there are any.
    pub fn release(&mut self, entries: Vec<EntryId>) {
        if !entries.is_empty() {
            self.effects.push(Effect::Release { entries });
        }
    }
}
