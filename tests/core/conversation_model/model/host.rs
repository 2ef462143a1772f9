//! Turns: those that wait for the host, those that it was offered, those that it runs.

use super::waiting::MAX_BYTES;
use super::{Entry, Model, Place, SECOND, Standing};
use crate::conversation_model::script::What;
use crate::conversation_model::told::{Act, Offer};
use mochat_dmwork::reason::{Reason, Verdict};

/// A turn is offered this often.
const MAX_OFFERS: u32 = 8;
/// Turns that the host is given at once, and of one place. Commands are given nevertheless.
const MOST: usize = 50;
const MOST_OF_ONE_PLACE: usize = 8;
/// Messages that are asked again in one turn.
const MOST_TOGETHER: usize = 8;
/// The host needs a moment to close a reply.
const CLOSING: u64 = 2 * SECOND;
/// How long the host may think about a turn before the next one of its place is given to it.
const UNDECIDED: u64 = 120 * SECOND;
/// Adopted turns that are watched.
const MOST_RUNNING: usize = 64;
/// A turn that came back without a word stays open for longer than a gateway needs to stop, and so many do.
const IN_DOUBT: u64 = 330 * SECOND;
const MOST_SILENT: usize = 64;
/// A queued turn's answer may come in another's name for so long.
const QUEUED_ANSWER: u64 = 600 * SECOND;
/// The host may resume what it had taken over for so long after a start.
const RECOVERY: u64 = 60 * SECOND;
/// Turns are numbered from here; those that come back after a start go before them.
pub(super) const FIRST: u64 = 1 << 32;

#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// The order in which turns came about.
    number: u64,
    place: &'static str,
    is_command: bool,
    pub(super) messages: Vec<usize>,
    omitted: u32,
    pub(super) context: Vec<usize>,
    pub(super) offers: u32,
    not_before: u64,
    pub(super) offered_at: u64,
    is_deferred: bool,
    /// Its dispatch came back without it.
    is_returned: bool,
    /// Its id when the host took it over. What was taken back since may have been its last message.
    pub(super) taken_as: Option<usize>,
}

impl Turn {
    pub(super) fn has(&self, id: usize) -> bool {
        self.messages.contains(&id) || self.context.contains(&id)
    }

    pub(super) fn id(&self) -> usize {
        self.taken_as.unwrap_or_else(|| *self.messages.last().unwrap())
    }
}

#[derive(Debug)]
pub(super) struct Running {
    turn: usize,
    place: &'static str,
    since: u64,
    is_deferred: bool,
    is_command: bool,
    is_returned: bool,
    is_settled: bool,
    /// An answer was delivered.
    is_answered: bool,
    /// An answer was sent, if not delivered.
    has_answer: bool,
    replied_at: Option<u64>,
    pub(super) unanswered: Option<Turn>,
}

/// A text on its way to its place.
#[derive(Debug)]
pub(super) enum Text {
    Notice,
    /// The host's, in the name of a turn or of none.
    Hosts(Option<usize>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Custody {
    Reclaimed,
    /// In the run of this turn.
    Joined(usize),
    BrokenOff,
    NeverTaken,
}

impl Custody {
    /// Whether it is the host's, as the store knows it.
    pub(super) fn is_hosts(&self) -> bool {
        matches!(self, Self::Joined(_) | Self::BrokenOff)
    }
}

/// A turn that came back without a word.
#[derive(Debug)]
pub(super) struct Silent {
    pub(super) custody: Custody,
    pub(super) until: u64,
    id: usize,
    pub(super) turn: Turn,
}

/// What may be done in several places at the same moment is done in this order.
fn rank(place: &str) -> Option<usize> {
    ["user", "group", "thread", "session", "panel"].iter().position(|kind| place.starts_with(kind))
}

impl Model {
    pub(super) fn turn(&mut self, messages: Vec<usize>, omitted: u32, context: Vec<usize>) -> Turn {
        self.turns += 1;
        let message = &self.entry(*messages.last().unwrap()).unwrap().message;
        Turn {
            number: self.turns,
            place: message.place,
            is_command: matches!(message.line.2, What::Stop | What::New),
            messages,
            omitted,
            context,
            offers: 0,
            not_before: 0,
            offered_at: 0,
            is_deferred: false,
            is_returned: false,
            taken_as: None,
        }
    }

    // What the host says.

    pub fn adopted(&mut self, id: usize) {
        let Some(turn) = self.take(id) else { return };
        let turn = Turn { taken_as: Some(id), ..turn };
        let ids: Vec<usize> = turn.context.iter().chain(&turn.messages).copied().collect();
        // A rebuilt core hears it once more.
        if ids.iter().any(|id| self.entry(*id).unwrap().standing != Standing::Done) {
            self.end_answered(id, &turn);
            if !turn.is_command {
                ids.iter().for_each(|id| self.entry_mut(*id).adoptions += 1);
            }
        }
        // The host runs one after the other, but puts this one into the run that is under way.
        let may_join = turn.is_deferred && !turn.is_returned;
        let is_before = |running: &mut Running| {
            running.is_deferred && running.place == turn.place && (!may_join || running.is_settled)
        };
        for forgotten in self.running.extract_if(.., is_before).collect::<Vec<_>>() {
            self.release(forgotten.unanswered);
        }
        if self.running.len() == MOST_RUNNING {
            let over = self.running.iter().position(|running| running.is_settled);
            let oldest = self.running.remove(over.unwrap_or(0));
            self.release(oldest.unanswered);
        }
        self.running.push(Running {
            turn: id,
            place: turn.place,
            since: self.now,
            is_deferred: turn.is_deferred,
            is_returned: turn.is_returned,
            is_settled: false,
            is_command: turn.is_command,
            is_answered: false,
            has_answer: false,
            replied_at: None,
            unanswered: Some(turn).filter(|turn| !turn.is_command),
        });
    }

    /// A turn that had been queued is over.
    pub fn settled(&mut self, id: usize) {
        let Some(at) = self.running.iter().position(|running| running.turn == id) else { return };
        let place = self.running[at].place;
        let runs = self.running.iter().filter(|other| other.turn != id && other.place == place && !other.is_settled);
        let (commands, others): (Vec<_>, Vec<_>) = runs.partition(|other| other.is_command);
        let beside = others.last().or(commands.last()).map(|other| other.turn);
        let running = &mut self.running[at];
        let joins = beside.filter(|_| !running.is_returned);
        match (running.unanswered.take(), joins) {
            (Some(turn), Some(run)) => {
                self.running.remove(at);
                self.doubt(id, turn, Custody::Joined(run));
            }
            (Some(turn), None) => {
                running.is_settled = true;
                turn.context.iter().for_each(|id| self.reclaim(*id, Standing::Kept));
                turn.messages.iter().for_each(|id| self.reclaim(*id, Standing::Open));
                self.doubt(id, turn, Custody::Reclaimed);
            }
            (None, _) => {
                running.is_settled = true;
                if running.is_answered {
                    self.joined_are_answered(id);
                }
            }
        }
    }

    fn joined_are_answered(&mut self, run: usize) {
        self.end_silent_if(|silent| silent.custody == Custody::Joined(run));
    }

    /// Should the process die now, a turn is not asked again.
    fn release(&mut self, turn: Option<Turn>) {
        for id in turn.iter().flat_map(|turn| turn.context.iter().chain(&turn.messages)) {
            self.acts.push(Act::Releases(*id));
        }
    }

    /// The author of a message took it back that the host has, or had.
    pub(super) fn recalled_from_host(&mut self, id: usize) {
        let running = self.running.iter_mut().filter_map(|running| running.unanswered.as_mut());
        let Some(turn) = running.chain(&mut self.entrusted).find(|turn| turn.has(id)) else { return };
        self.acts.push(Act::Releases(id));
        turn.messages.retain(|other| *other != id);
        turn.context.retain(|other| *other != id);
        if turn.messages.is_empty() {
            let context = std::mem::take(&mut turn.context);
            context.into_iter().for_each(|id| self.acts.push(Act::Releases(id)));
        }
        self.running.iter_mut().for_each(|running| drop(running.unanswered.take_if(|turn| turn.messages.is_empty())));
        self.entrusted.retain(|turn| !turn.messages.is_empty());
    }

    // What the host had when the process died.

    /// The store has these turns. The host may resume them.
    pub(super) fn entrusted(&mut self, turns: Vec<Turn>) {
        if !turns.is_empty() {
            self.entrusted_until = Some(self.now + RECOVERY);
        }
        self.entrusted = turns;
    }

    /// What the host finds when it looks for an answer that the agent may have finished, at this time: none, or one that it
    /// sends, in vain perhaps.
    pub fn finished(&self) -> Option<Result<(), &'static str>> {
        match self.now / 1_000 % 8 {
            0 => Some(Ok(())),
            1 => Some(Err("HTTP 400")),
            _ => None,
        }
    }

    /// The answer to this turn was found, and sent or not.
    fn answer_found(&mut self, turn: Turn, sent: Result<(), &'static str>) {
        if sent.is_ok() {
            return self.release(Some(turn));
        }
        turn.context.iter().for_each(|id| self.reclaim(*id, Standing::Kept));
        turn.messages.iter().for_each(|id| self.reclaim(*id, Standing::Open));
        for id in &turn.messages {
            self.end(*id, Verdict::Fail, Reason::AnswerUnsent, turn.taken_as);
        }
        self.end_context(turn.taken_as.unwrap(), &turn);
    }

    /// Where turns are left, in the order in which all is known of them: in each place one is looked for after the other.
    pub(super) fn forgotten_places(&self) -> Vec<&'static str> {
        let mut places: Vec<&'static str> = Vec::new();
        for turn in &self.entrusted {
            if !places.contains(&turn.place) {
                places.push(turn.place);
            }
        }
        places.sort_by_key(|place| self.entrusted.iter().filter(|turn| turn.place == *place).count());
        places
    }

    /// Those that it has forgotten are offered again, before what came later.
    pub(super) fn offer_forgotten(&mut self, place: &str) {
        let turns: Vec<Turn> = self.entrusted.extract_if(.., |turn| turn.place == place).collect();
        if let Some(sent) = self.finished() {
            return turns.into_iter().for_each(|turn| self.answer_found(turn, sent));
        }
        for turn in turns.into_iter().rev() {
            // How many were left out is not remembered.
            let turn = Turn { offers: 0, not_before: 0, omitted: 0, taken_as: None, ..turn };
            for id in &turn.context {
                self.reclaim(*id, Standing::Kept);
            }
            for id in &turn.messages {
                self.reclaim(*id, Standing::Open);
            }
            self.insert_where_it_was_asked(turn);
        }
    }

    fn insert_where_it_was_asked(&mut self, turn: Turn) {
        let place = turn.place;
        let mut queue = std::mem::take(&mut self.place(place).queue);
        let asked_at = |turn: &Turn| turn.messages.iter().map(|id| self.entry(*id).unwrap().received).min();
        let at = queue.iter().take_while(|other| other.is_command || asked_at(other) < asked_at(&turn)).count();
        queue.insert(at, turn);
        for (number, turn) in (FIRST - queue.len() as u64..).zip(&mut queue[..=at]) {
            turn.number = number;
        }
        self.place(place).queue = queue;
    }

    fn reclaim(&mut self, id: usize, standing: Standing) {
        self.entry_mut(id).standing = standing;
        self.acts.push(Act::Reclaims(id));
    }

    fn is_entrusted(&self, place: &str) -> bool {
        self.entrusted.iter().any(|turn| turn.place == place)
    }

    pub fn deferred(&mut self, id: usize) {
        self.handed.iter_mut().filter(|turn| turn.id() == id).for_each(|turn| turn.is_deferred = true);
    }

    /// The host let go of a turn. It is offered again, and keeps its place in the order.
    pub fn let_go(&mut self, id: usize) {
        let Some(mut turn) = self.take(id) else { return };
        if turn.offers == MAX_OFFERS {
            for message in &turn.messages {
                self.end(*message, Verdict::Fail, Reason::TurnFailed, Some(id));
            }
            self.end_context(id, &turn);
            return;
        }
        turn.not_before = self.now + (SECOND << (turn.offers - 1));
        let place = self.place(turn.place);
        place.queue.push(turn);
        place.queue.sort_by_key(|turn| (!turn.is_command, turn.number));
    }

    /// The dispatch of a turn came back.
    pub fn ended(&mut self, id: usize, failed: bool) {
        let is_over = |running: &mut Running| running.turn == id && (!running.is_deferred || running.is_settled);
        let over = self.running.extract_if(.., is_over).next();
        if over.is_some() && !failed {
            self.joined_are_answered(id);
        }
        self.handed.iter_mut().filter(|turn| turn.id() == id).for_each(|turn| turn.is_returned = true);
        match over.and_then(|running| running.unanswered) {
            Some(turn) if failed => self.doubt(id, turn, Custody::BrokenOff),
            over => self.release(over),
        }
        if failed {
            self.let_go(id);
        } else if self.handed.iter().any(|turn| turn.id() == id && !turn.is_deferred) {
            let turn = self.take(id).unwrap();
            if turn.is_command {
                self.end_silent(id, &turn);
                return;
            }
            self.doubt(id, turn, Custody::NeverTaken);
        }
    }

    pub(super) fn doubt(&mut self, id: usize, turn: Turn, custody: Custody) {
        if self.silent.len() == MOST_SILENT {
            let oldest = self.silent.remove(0);
            self.end_in_doubt(oldest);
        }
        self.silent.push(Silent { until: self.now + IN_DOUBT, id, turn, custody });
    }

    fn end_in_doubt(&mut self, Silent { id, turn, custody, .. }: Silent) {
        match custody {
            Custody::Reclaimed => self.end_answered(id, &turn),
            Custody::Joined(_) | Custody::BrokenOff => self.release(Some(turn)),
            Custody::NeverTaken => self.end_silent(id, &turn),
        }
    }

    fn end_answered(&mut self, id: usize, turn: &Turn) {
        for message in &turn.messages {
            let reason = self.entry(*message).unwrap().reason;
            self.end(*message, Verdict::Answer, reason, Some(id));
        }
        self.end_context(id, turn);
    }

    /// Nothing comes of these any more.
    pub(super) fn end_silent_if(&mut self, is_over: impl Fn(&Silent) -> bool) {
        let (over, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.silent).into_iter().partition(is_over);
        self.silent = others;
        over.into_iter().for_each(|silent| self.end_in_doubt(silent));
    }

    fn end_silent(&mut self, id: usize, turn: &Turn) {
        for message in &turn.messages {
            self.end(*message, Verdict::Answer, Reason::HandledByHost, Some(id));
        }
        self.end_context(id, turn);
    }

    /// The host has a text for a place, in the name of a turn or of none.
    pub fn asked(&mut self, place: &'static str, named: Option<usize>) {
        let turn = self.queued(place, named).or(named);
        let running = self.running.iter_mut().find(|running| Some(running.turn) == turn);
        running.into_iter().for_each(|running| running.has_answer = true);
        self.place(place).texts.push(Text::Hosts(turn));
        self.closing(place);
    }

    /// The queued turn that a text can only be the answer of.
    fn queued(&self, place: &str, through: Option<usize>) -> Option<usize> {
        let is_its_own = self.running.iter().any(|run| Some(run.turn) == through && !run.has_answer);
        if through.is_some() && (is_its_own || self.now < self.closing_until(place)) {
            return None;
        }
        let here: Vec<_> = self.running.iter().filter(|running| running.place == place).collect();
        let waits = |run: &Running| run.is_deferred && !run.has_answer && self.now - run.since < QUEUED_ANSWER;
        let waiting: Vec<_> = here.iter().filter(|run| waits(run)).collect();
        let [only] = waiting.as_slice() else { return None };
        // What began before it is over.
        let later = here.iter().skip_while(|run| run.turn != only.turn);
        let is_done = |run: &Running| run.has_answer && Some(run.turn) == through;
        let mut beside = later.filter(|run| !(run.is_deferred || is_done(run)));
        if beside.next().is_some() { None } else { Some(only.turn) }
    }

    pub(super) fn closing(&mut self, place: &str) {
        let now = self.now;
        let here = self.running.iter_mut().filter(|running| running.place == place);
        here.for_each(|running| running.replied_at = Some(now));
    }

    /// The text in front of a place was delivered.
    pub fn delivered(&mut self, place: &'static str) {
        self.closing(place);
        let Text::Hosts(turn) = self.place(place).texts.remove(0) else { return };
        let running = self.running.iter_mut().find(|running| Some(running.turn) == turn);
        let is_first = running.as_ref().is_some_and(|running| !running.is_answered);
        let answered = running.and_then(|running| {
            running.is_answered = true;
            running.unanswered.take()
        });
        self.release(answered);
        let has = |id: &usize| {
            self.handed.iter().any(|turn| turn.id() == *id) || self.running.iter().any(|run| run.turn == *id)
        };
        let runs = turn.filter(has);
        self.end_silent_if(|silent| {
            let is_any = runs.is_none() && !matches!(silent.custody, Custody::Joined(_));
            silent.turn.place == place && (is_any || turn == Some(silent.id))
        });
        if !is_first {
            self.joined_answered(place, runs);
        }
        if runs.is_none() {
            for resumed in self.entrusted.extract_if(.., |turn| turn.place == place).collect::<Vec<_>>() {
                self.release(Some(resumed));
            }
        }
    }

    /// A further text of a run, or one in nobody's name, which may be of a queued turn's run: the oldest that was put into
    /// such a run has its answer.
    fn joined_answered(&mut self, place: &str, runs: Option<usize>) {
        let is_nameless = |run: usize| {
            let mut known = self.running.iter().filter(|running| running.turn == run);
            known.all(|running| running.is_deferred && running.is_answered)
        };
        let is_its = |run: usize| runs.map_or_else(|| is_nameless(run), |turn| turn == run);
        let may_be = |silent: &Silent| match silent.custody {
            Custody::Joined(run) => silent.turn.place == place && is_its(run),
            Custody::Reclaimed | Custody::BrokenOff | Custody::NeverTaken => false,
        };
        if let Some(at) = self.silent.iter().position(may_be) {
            let silent = self.silent.remove(at);
            self.end_in_doubt(silent);
        }
    }

    fn take(&mut self, id: usize) -> Option<Turn> {
        let at = self.handed.iter().position(|turn| turn.id() == id)?;
        Some(self.handed.remove(at))
    }

    fn end_context(&mut self, id: usize, turn: &Turn) {
        for message in &turn.context {
            let reason = self.why_remembered(*message);
            self.end(*message, Verdict::Remember, reason, Some(id));
        }
    }

    // What the host is given.

    fn has_room(&self, name: &str) -> bool {
        self.handed.iter().filter(|turn| turn.place == name).count() < MOST_OF_ONE_PLACE
    }

    /// The host has to close its reply first, and to say what it does with the last turn.
    fn free_from(&self, name: &str) -> u64 {
        let undecided = |turn: &&Turn| turn.place == name && !turn.is_deferred && !turn.is_command;
        let undecided_until = self.handed.iter().filter(undecided).map(|turn| turn.offered_at + UNDECIDED).max();
        self.closing_until(name).max(undecided_until.unwrap_or(0))
    }

    fn closing_until(&self, name: &str) -> u64 {
        let here = self.running.iter().filter(|running| running.place == name);
        here.filter_map(|running| running.replied_at).map(|at| at + CLOSING).max().unwrap_or(0)
    }

    /// When the first turn of a place can be offered; `None` if there is none or no room for it.
    pub(super) fn turn_due_at(&self, name: &str, place: &Place) -> Option<u64> {
        let is_free = !self.is_entrusted(name) && self.has_room(name) && self.handed.len() < MOST;
        let turn = place.queue.first().filter(|_| is_free)?;
        Some(turn.not_before.max(self.free_from(name)))
    }

    pub(super) fn offer_what_can_be(&mut self) {
        for turn in std::mem::take(&mut self.commands) {
            self.offer(turn);
        }
        // Those that have waited for room first. Who was given some waits behind those who were given none.
        let waited = std::mem::take(&mut self.line);
        let others = self.places.iter().filter(|(name, _)| !waited.contains(name));
        let mut others: Vec<_> = others.filter_map(|(name, place)| Some((self.since(place, name)?, *name))).collect();
        others.sort_by_key(|(since, name)| (*since, rank(name), *name));
        let mut served = Vec::new();
        for name in waited {
            if self.handed.len() >= MOST {
                self.line.push(name);
            } else {
                self.offer_some(name);
                served.push(name);
            }
        }
        for (_, name) in others {
            self.offer_some(name);
            served.push(name);
        }
        served.retain(|name| self.is_ready(name));
        self.line.append(&mut served);
    }

    /// Offers as many turns of a place as there is room for.
    fn offer_some(&mut self, name: &'static str) {
        while self.is_ready(name) && self.handed.len() < MOST {
            let mut turn = self.place(name).queue.remove(0);
            while let Some(next) = self.place(name).queue.first().cloned()
                && self.are_asked_together(&turn, &next)
            {
                turn.messages.extend(next.messages);
                turn.omitted += next.omitted;
                self.place(name).queue.remove(0);
            }
            self.offer(turn);
        }
    }

    /// What a host before this one had taken over of one person is asked again in one turn.
    fn are_asked_together(&self, turn: &Turn, next: &Turn) -> bool {
        let ids = [turn.messages.clone(), next.messages.clone()].concat();
        let entries = || ids.iter().map(|id| self.entry(*id).unwrap());
        let about = |entry: &Entry| (entry.adoptions, entry.message.sender);
        let (times, sender) = about(entries().next().unwrap());
        let is_one = entries().all(|entry| about(entry) == (times, sender));
        let is_new = [turn, next].iter().all(|turn| turn.offers == 0 && !turn.is_command);
        let fits = ids.len() <= MOST_TOGETHER && self.bytes(&ids) <= MAX_BYTES;
        is_new && times > 0 && is_one && next.context.is_empty() && fits
    }

    /// Since when the first turn of a place could be offered.
    fn since(&self, place: &Place, name: &str) -> Option<u64> {
        let pause = place.queue.first()?.not_before.max(self.free_from(name));
        Some(if pause == 0 { self.now } else { pause })
    }

    /// Whether a turn of this place could be offered if there were room for any.
    fn is_ready(&self, name: &str) -> bool {
        let place = self.places.iter().find(|(other, _)| *other == name).map(|(_, place)| place);
        place.and_then(|place| self.since(place, name)).is_some_and(|since| since <= self.now)
            && self.has_room(name)
            && !self.is_entrusted(name)
    }

    fn offer(&mut self, mut turn: Turn) {
        turn.offers += 1;
        turn.offered_at = self.now;
        (turn.is_deferred, turn.is_returned) = (false, false);
        self.acts.push(Act::Offers(Offer {
            place: turn.place.to_owned(),
            messages: turn.messages.clone(),
            context: turn.context.clone(),
            omitted: turn.omitted,
            mentioned: turn.messages.iter().any(|id| self.entry(*id).unwrap().calls),
            adoptions: self.entry(turn.id()).unwrap().adoptions,
        }));
        self.handed.push(turn);
    }
}
