//! From what was heard to the decision about it: onto the disk, past the operator's rules, to a turn, the context or an end.

use super::Account;
#[cfg(feature = "faults")]
use crate::faults;
use crate::ids::{CommitId, EntryId};
use crate::inbox::{self, Entry};
#[cfg(feature = "faults")]
use crate::message::Incoming;
use crate::message::Place;
use crate::platform::Heard;
use crate::policy;
use crate::reason::{Outcome, Reason, Verdict};
#[cfg(feature = "faults")]
use crate::step::Input;
use crate::step::{Access, Effect, LogLevel, Ruling, Step, StoredEntry};
use crate::subject;
use crate::talk::Talk;
use crate::time::Time;

/// What a sender is told who writes faster than is answered.
const TOO_FAST: &str = "That is more than I can answer at once. Please give me a minute.";

impl Account {
    /// Puts what was heard on its way to the store.
    pub(super) fn commit(&mut self, now: Time, heard: Heard, step: &mut Step) {
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
    pub(super) fn recall(&mut self, now: Time, id: &EntryId, step: &mut Step) {
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

    pub(super) fn committed(&mut self, commit: CommitId, fresh: &[EntryId], step: &mut Step) {
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

    pub(super) fn commit_failed(&mut self, now: Time, commit: CommitId, error: &str, step: &mut Step) {
        self.inbox.commit_failed(commit);
        // A note is not written again at once: the next one holds all of it.
        if !self.is_aside(commit) {
            self.platform.commit_failed(now, commit, error, step);
        }
    }

    /// Whether a commit that was answered was none of the platform's.
    pub(super) fn is_aside(&mut self, commit: CommitId) -> bool {
        self.asides.extract_if(.., |aside| *aside == commit).count() > 0
    }

    pub(super) fn entries_read(&mut self, now: Time, place: &Place, stored: Vec<StoredEntry>, step: &mut Step) {
        let (open, kept) = inbox::restore(now, stored, &self.suspects, step);
        self.talk.read(now, place, [kept, open].concat(), &self.rules, step);
    }

    /// Dead letters are judged like messages that have just come, since much may have changed since they failed.
    pub(super) fn replay(&mut self, now: Time, stored: Vec<StoredEntry>, step: &mut Step) {
        let (open, _) = inbox::restore(now, stored, &self.suspects, step);
        step.log(LogLevel::Info, format!("{} dead letters are tried again", open.len()));
        for entry in open {
            self.admit(entry, step);
        }
    }

    /// A message is on disk: dismiss it, or ask the host about its sender.
    pub(super) fn admit(&mut self, entry: Entry, step: &mut Step) {
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

    pub(super) fn access_decided(&mut self, now: Time, id: &EntryId, access: Access, step: &mut Step) {
        let ready = self.gatehouse.decided(now, id, access);
        self.judge(now, ready, step);
    }

    pub(super) fn judge(&mut self, now: Time, ready: Vec<(Entry, Access)>, step: &mut Step) {
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
    pub(super) fn called(&mut self, now: Time, place: &Place, id: &EntryId, step: &mut Step) {
        if let Some(entry) = self.inbox.find(id).or_else(|| self.gatehouse.find(id)) {
            entry.call(step);
        } else if let Some(entry) = self.talk.call(place, id, step) {
            // Its sender was allowed to speak, or it would not have been kept.
            let outcome = policy::judge(&entry.message, Ruling::Allowed, &self.rules);
            self.answer(now, entry, outcome.reason, step);
        }
    }

    /// Gives a message its turn, unless that would be too much.
    pub(super) fn answer(&mut self, now: Time, entry: Entry, reason: Reason, step: &mut Step) {
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
