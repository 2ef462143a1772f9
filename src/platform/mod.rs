//! The two dialects: wire on one side, platform-neutral messages on the other.

mod attach;
pub mod dmwork;
mod marks;
pub mod mochat;
mod own;
mod said;
#[cfg(test)]
mod schema;
mod sight;

use crate::call::{Call, CallOutcome, Errand};
use crate::ids::{CommitId, EmitId, EntryId, Epoch, RequestId};
use crate::link::Loss;
use crate::message::{Incoming, Place, Question};
use crate::outbox::{Outgoing, Part, Sighting};
use crate::step::{Input, Lifecycle, LogLevel, Note, Probe, Progress, Step, ToolAsk};
use crate::talk::Background;
use crate::text::excerpt;
use crate::time::{Millis, Time};
use crate::tools::Asked;
use dmwork::Dmwork;
use mochat::Mochat;

/// What a platform heard: messages and values that belong on disk together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// In the order in which they were said.
    pub messages: Vec<Incoming>,
    /// Cursors that are true once the messages are on disk.
    pub notes: Vec<Note>,
    /// Messages that their authors took back.
    pub recalled: Vec<EntryId>,
}

impl Heard {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.notes.is_empty()
    }
}

/// A part that did not get as far as a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// It can't be sent at all, and why.
    Never(String),
    /// Something on the way failed for now.
    NotYet(CallOutcome),
}

/// A text that a tool posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Where.
    pub place: Place,
    /// What.
    pub text: String,
    /// The message it answers.
    pub reply_to: Option<String>,
}

impl Post {
    fn read(asked: &Asked) -> Option<Self> {
        let text = asked.text("content")?.to_owned();
        Some(Self { place: asked.place.clone()?, text, reply_to: asked.text("replyTo").map(str::to_owned) })
    }
}

/// The platform of an account.
#[derive(Debug)]
pub enum Dialect {
    /// DMWork / Octo.
    Dmwork(Box<Dmwork>),
    /// Mochat / Claw IM.
    Mochat(Box<Mochat>),
}

/// Calls the same method of either dialect.
macro_rules! either {
    ($self:expr, $dialect:ident => $call:expr) => {
        match $self {
            Dialect::Dmwork($dialect) => $call,
            Dialect::Mochat($dialect) => $call,
        }
    };
}

impl Dialect {
    /// What these messages say is not to be looked at.
    pub fn beware(&mut self, suspects: Vec<EntryId>) {
        either!(self, dialect => dialect.suspects = suspects);
    }

    /// The account begins to live: `notes` is what it wrote down earlier.
    pub fn start(&mut self, now: Time, notes: &[Note], entropy: &[u8], step: &mut Step) -> Heard {
        either!(self, dialect => dialect.start(now, notes, entropy, step))
    }

    /// Does what is due: connects, pings, notices silence, looks at the directory.
    pub fn due(&mut self, now: Time, step: &mut Step) -> Heard {
        either!(self, dialect => dialect.due(now, step))
    }

    /// When [`Dialect::due`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        either!(self, dialect => dialect.deadline())
    }

    /// The transport is open.
    pub fn socket_opened(&mut self, now: Time, epoch: Epoch, entropy: &[u8], step: &mut Step) {
        either!(self, dialect => dialect.socket_opened(now, epoch, entropy, step));
    }

    /// Bytes came in.
    pub fn frame_received(&mut self, now: Time, epoch: Epoch, bytes: &[u8], step: &mut Step) -> Heard {
        match self {
            Self::Dmwork(dmwork) => dmwork.frame_received(now, epoch, bytes, step),
            Self::Mochat(_) => Heard::default(),
        }
    }

    /// A Socket.IO event came in.
    pub fn event_received(&mut self, now: Time, epoch: Epoch, name: &str, body: &str, step: &mut Step) -> Heard {
        match self {
            Self::Dmwork(_) => Heard::default(),
            Self::Mochat(mochat) => mochat.event_received(now, epoch, name, body, step),
        }
    }

    /// An emit was acknowledged, or not in time.
    pub fn emit_acknowledged(
        &mut self,
        now: Time,
        epoch: Epoch,
        emit: EmitId,
        body: Option<&str>,
        step: &mut Step,
    ) -> Heard {
        match self {
            Self::Dmwork(_) => Heard::default(),
            Self::Mochat(mochat) => mochat.emit_acknowledged(now, epoch, emit, body, step),
        }
    }

    /// Bytes without content came in.
    pub fn socket_heard(&mut self, now: Time, epoch: Epoch, step: &mut Step) {
        either!(self, dialect => dialect.socket_heard(now, epoch, step));
    }

    /// The transport is gone.
    pub fn socket_closed(&mut self, now: Time, epoch: Epoch, reason: &str, step: &mut Step) {
        either!(self, dialect => dialect.socket_closed(now, epoch, reason, step));
    }

    /// What was heard last is on its way to the store under this id.
    pub fn committing(&mut self, commit: CommitId) {
        either!(self, dialect => dialect.committing(commit));
    }

    /// It is on disk: now the server may forget it.
    pub fn committed(&mut self, commit: CommitId, step: &mut Step) {
        match self {
            Self::Dmwork(dmwork) => dmwork.committed(commit, step),
            // Mochat's acknowledgement is the cursor, which was written with the messages.
            Self::Mochat(mochat) => mochat.committed(commit),
        }
    }

    /// It is not: nothing is acknowledged, and the server must give it again.
    pub fn commit_failed(&mut self, now: Time, commit: CommitId, error: &str, step: &mut Step) {
        either!(self, dialect => dialect.commit_failed(now, commit, error, step));
    }

    /// What it began to post since this was asked last, as people will read it, and where.
    pub fn take_said(&mut self) -> Vec<(Place, String)> {
        either!(self, dialect => dialect.last_said.take_fresh())
    }

    /// Messages that came earlier and are mentions of the bot, as the platform says now.
    pub fn take_calls(&mut self) -> Vec<(Place, EntryId)> {
        match self {
            Self::Dmwork(_) => Vec::new(),
            Self::Mochat(mochat) => mochat.take_calls(),
        }
    }

    /// What the agent is to know of a place, and of these people, the first of whom is who asks, as far as the server has
    /// told.
    pub fn background(&mut self, now: Time, place: &Place, people: &[&str], step: &mut Step) -> Background {
        match self {
            Self::Dmwork(dmwork) => dmwork.background(now, place, people, step),
            // Names come with the messages.
            Self::Mochat(_) => Background::default(),
        }
    }

    /// A call of the platform's own ended.
    pub fn call_settled(&mut self, now: Time, errand: &Errand, outcome: &CallOutcome, step: &mut Step) -> Heard {
        either!(self, dialect => dialect.call_settled(now, errand, outcome, step))
    }

    /// Posts a part; `false` if the place is on the other platform. A part whose mentions have to be looked up first is
    /// posted when they are, without further asking.
    #[must_use]
    pub fn send(&mut self, now: Time, part: Part, step: &mut Step) -> bool {
        match self {
            Self::Dmwork(dmwork) => dmwork.send(now, part, step),
            Self::Mochat(mochat) => mochat.send(now, &part, step),
        }
    }

    /// Adds files that the host wants sent: as messages of their own, or in the platform's own markup. Answers with the
    /// labels that stand for those that can't be sent.
    #[must_use]
    pub fn attach(&self, media: &[String], outgoing: &mut Outgoing<'_>) -> Vec<String> {
        match self {
            Self::Dmwork(_) => {
                let files = media.iter().map(|file| file.trim()).filter(|file| !file.is_empty());
                outgoing.uploads = files.map(str::to_owned).collect();
                Vec::new()
            }
            Self::Mochat(_) => {
                let (files, left_out) = attach::attach(media, "Mochat", mochat::markup);
                outgoing.files = files;
                left_out
            }
        }
    }

    /// A file that is to be sent was opened, moved on, or arrived.
    pub fn file_told(&mut self, now: Time, input: &Input, step: &mut Step) {
        if let Self::Dmwork(dmwork) = self {
            dmwork.file_told(now, input, step);
        }
    }

    /// Parts that did not get as far as a post, by their numbers.
    pub fn take_unsent(&mut self) -> Vec<(u32, Unsent)> {
        match self {
            Self::Dmwork(dmwork) => dmwork.uploads.take_unsent(),
            Self::Mochat(_) => Vec::new(),
        }
    }

    /// Says in the first part of a reply what it answers, and to whom, as far as the platform has a form for that.
    pub fn dedicate(&self, outgoing: &mut Outgoing<'_>, question: Question) {
        if let Self::Dmwork(dmwork) = self {
            dmwork.dedicate(outgoing, question);
        }
    }

    /// How the call of a part ended, in the words of HTTP, and the id of the message if it was posted.
    pub fn sent(&mut self, now: Time, outcome: &CallOutcome) -> (CallOutcome, Option<String>) {
        match self {
            Self::Dmwork(dmwork) => dmwork.sent(outcome),
            Self::Mochat(mochat) => mochat.sent(now, outcome),
        }
    }

    /// Asks for the latest messages of the place of a part that may have been posted; `false` if the platform isn't asked.
    #[must_use]
    pub fn look(&mut self, now: Time, part: &Part, step: &mut Step) -> bool {
        match self {
            Self::Dmwork(dmwork) => dmwork.look(part, step),
            Self::Mochat(mochat) => mochat.look(now, part, step),
        }
    }

    /// Looks for a part in the answer.
    pub fn sighted(&mut self, part: &Part, outcome: &CallOutcome) -> Sighting {
        match self {
            Self::Dmwork(dmwork) => dmwork.sighted(part, outcome),
            Self::Mochat(mochat) => mochat.sighted(part, outcome),
        }
    }

    /// The call that shows that an answer is being written, where the platform can.
    #[must_use]
    pub fn typing(&mut self, now: Time, place: &Place) -> Option<Call> {
        match self {
            Self::Dmwork(dmwork) => dmwork.typing(now, place),
            Self::Mochat(_) => None,
        }
    }

    /// The call that shows that messages of a place were read, where the platform can.
    #[must_use]
    pub fn read(&self, to: &str, entries: &[EntryId]) -> Option<Call> {
        match self {
            Self::Dmwork(dmwork) => dmwork.read(&dmwork.place(to)?, entries),
            Self::Mochat(_) => None,
        }
    }

    /// How an answer can be shown while it is written.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match self {
            Self::Dmwork(dmwork) => dmwork.progress(),
            Self::Mochat(_) => Progress::Whole,
        }
    }

    /// How the call of a part that replaces a message ended, in the words of HTTP.
    pub fn edited(&mut self, number: u32, outcome: &CallOutcome, step: &mut Step) -> CallOutcome {
        match self {
            Self::Dmwork(dmwork) => dmwork.edited(number, outcome, step),
            Self::Mochat(_) => outcome.clone(),
        }
    }

    /// The call that shows whether the API accepts the token.
    #[must_use]
    pub fn probe(&self, request: RequestId) -> Call {
        either!(self, dialect => dialect.probe(request))
    }

    /// What that call found.
    #[must_use]
    pub fn probed(&self, outcome: &CallOutcome) -> Probe {
        either!(self, dialect => dialect.probed(outcome))
    }

    /// Begins what a tool call asks for; answers with the text to post, if it is one. `is_owners`: the turn that the agent
    /// works on is the owner's word, all of it.
    pub fn tool_asked(
        &mut self,
        now: Time,
        request: RequestId,
        ask: &ToolAsk,
        is_owners: bool,
        step: &mut Step,
    ) -> Option<Post> {
        match self {
            Self::Dmwork(dmwork) => dmwork.tool_asked(request, ask, step),
            Self::Mochat(mochat) => mochat.tool_asked(now, request, ask, is_owners, step),
        }
    }

    /// An HTTP call of a tool ended.
    pub fn tool_settled(&mut self, now: Time, request: RequestId, outcome: &CallOutcome, step: &mut Step) -> Heard {
        match self {
            Self::Dmwork(dmwork) => {
                dmwork.tool_settled(now, request, outcome, step);
                Heard::default()
            }
            Self::Mochat(mochat) => mochat.tool_settled(now, request, outcome, step),
        }
    }

    /// The host says whether it can keep, or has kept, a new token.
    pub fn token_kept(&mut self, now: Time, request: RequestId, problem: Option<String>, step: &mut Step) {
        match self {
            Self::Dmwork(dmwork) => dmwork.token_kept(request, problem, step),
            Self::Mochat(mochat) => mochat.token_kept(now, request, problem, step),
        }
    }

    /// The tokens of the API and of the connection, mostly one and the same, and the owner's key. They never leave in a
    /// message.
    #[must_use]
    pub fn tokens(&self) -> [&str; 3] {
        either!(self, dialect => dialect.tokens())
    }

    /// Reads a target; a platform prefix such as `mochat:` may stand before it.
    #[must_use]
    pub fn place(&self, target: &str) -> Option<Place> {
        either!(self, dialect => dialect.place(target))
    }
}

/// Says that a connection ended: as status, and to the log as long as that is news.
fn report_loss(loss: &Loss, wait: Millis, is_news: bool, step: &mut Step) {
    let seconds = wait.0.div_ceil(1_000);
    let (lifecycle, level, detail) = match loss {
        Loss::Fault(reason) | Loss::Busy(_, reason) => {
            (Lifecycle::Recovering, LogLevel::Warn, format!("disconnected: {}", excerpt(reason)))
        }
        Loss::Silence => (Lifecycle::Recovering, LogLevel::Warn, "disconnected: the server stopped answering".into()),
        Loss::HandshakeTimeout => {
            (Lifecycle::Recovering, LogLevel::Warn, "the server did not complete the handshake in time".into())
        }
        Loss::Kicked(reason) => (
            Lifecycle::Recovering,
            LogLevel::Error,
            format!(
                "another instance seems to use this bot ({}): stop it, or give it a bot of its own",
                excerpt(reason)
            ),
        ),
        Loss::Unusable(reason) => (Lifecycle::Blocked, LogLevel::Error, reason.clone()),
        Loss::Rejected(reason) => {
            (Lifecycle::Blocked, LogLevel::Error, format!("the server rejects the token: {}", excerpt(reason)))
        }
    };
    if is_news {
        step.log(level, format!("{detail}; next try in {seconds} s"));
    }
    step.status(lifecycle, detail);
}
