//! What the account is told.

use super::{Access, HeldTurn, Note, StoredEntry};
#[cfg(doc)]
use super::{Effect, ToolAsk};
use crate::call::{CallOutcome, Errand};
use crate::ids::{CommitId, EmitId, EntryId, Epoch, RequestId};
use crate::message::Place;
use serde::Deserialize;

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
        /// Whether the agent has finished it.
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
