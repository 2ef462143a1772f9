//! What the account orders.

#[cfg(doc)]
use super::Input;
use super::{AccessQuestion, LogLevel, NewEntry, Note, Probe, SocketIoParser, Status, Transfer, TurnRequest};
use crate::call::Call;
use crate::ids::{CommitId, EmitId, EntryId, Epoch, RequestId};
use crate::message::{Chat, Place};
use crate::reason::Outcome;
use crate::secret::Secret;
use crate::time::Time;
use serde::Serialize;

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
    /// Look whether the agent has finished its answer to a turn that was interrupted, or of which the host says that it has
    /// none, and have it sent: by [`Input::SendAsked`] in the turn's name, before [`Input::AnswerSought`].
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
