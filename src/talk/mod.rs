//! From judged messages to one prompt: what is remembered, what waits, and the turns that the host holds.

mod absent;
mod agenda;
mod background;
mod batch;
mod corner;
mod ends;
mod entrusted;
mod excuse;
mod handed;
mod history;
mod lane;
mod prompt;
mod silent;
mod turns;

pub use background::{Background, Scene};
pub use entrusted::Found;
pub use excuse::{Excuse, Excused};

use crate::config::{FileRules, Rules};
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::message::{Incoming, Place};
use crate::reason::{Outcome, Reason, Verdict};
use crate::step::{Effect, LogLevel, Step};
use crate::subject;
use crate::text::excerpt;
use crate::time::{Millis, Time, earliest};
use agenda::Agenda;
use batch::Batch;
use corner::Corner;
use ends::close;
use entrusted::{Entrusted, EntrustedTurns};
use handed::Handed;
use lane::Work;
use silent::{Custody, SilentTurns};
use std::collections::{BTreeMap, VecDeque};

/// Pause after the store could not be read.
const READ_AGAIN: Millis = Millis::secs(5);

/// A message that is to be answered, and why.
#[derive(Clone, Debug)]
struct Judged {
    entry: Entry,
    reason: Reason,
}

/// The conversations of one account.
#[derive(Debug, Default)]
pub struct Talk {
    /// The operator's words for the history.
    template: Option<String>,
    /// Which files the agent gets to see.
    files: FileRules,
    corners: BTreeMap<Place, Corner>,
    agenda: Agenda,
    handed: Handed,
    silent: SilentTurns,
    entrusted: EntrustedTurns,
    /// What the host said in place of answers, since they were looked for.
    excused: Vec<Excused>,
    /// Places that have work while the host has enough of it, the first to come first. They go before the place whose
    /// turn made room, or it would never be their turn.
    hungry: VecDeque<Place>,
    /// Places whose batch is ripe while messages are still to be judged, or whose work waits for its background.
    unripe: Vec<Place>,
    /// Commands: they pass at once, since they may be meant to stop something.
    commands: Vec<(Place, Work)>,
}

impl Talk {
    /// Without a conversation yet.
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        Self { template: rules.history_template.clone(), files: rules.files.clone(), ..Self::default() }
    }

    /// Keeps a message as context of its place.
    pub fn remember(&mut self, entry: Entry, rules: &Rules, step: &mut Step) {
        step.push(Effect::Keep { entries: vec![entry.id()] });
        self.restore_kept(entry, rules, step);
    }

    /// Puts a message that the store kept as context back in its place.
    pub fn restore_kept(&mut self, entry: Entry, rules: &Rules, step: &mut Step) {
        let limit = rules.history_of(&entry.message.place);
        let corner = self.corners.entry(entry.message.place.clone()).or_default();
        let forgotten = corner.history.push(entry, limit);
        step.resolve(forgotten, Outcome::new(Verdict::Remember, Reason::Forgotten));
    }

    /// Whether a message waits to be answered together with others. A command may be meant to stop something.
    #[must_use]
    pub fn waits(message: &Incoming, rules: &Rules) -> bool {
        message.command().is_none() && batch::waits(message, rules.delay.mode)
    }

    /// Gives a message its turn: at once, or together with others when its place has been quiet. Answers with that
    /// moment, which later messages may put off.
    pub fn answer(&mut self, now: Time, entry: Entry, reason: Reason, rules: &Rules, step: &mut Step) -> Option<Time> {
        let place = entry.message.place.clone();
        let is_command = entry.message.command().is_some();
        let judged = Judged { entry, reason };
        if is_command {
            self.command(place, judged, step);
            return None;
        }
        let corner = self.corners.entry(place.clone()).or_default();
        let is_late = corner.batch.as_ref().is_some_and(|batch| batch.is_over(judged.entry.received_at));
        if is_late && let Some(batch) = corner.batch.take() {
            corner.queue(batch);
        }
        let until = if Self::waits(&judged.entry.message, rules) {
            let batch = corner.batch.get_or_insert_default();
            let omitted = batch.push(judged, rules.delay);
            step.resolve(omitted, Outcome::new(Verdict::Ignore, Reason::Omitted));
            Some(batch.deadline())
        } else {
            let mut batch = corner.batch.take().unwrap_or_default();
            batch.insert(judged);
            corner.queue(batch);
            None
        };
        if is_late {
            self.appoint(&place, now);
        }
        self.appoint(&place, until.unwrap_or(now));
        until
    }

    /// A command takes no context along, but `/new` ends a conversation, and what was remembered of it.
    fn command(&mut self, place: Place, judged: Judged, step: &mut Step) {
        let ends = |word: &str| ["new", "reset"].iter().any(|end| word.eq_ignore_ascii_case(end));
        if judged.entry.message.command().is_some_and(ends)
            && let Some(corner) = self.corners.get_mut(&place)
        {
            let forgotten = corner.history.take().iter().map(Entry::id).collect();
            step.resolve(forgotten, Outcome::new(Verdict::Remember, Reason::Cleared));
        }
        self.commands.push((place, Work { messages: vec![judged], is_command: true, ..Work::default() }));
    }

    /// Its author took a message back: it is in no prompt that was not handed over yet.
    pub fn recall(&mut self, now: Time, id: &EntryId, rules: &Rules, step: &mut Step) {
        let mut found = None;
        for (place, corner) in &mut self.corners {
            let recalled = corner.remove(id).is_some();
            let left_over = if recalled { None } else { corner.lane.recall(id) };
            if recalled || left_over.is_some() {
                step.resolve(vec![id.clone()], Outcome::new(Verdict::Ignore, Reason::Recalled));
                let forgotten = corner.history.restore(left_over.unwrap_or_default(), rules.history_of(place));
                step.resolve(forgotten, Outcome::new(Verdict::Remember, Reason::Forgotten));
                found = Some(place.clone());
                break;
            }
        }
        if found.is_none() {
            found = self.recall_handed(id, step);
        }
        if let Some(place) = found {
            // What stood behind it may go now.
            self.appoint(&place, now);
            self.leave_if_empty(&place);
        }
    }

    /// The same for what the host has or had: its turn goes on, and is not offered again. Answers with a place that may go on.
    fn recall_handed(&mut self, id: &EntryId, step: &mut Step) -> Option<Place> {
        if let Some(custody) = self.silent.recall(id) {
            match custody {
                Custody::Joined(_) | Custody::BrokenOff => step.release(vec![id.clone()]),
                Custody::Reclaimed | Custody::NeverTaken => {
                    step.resolve(vec![id.clone()], Outcome::new(Verdict::Ignore, Reason::Recalled));
                }
            }
            return None;
        }
        step.release(self.handed.recall(id).unwrap_or_default());
        let (released, place) = self.entrusted.recall(id)?;
        step.release(released);
        Some(place)
    }

    /// Sees to it that the place is looked at then, or earlier.
    fn appoint(&mut self, place: &Place, at: Time) {
        let Some(corner) = self.corners.get_mut(place) else { return };
        if corner.appointment.is_none_or(|appointment| at < appointment) {
            corner.appointment = Some(at);
            self.agenda.add(at, place.clone());
        }
    }

    /// A message that is remembered or waits for a quiet moment turns out to be a mention. Answers with it, for another
    /// judgement; where it waits it keeps its place until then.
    pub fn call(&mut self, place: &Place, id: &EntryId, step: &mut Step) -> Option<Entry> {
        let corner = self.corners.get_mut(place)?;
        if let Some(entry) = corner.batch.as_mut().and_then(|batch| batch.find(id)) {
            let is_news = !entry.message.mentions_us;
            entry.call(step);
            return is_news.then(|| entry.clone());
        }
        let mut entry = corner.history.remove(id)?;
        entry.call(step);
        Some(entry)
    }

    /// A message that was called for is not answered after all, so that it doesn't wait for an answer either.
    pub fn dismiss(&mut self, entry: &Entry) {
        if let Some(corner) = self.corners.get_mut(&entry.message.place) {
            corner.remove(&entry.message.id);
        }
        self.leave_if_empty(&entry.message.place);
    }

    /// Starts what has waited long enough, and offers again what the host let go. A batch of a place where messages
    /// are still to be judged isn't complete yet.
    pub fn due(&mut self, now: Time, scene: &mut dyn Scene, step: &mut Step) {
        while let Some(silent) = self.silent.pop_due(now) {
            close(silent, step);
        }
        self.pursue_entrusted(now, step);
        for (place, work) in std::mem::take(&mut self.commands) {
            // It may be meant to stop something, so it waits for nothing. What is known holds for it: anything behind a
            // slash is a command, and some are questions.
            let background = scene.background(now, &place, &work.people(), step);
            self.offer(now, place, work, &background, step);
        }
        for place in std::mem::take(&mut self.unripe) {
            self.appoint(&place, now);
        }
        while !self.handed.is_full()
            && let Some(place) = self.hungry.pop_front()
        {
            if let Some(corner) = self.corners.get_mut(&place) {
                corner.is_hungry = false;
            }
            self.tend(now, &place, scene, step);
        }
        while let Some(place) = self.agenda.take_due(now) {
            if let Some(corner) = self.corners.get_mut(&place) {
                corner.appointment = None;
            }
            self.tend(now, &place, scene, step);
        }
    }

    /// Has the host look for answers that it had not handed over when it died. Offers again what has none and what it has
    /// not come back to.
    fn pursue_entrusted(&mut self, now: Time, step: &mut Step) {
        while let Some(turn) = self.entrusted.overdue(now) {
            self.sought(now, &turn, false, None, step);
        }
        step.effects.extend(self.entrusted.seek(now));
        // Each goes before what came at the same time, so the oldest of these is the last one.
        for Entrusted { place, work, .. } in self.entrusted.take_forgotten().into_iter().rev() {
            let ids: Vec<EntryId> = work.ids().collect();
            let last = ids.last().map(ToString::to_string).unwrap_or_default();
            step.log(
                LogLevel::Warn,
                format!("message {last} in {place} was not answered before the gateway died: asked again"),
            );
            step.push(Effect::Reclaim { entries: ids });
            self.corners.entry(place.clone()).or_default().lane.take_in(work);
            self.appoint(&place, now);
        }
    }

    /// Does what is due in one place and makes the next appointment.
    fn tend(&mut self, now: Time, place: &Place, scene: &mut dyn Scene, step: &mut Step) {
        let Some(corner) = self.corners.get_mut(place) else { return };
        if let Some(at) = corner.batch.as_ref().map(Batch::deadline) {
            if at > now {
                self.appoint(place, at);
            } else if scene.is_busy(place) {
                self.unripe.push(place.clone());
            } else if let Some(batch) = corner.batch.take() {
                corner.queue(batch);
            }
        }
        while let Some(corner) = self.corners.get_mut(place)
            && corner.lane.has_work()
            && !self.entrusted.holds(place)
        {
            let from = corner.lane.not_before().max(self.handed.not_before(place));
            if now < from {
                self.appoint(place, from);
                break;
            }
            if !Handed::has_room(corner.lane.handed()) {
                break;
            }
            corner.lane.gather();
            let people = corner.lane.people();
            let background = scene.background(now, place, &people, step);
            if background.is_awaited {
                self.unripe.push(place.clone());
                break;
            }
            if self.handed.is_full() {
                if !std::mem::replace(&mut corner.is_hungry, true) {
                    self.hungry.push_back(place.clone());
                }
                break;
            }
            let Some(work) = corner.lane.pop() else { break };
            self.offer(now, place.clone(), work, &background, step);
        }
        if let Some(corner) = self.corners.get_mut(place) {
            let entries = corner.lane.ask(now);
            if !entries.is_empty() {
                step.push(Effect::ReadEntries { place: place.clone(), entries });
            }
        }
        self.leave_if_empty(place);
    }

    /// The store read what waits in a place.
    pub fn read(&mut self, now: Time, place: &Place, entries: Vec<Entry>, rules: &Rules, step: &mut Step) {
        let Some(corner) = self.corners.get_mut(place) else { return };
        let left_over = corner.lane.read(entries);
        let forgotten = corner.history.restore(left_over, rules.history_of(place));
        step.resolve(forgotten, Outcome::new(Verdict::Remember, Reason::Forgotten));
        self.appoint(place, now);
    }

    /// The store could not be read. All of it is still there: it is asked again.
    pub fn read_in_vain(&mut self, now: Time, place: &Place, error: &str, step: &mut Step) {
        step.log(LogLevel::Error, format!("the store could not be read, trying again: {}", excerpt(error)));
        let again = now.after(READ_AGAIN);
        if let Some(corner) = self.corners.get_mut(place) {
            corner.lane.read_in_vain(again);
        }
        self.appoint(place, again);
    }

    fn offer(&mut self, now: Time, place: Place, mut work: Work, background: &Background, step: &mut Step) {
        if let Some(first) = work.messages.first() {
            subject::set(&first.entry.message.id);
        }
        let Some(request) = prompt::request(&work, background, self.template.as_deref(), &self.files) else { return };
        work.offers = work.offers.saturating_add(1);
        self.corners.entry(place.clone()).or_default().lane.give(&mut work);
        self.handed.push(now, request.turn.clone(), place, work);
        step.push(Effect::StartTurn { turn: request });
    }

    /// When [`Talk::due`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let commands = (!self.commands.is_empty()).then(Time::default);
        let held = earliest(self.silent.next(), self.entrusted.next());
        earliest(earliest(self.agenda.next(), commands), held)
    }

    fn leave_if_empty(&mut self, place: &Place) {
        if self.corners.get(place).is_some_and(Corner::is_empty) {
            self.corners.remove(place);
        }
    }
}
