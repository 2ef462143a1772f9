//! What is due, and when: one place that looks at all of it.

use super::Mochat;
use super::polls::NO_SOCKET;
use crate::ids::Epoch;
use crate::link::Due;
use crate::message::Place;
use crate::platform::Heard;
use crate::step::{Effect, Step};
use crate::time::{Time, earliest};

impl Mochat {
    pub(in crate::platform) fn due(&mut self, now: Time, step: &mut Step) -> Heard {
        while let Some(due) = self.link.due(now) {
            match due {
                Due::Connect(epoch) => {
                    self.is_opened = false;
                    step.push(Effect::OpenSocketIo {
                        epoch,
                        url: self.settings.socket_url.clone(),
                        path: self.settings.socket_path.clone(),
                        token: self.settings.token.clone(),
                        parser: self.parser.get(),
                    });
                }
                // The server pings; nothing is due from us.
                Due::Ping(_) => {}
                Due::Lost(_, loss) => self.lose(now, &loss, step),
            }
        }
        if let Some(epoch) = self.listens()
            && self.look_at().is_some_and(|at| now >= at)
        {
            self.look_around(now, epoch, step);
        }
        if let Some(epoch) = self.link.up()
            && self.subscribe_at.take_if(|at| now >= *at).is_some()
        {
            self.subscribe(now, epoch, step);
        }
        let mut messages = Vec::new();
        for message in self.notices.due(now) {
            messages.extend(self.announced(message));
        }
        self.let_through(now, &mut messages);
        self.ask(now, step);
        self.keep_token(now, step);
        let notes = self.desk.renewal.due(now).into_iter().collect();
        self.heard(Heard { messages, notes, ..Heard::default() })
    }

    /// The connection, or what stands for it while HTTP does.
    fn listens(&self) -> Option<Epoch> {
        self.link.up().or(self.polls.is_on.then_some(NO_SOCKET))
    }

    /// When to look at what there is.
    fn look_at(&self) -> Option<Time> {
        self.refresh_at.map(|at| at.max(self.budget.rests_until()))
    }

    /// Whether what is due may be asked: the token is good, and the server within reach.
    fn may_ask(&self) -> bool {
        self.link.up().is_some() || self.polls.is_working
    }

    /// Asks whatever is due, in its order, as the budget allows.
    fn ask(&mut self, now: Time, step: &mut Step) {
        while self.may_ask() {
            let (poll, page) = (self.polls.next(now), self.catch_up.next().filter(|(due, _)| *due <= now));
            let is_poll = poll.is_some_and(|(rank, _)| page.is_none_or(|(other, _)| rank <= other));
            let Some((_, place)) = (if is_poll { poll } else { page }) else { break };
            let place = place.clone();
            // A poll of a panel is a log to read, which is asked for in its turn.
            let is_call = !is_poll || matches!(place, Place::Session { .. });
            if is_call && !self.budget.take(now) {
                break;
            }
            if is_poll {
                self.poll(now, &place, step);
            } else {
                self.ask_page(&place, step);
            }
        }
        if self.may_ask() {
            self.ask_around(now, step);
        }
    }

    pub(in crate::platform) fn deadline(&self) -> Option<Time> {
        let look = self.listens().and(self.look_at());
        let subscribe = self.link.up().and(self.subscribe_at);
        let waits =
            [self.notices.deadline(), self.catch_up.hold_until(), look, subscribe, self.desk.renewal.deadline()];
        let page = self.catch_up.next().map(|(due, _)| due);
        let asked = earliest(earliest(page, self.polls.deadline()), self.asks_around_at()).filter(|_| self.may_ask());
        let asked = asked.map(|at| at.max(self.budget.free_at(Time::default())));
        waits.into_iter().fold(earliest(self.link.deadline(), asked), earliest)
    }
}
