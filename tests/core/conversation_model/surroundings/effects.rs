//! What follows from the orders of an account.

use super::{Fact, Surroundings, id};
use crate::conversation_model::script::Answers;
use crate::conversation_model::told::{Act, End, Offer, number};
use crate::conversation_model::wire;
use mochat_dmwork::call::{Call, CallOutcome, Errand};
use mochat_dmwork::ids::{CommitId, EntryId};
use mochat_dmwork::message::Place;
use mochat_dmwork::step::{Effect, Input, Lifecycle, NewEntry, Note, StoredEntry, TurnRequest};

impl Surroundings<'_> {
    pub(super) fn apply(&mut self, effect: Effect, seen: &mut Vec<Act>) {
        match effect {
            Effect::Commit { commit, entries, notes } => self.commit(commit, entries, notes, seen),
            Effect::AskAccess { question } => {
                let asked = id(&question.entry);
                assert_eq!(question.to, self.said[asked].place);
                seen.push(Act::Asks(asked));
                match self.answers {
                    Answers::Later => self.questions.push(asked),
                    Answers::Promptly | Answers::InVain => self.rule(asked),
                }
            }
            Effect::Judged { entry, outcome, until } => seen.push(Act::Judges {
                id: id(&entry),
                end: End::new(outcome.verdict, outcome.reason),
                until: until.map(|until| until.0),
            }),
            Effect::Keep { entries } => {
                for entry in &entries {
                    seen.push(Act::Keeps(id(entry)));
                    self.stored.iter_mut().filter(|stored| stored.id == *entry).for_each(|stored| stored.kept = true);
                }
            }
            Effect::Reopen { entries } => {
                for entry in entries {
                    seen.push(Act::Reopens(id(&entry.id)));
                    let stored = self.stored.iter_mut().find(|stored| stored.id == entry.id).unwrap();
                    (stored.record, stored.kept) = (entry.record, false);
                }
            }
            Effect::Resolve { entries, outcome, turn, entrusted, .. } => {
                let is_known = |id: &&EntryId| self.entrusted.iter().any(|(_, stored)| stored.id == **id);
                let (end, of) = (End::new(outcome.verdict, outcome.reason), turn.as_ref().map(id));
                let ended = entries.iter().filter(|id| !is_known(id));
                seen.extend(ended.map(|entry| Act::Ends { id: id(entry), end, turn: of }));
                for mut stored in self.stored.extract_if(.., |stored| entries.contains(&stored.id)) {
                    if let Some(turn) = turn.as_ref().filter(|_| entrusted) {
                        stored.adoptions += 1;
                        self.entrusted.push((turn.clone(), stored));
                    }
                }
            }
            Effect::Reclaim { entries } => {
                seen.extend(entries.iter().map(|entry| Act::Reclaims(id(entry))));
                let reclaimed = self.entrusted.extract_if(.., |(_, stored)| entries.contains(&stored.id));
                self.stored.extend(reclaimed.map(|(_, stored)| stored));
                self.stored.sort_by_key(|stored| self.order.iter().position(|id| *id == stored.id));
            }
            Effect::Release { entries } => {
                seen.extend(entries.iter().map(|entry| Act::Releases(id(entry))));
                self.entrusted.retain(|(_, stored)| !entries.contains(&stored.id));
            }
            Effect::StartTurn { turn } => {
                self.inherited.retain(|inherited| *inherited != turn.turn);
                let offer = self.offer(&turn);
                self.is_offered(&offer);
                seen.push(Act::Offers(offer));
            }
            Effect::Call(call) => self.call(call, seen),
            Effect::OpenWebSocket { epoch, .. } | Effect::OpenSocketIo { epoch, .. } => {
                self.epoch = Some(epoch);
                self.fact(Fact::Plumbing(Input::SocketOpened { epoch, entropy: vec![9; 32] }));
            }
            Effect::Status { status } => self.model.is_listening = status.lifecycle == Lifecycle::Ready,
            Effect::CloseSocket { .. } => self.epoch = None,
            Effect::SendFrame { epoch, bytes } => {
                if let Some(bytes) = wire::reply(&bytes) {
                    self.fact(Fact::Plumbing(Input::FrameReceived { epoch, bytes }));
                }
            }
            Effect::Emit { epoch, emit, .. } => {
                let body = Some(r#"{"result":true,"data":{"sessions":[]}}"#.to_owned());
                self.fact(Fact::Plumbing(Input::EmitAcknowledged { epoch, emit, body }));
            }
            Effect::SettleSend { .. }
            | Effect::SettleProbe { .. }
            | Effect::SettleTool { .. }
            | Effect::KeepToken { .. }
            | Effect::AssignSend { .. }
            | Effect::ReadEntries { .. }
            | Effect::SeekAnswer { .. }
            | Effect::Alive
            | Effect::Log { .. }
            | Effect::OpenFile { .. }
            | Effect::Upload { .. }
            | Effect::CloseFile { .. } => {}
        }
    }

    pub(super) fn read(&self, place: Place, entries: &[EntryId]) -> Input {
        let entries = self.stored.iter().filter(|stored| entries.contains(&stored.id)).cloned().collect();
        Input::EntriesRead { place, entries, error: None }
    }

    fn commit(&mut self, commit: CommitId, entries: Vec<NewEntry>, notes: Vec<Note>, seen: &mut Vec<Act>) {
        let has_messages = !entries.is_empty();
        if has_messages {
            seen.push(Act::Commits(entries.iter().map(|entry| id(&entry.id)).collect()));
        }
        if self.is_full {
            let failed = Input::CommitFailed { commit, error: "disk full".to_owned() };
            self.fact(if has_messages { Fact::Refused(commit) } else { Fact::Plumbing(failed) });
            return;
        }
        self.notes.extend(notes.into_iter().map(|note| (note.key, note.value)));
        let mut fresh = Vec::new();
        for NewEntry { id: entry, record, received_at, .. } in entries {
            if self.seen.insert(id(&entry)) {
                fresh.push(id(&entry));
                self.order.push(entry.clone());
                self.stored.push(StoredEntry {
                    id: entry,
                    record,
                    received_at,
                    kept: false,
                    adoptions: 0,
                    entrusted: None,
                });
            }
        }
        let committed = Input::Committed { commit, fresh: Vec::new() };
        self.fact(if has_messages { Fact::Committed(commit, fresh) } else { Fact::Plumbing(committed) });
    }

    fn call(&mut self, call: Call, seen: &mut Vec<Act>) {
        let body = wire::answer(self.platform, &call.errand);
        let outcome = CallOutcome::Answered { status: 200, retry_after: None, body };
        let posted = call.body.as_deref().filter(|_| matches!(call.errand, Errand::Send(_)));
        let place = posted.map(|body| wire::addressee(&call.url, body));
        if let Some(place) = place.clone().filter(|_| posted.is_some_and(|body| body.contains("give me a minute"))) {
            seen.push(Act::SaysTooFast(place));
        }
        let settled = Input::CallSettled { errand: call.errand, outcome };
        self.fact(match place {
            Some(place) => Fact::Delivered(settled, place),
            None => Fact::Plumbing(settled),
        });
    }

    /// Reads a turn, and whether its text says what its messages say, each on a line of its own.
    fn offer(&self, turn: &TurnRequest) -> Offer {
        let messages: Vec<usize> = turn.entries.iter().map(id).collect();
        assert_eq!(id(&turn.turn), *messages.last().unwrap(), "a turn is named after its last message");
        let (first, rest) = turn.text.split_once('\n').unwrap_or((&turn.text, ""));
        let omitted = first.strip_prefix('(').and_then(|first| first.strip_suffix(" earlier messages omitted)"));
        let omitted: u32 = omitted.map_or(0, |count| count.parse().unwrap());
        if let ([only], 0) = (messages.as_slice(), omitted) {
            assert_eq!(turn.text.trim(), self.said[*only].text.trim());
        } else {
            let lines: Vec<&str> = if omitted > 0 { rest.lines() } else { turn.text.lines() }.collect();
            assert_eq!(lines.len(), messages.len());
            for (line, id) in lines.iter().zip(&messages) {
                assert!(line.ends_with(&format!(": {}", self.said[*id].text.trim())), "{line} is not message {id}");
            }
        }
        let context = turn.history.iter().map(|line| number(&line.text).unwrap()).collect();
        let adoptions = turn.message_id.split_once('~').map_or(0, |(_, count)| count.parse().unwrap());
        Offer { place: turn.to.clone(), messages, context, omitted, mentioned: turn.mentioned, adoptions }
    }
}
