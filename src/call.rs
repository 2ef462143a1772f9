//! HTTP calls as values: the core writes them, the driver performs them, the outcome comes back as an input.

use crate::ids::{Epoch, RequestId};
use crate::message::Place;
use crate::secret::Secret;
use crate::time::Millis;

/// A JSON call to a platform's HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What it is for; comes back with the outcome.
    pub errand: Errand,
    /// The method.
    pub method: Method,
    /// Absolute URL, on a configured origin.
    pub url: String,
    /// Name and value of the one header that carries the token; left out if there is none.
    pub auth: (&'static str, Secret<String>),
    /// DMWork: the Space that it is about, if the bot is in several.
    pub space: Option<String>,
    /// JSON body.
    pub body: Option<String>,
    /// From the first byte out to the last byte in.
    pub timeout: Millis,
}

/// HTTP methods that the platforms use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Everything else.
    Post,
    /// DMWork: replaces.
    Put,
    /// DMWork: deletes.
    Delete,
}

/// What a call is for. Carries whatever is needed to tell a stale outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// DMWork: who am I, and where is the WebSocket.
    Register(Epoch),
    /// DMWork: presence.
    Heartbeat,
    /// DMWork: typing indicator. Nobody waits for it.
    Typing,
    /// DMWork: which groups the bot is in.
    Groups(Epoch),
    /// DMWork: what this group is called.
    Group(String),
    /// DMWork: what was queued for the bot while it was away.
    Events(Epoch),
    /// What was said in this place while the bot was away.
    Messages(Epoch, Place),
    /// DMWork: who is in this group and may be called there.
    Members(String),
    /// DMWork: what a person is called.
    User(String),
    /// DMWork: GROUP.md of this group, or THREAD.md of this thread.
    Rules(Place),
    /// DMWork: where to put a file, by the number of its part.
    Ticket(u32),
    /// DMWork: an event is on our disk and needs no place in the queue any more.
    EventAck,
    /// Mochat: who am I and which groups and panels exist.
    Directory(Epoch),
    /// Mochat: whom the agent belongs to.
    Owner(Epoch),
    /// Mochat: who somebody is, or who is in a session.
    People,
    /// Mochat: which sessions exist.
    Sessions(Epoch),
    /// Mochat: in which sessions something happened last, where there are more than a list holds.
    Latest(Epoch),
    /// Mochat: what is new in this session, where the socket doesn't tell.
    Watch(String),
    /// A message part of the outbox, by its number there.
    Send(u32),
    /// A message part that replaces a message, by its number.
    Edit(u32),
    /// DMWork: the bot has read these. Nobody waits for it.
    Receipt,
    /// The latest messages of the place of a part that may have been posted, by its number.
    Look(u32),
    /// What a tool of the agent asked for.
    Tool(RequestId),
    /// The host wants to know whether the API answers.
    Probe(RequestId),
    /// The setup, which makes one call at a time.
    Setup,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The server answered.
    Answered {
        /// HTTP status. A redirect is an answer like any other: it is never followed.
        status: u16,
        /// `Retry-After` in seconds.
        retry_after: Option<u32>,
        /// The body, at most the driver's cap.
        body: String,
    },
    /// No answer.
    Failed {
        /// Whether the server can't have seen the request: it was never sent.
        unsent: bool,
        /// The cause, such as `ECONNREFUSED` or `timeout`.
        cause: String,
    },
}

impl CallOutcome {
    /// The body of a 2xx answer.
    #[must_use]
    pub fn success(&self) -> Option<&str> {
        match self {
            Self::Answered { status: 200..=299, body, .. } => Some(body),
            Self::Answered { .. } | Self::Failed { .. } => None,
        }
    }

    /// One line for logs and status; never contains a header.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Answered { status: status @ 300..=399, .. } => format!("HTTP {status}: a redirect, which is refused"),
            Self::Answered { status, body, .. } => format!("HTTP {status}: {}", crate::text::excerpt(body)),
            Self::Failed { cause, .. } => cause.clone(),
        }
    }
}
