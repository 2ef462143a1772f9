//! What inputs and effects carry.

#[cfg(doc)]
use super::Step;
use crate::ids::EntryId;
use crate::json;
use crate::message::{Chat, Media, Quote, Sender};
use crate::secret::Secret;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// How often the host has taken it over.
    pub adoptions: u32,
    /// The turn with which it is the host's, which had not answered when the process died.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub entrusted: Option<EntryId>,
}

/// A named value beside the entries: a cursor, the device id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Its name.
    pub key: String,
    /// Its value; an empty one takes the note away.
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

/// How people see an answer that is being written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum Progress {
    /// When it is whole, or as the host likes.
    #[default]
    Whole,
    /// As one message that grows: the core is told what is written so far.
    Edits,
    /// Paragraph by paragraph.
    Blocks,
}

/// What the agent is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct TurnRequest {
    /// Its id: that of its last message, so that a rebuilt account knows it again.
    pub turn: EntryId,
    /// The id by which the host is to know its last message: another one than before, if the host took it over once.
    pub message_id: String,
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
    /// What there is to know of the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub about: Option<Box<About>>,
    /// Files to fetch before the agent is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub downloads: Option<Box<Downloads>>,
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
    /// How people see the answer while it is written.
    pub progress: Progress,
}

/// What the platform and the operator say about a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", optional_fields))]
pub struct About {
    /// What it is called, untrusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Instructions by the operator, and by whom the operator trusts with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// The group's own rules where they are no instructions, untrusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
}

/// Files that came with messages. Nothing of the account's own goes to where they are, but its token to the platform's own
/// server, for those that are guarded there and for voices, which it writes down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Downloads {
    /// Which, oldest first.
    pub files: Vec<Media>,
    /// A larger one is not fetched.
    pub max_bytes: u32,
    /// One that takes longer isn't either.
    pub timeout_ms: u32,
    /// The only servers that may have a private address: the operator's own.
    pub origins: Vec<String>,
    /// The `Authorization` header of guarded files and of the transcriber, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub authorization: Option<Secret<String>>,
    /// Where a voice is written down, if there is one: `audio` of a form goes there, and `text` of an object comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub transcriber: Option<String>,
}

/// An HTTP request whose body is an open file, with text around it where that is a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// `PUT` or `POST`.
    pub method: String,
    /// Absolute; its signature may allow whoever has it to write.
    pub url: Secret<String>,
    /// Names and values. The length of the body is the sender's to tell.
    #[cfg_attr(test, ts(type = "Array<[string, string]>"))]
    pub headers: Vec<(String, Secret<String>)>,
    /// What stands in front of the file.
    pub before: String,
    /// What stands behind it.
    pub after: String,
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

/// What the agent, or the host for it, wants to have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", rename_all = "camelCase"))]
pub struct ToolAsk {
    /// The tool's name.
    pub tool: String,
    /// Its parameters, as the model wrote them.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub parameters: Value,
    /// For whom the agent works at this moment.
    pub caller: ToolCaller,
}

/// For whom the agent works, by the host's word; nothing of it comes from the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", rename_all = "camelCase", optional_fields))]
pub struct ToolCaller {
    /// The channel that the question came through; no channel of ours for a command line or a schedule.
    pub channel: Option<String>,
    /// The place of the question, in the place grammar if it is one of ours.
    pub to: Option<String>,
    /// The asking user's id on that channel.
    pub sender: Option<String>,
    /// Whether the host says that the gateway belongs to whoever asks.
    #[cfg_attr(test, ts(as = "Option<bool>"))]
    pub operator: bool,
    /// The session that the agent works in.
    pub session_key: Option<String>,
}

impl ToolAsk {
    /// Reads the JSON text; what is missing stays empty.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut ask = json::parse(text.as_bytes()).unwrap_or_default();
        let parameters = ask.get_mut("parameters").map(Value::take).unwrap_or_default();
        let field = |path: &str| ask.pointer(path).and_then(Value::as_str).map(str::to_owned);
        Self {
            tool: field("/tool").unwrap_or_default(),
            parameters,
            caller: ToolCaller {
                channel: field("/caller/channel"),
                to: field("/caller/to"),
                sender: field("/caller/sender"),
                operator: ask.pointer("/caller/operator") == Some(&Value::Bool(true)),
                session_key: field("/caller/sessionKey"),
            },
        }
    }
}

impl ToolCaller {
    /// Whether the session is one that many read, as its key says.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.session_key.as_deref().is_some_and(|key| [":group:", ":channel:"].iter().any(|kind| key.contains(kind)))
    }
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
    /// The user id of the person that the bot belongs to, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub owner: Option<String>,
    /// Where it listens, such as `sessions: 3, panels: 2`, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub places: Option<String>,
    /// What the server turned out not to have.
    pub lacks: Vec<&'static str>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub error: Option<String>,
}
