//! One bot account: routes each input to its layer and collects one step.

mod around;
mod judging;
mod outgoing;
mod resume;
mod words;

use crate::call::{CallOutcome, Errand};
use crate::clock::Clock;
use crate::config::{ConfigError, Platform, Rules, Settings};
use crate::ids::{CommitId, EntryId, RequestId};
use crate::inbox::{self, Gatehouse, Inbox};
use crate::outbox::{self, Outbox, Outgoing};
use crate::platform::dmwork::Dmwork;
use crate::platform::mochat::Mochat;
use crate::platform::{Dialect, Unsent};
use crate::policy::Guards;
use crate::step::{Effect, Input, Lifecycle, LogLevel, Note, Step, StoredEntry, ToolAsk};
use crate::subject;
use crate::talk::Talk;
use crate::time::{Time, earliest};
use around::Around;

/// A bot account as a state machine. It owns everything that decides; whoever holds it owns the IO.
#[derive(Debug)]
pub struct Account {
    clock: Clock,
    rules: Rules,
    platform: Dialect,
    inbox: Inbox,
    gatehouse: Gatehouse,
    guards: Guards,
    talk: Talk,
    outbox: Outbox,
    /// Commits of its notes, of which the platform knows nothing.
    asides: Vec<CommitId>,
    /// Messages that stopped the core before, which would do so again.
    suspects: Vec<EntryId>,
    /// What to tell the operator of keys that have no effect.
    ignored: Vec<String>,
}

impl Account {
    /// An account of `channel` (`mochat` or `dmwork`) with this configuration as JSON.
    ///
    /// # Errors
    /// The configuration can't work; the error names the key and the fix.
    pub fn open(channel: &str, config: &str) -> Result<Self, ConfigError> {
        let Settings { rules, platform, ignored } = Settings::parse(channel, config)?;
        let platform = match platform {
            Platform::Dmwork(settings) => Dialect::Dmwork(Box::new(Dmwork::new(settings))),
            Platform::Mochat(settings) => Dialect::Mochat(Box::new(Mochat::new(settings))),
        };
        let talk = Talk::new(&rules);
        Ok(Self {
            clock: Clock::default(),
            rules,
            platform,
            inbox: Inbox::default(),
            gatehouse: Gatehouse::default(),
            guards: Guards::default(),
            talk,
            outbox: Outbox::default(),
            asides: Vec::new(),
            suspects: Vec::new(),
            ignored,
        })
    }

    /// Takes a fact and answers with orders; `now` is what the wall clock shows. Total: a panic in here is a bug of ours,
    /// never bad input.
    pub fn handle(&mut self, now: Time, input: Input) -> Step {
        let now = self.clock.read(now);
        let mut step = Step::default();
        let out = &mut step;
        subject::clear();
        match input {
            Input::Started { entries, notes, turns, inherited, suspects, entropy } => {
                self.platform.beware(suspects.clone());
                self.suspects = suspects;
                let entries = self.resume(now, entries, &turns, &inherited, out);
                self.start(now, entries, &notes, &entropy, out)
            }
            Input::Woke {} => {}
            Input::SocketOpened { epoch, entropy } => self.platform.socket_opened(now, epoch, &entropy, out),
            Input::FrameReceived { epoch, bytes } => {
                let heard = self.platform.frame_received(now, epoch, &bytes, out);
                self.commit(now, heard, out);
            }
            Input::EventReceived { epoch, name, body } => {
                let heard = self.platform.event_received(now, epoch, &name, &body, out);
                self.commit(now, heard, out);
            }
            Input::EmitAcknowledged { epoch, emit, body } => {
                let heard = self.platform.emit_acknowledged(now, epoch, emit, body.as_deref(), out);
                self.commit(now, heard, out);
            }
            Input::SocketHeard { epoch } => self.platform.socket_heard(now, epoch, out),
            Input::SocketClosed { epoch, reason } => self.platform.socket_closed(now, epoch, &reason, out),
            Input::Committed { commit, fresh } => self.committed(commit, &fresh, out),
            Input::CommitFailed { commit, error } => self.commit_failed(now, commit, &error, out),
            Input::EntriesRead { place, entries, error: None } => self.entries_read(now, &place, entries, out),
            Input::EntriesRead { place, error: Some(error), .. } => self.talk.read_in_vain(now, &place, &error, out),
            Input::Replayed { entries } => self.replay(now, entries, out),
            Input::AccessDecided { entry, access } => self.access_decided(now, &entry, access, out),
            Input::TurnAdopted { turn } => self.talk.adopted(now, &turn, out),
            Input::TurnDeferred { turn } => self.talk.deferred(now, &turn),
            Input::TurnAbandoned { turn } => self.talk.abandoned(now, &turn, out),
            Input::TurnSettled { turn } => self.talk.settled(now, &turn, out),
            Input::TurnEnded { turn, error } => {
                self.outbox.finish(&turn);
                self.talk.ended(now, &turn, error.as_deref(), out);
            }
            Input::AnswerSought { turn, found, error } => self.talk.sought(now, &turn, found, error.as_deref(), out),
            Input::SendAsked { request, to, text, media, reply_to, of_turn } => match self.platform.place(&to) {
                Some(place) => {
                    let text = crate::text::calling(&to, text);
                    let outgoing = Outgoing::new(request, place, &text, reply_to);
                    self.send_asked(now, outgoing, of_turn, &media, out);
                }
                None => {
                    let error = format!("`{}` names no place here", crate::text::excerpt(&to));
                    outbox::settle(request, Vec::new(), Some(error), out);
                }
            },
            Input::FileOpened { .. } | Input::FileMoved { .. } | Input::FileUploaded { .. } => {
                self.platform.file_told(now, &input, out);
            }
            Input::PartWritten { turn, text } => self.part_written(now, &turn, &text),
            Input::TypingAsked { to } => self.typing(now, &to, out),
            Input::ProbeAsked { request } => out.call(self.platform.probe(request)),
            Input::ToolAsked { request, ask } => {
                self.tool_asked(now, request, &ToolAsk::read(&ask), out);
            }
            Input::TokenKept { request, problem } => self.platform.token_kept(now, request, problem, out),
            Input::CallSettled { errand, outcome } => self.call_settled(now, &errand, &outcome, out),
        }
        self.due(now, out);
        for effect in &step.effects {
            if let Effect::SettleSend { request, error: Some(_), .. } = effect {
                self.talk.unsaid(*request);
            }
        }
        words::conceal(&mut step, self.platform.tokens());
        step
    }

    /// Reads the same bytes again and again, for the benchmark: cut out, decoded, verified, decrypted and routed, and then
    /// forgotten. Answers with the number of messages.
    #[cfg(feature = "faults")]
    pub fn route(&mut self, now: Time, epoch: crate::ids::Epoch, bytes: &[u8], times: u32) -> usize {
        let mut step = Step::default();
        (0..times).map(|_| self.platform.frame_received(now, epoch, bytes, &mut step).messages.len()).sum()
    }

    /// Does whatever is due, and says when something will be.
    fn due(&mut self, now: Time, step: &mut Step) {
        let heard = self.platform.due(now, step);
        self.commit(now, heard, step);
        for (place, id) in self.platform.take_calls() {
            self.called(now, &place, &id, step);
        }
        for (number, ended) in self.platform.take_unsent() {
            match ended {
                Unsent::Never(reason) => self.outbox.refuse(number, &reason, step),
                Unsent::NotYet(outcome) => drop(self.outbox.settled(now, number, &outcome, None, step)),
            }
        }
        self.gatehouse.due(now, step);
        // A reply that is on its way, or looked for, isn't closed yet.
        for place in self.outbox.waited_for() {
            self.talk.replied(now, place);
        }
        if let Some(lifecycle) = step.lifecycle() {
            self.talk.listens(lifecycle == Lifecycle::Ready);
        }
        self.talk.due(now, &mut Around { gatehouse: &self.gatehouse, platform: &mut self.platform }, step);
        self.excuse(now, step);
        self.escort(step);
        for task in self.outbox.due(now) {
            self.dispatch(now, task, step);
        }
        for (place, said) in self.platform.take_said() {
            self.outbox.under_way(now, &place, &said);
        }
        let notes = self.outbox.take_notes();
        if !notes.is_empty() {
            self.asides.push(self.inbox.commit(now, self.clock.shown(now), Vec::new(), notes, step));
        }
        let deadlines =
            [self.platform.deadline(), self.gatehouse.deadline(), self.talk.deadline(), self.outbox.deadline()];
        step.wake_at = deadlines.into_iter().fold(None, earliest).map(|at| self.clock.shown(at));
    }

    /// Restores what the store kept. The same path after a restart, a crash, a trap and a hot reload.
    fn start(&mut self, now: Time, stored: Vec<StoredEntry>, notes: &[Note], entropy: &[u8], step: &mut Step) {
        for sentence in self.ignored.drain(..) {
            step.log(LogLevel::Warn, sentence);
        }
        let (open, kept) = inbox::restore(now, stored, &self.suspects, step);
        for entry in kept {
            self.talk.restore_kept(entry, &self.rules, step);
        }
        if !open.is_empty() {
            step.log(LogLevel::Info, format!("{} messages from before are still open", open.len()));
        }
        for entry in open {
            self.admit(entry, step);
        }
        self.outbox.restore(now, notes);
        let heard = self.platform.start(now, notes, entropy, step);
        self.commit(now, heard, step);
    }

    fn tool_asked(&mut self, now: Time, request: RequestId, ask: &ToolAsk, step: &mut Step) {
        let place = ask.caller.to.as_deref().and_then(|to| self.platform.place(to));
        let is_owners = place.is_some_and(|place| self.talk.is_owners(&place));
        if let Some(post) = self.platform.tool_asked(now, request, ask, is_owners, step) {
            let outgoing = Outgoing::new(request, post.place, &post.text, post.reply_to);
            self.outbox.ask(outgoing, self.platform.tokens(), step);
        }
    }

    fn call_settled(&mut self, now: Time, errand: &Errand, outcome: &CallOutcome, step: &mut Step) {
        match errand {
            Errand::Send(number) => {
                let (outcome, id) = self.platform.sent(now, outcome);
                if let Some(part) = self.outbox.settled(now, *number, &outcome, id, step) {
                    self.delivered(now, &part, step);
                }
            }
            Errand::Edit(number) => {
                let outcome = self.platform.edited(*number, outcome, step);
                if let Some(part) = self.outbox.settled(now, *number, &outcome, None, step) {
                    self.delivered(now, &part, step);
                }
            }
            Errand::Look(number) => {
                let Some(part) = self.outbox.looking_for(*number) else { return };
                let sighting = self.platform.sighted(&part, outcome);
                if let Some(part) = self.outbox.looked(now, *number, sighting, step) {
                    self.delivered(now, &part, step);
                }
            }
            Errand::Probe(request) => {
                step.push(Effect::SettleProbe { request: *request, probe: self.platform.probed(outcome) });
            }
            Errand::Tool(request) => {
                let heard = self.platform.tool_settled(now, *request, outcome, step);
                self.commit(now, heard, step);
            }
            Errand::Register(_)
            | Errand::Groups(_)
            | Errand::Group(_)
            | Errand::Events(_)
            | Errand::Messages(..)
            | Errand::Members(_)
            | Errand::User(_)
            | Errand::Rules(_)
            | Errand::Ticket(_)
            | Errand::EventAck
            | Errand::Heartbeat
            | Errand::Typing
            | Errand::Receipt
            | Errand::Setup
            | Errand::Directory(_)
            | Errand::Owner(_)
            | Errand::People
            | Errand::Sessions(_)
            | Errand::Latest(_)
            | Errand::Watch(_) => {
                let heard = self.platform.call_settled(now, errand, outcome, step);
                self.commit(now, heard, step);
            }
        }
    }
}
