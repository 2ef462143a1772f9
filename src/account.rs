//! One bot account: routes each input to its layer and collects one step.

mod around;
mod outgoing;
mod resume;
mod words;

use crate::call::{CallOutcome, Errand};
use crate::clock::Clock;
use crate::config::{ConfigError, Platform, Rules, Settings};
#[cfg(feature = "faults")]
use crate::faults;
use crate::ids::{CommitId, EntryId, RequestId};
use crate::inbox::{self, Entry, Gatehouse, Inbox};
#[cfg(feature = "faults")]
use crate::message::Incoming;
use crate::message::Place;
use crate::outbox::{self, Outbox, Outgoing};
use crate::platform::dmwork::Dmwork;
use crate::platform::mochat::Mochat;
use crate::platform::{Dialect, Heard, Unsent};
use crate::policy::{self, Guards};
use crate::reason::{Outcome, Reason, Verdict};
use crate::step::{Access, Effect, Input, Lifecycle, LogLevel, Note, Ruling, Step, StoredEntry, ToolAsk};
use crate::subject;
use crate::talk::Talk;
use crate::time::{Time, earliest};
use around::Around;

/// What a sender is told who writes faster than is answered.
const TOO_FAST: &str = "That is more than I can answer at once. Please give me a minute.";

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

    /// Judges messages like this one with these numbers, spread over so many panels, for the benchmark: each is asked about
    /// and allowed, and then waits for its panel to be quiet or is remembered. Answers with how many were.
    #[cfg(feature = "faults")]
    pub fn judge_each(&mut self, now: Time, like: &Incoming, panels: u32, numbers: std::ops::Range<u32>) -> usize {
        let one = |number: u32| {
            let panel = number.checked_rem(panels).unwrap_or_default().to_string();
            let id = EntryId(format!("bench-{number}"));
            let message = Incoming { id: id.clone(), place: Place::Panel { panel }, ..like.clone() };
            self.gatehouse.ask(Entry { message, received_at: now, adoptions: 0 }, &mut Step::default());
            let step = self.handle(now, Input::AccessDecided { entry: id, access: Access::new(Ruling::Allowed) });
            step.effects.iter().filter(|effect| matches!(effect, Effect::Judged { .. })).count()
        };
        numbers.map(one).sum()
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

    /// Puts what was heard on its way to the store.
    fn commit(&mut self, now: Time, heard: Heard, step: &mut Step) {
        #[cfg(feature = "faults")]
        faults::trip(&heard.messages, faults::TRAP);
        for id in &heard.recalled {
            self.recall(now, id, step);
        }
        if heard.is_empty() {
            return;
        }
        let commit = self.inbox.commit(now, self.clock.shown(now), heard.messages, heard.notes, step);
        self.platform.committing(commit);
    }

    /// A message that was taken back is forgotten wherever it waits.
    fn recall(&mut self, now: Time, id: &EntryId, step: &mut Step) {
        match self.gatehouse.recall(id) {
            Some((entry, ready)) => {
                close(&entry, Outcome::new(Verdict::Ignore, Reason::Recalled), None, step);
                self.judge(now, ready, step);
            }
            None => {
                self.inbox.recall(id);
                self.talk.recall(now, id, &self.rules, step);
            }
        }
    }

    fn committed(&mut self, commit: CommitId, fresh: &[EntryId], step: &mut Step) {
        if !self.is_aside(commit) {
            self.platform.committed(commit, step);
        }
        let (entries, recalled) = self.inbox.committed(commit, fresh);
        for entry in entries {
            self.admit(entry, step);
        }
        for entry in recalled {
            close(&entry, Outcome::new(Verdict::Ignore, Reason::Recalled), None, step);
        }
    }

    fn commit_failed(&mut self, now: Time, commit: CommitId, error: &str, step: &mut Step) {
        self.inbox.commit_failed(commit);
        // A note is not written again at once: the next one holds all of it.
        if !self.is_aside(commit) {
            self.platform.commit_failed(now, commit, error, step);
        }
    }

    /// Whether a commit that was answered was none of the platform's.
    fn is_aside(&mut self, commit: CommitId) -> bool {
        self.asides.extract_if(.., |aside| *aside == commit).count() > 0
    }

    fn entries_read(&mut self, now: Time, place: &Place, stored: Vec<StoredEntry>, step: &mut Step) {
        let (open, kept) = inbox::restore(now, stored, &self.suspects, step);
        self.talk.read(now, place, [kept, open].concat(), &self.rules, step);
    }

    /// Dead letters are judged like messages that have just come, since much may have changed since they failed.
    fn replay(&mut self, now: Time, stored: Vec<StoredEntry>, step: &mut Step) {
        let (open, _) = inbox::restore(now, stored, &self.suspects, step);
        step.log(LogLevel::Info, format!("{} dead letters are tried again", open.len()));
        for entry in open {
            self.admit(entry, step);
        }
    }

    /// A message is on disk: dismiss it, or ask the host about its sender.
    fn admit(&mut self, entry: Entry, step: &mut Step) {
        if self.suspects.contains(&entry.message.id) {
            return close(&entry, Outcome::new(Verdict::Fail, Reason::CoreFault), None, step);
        }
        subject::set(&entry.message.id);
        #[cfg(feature = "faults")]
        faults::trip([&entry.message], faults::TRAP_STORED);
        match policy::dismiss(&entry.message, &self.rules) {
            Some(outcome) => close(&entry, outcome, None, step),
            None => self.gatehouse.ask(entry, step),
        }
    }

    fn access_decided(&mut self, now: Time, id: &EntryId, access: Access, step: &mut Step) {
        let ready = self.gatehouse.decided(now, id, access);
        self.judge(now, ready, step);
    }

    fn judge(&mut self, now: Time, ready: Vec<(Entry, Access)>, step: &mut Step) {
        for (entry, access) in ready {
            subject::set(&entry.message.id);
            let outcome = policy::judge(&entry.message, access.ruling, &self.rules);
            if access.ruling == Ruling::Allowed {
                self.guards.heard(&entry);
            }
            match outcome.verdict {
                Verdict::Answer => self.answer(now, entry, outcome.reason, step),
                Verdict::Remember => {
                    step.push(Effect::Judged { entry: entry.id(), outcome, until: None });
                    self.talk.remember(entry, &self.rules, step);
                }
                Verdict::Ignore | Verdict::Fail => close(&entry, outcome, access.detail.as_deref(), step),
            }
        }
    }

    /// A message is a mention, as the platform says after the message itself. One that has had its turn stays as it is.
    fn called(&mut self, now: Time, place: &Place, id: &EntryId, step: &mut Step) {
        if let Some(entry) = self.inbox.find(id).or_else(|| self.gatehouse.find(id)) {
            entry.call(step);
        } else if let Some(entry) = self.talk.call(place, id, step) {
            // Its sender was allowed to speak, or it would not have been kept.
            let outcome = policy::judge(&entry.message, Ruling::Allowed, &self.rules);
            self.answer(now, entry, outcome.reason, step);
        }
    }

    /// Gives a message its turn, unless that would be too much.
    fn answer(&mut self, now: Time, entry: Entry, reason: Reason, step: &mut Step) {
        let waits = Talk::waits(&entry.message, &self.rules);
        match self.guards.admit(&entry, waits, self.rules.guards) {
            Ok(()) => {
                let (id, outcome) = (entry.id(), Outcome::new(Verdict::Answer, reason));
                let until = self.talk.answer(now, entry, reason, &self.rules, step).map(|at| self.clock.shown(at));
                step.push(Effect::Judged { entry: id, outcome, until });
            }
            Err(stopped) => {
                self.talk.dismiss(&entry);
                close(&entry, Outcome::new(Verdict::Ignore, stopped.reason), None, step);
                if stopped.tell {
                    self.outbox.say(entry.message.place, TOO_FAST);
                }
            }
        }
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

/// Ends a message that gets no turn, and says why.
fn close(entry: &Entry, outcome: Outcome, said: Option<&str>, step: &mut Step) {
    let message = &entry.message;
    let detail = said.map(|detail| format!(" ({})", crate::text::excerpt(detail))).unwrap_or_default();
    let key = outcome.reason.config_key().map(|key| format!(" (see {key})")).unwrap_or_default();
    // A bot hears itself all day; everything else that is dropped may be a surprise to somebody.
    let level = if outcome.reason == Reason::OwnMessage { LogLevel::Debug } else { LogLevel::Info };
    step.log(
        level,
        format!(
            "{}{detail} from {} in {}: {}{key}",
            outcome.reason.code(),
            message.sender.id,
            message.place,
            outcome.reason.sentence()
        ),
    );
    let detail = said.map(crate::text::excerpt);
    step.push(Effect::Resolve { entries: vec![entry.id()], outcome, turn: None, detail, entrusted: false });
}
