//! What the host wants said, and what people see before it is.

use super::Account;
use crate::ids::{EntryId, RequestId};
use crate::message::Author;
use crate::outbox::{self, Delivered, Outgoing, Sighting, Task};
use crate::step::{Effect, LogLevel, Progress, Step};
use crate::subject;
use crate::talk::{Excuse, Excused, Found};
use crate::time::Time;

/// What a gateway also says of a message that it has queued at the very moment in which the run before it ends: the answer to
/// that is still to come. And of one whose answer it has lost between two runs that got in each other's way: that stands in
/// its session.
const NO_ANSWER: &str = "⚠️ OpenClaw couldn't produce or deliver a reply";
/// What a gateway that stops says in place of an answer. The question is asked again after its start.
const STOPPING: &str = "⚠️ Gateway is restarting";

impl Account {
    /// The host wants a text sent: as a part of the reply to a turn, or of its own accord.
    pub(super) fn send_asked(
        &mut self,
        now: Time,
        outgoing: Outgoing<'_>,
        of_turn: Option<EntryId>,
        media: &[String],
        step: &mut Step,
    ) {
        let Outgoing { request, ref place, text, ref reply_to, .. } = outgoing;
        if let Some(turn) = of_turn.clone().filter(|_| text.starts_with(NO_ANSWER)) {
            if self.talk.is_queued(&turn) {
                step.log(LogLevel::Info, format!("not passed on about message {turn}, which is only queued: {text}"));
                return outbox::settle(request, Vec::new(), None, step);
            }
            let (place, text, reply_to) = (place.clone(), text.to_owned(), reply_to.clone());
            if self.talk.excuses(now, Excuse { request, place, text, reply_to, turn }, step) {
                return;
            }
        }
        self.send_for(now, outgoing, of_turn, media, step);
    }

    /// What the host said in place of answers goes its way now, unless these were found.
    pub(super) fn excuse(&mut self, now: Time, step: &mut Step) {
        for excused in self.talk.take_excused() {
            match excused {
                Excused::Needless(Excuse { request, turn, text, .. }) => {
                    step.log(
                        LogLevel::Info,
                        format!("not passed on about message {turn}, whose answer was found: {text}"),
                    );
                    outbox::settle(request, Vec::new(), None, step);
                }
                Excused::Said(Excuse { request, place, text, reply_to, turn }) => {
                    self.send_for(now, Outgoing::new(request, place, &text, reply_to), Some(turn), &[], step);
                }
            }
        }
    }

    fn send_for(
        &mut self,
        now: Time,
        outgoing: Outgoing<'_>,
        of_turn: Option<EntryId>,
        media: &[String],
        step: &mut Step,
    ) {
        let Outgoing { request, ref place, text, .. } = outgoing;
        let is_answer = !text.starts_with(STOPPING);
        if !is_answer {
            self.talk.broken_off(place, of_turn.as_ref());
        }
        let mut late = None;
        match of_turn.as_ref() {
            Some(turn) if is_answer => {
                self.talk.answered(turn);
                match self.talk.found(turn, text) {
                    Some(Found::New { asked_at }) => {
                        subject::set(turn);
                        late = Some(asked_at);
                    }
                    Some(Found::Settled) => return outbox::settle(request, Vec::new(), None, step),
                    Some(Found::Stale) => {
                        let error = "this answer came too late".to_owned();
                        return outbox::settle(request, Vec::new(), Some(error), step);
                    }
                    None => {}
                }
            }
            Some(_) => {}
            None => self.talk.overhear(place, request, text),
        }
        let mut outgoing = Outgoing { is_reply: of_turn.is_some(), is_answer, late, ..outgoing };
        self.assign(now, &mut outgoing, of_turn, step);
        self.send(outgoing, media, step);
    }

    /// What goes along with each turn that begins: how its answer is shown, and that its messages were read.
    pub(super) fn escort(&self, step: &mut Step) {
        let mut calls = Vec::new();
        for effect in &mut step.effects {
            if let Effect::StartTurn { turn } = effect {
                // A bot hears what is posted and not what is edited.
                let is_bots = turn.sender.author == Author::Agent;
                turn.progress = if is_bots { Progress::Whole } else { self.platform.progress() };
                calls.extend(self.platform.read(&turn.to, &turn.entries));
            }
        }
        step.effects.extend(calls.into_iter().map(Effect::Call));
    }

    /// Shows an answer that grows, where the platform can.
    pub(super) fn part_written(&mut self, now: Time, turn: &EntryId, text: &str) {
        let Self { platform, talk, outbox, .. } = self;
        let Some(place) = talk.place_of(turn).cloned().filter(|_| platform.progress() == Progress::Edits) else {
            return;
        };
        outbox.grow(now, (turn, &place), text, platform.tokens(), || {
            let mut first = Outgoing::new(RequestId(0), place.clone(), "", None);
            if let Some(question) = talk.take_question(turn) {
                platform.dedicate(&mut first, question);
            }
            (first.reply_to, first.asker, talk.space_of(&place, &turn.0))
        });
    }

    /// Says to which turn a text belongs: the host's word counts. But the answer of a queued turn it sends in the name of the
    /// turn that this one waited for, which has had its answer, or in nobody's. Any other text without a name counts as one
    /// of the turn that runs in its place: a guess, good for the books and for where in the platform it belongs, but it may
    /// be a reminder, and gets neither the turn's reply nor the message that shows it.
    pub(super) fn assign(&self, now: Time, outgoing: &mut Outgoing<'_>, of_turn: Option<EntryId>, step: &mut Step) {
        let (place, reply_to) = (&outgoing.place, outgoing.reply_to.as_deref());
        let named = of_turn.clone().or_else(|| self.talk.named(place, reply_to?));
        // What quotes something without a turn's name is an agent's own choice.
        let is_hosts = of_turn.is_some() || reply_to.is_none();
        let queued =
            if is_hosts && outgoing.late.is_none() { self.talk.queued(now, place, of_turn.as_ref()) } else { None };
        let said = queued.as_ref().or(of_turn.as_ref()).map(|turn| turn.0.as_str()).or(reply_to);
        let space = said.and_then(|id| self.talk.space_of(place, id));
        let turn = queued.clone().or(named);
        if let Some(turn) = turn.clone().or_else(|| self.talk.replying(place, reply_to)) {
            outgoing.space = space.or_else(|| self.talk.space_of(place, &turn.0));
            step.push(Effect::AssignSend { request: outgoing.request, turn });
        }
        if let Some(queued) = queued.filter(|_| reply_to.is_some()) {
            outgoing.reply_to = Some(queued.0);
        }
        outgoing.turn = turn.filter(|_| outgoing.is_answer);
    }

    /// Sends a text with files. Of a file that the platform doesn't take people see a label. Where that would be all, and
    /// no reply that somebody waits for, the host is told instead: its agent can think of another way.
    pub(super) fn send(&mut self, mut outgoing: Outgoing<'_>, media: &[String], step: &mut Step) {
        let left_out = self.platform.attach(media, &mut outgoing);
        if !left_out.is_empty() {
            let labels = left_out.join(" ");
            if !outgoing.is_reply && left_out.len() == outgoing.files.len() && outgoing.text.trim().is_empty() {
                return outbox::settle(outgoing.request, Vec::new(), Some(labels), step);
            }
            step.log(LogLevel::Warn, format!("{labels} in a message to {}", outgoing.place));
        }
        if let Some(turn) = outgoing.turn.clone() {
            self.talk.replies(&turn);
            if let Some(question) = self.talk.take_question(&turn) {
                self.platform.dedicate(&mut outgoing, question);
            }
        }
        self.outbox.ask(outgoing, self.platform.tokens(), step);
    }

    /// Has the platform post a part, or look for it.
    pub(super) fn dispatch(&mut self, now: Time, task: Task, step: &mut Step) {
        match task {
            Task::Post(part) => {
                let number = part.number;
                if !self.platform.send(now, part, step) {
                    self.outbox.refuse(number, "this place is on another platform", step);
                }
            }
            Task::Look(part) => {
                if !self.platform.look(now, &part, step) {
                    self.outbox.looked(now, part.number, Sighting::Impossible, step);
                }
            }
        }
    }

    /// A part of a text stands in its place.
    pub(super) fn delivered(&mut self, now: Time, part: &Delivered, step: &mut Step) {
        self.talk.replied(now, &part.place);
        if part.is_answer {
            // Of an answer that comes in blocks each is a text.
            let begins = part.begins && self.platform.progress() != Progress::Blocks;
            self.talk.told(now, &part.place, part.names.as_deref(), begins, step);
        }
    }

    pub(super) fn typing(&mut self, now: Time, to: &str, step: &mut Step) {
        if let Some(call) = self.platform.place(to).and_then(|place| self.platform.typing(now, &place)) {
            step.call(call);
        }
    }
}
