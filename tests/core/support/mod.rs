//! An account in virtual time: a store, a host and a server of either platform around it, all in memory.

pub mod absence;
pub mod canary;
pub mod chaos;
pub mod dmwork;
pub mod logs;
pub mod mochat;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mochat_dmwork::account::Account;
use mochat_dmwork::call::{Call, CallOutcome};
use mochat_dmwork::ids::{EntryId, Epoch, RequestId};
use mochat_dmwork::reason::{Outcome, Reason, Verdict};
use mochat_dmwork::step::{
    Access, AccessQuestion, Effect, HeldTurn, Input, Lifecycle, Note, Probe, Ruling, Status, Step, StoredEntry,
    Transfer, TurnRequest,
};
use mochat_dmwork::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A server takes a connection, of which there is one.
fn opened(open: &mut Option<Epoch>, epoch: Epoch) -> Vec<Input> {
    assert_eq!(open.replace(epoch), None, "a second socket while one is open");
    vec![Input::SocketOpened { epoch, entropy: vec![9; 32] }]
}

/// The other end of the connection.
pub trait Server {
    /// Answers an effect that concerns the transport with what the transport would report.
    fn transport(&mut self, now: Time, effect: &Effect) -> Vec<Input>;
    /// Answers a call; `None` if the server is out of reach.
    fn call(&mut self, now: Time, call: &Call) -> Option<CallOutcome>;
    /// Whether the answer to this call waits for [`World::hurry`].
    fn is_slow(&self, _call: &Call) -> bool {
        false
    }
    /// Takes a file; `None` if its transfer gets no answer.
    fn upload(&mut self, _transfer: &Transfer, _bytes: &[u8]) -> Option<(u16, String)> {
        None
    }
    /// `Retry-After` of whoever takes files.
    fn store_retry_after(&self) -> Option<&'static str> {
        None
    }
    /// The client is gone, and its sockets with it.
    fn hang_up(&mut self);
}

/// What the store keeps.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub entries: Vec<StoredEntry>,
    /// What the host was entrusted with, each with its turn and its outcome.
    pub entrusted: Vec<(EntryId, StoredEntry, Outcome)>,
    /// Those that ended as failed.
    pub dead: Vec<StoredEntry>,
    pub seen: BTreeSet<EntryId>,
    /// In which order messages were committed.
    pub order: Vec<EntryId>,
    pub outcomes: BTreeMap<EntryId, Vec<Outcome>>,
    pub notes: BTreeMap<String, String>,
    pub is_full: bool,
    /// Nothing can be read.
    pub is_broken: bool,
}

impl Store {
    /// What is not closed, or with the host, in the order of the commits.
    pub fn stored(&self) -> Vec<StoredEntry> {
        let entrusted = self.entrusted.iter().map(|(turn, entry, _)| {
            let entrusted = Some(turn.clone());
            StoredEntry { entrusted, ..entry.clone() }
        });
        let mut all: Vec<StoredEntry> = self.entries.iter().cloned().chain(entrusted).collect();
        all.sort_by_key(|entry| self.order.iter().position(|id| *id == entry.id));
        all
    }

    fn close(&mut self, ids: &[EntryId], outcome: Outcome, entrusted_in: Option<EntryId>) {
        // A rebuilt core is told once more of what the host has taken over.
        let is_known = |id: &&EntryId| self.entrusted.iter().any(|(_, entry, _)| entry.id == **id);
        for id in ids.iter().filter(|id| !is_known(id)) {
            self.outcomes.entry(id.clone()).or_default().push(outcome);
        }
        for mut entry in self.entries.extract_if(.., |entry| ids.contains(&entry.id)) {
            if outcome.verdict == Verdict::Fail {
                self.dead.push(entry);
            } else if let Some(turn) = &entrusted_in {
                entry.adoptions += 1;
                self.entrusted.push((turn.clone(), entry, outcome));
            }
        }
    }

    fn reclaim(&mut self, ids: &[EntryId]) {
        for (_, entry, _) in self.entrusted.extract_if(.., |(_, entry, _)| ids.contains(&entry.id)) {
            self.outcomes.remove(&entry.id);
            self.entries.push(entry);
        }
    }

    /// Opens what had ended as failed, as if it had not ended yet.
    pub fn revive(&mut self) -> Vec<StoredEntry> {
        let revived = std::mem::take(&mut self.dead);
        for entry in &revived {
            self.outcomes.remove(&entry.id);
        }
        self.entries.extend(revived.iter().cloned());
        revived
    }
}

/// One account with everything around it.
pub struct World<S> {
    pub server: S,
    pub store: Store,
    pub now: Time,
    /// What the host says about a sender.
    pub access: fn(&str) -> Access,
    /// Whether the host adopts turns as soon as it gets them.
    pub adopts: bool,
    /// Whether it queues those that it doesn't adopt.
    pub queues: bool,
    pub turns: Vec<TurnRequest>,
    /// Answers that the agent had finished, by the ids under which the host knows the questions. Nothing in the place of
    /// all: the host is slow to look.
    pub finished: Option<BTreeMap<String, String>>,
    /// What the host was asked to look for: the ids, and the conversation.
    pub searches: Vec<String>,
    /// Turns of a host before this one.
    inherited: Vec<EntryId>,
    /// Answers that are being sent, by the host's request.
    sending: BTreeMap<RequestId, EntryId>,
    pub questions: Vec<AccessQuestion>,
    pub settled: Vec<(RequestId, Vec<String>, Option<String>)>,
    /// What was noted about messages that are not closed yet.
    pub judged: Vec<(EntryId, Outcome, Option<Time>)>,
    /// Which turns the texts of the host belong to.
    pub assigned: Vec<(RequestId, EntryId)>,
    pub probes: Vec<Probe>,
    /// Answers to tool calls: whether it was done, and the words.
    pub answers: Vec<(bool, String)>,
    /// Why the host can't write this token down, or any.
    pub token_problem: fn(Option<&str>) -> Option<&'static str>,
    pub status: Option<Status>,
    /// When the host was told that the connection lives.
    pub alives: Vec<Time>,
    pub log: Vec<String>,
    /// Files of this machine and of others that may be read, by their names.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Files that are open.
    pub open_files: BTreeMap<u32, Vec<u8>>,
    /// Transfers hang.
    pub is_stuck: bool,
    /// Messages that a rebuilt core is warned of.
    pub suspects: Vec<EntryId>,
    account: Account,
    canary: canary::Canary,
    channel: &'static str,
    config: String,
    wake_at: Option<Time>,
    inputs: VecDeque<Input>,
    /// Calls that were made and not answered.
    slow: Vec<Call>,
    /// Commits that the store has not answered, if it is slow.
    pub slow_commits: Option<Vec<Effect>>,
}

impl<S: Server> World<S> {
    pub fn new(channel: &'static str, config: &str, server: S) -> Self {
        let mut world = Self {
            server,
            store: Store::default(),
            // A realistic wall clock: 2026-01-01.
            now: Time(1_767_225_600_000),
            access: |_| Access::new(Ruling::Allowed),
            adopts: true,
            queues: false,
            turns: Vec::new(),
            finished: Some(BTreeMap::new()),
            searches: Vec::new(),
            inherited: Vec::new(),
            sending: BTreeMap::new(),
            questions: Vec::new(),
            settled: Vec::new(),
            judged: Vec::new(),
            assigned: Vec::new(),
            probes: Vec::new(),
            answers: Vec::new(),
            token_problem: |_| None,
            status: None,
            alives: Vec::new(),
            log: Vec::new(),
            files: BTreeMap::new(),
            open_files: BTreeMap::new(),
            is_stuck: false,
            suspects: Vec::new(),
            account: Account::open(channel, config).unwrap(),
            canary: canary::Canary::of(config),
            channel,
            config: config.to_owned(),
            wake_at: None,
            inputs: VecDeque::new(),
            slow: Vec::new(),
            slow_commits: None,
        };
        world.start(Vec::new(), false);
        world
    }

    /// Ends the process without a word and starts it again.
    pub fn crash(&mut self) {
        self.begin_again(Vec::new(), false);
    }

    /// The same, and the store isn't what it was.
    pub fn crash_with(&mut self, change: impl FnOnce(&mut Store)) {
        change(&mut self.store);
        self.crash();
    }

    /// The operator has all dead letters tried again.
    pub fn replay(&mut self) {
        let entries = self.store.revive();
        self.tell(Input::Replayed { entries });
    }

    /// Rebuilds the core while the host holds these turns.
    pub fn rebuild(&mut self, turns: Vec<HeldTurn>) {
        self.begin_again(turns, true);
    }

    fn begin_again(&mut self, turns: Vec<HeldTurn>, host_lives: bool) {
        self.account = Account::open(self.channel, &self.config).unwrap();
        self.inputs.clear();
        self.slow.clear();
        self.sending.clear();
        self.server.hang_up();
        self.start(turns, host_lives);
    }

    /// Puts a well-behaved world around an account that lives already. `wake_at` is what its last step asked for.
    pub fn adopt(mut self, account: Account, now: Time, wake_at: Option<Time>) -> Self {
        (self.account, self.now, self.wake_at) = (account, now, wake_at);
        self.server.hang_up();
        self
    }

    fn start(&mut self, turns: Vec<HeldTurn>, host_lives: bool) {
        if !host_lives {
            self.inherited = self.store.entrusted.iter().map(|(turn, ..)| turn.clone()).collect();
        }
        let notes = self.store.notes.iter().map(|(key, value)| Note { key: key.clone(), value: value.clone() });
        let started = Input::Started {
            entries: self.store.stored(),
            notes: notes.collect(),
            turns,
            inherited: self.inherited.clone(),
            suspects: self.suspects.clone(),
            entropy: vec![7; 32],
        };
        self.tell(started);
    }

    /// Tells the account a fact and carries out what follows from it.
    pub fn tell(&mut self, input: Input) {
        self.inputs.push_back(input);
        while let Some(input) = self.inputs.pop_front() {
            self.canary.hear(&input);
            let Step { effects, wake_at } = self.account.handle(self.now, input);
            self.wake_at = wake_at;
            for effect in effects {
                self.canary.watch(&effect);
                self.apply(effect);
            }
        }
    }

    /// Answers the calls that were made so far and not answered.
    pub fn hurry(&mut self) {
        for call in std::mem::take(&mut self.slow) {
            let outcome = self.server.call(self.now, &call).unwrap_or_else(unreachable_server);
            self.tell(Input::CallSettled { errand: call.errand, outcome });
        }
    }

    /// Lets time pass, waking the account whenever it asked for it.
    pub fn after_ms(&mut self, span: u64) {
        let end = Time(self.now.0 + span);
        while let Some(at) = self.wake_at.filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.wake_at = None;
            self.tell(Input::Woke {});
        }
        self.now = end;
    }

    /// Answers the commits that were asked so far, before anything else happens: each is accepted or refused, those
    /// behind the last verdict accepted.
    pub fn settle_commits(&mut self, accepted: &[bool]) {
        let waiting = self.slow_commits.take().unwrap();
        for (at, effect) in waiting.into_iter().enumerate() {
            self.store.is_full = !accepted.get(at).copied().unwrap_or(true);
            self.apply(effect);
        }
        self.store.is_full = false;
        self.slow_commits = Some(Vec::new());
        self.tell(Input::Woke {});
    }

    pub fn after_secs(&mut self, seconds: u64) {
        self.after_ms(seconds * 1_000);
    }

    /// The machine sleeps: time passes without the account, and whatever was due is told late.
    pub fn sleep_secs(&mut self, seconds: u64) {
        self.now = Time(self.now.0 + seconds * 1_000);
        self.tell(Input::Woke {});
    }

    /// The machine's clock is set back.
    pub fn set_clock_back(&mut self, seconds: u64) {
        self.now = Time(self.now.0 - seconds * 1_000);
        self.tell(Input::Woke {});
    }

    /// The texts of all turns so far.
    pub fn texts(&self) -> Vec<&str> {
        self.turns.iter().map(|turn| turn.text.as_str()).collect()
    }

    /// Has the host send a text; answers with the request's number.
    pub fn send(&mut self, to: &str, text: &str) -> RequestId {
        self.send_with(to, text, &[])
    }

    /// The same with files.
    pub fn send_with(&mut self, to: &str, text: &str, media: &[&str]) -> RequestId {
        let request = RequestId(u32::try_from(self.settled.len()).unwrap() + 1);
        let media = media.iter().map(|&url| url.to_owned()).collect();
        self.tell(Input::SendAsked { request, to: to.into(), text: text.into(), media, reply_to: None, of_turn: None });
        request
    }

    /// How a message ended; fails unless it ended exactly once.
    pub fn outcome(&self, id: &str) -> (Verdict, Reason) {
        match self.store.outcomes.get(&EntryId(id.to_owned())).map(Vec::as_slice) {
            Some([outcome]) => (outcome.verdict, outcome.reason),
            other => panic!("message {id} ended as {other:?}"),
        }
    }

    /// Whether the account says that it listens.
    pub fn is_ready(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.lifecycle == Lifecycle::Ready)
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Commit { .. } if self.slow_commits.is_some() => self.slow_commits.as_mut().unwrap().push(effect),
            Effect::Commit { commit, entries, notes } => {
                if self.store.is_full {
                    self.inputs.push_back(Input::CommitFailed { commit, error: "disk full".into() });
                    return;
                }
                let mut fresh = Vec::new();
                for entry in entries {
                    if self.store.seen.insert(entry.id.clone()) {
                        fresh.push(entry.id.clone());
                        self.store.order.push(entry.id.clone());
                        let (id, record, received_at) = (entry.id, entry.record, entry.received_at);
                        self.store.entries.push(StoredEntry {
                            id,
                            record,
                            received_at,
                            kept: false,
                            adoptions: 0,
                            entrusted: None,
                        });
                    }
                }
                for note in notes {
                    self.store.notes.remove(&note.key);
                    if !note.value.is_empty() {
                        self.store.notes.insert(note.key, note.value);
                    }
                }
                self.inputs.push_back(Input::Committed { commit, fresh });
            }
            Effect::Keep { entries } => {
                for entry in self.store.entries.iter_mut().filter(|entry| entries.contains(&entry.id)) {
                    entry.kept = true;
                }
            }
            Effect::Reopen { entries } => {
                for entry in entries {
                    let mut stored = self.store.entries.iter_mut().filter(|stored| stored.id == entry.id);
                    let stored = stored.next().expect("an unresolved entry");
                    (stored.record, stored.kept) = (entry.record, false);
                }
            }
            Effect::Reclaim { entries } => self.store.reclaim(&entries),
            Effect::Release { entries } => {
                self.store.entrusted.retain(|(_, entry, _)| !entries.contains(&entry.id));
            }
            Effect::ReadEntries { place, entries } => {
                let error = self.store.is_broken.then(|| "disk I/O error".to_owned());
                let found = self.store.entries.iter().filter(|entry| entries.contains(&entry.id)).cloned();
                let entries = if error.is_some() { Vec::new() } else { found.collect() };
                self.inputs.push_back(Input::EntriesRead { place, entries, error });
            }
            Effect::Resolve { entries, outcome, turn, entrusted, .. } => {
                self.store.close(&entries, outcome, turn.filter(|_| entrusted));
            }
            Effect::AskAccess { question } => {
                let access = (self.access)(&question.sender.id);
                self.inputs.push_back(Input::AccessDecided { entry: question.entry.clone(), access });
                self.questions.push(question);
            }
            Effect::StartTurn { turn } => {
                self.inherited.retain(|inherited| *inherited != turn.turn);
                if self.adopts {
                    self.inputs.push_back(Input::TurnAdopted { turn: turn.turn.clone() });
                    self.inputs.push_back(Input::TurnEnded { turn: turn.turn.clone(), error: None });
                } else if self.queues {
                    self.inputs.push_back(Input::TurnDeferred { turn: turn.turn.clone() });
                }
                self.turns.push(turn);
            }
            Effect::SeekAnswer { turn, message_id, to, .. } => self.seek(turn, &message_id, to),
            Effect::SettleSend { request, message_ids, error } => {
                if let Some(turn) = self.sending.remove(&request) {
                    let error = error.clone();
                    self.inputs.push_back(Input::AnswerSought { turn, found: true, error });
                }
                self.settled.push((request, message_ids, error));
            }
            Effect::OpenFile { file, source, .. } => self.open_file(file, &source),
            Effect::Upload { file, transfer } => {
                let bytes = self.open_files.get(&file).expect("an open file");
                if !self.is_stuck {
                    let moved = bytes.len() as u64;
                    let answer = self.server.upload(&transfer, bytes);
                    let (status, body) = answer.map_or((None, "ECONNRESET".to_owned()), |(at, body)| (Some(at), body));
                    self.inputs.push_back(Input::FileMoved { file, bytes: moved / 2 });
                    let retry_after = self.server.store_retry_after().map(str::to_owned);
                    self.inputs.push_back(Input::FileUploaded { file, status, retry_after, body });
                }
            }
            Effect::CloseFile { file } => drop(self.open_files.remove(&file)),
            Effect::SettleProbe { probe, .. } => self.probes.push(probe),
            Effect::SettleTool { ok, text, .. } => self.answers.push((ok, text)),
            Effect::KeepToken { request, token } => {
                let token = token.as_ref().map(|token| token.expose().as_str());
                let problem = (self.token_problem)(token).map(str::to_owned);
                if let Some(token) = token.filter(|_| problem.is_none()) {
                    let mut config: serde_json::Value = serde_json::from_str(&self.config).unwrap();
                    let key = if self.channel == "mochat" { "clawToken" } else { "botToken" };
                    config[key] = token.into();
                    self.config = config.to_string();
                }
                self.inputs.push_back(Input::TokenKept { request, problem });
            }
            Effect::Status { status } => self.status = Some(status),
            Effect::Log { text, .. } => self.log.push(text),
            Effect::Judged { entry, outcome, until } => self.judged.push((entry, outcome, until)),
            Effect::AssignSend { request, turn } => self.assigned.push((request, turn)),
            Effect::Alive => self.alives.push(self.now),
            Effect::Call(call) if self.server.is_slow(&call) => self.slow.push(call),
            Effect::Call(call) => {
                let outcome = self.server.call(self.now, &call).unwrap_or_else(unreachable_server);
                self.inputs.push_back(Input::CallSettled { errand: call.errand, outcome });
            }
            Effect::OpenWebSocket { .. }
            | Effect::OpenSocketIo { .. }
            | Effect::CloseSocket { .. }
            | Effect::SendFrame { .. }
            | Effect::Emit { .. } => self.inputs.extend(self.server.transport(self.now, &effect)),
        }
    }
}

impl<S: Server> World<S> {
    fn seek(&mut self, turn: EntryId, message_id: &str, to: String) {
        self.searches.push(format!("{message_id} in {to}"));
        let Some(finished) = &self.finished else { return };
        let Some(text) = finished.get(message_id).cloned() else {
            return self.inputs.push_back(Input::AnswerSought { turn, found: false, error: None });
        };
        let request = RequestId(100 + u32::try_from(self.searches.len()).unwrap());
        self.sending.insert(request, turn.clone());
        let (media, reply_to, of_turn) = (Vec::new(), None, Some(turn));
        self.inputs.push_back(Input::SendAsked { request, to, text, media, reply_to, of_turn });
    }

    fn open_file(&mut self, file: u32, source: &str) {
        let (size, head, error) = match self.files.get(source) {
            Some(bytes) => {
                self.open_files.insert(file, bytes.clone());
                (bytes.len() as u64, STANDARD.encode(&bytes[..bytes.len().min(1_024)]), None)
            }
            None => (0, String::new(), Some("it is outside of the folders that the agent may send from".to_owned())),
        };
        self.inputs.push_back(Input::FileOpened { file, size, head, tail: String::new(), error });
    }
}

fn unreachable_server() -> CallOutcome {
    CallOutcome::Failed { unsent: true, cause: "ECONNREFUSED".to_owned() }
}

/// A 200 answer.
pub fn ok(body: String) -> CallOutcome {
    CallOutcome::Answered { status: 200, retry_after: None, body }
}
