//! What an account and the model live in: a server, a store and a host that do what the script says. Both are told the
//! same facts, one at a time, and after each they must have done the same.

mod effects;
mod facts;

use crate::conversation_model::coverage::Coverage;
use crate::conversation_model::model::{Harm, Model};
use crate::conversation_model::script::{Answers, Habit, Line, Platform, Script, Settings, Spot, Step, Who};
use crate::conversation_model::told::{Act, Message, Offer};
use crate::conversation_model::wire;
use facts::Fact;
use mochat_dmwork::account::Account;
use mochat_dmwork::ids::{EntryId, Epoch, RequestId};
use mochat_dmwork::step::{HeldTurn, Input, Note, Ruling, StoredEntry};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// 2026-01-01.
const START: u64 = 1_767_225_600_000;

pub struct Surroundings<'a> {
    platform: Platform,
    settings: Settings,
    account: Account,
    model: Model,
    coverage: &'a mut Coverage,
    wall: u64,
    /// The server's clock, which nobody sets.
    server: u64,
    wake_at: Option<u64>,
    epoch: Option<Epoch>,
    said: Vec<Rc<Message>>,
    /// How many the host has sent.
    texts: usize,
    // The store.
    stored: Vec<StoredEntry>,
    /// What the host was entrusted with, each with its turn.
    entrusted: Vec<(EntryId, StoredEntry)>,
    /// Turns of a host before this one.
    inherited: Vec<EntryId>,
    /// In which order messages were committed.
    order: Vec<EntryId>,
    seen: BTreeSet<usize>,
    notes: BTreeMap<String, String>,
    is_full: bool,
    // The host.
    answers: Answers,
    habit: Habit,
    questions: Vec<usize>,
    /// Turns that were not adopted.
    offered: Vec<Given>,
    /// Those that were.
    running: Vec<Given>,
    facts: VecDeque<Fact>,
    /// Notices that were posted, and those that should be. They wait for the post before in their place.
    notices: (Vec<Act>, Vec<Act>),
    /// So many facts are heard before the process dies.
    fuse: Option<u8>,
}

/// A turn that the host has, and what it said about it.
#[derive(Clone)]
struct Given {
    turn: usize,
    messages: Vec<usize>,
    is_deferred: bool,
    is_returned: bool,
    is_settled: bool,
}

fn entry(id: usize) -> EntryId {
    EntryId(id.to_string())
}

fn id(entry: &EntryId) -> usize {
    entry.0.parse().unwrap()
}

impl<'a> Surroundings<'a> {
    /// Plays a script to its end, and then until everything has come to rest.
    pub fn play(script: &Script, coverage: &'a mut Coverage) {
        let Script { platform, settings, steps } = script;
        let mut surroundings = Self {
            platform: *platform,
            settings: *settings,
            account: wire::account(*platform, settings),
            model: Model::new(*platform, *settings, START),
            coverage,
            wall: START,
            server: START,
            wake_at: None,
            epoch: None,
            texts: 0,
            said: Vec::new(),
            stored: Vec::new(),
            entrusted: Vec::new(),
            inherited: Vec::new(),
            order: Vec::new(),
            seen: BTreeSet::new(),
            notes: BTreeMap::new(),
            is_full: false,
            answers: Answers::Promptly,
            habit: Habit::AdoptsAndEnds,
            questions: Vec::new(),
            offered: Vec::new(),
            running: Vec::new(),
            facts: VecDeque::new(),
            notices: (Vec::new(), Vec::new()),
            fuse: None,
        };
        surroundings.start(Vec::new(), false, None);
        for step in steps {
            surroundings.take(step);
        }
        surroundings.settle();
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Says(line) => self.say(line, 1),
            Step::Burst(line, count) => self.say(line, count.into()),
            Step::Again(nth) => {
                if let Some(message) = nth_last(&self.said, nth).cloned() {
                    self.deliver(&[message]);
                }
            }
            Step::TakesBack(nth) => self.take_back(nth),
            Step::Announces(nth) => {
                if let Some(message) = nth_last(&self.said, nth).cloned() {
                    self.announce(&message);
                }
            }
            Step::AnnouncesAhead(line) => {
                let message = self.write(line);
                self.announce(&message);
            }
            Step::Waits(span) => self.wait(span),
            Step::Sleeps(span) => {
                self.wall += span;
                self.server += span;
            }
            Step::SetsClockBack(span) => {
                self.wall -= span;
                // The driver looks at the clock every ten seconds.
                self.fact(Fact::Plumbing(Input::Woke {}));
            }
            Step::CrashesAfter(facts) => self.fuse = Some(facts),
            Step::Crashes => self.restart(self.settings, Harm::default()),
            Step::Reconfigures(settings) => self.restart(settings, Harm::default()),
            Step::CrashesOver(nth) => {
                let suspect = nth_last(&self.said, nth).map(|message| message.id);
                self.restart(self.settings, Harm { suspect, ..Harm::default() });
            }
            Step::Damages(nth) => {
                let damaged = nth_last(&self.stored, nth).map(|stored| id(&stored.id));
                self.restart(self.settings, Harm { damaged, ..Harm::default() });
            }
            Step::Traps(mask) => self.trap(mask),
            Step::StoreIsFull(is_full) => self.is_full = is_full,
            Step::HostAnswers(answers) => self.answers = answers,
            Step::Answers(nth) => {
                if !self.questions.is_empty() {
                    let question = self.questions.remove(usize::from(nth) % self.questions.len());
                    self.rule(question);
                }
            }
            Step::HostTakes(habit) => self.habit = habit,
            Step::Adopts(nth) => self.about_offered(nth, Fact::Adopted),
            Step::Defers(nth) => self.about_offered(nth, Fact::Deferred),
            Step::LetsGo(nth) => self.about_offered(nth, Fact::LetGo),
            Step::Handles(nth) => self.about_offered(nth, |turn| Fact::Ended(turn, false)),
            Step::Fails(nth) => self.about_offered(nth, |turn| Fact::Ended(turn, true)),
            Step::FailsAll => {
                for Given { turn, .. } in self.offered.clone() {
                    self.fact(Fact::Ended(turn, true));
                }
            }
            Step::Breaks(nth) => self.about_running(nth, |turn| Fact::Ended(turn, true)),
            Step::Closes(nth) => self.about_running(nth, |turn| Fact::Ended(turn, false)),
            Step::Settles(nth) => {
                let queued: Vec<_> =
                    self.running.iter().filter(|given| given.is_deferred && !given.is_settled).collect();
                if let Some(turn) = nth_last(&queued, nth).map(|given| given.turn) {
                    self.fact(Fact::Settled(turn));
                }
            }
            Step::Replies(nth) => {
                if let Some(turn) = nth_last(&self.running, nth).map(|given| given.turn) {
                    self.send(self.said[turn].place, Some(turn));
                }
            }
            Step::Volunteers(nth) => {
                if let Some(message) = nth_last(&self.said, nth).filter(|message| !message.place.ends_with(':')) {
                    self.send(message.place, None);
                }
            }
        }
        self.run();
    }

    fn send(&mut self, place: &str, turn: Option<usize>) {
        self.texts += 1;
        // No two alike: after a death the same words may be the same post.
        let (request, text) = (RequestId(1), format!("because of a test, time {}", self.texts));
        let (media, of_turn) = (Vec::new(), turn.map(entry));
        let asked = Input::SendAsked { request, to: place.to_owned(), text, media, reply_to: None, of_turn };
        self.fact(Fact::Asked(asked, place.to_owned(), turn));
    }

    /// A place as the messages in it name it.
    fn place(&self, name: &str) -> &'static str {
        self.said.iter().map(|message| message.place).find(|place| *place == name).unwrap()
    }

    // What people and the platform do.

    fn write(&mut self, line: Line) -> Rc<Message> {
        let message = Rc::new(Message::new(self.platform, self.said.len(), line, self.server));
        self.said.push(message.clone());
        message
    }

    fn say(&mut self, line: Line, count: usize) {
        let messages: Vec<_> = (0..count).map(|_| self.write(line)).collect();
        self.deliver(&messages);
    }

    /// Unless the connection is down: then the server has to tell it later.
    fn deliver(&mut self, messages: &[Rc<Message>]) {
        let Some(epoch) = self.epoch else { return };
        let input = wire::heard(self.platform, epoch, messages);
        self.fact(Fact::Heard(input, messages.iter().map(|message| message.id).collect()));
    }

    fn take_back(&mut self, nth: u8) {
        let (Some(epoch), Some(message)) = (self.epoch, nth_last(&self.said, nth)) else { return };
        if self.platform == Platform::Mochat {
            let fact = Fact::Recalled(wire::deleted(epoch, message), message.id);
            self.fact(fact);
        }
    }

    /// An inbox holds what people wrote in panels.
    fn announce(&mut self, message: &Rc<Message>) {
        let Line(who, spot, ..) = message.line;
        let is_person = !matches!(who, Who::Robot | Who::Us | Who::System);
        let is_panel = self.platform == Platform::Mochat && matches!(spot, Spot::Shared(at) if at % 3 > 0);
        if let Some(epoch) = self.epoch.filter(|_| is_person && is_panel) {
            self.fact(Fact::Announced(wire::announced(epoch, message), message.id));
        }
    }

    /// Lets time pass. The account must have asked to be woken when the model has something to do.
    fn wait(&mut self, span: u64) {
        let (end, server_end) = (self.wall + span, self.server + span);
        loop {
            if let Some(at) = self.model.next().filter(|at| *at < end) {
                assert!(self.wake_at.is_some_and(|wake_at| wake_at <= at), "nobody woke the account at {at}");
            }
            let Some(at) = self.wake_at.filter(|at| *at < end) else { break };
            let past = at.saturating_sub(self.wall);
            self.wall += past;
            self.server += past;
            self.wake_at = None;
            self.fact(Fact::Plumbing(Input::Woke {}));
            self.run();
        }
        (self.wall, self.server) = (end, server_end);
        self.fact(Fact::Plumbing(Input::Woke {}));
        self.run();
    }

    // What the machine does.

    fn start(&mut self, turns: Vec<HeldTurn>, host_lives: bool, suspect: Option<usize>) {
        if !host_lives {
            self.inherited = self.entrusted.iter().map(|(turn, _)| turn.clone()).collect();
        }
        let notes = self.notes.iter().map(|(key, value)| Note { key: key.clone(), value: value.clone() }).collect();
        let started = Input::Started {
            entries: self.kept_by_store(),
            notes,
            turns,
            inherited: self.inherited.clone(),
            suspects: suspect.map(entry).into_iter().collect(),
            entropy: vec![7; 32],
        };
        self.tell(started);
        self.run();
    }

    /// What is not closed, or with the host, in the order of the commits.
    fn kept_by_store(&self) -> Vec<StoredEntry> {
        let entrusted = self.entrusted.iter().map(|(turn, stored)| {
            let entrusted = Some(turn.clone());
            StoredEntry { entrusted, ..stored.clone() }
        });
        let mut all: Vec<StoredEntry> = self.stored.iter().cloned().chain(entrusted).collect();
        all.sort_by_key(|stored| self.order.iter().position(|id| *id == stored.id));
        all
    }

    fn restart(&mut self, settings: Settings, harm: Harm) {
        self.offered.clear();
        self.running.clear();
        self.rebuild(settings, harm, Vec::new(), false);
    }

    fn trap(&mut self, mask: u8) {
        let mut at = 0;
        self.offered.retain(|_| {
            at += 1;
            mask >> (at % 8) & 1 == 1
        });
        // What it runs, it runs on.
        let running = std::mem::take(&mut self.running);
        self.offered.extend(running.iter().cloned());
        let held = self.offered.iter().map(|given| (given.turn, given.messages.clone())).collect();
        self.rebuild(self.settings, Harm::default(), held, true);
        // The drive repeats what was said about the turns that the host holds.
        for Given { turn, is_deferred, is_returned, is_settled, .. } in self.offered.clone() {
            if is_deferred {
                self.fact(Fact::Deferred(turn));
            }
            if is_returned {
                self.fact(Fact::Ended(turn, false));
            }
            if running.iter().any(|given| given.turn == turn) {
                self.fact(Fact::Adopted(turn));
            }
            if is_settled {
                self.fact(Fact::Settled(turn));
            }
        }
    }

    fn rebuild(&mut self, settings: Settings, harm: Harm, held: Vec<(usize, Vec<usize>)>, host_lives: bool) {
        for stored in self.stored.iter_mut().filter(|stored| Some(id(&stored.id)) == harm.damaged) {
            stored.record = "{".to_owned();
        }
        self.settings = settings;
        self.account = wire::account(self.platform, &settings);
        for fact in std::mem::take(&mut self.facts) {
            match fact {
                // What nobody was told is on disk all the same.
                Fact::Committed(_, fresh) => self.model.written(&fresh),
                Fact::Refused(_) => self.model.refused(),
                _ => {}
            }
        }
        self.questions.clear();
        self.notices = (Vec::new(), Vec::new());
        self.epoch = None;
        self.model.set_time(self.wall);
        self.model.restarts(settings, &held, host_lives, harm);
        let turn = |(turn, messages): (usize, Vec<usize>)| HeldTurn {
            turn: entry(turn),
            entries: messages.into_iter().map(entry).collect(),
        };
        self.start(held.into_iter().map(turn).collect(), host_lives, harm.suspect);
    }

    // What the host does.

    fn rule(&mut self, question: usize) {
        let ruling = match (self.answers, self.said[question].line.0) {
            (Answers::InVain, _) | (_, Who::Mystery) => Ruling::Unknown,
            (_, Who::Mallory) => Ruling::Denied,
            (_, Who::Newcomer) => Ruling::Pairing,
            _ => Ruling::Allowed,
        };
        self.fact(Fact::Ruled(question, ruling));
    }

    fn about_offered(&mut self, nth: u8, fact: impl FnOnce(usize) -> Fact) {
        if let Some(turn) = nth_last(&self.offered, nth).map(|given| given.turn) {
            self.fact(fact(turn));
        }
    }

    fn about_running(&mut self, nth: u8, fact: impl FnOnce(usize) -> Fact) {
        if let Some(turn) = nth_last(&self.running, nth).map(|given| given.turn) {
            self.fact(fact(turn));
        }
    }

    fn is_offered(&mut self, offer: &Offer) {
        let turn = *offer.messages.last().unwrap();
        self.offered.retain(|given| given.turn != turn);
        let messages = offer.messages.clone();
        self.offered.push(Given { turn, messages, is_deferred: false, is_returned: false, is_settled: false });
        match self.habit {
            Habit::AdoptsAndEnds => {
                self.fact(Fact::Adopted(turn));
                self.fact(Fact::Ended(turn, false));
            }
            Habit::Joins if self.running.iter().any(|given| self.said[given.turn].place == offer.place) => {
                for fact in [Fact::Deferred, Fact::Adopted, Fact::Settled] {
                    self.fact(fact(turn));
                }
                self.fact(Fact::Ended(turn, false));
            }
            Habit::Adopts | Habit::Joins => self.fact(Fact::Adopted(turn)),
            Habit::Queues => self.fact(Fact::Deferred(turn)),
            Habit::Holds => {}
            Habit::Handles => self.fact(Fact::Ended(turn, false)),
            Habit::Fails => self.fact(Fact::Ended(turn, true)),
        }
    }

    /// Everything works again; in the end no message is left that is to be judged or answered.
    fn settle(&mut self) {
        self.is_full = false;
        (self.answers, self.habit) = (Answers::Promptly, Habit::AdoptsAndEnds);
        while let Some(question) = self.questions.pop() {
            self.rule(question);
            self.run();
        }
        while let Some(turn) = self.offered.first().map(|given| given.turn) {
            self.fact(Fact::Adopted(turn));
            self.fact(Fact::Ended(turn, false));
            self.run();
        }
        self.wait(0);
        loop {
            let at = self.model.next();
            if at.is_none() && self.model.is_listening {
                break;
            }
            // An account whose store was full, or whose server was silent, comes back by itself.
            self.wait(at.map_or(60_000, |at| at.saturating_sub(self.wall)));
        }
        assert_eq!(self.model.open().collect::<Vec<_>>(), [0; 0], "still open");
    }
}

fn nth_last<T>(of: &[T], nth: u8) -> Option<&T> {
    of.iter().nth_back(usize::from(nth).checked_rem(of.len())?)
}
