//! The rules of a conversation once more, from what the documents say and without a thought for speed: lists that are
//! searched from the front, one fact after the other. Whatever the account does, this must have said so.

mod guards;
mod host;
mod judgement;
mod waiting;

use crate::conversation_model::script::{Mode, Platform, Settings};
use crate::conversation_model::told::{Act, End, Message};
use guards::Guards;
use host::{Custody, Running, Silent, Text, Turn};
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::Ruling;
use std::rc::Rc;

const SECOND: u64 = 1_000;
/// How long an item of the inbox waits for its message.
const PATIENCE: u64 = 5 * SECOND;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Kept,
    Done,
}

/// A message that the store has.
#[derive(Clone, Debug)]
struct Entry {
    message: Rc<Message>,
    calls: bool,
    received: u64,
    /// The same by the clock on the wall, as the store has it.
    stored: u64,
    standing: Standing,
    reason: Reason,
    /// How often the host took it over.
    adoptions: u32,
}

/// A message whose sender the host is asked about.
#[derive(Debug)]
struct Waiting {
    id: usize,
    ruling: Option<Ruling>,
    questions: u32,
    ask_at: Option<u64>,
}

#[derive(Debug)]
struct Batch {
    messages: Vec<usize>,
    first: u64,
    until: u64,
    omitted: u32,
}

#[derive(Debug)]
struct Notice {
    message: Rc<Message>,
    until: Option<u64>,
}

/// What can be wrong with a message when the process begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Harm {
    /// Its record can't be read.
    pub damaged: Option<usize>,
    /// It stopped the core before.
    pub suspect: Option<usize>,
}

pub struct Model {
    platform: Platform,
    settings: Settings,
    /// A clock that never goes back while the account lives.
    now: u64,
    /// How far it is ahead of the one on the wall.
    ahead: u64,
    /// All that was committed, in that order.
    entries: Vec<Entry>,
    heard: Vec<Vec<Entry>>,
    waiting: Vec<Waiting>,
    notices: Vec<Notice>,
    /// Messages that were taken back since the process began: they may come after that word.
    taken_back: Vec<usize>,
    guards: Guards,
    places: Vec<(&'static str, Place)>,
    commands: Vec<Turn>,
    /// Places whose turns wait because the host has enough of all places together.
    line: Vec<&'static str>,
    handed: Vec<Turn>,
    running: Vec<Running>,
    silent: Vec<Silent>,
    /// Turns that the host had taken over when the process died.
    entrusted: Vec<Turn>,
    /// Whether the platform is there. Without it nothing is looked for.
    pub is_listening: bool,
    entrusted_until: Option<u64>,
    turns: u64,
    /// A message that stopped the core.
    suspect: Option<usize>,
    acts: Vec<Act>,
}

/// What a place has.
#[derive(Debug, Default)]
struct Place {
    context: Vec<usize>,
    batch: Option<Batch>,
    queue: Vec<Turn>,
    /// Texts that are on their way, or wait for the one before.
    texts: Vec<Text>,
}

impl Model {
    pub fn new(platform: Platform, settings: Settings, now: u64) -> Self {
        Self {
            platform,
            settings,
            now,
            ahead: 0,
            entries: Vec::new(),
            heard: Vec::new(),
            waiting: Vec::new(),
            notices: Vec::new(),
            taken_back: Vec::new(),
            guards: Guards::default(),
            places: Vec::new(),
            commands: Vec::new(),
            line: Vec::new(),
            handed: Vec::new(),
            running: Vec::new(),
            silent: Vec::new(),
            entrusted: Vec::new(),
            is_listening: false,
            entrusted_until: None,
            turns: host::FIRST,
            suspect: None,
            acts: Vec::new(),
        }
    }

    /// The clock on the wall.
    pub fn set_time(&mut self, wall: u64) {
        let now = wall + self.ahead;
        if now < self.now {
            self.ahead += self.now - now;
        } else {
            self.now = now;
        }
    }

    /// What follows from the facts so far.
    pub fn acts(&mut self) -> Vec<Act> {
        self.due();
        std::mem::take(&mut self.acts)
    }

    /// When something will be due, by the clock on the wall.
    pub fn next(&self) -> Option<u64> {
        let notices = self.notices.iter().filter_map(|notice| notice.until);
        let questions = self.waiting.iter().filter_map(|waiting| waiting.ask_at);
        let batches = self.places.iter().filter_map(|(_, place)| place.batch.as_ref()).map(|batch| batch.until);
        let turns = self.places.iter().filter_map(|(name, place)| self.turn_due_at(name, place));
        let silent = self.silent.iter().map(|silent| silent.until);
        let entrusted = self.entrusted_until.filter(|_| self.is_listening && !self.entrusted.is_empty());
        let all = notices.chain(questions).chain(batches).chain(turns).chain(silent).chain(entrusted);
        all.filter(|at| *at > self.now).min().map(|at| at - self.ahead)
    }

    pub fn open(&self) -> impl Iterator<Item = usize> {
        self.entries.iter().filter(|entry| entry.standing == Standing::Open).map(|entry| entry.message.id)
    }

    // What the platform says.

    pub fn heard(&mut self, messages: &[Rc<Message>]) {
        let entry = |message: &Rc<Message>| Entry {
            message: message.clone(),
            calls: message.calls_us() || self.notices.iter().any(|notice| notice.message.id == message.id),
            received: self.now,
            stored: self.now - self.ahead,
            standing: Standing::Open,
            reason: Reason::Direct,
            adoptions: 0,
        };
        let counts = |message: &&Rc<Message>| !self.taken_back.contains(&message.id);
        let heard: Vec<Entry> = messages.iter().filter(counts).map(entry).collect();
        if heard.is_empty() {
            return;
        }
        self.acts.push(Act::Commits(heard.iter().map(|entry| entry.message.id).collect()));
        self.heard.push(heard);
    }

    pub fn recalled(&mut self, id: usize) {
        self.taken_back.push(id);
        self.notices.retain(|notice| notice.message.id != id);
        if self.waiting.iter().any(|waiting| waiting.id == id) {
            self.waiting.retain(|waiting| waiting.id != id);
            self.end(id, Verdict::Ignore, Reason::Recalled, None);
            self.judge_what_can_be();
            return;
        }
        let (limit, name) = (self.settings.history, self.entry(id).map(|entry| entry.message.place));
        let Some(place) = name.map(|name| self.place(name)) else { return };
        let mut found = remove(&mut place.context, id);
        if let Some(batch) = &mut place.batch {
            found |= remove(&mut batch.messages, id);
        }
        place.batch.take_if(|batch| batch.messages.is_empty());
        for turn in &mut place.queue {
            found |= remove(&mut turn.messages, id) | remove(&mut turn.context, id);
        }
        // What went with a question that nobody asks any more is context for the next one.
        if let Some(at) = place.queue.iter().position(|turn| turn.messages.is_empty()) {
            let mut context = place.queue.remove(at).context;
            context.append(&mut place.context);
            place.context = context;
        }
        if found {
            self.end(id, Verdict::Ignore, Reason::Recalled, None);
            self.trim(name.unwrap(), limit);
        } else if let Some(silent) = self.silent.iter_mut().find(|silent| silent.turn.messages.contains(&id)) {
            remove(&mut silent.turn.messages, id);
            if silent.custody.is_hosts() {
                self.acts.push(Act::Releases(id));
            } else {
                self.end(id, Verdict::Ignore, Reason::Recalled, None);
            }
        } else {
            self.recalled_from_host(id);
        }
    }

    /// The inbox says that this message mentions the bot.
    pub fn announced(&mut self, message: &Rc<Message>) {
        if self.notices.iter().any(|notice| notice.message.id == message.id) {
            return;
        }
        if self.notices.len() == 64 {
            self.notices.remove(0);
        }
        self.notices.push(Notice { message: message.clone(), until: Some(self.now + PATIENCE) });
        self.called(message.id);
    }

    fn called(&mut self, id: usize) {
        let always = self.settings.mode == Mode::Always;
        let Some(entry) = self.entry(id).filter(|entry| entry.standing != Standing::Done && !entry.calls) else {
            return;
        };
        let name = entry.message.place;
        let waits = self.waiting.iter().any(|waiting| waiting.id == id);
        let place = self.place(name);
        let in_batch = place.batch.as_ref().is_some_and(|batch| batch.messages.contains(&id));
        let in_context = place.context.contains(&id);
        if !(waits || in_batch || in_context) {
            return;
        }
        self.acts.push(Act::Reopens(id));
        let entry = self.entry_mut(id);
        entry.calls = true;
        entry.standing = Standing::Open;
        if waits {
            return;
        }
        let place = self.place(name);
        remove(&mut place.context, id);
        if in_batch && always {
            let until = place.batch.as_ref().map(|batch| batch.until);
            self.judged(id, Reason::Mentioned, until);
        } else if in_batch && !self.admits(id, false) {
            let batch = self.place(name).batch.as_mut().unwrap();
            remove(&mut batch.messages, id);
            self.place(name).batch.take_if(|batch| batch.messages.is_empty());
        } else if in_batch {
            self.judged(id, Reason::Mentioned, None);
            self.flush(name);
        } else {
            self.answer(id, Reason::Mentioned);
        }
    }

    // What the store says.

    /// The oldest transaction that waits is on disk; these of its messages are new.
    pub fn stored(&mut self, fresh: &[usize]) {
        self.written(fresh);
        fresh.iter().for_each(|id| self.admit(*id));
    }

    /// The same, and the account has not heard of it yet.
    pub fn written(&mut self, fresh: &[usize]) {
        let mut heard = self.heard.remove(0);
        for id in fresh {
            let at = heard.iter().position(|entry| entry.message.id == *id).unwrap();
            self.entries.push(heard.remove(at));
        }
    }

    pub fn refused(&mut self) {
        self.heard.remove(0);
    }

    /// The process is new and has what the store kept.
    pub fn restarts(&mut self, settings: Settings, held: &[(usize, Vec<usize>)], host_lives: bool, harm: Harm) {
        let fresh = Self::new(self.platform, settings, self.now - self.ahead);
        let old = std::mem::replace(self, fresh);
        self.entries = old.entries;
        for entry in &mut self.entries {
            entry.received = entry.stored.min(self.now);
        }
        // The host has taken these over as well, and the core before was still to hear of it once more.
        let is_done = |turn: &Turn| self.entry(turn.id()).unwrap().standing == Standing::Done;
        let adopted: Vec<Turn> = old.handed.into_iter().filter(is_done).collect();
        self.suspect = harm.suspect;
        let is_there = |id: &usize| self.entry(*id).is_some_and(|entry| entry.standing != Standing::Done);
        let suspect = harm.suspect.filter(is_there);
        if let Some(id) = suspect {
            self.end(id, Verdict::Fail, Reason::CoreFault, None);
        }
        if let Some(id) = harm.damaged {
            self.end(id, Verdict::Fail, Reason::Unreadable, None);
        }
        let inherited: Vec<_> = old.entrusted.iter().map(|turn| turn.taken_as).collect();
        let unanswered = old.running.into_iter().filter_map(|running| running.unanswered);
        let failed = old.silent.into_iter().filter(|silent| silent.custody.is_hosts()).map(|silent| silent.turn);
        let mut entrusted: Vec<Turn> =
            old.entrusted.into_iter().chain(unanswered).chain(adopted).chain(failed).collect();
        for turn in &mut entrusted {
            turn.messages.sort_by_key(|id| self.committed(*id));
            turn.context.sort_by_key(|id| self.committed(*id));
        }
        entrusted.sort_by_key(|turn| turn.context.iter().chain(&turn.messages).map(|id| self.committed(*id)).min());
        for (id, messages) in held {
            let adopted = entrusted.extract_if(.., |turn| turn.taken_as == Some(*id)).next();
            // What it said was forgotten already.
            if adopted.is_none() && messages.iter().all(|id| self.entry(*id).unwrap().standing == Standing::Done) {
                continue;
            }
            let taken_as = adopted.as_ref().map(|turn| turn.id());
            let adopted = adopted.map(|turn| (turn.messages, turn.context));
            let (messages, context) = adopted.unwrap_or_else(|| (messages.clone(), Vec::new()));
            for id in &messages {
                self.entry_mut(*id).reason = self.reason(*id).unwrap();
            }
            let mut turn = self.turn(messages, 0, context);
            (turn.offers, turn.offered_at, turn.taken_as) = (1, self.now, taken_as);
            self.handed.push(turn);
        }
        for turn in &mut entrusted {
            // What stopped the core, and what the operator wants answered no more.
            let reasons: Vec<_> = turn.messages.iter().map(|id| self.reason(*id)).collect();
            let unwanted = turn.messages.iter().zip(&reasons).filter(|(_, reason)| reason.is_none()).map(|(id, _)| *id);
            let dropped: Vec<_> = unwanted.chain(harm.suspect.filter(|id| turn.has(*id))).collect();
            for (id, reason) in turn.messages.iter().zip(reasons) {
                self.entry_mut(*id).reason = reason.unwrap_or(Reason::Direct);
            }
            turn.messages.retain(|id| !dropped.contains(id));
            turn.context.retain(|id| !dropped.contains(id));
            self.acts.extend(dropped.into_iter().map(Act::Releases));
        }
        for turn in entrusted.extract_if(.., |turn| turn.messages.is_empty()) {
            turn.context.into_iter().for_each(|id| self.acts.push(Act::Releases(id)));
        }
        if host_lives {
            // It has ended those that it had taken over itself.
            let ended = entrusted.extract_if(.., |turn| !inherited.contains(&turn.taken_as));
            for turn in ended.collect::<Vec<_>>() {
                self.doubt(turn.id(), turn, Custody::BrokenOff);
            }
        }
        self.entrusted(entrusted);
        let standing = |model: &Self, standing| -> Vec<usize> {
            let entries = model.entries.iter().filter(|entry| entry.standing == standing);
            entries.map(|entry| entry.message.id).collect()
        };
        for id in standing(self, Standing::Kept) {
            self.remember(id);
        }
        let is_held = |id: &usize| held.iter().any(|(_, messages)| messages.contains(id));
        for id in standing(self, Standing::Open).into_iter().filter(|id| !is_held(id)) {
            self.admit(id);
        }
    }

    fn due(&mut self) {
        let now = self.now;
        // A reply that is on its way is not closed yet.
        let is_waited_for = |place: &Place| place.texts.iter().any(|text| matches!(text, Text::Hosts(_)));
        let speaking: Vec<_> =
            self.places.iter().filter(|(_, place)| is_waited_for(place)).map(|(at, _)| *at).collect();
        speaking.into_iter().for_each(|place| self.closing(place));
        self.end_silent_if(|silent| silent.until <= now);
        let due: Vec<_> = self.notices.iter_mut().filter(|notice| notice.until.is_some_and(|at| at <= now)).collect();
        let mut arrived = Vec::new();
        for notice in due {
            notice.until = None;
            arrived.push(notice.message.clone());
        }
        if !arrived.is_empty() {
            self.heard(&arrived);
        }
        for waiting in self.waiting.iter_mut().filter(|waiting| waiting.ask_at.is_some_and(|at| at <= now)) {
            waiting.ask_at = None;
            waiting.questions += 1;
            self.acts.push(Act::Asks(waiting.id));
        }
        let is_ripe = |place: &Place| place.batch.as_ref().is_some_and(|batch| batch.until <= now);
        let ripe: Vec<_> = self.places.iter().filter(|(_, place)| is_ripe(place)).map(|(name, _)| *name).collect();
        for name in ripe {
            // Not while somebody's message is still to be judged there: it may belong to the batch.
            if self.waiting.iter().all(|waiting| self.entry(waiting.id).unwrap().message.place != name) {
                self.flush(name);
            }
        }
        self.offer_what_can_be();
        if self.is_listening && self.entrusted_until.is_some_and(|until| until <= now) {
            for place in self.forgotten_places() {
                self.offer_forgotten(place);
                self.offer_what_can_be();
            }
        }
    }

    // Ways to look at the lists.

    fn judged(&mut self, id: usize, reason: Reason, until: Option<u64>) {
        self.entry_mut(id).reason = reason;
        let until = until.map(|until| until - self.ahead);
        self.acts.push(Act::Judges { id, end: End::new(Verdict::Answer, reason), until });
    }

    fn end(&mut self, id: usize, verdict: Verdict, reason: Reason, turn: Option<usize>) {
        let entry = self.entry_mut(id);
        assert_ne!(entry.standing, Standing::Done, "message {id} ends twice");
        entry.standing = Standing::Done;
        self.acts.push(Act::Ends { id, end: End::new(verdict, reason), turn });
    }

    fn entry(&self, id: usize) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.message.id == id)
    }

    fn entry_mut(&mut self, id: usize) -> &mut Entry {
        self.entries.iter_mut().find(|entry| entry.message.id == id).unwrap()
    }

    fn place(&mut self, name: &'static str) -> &mut Place {
        if !self.places.iter().any(|(other, _)| *other == name) {
            self.places.push((name, Place::default()));
        }
        self.places.iter_mut().find(|(other, _)| *other == name).map(|(_, place)| place).unwrap()
    }

    /// Where a message stands in the store.
    fn committed(&self, id: usize) -> Option<usize> {
        self.entries.iter().position(|entry| entry.message.id == id)
    }

    /// In the order in which they came.
    fn sort(&self, ids: &mut [usize]) {
        ids.sort_by_key(|id| self.entry(*id).unwrap().received);
    }

    fn bytes(&self, ids: &[usize]) -> usize {
        ids.iter().map(|id| self.entry(*id).unwrap().message.text.len()).sum()
    }
}

fn remove(ids: &mut Vec<usize>, id: usize) -> bool {
    let before = ids.len();
    ids.retain(|other| *other != id);
    ids.len() < before
}
